//! Which files come by themselves, and how copies are let go of.

use api::{FileSpace, MessageId};

use super::*;

const MB: u64 = 1_000_000;

async fn due(ann: &Ann, up_to: Option<u64>) -> Vec<i64> {
    let due = ann.store.reader().media_due(NOON, up_to, 9).await.unwrap();
    due.iter().map(|due| due.message.0).collect()
}

/// Fetched, with a file of this name and size.
async fn here(ann: &Ann, message: MessageId, name: &'static str, bytes: u64) {
    std::fs::write(ann.store.media_dir().join(name), "x").unwrap();
    ann.store
        .write(move |tx| tx.media_here(message, name, None, None, bytes))
        .await
        .unwrap();
}

/// All that can be let go of, in as many transactions as it takes.
async fn free(ann: &Ann, chat: Option<ChatId>, before: Millis) -> FileSpace {
    let mut sum = FileSpace::default();
    let mut after = None;
    loop {
        let (freed, next) = ann
            .store
            .write(move |tx| tx.free_media(chat, before, after))
            .await
            .unwrap();
        sum.files += freed.files;
        sum.bytes += freed.bytes;
        after = next;
        if after.is_none() {
            return sum;
        }
    }
}

async fn freeable(ann: &Ann, chat: Option<ChatId>, before: Millis) -> FileSpace {
    ann.store.reader().freeable(chat, before).await.unwrap()
}

fn space(files: u64, bytes: u64) -> FileSpace {
    FileSpace { files, bytes }
}

