//! What waits to be heard, where it was left, and how fast somebody is listened to.

use api::{DeskOrder, Follow, MessageId};

use super::*;
use crate::Tell;

const CY: &str = "cy@localhost";

/// A voice message; its id says who and when.
async fn says(ann: &Ann, who: &str, minute: i64) -> MessageId {
    let id = format!("{who}{minute}");
    let incoming = Incoming {
        chat: who.into(),
        author: who.into(),
        ..voice_from_bo(&id, NOON + minute * 60_000)
    };
    ann.merge(incoming).await.id
}

async fn queue(ann: &Ann, order: DeskOrder) -> Vec<MessageId> {
    let page = ann.store.reader().unheard(order).await.unwrap();
    assert_eq!(page.total as usize, page.rows.len());
    page.rows.iter().map(|row| row.message.id).collect()
}

async fn after(ann: &Ann, message: MessageId, follow: Follow) -> Option<MessageId> {
    let next = ann.store.reader().next_unheard(message, follow).await;
    next.unwrap().map(|row| row.id)
}

async fn hear(ann: &Ann, message: MessageId) {
    let heard = ann.store.write(move |tx| tx.heard(message, Tell::Account));
    heard.await.unwrap();
}

#[tokio::test]
async fn in_order_of_time_or_person() {
    let ann = Ann::new().await;
    let (bo_1, cy_2, bo_3, cy_4) = (
        says(&ann, BO, 1).await,
        says(&ann, CY, 2).await,
        says(&ann, BO, 3).await,
        says(&ann, CY, 4).await,
    );
    // Words in between are not waited for.
    ann.merge(from_bo("t", NOON + 90_000, "words")).await;
    assert_eq!(queue(&ann, DeskOrder::Time).await, [bo_1, cy_2, bo_3, cy_4]);
    assert_eq!(
        queue(&ann, DeskOrder::Person).await,
        [bo_1, bo_3, cy_2, cy_4]
    );
    hear(&ann, bo_1).await;
    assert_eq!(after(&ann, bo_1, Follow::Nothing).await, None);
    assert_eq!(after(&ann, bo_1, Follow::Chat).await, Some(bo_3));
    assert_eq!(
        after(&ann, bo_1, Follow::Desk(DeskOrder::Time)).await,
        Some(cy_2)
    );
    hear(&ann, bo_3).await;
    assert_eq!(after(&ann, bo_3, Follow::Chat).await, None);
    assert_eq!(
        after(&ann, bo_3, Follow::Desk(DeskOrder::Person)).await,
        Some(cy_2)
    );
    assert_eq!(queue(&ann, DeskOrder::Time).await, [cy_2, cy_4]);
}

#[tokio::test]
async fn heard_put_away_or_taken_back_it_waits_no_more() {
    let ann = Ann::new().await;
    let (one, two, three) = (
        says(&ann, BO, 1).await,
        says(&ann, BO, 2).await,
        says(&ann, BO, 3).await,
    );
    hear(&ann, one).await;
    let put = ann
        .store
        .write(move |tx| tx.put_away(&[two, MessageId(9_999)], NOON));
    put.await.unwrap();
    let retracted = ann.store.write(move |tx| {
        tx.follow_up(&crate::FollowUp {
            chat: BO.into(),
            author: BO.into(),
            own: false,
            at: NOON + 240_000,
            id: None,
            wants_receipt: false,
            source: Source::Live,
            reply_address: String::new(),
            target: format!("{BO}3"),
            content: crate::FollowUpContent::Retraction,
        })
    });
    retracted.await.unwrap();
    assert!(queue(&ann, DeskOrder::Time).await.is_empty(), "{three:?}");
    // Nobody is told that it was put away.
    let due = ann.store.reader().outbox_due(NOON * 2).await.unwrap();
    assert!(
        due.iter()
            .all(|row| !matches!(row.job, crate::Job::Heard { .. })),
        "{due:?}"
    );
}

