//! The ranges as they are kept, and what else is asked of the database to read an archive.

use api::{ChatId, HistorySpan, Millis};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Archive, ArchiveRange};
use crate::chat::id_by_address;
use crate::{Reader, StoreError, WriteTx, meta, meta::key};

fn from_row(row: &Row<'_>) -> rusqlite::Result<ArchiveRange> {
    Ok(ArchiveRange {
        oldest: row.get("oldest")?,
        oldest_at: row.get("oldest_at")?,
        newest: row.get("newest")?,
        newest_at: row.get("newest_at")?,
        complete: row.get("complete")?,
        items: row.get::<_, i64>("items")?.unsigned_abs(),
    })
}

pub(crate) fn read(connection: &Connection) -> Result<Archive, StoreError> {
    let ranges = connection
        .prepare_cached(
            "SELECT oldest, oldest_at, newest, newest_at, complete, items FROM archive_range
             ORDER BY place",
        )?
        .query_map([], from_row)?
        .collect::<Result<_, _>>()?;
    let total = meta::read(connection, key::ARCHIVE_TOTAL)?;
    Ok(Archive {
        ranges,
        total: total.and_then(|total| total.parse().ok()),
    })
}

/// Where what is here of a chat begins, for asking the archive for what lies before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatEdge {
    /// The other side's address.
    pub address: String,
    /// The archive's id of the oldest message that has one.
    pub oldest: Option<String>,
    /// When the oldest message was said.
    pub oldest_at: Option<Millis>,
    /// Whether the archive holds nothing of this chat that is older.
    pub whole: bool,
}

pub(crate) const OLDEST_ARCHIVED: &str = "
    SELECT server_id FROM message WHERE chat = ?1 AND server_id <> '' ORDER BY at, id LIMIT 1";
pub(crate) const OLDEST_AT: &str = "SELECT at FROM message WHERE chat = ?1 ORDER BY at, id LIMIT 1";

fn edge(connection: &Connection, chat: ChatId) -> Result<ChatEdge, StoreError> {
    let (address, whole) = connection
        .prepare_cached("SELECT address, archive_whole FROM chat WHERE id = ?1")?
        .query_row([chat.0], |row| {
            Ok((row.get("address")?, row.get("archive_whole")?))
        })
        .optional()?
        .ok_or(StoreError::NotFound("chat"))?;
    Ok(ChatEdge {
        address,
        oldest: connection
            .prepare_cached(OLDEST_ARCHIVED)?
            .query_row([chat.0], |row| row.get(0))
            .optional()?,
        oldest_at: connection
            .prepare_cached(OLDEST_AT)?
            .query_row([chat.0], |row| row.get(0))
            .optional()?,
        whole,
    })
}

pub(crate) fn is_chat_whole(connection: &Connection, chat: ChatId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT archive_whole FROM chat WHERE id = ?1")?
        .query_row([chat.0], |row| row.get(0))
        .optional()?
        .unwrap_or_default())
}

impl WriteTx<'_> {
    /// What is here of the archive, as this transaction sees it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn archive(&self) -> Result<Archive, StoreError> {
        read(self.connection())
    }

    /// Keeps that, whole. Call it in the job that merges the page.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_archive(&mut self, archive: &Archive) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("DELETE FROM archive_range")?
            .execute([])?;
        for (place, range) in (0_i64..).zip(&archive.ranges) {
            self.connection()
                .prepare_cached(
                    "INSERT INTO archive_range
                        (place, oldest, oldest_at, newest, newest_at, complete, items)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    place,
                    range.oldest,
                    range.oldest_at,
                    range.newest,
                    range.newest_at,
                    range.complete,
                    i64::try_from(range.items).unwrap_or(i64::MAX),
                ])?;
        }
        let total = archive.total.map(|total| total.to_string());
        self.set_meta(key::ARCHIVE_TOTAL, total.as_deref())?;
        if archive.holes().next().is_none() {
            self.forget_early_marks()?;
            if !archive.ranges.is_empty() {
                self.end_waiting()?;
            }
        }
        Ok(())
    }

    /// The archive holds nothing of this chat that is older than what is here.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_chat_whole(&mut self, chat: ChatId) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("UPDATE chat SET archive_whole = 1 WHERE id = ?1")?
            .execute([chat.0])?;
        Ok(())
    }

    /// When the newest message was said that a chat has from `from` on and before `until`. What the server has not got
    /// from us yet has no place among the others.
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
            .prepare_cached("SELECT max(at) FROM message WHERE chat = ?1 AND at >= ?2 AND at < ?3 AND state <> 0")?
            .query_row(params![chat.0, from, until], |row| row.get(0))?)
    }
}

impl Reader {
    /// What is here of the archive.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn archive(&self) -> Result<Archive, StoreError> {
        self.read(read).await
    }

    /// Where what is here of a chat begins.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub async fn chat_edge(&self, chat: ChatId) -> Result<ChatEdge, StoreError> {
        self.read(move |connection| edge(connection, chat)).await
    }

    /// When the oldest message was said that went out and may not have arrived.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn in_doubt_since(&self) -> Result<Option<Millis>, StoreError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT min(m.at) FROM outbox AS o JOIN message AS m ON m.id = o.message
                     WHERE o.job = 0 AND o.stage = 1 AND o.attempts > 0 AND o.wedged = 0",
                )?
                .query_row([], |row| row.get(0))?)
        })
        .await
    }

    /// When the newest message that is here was said, in any chat.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn last_said(&self) -> Result<Option<Millis>, StoreError> {
        self.read(|connection| {
            let mut newest = connection.prepare_cached(
                "SELECT max(m.at) FROM chat AS c JOIN message AS m ON m.id = c.last",
            )?;
            Ok(newest.query_row([], |row| row.get(0))?)
        })
        .await
    }

    /// How much of the archive the user wants here.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn history_span(&self) -> Result<HistorySpan, StoreError> {
        let name = self.meta(key::HISTORY_SPAN).await?;
        Ok(HistorySpan::from_name(name.as_deref().unwrap_or_default()))
    }
}
