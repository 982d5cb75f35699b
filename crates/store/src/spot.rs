//! Where the reader left each chat: a fact of the account, so that it is there after a restart.
//!
//! Rejected: a column of `chat` (whatever changes a chat's row is told to every window, and this changes with each scroll).

use api::{ChatId, MessageId, Spot};
use rusqlite::{Connection, OptionalExtension};

use crate::{StoreError, WriteTx, meta, meta::key};

/// `None` for a value that makes no sense, as where there is none.
pub(crate) fn read(connection: &Connection, chat: ChatId) -> Result<Option<Spot>, StoreError> {
    let kept = meta::read(connection, &key::spot(chat))?;
    Ok(kept.as_deref().and_then(parse))
}

fn parse(value: &str) -> Option<Spot> {
    let (id, offset) = value.split_once(' ')?;
    Some(Spot {
        id: MessageId(id.parse().ok()?),
        offset: offset.parse().ok()?,
    })
}

impl WriteTx<'_> {
    /// Keeps where the reader is in a chat; `None`: at its newest message.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn keep_spot(&mut self, chat: ChatId, spot: Option<Spot>) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("SELECT 1 FROM chat WHERE id = ?1")?
            .query_row([chat.0], |_| Ok(()))
            .optional()?
            .ok_or(StoreError::NotFound("chat"))?;
        let value = spot.map(|spot| format!("{} {}", spot.id.0, spot.offset));
        self.set_meta(&key::spot(chat), value.as_deref())
    }
}
