//! Turns: what is new, what changed, and what a kill must not forget.

use api::MessageId;

use super::*;
use crate::{ExportTurn, StoreError, Tell, WriteTx};

impl Ann {
    async fn turn(&self) -> ExportTurn {
        self.write(|tx| tx.export_turn()).await.unwrap()
    }

    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write(job).await.unwrap()
    }

    /// `new 3 4; changed 1 2(gone)`.
    async fn owed(&self, turn: ExportTurn) -> String {
        let reader = self.store.reader();
        let new = reader.export_new(turn, MessageId(0), 100).await.unwrap();
        let due = reader.export_due(turn, MessageId(0), 100).await.unwrap();
        let new: Vec<String> = new.iter().map(|(_, new)| new.id.0.to_string()).collect();
        let due: Vec<String> = due
            .iter()
            .map(|due| {
                let gone = if due.record.is_none() { "(gone)" } else { "" };
                format!("{}{gone}", due.message.0)
            })
            .collect();
        format!("new {}; changed {}", new.join(" "), due.join(" "))
    }
}

#[tokio::test]
async fn nothing_is_noted_where_nothing_is_exported() {
    let ann = Ann::new().await;
    assert_eq!(ann.write(|tx| tx.export_turn()).await, None);
    let id = ann.merge(from_bo("a", NOON, "hi")).await.id;
    let chat = ann.chat().await;
    ann.write(move |tx| tx.mark_read(chat, id)).await;
    ann.write(|tx| tx.export_begin("f")).await;
    let turn = ann.turn().await;
    assert_eq!(ann.owed(turn).await, "new 1; changed ");
}

#[tokio::test]
async fn every_change_is_noted_until_it_is_settled() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    ann.merge(voice_from_bo("v", NOON)).await;
    let failed = ann
        .write(move |tx| tx.add_text(chat, "o1", NOON + 1, "words"))
        .await;
    let turn = ann.write(|tx| tx.export_begin("f")).await;
    ann.write(move |tx| tx.export_settled("f", &turn)).await;
    let turn = ann.turn().await;
    assert_eq!(ann.owed(turn).await, "new ; changed ");
    ann.write(move |tx| tx.export_settled("f", &turn)).await;

    // A marker that raises without publishing, a file that comes, a message that goes.
    ann.write(|tx| tx.media_fetching(MessageId(1), "part"))
        .await;
    ann.write(|tx| tx.media_here(MessageId(1), "x", None, None, 3))
        .await;
    ann.write(move |tx| {
        // The first row is the receipt.
        tx.outbox_wedge(2, &api::FaultKind::Refused)?;
        tx.discard_message(failed)
    })
    .await;
    ann.merge(from_bo("b", NOON + 2, "new")).await;
    let turn = ann.turn().await;
    assert_eq!(ann.owed(turn).await, "new 3; changed 1 2(gone)");

    // Killed: the turn was not settled. What changed meanwhile comes with the next one.
    ann.write(move |tx| tx.mark_read(chat, MessageId(3))).await;
    let again = ann.turn().await;
    assert_eq!(ann.owed(again).await, "new 3; changed 1 2(gone) 3");
    ann.write(|tx| tx.heard(MessageId(1), Tell::Them)).await;
    ann.write(move |tx| tx.export_settled("f", &turn)).await;
    ann.write(move |tx| tx.export_settled("other", &again))
        .await;
    ann.write(move |tx| tx.export_settled("f", &again)).await;
    let last = ann.turn().await;
    assert_eq!(ann.owed(last).await, "new ; changed 1");
    let state = ann.store.reader().export_state().await.unwrap().unwrap();
    assert_eq!((state.name.as_str(), state.settled), ("f", again.turn));
}

#[tokio::test]
async fn a_place_in_the_index_is_no_change() {
    let ann = Ann::new().await;
    ann.merge(from_bo("a", NOON, "hi")).await;
    let turn = ann.write(|tx| tx.export_begin("f")).await;
    ann.write(move |tx| tx.export_settled("f", &turn)).await;
    ann.write(|tx| {
        tx.connection()
            .execute("UPDATE message SET place = 0", [])?;
        tx.empty_search()?;
        tx.rebuild_search()
    })
    .await;
    let turn = ann.turn().await;
    assert_eq!(ann.owed(turn).await, "new ; changed ");
}
