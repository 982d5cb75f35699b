//! Searching, through the public surface.

use api::{MessageId, SearchCursor, SearchPage};
use proptest::prelude::*;

use super::*;
use crate::StoreError;

impl Ann {
    async fn ask(&self, text: &str) -> SearchPage {
        let reader = self.store.reader();
        reader.search(text.into(), None, None, 0).await.unwrap()
    }

    /// Times of the hits after noon, newest first.
    async fn find(&self, text: &str) -> Vec<i64> {
        let page = self.ask(text).await;
        page.hits.iter().map(|hit| hit.at - NOON).collect()
    }

    async fn say(&self, n: i64, chat: &str, body: &str) -> MessageId {
        let incoming = Incoming {
            chat: chat.into(),
            author: chat.into(),
            ..from_bo(&format!("s{n}"), NOON + n, body)
        };
        self.merge(incoming).await.id
    }
}

async fn talk(bodies: &[&str]) -> Ann {
    let ann = Ann::new().await;
    for (n, body) in (0..).zip(bodies) {
        ann.say(n, BO, body).await;
    }
    ann
}

#[tokio::test]
async fn words_are_found_in_every_script() {
    let ann = talk(&[
        "今天天气很好，我们去公园吧",
        "안녕하세요 오늘 만나요",
        "Let's meet at the Café tomorrow",
        "会議は明日の午後 meeting room B",
        "繁體：電話號碼 0138-1234567 ｶﾞﾗｽ",
        "see https://example.org/path/to-file?q=1 👍🏽",
    ])
    .await;
    for (text, hits) in [
        ("公园", vec![0]),
        ("天气很好", vec![0]),
        ("好", vec![0]),
        ("吧", vec![0]),
        ("好我", vec![]),
        ("气天", vec![]),
        ("하세요", vec![1]),
        ("cafe", vec![2]),
        ("CAFÉ", vec![2]),
        ("meet", vec![3, 2]),
        ("m", vec![3, 2]),
        ("meeting 明日", vec![3]),
        ("会议", vec![3]),
        ("會議", vec![3]),
        ("电话号码", vec![4]),
        ("ガラス", vec![4]),
        ("2345", vec![4]),
        ("３４５", vec![4]),
        ("9", vec![]),
        ("example.org", vec![5]),
        ("path", vec![5]),
        ("👍", vec![5]),
        ("\" OR 1 NEAR(", vec![]),
        ("!!", vec![]),
        ("", vec![]),
        ("\"at the cafe\"", vec![2]),
        ("\"the at\"", vec![]),
    ] {
        assert_eq!(ann.find(text).await, hits, "{text}");
    }
}

#[tokio::test]
async fn hits_say_what_they_are() {
    let ann = talk(&["a 漢語 word"]).await;
    let hit = &ann.ask("汉语").await.hits[0];
    assert_eq!(
        (hit.snippet.as_str(), &hit.marks[..]),
        ("a 漢語 word", &[(2, 8)][..])
    );
    assert_eq!(
        (hit.author.as_str(), hit.own, hit.chat_title.as_str()),
        (BO, false, "bo")
    );
    ann.merge(voice_from_bo("v", NOON + 9)).await;
    let hit = &ann.ask("has:voice").await.hits[0];
    assert_eq!((hit.duration_ms, hit.kind), (2500, api::Kind::Voice));
}

#[tokio::test]
async fn operators_narrow() {
    let ann = talk(&["lunch", "https://a.org lunch"]).await;
    ann.say(2, "cy@example.org", "lunch").await;
    ann.merge(from_ann("o", NOON + 3, "lunch", Source::Live))
        .await;
    ann.merge(voice_from_bo("v", NOON + 4)).await;
    let file = |id: &str, at, media_type: &str| Incoming {
        content: IncomingContent::File {
            dimensions: None,
            url: format!("https://a.org/{id}"),
            name: "Übersicht 2024.pdf".into(),
            media_type: media_type.into(),
            size: None,
            sha256: None,
        },
        ..from_bo(id, NOON + at, "")
    };
    ann.merge(file("f", 5, "application/pdf")).await;
    ann.merge(file("i", 6, "image/png")).await;
    let day = 86_400_000;
    ann.merge(from_bo("late", NOON + day, "lunch")).await;
    for (text, hits) in [
        ("lunch", vec![day, 3, 2, 1, 0]),
        ("lunch from:cy", vec![2]),
        ("from:c lunch in:\"cy\"", vec![2]),
        ("from:example", vec![2]),
        ("from:me", vec![3]),
        ("from:nobody lunch", vec![]),
        ("from:!! lunch", vec![]),
        ("in:bo lunch", vec![day, 3, 1, 0]),
        ("has:link", vec![1]),
        ("has:voice", vec![4]),
        ("has:voice has:file", vec![5, 4]),
        ("has:image", vec![6]),
        ("has:file ubersicht", vec![5]),
        ("has:voice lunch", vec![]),
        ("after:2026-01-02", vec![day]),
        ("lunch before:2026-01-02", vec![3, 2, 1, 0]),
        ("lunch after:2026-01-02 before:2026-01-02", vec![]),
    ] {
        assert_eq!(ann.find(text).await, hits, "{text}");
    }
    let chat = ann.chat().await;
    let within = ann
        .store
        .reader()
        .search("lunch".into(), Some(chat), None, 0)
        .await;
    assert_eq!(within.unwrap().hits.len(), 4);
}

