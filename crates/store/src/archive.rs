//! How far the server's archive was read (XEP-0313).
//!
//! One range, from `oldest` to `newest`, without holes. It is written in the
//! transaction that holds the page it covers, so a crash cannot leave a hole that
//! nobody knows of.

use api::Millis;
use rusqlite::{Connection, params};

use crate::chat::id_by_address;
use crate::{Reader, StoreError, WriteTx, meta, meta::key};

/// The stretch of the archive that is here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveCursor {
    /// The newest archive id read, where any was.
    pub newest: Option<String>,
    /// The oldest archive id read, where any was.
    pub oldest: Option<String>,
    /// Whether the archive holds nothing older than `oldest`.
    pub complete: bool,
}

fn read(connection: &Connection) -> Result<ArchiveCursor, StoreError> {
    Ok(ArchiveCursor {
        newest: meta::read(connection, key::ARCHIVE_NEWEST)?,
        oldest: meta::read(connection, key::ARCHIVE_OLDEST)?,
        complete: meta::read(connection, key::ARCHIVE_COMPLETE)?.as_deref() == Some("1"),
    })
}

impl WriteTx<'_> {
    /// Keeps the cursor, whole. Call it in the job that merges the page.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_archive_cursor(&mut self, cursor: &ArchiveCursor) -> Result<(), StoreError> {
        self.set_meta(key::ARCHIVE_NEWEST, cursor.newest.as_deref())?;
        self.set_meta(key::ARCHIVE_OLDEST, cursor.oldest.as_deref())?;
        self.set_meta(key::ARCHIVE_COMPLETE, cursor.complete.then_some("1"))
    }

    /// When the newest message was said that a chat has from `from` on and before `until`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn newest_between(
        &self,
        chat: &str,
        from: Millis,
        until: Millis,
    ) -> Result<Option<Millis>, StoreError> {
        let Some(chat) = id_by_address(self.connection(), chat)? else {
            return Ok(None);
        };
        Ok(self
            .connection()
            .prepare_cached("SELECT max(at) FROM message WHERE chat = ?1 AND at >= ?2 AND at < ?3")?
            .query_row(params![chat.0, from, until], |row| row.get(0))?)
    }

    /// The cursor as this transaction sees it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn archive_cursor(&self) -> Result<ArchiveCursor, StoreError> {
        read(self.connection())
    }
}

impl Reader {
    /// How far the archive was read.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn archive_cursor(&self) -> Result<ArchiveCursor, StoreError> {
        self.read(read).await
    }
}