/// Years of voice come with an archive; what was read elsewhere is not to be heard here.
#[tokio::test]
async fn what_was_read_elsewhere_does_not_wait() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let read = ann.merge(from_bo("r", NOON + 300_000, "read")).await;
    let read = read.id;
    ann.store
        .write(move |tx| tx.mark_read(chat, read))
        .await
        .unwrap();
    ann.merge(archived("s1", voice_from_bo("old", NOON))).await;
    assert!(queue(&ann, DeskOrder::Time).await.is_empty());
    ann.merge(archived("s2", voice_from_bo("new", NOON + 400_000)))
        .await;
    assert_eq!(queue(&ann, DeskOrder::Time).await.len(), 1);
}

/// Live, as a carbon; and out of the archive, where it stands before what was heard.
#[tokio::test]
async fn what_was_heard_on_another_device_waits_on_none() {
    let ann = Ann::new().await;
    says(&ann, BO, 1).await;
    ann.store
        .write(|tx| {
            tx.archived_heard_elsewhere(BO, "later")?;
            tx.heard_elsewhere(BO, &format!("{BO}1"))?;
            tx.heard_elsewhere(BO, "unknown")
        })
        .await
        .unwrap();
    assert!(queue(&ann, DeskOrder::Time).await.is_empty());
    ann.merge(archived("s1", voice_from_bo("later", NOON + 90_000)))
        .await;
    assert!(queue(&ann, DeskOrder::Time).await.is_empty());
    assert!(
        ann.dump()
            .await
            .lines()
            .all(|line| line.ends_with("heard=true")),
        "{}",
        ann.dump().await
    );
    let due = ann.store.reader().outbox_due(NOON * 2).await.unwrap();
    let told = due
        .iter()
        .any(|row| matches!(row.job, crate::Job::Heard { .. }));
    assert!(!told, "the sender knows");
}

#[tokio::test]
async fn a_place_and_a_speed_outlive_a_restart() {
    let ann = Ann::new().await;
    let (chat, message) = (ann.chat().await, says(&ann, BO, 1).await);
    let keep = ann.store.write(move |tx| {
        tx.keep_place(message, 1_250)?;
        tx.set_speed(chat, 150)
    });
    keep.await.unwrap();
    let ann = ann.reopen().await;
    let row = ann.store.reader().message(message).await.unwrap().unwrap();
    let Content::Voice { place_ms, .. } = row.content else {
        panic!("voice");
    };
    assert_eq!(place_ms, 1_250);
    assert_eq!(ann.store.reader().speed(chat).await.unwrap(), 150);
    assert_eq!(ann.store.reader().speed(ChatId(9_999)).await.unwrap(), 100);
}

/// What the account tells is heard here, now or when it comes, and is told on together with what was heard here.
#[tokio::test]
async fn devices_that_heard_different_things_agree() {
    let ann = Ann::new().await;
    let came = async |number: i64| {
        let voice = voice_from_bo(&format!("v{number}"), NOON + number * 60_000);
        let voice = archived(&format!("s{number}"), voice);
        let live = Incoming {
            source: Source::Live,
            ..voice
        };
        ann.merge(live).await.id
    };
    let due = async || {
        let due = ann.store.write(|tx| tx.heard_due(3, NOON)).await.unwrap();
        due.into_iter()
            .map(|(_, ids)| ids.join(" "))
            .collect::<Vec<_>>()
    };
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let is_told = async |told: &[&str]| {
        let told = ids(told);
        let tell = ann.store.write(move |tx| tx.heard_is_told(BO, &told, NOON));
        tell.await.unwrap();
    };
    let (one, two) = (came(1).await, came(2).await);
    assert!(due().await.is_empty());
    let told = ids(&["s1", "s3"]);
    let tell = ann.store.write(move |tx| tx.heard_by_account(BO, &told));
    tell.await.unwrap();
    assert_eq!(queue(&ann, DeskOrder::Time).await, [two]);
    assert!(due().await.is_empty(), "the account knows");
    hear(&ann, two).await;
    assert_eq!(due().await, ["s2 s1 s3"]);

    // More is heard while that is on its way.
    let four = came(4).await;
    hear(&ann, four).await;
    is_told(&["s2", "s1", "s3"]).await;
    assert_eq!(due().await, ["s4 s2 s1"], "what was heard here goes first");
    is_told(&["s4", "s2", "s1"]).await;
    assert!(due().await.is_empty());

    let three = came(3).await;
    assert!(
        queue(&ann, DeskOrder::Time).await.is_empty(),
        "heard before it came"
    );
    let _ = (one, three);
}

