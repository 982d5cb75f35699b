//! What an export reads: records in the order of a timeline, and which of them changed
//! since they were last written.
//!
//! One folder learns of every change. A turn takes what is new (by number: ids only
//! grow) and what changed (`export_due`, filled by triggers), and is settled when all of
//! it is on the disk. What changes in between is noted under the next turn, and a turn
//! that was never settled is taken again; so a kill costs work and never a change.
//!
//! Rejected: a number on every message that grows with each change (an index over all
//! of them, paid by everybody who never exports), and listening to commits (a marker that
//! raises a thousand messages publishes some of them, and a kill forgets).

mod archive;

use api::{ChatId, MessageCursor, MessageId, Millis};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::record::{self, Record, select_record};
use crate::{DraftRow, Reader, StoreError, WriteTx, draft};

pub(crate) const OF_CHAT: &str = select_record!(
    "WHERE m.chat = ?1 AND (m.at, m.id) > (?2, ?3) AND m.at < ?4 AND m.id <= ?5
     ORDER BY m.at, m.id LIMIT ?6"
);
pub(crate) const NEW: &str =
    select_record!("WHERE m.id > ?1 AND m.id <= ?2 ORDER BY m.id LIMIT ?3");
pub(crate) const DUE: &str = "
    SELECT message, chat, at FROM export_due
    WHERE message > ?1 AND turn < ?2 ORDER BY message LIMIT ?3";
const BY_ID: &str = select_record!("WHERE m.id = ?1");
pub(crate) const TIMES: &str =
    "SELECT at FROM message WHERE chat = ?1 AND at >= ?2 AND id <= ?3 ORDER BY at";
const CHATS: &str = "
    SELECT id, address, title, draft, raised_at, read_at, read_id, unread FROM chat ORDER BY address";

pub use archive::{ExportArchive, ExportMark};

/// One writing of the folder that learns of every change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportTurn {
    /// Its number.
    pub turn: i64,
    /// Messages up to this one are in the folder.
    pub reached: MessageId,
    /// Messages up to this one belong into it now.
    pub upto: MessageId,
    /// How many of those that are in the folder changed.
    pub due: u64,
}

/// The folder that learns of every change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportState {
    /// As the folder says itself.
    pub name: String,
    /// The last turn that was finished. A folder that is behind it was put back to an older state.
    pub settled: i64,
}

/// A message of the folder that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportDue {
    /// Which.
    pub message: MessageId,
    /// Its chat.
    pub chat: ChatId,
    /// When it was said.
    pub at: Millis,
    /// As it is now; `None`: it is gone.
    pub record: Option<Record>,
}

/// What an export says of a chat besides its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportChat {
    /// Which.
    pub id: ChatId,
    /// The other side's bare address.
    pub address: String,
    /// What it is called.
    pub title: String,
    /// Text typed and not sent.
    pub draft: String,
    /// A place in the list without a message; 0: none.
    pub raised_at: Millis,
    /// The newest place that is known to be read.
    pub read: MessageCursor,
    /// Messages that wait to be read.
    pub unread: u32,
    /// Recordings that were not sent, oldest first.
    pub drafts: Vec<DraftRow>,
}

