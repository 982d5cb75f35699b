//! The files of messages: where they are and which have to be fetched.
//!
//! A name in `media/` is always ours; nothing from the network reaches a path. Voice is due always, other files where
//! their announced size is within a limit that the caller gives; the rest waits until somebody asks, and so does a file whose
//! copy was let go of ([`WriteTx::free_media`]). Rejected: a column that says which rule brought a file, which a change of the
//! limit would have to rewrite.

use std::path::PathBuf;

use api::{Media, MessageId, Millis};
use rusqlite::{Row, params};

use crate::{Reader, StoreError, WriteTx, message, open};

/// Tries to fetch a file before the user has to ask.
const TRIES: i64 = 6;

pub(crate) const DUE: &str = "
    SELECT message, url, size, sha256, media_type, attempts, voice FROM media
    WHERE state = 1 AND voice = 1 AND not_before <= ?1
    ORDER BY message DESC LIMIT ?2";

/// The inner query never leaves its index, however many wait.
pub(crate) const FILES_DUE: &str = "
    SELECT message, url, size, sha256, media_type, attempts, voice FROM media
    WHERE message IN (
        SELECT message FROM media
        WHERE state = 1 AND voice = 0 AND not_before < 9223372036854775807
          AND size BETWEEN 0 AND ?3 AND not_before <= ?1
        ORDER BY message DESC LIMIT ?2)
    ORDER BY message DESC";

pub(crate) const NEXT_AT: &str = "
    SELECT min(not_before) FROM media WHERE state = 1 AND voice = 1 AND not_before > ?1";

pub(crate) const FILES_NEXT_AT: &str = "
    SELECT min(not_before) FROM media
    WHERE state = 1 AND voice = 0 AND not_before < 9223372036854775807 AND size BETWEEN 0 AND ?2
      AND not_before > ?1";

/// Fetches that were given up after the last try, though not for good.
pub(crate) const GIVEN_UP: &str = "
    UPDATE media SET state = 1, attempts = 0, not_before = 0
    WHERE state = 3 AND voice = 1 AND attempts >= 6 RETURNING message";

/// The same of other files.
pub(crate) const FILES_GIVEN_UP: &str = "
    UPDATE media SET state = 1, attempts = 0, not_before = 0
    WHERE state = 3 AND voice = 0 AND attempts >= 6 RETURNING message";

/// What a fetch that nobody makes any more may have left.
pub(crate) const INTERRUPTED_FILES: &str = "
    INSERT OR IGNORE INTO removal (file) SELECT file FROM media WHERE state = 2 AND file <> ''";

/// Fetches that nobody makes any more.
pub(crate) const INTERRUPTED: &str = "UPDATE media SET state = 1, file = '' WHERE state = 2";

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

/// A file that has to be fetched.
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
    /// Whether it is a voice message.
    pub voice: bool,
}

impl WriteTx<'_> {
    /// A fetch begins now, counted before, into a file of this name in [`crate::Store::media_dir`]: after a crash that
    /// is known to be nobody's.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::WrongState`] for a name that could leave the folder.
    pub fn media_fetching(&mut self, message: MessageId, file: &str) -> Result<(), StoreError> {
        if !is_plain(file) {
            return Err(StoreError::WrongState("file name"));
        }
        let found = self
            .connection()
            .prepare_cached(
                "UPDATE media SET state = 2, file = ?2, attempts = iif(state = 3, 1, attempts + 1)
                 WHERE message = ?1 AND state <> 0",
            )?
            .execute(params![message.0, file])?;
        self.touched_media(message, found)
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
        if !is_plain(file) {
            return Err(StoreError::WrongState("file name"));
        }
        let found = self
            .connection()
            .prepare_cached(
                "UPDATE media SET state = 0, file = ?2, size = ?3,
                    duration_ms = coalesce(?4, duration_ms), peaks = coalesce(?5, peaks)
                 WHERE message = ?1",
            )?
            .execute(params![
                message.0,
                file,
                message::size_to(Some(bytes)),
                duration_ms,
                peaks.map(message::bounded_peaks),
            ])?;
        self.touched_media(message, found)
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
        let found = self
            .connection()
            .prepare_cached(
                "UPDATE media SET state = iif(attempts >= ?3, 3, 1), not_before = ?2, file = ''
                 WHERE message = ?1 AND state = 2",
            )?
            .execute(params![message.0, not_before, TRIES])?;
        self.touched_media(message, found)
    }

    /// There is a connection again: what ran out of tries is due anew, as far as it comes by itself.
    ///
    /// # Errors
    /// Those of the database.
    pub fn fetches_again(&mut self) -> Result<(), StoreError> {
        for given_up in [GIVEN_UP, FILES_GIVEN_UP] {
            let again: Vec<i64> = self
                .connection()
                .prepare_cached(given_up)?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for message in again {
                self.touch_message(MessageId(message));
            }
        }
        Ok(())
    }

    /// The fetch failed for good, or until the user asks again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn media_failed(&mut self, message: MessageId) -> Result<(), StoreError> {
        let found = self
            .connection()
            .prepare_cached(
                // Below the number of tries, so that it is told apart from what may be tried again.
                "UPDATE media SET state = 3, attempts = 0, file = '' WHERE message = ?1 AND state <> 0",
            )?
            .execute([message.0])?;
        self.touched_media(message, found)
    }

    fn touched_media(&mut self, message: MessageId, found: usize) -> Result<(), StoreError> {
        if found == 0 {
            return Err(StoreError::NotFound("file to fetch"));
        }
        self.touch_message(message);
        Ok(())
    }
}

