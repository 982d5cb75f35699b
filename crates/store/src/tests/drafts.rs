//! Recordings, their files, and downloads.

use api::Media;

use super::*;
use crate::{Job, OutgoingContent, Stage, StoreError};

async fn recorded(ann: &Ann, id: &'static str) -> ChatId {
    let chat = ann.chat().await;
    ann.store
        .write(move |tx| tx.draft_begin(id, chat, NOON))
        .await
        .unwrap();
    std::fs::write(ann.store.drafts_dir().join(format!("{id}.ogg")), b"OggS").unwrap();
    chat
}

async fn send(ann: &Ann, id: &'static str, chat: ChatId) -> Result<api::MessageId, StoreError> {
    ann.store
        .write(move |tx| {
            tx.draft_finish(id, 2000, &[9; 400])?;
            tx.send_draft(id, chat, "o1", NOON)
        })
        .await
}

#[tokio::test]
async fn a_recording_becomes_a_message() {
    let ann = Ann::new().await;
    let chat = recorded(&ann, "rec-1").await;
    let reader = ann.store.reader();
    assert_eq!(reader.drafts_recording().await.unwrap().len(), 1);
    let row = reader.chat(chat).await.unwrap().unwrap();
    assert!(row.voice_drafts[0].recording);
    let early = ann
        .store
        .write(move |tx| tx.send_draft("rec-1", chat, "o1", NOON))
        .await;
    assert!(matches!(early, Err(StoreError::WrongState(_))));

    let mut commits = ann.store.commits();
    let id = send(&ann, "rec-1", chat).await.unwrap();
    assert_eq!(next(&mut commits), ["message pending", "chat unread=0"]);
    assert!(!ann.store.drafts_dir().join("rec-1.ogg").exists());
    let media = reader.media_of(id).await.unwrap().unwrap();
    assert_eq!(std::fs::read(media.file.unwrap()).unwrap(), b"OggS");
    assert_eq!((media.state, media.size), (Media::Here, Some(4)));
    assert!(reader.draft("rec-1".into()).await.unwrap().is_none());
    let row = reader.chat(chat).await.unwrap().unwrap();
    assert!(row.voice_drafts.is_empty());

    let due = reader.outbox_due(NOON).await.unwrap();
    assert_eq!(due[0].stage, Stage::Upload);
    let Job::Message {
        content: OutgoingContent::Voice {
            file, url, peaks, ..
        },
        ..
    } = &due[0].job
    else {
        panic!("not voice");
    };
    assert_eq!((file.as_str(), url, peaks.len()), ("rec-1.ogg", &None, 100));
}

#[tokio::test]
async fn a_missing_file_leaves_the_draft() {
    let ann = Ann::new().await;
    let chat = recorded(&ann, "rec-1").await;
    std::fs::remove_file(ann.store.drafts_dir().join("rec-1.ogg")).unwrap();
    let sent = send(&ann, "rec-1", chat).await;
    assert!(matches!(sent, Err(StoreError::Disk(_))));
    let reader = ann.store.reader();
    assert!(reader.draft("rec-1".into()).await.unwrap().is_some());
    assert_eq!(ann.dump().await, "");
}

#[tokio::test]
async fn a_crash_between_file_and_commit_is_repaired() {
    let ann = Ann::new().await;
    recorded(&ann, "rec-1").await;
    let (draft, media) = (
        ann.store.drafts_dir().join("rec-1.ogg"),
        ann.store.media_dir().join("rec-1.ogg"),
    );
    std::fs::rename(&draft, &media).unwrap();
    let ann = ann.reopen().await;
    assert!(draft.exists() && !media.exists());
    let reader = ann.store.reader();
    assert_eq!(reader.drafts_recording().await.unwrap().len(), 1);

    // The other way round: committed, and the move did not last.
    let chat = ann.chat().await;
    send(&ann, "rec-1", chat).await.unwrap();
    std::fs::rename(&media, &draft).unwrap();
    let ann = ann.reopen().await;
    assert!(media.exists() && !draft.exists());
    assert_eq!(ann.dump().await, "ann|pending|voice Here heard=false\n");
}

#[tokio::test]
async fn a_discarded_recording_is_forgotten() {
    let ann = Ann::new().await;
    let chat = recorded(&ann, "rec-1").await;
    ann.store.write(|tx| tx.draft_gone("rec-1")).await.unwrap();
    assert!(ann.store.reader().drafts_of(chat).await.unwrap().is_empty());
    // Also where nobody came to delete its file.
    let after = ann.crashed();
    assert_eq!(
        after.store.reader().removals().await.unwrap(),
        ["rec-1.ogg"]
    );
    for id in ["", "../x", "a/b", "a.b"] {
        let begun = ann
            .store
            .write(move |tx| tx.draft_begin(id, chat, NOON))
            .await;
        assert!(matches!(begun, Err(StoreError::WrongState(_))), "{id}");
    }
}

#[tokio::test]
async fn voice_is_fetched_newest_first_and_not_for_ever() {
    let ann = Ann::new().await;
    let old = ann.merge(voice_from_bo("v1", NOON)).await.id;
    let new = ann.merge(voice_from_bo("v2", NOON + 1)).await.id;
    let reader = ann.store.reader();
    let due = reader.media_due(NOON, None, 10).await.unwrap();
    assert_eq!(
        due.iter().map(|due| due.message).collect::<Vec<_>>(),
        [new, old]
    );
    ann.store
        .write(move |tx| {
            tx.media_fetching(new, "part")?;
            tx.media_here(new, "in-2.ogg", Some(2600), Some(&[5; 50]), 8000)
        })
        .await
        .unwrap();
    for n in 1..=6 {
        ann.store
            .write(move |tx| {
                tx.media_fetching(old, "part")?;
                tx.media_retry(old, NOON + n)
            })
            .await
            .unwrap();
        assert!(reader.media_due(NOON, None, 10).await.unwrap().is_empty());
        let again = (n < 6).then_some(NOON + n);
        assert_eq!(reader.media_next_at(NOON, None).await.unwrap(), again);
    }
    assert_eq!(
        ann.dump().await,
        "bo|received|voice Failed heard=false\nbo|received|voice Here heard=false\n"
    );
    let media = reader.media_of(new).await.unwrap().unwrap();
    assert_eq!((media.duration_ms, media.size), (2600, Some(8000)));
    assert!(media.file.unwrap().starts_with(ann.store.media_dir()));

    // Asked for by hand, interrupted by a crash: due again.
    ann.store
        .write(move |tx| tx.media_fetching(old, "part"))
        .await
        .unwrap();
    let ann = ann.reopen().await;
    assert_eq!(
        ann.store
            .reader()
            .media_due(NOON + 9, None, 9)
            .await
            .unwrap()
            .len(),
        1
    );
    for name in ["../a", "", ".hidden", "a/b", "a\\b"] {
        let here = ann
            .store
            .write(move |tx| tx.media_here(old, name, None, None, 1))
            .await;
        assert!(matches!(here, Err(StoreError::WrongState(_))), "{name}");
    }
}
