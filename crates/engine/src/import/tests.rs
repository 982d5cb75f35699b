//! Folders taken in: back as they were, into other accounts, twice, and from people who mean harm.

mod client;
mod hostile;

use std::path::Path;

use proptest::prelude::*;
use store::{ArchiveRange, Asked, Covered, ExportArchive, Store};

use super::source::Source;
use super::take::{ImportError, Task, run};
use crate::export::tests::{ANN, Deed, Person, deeds, normal, runtime};

const BEA: &str = "bea@elsewhere.org";

/// Takes a folder in; killed after so many steps.
pub(super) async fn import(
    store: &Store,
    address: &str,
    root: &Path,
    steps: usize,
) -> Result<(), ImportError> {
    let source = Source::open(root)?;
    let task = Task {
        store: store.clone(),
        runtime: tokio::runtime::Handle::current(),
        source,
        address: address.into(),
    };
    tokio::task::spawn_blocking(move || {
        let mut left = steps;
        run(task, &mut |_, _| {
            left = left.saturating_sub(1);
            left > 0
        })
    })
    .await
    .unwrap()
}

impl Person {
    async fn import(&self, root: &Path) {
        import(&self.store, &self.address, root, usize::MAX)
            .await
            .unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_went_out_comes_back(deeds in deeds(0..40), kills in proptest::collection::vec(1_usize..20, 0..3)) {
        runtime().block_on(async {
            let mut ann = Person::new(ANN).await;
            ann.lives(&deeds).await;
            let root = ann.folder("out");
            ann.export_all(&root).await;
            let before = normal(&ann.store, ANN, true).await;

            let again = Person::new(ANN).await;
            for steps in kills {
                let _ = import(&again.store, ANN, &root, steps).await;
            }
            again.import(&root).await;
            assert_eq!(normal(&again.store, ANN, true).await, before);
            let head = again.store.head();
            again.import(&root).await;
            assert_eq!(again.store.head(), head, "an import that brings nothing changes nothing");
            assert!(again.store.reader().outbox_is_empty().await.unwrap());

            ann.import(&root).await;
            assert_eq!(normal(&ann.store, ANN, true).await, before);
        });
    }

    #[test]
    fn a_dead_server_loses_nothing(deeds in deeds(0..40)) {
        runtime().block_on(async {
            let mut ann = Person::new(ANN).await;
            ann.lives(&deeds).await;
            let root = ann.folder("out");
            ann.export_all(&root).await;
            let bea = Person::new(BEA).await;
            bea.import(&root).await;
            let without_archive = |mut chats: Vec<_>| {
                for chat in &mut chats {
                    let chat: &mut crate::export::tests::Normal = chat;
                    for (record, _) in &mut chat.records {
                        record.server_id = String::new();
                    }
                }
                chats
            };
            let expected = without_archive(normal(&ann.store, BEA, true).await);
            assert_eq!(normal(&bea.store, BEA, true).await, expected);
            let head = bea.store.head();
            bea.import(&root).await;
            assert_eq!(bea.store.head(), head);
        });
    }
}

#[tokio::test]
async fn lines_that_were_appended_stand_for_earlier_ones() {
    let mut ann = Person::new(ANN).await;
    let root = ann.folder("out");
    ann.lives(&[Deed::say("one"), Deed::say("two"), Deed::say("gone")])
        .await;
    ann.export_all(&root).await;
    ann.lives(&[Deed::Sent { nth: 0 }, Deed::Discard { nth: 2 }])
        .await;
    ann.export(&root, true, false, usize::MAX).await.unwrap();
    let bea = Person::new(BEA).await;
    bea.import(&root).await;
    let records = &normal(&bea.store, BEA, true).await[0].records;
    let states: Vec<_> = records.iter().map(|(record, _)| record.state).collect();
    assert_eq!(states, [api::MessageState::Sent, api::MessageState::Failed]);
}

#[tokio::test]
async fn a_search_finds_it_at_once() {
    let mut ann = Person::new(ANN).await;
    let root = ann.folder("out");
    ann.lives(&[Deed::say("明天下午三点"), Deed::say("tomorrow")])
        .await;
    ann.export_all(&root).await;
    let bea = Person::new(BEA).await;
    bea.import(&root).await;
    for text in ["下午", "tomorrow"] {
        let reader = bea.store.reader();
        let page = reader.search(text.into(), None, None, 0).await.unwrap();
        assert_eq!(page.hits.len(), 1, "{text}");
    }
    let chats = bea.store.reader().chats(None).await.unwrap().chats;
    assert_eq!(chats[0].last.as_ref().unwrap().preview, "tomorrow");
}

/// Reads a page of so many items, the newest of all or those before one.
async fn reads(person: &Person, asked: Asked, ids: std::ops::Range<i64>) {
    let ids = ids.map(|n| (format!("s{n}"), n * 1000)).collect();
    let page = Covered {
        asked,
        ids,
        complete: false,
        total: None,
    };
    let done = person.store.write(move |tx| {
        let mut archive = tx.archive()?;
        archive.cover(&page);
        tx.archived_receipt("bo@localhost", "not here", api::MessageState::Read)?;
        tx.set_archive(&archive)
    });
    done.await.unwrap();
}

async fn archive(person: &Person) -> ExportArchive {
    person.store.reader().export_archive().await.unwrap()
}

#[tokio::test]
async fn how_far_the_archive_was_read_comes_back() {
    let mut ann = Person::new(ANN).await;
    let root = ann.folder("out");
    let early = Deed::FollowUp {
        nth: 39,
        own: true,
        named: true,
        archived: true,
        content: 0,
    };
    ann.lives(&[Deed::say("one"), Deed::say("two"), early])
        .await;
    reads(&ann, Asked::Newest, 10..20).await;
    reads(&ann, Asked::Newest, 30..40).await;
    ann.export_all(&root).await;
    let before = archive(&ann).await;
    assert_eq!(
        (
            before.ranges.len(),
            before.marks.len(),
            before.waiting.len()
        ),
        (2, 1, 1)
    );
    let again = Person::new(ANN).await;
    again.import(&root).await;
    assert_eq!(archive(&again).await, before);
    again.import(&root).await;
    assert_eq!(archive(&again).await, before);

    // What was read here since stands above, with a hole between.
    let later = Person::new(ANN).await;
    reads(&later, Asked::Newest, 50..60).await;
    later.import(&root).await;
    let newest = |archive: &ExportArchive| -> Vec<String> {
        let newest = |range: &ArchiveRange| range.newest.clone();
        archive.ranges.iter().map(newest).collect()
    };
    assert_eq!(newest(&archive(&later).await), ["s19", "s39", "s59"]);

    // Another account's archive is another one; what was said waits all the same.
    let bea = Person::new(BEA).await;
    bea.import(&root).await;
    let there = archive(&bea).await;
    assert_eq!((there.ranges.len(), there.waiting.len()), (0, 1));
    assert_eq!(there.waiting[0].1.author, BEA);

    // A folder that lost a message hides no hole.
    let chats = std::fs::read_dir(root.join("chats")).unwrap();
    for chat in chats {
        let lines = chat.unwrap().path().join("messages.jsonl");
        let text = std::fs::read_to_string(&lines).unwrap();
        let (_, rest) = text.split_once('\n').unwrap();
        std::fs::write(&lines, rest).unwrap();
    }
    let robbed = Person::new(ANN).await;
    robbed.import(&root).await;
    assert_eq!(archive(&robbed).await.ranges.len(), 0);
}
