//! Stretches of a timeline.

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
async fn a_window_opens_at_a_time() {
    let (ann, chat, ids) = long_chat().await;
    let reader = ann.store.reader();
    let window = async |at| {
        let window = reader.window(chat, WindowAnchor::At { at }).await.unwrap();
        shape(&window, &ids)
    };
    assert_eq!(window(NOON + 25).await, (70, 131, true, true));
    assert_eq!(window(0).await, (0, 31, false, true));
    assert_eq!(window(NOON + 50).await, (140, 200, true, false));
}

#[tokio::test]
async fn days_are_those_of_the_users_clock() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let (hour, day) = (3_600_000, 86_400_000);
    for (n, at) in [NOON, NOON + 13 * hour, NOON + 14 * hour, NOON + 3 * day]
        .iter()
        .enumerate()
    {
        ann.merge(from_bo(&format!("d{n}"), *at, "x")).await;
    }
    let days = async |from, until, offset| -> Vec<(Millis, u32)> {
        let reader = ann.store.reader();
        let days = reader.days(chat, from, until, offset).await.unwrap();
        days.iter()
            .map(|day| ((day.start - NOON) / hour, day.count))
            .collect()
    };
    assert_eq!(
        days(NOON - day, NOON + 9 * day, 0).await,
        [(-12, 1), (12, 2), (60, 1)]
    );
    assert_eq!(days(NOON, NOON + 2 * day, -120).await, [(-10, 2), (14, 1)]);
    assert_eq!(days(0, i64::MAX, 0).await, [], "no more than 400 days");
}
