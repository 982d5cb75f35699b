//! Broken files: nothing panics or hangs, what is outside the broken pages is kept, and it is told.

use std::path::PathBuf;

use rusqlite::Connection;

use super::*;
use crate::{Health, health};

const MESSAGES: u64 = 3_000;

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap()
    }
}

/// A history whose archive is here whole, closed: its folder, and what each page is: name, type, rows.
struct Corpus {
    folder: TempDir,
    pages: Vec<(String, usize, String, u64)>,
}

fn file_of(folder: &Path) -> PathBuf {
    folder.join("millet.db")
}

async fn corpus() -> Corpus {
    let ann = Ann::new().await;
    ann.store
        .write(|tx| {
            for n in 0..MESSAGES {
                let at = NOON + i64::try_from(n).unwrap() * 1000;
                let id = format!("m{n}");
                let words = match n % 50 {
                    0 => format!("long {n} ").repeat(1_500),
                    _ => format!("message number {n} about rivers and mountains"),
                };
                let incoming = match n % 3 {
                    0 => from_ann(&id, at, &words, Source::Carbon),
                    _ if n % 50 == 7 => voice_from_bo(&id, at),
                    _ => from_bo(&id, at, &words),
                };
                let incoming = Incoming {
                    chat: format!("friend{}@localhost", n % 40),
                    wants_receipt: false,
                    ..archived(&format!("s{n}"), incoming)
                };
                tx.merge(&incoming)?;
            }
            let mut archive = tx.archive()?;
            archive.cover(&crate::Covered {
                asked: crate::Asked::Newest,
                ids: vec![("s0".into(), NOON), ("s2999".into(), NOON + 2_999_000)],
                complete: true,
                total: Some(MESSAGES),
            });
            tx.set_archive(&archive)
        })
        .await
        .unwrap();
    ann.store.close().await;
    let connection = Connection::open(file_of(ann.path())).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE gone (x); INSERT INTO gone SELECT randomblob(9000) FROM message LIMIT 50;
             DROP TABLE gone;",
        )
        .unwrap();
    let mut statement = connection
        .prepare("SELECT name, pageno, pagetype, ncell FROM dbstat ORDER BY pageno")
        .unwrap();
    let pages = statement
        .query_map([], |row| {
            let number: i64 = row.get(1)?;
            let cells: i64 = row.get(3)?;
            let number = usize::try_from(number).unwrap();
            Ok((row.get(0)?, number, row.get(2)?, cells.unsigned_abs()))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    drop(statement);
    connection.close().unwrap();
    Corpus {
        folder: ann.folder,
        pages,
    }
}

impl Corpus {
    fn bytes(&self) -> Vec<u8> {
        std::fs::read(file_of(self.folder.path())).unwrap()
    }

    fn pages_of(&self, name: &str, kind: &str) -> Vec<(usize, u64)> {
        let found: Vec<_> = self
            .pages
            .iter()
            .filter(|page| page.0 == name && page.2 == kind)
            .map(|page| (page.1, page.3))
            .collect();
        assert!(!found.is_empty(), "{name} {kind}");
        found
    }
}

fn folder_with(bytes: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(file_of(folder.path()), bytes).unwrap();
    folder
}

fn set_aside(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("millet-damaged-") && name.ends_with(".db")
    };
    paths.filter(named).collect()
}

/// Reads every row and makes the search index.
async fn use_all(store: &Store) -> Result<u64, crate::StoreError> {
    let reader = store.reader();
    let mut rows = 0;
    for chat in &reader.chats(None).await?.chats {
        let mut page = reader.window(chat.id, WindowAnchor::Latest).await?;
        while let Some(first) = page.rows.first() {
            rows += page.rows.len() as u64;
            let cursor = first.cursor();
            let before = WindowAnchor::Before { cursor };
            page = reader.window(chat.id, before).await?;
        }
    }
    while !store.write(|tx| tx.rebuild_search()).await?.complete {}
    Ok(rows)
}

