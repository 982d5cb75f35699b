//! The outbox: order in each chat, pipelining, retries and wedges.

use api::{FaultKind, MessageId};

use super::*;
use crate::{Job, OutboxRow, Stage, StoreError, WriteTx};

async fn text(ann: &Ann, id: &'static str) -> MessageId {
    let chat = ann.chat().await;
    ann.store
        .write(move |tx| tx.add_text(chat, id, NOON, id))
        .await
        .unwrap()
}

async fn due(ann: &Ann, now: Millis) -> Vec<OutboxRow> {
    ann.store.reader().outbox_due(now).await.unwrap()
}

/// The ids on the wire of what is due.
async fn due_ids(ann: &Ann, now: Millis) -> Vec<String> {
    let id = |row: OutboxRow| match row.job {
        Job::Message { origin_id, .. } => origin_id,
        Job::Receipt { id } => format!("receipt {id}"),
        Job::Displayed { id } => format!("displayed {id}"),
        Job::Heard { id } => format!("heard {id}"),
    };
    due(ann, now).await.into_iter().map(id).collect()
}

async fn step(
    ann: &Ann,
    job: impl FnOnce(&mut WriteTx<'_>) -> Result<(), StoreError> + Send + 'static,
) {
    ann.store.write(job).await.unwrap();
}

#[tokio::test]
async fn sends_are_pipelined_in_order() {
    let ann = Ann::new().await;
    for id in ["a", "b", "c"] {
        text(&ann, id).await;
    }
    let mut rows = Vec::new();
    for id in ["a", "b", "c"] {
        assert_eq!(due_ids(&ann, NOON).await, [id]);
        let row = due(&ann, NOON).await[0].id;
        rows.push(row);
        step(&ann, move |tx| {
            tx.outbox_try(row)?;
            tx.outbox_sent(row)
        })
        .await;
    }
    assert!(due(&ann, NOON).await.is_empty());
    let first = rows[0];
    step(&ann, move |tx| tx.outbox_acked(first)).await;
    assert_eq!(
        ann.dump().await,
        "ann|sent|a\nann|pending|b\nann|pending|c\n"
    );
    // The stream breaks: what was not acked goes again, in its order.
    step(&ann, |tx| tx.outbox_all_lost()).await;
    assert_eq!(due_ids(&ann, NOON).await, ["b"]);
    assert_eq!(due(&ann, NOON).await[0].attempts, 1);
}

#[tokio::test]
async fn a_crash_loses_no_row() {
    let ann = Ann::new().await;
    text(&ann, "a").await;
    let row = due(&ann, NOON).await[0].id;
    step(&ann, move |tx| tx.outbox_sent(row)).await;
    assert!(due(&ann, NOON).await.is_empty());
    let after = ann.crashed();
    assert_eq!(due_ids(&after, NOON).await, ["a"]);
    assert_eq!(after.dump().await, "ann|pending|a\n");
    let after = ann.reopen().await;
    assert_eq!(due_ids(&after, NOON).await, ["a"]);
}

#[tokio::test]
async fn a_retry_holds_its_lane_and_a_wedge_does_not() {
    let ann = Ann::new().await;
    let a = text(&ann, "a").await;
    text(&ann, "b").await;
    ann.merge(from_bo("x", NOON, "hi")).await;
    let cy = ann
        .store
        .write(|tx| tx.ensure_chat("cy@localhost"))
        .await
        .unwrap();
    step(&ann, move |tx| tx.add_text(cy, "c", NOON, "c").map(drop)).await;
    assert_eq!(due_ids(&ann, NOON).await, ["a", "receipt x", "c"]);

    let row = due(&ann, NOON).await[0].id;
    step(&ann, move |tx| {
        tx.outbox_try(row)?;
        tx.outbox_retry(row, NOON + 500)
    })
    .await;
    assert_eq!(due_ids(&ann, NOON).await, ["receipt x", "c"]);
    assert_eq!(due_ids(&ann, NOON + 500).await, ["a", "receipt x", "c"]);

    step(&ann, move |tx| {
        tx.outbox_wedge(row, &FaultKind::TooLarge { max: 9 })
    })
    .await;
    assert_eq!(due_ids(&ann, NOON).await, ["b", "receipt x", "c"]);
    let failed = ann.store.reader().message(a).await.unwrap().unwrap();
    assert_eq!(failed.state, MessageState::Failed);
    assert_eq!(failed.fault, Some(FaultKind::TooLarge { max: 9 }));

    step(&ann, move |tx| tx.retry_message(a, "unused")).await;
    // Due at once, also by a clock that was set back since.
    assert_eq!(due_ids(&ann, 0).await, ["a", "receipt x", "c"]);
    let again = ann.store.reader().message(a).await.unwrap().unwrap();
    assert_eq!((again.state, again.fault), (MessageState::Pending, None));
    assert_eq!(due(&ann, NOON + 9).await[0].attempts, 0);
}

#[tokio::test]
async fn next_time_is_that_of_the_heads() {
    let ann = Ann::new().await;
    let next_at = async || ann.store.reader().outbox_next_at(NOON).await.unwrap();
    assert_eq!(next_at().await, None);
    text(&ann, "a").await;
    text(&ann, "b").await;
    // What is due is no reason to wake up again.
    assert_eq!(next_at().await, None);
    let row = due(&ann, NOON).await[0].id;
    step(&ann, move |tx| tx.outbox_retry(row, NOON + 7000)).await;
    assert_eq!(next_at().await, Some(NOON + 7000));
}

#[tokio::test]
async fn only_a_failed_message_can_be_tried_again_or_discarded() {
    let ann = Ann::new().await;
    let a = text(&ann, "a").await;
    let write = async |retry: bool, message| {
        ann.store
            .write(move |tx| match retry {
                true => tx.retry_message(message, "f"),
                false => tx.discard_message(message).map(drop),
            })
            .await
    };
    for retry in [true, false] {
        assert!(matches!(
            write(retry, a).await,
            Err(StoreError::WrongState(_))
        ));
        let missing = write(retry, MessageId(99)).await;
        assert!(matches!(missing, Err(StoreError::NotFound(_))));
    }
    let row = due(&ann, NOON).await[0].id;
    step(&ann, move |tx| tx.outbox_wedge(row, &FaultKind::Refused)).await;
    let mut commits = ann.store.commits();
    write(false, a).await.unwrap();
    assert_eq!(next(&mut commits), ["gone", "chat unread=0"]);
    assert_eq!(ann.dump().await, "");
    assert_eq!(ann.store.reader().counts().await.unwrap().outbox, 0);
}

#[tokio::test]
async fn an_upload_goes_on_where_it_stopped() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    std::fs::write(ann.store.drafts_dir().join("r.ogg"), b"OggS").unwrap();
    step(&ann, move |tx| {
        tx.draft_begin("r", chat, NOON)?;
        tx.draft_finish("r", 900, &[1])?;
        tx.send_draft("r", chat, "v", NOON).map(drop)
    })
    .await;
    text(&ann, "after").await;
    assert_eq!(due_ids(&ann, NOON).await, ["v"]);
    let row = due(&ann, NOON).await[0].id;
    step(&ann, move |tx| {
        tx.outbox_try(row)?;
        tx.outbox_uploaded(row, "https://localhost/up/r.ogg", 4, [3; 32])
    })
    .await;
    let ann = ann.reopen().await;
    let rows = due(&ann, NOON).await;
    assert_eq!((rows[0].stage, rows[0].attempts), (Stage::Send, 0));
    let Job::Message { content, .. } = &rows[0].job else {
        panic!("not a message");
    };
    let crate::OutgoingContent::Voice { url, sha256, .. } = content else {
        panic!("not voice");
    };
    assert_eq!(url.as_deref(), Some("https://localhost/up/r.ogg"));
    assert_eq!(*sha256, Some([3; 32]));
    step(&ann, move |tx| tx.outbox_sent(row)).await;
    assert_eq!(due_ids(&ann, NOON).await, ["after"]);
}

