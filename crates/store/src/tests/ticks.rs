//! Receipts and markers, both ways.

use api::{FaultKind, MessageId};

use super::*;
use crate::{Job, StoreError, Tell};

async fn sent(ann: &Ann, id: &'static str, at: Millis) -> MessageId {
    let chat = ann.chat().await;
    let message = ann
        .store
        .write(move |tx| tx.add_text(chat, id, at, id))
        .await
        .unwrap();
    ann.store.write(|tx| tx.outbox_all_lost()).await.unwrap();
    let due = ann.store.reader().outbox_due(NOON * 2).await.unwrap();
    let row = due.iter().map(|row| row.id).max().unwrap();
    ann.store
        .write(move |tx| {
            tx.outbox_try(row)?;
            tx.outbox_sent(row)?;
            tx.outbox_acked(row)
        })
        .await
        .unwrap();
    message
}

async fn receipt(ann: &Ann, id: &'static str, state: MessageState) -> bool {
    ann.store
        .write(move |tx| tx.receipt(BO, id, state))
        .await
        .unwrap()
}

#[tokio::test]
async fn states_rise_and_never_fall() {
    let ann = Ann::new().await;
    for (n, id) in (0..).zip(["a", "b", "c"]) {
        sent(&ann, id, NOON + n).await;
    }
    assert!(receipt(&ann, "b", MessageState::Delivered).await);
    assert!(receipt(&ann, "b", MessageState::Read).await);
    assert_eq!(ann.dump().await, "ann|read|a\nann|read|b\nann|sent|c\n");
    assert!(!receipt(&ann, "b", MessageState::Delivered).await);
    assert!(!receipt(&ann, "unknown", MessageState::Read).await);
    assert!(!receipt(&ann, "c", MessageState::Heard).await, "not voice");
    assert_eq!(ann.dump().await, "ann|read|a\nann|read|b\nann|sent|c\n");
    assert!(matches!(
        ann.store
            .write(|tx| tx.receipt(BO, "c", MessageState::Sent))
            .await,
        Err(StoreError::WrongState(_))
    ));
}

#[tokio::test]
async fn a_stranger_cannot_confirm() {
    let ann = Ann::new().await;
    sent(&ann, "a", NOON).await;
    ann.store
        .write(|tx| tx.ensure_chat("eve@localhost"))
        .await
        .unwrap();
    let changed = ann
        .store
        .write(|tx| tx.receipt("eve@localhost", "a", MessageState::Read))
        .await
        .unwrap();
    assert!(!changed);
    assert_eq!(ann.dump().await, "ann|sent|a\n");
}

#[tokio::test]
async fn a_receipt_before_the_ack_empties_the_outbox() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let mut commits = ann.store.commits();
    ann.store
        .write(move |tx| tx.add_text(chat, "a", NOON, "a"))
        .await
        .unwrap();
    assert_eq!(next(&mut commits), ["message pending", "chat unread=0"]);
    let row = ann.store.reader().outbox_due(NOON).await.unwrap()[0].id;
    assert!(receipt(&ann, "a", MessageState::Delivered).await);
    // The list shows this message, so its tick changes there, too.
    assert_eq!(next(&mut commits), ["message delivered", "chat unread=0"]);
    ann.store
        .write(move |tx| tx.outbox_acked(row))
        .await
        .unwrap();
    assert_eq!(ann.dump().await, "ann|delivered|a\n");
    assert_eq!(ann.store.reader().counts().await.unwrap().outbox, 0);
}

#[tokio::test]
async fn reading_tells_the_newest_only() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let mut ids = Vec::new();
    for (n, id) in (0..).zip(["a", "b", "c"]) {
        let incoming = Incoming {
            wants_receipt: false,
            markable: id != "c",
            ..from_bo(id, NOON + n, id)
        };
        ids.push(ann.merge(incoming).await.id);
    }
    let read = async |upto| {
        ann.store
            .write(move |tx| tx.mark_read(chat, upto))
            .await
            .unwrap();
    };
    let jobs = async || -> Vec<Job> {
        let due = ann.store.reader().outbox_due(NOON).await.unwrap();
        due.into_iter().map(|row| row.job).collect()
    };
    read(ids[0]).await;
    assert_eq!(ann.unread().await, 2);
    assert_eq!(jobs().await, [Job::Displayed { id: "a".into() }]);
    // Still offline: the newer marker takes the older one's place; c asks for none.
    read(ids[2]).await;
    assert_eq!(ann.unread().await, 0);
    assert_eq!(jobs().await, [Job::Displayed { id: "b".into() }]);
    read(ids[0]).await;
    assert_eq!(jobs().await, [Job::Displayed { id: "b".into() }]);
    assert_eq!(ann.store.reader().counts().await.unwrap().outbox, 1);
}

