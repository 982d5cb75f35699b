//! The commands of the search on a history without a server.

use api::{
    Call, Days, Feed, RebuildSearch, Search, SearchCompletions, SearchPage, Signal, StopRebuild,
};
use store::{Incoming, IncomingContent, Source, Store, key};

use crate::{Client, Env, Keyring};

const HISTORY: i64 = 2500;
const NOON: i64 = 1_767_268_800_000;

/// A home whose account was signed in before, with an index that is not made yet.
async fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("accounts").join("ab12");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(home.path().join("current"), "ab12").unwrap();
    let store = Store::open(&folder).unwrap();
    store
        .write(|tx| {
            tx.set_meta(key::ADDRESS, Some("ann@localhost"))?;
            (0..HISTORY).try_for_each(|n| tx.merge(&incoming(n)).map(drop))?;
            tx.empty_search()
        })
        .await
        .unwrap();
    store.close().await;
    home
}

fn incoming(n: i64) -> Incoming {
    Incoming {
        chat: "bo@localhost".into(),
        author: "bo@localhost".into(),
        own: false,
        at: NOON + n,
        stanza_id: None,
        origin_id: Some(format!("m{n}")),
        server_id: None,
        content: IncomingContent::Text {
            body: format!("word {n}"),
        },
        wants_receipt: false,
        markable: false,
        source: Source::Archive,
        reply_address: "bo@localhost".into(),
        reply: None,
    }
}

async fn start(home: &tempfile::TempDir) -> Client {
    let env = Env {
        keyring: Keyring::None,
        password: None,
        ..Env::system()
    };
    Client::start(home.path().to_path_buf(), env).await.unwrap()
}

async fn ask<C: Call>(client: &Client, call: C) -> C::Reply {
    let answer = client.call(call.into_command()).await.unwrap();
    serde_json::from_value(answer.value).unwrap()
}

async fn find(client: &Client, text: &str) -> SearchPage {
    let search = Search {
        text: text.into(),
        chat: None,
        after: None,
        utc_offset_min: 0,
    };
    ask(client, search).await
}

#[tokio::test]
async fn an_index_is_made_in_the_background_and_searched() {
    let home = home().await;
    let client = start(&home).await;
    let (_reset, mut feed) = client.subscribe().await.unwrap();
    ask(&client, StopRebuild {}).await;
    ask(&client, RebuildSearch {}).await;
    let page = loop {
        let Feed::Signal(Signal::Job { ended, .. }) = feed.recv().await.unwrap() else {
            continue;
        };
        let page = find(&client, "word 2499").await;
        // The one of the start ends, too, when another takes its place.
        if ended && !page.indexing {
            break page;
        }
    };
    assert_eq!(page.hits.len(), 1);
    assert_eq!(page.hits[0].snippet, "word 2499");
    let days = Days {
        chat: page.hits[0].chat,
        from: NOON - 1000,
        until: NOON + HISTORY,
        utc_offset_min: 0,
    };
    let days = ask(&client, days).await;
    assert_eq!(days[0].count, 2500);
    let names = SearchCompletions {
        text: "from:b".into(),
        cursor: 6,
    };
    assert_eq!(ask(&client, names).await[0].insert, "from:bo ");
    client.shutdown().await;

    let client = start(&home).await;
    assert!(!find(&client, "word").await.indexing);
    client.shutdown().await;
}