#[tokio::test]
async fn voice_comes_always_and_files_up_to_a_size() {
    let ann = Ann::new().await;
    let small = ann.merge(file_from_bo("f1", NOON, Some(MB))).await.id;
    let voice = ann.merge(voice_from_bo("v1", NOON + 1)).await.id;
    let large = ann
        .merge(file_from_bo("f2", NOON + 2, Some(10 * MB)))
        .await
        .id;
    let over = ann
        .merge(file_from_bo("f3", NOON + 3, Some(10 * MB + 1)))
        .await
        .id;
    ann.merge(file_from_bo("f4", NOON + 4, None)).await;

    assert_eq!(due(&ann, None).await, [voice.0]);
    assert_eq!(due(&ann, Some(MB)).await, [voice.0, small.0]);
    assert_eq!(due(&ann, Some(10 * MB)).await, [voice.0, large.0, small.0]);
    assert_eq!(
        due(&ann, Some(50 * MB)).await,
        [voice.0, over.0, large.0, small.0]
    );

    let reader = ann.store.reader();
    let only = reader.media_due(NOON, Some(50 * MB), 2).await.unwrap();
    assert_eq!(only.len(), 2);

    // What failed for now comes again at its time, by the same rule.
    ann.store
        .write(move |tx| {
            for message in [voice, small] {
                tx.media_fetching(message, "part")?;
                tx.media_retry(message, NOON + message.0)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(due(&ann, Some(10 * MB)).await, [large.0]);
    let next_at = |up_to| reader.media_next_at(NOON, up_to);
    assert_eq!(next_at(None).await.unwrap(), Some(NOON + voice.0));
    assert_eq!(next_at(Some(MB)).await.unwrap(), Some(NOON + small.0));
    // One that could be fetched now hides none whose time comes.
    assert_eq!(next_at(Some(10 * MB)).await.unwrap(), Some(NOON + small.0));
}

#[tokio::test]
async fn files_that_were_given_up_come_with_the_next_connection() {
    let ann = Ann::new().await;
    let file = ann.merge(file_from_bo("f1", NOON, Some(MB))).await.id;
    ann.store
        .write(move |tx| {
            for _ in 0..6 {
                tx.media_fetching(file, "part")?;
                tx.media_retry(file, NOON)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(ann.dump().await, "bo|received|file f1.jpg Failed\n");
    ann.store.write(|tx| tx.fetches_again()).await.unwrap();
    assert_eq!(due(&ann, Some(MB)).await, [file.0]);
    // What is gone for good is not asked for again.
    ann.store
        .write(move |tx| {
            tx.media_fetching(file, "part")?;
            tx.media_failed(file)?;
            tx.fetches_again()
        })
        .await
        .unwrap();
    assert_eq!(due(&ann, Some(MB)).await, [0; 0]);
}

#[tokio::test]
async fn letting_go_takes_files_and_nothing_else() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let old = ann.merge(file_from_bo("f1", NOON - 9, Some(MB))).await.id;
    let new = ann.merge(file_from_bo("f2", NOON + 9, None)).await.id;
    let voice = ann.merge(voice_from_bo("v1", NOON - 9)).await.id;
    let mut other = file_from_bo("f3", NOON - 9, Some(5));
    other.chat = "kim@localhost".into();
    let other = ann.merge(other).await.id;
    ann.merge(file_from_bo("f4", NOON - 9, Some(MB))).await;
    here(&ann, old, "old", MB).await;
    here(&ann, new, "new", 7).await;
    here(&ann, voice, "voice", 900).await;
    here(&ann, other, "other", 5).await;

    assert_eq!(freeable(&ann, None, Millis::MAX).await, space(3, MB + 12));
    assert_eq!(
        freeable(&ann, Some(chat), Millis::MAX).await,
        space(2, MB + 7)
    );
    assert_eq!(freeable(&ann, Some(chat), NOON).await, space(1, MB));

    let mut commits = ann.store.commits();
    assert_eq!(free(&ann, Some(chat), NOON).await, space(1, MB));
    assert_eq!(next(&mut commits), ["message received"]);
    assert_eq!(
        ann.dump().await,
        "bo|received|file f1.jpg Remote\nbo|received|voice Here heard=false\n\
         bo|received|file f4.jpg Remote\nbo|received|file f2.jpg Here\n"
    );
    assert_eq!(ann.store.reader().removals().await.unwrap(), ["old"]);
    assert_eq!(freeable(&ann, Some(chat), NOON).await, space(0, 0));
    assert_eq!(free(&ann, Some(chat), NOON).await, space(0, 0));
    // It would come back at once by the rule of sizes.
    let due_now = due(&ann, Some(50 * MB)).await;
    assert!(!due_now.contains(&old.0), "{due_now:?}");
    assert_eq!(
        ann.store
            .reader()
            .media_next_at(NOON, Some(MB))
            .await
            .unwrap(),
        None
    );

    assert_eq!(free(&ann, None, Millis::MAX).await, space(2, 12));
    let media = ann.store.reader().media_of(voice).await.unwrap().unwrap();
    assert!(media.file.is_some(), "voice stays");
    // Who asks for it gets it, and then it can be let go of again.
    ann.store
        .write(move |tx| tx.media_fetching(old, "again"))
        .await
        .unwrap();
    here(&ann, old, "again", MB).await;
    assert_eq!(freeable(&ann, None, Millis::MAX).await, space(1, MB));
}

#[tokio::test]
async fn what_only_this_machine_has_stays() {
    let ann = Ann::new().await;
    let file = ann.merge(file_from_bo("f1", NOON, Some(MB))).await.id;
    here(&ann, file, "file", MB).await;
    let set = |sql: &'static str| {
        ann.store
            .write(move |tx| Ok(tx.connection().execute(sql, [])?))
    };
    for (without, with) in [
        (
            "UPDATE media SET url = ''",
            "UPDATE media SET url = 'https://localhost/f1.jpg'",
        ),
        (
            "UPDATE message SET state = 0",
            "UPDATE message SET state = 6",
        ),
        (
            "UPDATE message SET state = 1",
            "UPDATE message SET state = 6",
        ),
        (
            "INSERT INTO outbox (lane, chat, job, message, stage) SELECT 0, chat, 0, id, 1 FROM message",
            "DELETE FROM outbox",
        ),
    ] {
        set(without).await.unwrap();
        assert_eq!(
            freeable(&ann, None, Millis::MAX).await,
            space(0, 0),
            "{without}"
        );
        assert_eq!(
            free(&ann, None, Millis::MAX).await,
            space(0, 0),
            "{without}"
        );
        set(with).await.unwrap();
    }
    assert_eq!(freeable(&ann, None, Millis::MAX).await, space(1, MB));
}

#[tokio::test]
async fn many_files_go_in_small_transactions() {
    let ann = Ann::new().await;
    for n in 0..250 {
        let file = ann
            .merge(file_from_bo(&format!("f{n}"), NOON + n, None))
            .await
            .id;
        ann.store
            .write(move |tx| tx.media_here(file, &format!("n{n}"), None, None, 2))
            .await
            .unwrap();
    }
    let (first, _) = ann
        .store
        .write(|tx| tx.free_media(None, Millis::MAX, None))
        .await
        .unwrap();
    assert_eq!(first, space(100, 200));
    assert_eq!(free(&ann, None, Millis::MAX).await, space(150, 300));
}

/// Killed before the commit nothing happened; after it, the file is still noted, whether it was deleted or not.
#[tokio::test]
async fn a_kill_while_letting_go_loses_and_leaks_nothing() {
    let ann = Ann::new().await;
    let file = ann.merge(file_from_bo("f1", NOON, Some(MB))).await.id;
    here(&ann, file, "file", MB).await;

    let killed_before = ann.crashed();
    assert_eq!(killed_before.dump().await, "bo|received|file f1.jpg Here\n");
    assert_eq!(
        killed_before.store.reader().removals().await.unwrap(),
        [""; 0]
    );

    free(&ann, None, Millis::MAX).await;
    let killed_after = ann.crashed();
    assert_eq!(
        killed_after.dump().await,
        "bo|received|file f1.jpg Remote\n"
    );
    assert_eq!(
        killed_after.store.reader().removals().await.unwrap(),
        ["file"]
    );

    // Deleted, and killed before that was noted: the next start deletes nothing and notes it.
    std::fs::remove_file(ann.store.media_dir().join("file")).unwrap();
    let killed_last = ann.crashed();
    assert_eq!(
        killed_last.store.reader().removals().await.unwrap(),
        ["file"]
    );
    killed_last
        .store
        .write(|tx| tx.removed(&["file".to_owned()]))
        .await
        .unwrap();
    assert_eq!(
        killed_last.store.reader().removals().await.unwrap(),
        [""; 0]
    );
    assert_eq!(killed_last.dump().await, "bo|received|file f1.jpg Remote\n");
}

/// Killed while a file came, also between its last byte and the commit.
#[tokio::test]
async fn what_an_interrupted_fetch_left_is_noted() {
    let ann = Ann::new().await;
    let file = ann.merge(file_from_bo("f1", NOON, Some(MB))).await.id;
    ann.store
        .write(move |tx| tx.media_fetching(file, "half"))
        .await
        .unwrap();
    let killed = ann.crashed();
    assert_eq!(killed.dump().await, "bo|received|file f1.jpg Remote\n");
    assert_eq!(killed.store.reader().removals().await.unwrap(), ["half"]);
    assert_eq!(due(&killed, Some(MB)).await, [file.0]);
    // One that failed in order left nothing.
    ann.store
        .write(move |tx| tx.media_retry(file, NOON))
        .await
        .unwrap();
    assert_eq!(
        ann.crashed().store.reader().removals().await.unwrap(),
        [""; 0]
    );
    for name in ["", "../x", ".x"] {
        let refused = ann
            .store
            .write(move |tx| tx.media_fetching(file, name))
            .await;
        assert!(refused.is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_picture_keeps_its_announced_size() {
    let ann = Ann::new().await;
    for (n, announced, kept) in [
        (1, Some((640, 480)), Some((640, 480))),
        (2, Some((640, 0)), None),
        (3, None, None),
    ] {
        let mut incoming = file_from_bo(&format!("f{n}"), NOON + n, None);
        if let IncomingContent::File { dimensions, .. } = &mut incoming.content {
            *dimensions = announced;
        }
        let id = ann.merge(incoming).await.id;
        let row = ann.store.reader().message(id).await.unwrap().unwrap();
        let Content::File { dimensions, .. } = row.content else {
            panic!("{row:?}")
        };
        assert_eq!(dimensions, kept);
    }
}