/// A list holds only so many: what is due goes in turns, the newest last, which the account keeps.
#[tokio::test]
async fn more_than_a_list_holds_is_told_in_turns() {
    let ann = Ann::new().await;
    let mut heard = Vec::new();
    for number in [5, 1, 4, 2, 3] {
        let voice = voice_from_bo(&format!("v{number}"), NOON + number * 60_000);
        heard.push(ann.merge(archived(&format!("s{number}"), voice)).await.id);
    }
    // An old one is heard after all that is newer was told.
    for (heard, lists) in [
        (&heard[..], &["s3 s2 s1", "s5 s4 s3"][..]),
        (
            &[ann
                .merge(archived("s0", voice_from_bo("v0", NOON)))
                .await
                .id],
            &["s0 s5 s4"],
        ),
    ] {
        for message in heard {
            hear(&ann, *message).await;
        }
        for list in lists {
            let due = ann.store.write(|tx| tx.heard_due(3, NOON)).await.unwrap();
            let [(address, ids)] = &due[..] else {
                panic!("{due:?}")
            };
            assert_eq!((address.as_str(), ids.join(" ").as_str()), (BO, *list));
            let ids = ids.clone();
            let told = ann.store.write(move |tx| tx.heard_is_told(BO, &ids, NOON));
            told.await.unwrap();
        }
        let due = ann.store.write(|tx| tx.heard_due(3, NOON)).await.unwrap();
        assert!(due.is_empty(), "{due:?}");
    }
}

/// What was put away is had back until our other devices may know of it.
#[tokio::test]
async fn what_was_put_away_can_be_had_back() {
    let ann = Ann::new().await;
    let one = ann
        .merge(archived("s1", voice_from_bo("v1", NOON)))
        .await
        .id;
    let two = voice_from_bo("v2", NOON + 60_000);
    let two = ann.merge(archived("s2", two)).await.id;
    let both = [one, two];
    let away = async |until| {
        let away = ann.store.write(move |tx| tx.put_away(&both, until));
        away.await.unwrap();
    };
    let back = async || {
        let back = ann.store.write(move |tx| tx.put_back(&both));
        back.await.unwrap();
    };
    let due = async |now| {
        ann.store
            .write(move |tx| tx.heard_due(3, now))
            .await
            .unwrap()
    };
    away(NOON + 10).await;
    assert!(queue(&ann, DeskOrder::Time).await.is_empty());
    assert!(due(NOON).await.is_empty(), "not before it is sure");
    let next = ann.store.write(|tx| tx.heard_due_next(NOON)).await.unwrap();
    assert_eq!(next, Some(NOON + 10));
    back().await;
    assert_eq!(queue(&ann, DeskOrder::Time).await, both);
    assert!(due(NOON + 10).await.is_empty());

    // Another one that was heard meanwhile does not take them along.
    hear(&ann, two).await;
    away(NOON + 20).await;
    assert_eq!(due(NOON).await, [(BO.to_owned(), vec!["s2".to_owned()])]);
    assert_eq!(due(NOON + 20).await[0].1, ["s2", "s1"]);
    let ids = vec!["s2".to_owned(), "s1".to_owned()];
    let told = ann
        .store
        .write(move |tx| tx.heard_is_told(BO, &ids, NOON + 20));
    told.await.unwrap();
    back().await;
    assert!(
        queue(&ann, DeskOrder::Time).await.is_empty(),
        "the account knows"
    );
}

/// What the other side is told, our other devices hear of by the copies of that.
#[tokio::test]
async fn what_they_are_told_the_account_is_not() {
    let ann = Ann::new().await;
    let voice = archived("s1", voice_from_bo("v1", NOON));
    let voice = ann.merge(voice).await.id;
    ann.store
        .write(move |tx| tx.heard(voice, Tell::Them))
        .await
        .unwrap();
    let due = ann.store.write(|tx| tx.heard_due(3, NOON)).await.unwrap();
    assert!(due.is_empty(), "{due:?}");
}
