//! One message, one row.

use super::*;

#[tokio::test]
async fn live_then_archive_then_live() {
    let ann = Ann::new().await;
    let first = ann.merge(from_bo("a", NOON, "hi")).await;
    let again = ann
        .merge(archived("s1", from_bo("a", NOON - 900, "hi")))
        .await;
    let by_server = Incoming {
        stanza_id: None,
        origin_id: None,
        ..archived("s1", from_bo("", NOON, "hi"))
    };
    let third = ann.merge(by_server).await;
    assert!(first.new && !again.new && !third.new);
    assert_eq!((again.id, third.id), (first.id, first.id));
    assert_eq!(ann.unread().await, 1);
}

#[tokio::test]
async fn a_counter_is_no_identity() {
    let ann = Ann::new().await;
    let counted = |id: &str, at, body: &str| Incoming {
        origin_id: None,
        ..from_bo(id, at, body)
    };
    ann.merge(counted("1", NOON, "before the restart")).await;
    ann.merge(counted("1", NOON + 1000, "after it")).await;
    let echo = ann
        .merge(archived("s9", counted("1", NOON + 1000, "after it")))
        .await;
    assert!(!echo.new);
    assert_eq!(
        ann.dump().await,
        "bo|received|before the restart\nbo|received|after it\n"
    );
}

#[tokio::test]
async fn the_same_words_under_the_same_number_are_said_again() {
    let ann = Ann::new().await;
    let counted = |at, server_id: &str| Incoming {
        origin_id: None,
        ..archived(server_id, from_bo("1", at, "ok"))
    };
    let day = 24 * 3_600_000;
    assert!(ann.merge(counted(NOON, "s1")).await.new);
    // A client that counts from one at each start says it the next day; another sends a stanza once more.
    assert!(ann.merge(counted(NOON + day, "s2")).await.new);
    assert!(!ann.merge(counted(NOON + day + 5000, "s3")).await.new);
    // Its live copy, by a clock that is hours off, is still the same.
    let live = Incoming {
        server_id: None,
        source: Source::Live,
        ..counted(NOON + 2 * day, "")
    };
    assert!(!ann.merge(live).await.new);
    assert_eq!(ann.timeline().await.len(), 2);
}

#[tokio::test]
async fn an_origin_id_that_is_used_again_hides_nothing() {
    let ann = Ann::new().await;
    let said = |server_id: &str, body: &str| archived(server_id, from_bo("o1", NOON, body));
    assert!(ann.merge(said("s1", "one")).await.new);
    assert!(ann.merge(said("s2", "two")).await.new);
    // Sent again after a cut, the same words stand in the archive twice.
    assert!(!ann.merge(said("s3", "two")).await.new);
    assert_eq!(ann.timeline().await.len(), 2);
}

#[tokio::test]
async fn without_ids_content_and_time_decide() {
    let ann = Ann::new().await;
    let bare = |at, source| Incoming {
        stanza_id: None,
        origin_id: None,
        source,
        ..from_bo("", at, "ok")
    };
    assert!(ann.merge(bare(NOON, Source::Live)).await.new);
    assert!(ann.merge(bare(NOON + 3000, Source::Live)).await.new);
    // The archive's clock is half a minute off.
    for (server_id, at) in [("s1", NOON + 30_000), ("s2", NOON + 33_000)] {
        let copy = archived(server_id, bare(at, Source::Archive));
        assert!(!ann.merge(copy.clone()).await.new);
        assert!(!ann.merge(copy).await.new);
    }
    let later = archived("s3", bare(NOON + 200_000, Source::Archive));
    assert!(ann.merge(later).await.new);
    assert_eq!(ann.timeline().await.len(), 3);
}

#[tokio::test]
async fn nobody_can_answer_to_our_id() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    ann.store
        .write(move |tx| tx.add_text(chat, "o1", NOON, "mine"))
        .await
        .unwrap();
    assert!(ann.merge(from_bo("o1", NOON, "mine")).await.new);
    assert_eq!(ann.dump().await, "ann|pending|mine\nbo|received|mine\n");
}

#[tokio::test]
async fn an_echo_means_sent() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    ann.store
        .write(move |tx| tx.add_text(chat, "o1", NOON, "mine"))
        .await
        .unwrap();
    ann.merge(archived(
        "s1",
        from_ann("o1", NOON + 5, "mine", Source::Archive),
    ))
    .await;
    assert_eq!(ann.dump().await, "ann|sent|mine\n");
    assert_eq!(ann.store.reader().counts().await.unwrap().outbox, 0);
}

#[tokio::test]
async fn what_another_device_answered_we_have_read() {
    let ann = Ann::new().await;
    ann.merge(from_bo("a", NOON, "there?")).await;
    ann.merge(from_ann("x", NOON + 1000, "yes", Source::Carbon))
        .await;
    assert_eq!(ann.unread().await, 0);
    // Older archive rows are read too, newer ones are not.
    ann.merge(archived("s1", from_bo("z", NOON - 1000, "hello")))
        .await;
    assert_eq!(ann.unread().await, 0);
    ann.merge(archived("s2", from_bo("y", NOON + 2000, "good")))
        .await;
    assert_eq!(ann.unread().await, 1);
}

#[tokio::test]
async fn a_receipt_is_due_once() {
    let ann = Ann::new().await;
    let reader = ann.store.reader();
    let old = Incoming {
        wants_receipt: false,
        ..archived("s1", from_bo("a", NOON, "hi"))
    };
    ann.merge(old).await;
    assert_eq!(reader.counts().await.unwrap().outbox, 0);
    // The offline queue delivers what the archive had told already.
    ann.merge(from_bo("a", NOON, "hi")).await;
    ann.merge(from_bo("a", NOON, "hi")).await;
    let due = reader.outbox_due(NOON).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].to, "bo@localhost/phone");
    assert_eq!(due[0].job, crate::Job::Receipt { id: "a".into() });
    // One that was missed: the archive's word is enough, and the offline queue adds nothing.
    ann.merge(archived("s2", from_bo("b", NOON, "ho"))).await;
    ann.merge(from_bo("b", NOON, "ho")).await;
    assert_eq!(reader.counts().await.unwrap().outbox, 2);
}
