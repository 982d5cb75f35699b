//! The chat list and its summary, the roster and its titles.

use api::{ChatCursor, Kind};

use super::*;
use crate::{Contact, Subscription};

fn contact(address: &str, name: &str) -> Contact {
    Contact {
        address: address.into(),
        name: Some(name.into()),
        subscription: Subscription::Both,
        pending_out: false,
    }
}

#[tokio::test]
async fn summary_follows_the_timeline() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let reader = ann.store.reader();
    let row = reader.chat(chat).await.unwrap().unwrap();
    assert_eq!((row.title.as_str(), row.last, row.sort_at), ("bo", None, 0));

    ann.merge(from_bo("a", NOON, "newest")).await;
    ann.merge(archived("s1", from_bo("z", NOON - 5000, "older")))
        .await;
    let row = reader.chat(chat).await.unwrap().unwrap();
    let last = row.last.unwrap();
    assert_eq!((last.preview.as_str(), last.kind), ("newest", Kind::Text));
    assert_eq!((row.unread, row.sort_at), (2, NOON));

    ann.merge(voice_from_bo("v", NOON + 1)).await;
    let last = reader.chat(chat).await.unwrap().unwrap().last.unwrap();
    assert_eq!(
        (last.kind, last.duration_ms, last.preview.as_str()),
        (Kind::Voice, Some(2500), "")
    );

    let long = "好".repeat(500);
    let id = ann
        .store
        .write(move |tx| tx.add_text(chat, "o", NOON + 2, &long))
        .await
        .unwrap();
    let last = reader.chat(chat).await.unwrap().unwrap().last.unwrap();
    assert_eq!(last.preview.chars().count(), 200);
    assert_eq!(
        (last.id, last.own, last.state),
        (id, true, MessageState::Pending)
    );
}

#[tokio::test]
async fn list_pages_by_place() {
    let ann = Ann::new().await;
    ann.store
        .write(|tx| {
            for n in 0..130 {
                let chat = tx.ensure_chat(&format!("c{n}@localhost"))?;
                // Every second pair shares a time, so that the id has to decide.
                tx.raise_chat(chat, NOON + n / 2)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let reader = ann.store.reader();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = reader.chats(after).await.unwrap();
        let last = page.chats.last().unwrap();
        after = Some(ChatCursor {
            sort_at: last.sort_at,
            id: last.id,
        });
        seen.extend(page.chats.iter().map(|chat| (chat.sort_at, chat.id)));
        if !page.more {
            break;
        }
    }
    assert_eq!(seen.len(), 130);
    assert!(seen.is_sorted_by(|a, b| a > b));
}

#[tokio::test]
async fn titles_follow_the_roster() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let reader = ann.store.reader();
    let title = async || reader.chat(chat).await.unwrap().unwrap().title;
    let put = async |items: Vec<Contact>, whole| {
        ann.store
            .write(move |tx| tx.roster(&items, whole))
            .await
            .unwrap();
    };
    put(
        vec![contact(BO, "Bo B."), contact("cy@localhost", "")],
        true,
    )
    .await;
    assert_eq!(title().await, "Bo B.");
    put(vec![contact("dee@localhost", "Dee")], false).await;
    assert_eq!(title().await, "Bo B.");
    assert_eq!(reader.contacts().await.unwrap().len(), 3);
    put(vec![contact("dee@localhost", "Dee")], true).await;
    assert_eq!(title().await, "bo");
    assert_eq!(reader.contacts().await.unwrap().len(), 1);

    // A chat that comes after its contact.
    let dee = ann
        .store
        .write(|tx| tx.ensure_chat("dee@localhost"))
        .await
        .unwrap();
    assert_eq!(reader.chat(dee).await.unwrap().unwrap().title, "Dee");
}

#[tokio::test]
async fn small_facts_of_a_chat() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let mut commits = ann.store.commits();
    ann.store
        .write(move |tx| {
            tx.set_draft(chat, "half a sen")?;
            tx.set_asks_presence(chat, true).map(drop)
        })
        .await
        .unwrap();
    assert_eq!(next(&mut commits), ["chat unread=0"]);
    let row = ann
        .store
        .reader()
        .chat_by_address(BO.into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (row.draft.as_str(), row.asks_presence),
        ("half a sen", true)
    );
    let missing = ann
        .store
        .write(|tx| tx.set_draft(ChatId(99), ""))
        .await
        .unwrap_err();
    assert_eq!(missing.kind(), api::FaultKind::NotFound);
}