#[tokio::test]
async fn pages_go_on_where_they_ended() {
    let ann = Ann::new().await;
    ann.store
        .write(|tx| {
            // Eight to a millisecond, so that places are borrowed.
            (0..120).try_for_each(|n| {
                tx.merge(&from_bo(&format!("p{n}"), NOON + n / 8, "x"))
                    .map(drop)
            })
        })
        .await
        .unwrap();
    let reader = ann.store.reader();
    let (mut all, mut after, mut sizes) = (Vec::new(), None::<SearchCursor>, Vec::new());
    loop {
        let page = reader.search("x".into(), None, after, 0).await.unwrap();
        sizes.push(page.hits.len());
        all.extend(page.hits.into_iter().map(|hit| hit.message));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [50, 50, 20]);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 120);
}

#[tokio::test]
async fn many_at_one_moment_all_have_a_place() {
    let ann = Ann::new().await;
    ann.store
        .write(|tx| {
            (0..3000).try_for_each(|n| tx.merge(&from_bo(&format!("p{n}"), NOON, "x")).map(drop))
        })
        .await
        .unwrap();
    ann.say(-1, BO, "before").await;
    ann.merge(from_bo("min", i64::MIN, "smallest")).await;
    ann.merge(from_bo("max", i64::MAX, "largest")).await;
    assert_eq!(ann.ask("before").await.hits.len(), 1);
    assert_eq!(ann.ask("smallest").await.hits.len(), 1);
    assert_eq!(ann.ask("largest").await.hits.len(), 1);
}

