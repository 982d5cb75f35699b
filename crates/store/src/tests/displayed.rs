//! How far was read, as the devices of the account tell each other: in whatever order it comes.

use super::*;
use crate::{Asked, Covered};

/// The `n`th message from bo, out of the archive, which calls it `s{n}`.
fn message(n: i64) -> Incoming {
    let incoming = from_bo(&format!("b{n}"), NOON + 1_000 * n, &format!("{n}"));
    archived(&format!("s{n}"), incoming)
}

impl Ann {
    async fn told(&self, id: &str) {
        let id = id.to_owned();
        let told = self
            .store
            .write(move |tx| tx.displayed_elsewhere(BO, &id))
            .await;
        told.unwrap();
    }

    async fn due(&self) -> Vec<(String, String)> {
        self.store.write(|tx| tx.displayed_due()).await.unwrap()
    }

    /// The archive's id that is due to be told of bo's chat.
    async fn due_of_bo(&self) -> Option<String> {
        let due = self.due().await;
        assert!(due.len() <= 1 && due.iter().all(|(chat, _)| chat == BO));
        due.into_iter().next().map(|(_, id)| id)
    }

    async fn tells(&self, id: &str) {
        let id = id.to_owned();
        let told = self
            .store
            .write(move |tx| tx.displayed_is_told(BO, &id))
            .await;
        told.unwrap();
    }

    async fn reads(&self, upto: &str) {
        let rows = self.timeline().await;
        let is_it =
            |row: &&MessageRow| matches!(&row.content, Content::Text { body } if body == upto);
        let (chat, id) = rows
            .iter()
            .find(is_it)
            .map(|row| (row.chat, row.id))
            .unwrap();
        self.store
            .write(move |tx| tx.mark_read(chat, id))
            .await
            .unwrap();
    }

    /// These items are here, without a hole among them; what is older is missing.
    async fn covers(&self, numbers: std::ops::RangeInclusive<i64>) {
        let ids = numbers
            .map(|n| (format!("s{n}"), NOON + 1_000 * n))
            .collect();
        let covered = Covered {
            asked: Asked::Newest,
            ids,
            complete: false,
            total: None,
        };
        let covering = self.store.write(move |tx| {
            let mut archive = tx.archive()?;
            archive.cover(&covered);
            tx.set_archive(&archive)
        });
        covering.await.unwrap();
    }
}

#[tokio::test]
async fn it_only_moves_forward_and_is_published() {
    let ann = Ann::new().await;
    let mut commits = ann.store.commits();
    for n in 1..=5 {
        ann.merge(message(n)).await;
        next(&mut commits);
    }
    ann.told("s3").await;
    assert_eq!(next(&mut commits), ["chat unread=2"]);
    for older in ["s1", "s3", "nobody's"] {
        ann.told(older).await;
        assert_eq!(next(&mut commits), [""; 0], "{older}");
    }
    assert_eq!(ann.unread().await, 2);
    ann.told("s5").await;
    assert_eq!(ann.unread().await, 0);
    assert_eq!(ann.due().await, [], "nothing was read here");
}

/// Four messages and the word that the second was read, in every order in which these five can come.
#[tokio::test]
async fn in_every_order_the_same_is_unread() {
    let mut orders: Vec<Vec<i64>> = vec![vec![]];
    for n in 0..5 {
        orders = orders
            .iter()
            .flat_map(|order| {
                (0..=order.len()).map(move |at| {
                    let mut order = order.clone();
                    order.insert(at, n);
                    order
                })
            })
            .collect();
    }
    assert_eq!(orders.len(), 120);
    for order in orders {
        let ann = Ann::new().await;
        for step in &order {
            match step {
                0 => ann.told("s2").await,
                n => drop(ann.merge(message(*n)).await),
            }
        }
        assert_eq!(ann.unread().await, 2, "{order:?}");
        let unread: Vec<_> = ann.timeline().await.iter().map(|row| row.at).collect();
        assert_eq!(unread.len(), 4, "{order:?}");
    }
}

