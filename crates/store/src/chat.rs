//! Chats: one row each, whole, with the summary that the list shows.

use api::{ChatCursor, ChatId, ChatPage, ChatRow, Millis};

use crate::{Reader, StoreError, WriteTx};

#[allow(unused_variables)]
impl WriteTx<'_> {
    /// The chat with a bare address, made where needed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn ensure_chat(&mut self, address: &str) -> Result<ChatId, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// Moves a chat up the list to this time, where it stands lower: for one that
    /// was just started and holds no message yet.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn raise_chat(&mut self, chat: ChatId, at: Millis) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// Whether the other side waits for an answer to its presence subscription.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn set_asks_presence(&mut self, chat: ChatId, asks: bool) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// Keeps text that was typed and not sent; empty forgets it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn set_draft(&mut self, chat: ChatId, text: &str) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
#[allow(unused_variables)]
impl Reader {
    /// A page of at most 60 chats, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn chats(&self, after: Option<ChatCursor>) -> Result<ChatPage, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// One chat.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn chat(&self, chat: ChatId) -> Result<Option<ChatRow>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The chat with a bare address.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn chat_by_address(&self, address: String) -> Result<Option<ChatRow>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
