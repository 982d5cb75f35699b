//! The archive in the store: the cursor of before, gaps in windows, marks that come before what they mark.

use api::{Gap, MessageState};
use rusqlite::Connection;

use super::*;
use crate::{Asked, Covered, schema};

fn covered(asked: Asked, ids: &[(&str, Millis)]) -> Covered {
    Covered {
        asked,
        ids: ids.iter().map(|(id, at)| ((*id).to_owned(), *at)).collect(),
        complete: false,
        total: None,
    }
}

/// The ranges that a cursor of before becomes.
fn migrated(meta: &str) -> String {
    let mut connection = Connection::open_in_memory().unwrap();
    for (_, sql) in schema::STEPS.iter().take(2) {
        connection.execute_batch(sql).unwrap();
    }
    connection.pragma_update(None, "user_version", 2).unwrap();
    connection
        .execute_batch(
            "INSERT INTO chat (address, title) VALUES ('bo@x', 'bo');
             INSERT INTO message (chat, author, own, at, kind, state, server_id, place)
             VALUES (1, 'bo@x', 0, 5, 0, 6, 'o', 20), (1, 'ann@x', 1, 7, 0, 4, 'n', 28);",
        )
        .unwrap();
    connection.execute_batch(meta).unwrap();
    schema::migrate(&mut connection).unwrap();
    let left: i64 = connection
        .query_row(
            "SELECT count(*) FROM meta WHERE key LIKE 'archive%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(left, 0);
    let confirmed: i64 = connection
        .query_row("SELECT confirmed_at FROM chat", [], |row| row.get(0))
        .unwrap();
    assert_eq!(confirmed, 7);
    format!("{:?}", crate::archive::read(&connection).unwrap().ranges())
}

#[test]
fn the_one_range_of_before_is_kept() {
    let both = migrated("INSERT INTO meta VALUES ('archive_newest', 'n'), ('archive_oldest', 'o')");
    assert_eq!(
        both,
        "[ArchiveRange { oldest: \"o\", oldest_at: 5, newest: \"n\", newest_at: 7, complete: false, items: 2 }]"
    );
    let empty = migrated("INSERT INTO meta VALUES ('archive_complete', '1')");
    assert!(
        empty.contains("oldest: \"\"") && empty.contains("complete: true"),
        "{empty}"
    );
    assert_eq!(migrated(""), "[]");
}

#[tokio::test]
async fn a_window_names_its_gaps() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    assert!(!window(&ann, WindowAnchor::Latest).await.older_missing);
    let gap = Gap {
        after: NOON + 30,
        before: NOON + 900,
    };
    ann.store
        .write(move |tx| {
            for n in 0..100 {
                tx.merge(&from_bo(&format!("a{n}"), NOON + n / 4, "x"))?;
                tx.merge(&from_bo(&format!("b{n}"), NOON + 1000 + n / 4, "x"))?;
            }
            let mut archive = tx.archive()?;
            archive.cover(&covered(Asked::Newest, &[("a0", NOON), ("a99", NOON + 30)]));
            archive.cover(&covered(
                Asked::Newest,
                &[("b0", NOON + 900), ("b99", NOON + 1030)],
            ));
            tx.set_archive(&archive)
        })
        .await
        .unwrap();
    let latest = window(&ann, WindowAnchor::Latest).await;
    assert_eq!((latest.gaps.len(), latest.older_missing), (0, true));
    let cursor = latest.rows[0].cursor();
    // Ends 40 rows below the newest ones.
    let older = window(&ann, WindowAnchor::Before { cursor }).await;
    assert_eq!(older.gaps, [gap]);
    let oldest = older.rows[0].cursor();
    let before = window(&ann, WindowAnchor::Before { cursor: oldest }).await;
    assert_eq!(before.gaps, []);
    // A border of two stretches belongs to both.
    let newer = older.rows.iter().find(|row| row.at >= NOON + 1000).unwrap();
    let cursor = newer.cursor();
    let below = window(&ann, WindowAnchor::Before { cursor }).await;
    let above = window(
        &ann,
        WindowAnchor::After {
            cursor: below.rows.last().unwrap().cursor(),
        },
    )
    .await;
    assert_eq!((below.gaps, above.gaps), (vec![gap], vec![gap]));
    // All of the chat that the archive has is here.
    ann.store
        .write(move |tx| tx.set_chat_whole(chat))
        .await
        .unwrap();
    let latest = window(&ann, WindowAnchor::Latest).await;
    assert!(!latest.older_missing);
}

