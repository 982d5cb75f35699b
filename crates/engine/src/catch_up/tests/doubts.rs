//! What of ours may have gone out, and is found in the archive or is not there.

use api::MessageState;

use super::*;

#[tokio::test]
async fn nothing_goes_out_before_it_was_looked_for() {
    let (server, ann) = (Server::default(), Ann::new().await);
    server.bo_says(100);
    ann.newest(&server).await.unwrap();
    ann.doubts("mine").await;
    server.bo_says(300);
    server.put(text("ann@x", "bo@x", "mine", "mine"), NOON + 100_000);
    server.bo_says(900);
    // The second connection dies behind its newest page, and leaves a hole of its own.
    ann.newest(&server).await.unwrap();
    server.bo_says(400);
    ann.newest(&server).await.unwrap();
    let before = server.asked.get();
    ann.fill(&server, Goal::Doubts).await.unwrap();
    let reader = ann.store.reader();
    assert_eq!(
        reader.in_doubt_since().await.unwrap(),
        None,
        "it had arrived"
    );
    assert_eq!(ann.archive().await.gaps().len(), 1, "and no more was asked");
    assert!(server.asked.get() - before < 9);
    // What never arrived is looked for in all of them.
    ann.doubts("lost").await;
    ann.fill(&server, Goal::Doubts).await.unwrap();
    assert_eq!(ann.archive().await.gaps(), []);
    assert_eq!(reader.in_doubt_since().await.unwrap(), Some(NOON));
}

/// What comes live while something of ours is in doubt, on its way or lost, must not hide it.
#[tokio::test]
async fn a_newer_id_does_not_hide_what_is_in_doubt() {
    for lost_first in [false, true] {
        let (server, ann) = (Server::default(), Ann::new().await);
        server.bo_says(100);
        ann.catch_up(&server).await;
        let newest = ann.archive().await.ranges().last().unwrap().newest.clone();
        ann.hands_over("mine").await;
        if lost_first {
            ann.loses_all().await;
        }
        server.put(text("ann@x", "bo@x", "mine", "mine"), NOON + 100_000);
        for _ in 0..2 {
            server.bo_says(1);
            let item = server.items.borrow().last().unwrap().clone();
            let mut message = item.message;
            message.stanza_ids = vec![xmpp::StanzaId {
                id: item.archive_id,
                by: self::ann().into(),
            }];
            live(&ann, Inbound::Message(message), NOON, true).await;
        }
        let ranges = ann.archive().await;
        assert_eq!(ranges.ranges().last().unwrap().newest, newest);

        // So much more that the newest page does not reach it.
        ann.loses_all().await;
        server.bo_says(300);
        ann.newest(&server).await.unwrap();
        let reader = ann.store.reader();
        assert!(reader.in_doubt_since().await.unwrap().is_some());
        ann.fill(&server, Goal::Doubts).await.unwrap();
        assert_eq!(reader.in_doubt_since().await.unwrap(), None, "found");
        assert_eq!(ann.texts("bo@x").await.len(), 403);
        ann.fill(&server, Goal::Kept { now: NOON }).await.unwrap();
        let archive = ann.archive().await;
        assert!(archive.holes().next().is_none(), "{archive:?}");
        assert_eq!(archive.items(), 403);
    }
}

/// What was left to the user turns up in the archive after all.
#[tokio::test]
async fn what_was_given_up_is_found_when_the_archive_answers() {
    let (server, ann) = (Server::default(), Ann::new().await);
    server.bo_says(100);
    ann.catch_up(&server).await;
    ann.doubts("mine").await;
    server.put(text("ann@x", "bo@x", "mine", "mine"), NOON + 100_000);
    server.bo_says(300);
    let given_up = ann
        .store
        .write(|tx| tx.outbox_wedge_doubts(&FaultKind::Unconfirmed));
    assert_eq!(given_up.await.unwrap(), 1);
    ann.catch_up(&server).await;
    assert_eq!(ann.receipts().await, 300, "and nothing of ours waits");
    let chat = ann.bo().await;
    let reader = ann.store.reader();
    let window = reader
        .window(chat, WindowAnchor::At { at: NOON + 99_000 })
        .await;
    let rows = window.unwrap().rows;
    let own: Vec<_> = rows.iter().filter(|row| row.own).collect();
    assert_eq!(own.len(), 1);
    assert_eq!((own[0].state, &own[0].fault), (MessageState::Sent, &None));
}