/// A name that stays in its folder on every system.
pub(crate) fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty() && name.len() <= 128 && !name.starts_with('.') && name.bytes().all(plain)
}

fn due_from_row(row: &Row<'_>) -> rusqlite::Result<MediaDue> {
    Ok(MediaDue {
        message: MessageId(row.get("message")?),
        url: row.get("url")?,
        size: message::size_from(row.get("size")?),
        sha256: message::hash_from(row.get("sha256")?),
        media_type: row.get("media_type")?,
        attempts: row.get("attempts")?,
        voice: row.get("voice")?,
    })
}

impl Reader {
    /// What has to be fetched and whose time has come: voice, then other files of at most `up_to` bytes as announced;
    /// newest first in each. `up_to: None`: voice only.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn media_due(
        &self,
        now: Millis,
        up_to: Option<u64>,
        limit: u32,
    ) -> Result<Vec<MediaDue>, StoreError> {
        self.read(move |connection| {
            let mut due: Vec<MediaDue> = connection
                .prepare_cached(DUE)?
                .query_map([now, i64::from(limit)], due_from_row)?
                .collect::<Result<_, _>>()?;
            let room = usize::try_from(limit).unwrap_or(usize::MAX);
            let room = room.saturating_sub(due.len());
            if let Some(up_to) = up_to.filter(|_| room > 0) {
                let mut query = connection.prepare_cached(FILES_DUE)?;
                let room = i64::try_from(room).unwrap_or(i64::MAX);
                let files =
                    query.query_map([now, room, message::size_to(Some(up_to))], due_from_row)?;
                for file in files {
                    due.push(file?);
                }
            }
            Ok(due)
        })
        .await
    }

    /// When the earliest of what [`Reader::media_due`] does not tell yet may be fetched. `None`: nothing waits for its time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn media_next_at(
        &self,
        now: Millis,
        up_to: Option<u64>,
    ) -> Result<Option<Millis>, StoreError> {
        self.read(move |connection| {
            let voice: Option<Millis> = connection
                .prepare_cached(NEXT_AT)?
                .query_row([now], |row| row.get(0))?;
            let Some(up_to) = up_to else {
                return Ok(voice);
            };
            let file: Option<Millis> = connection
                .prepare_cached(FILES_NEXT_AT)?
                .query_row([now, message::size_to(Some(up_to))], |row| row.get(0))?;
            Ok(voice.into_iter().chain(file).min())
        })
        .await
    }

    /// The file of a message, where it has one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn media_of(&self, message: MessageId) -> Result<Option<MediaRow>, StoreError> {
        let folder = open::media_dir(self.folder());
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT message, state, file, url, media_type, size, sha256, voice, duration_ms,
                            attempts
                     FROM media WHERE message = ?1",
                )?
                .query_and_then([message.0], |row| {
                    let file: String = row.get("file")?;
                    let state = message::media_from(row.get("state")?)?;
                    Ok(MediaRow {
                        message,
                        state,
                        file: (state == Media::Here).then(|| folder.join(file)),
                        url: row.get("url")?,
                        media_type: row.get("media_type")?,
                        size: message::size_from(row.get("size")?),
                        sha256: message::hash_from(row.get("sha256")?),
                        voice: row.get("voice")?,
                        duration_ms: row.get("duration_ms")?,
                        attempts: row.get("attempts")?,
                    })
                })?
                .next()
                .transpose()
        })
        .await
    }
}
