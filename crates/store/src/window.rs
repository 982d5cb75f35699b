//! Stretches of a timeline, by keyset: what the window holds.

use api::{ChatId, MessageId, MessageRow, Window, WindowAnchor};

use crate::{Reader, StoreError};

#[allow(unused_variables)]
impl Reader {
    /// A stretch of a chat's timeline.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a message that is not in this chat, and those of the database.
    pub async fn window(&self, chat: ChatId, anchor: WindowAnchor) -> Result<Window, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// One message.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn message(&self, message: MessageId) -> Result<Option<MessageRow>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