#[tokio::test]
async fn read_elsewhere_sends_nothing() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    for (n, id) in (0..).zip(["a", "b"]) {
        ann.merge(Incoming {
            wants_receipt: false,
            ..from_bo(id, NOON + n, id)
        })
        .await;
    }
    ann.store
        .write(move |tx| {
            tx.read_elsewhere(chat, "nobody knows")?;
            tx.read_elsewhere(chat, "a")
        })
        .await
        .unwrap();
    assert_eq!(ann.unread().await, 1);
    assert_eq!(ann.store.reader().counts().await.unwrap().outbox, 0);
}

#[tokio::test]
async fn hearing_is_told_once() {
    let ann = Ann::new().await;
    let voice = Incoming {
        wants_receipt: false,
        ..voice_from_bo("v", NOON)
    };
    let id = ann.merge(voice).await.id;
    let shows_dot = async || {
        let chats = ann.store.reader().chats(None).await.unwrap().chats;
        chats[0].last.as_ref().unwrap().unheard
    };
    assert!(shows_dot().await);
    for _ in 0..2 {
        ann.store
            .write(move |tx| tx.heard(id, Tell::Them))
            .await
            .unwrap();
    }
    assert!(!shows_dot().await);
    assert_eq!(ann.dump().await, "bo|received|voice Remote heard=true\n");
    let due = ann.store.reader().outbox_due(NOON).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].job, Job::Heard { id: "v".into() });
    assert_eq!(due[0].to, BO);
}

#[tokio::test]
async fn a_bounce_fails_what_did_not_arrive() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let a = sent(&ann, "a", NOON).await;
    sent(&ann, "b", NOON + 1).await;
    receipt(&ann, "b", MessageState::Delivered).await;
    let bounce = async |id: &'static str| {
        ann.store
            .write(move |tx| tx.bounced(BO, id, FaultKind::Undeliverable))
            .await
            .unwrap()
    };
    assert!(bounce("a").await);
    assert!(!bounce("b").await);
    assert_eq!(ann.dump().await, "ann|failed|a\nann|delivered|b\n");

    // The archive holds the try that bounced; it is not mistaken for the next one.
    let echo = || archived("s1", from_ann("a", NOON, "a", Source::Archive));
    ann.merge(echo()).await;
    assert_eq!(ann.state_of(a).await, MessageState::Failed);
    ann.store
        .write(move |tx| tx.retry_message(a, "a2"))
        .await
        .unwrap();
    ann.merge(echo()).await;
    assert_eq!(ann.state_of(a).await, MessageState::Pending);
    let due = ann.store.reader().outbox_due(NOON + 9).await.unwrap();
    assert!(matches!(&due[0].job, Job::Message { origin_id, .. } if origin_id == "a2"));
    let second = archived("s2", from_ann("a2", NOON + 9, "a", Source::Archive));
    assert!(!ann.merge(second).await.new);
    assert_eq!(ann.state_of(a).await, MessageState::Sent);
    assert_eq!(ann.timeline().await.len(), 2);
    ann.store
        .write(move |tx| tx.mark_read(chat, a))
        .await
        .unwrap();
}

/// Whoever does not want to tell when they read has read it all the same.
#[tokio::test]
async fn reading_may_be_kept_to_oneself() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let incoming = Incoming {
        wants_receipt: false,
        ..from_bo("a", NOON, "a")
    };
    let id = ann.merge(incoming).await.id;
    ann.store
        .write(move |tx| tx.mark_read_untold(chat, id))
        .await
        .unwrap();
    assert_eq!(ann.unread().await, 0);
    assert!(
        ann.store
            .reader()
            .outbox_due(NOON)
            .await
            .unwrap()
            .is_empty()
    );
}