#[tokio::test]
async fn what_stays_in_doubt_waits_for_the_user_and_for_the_archive() {
    let ann = Ann::new().await;
    let first = text(&ann, "a").await;
    for id in ["b", "fresh"] {
        text(&ann, id).await;
    }
    for handed_over in ["a", "b"] {
        assert_eq!(due_ids(&ann, NOON).await, [handed_over]);
        let row = due(&ann, NOON).await[0].id;
        step(&ann, move |tx| {
            tx.outbox_try(row)?;
            tx.outbox_sent(row)
        })
        .await;
    }
    let fault = FaultKind::Unconfirmed;
    let wedge = async || {
        ann.store
            .write(|tx| tx.outbox_wedge_doubts(&FaultKind::Unconfirmed))
            .await
    };
    assert_eq!(wedge().await.unwrap(), 0, "on their way");
    step(&ann, |tx| tx.outbox_all_lost()).await;
    assert_eq!(wedge().await.unwrap(), 2);
    assert_eq!(
        due_ids(&ann, NOON).await,
        ["fresh"],
        "what was never handed over goes on"
    );
    assert_eq!(
        ann.dump().await,
        "ann|failed|a\nann|failed|b\nann|pending|fresh\n"
    );
    let failed = ann.store.reader().message(first).await.unwrap().unwrap();
    assert_eq!(failed.fault, Some(fault));
    assert_eq!(ann.store.reader().outbox_doubts().await.unwrap(), 0);

    // One is tried again, the other one turns up in the archive.
    step(&ann, move |tx| tx.retry_message(first, "unused")).await;
    assert_eq!(due_ids(&ann, NOON + 9).await, ["a"], "under its old id");
    ann.merge(archived("s1", from_ann("b", NOON, "b", Source::Archive)))
        .await;
    assert_eq!(
        ann.dump().await,
        "ann|pending|a\nann|sent|b\nann|pending|fresh\n"
    );
}

#[tokio::test]
async fn a_file_that_is_up_is_not_sent_up_again() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    step(&ann, move |tx| {
        tx.draft_begin("rec-1", chat, NOON)?;
        tx.draft_finish("rec-1", 900, &[1])
    })
    .await;
    std::fs::write(ann.store.drafts_dir().join("rec-1.ogg"), b"OggS").unwrap();
    step(&ann, move |tx| {
        tx.send_draft("rec-1", chat, "v", NOON).map(drop)
    })
    .await;
    let row = due(&ann, NOON).await[0].id;
    let tries = async || ann.store.write(move |tx| tx.outbox_upload_try(row)).await;
    assert!(tries().await.unwrap());
    step(&ann, move |tx| {
        tx.outbox_uploaded(row, "https://x/f", 9, [7; 32])
    })
    .await;
    // Whoever read the row before that comes too late, and counts nothing.
    assert!(!tries().await.unwrap());
    assert_eq!(due(&ann, NOON).await[0].attempts, 0);
}