#[tokio::test]
async fn what_is_discarded_or_changed_is_not_found() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let id = ann
        .store
        .write(move |tx| tx.add_text(chat, "o", NOON, "secret 秘密"))
        .await
        .unwrap();
    assert_eq!(ann.find("秘密").await.len(), 1);
    ann.store
        .write(move |tx| {
            tx.connection()
                .execute("UPDATE message SET body = 'other' WHERE id = ?1", [id.0])?;
            tx.index_again(id);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(ann.find("秘密").await, []);
    assert_eq!(ann.find("other").await.len(), 1);
    let row = ann.store.reader().outbox_due(NOON).await.unwrap();
    let row = row.iter().map(|row| row.id).max().unwrap();
    ann.store
        .write(move |tx| {
            tx.outbox_wedge(row, &api::FaultKind::Refused)?;
            tx.discard_message(id)
        })
        .await
        .unwrap();
    assert_eq!(ann.find("other").await, []);
}

#[tokio::test]
async fn a_newer_search_ends_the_one_before() {
    let ann = talk(&["one"]).await;
    let reader = ann.store.reader();
    let mut asked = Vec::new();
    for _ in 0..20 {
        let reader = reader.clone();
        asked.push(async move { reader.search("one".into(), None, None, 0).await.unwrap() });
    }
    let mut tasks = tokio::task::JoinSet::new();
    for question in asked {
        tasks.spawn(question);
    }
    let pages = tasks.join_all().await;
    assert!(pages.iter().any(|page| !page.stale && page.hits.len() == 1));
    assert!(pages.iter().all(|page| page.stale || page.hits.len() == 1));
    ann.store.close().await;
    let after = reader.search("one".into(), None, None, 0).await;
    assert!(matches!(after, Err(StoreError::Closed)));
}

#[tokio::test]
async fn the_index_is_made_anew_and_says_so() {
    let ann = Ann::new().await;
    ann.store
        .write(|tx| {
            (0..2500).try_for_each(|n| {
                tx.merge(&from_bo(&format!("p{n}"), NOON + n, "word"))
                    .map(drop)
            })
        })
        .await
        .unwrap();
    ann.store.write(|tx| tx.empty_search()).await.unwrap();
    let page = ann.ask("word").await;
    assert!(page.indexing && page.hits.is_empty());
    let step = ann.store.write(|tx| tx.rebuild_search()).await.unwrap();
    assert_eq!((step.done, step.total, step.complete), (1000, 2500, false));

    // What comes meanwhile is found; what changes or goes before its turn comes out right.
    ann.say(5000, BO, "word new").await;
    ann.store
        .write(|tx| {
            tx.connection()
                .execute("UPDATE message SET body = 'changed' WHERE id = 7", [])?;
            tx.index_again(MessageId(7));
            Ok(())
        })
        .await
        .unwrap();
    let page = ann.ask("word").await;
    assert!(page.indexing && page.hits[0].at == NOON + 5000);
    assert_eq!(ann.find("changed").await, [], "its turn is to come");

    let ann = ann.crashed();
    while !ann
        .store
        .write(|tx| tx.rebuild_search())
        .await
        .unwrap()
        .complete
    {}
    assert!(ann.store.reader().search_index().await.unwrap().complete);
    let mut found = 0;
    let mut after = None;
    loop {
        let reader = ann.store.reader();
        let page = reader.search("word".into(), None, after, 0).await.unwrap();
        assert!(!page.indexing);
        found += page.hits.len();
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, 2500);
    assert_eq!(ann.find("changed").await, [6]);
}

#[tokio::test]
async fn names_complete() {
    let ann = Ann::new().await;
    for (n, who) in (0..).zip(["anna@a.org", "bo@a.org", "andrew@b.org"]) {
        ann.say(n, who, "hi").await;
    }
    let complete = async |text: &str| -> Vec<String> {
        let reader = ann.store.reader();
        let end = u32::try_from(text.len()).unwrap();
        let all = reader.search_completions(text.into(), end).await.unwrap();
        all.into_iter()
            .map(|completion| completion.insert)
            .collect()
    };
    assert_eq!(complete("x from:an").await, ["from:andrew ", "from:anna "]);
    assert_eq!(complete("in:bo").await, ["in:bo "]);
    assert_eq!(complete("be").await, ["before:"]);
    assert_eq!(complete("has:v").await, ["has:voice "]);
    assert_eq!(complete("").await.len(), 5);
}

/// A store of before there were places.
#[tokio::test]
async fn an_older_store_is_indexed_after_the_update() {
    let folder = tempfile::tempdir().unwrap();
    let old = rusqlite::Connection::open(folder.path().join("millet.db")).unwrap();
    old.execute_batch(crate::schema::STEPS[0].1).unwrap();
    old.execute_batch(
        "PRAGMA user_version = 1;
         INSERT INTO chat (address, title) VALUES ('bo@localhost', 'bo');
         INSERT INTO message (chat, author, own, at, kind, state, body)
         VALUES (1, 'bo@localhost', 0, 5, 0, 6, '旧 words'), (1, 'bo@localhost', 0, 5, 0, 6, 'more words');",
    )
    .unwrap();
    drop(old);
    let store = Store::open(folder.path()).unwrap();
    let ann = Ann { folder, store };
    assert!(ann.ask("words").await.indexing);
    assert!(
        ann.store
            .write(|tx| tx.rebuild_search())
            .await
            .unwrap()
            .complete
    );
    assert_eq!(ann.ask("words").await.hits.len(), 2);
    assert_eq!(ann.ask("舊").await.hits.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Every stretch of one to four characters of an indexed text finds it.
    #[test]
    fn any_part_of_a_dense_text_finds_it(
        texts in prop::collection::vec("[天地玄黄宇宙洪荒日月電电あカ한국0-3]{1,12}", 1..6),
        pick in any::<prop::sample::Index>(), from in 0_usize..12, length in 1_usize..5,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let bodies: Vec<&str> = texts.iter().map(String::as_str).collect();
            let ann = talk(&bodies).await;
            let n = pick.index(texts.len());
            let part: String = texts[n].chars().skip(from).take(length).collect();
            if !part.is_empty() {
                let found = ann.find(&part).await;
                prop_assert!(found.contains(&i64::try_from(n).unwrap()), "{part} of {}", texts[n]);
            }
            Ok(())
        })?;
    }

    #[test]
    fn nothing_typed_is_an_error(text in "\\PC{0,20}|[a-c好\"*:() ^{}+-]{0,20}|(from|in|has|after):\\PC{0,9}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let ann = talk(&["好 a b c"]).await;
            let _page = ann.ask(&text).await;
        });
    }
}