/// What was said from here and never seen in the archive is known all the same: the gap is behind it.
#[tokio::test]
async fn a_gap_begins_after_what_is_known() {
    let ann = Ann::new().await;
    ann.store
        .write(move |tx| {
            let chat = tx.ensure_chat(BO)?;
            tx.merge(&from_bo("a", NOON, "old"))?;
            tx.add_text(chat, "mine", NOON + 30, "said before the line broke")?;
            tx.merge(&from_bo("b", NOON + 900, "new"))?;
            let mut archive = tx.archive()?;
            archive.cover(&covered(Asked::Newest, &[("a", NOON)]));
            archive.cover(&covered(Asked::Newest, &[("b", NOON + 900)]));
            tx.set_archive(&archive)
        })
        .await
        .unwrap();
    let gap = Gap {
        after: NOON + 30,
        before: NOON + 900,
    };
    assert_eq!(window(&ann, WindowAnchor::Latest).await.gaps, [gap]);
}

/// A server that stamps whole seconds, whose page ends amid one.
#[tokio::test]
async fn a_gap_within_one_time_has_its_row() {
    let ann = Ann::new().await;
    let gap = Gap {
        after: NOON,
        before: NOON,
    };
    ann.store
        .write(move |tx| {
            for n in 0..200 {
                tx.merge(&from_bo(&format!("a{n}"), NOON, "x"))?;
            }
            let mut archive = tx.archive()?;
            archive.cover(&covered(Asked::Newest, &[("a0", NOON), ("a99", NOON)]));
            archive.cover(&covered(Asked::Newest, &[("b0", NOON), ("b99", NOON)]));
            tx.set_archive(&archive)
        })
        .await
        .unwrap();
    let latest = window(&ann, WindowAnchor::Latest).await;
    let cursor = latest.rows[0].cursor();
    let older = window(&ann, WindowAnchor::Before { cursor }).await;
    assert_eq!((latest.gaps, older.gaps), (vec![gap], vec![gap]));
}

async fn window(ann: &Ann, anchor: WindowAnchor) -> api::Window {
    let chat = ann.chat().await;
    ann.store.reader().window(chat, anchor).await.unwrap()
}

#[tokio::test]
async fn marks_wait_for_what_they_mark() {
    let ann = Ann::new().await;
    let page = |ids: &[(&str, Millis)]| covered(Asked::Newest, ids);
    let newest = page(&[("s9", NOON + 9000)]);
    ann.store
        .write(move |tx| {
            tx.archived_receipt(BO, "o2", MessageState::Read)?;
            tx.archived_receipt(BO, "o3", MessageState::Delivered)?;
            tx.archived_read_elsewhere(BO, "b1")?;
            let mut archive = tx.archive()?;
            archive.cover(&newest);
            tx.set_archive(&archive)
        })
        .await
        .unwrap();
    let old = |id: &str, n: i64| {
        archived(
            &format!("s{n}"),
            from_ann(id, NOON + n, "mine", Source::Archive),
        )
    };
    // No chat for what nobody has said anything in.
    assert_eq!(ann.store.reader().counts().await.unwrap().chats, 0);
    for (id, n) in [("o4", 4), ("o3", 3)] {
        ann.merge(old(id, n)).await;
    }
    ann.merge(archived("t2", from_bo("b2", NOON + 2, "later")))
        .await;
    ann.merge(old("o2", 2)).await;
    ann.merge(archived("t1", from_bo("b1", NOON + 1, "there?")))
        .await;
    ann.merge(old("o1", 0)).await;
    assert_eq!(
        ann.dump().await,
        "ann|read|mine\nbo|received|there?\nbo|received|later\nann|read|mine\nann|delivered|mine\nann|sent|mine\n"
    );
    // They go with the last hole.
    ann.store
        .write(|tx| {
            tx.archived_receipt(BO, "never", MessageState::Delivered)?;
            let mut archive = tx.archive()?;
            archive.cover(&Covered {
                complete: true,
                ..covered(Asked::Before("s9".into()), &[("s0", NOON)])
            });
            tx.set_archive(&archive)
        })
        .await
        .unwrap();
    ann.merge(old("never", 8)).await;
    assert!(ann.dump().await.ends_with("ann|sent|mine\n"));
}

#[tokio::test]
async fn nobody_gets_two_receipts() {
    let ann = Ann::new().await;
    let reader = ann.store.reader();
    ann.store
        .write(|tx| tx.archived_receipt_given(BO, "b"))
        .await
        .unwrap();
    ann.merge(archived("s2", from_bo("b", NOON + 2, "second")))
        .await;
    assert_eq!(reader.counts().await.unwrap().outbox, 0);
    ann.merge(archived("s1", from_bo("a", NOON + 1, "first")))
        .await;
    assert_eq!(reader.counts().await.unwrap().outbox, 1);
    ann.store
        .write(|tx| tx.archived_receipt_given(BO, "a"))
        .await
        .unwrap();
    assert_eq!(reader.counts().await.unwrap().outbox, 0);
}
