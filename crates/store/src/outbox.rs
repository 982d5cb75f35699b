//! What has to go out. The table is the queue; a nudge only saves waiting.
//!
//! Two lanes a chat, each first in, first out: messages, and the rest (receipts
//! and markers). A row goes `upload -> send -> ack` and is gone with the server's
//! ack (XEP-0198). Rows that wait for an ack do not hold up the next ones: sends
//! are pipelined in order. A row that waits for its retry does; a wedged one,
//! which only the user can release, never.

use api::{ChatId, FaultKind, MessageId, Millis};

use crate::{Reader, StoreError, WriteTx};

/// Something that has to go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Names it for all `outbox_` calls. Never reused.
    pub id: i64,
    /// Its chat.
    pub chat: ChatId,
    /// Where it goes: the chat's address, or who asked for the receipt.
    pub to: String,
    /// What it is.
    pub job: Job,
    /// How far it got.
    pub stage: Stage,
    /// Tries so far, counted before each.
    pub attempts: u32,
}

/// What has to go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// A message of ours.
    Message {
        /// Which.
        message: MessageId,
        /// Its id on the wire, the same at every try (XEP-0359).
        origin_id: String,
        /// What it says.
        content: OutgoingContent,
    },
    /// "It arrived" (XEP-0184).
    Receipt {
        /// The id of the message it answers.
        id: String,
    },
    /// "It was displayed" (XEP-0333).
    Displayed {
        /// The id of the message it answers.
        id: String,
    },
    /// "It was listened to" (`urn:millet:voice:0`).
    Heard {
        /// The id of the message it answers.
        id: String,
    },
}

/// What a message of ours says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutgoingContent {
    /// Words.
    Text {
        /// Plain text.
        body: String,
    },
    /// A voice message.
    Voice {
        /// Its file in [`crate::Store::media_dir`].
        file: String,
        /// Media type.
        media_type: String,
        /// Where it was uploaded to.
        url: Option<String>,
        /// Bytes, known from the upload on.
        size: Option<u64>,
        /// Of the file's content, known from the upload on.
        sha256: Option<[u8; 32]>,
        /// Length.
        duration_ms: u32,
        /// Loudness over time.
        peaks: Vec<u8>,
    },
}

/// How far a row of the outbox got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Its file has to be uploaded. Slots expire, so an upload restarts whole.
    Upload,
    /// The stanza has to be sent.
    Send,
    /// Sent on this stream; the server has not acked it.
    Ack,
}

/// All take the row's id; a row that is gone meanwhile is no error.
#[allow(unused_variables)]
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
        Err(StoreError::Unreadable("stub"))
    }

    /// A try begins now. Counted before, so that a row that kills us runs out of tries.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_try(&mut self, row: i64) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The file is on the server: `upload -> send`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_uploaded(
        &mut self,
        row: i64,
        url: &str,
        size: u64,
        sha256: [u8; 32],
    ) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The stanza is on the stream: `send -> ack`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_sent(&mut self, row: i64) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The server has it: the row goes, a pending message is `Sent`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_acked(&mut self, row: i64) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The stream ended before the ack: `ack -> send`, at its old place.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_lost(&mut self, row: i64) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The stream is gone and was not resumed: every `ack -> send`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_all_lost(&mut self) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The try failed in a way that may pass; the next not before this.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_retry(&mut self, row: i64, not_before: Millis) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// Only the user can go on: the message is failed with this fault and the row
    /// waits, without holding up others. A receipt or marker is dropped.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_wedge(&mut self, row: i64, fault: &FaultKind) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The user tries a failed message again: pending, due at `at`, at the stage where it
    /// stopped. `fresh_id` becomes its origin id only if it had gone out and bounced: the
    /// archive holds the old one, which would pass for the new one having arrived.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::WrongState`] unless it is failed.
    pub fn retry_message(
        &mut self,
        message: MessageId,
        fresh_id: &str,
        at: Millis,
    ) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The user takes a failed message away. Returns the name of its file in
    /// [`crate::Store::media_dir`], which the caller deletes after the commit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::WrongState`] unless it is failed.
    pub fn discard_message(&mut self, message: MessageId) -> Result<Option<String>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
#[allow(unused_variables)]
impl Reader {
    /// What can go out now: the head of each lane whose time has come, oldest
    /// first, at most 64. Ask again after each step.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn outbox_due(&self, now: Millis) -> Result<Vec<OutboxRow>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// When the earliest head of a lane may go; may be past. `None`: nothing waits.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn outbox_next_at(&self) -> Result<Option<Millis>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
