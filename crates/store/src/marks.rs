//! Ticks: what became of our messages, and what we have read and heard.

use api::{ChatId, FaultKind, MessageId, MessageState};

use crate::{StoreError, WriteTx};

#[allow(unused_variables)]
impl WriteTx<'_> {
    /// A peer tells how far our message got: `Delivered` (XEP-0184), `Read`
    /// (XEP-0333) or `Heard`. `Read` holds for every earlier own message of the
    /// chat that is with the server, too. States only rise; an unknown id is ignored.
    /// Returns whether anything changed.
    ///
    /// # Errors
    /// [`StoreError::WrongState`] for any other state, and those of the database.
    pub fn receipt(
        &mut self,
        from: &str,
        id: &str,
        state: MessageState,
    ) -> Result<bool, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// Everything up to this message was seen here. A `displayed` marker is due for
    /// the newest markable one of those that were unread.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn mark_read(&mut self, chat: ChatId, upto: MessageId) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// Everything up to the message with this id (of its sender's choice) was seen
    /// on another device of ours. Nothing is sent; an unknown id is ignored.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read_elsewhere(&mut self, chat: ChatId, id: &str) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// A voice message from the other side was listened to. The first time, where
    /// `tell` is set, the other side is told.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn heard(&mut self, message: MessageId, tell: bool) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// Our message came back with an error stanza: failed, unless a device of
    /// theirs has it. Returns whether anything changed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn bounced(&mut self, from: &str, id: &str, fault: FaultKind) -> Result<bool, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