/// Opens, checks and uses it, and opens again where damage was met. Returns what is there in the end.
async fn saved(folder: &Path) -> (Store, u64) {
    for _ in 0..3 {
        let store = Store::open(folder).unwrap();
        let reader = store.reader();
        if reader.check(|| true).await.unwrap() != Health::Damaged {
            match use_all(&store).await {
                Ok(rows) => {
                    assert_eq!(reader.check(|| true).await.unwrap(), Health::Sound);
                    assert_eq!(reader.counts().await.unwrap().messages, rows);
                    return (store, rows);
                }
                Err(error) => assert!(error.is_damage(), "{error:?}"),
            }
        }
        store.damaged().await;
        store.close().await;
    }
    panic!("it is damaged for good");
}

/// Breaks `pages` in some way, a few times over.
async fn breaking(corpus: &Corpus, name: &str, kind: &str, lost: impl Fn(u64) -> u64) {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d ^ name.len() as u64);
    let pages = corpus.pages_of(name, kind);
    for whole in [false, true, false, true] {
        let (page, cells) = pages[dice.roll(pages.len())];
        let mut bytes = corpus.bytes();
        let start = (page - 1) * 4096;
        let header = if page == 1 { 100 } else { 0 };
        for at in 0..4096 {
            // All of the page, or its head and some of the rest.
            if whole || (header..header + 12).contains(&at) || dice.roll(40) == 0 {
                bytes[start + at] ^= u8::try_from(dice.roll(255) + 1).unwrap();
            }
        }
        let folder = folder_with(&bytes);
        let (store, kept) = saved(folder.path()).await;
        assert!(
            kept + lost(cells) >= MESSAGES && kept <= MESSAGES,
            "{name} {kind} {page}, {whole}: {kept} kept, {cells} rows in it"
        );
        let reader = store.reader();
        let (_, recovered) = reader.verified().await.unwrap();
        let aside = set_aside(folder.path());
        let recovered = recovered.unwrap_or_else(|| panic!("{name} {kind} {page} went unseen"));
        assert_eq!(recovered.messages, kept);
        assert_eq!(aside, [folder.path().join(&recovered.file)]);
        // Nobody knows what is missing, so all of it is asked for again.
        let archive = reader.archive().await.unwrap();
        assert!(archive.ranges().is_empty());
        store.close().await;
    }
}

#[tokio::test]
async fn broken_rows_cost_their_page() {
    let corpus = corpus().await;
    breaking(&corpus, "message", "leaf", |cells| cells).await;
    breaking(&corpus, "message", "internal", |_| 0).await;
}

#[tokio::test]
async fn a_broken_long_text_costs_itself() {
    let corpus = corpus().await;
    let mut dice = Dice(99);
    let pages = corpus.pages_of("message", "overflow");
    let mut bytes = corpus.bytes();
    let (page, _) = pages[dice.roll(pages.len())];
    bytes[(page - 1) * 4096..][..4096].fill(0xff);
    let folder = folder_with(&bytes);
    let (_store, kept) = saved(folder.path()).await;
    assert!(kept + 1 >= MESSAGES, "{kept}");
}

#[tokio::test]
async fn broken_indices_cost_nothing() {
    let corpus = corpus().await;
    for (name, kind) in [
        ("message_timeline", "leaf"),
        ("message_timeline", "internal"),
        ("message_server", "leaf"),
        ("message_search_data", "leaf"),
        ("message_search_idx", "leaf"),
        ("chat_list", "leaf"),
    ] {
        breaking(&corpus, name, kind, |_| 0).await;
    }
}

/// The head of the file and of its first tree, or only that: SQLite cannot open it at all.
#[tokio::test]
async fn a_broken_beginning_costs_no_message() {
    let corpus = corpus().await;
    for broken in [0..16, 0..100, 0..120, 0..4096] {
        let mut bytes = corpus.bytes();
        bytes[broken.clone()].fill(0xa5);
        let folder = folder_with(&bytes);
        let (store, kept) = saved(folder.path()).await;
        assert_eq!(kept, MESSAGES, "{broken:?}");
        let address = store.reader().meta(key::ADDRESS).await.unwrap();
        assert_eq!(address.as_deref(), Some(ANN), "{broken:?}");
    }
}

