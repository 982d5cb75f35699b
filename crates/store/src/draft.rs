//! Recordings that are not messages yet.
//!
//! The row comes before the file is filled and goes with the transaction that
//! makes the message, which also moves the file: a crash at any point leaves a
//! draft or a message, never neither. Deleting a discarded file is the caller's,
//! after the commit.

use api::{ChatId, MessageId, Millis, VoiceDraft};

use crate::{Reader, StoreError, WriteTx};

/// A recording and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// Its chat.
    pub chat: ChatId,
    /// When it was begun.
    pub at: Millis,
    /// As the window sees it.
    pub draft: VoiceDraft,
}
#[allow(unused_variables)]
impl WriteTx<'_> {
    /// A recording begins; its file will be `drafts/<id>.ogg`. The id is ours:
    /// letters, digits, `-` and `_`, at most 64.
    ///
    /// # Errors
    /// [`StoreError::WrongState`] for an id that could leave the folder, and those of the database.
    pub fn draft_begin(&mut self, id: &str, chat: ChatId, at: Millis) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The recording ended and is this long.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn draft_finish(
        &mut self,
        id: &str,
        duration_ms: u32,
        peaks: &[u8],
    ) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// Forgets a recording. The caller deletes the file after the commit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn draft_gone(&mut self, id: &str) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// Turns a finished recording into a pending message with its upload due, and
    /// moves `drafts/<id>.ogg` to `media/<id>.ogg` as the last thing before the commit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::WrongState`] while it is recorded,
    /// [`StoreError::Disk`] where the file cannot be moved.
    pub fn send_draft(
        &mut self,
        id: &str,
        chat: ChatId,
        origin_id: &str,
        at: Millis,
    ) -> Result<MessageId, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
#[allow(unused_variables)]
impl Reader {
    /// One recording.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn draft(&self, id: String) -> Result<Option<DraftRow>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The recordings of a chat, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drafts_of(&self, chat: ChatId) -> Result<Vec<DraftRow>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// Recordings that no [`WriteTx::draft_finish`] ended: after opening, those that
    /// a crash interrupted.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drafts_recording(&self) -> Result<Vec<DraftRow>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