impl WriteTx<'_> {
    /// A folder that holds nothing learns of everything from now on, instead of the one before.
    ///
    /// # Errors
    /// Those of the database.
    pub fn export_begin(&mut self, name: &str) -> Result<ExportTurn, StoreError> {
        self.export_forget()?;
        let upto = newest(self.connection())?;
        self.connection()
            .prepare_cached(
                "INSERT INTO export (name, turn, settled, reached, taken) VALUES (?1, 1, 0, 0, ?2)",
            )?
            .execute(params![name, upto.0])?;
        Ok(ExportTurn {
            turn: 1,
            reached: MessageId(0),
            upto,
            due: 0,
        })
    }

    /// The next turn, with all that no settled one holds. `None`: no folder learns of changes.
    ///
    /// # Errors
    /// Those of the database.
    pub fn export_turn(&mut self) -> Result<Option<ExportTurn>, StoreError> {
        let upto = newest(self.connection())?;
        let turn = self
            .connection()
            .prepare_cached(
                "UPDATE export SET turn = turn + 1, taken = ?1 RETURNING turn, reached",
            )?
            .query_row([upto.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((turn, reached)) = turn else {
            return Ok(None);
        };
        let due: i64 = self
            .connection()
            .prepare_cached("SELECT count(*) FROM export_due")?
            .query_row([], |row| row.get(0))?;
        Ok(Some(ExportTurn {
            turn,
            reached: MessageId(reached),
            upto,
            due: due.unsigned_abs(),
        }))
    }

    /// All of a turn is on the disk. One that another took the place of settles nothing.
    ///
    /// # Errors
    /// Those of the database.
    pub fn export_settled(&mut self, name: &str, turn: &ExportTurn) -> Result<(), StoreError> {
        let settled = self
            .connection()
            .prepare_cached(
                "UPDATE export SET settled = ?2, reached = ?3 WHERE name = ?1 AND turn = ?2",
            )?
            .execute(params![name, turn.turn, turn.upto.0])?;
        if settled > 0 {
            self.connection()
                .prepare_cached("DELETE FROM export_due WHERE turn < ?1")?
                .execute([turn.turn])?;
        }
        Ok(())
    }

    /// No folder learns of changes any more.
    ///
    /// # Errors
    /// Those of the database.
    pub fn export_forget(&mut self) -> Result<(), StoreError> {
        self.connection().execute("DELETE FROM export", [])?;
        self.connection().execute("DELETE FROM export_due", [])?;
        Ok(())
    }
}

fn newest(connection: &Connection) -> Result<MessageId, StoreError> {
    Ok(connection
        .prepare_cached("SELECT id FROM message ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok(MessageId(row.get(0)?)))
        .optional()?
        .unwrap_or(MessageId(0)))
}

fn with_chat(connection: &Connection, row: &Row<'_>) -> Result<(ChatId, Record), StoreError> {
    Ok((ChatId(row.get("chat")?), record::from_row(connection, row)?))
}

impl Reader {
    /// The folder that learns of every change, where there is one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn export_state(&self) -> Result<Option<ExportState>, StoreError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT name, settled FROM export")?
                .query_row([], |row| {
                    Ok(ExportState {
                        name: row.get("name")?,
                        settled: row.get("settled")?,
                    })
                })
                .optional()?)
        })
        .await
    }

    /// Everything there is now, for a folder that learns of no changes.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn export_all(&self) -> Result<ExportTurn, StoreError> {
        self.read(|connection| {
            Ok(ExportTurn {
                turn: 0,
                reached: MessageId(0),
                upto: newest(connection)?,
                due: 0,
            })
        })
        .await
    }

    /// All chats, by address.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn export_chats(&self) -> Result<Vec<ExportChat>, StoreError> {
        self.read(|connection| {
            let mut chats: Vec<ExportChat> = connection
                .prepare_cached(CHATS)?
                .query_map([], |row| {
                    Ok(ExportChat {
                        id: ChatId(row.get("id")?),
                        address: row.get("address")?,
                        title: row.get("title")?,
                        draft: row.get("draft")?,
                        raised_at: row.get("raised_at")?,
                        read: MessageCursor {
                            at: row.get("read_at")?,
                            id: MessageId(row.get("read_id")?),
                        },
                        unread: row.get("unread")?,
                        drafts: Vec::new(),
                    })
                })?
                .collect::<Result<_, _>>()?;
            let mut drafts = draft::all(connection)?;
            for chat in &mut chats {
                chat.drafts = drafts.extract_if(.., |row| row.chat == chat.id).collect();
            }
            Ok(chats)
        })
        .await
    }

    /// The next records of a chat after a place and before a time, oldest first, of messages up to a number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn export_of_chat(
        &self,
        chat: ChatId,
        after: MessageCursor,
        until: Millis,
        upto: MessageId,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(OF_CHAT)?
                .query_and_then(
                    params![chat.0, after.at, after.id.0, until, upto.0, limit],
                    |row| record::from_row(connection, row),
                )?
                .collect()
        })
        .await
    }

    /// How many messages of a chat there are up to a number, by a bucket of their time, from a time on: in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn export_counts(
        &self,
        chat: ChatId,
        from: Millis,
        upto: MessageId,
        bucket: fn(Millis) -> i64,
        until: i64,
    ) -> Result<Vec<(i64, u64)>, StoreError> {
        self.read(move |connection| {
            let mut counts: Vec<(i64, u64)> = Vec::new();
            let mut statement = connection.prepare_cached(TIMES)?;
            let mut rows = statement.query(params![chat.0, from, upto.0])?;
            while let Some(row) = rows.next()? {
                let bucket = bucket(row.get("at")?);
                if bucket >= until {
                    break;
                }
                match counts.last_mut() {
                    Some((last, count)) if *last == bucket => *count += 1,
                    _ => counts.push((bucket, 1)),
                }
            }
            Ok(counts)
        })
        .await
    }

    /// The next new messages of a turn after a number, by number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn export_new(
        &self,
        turn: ExportTurn,
        after: MessageId,
        limit: u32,
    ) -> Result<Vec<(ChatId, Record)>, StoreError> {
        let after = after.max(turn.reached);
        self.read(move |connection| {
            connection
                .prepare_cached(NEW)?
                .query_and_then(params![after.0, turn.upto.0, limit], |row| {
                    with_chat(connection, row)
                })?
                .collect()
        })
        .await
    }

    /// The next changed messages of a turn after a number, by number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn export_due(
        &self,
        turn: ExportTurn,
        after: MessageId,
        limit: u32,
    ) -> Result<Vec<ExportDue>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(DUE)?
                .query_and_then(params![after.0, turn.turn, limit], |row| {
                    let message = MessageId(row.get("message")?);
                    let record = connection
                        .prepare_cached(BY_ID)?
                        .query_and_then([message.0], |row| record::from_row(connection, row))?
                        .next()
                        .transpose()?;
                    Ok(ExportDue {
                        message,
                        chat: ChatId(row.get("chat")?),
                        at: row.get("at")?,
                        record,
                    })
                })?
                .collect()
        })
        .await
    }
}