#[tokio::test]
async fn half_a_file_gives_what_it_holds() {
    let corpus = corpus().await;
    let bytes = corpus.bytes();
    for length in [
        bytes.len() / 2,
        bytes.len() / 2 + 1000,
        4096 * 3,
        4096,
        50,
        1,
    ] {
        let folder = folder_with(&bytes[..length]);
        let (store, kept) = saved(folder.path()).await;
        // Rows are spread evenly, a third of the file at most is something else.
        assert!(
            length < bytes.len() / 2 || kept > MESSAGES / 4,
            "{length}: {kept}"
        );
        assert_eq!(set_aside(folder.path()).len(), 1);
        store.close().await;
    }
}

#[tokio::test]
async fn nothing_and_garbage_are_told() {
    for bytes in [vec![], vec![0x55; 8192], vec![0; 20_000], b"hello".to_vec()] {
        let folder = folder_with(&bytes);
        let (store, kept) = saved(folder.path()).await;
        assert_eq!(kept, 0);
        let (_, recovered) = store.reader().verified().await.unwrap();
        assert!(recovered.is_some(), "{} bytes", bytes.len());
        store.close().await;
        // Once is enough.
        let _store = Store::open(folder.path()).unwrap();
        assert_eq!(set_aside(folder.path()).len(), 1);
    }
}

#[tokio::test]
async fn random_bytes_anywhere() {
    let corpus = corpus().await;
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for round in 0..40 {
        let mut bytes = corpus.bytes();
        let flips = 1 + round / 4;
        for _ in 0..flips {
            let at = dice.roll(bytes.len());
            bytes[at] ^= 1 << dice.roll(8);
        }
        let folder = folder_with(&bytes);
        let (store, kept) = saved(folder.path()).await;
        // Thirty rows fit a page.
        assert!(kept + 40 * flips as u64 >= MESSAGES, "{round}: {kept}");
        store.close().await;
    }
}

/// Said to ann, and nothing of it written back from the log into the database: both files.
async fn logged(messages: u64) -> (Vec<u8>, Vec<u8>) {
    let ann = Ann::new().await;
    for n in 0..messages {
        let at = NOON + i64::try_from(n).unwrap();
        ann.merge(from_bo(&format!("m{n}"), at, "words")).await;
    }
    let log = ann.path().join("millet.db-wal");
    (
        std::fs::read(file_of(ann.path())).unwrap(),
        std::fs::read(log).unwrap(),
    )
}

/// How many transactions the log ends from a byte on: their last frames tell the size of the database (file format, §4.1).
fn ends_from(log: &[u8], byte: usize) -> u64 {
    const FRAME: usize = 24 + 4096;
    let frames = (32..log.len()).step_by(FRAME);
    let ends = |at: &usize| log.get(at + 4..at + 8).is_some_and(|size| size != [0; 4]);
    frames.filter(|at| at + FRAME > byte).filter(ends).count() as u64
}

/// The log lost some of its end, or holds garbage: what was committed before that is there.
#[tokio::test]
async fn a_broken_log() {
    let (database, whole) = logged(300).await;
    let mut dice = Dice(7);
    for round in 0..20 {
        let folder = folder_with(&database);
        let mut log = whole.clone();
        let at = dice.roll(log.len());
        match round % 2 {
            0 => log.truncate(at),
            _ => log[at] ^= 0x10,
        }
        std::fs::write(folder.path().join("millet.db-wal"), &log).unwrap();
        let (store, kept) = saved(folder.path()).await;
        assert!(kept + ends_from(&whole, at) >= 300, "{round}: {kept}");
        store.close().await;
    }
}