#[tokio::test]
async fn a_live_message_that_gets_its_id_later_is_found() {
    let ann = Ann::new().await;
    ann.merge(from_bo("b1", NOON + 1_000, "1")).await;
    ann.told("s1").await;
    assert_eq!(ann.unread().await, 1);
    ann.merge(message(1)).await;
    assert_eq!(ann.unread().await, 0);
}

#[tokio::test]
async fn an_id_of_another_chat_says_nothing() {
    let ann = Ann::new().await;
    ann.merge(message(1)).await;
    let told = ann
        .store
        .write(|tx| tx.displayed_elsewhere("cy@localhost", "s1"));
    told.await.unwrap();
    assert_eq!(ann.unread().await, 1);
    let chats = ann.store.reader().chats(None).await.unwrap();
    assert_eq!(chats.chats.len(), 1, "and makes no chat");
}

#[tokio::test]
async fn what_is_read_here_is_due_until_it_is_told() {
    let ann = Ann::new().await;
    for n in 1..=4 {
        ann.merge(message(n)).await;
    }
    ann.merge(from_ann("a1", NOON + 4_500, "mine", Source::Live))
        .await;
    ann.reads("2").await;
    assert_eq!(
        ann.due_of_bo().await.as_deref(),
        Some("s4"),
        "ours marks what is before it"
    );
    // Killed before it was told.
    let ann = ann.crashed();
    assert_eq!(ann.due_of_bo().await.as_deref(), Some("s4"));
    ann.merge(message(5)).await;
    ann.reads("5").await;
    assert_eq!(
        ann.due_of_bo().await.as_deref(),
        Some("s5"),
        "the newest only"
    );
    // The answer to an earlier one comes late.
    ann.tells("s4").await;
    assert_eq!(ann.due_of_bo().await.as_deref(), Some("s5"));
    ann.tells("s5").await;
    assert_eq!(ann.due_of_bo().await, None);
    ann.reads("5").await;
    assert_eq!(ann.due_of_bo().await, None, "it is known");
}

#[tokio::test]
async fn another_device_was_faster() {
    let ann = Ann::new().await;
    for n in 1..=4 {
        ann.merge(message(n)).await;
    }
    ann.reads("2").await;
    ann.told("s3").await;
    assert_eq!(ann.due_of_bo().await, None);
    assert_eq!(ann.unread().await, 1);
    // And one that was slower.
    ann.reads("4").await;
    ann.told("s1").await;
    assert_eq!(ann.due_of_bo().await.as_deref(), Some("s4"));
}

/// The account names a message that is not here. It may be newer than what was read, unless that is above every hole.
#[tokio::test]
async fn nothing_is_told_over_what_may_be_newer() {
    let ann = Ann::new().await;
    for n in [1, 2, 8, 9] {
        ann.merge(message(n)).await;
    }
    ann.covers(1..=2).await;
    ann.covers(8..=9).await;
    ann.reads("2").await;
    ann.told("s5").await;
    assert_eq!(ann.due_of_bo().await, None, "it waits");
    assert_eq!(ann.unread().await, 2);
    let other = ann.crashed();

    // It comes, and is newer.
    ann.merge(message(5)).await;
    assert_eq!(ann.due_of_bo().await, None);
    assert_eq!(ann.unread().await, 2);

    // Or what was read is in the newest stretch, and it cannot be.
    other.reads("8").await;
    assert_eq!(other.due_of_bo().await.as_deref(), Some("s8"));
}

#[tokio::test]
async fn without_ids_of_the_archive_there_is_nothing_to_tell() {
    let ann = Ann::new().await;
    ann.merge(from_bo("b1", NOON + 1_000, "1")).await;
    ann.reads("1").await;
    assert_eq!(ann.due_of_bo().await, None);
    // It has one now, from the archive.
    ann.merge(message(1)).await;
    assert_eq!(ann.due_of_bo().await.as_deref(), Some("s1"));
}
