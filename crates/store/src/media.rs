//! The files of messages: where they are and which have to be fetched.
//!
//! A name in `media/` is always ours; nothing from the network reaches a path.

use std::path::PathBuf;

use api::{Media, MessageId, Millis};

use crate::{Reader, StoreError, WriteTx};

/// The file of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaRow {
    /// Which message.
    pub message: MessageId,
    /// Where it is.
    pub state: Media,
    /// The file, where it is here.
    pub file: Option<PathBuf>,
    /// Where it came from or went to; empty before the upload.
    pub url: String,
    /// Media type, as announced.
    pub media_type: String,
    /// Bytes, as announced or as measured.
    pub size: Option<u64>,
    /// Of the content, as announced or as measured.
    pub sha256: Option<[u8; 32]>,
    /// Whether it is a voice message.
    pub voice: bool,
    /// Length in milliseconds, 0 where unknown.
    pub duration_ms: u32,
    /// Tries to fetch it so far.
    pub attempts: u32,
}

/// A voice message whose audio has to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaDue {
    /// Which message.
    pub message: MessageId,
    /// Where it is.
    pub url: String,
    /// Bytes, as announced.
    pub size: Option<u64>,
    /// Of the content, as announced.
    pub sha256: Option<[u8; 32]>,
    /// Media type, as announced.
    pub media_type: String,
    /// Tries so far.
    pub attempts: u32,
}
#[allow(unused_variables)]
impl WriteTx<'_> {
    /// A fetch begins now, counted before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn media_fetching(&mut self, message: MessageId) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The file is complete, under this name in [`crate::Store::media_dir`].
    /// Duration and peaks as measured, where they were.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::WrongState`] for a name that could leave the folder.
    pub fn media_here(
        &mut self,
        message: MessageId,
        file: &str,
        duration_ms: Option<u32>,
        peaks: Option<&[u8]>,
        bytes: u64,
    ) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The fetch failed in a way that may pass: again not before this, or failed
    /// after the last of 6 tries.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn media_retry(
        &mut self,
        message: MessageId,
        not_before: Millis,
    ) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The fetch failed for good, or until the user asks again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn media_failed(&mut self, message: MessageId) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
#[allow(unused_variables)]
impl Reader {
    /// Voice that has to be fetched and whose time has come, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn media_due(&self, now: Millis, limit: u32) -> Result<Vec<MediaDue>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// When the earliest voice may be fetched; may be past. `None`: nothing waits.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn media_next_at(&self) -> Result<Option<Millis>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// The file of a message, where it has one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn media_of(&self, message: MessageId) -> Result<Option<MediaRow>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