/// The database lost its beginning or all of it, and the log is whole: what is in the log is there, and what was damaged
/// is set aside as it was.
#[tokio::test]
async fn a_log_without_its_database() {
    let (database, log) = logged(150).await;
    for length in [0, 50, 4096] {
        let folder = folder_with(&database[..length]);
        std::fs::write(folder.path().join("millet.db-wal"), &log).unwrap();
        health::note(folder.path());
        let (store, kept) = saved(folder.path()).await;
        assert_eq!(kept, 150, "{length}");
        let aside = set_aside(folder.path());
        let [aside] = aside.as_slice() else {
            panic!("{aside:?}")
        };
        assert_eq!(std::fs::read(aside).unwrap(), database[..length]);
        let aside_log = aside.with_extension("db-wal");
        assert_eq!(std::fs::read(aside_log).unwrap(), log);
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        let copies = left.iter().flatten().map(std::fs::DirEntry::file_name);
        assert!(
            !copies
                .into_iter()
                .any(|name| name.to_string_lossy().contains("copy"))
        );
        store.close().await;
    }
}

/// Only the search index disagrees with itself: it is made anew, and nothing else is touched.
#[tokio::test]
async fn a_search_index_alone_is_made_anew() {
    for sql in [
        "DELETE FROM message_search_data WHERE id IN
            (SELECT id FROM message_search_data WHERE id > 10 LIMIT 3)",
        "UPDATE message_search_data SET block = zeroblob(length(block))
            WHERE id = (SELECT min(id) FROM message_search_data WHERE id > 10)",
    ] {
        let corpus = corpus().await;
        let connection = Connection::open(file_of(corpus.folder.path())).unwrap();
        assert!(connection.execute(sql, []).unwrap() > 0);
        connection.close().unwrap();
        let store = Store::open(corpus.folder.path()).unwrap();
        let reader = store.reader();
        assert_eq!(
            reader.check(|| true).await.unwrap(),
            Health::SearchDamaged,
            "{sql}"
        );
        store.write(|tx| tx.empty_search()).await.unwrap();
        assert_eq!(use_all(&store).await.unwrap(), MESSAGES);
        assert_eq!(reader.check(|| true).await.unwrap(), Health::Sound);
        assert!(!reader.archive().await.unwrap().ranges().is_empty());
        assert!(set_aside(corpus.folder.path()).is_empty());
        store.close().await;
    }
}

#[tokio::test]
async fn a_check_gives_way() {
    let corpus = corpus().await;
    let store = Store::open(corpus.folder.path()).unwrap();
    let checked = store.reader().check(|| false).await.unwrap();
    assert_eq!(checked, Health::Unknown);
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(corpus.folder.path().join("millet.db-wal"))
        .unwrap();
    // As much as nobody wants a check to keep.
    log.set_len(65 << 20).unwrap();
    let checked = store.reader().check(|| true).await.unwrap();
    assert_eq!(checked, Health::Unknown);
    store.close().await;
}

/// Met by a read or a write in the middle of a run: it is told, and the next open mends it.
#[tokio::test]
async fn damage_under_way_is_told() {
    let corpus = corpus().await;
    let bytes = corpus.bytes();
    let folder = folder_with(&bytes);
    let store = Store::open(folder.path()).unwrap();
    let mut broken = bytes.clone();
    for (page, _) in corpus.pages_of("message", "leaf") {
        broken[(page - 1) * 4096..][..4096].fill(0xff);
    }
    std::fs::write(file_of(folder.path()), &broken).unwrap();
    let failed = store
        .write(|tx| tx.merge(&from_bo("s1", NOON, "x")).map(drop))
        .await;
    let reader = store.reader();
    let chats = reader.chats(None).await;
    assert!(failed.is_err() || chats.is_err());
    store.damaged().await;
    store.close().await;
    let (store, kept) = saved(folder.path()).await;
    assert_eq!(kept, 0);
    assert_eq!(set_aside(folder.path()).len(), 1);
    store.close().await;
}
