//! Where the reader left a chat.

use api::{MessageId, Spot, Window};

use super::*;
use crate::StoreError;

async fn left(ann: &Ann, chat: ChatId) -> Window {
    let reader = ann.store.reader();
    reader.window(chat, WindowAnchor::Left).await.unwrap()
}

async fn keep(ann: &Ann, chat: ChatId, spot: Option<Spot>) -> Result<(), StoreError> {
    ann.store.write(move |tx| tx.keep_spot(chat, spot)).await
}

#[tokio::test]
async fn a_place_is_kept_across_restarts_and_gives_way_to_what_is_unread() {
    let ann = Ann::new().await;
    let ids: Vec<MessageId> = ann
        .store
        .write(|tx| {
            (0..200)
                .map(|n| Ok(tx.merge(&from_bo(&format!("m{n}"), NOON + n, "x"))?.id))
                .collect()
        })
        .await
        .unwrap();
    let (chat, newest) = (ann.chat().await, ids[199]);
    let spot = Spot {
        id: ids[70],
        offset: -12,
    };
    keep(&ann, chat, Some(spot)).await.unwrap();
    let unread = left(&ann, chat).await;
    assert_eq!((unread.left, unread.rows[0].id), (None, ids[0]));
    ann.store
        .write(move |tx| tx.mark_read(chat, newest))
        .await
        .unwrap();

    let ann = ann.reopen().await;
    let window = left(&ann, chat).await;
    assert_eq!(window.left, Some(spot));
    assert_eq!((window.rows[0].id, window.rows.len()), (ids[40], 61));
    assert!(window.has_older && window.has_newer);

    // At the newest message, a message that is not there, a chat that is not there.
    keep(&ann, chat, None).await.unwrap();
    assert_eq!(left(&ann, chat).await.rows[0].id, ids[140]);
    let gone = Spot {
        id: MessageId(newest.0 + 1),
        offset: 0,
    };
    keep(&ann, chat, Some(gone)).await.unwrap();
    let window = left(&ann, chat).await;
    assert_eq!((window.left, window.rows[0].id), (None, ids[140]));
    let nowhere = keep(&ann, ChatId(chat.0 + 1), None).await;
    assert!(matches!(nowhere, Err(StoreError::NotFound(_))));
}
