//! What the user does with messages of their own: say, try again, take away.

use api::{ChatId, MessageId, MessageState, Millis};
use rusqlite::{OptionalExtension, params};

use crate::message::{self, NewMessage};
use crate::outbox::{self, Stage};
use crate::{StoreError, WriteTx, search};

impl WriteTx<'_> {
    /// Says something in words: stored, pending, due to be sent. It takes its place
    /// after the newest message, even where that one's clock is a little ahead.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn add_text(
        &mut self,
        chat: ChatId,
        origin_id: &str,
        at: Millis,
        body: &str,
    ) -> Result<MessageId, StoreError> {
        self.check_chat(chat)?;
        let author = self.own_address()?;
        let message = self.insert_message(&NewMessage {
            chat,
            author: &author,
            own: true,
            at: self.at_the_end(chat, at)?,
            kind: message::TEXT,
            state: MessageState::Pending,
            unread: false,
            markable: false,
            sources: 0,
            origin_id,
            stanza_id: "",
            server_id: "",
            body,
        })?;
        outbox::insert_message(self.connection(), chat, message, Stage::Send)?;
        Ok(message)
    }

    /// The user tries a failed message again: pending, due at once, at the stage where it
    /// stopped. `fresh_id` becomes its origin id only if it had gone out and bounced: the
    /// archive holds the old one, which would pass for the new one having arrived.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::WrongState`] unless it is failed.
    pub fn retry_message(&mut self, message: MessageId, fresh_id: &str) -> Result<(), StoreError> {
        let chat = self.failed(message)?;
        let queued = self
            .connection()
            .prepare_cached(
                "UPDATE outbox SET wedged = 0, attempts = 0, not_before = 0
                 WHERE message = ?1 AND message <> 0",
            )?
            .execute([message.0])?;
        if queued == 0 {
            let uploading: bool = self
                .connection()
                .prepare_cached("SELECT 1 FROM media WHERE message = ?1 AND url = ''")?
                .exists([message.0])?;
            let stage = match uploading {
                true => Stage::Upload,
                false => Stage::Send,
            };
            // The old id stays beside the new one: its echo must still find this row.
            self.connection()
                .prepare_cached(
                    "UPDATE message SET stanza_id = origin_id, origin_id = ?2 WHERE id = ?1",
                )?
                .execute(params![message.0, fresh_id])?;
            outbox::insert_message(self.connection(), chat, message, stage)?;
        }
        self.set_state(message, MessageState::Pending, None)
    }

    /// The user takes a failed message away. Returns the name of its file in
    /// [`crate::Store::media_dir`], which the caller deletes after the commit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::WrongState`] unless it is failed.
    pub fn discard_message(&mut self, message: MessageId) -> Result<Option<String>, StoreError> {
        let chat = self.failed(message)?;
        let file: Option<String> = self
            .connection()
            .prepare_cached("SELECT file FROM media WHERE message = ?1 AND file <> ''")?
            .query_row([message.0], |row| row.get(0))
            .optional()?;
        // Whoever deletes it may not come to it.
        if let Some(file) = &file {
            self.remove_later(file)?;
        }
        outbox::forget_message(self.connection(), message)?;
        search::remove(self.connection(), message)?;
        self.connection()
            .prepare_cached("DELETE FROM message WHERE id = ?1")?
            .execute([message.0])?;
        self.message_gone(chat, message);
        Ok(file)
    }

    /// The chat of a failed message of ours.
    fn failed(&self, message: MessageId) -> Result<ChatId, StoreError> {
        let (chat, failed) = self
            .connection()
            .prepare_cached("SELECT chat, state = 1 AND own = 1 FROM message WHERE id = ?1")?
            .query_row([message.0], |row| {
                Ok((ChatId(row.get(0)?), row.get::<_, bool>(1)?))
            })
            .optional()?
            .ok_or(StoreError::NotFound("message"))?;
        match failed {
            true => Ok(chat),
            false => Err(StoreError::WrongState("not failed")),
        }
    }
}
