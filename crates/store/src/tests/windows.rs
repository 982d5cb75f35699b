//! Stretches of a timeline, and the search.

use api::{MessageCursor, MessageId, Window};

use super::*;
use crate::StoreError;

/// 200 messages, four to a millisecond, the first 150 read.
async fn long_chat() -> (Ann, ChatId, Vec<MessageId>) {
    let ann = Ann::new().await;
    let ids: Vec<MessageId> = ann
        .store
        .write(|tx| {
            (0..200)
                .map(|n| Ok(tx.merge(&from_bo(&format!("m{n}"), NOON + n / 4, "x"))?.id))
                .collect()
        })
        .await
        .unwrap();
    let (chat, upto) = (ann.chat().await, ids[149]);
    ann.store
        .write(move |tx| tx.mark_read(chat, upto))
        .await
        .unwrap();
    (ann, chat, ids)
}

fn shape(window: &Window, ids: &[MessageId]) -> (usize, usize, bool, bool) {
    let held: Vec<MessageId> = window.rows.iter().map(|row| row.id).collect();
    let first = ids.iter().position(|id| *id == held[0]).unwrap();
    let end = first + held.len();
    assert_eq!(held, ids[first..end], "in order and without holes");
    (first, end, window.has_older, window.has_newer)
}

#[tokio::test]
async fn windows_are_cut_by_place() {
    let (ann, chat, ids) = long_chat().await;
    let reader = ann.store.reader();
    let window = async |anchor| reader.window(chat, anchor).await.unwrap();
    let cursor = |n: i64| MessageCursor {
        at: NOON + n / 4,
        id: ids[usize::try_from(n).unwrap()],
    };
    let latest = window(WindowAnchor::Latest).await;
    assert_eq!(shape(&latest, &ids), (140, 200, true, false));
    assert_eq!(latest.first_unread, Some(ids[150]));
    let unread = window(WindowAnchor::Unread).await;
    assert_eq!(shape(&unread, &ids), (120, 181, true, true));
    let around = window(WindowAnchor::Around { id: ids[10] }).await;
    assert_eq!(shape(&around, &ids), (0, 41, false, true));
    let before = window(WindowAnchor::Before {
        cursor: cursor(140),
    })
    .await;
    assert_eq!(shape(&before, &ids), (80, 140, true, true));
    let after = window(WindowAnchor::After {
        cursor: cursor(150),
    })
    .await;
    assert_eq!(shape(&after, &ids), (151, 200, true, false));

    let nothing = window(WindowAnchor::After {
        cursor: cursor(199),
    })
    .await;
    assert_eq!(
        (nothing.rows.len(), nothing.has_older, nothing.has_newer),
        (0, true, false)
    );
    let strange = reader
        .window(chat, WindowAnchor::Around { id: MessageId(999) })
        .await;
    assert!(matches!(strange, Err(StoreError::NotFound(_))));
}

#[tokio::test]
async fn unread_falls_back_to_latest() {
    let (ann, chat, ids) = long_chat().await;
    let upto = ids[199];
    ann.store
        .write(move |tx| tx.mark_read(chat, upto))
        .await
        .unwrap();
    let window = ann
        .store
        .reader()
        .window(chat, WindowAnchor::Unread)
        .await
        .unwrap();
    assert_eq!(shape(&window, &ids), (140, 200, true, false));
    assert_eq!(window.first_unread, None);
}

#[tokio::test]
async fn words_are_found_in_every_script() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    for (n, body) in (0..).zip([
        "今天天气很好，我们去公园吧",
        "안녕하세요 오늘 만나요",
        "Let's meet at the Café tomorrow",
        "会議は明日の午後 meeting room B",
    ]) {
        ann.merge(from_bo(&format!("m{n}"), NOON + n, body)).await;
    }
    let find = async |text: &str| -> Vec<i64> {
        let hits = ann.store.reader().search(text.into(), 50).await.unwrap();
        hits.iter().map(|row| row.at - NOON).collect()
    };
    assert_eq!(find("公园").await, [0]);
    assert_eq!(find("天气很好").await, [0]);
    assert_eq!(find("好").await, [0]);
    assert_eq!(find("吧").await, [0]);
    assert_eq!(find("好我").await, [], "a comma is between");
    assert_eq!(find("气天").await, []);
    assert_eq!(find("하세요").await, [1]);
    assert_eq!(find("cafe").await, [2]);
    assert_eq!(find("meet").await, [3, 2]);
    assert_eq!(find("meeting 明日").await, [3]);
    assert_eq!(find("\" OR 1 NEAR(").await, []);
    assert_eq!(find("!!").await, []);

    // What is discarded is not found.
    let id = ann
        .store
        .write(move |tx| tx.add_text(chat, "o", NOON, "secret 秘密"))
        .await
        .unwrap();
    assert_eq!(find("秘密").await.len(), 1);
    let row = ann.store.reader().outbox_due(NOON).await.unwrap();
    let row = row.iter().map(|row| row.id).max().unwrap();
    ann.store
        .write(move |tx| {
            tx.outbox_wedge(row, &api::FaultKind::Refused)?;
            tx.discard_message(id)
        })
        .await
        .unwrap();
    assert_eq!(find("秘密").await, []);
}
