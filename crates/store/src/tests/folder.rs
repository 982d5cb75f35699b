//! The folder: one process at a time, versions, crashes, and what survives.

use super::*;
use crate::{OpenError, StoreError};

#[tokio::test]
async fn one_handle_at_a_time() {
    let ann = Ann::new().await;
    assert!(matches!(Store::open(ann.path()), Err(OpenError::InUse)));
    ann.store.close().await;
    Store::open(ann.path()).unwrap();
}

#[tokio::test]
async fn after_closing_nothing_goes() {
    let ann = Ann::new().await;
    ann.store.close().await;
    ann.store.close().await;
    assert!(matches!(
        ann.store.write(|_| Ok(())).await,
        Err(StoreError::Closed)
    ));
    assert!(matches!(
        ann.store.reader().chats(None).await,
        Err(StoreError::Closed)
    ));
    let wal = ann.path().join("millet.db-wal");
    assert!(!wal.exists() || wal.metadata().unwrap().len() == 0);
}

#[tokio::test]
async fn newer_files_are_left_alone() {
    let ann = Ann::new().await;
    ann.store.close().await;
    let file = ann.path().join("millet.db");
    rusqlite::Connection::open(&file)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    assert!(matches!(
        Store::open(ann.path()),
        Err(OpenError::TooNew { found: 99, .. })
    ));
}

#[tokio::test]
async fn failed_and_panicking_jobs_leave_nothing() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let mut commits = ann.store.commits();
    let failed = ann
        .store
        .write(move |tx| {
            tx.add_text(chat, "o1", NOON, "never")?;
            Err::<(), _>(StoreError::NotFound("thing"))
        })
        .await;
    assert!(matches!(failed, Err(StoreError::NotFound("thing"))));
    let panicked = ann
        .store
        .write(move |tx| -> Result<(), StoreError> {
            tx.add_text(chat, "o2", NOON, "never")?;
            panic!("on purpose")
        })
        .await;
    assert!(matches!(panicked, Err(StoreError::Panicked)));
    assert_eq!(ann.dump().await, "");
    assert!(commits.try_recv().is_err());
    ann.store
        .write(move |tx| tx.add_text(chat, "o3", NOON, "hi"))
        .await
        .unwrap();
    assert_eq!(ann.dump().await, "ann|pending|hi\n");
}

#[tokio::test]
async fn each_row_touched_leaves_once() {
    let ann = Ann::new().await;
    let mut commits = ann.store.commits();
    let head = ann.store.head();
    ann.store
        .write(|tx| {
            tx.merge(&from_bo("a", NOON, "one"))?;
            tx.merge(&from_bo("b", NOON + 1, "two"))?;
            let chat = tx.ensure_chat(BO)?;
            tx.set_draft(chat, "thr")
        })
        .await
        .unwrap();
    let commit = commits.try_recv().unwrap();
    assert_eq!(commit.seq, head + 1);
    assert_eq!(ann.store.head(), head + 1);
    assert_eq!(
        names(&commit),
        ["message received", "message received", "chat unread=2"]
    );
    // Nothing changed, nothing told.
    ann.merge(Incoming {
        wants_receipt: false,
        ..from_bo("a", NOON, "one")
    })
    .await;
    assert!(commits.try_recv().is_err());
    assert_eq!(ann.store.head(), head + 1);
}

#[tokio::test]
async fn commits_come_in_order_from_many_writers() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let (mut commits, head, _) = ann.store.snapshot().await.unwrap();
    let writers: Vec<_> = (0..20)
        .map(|n| {
            let store = ann.store.clone();
            tokio::spawn(async move {
                store
                    .write(move |tx| tx.add_text(chat, &format!("o{n}"), NOON, "x"))
                    .await
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    for n in 1..=20 {
        assert_eq!(commits.try_recv().unwrap().seq, head + n);
    }
    assert_eq!(ann.store.reader().counts().await.unwrap().messages, 20);
}

#[tokio::test]
async fn facts_and_cursors_survive() {
    let ann = Ann::new().await;
    let archive = ann
        .store
        .write(|tx| {
            let mut archive = tx.archive()?;
            archive.cover(&crate::Covered {
                asked: crate::Asked::Newest,
                ids: vec![("o".into(), NOON), ("n".into(), NOON + 1)],
                complete: false,
                total: Some(7),
            });
            tx.set_archive(&archive)?;
            Ok(archive)
        })
        .await
        .unwrap();
    assert_eq!(archive.ranges().len(), 1);
    let ann = ann.reopen().await;
    let reader = ann.store.reader();
    assert_eq!(reader.archive().await.unwrap(), archive);
    assert_eq!(reader.meta(key::ADDRESS).await.unwrap(), Some(ANN.into()));
    assert_eq!(reader.meta(key::SERVER).await.unwrap(), None);
}
