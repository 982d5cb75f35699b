//! How much of each chat is here.

use api::{ChatHistory, Gap};

use super::*;
use crate::{Asked, Covered};

fn covered(asked: Asked, first: (&str, Millis), last: (&str, Millis), complete: bool) -> Covered {
    Covered {
        asked,
        ids: [first, last].map(|(id, at)| (id.to_owned(), at)).to_vec(),
        complete,
        total: None,
    }
}

async fn cover(ann: &Ann, page: Covered) {
    ann.store
        .write(move |tx| {
            let mut archive = tx.archive()?;
            archive.cover(&page);
            tx.set_archive(&archive)
        })
        .await
        .unwrap();
}

async fn of(ann: &Ann, chat: ChatId) -> ChatHistory {
    let page = ann.store.reader().chat_histories(None).await.unwrap();
    page.chats
        .into_iter()
        .find(|history| history.chat == chat)
        .unwrap()
}

#[tokio::test]
async fn a_chat_tells_what_is_here_of_it() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let empty = of(&ann, chat).await;
    assert_eq!(
        (empty.messages, empty.oldest, empty.whole),
        (0, None, false)
    );

    ann.merge(from_bo("m1", NOON + 900, "x")).await;
    let voice = ann.merge(voice_from_bo("v1", NOON + 901)).await;
    assert_eq!(of(&ann, chat).await.media_bytes, 0);
    ann.store
        .write(move |tx| tx.media_here(voice.id, "v1.ogg", None, None, 4_096))
        .await
        .unwrap();

    // The newest page after a long absence: a gap below it, and older ones on the server.
    cover(
        &ann,
        covered(Asked::Newest, ("a", NOON), ("b", NOON + 30), false),
    )
    .await;
    cover(
        &ann,
        covered(Asked::Newest, ("m", NOON + 800), ("n", NOON + 901), false),
    )
    .await;
    let gap = Gap {
        after: NOON + 30,
        before: NOON + 800,
    };
    let history = of(&ann, chat).await;
    assert_eq!((history.messages, history.media_bytes), (2, 4_096));
    assert_eq!(history.oldest, Some(NOON + 900));
    assert_eq!(history.gaps, [gap]);
    assert_eq!((history.whole, history.back_to), (false, Some(NOON + 800)));

    // The server says that the chat begins here: the gap is none of its.
    ann.store
        .write(move |tx| tx.set_chat_whole(chat))
        .await
        .unwrap();
    let history = of(&ann, chat).await;
    assert_eq!((history.whole, history.gaps.len()), (true, 0));
    // One in its middle is.
    ann.merge(archived("a", from_bo("m0", NOON, "x"))).await;
    let history = of(&ann, chat).await;
    assert_eq!((history.whole, history.gaps.len()), (false, 1));

    let before = Asked::Before("m".into());
    cover(
        &ann,
        covered(before, ("b", NOON + 30), ("c", NOON + 40), true),
    )
    .await;
    assert!(of(&ann, chat).await.whole);
}

#[tokio::test]
async fn chats_come_in_pages() {
    let ann = Ann::new().await;
    ann.store
        .write(|tx| {
            for n in 0..31 {
                let chat = tx.ensure_chat(&format!("{n}@localhost"))?;
                tx.raise_chat(chat, NOON + n)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let reader = ann.store.reader();
    let first = reader.chat_histories(None).await.unwrap();
    assert_eq!(first.chats.len(), 30);
    assert_eq!(first.chats[0].address, "30@localhost");
    let last = reader.chat_histories(first.next).await.unwrap();
    assert_eq!((last.chats.len(), last.next), (1, None));
    assert_eq!(last.chats[0].title, "0");
}
