//! What has to go out. The table is the queue; a nudge only saves waiting.
//!
//! Two lanes a chat, each first in, first out: messages, and the rest (receipts
//! and markers). A row goes `upload -> send -> ack` and is gone with the server's
//! ack (XEP-0198). Rows that wait for an ack do not hold up the next ones: sends
//! are pipelined in order. A row that waits for its retry does; a wedged one,
//! which only the user can release, never.

use api::{ChatId, FaultKind, MessageId, MessageState, Millis};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{Reader, StoreError, WriteTx, message};

const MESSAGE: i64 = 0;
pub(crate) const RECEIPT: i64 = 1;
pub(crate) const DISPLAYED: i64 = 2;
pub(crate) const HEARD: i64 = 3;

/// The oldest row of each lane that is neither wedged nor waiting for an ack. It
/// leaps from lane to lane through the index, however many rows wait in each.
macro_rules! heads {
    ($tail:literal) => {
        concat!(
            "WITH RECURSIVE lane (n) AS (
                SELECT min(lane) FROM outbox WHERE wedged = 0 AND stage < 2
                UNION ALL
                SELECT (SELECT min(lane) FROM outbox WHERE wedged = 0 AND stage < 2 AND lane > n)
                FROM lane WHERE n IS NOT NULL
             ),
             head (id) AS (
                SELECT (SELECT min(id) FROM outbox WHERE wedged = 0 AND stage < 2 AND lane = n)
                FROM lane WHERE n IS NOT NULL
             ) ",
            $tail
        )
    };
}

pub(crate) const DUE: &str = heads!(
    "SELECT o.id, o.chat, o.job, o.message, o.addressee, o.reference, o.stage, o.attempts,
            c.address, m.kind, m.origin_id, m.body,
            d.file, d.media_type, d.url, d.size, d.sha256, d.duration_ms, d.peaks
     FROM head CROSS JOIN outbox AS o ON o.id = head.id JOIN chat AS c ON c.id = o.chat
          LEFT JOIN message AS m ON m.id = o.message LEFT JOIN media AS d ON d.message = o.message
     WHERE o.not_before <= ?1 ORDER BY o.id LIMIT 64"
);

/// Walks the outbox, which holds what waits to go out and no more.
const UPLOADS_AGAIN: &str =
    "UPDATE outbox SET not_before = 0, attempts = 0 WHERE stage = 0 AND wedged = 0";

pub(crate) const NEXT_AT: &str = heads!(
    "SELECT min(o.not_before) FROM head CROSS JOIN outbox AS o ON o.id = head.id
     WHERE o.not_before > ?1"
);

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

/// Messages that were handed over and taken back without an outcome.
const IN_DOUBT: &str =
    "SELECT id FROM outbox WHERE job = 0 AND stage = 1 AND attempts > 0 AND wedged = 0";

/// Sent without an ack: sent again, at its old place.
pub(crate) const ALL_LOST: &str = "UPDATE outbox SET stage = 1 WHERE stage = 2";

/// The files whose upload is due.
pub(crate) fn uploads(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare(
            "SELECT d.file FROM outbox AS o JOIN media AS d ON d.message = o.message
             WHERE o.stage = 0 AND d.file <> ''",
        )?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn stage_to(stage: Stage) -> i64 {
    match stage {
        Stage::Upload => 0,
        Stage::Send => 1,
        Stage::Ack => 2,
    }
}

fn from_row(row: &Row<'_>) -> Result<OutboxRow, StoreError> {
    let addressee: String = row.get("addressee")?;
    let job = match row.get("job")? {
        MESSAGE => Job::Message {
            message: MessageId(row.get("message")?),
            origin_id: row.get("origin_id")?,
            content: content_from_row(row)?,
        },
        RECEIPT => Job::Receipt {
            id: row.get("reference")?,
        },
        DISPLAYED => Job::Displayed {
            id: row.get("reference")?,
        },
        HEARD => Job::Heard {
            id: row.get("reference")?,
        },
        _ => return Err(StoreError::Unreadable("outbox job")),
    };
    Ok(OutboxRow {
        id: row.get("id")?,
        chat: ChatId(row.get("chat")?),
        to: match addressee.is_empty() {
            true => row.get("address")?,
            false => addressee,
        },
        job,
        stage: match row.get("stage")? {
            0_i64 => Stage::Upload,
            1 => Stage::Send,
            2 => Stage::Ack,
            _ => return Err(StoreError::Unreadable("outbox stage")),
        },
        attempts: row.get("attempts")?,
    })
}

fn content_from_row(row: &Row<'_>) -> Result<OutgoingContent, StoreError> {
    match row.get("kind")? {
        message::TEXT => Ok(OutgoingContent::Text {
            body: row.get("body")?,
        }),
        message::VOICE => {
            let url: String = row.get("url")?;
            Ok(OutgoingContent::Voice {
                file: row.get("file")?,
                media_type: row.get("media_type")?,
                url: Some(url).filter(|url| !url.is_empty()),
                size: message::size_from(row.get("size")?),
                sha256: message::hash_from(row.get("sha256")?),
                duration_ms: row.get("duration_ms")?,
                peaks: row.get("peaks")?,
            })
        }
        _ => Err(StoreError::Unreadable("kind of an own message")),
    }
}

pub(crate) fn insert_message(
    connection: &Connection,
    chat: ChatId,
    message: MessageId,
    stage: Stage,
) -> Result<(), StoreError> {
    // Due at once, whatever the clock says: one that is set back must not hold anything.
    connection
        .prepare_cached(
            "INSERT INTO outbox (lane, chat, job, message, stage, not_before)
             VALUES (2 * ?1, ?1, 0, ?2, ?3, 0)",
        )?
        .execute(params![chat.0, message.0, stage_to(stage)])?;
    Ok(())
}

/// A receipt or marker; an empty addressee is the chat's address.
pub(crate) fn insert_note(
    connection: &Connection,
    chat: ChatId,
    job: i64,
    addressee: &str,
    reference: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (lane, chat, job, addressee, reference, stage)
             VALUES (2 * ?1 + 1, ?1, ?2, ?3, ?4, 1)",
        )?
        .execute(params![chat.0, job, addressee, reference])?;
    Ok(())
}

/// A displayed marker stands for all before it, so one that still waits is superseded.
pub(crate) fn replace_displayed(
    connection: &Connection,
    chat: ChatId,
    reference: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM outbox
             WHERE lane = 2 * ?1 + 1 AND wedged = 0 AND stage < 2 AND job = 2",
        )?
        .execute([chat.0])?;
    insert_note(connection, chat, DISPLAYED, "", reference)
}

/// A receipt that waits, in its lane.
pub(crate) fn forget_receipt(
    connection: &Connection,
    chat: ChatId,
    reference: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM outbox
             WHERE lane = 2 * ?1 + 1 AND wedged = 0 AND stage < 2 AND job = 1 AND reference = ?2",
        )?
        .execute(params![chat.0, reference])?;
    Ok(())
}

/// Returns whether it was queued.
pub(crate) fn forget_message(
    connection: &Connection,
    message: MessageId,
) -> Result<bool, StoreError> {
    let gone = connection
        .prepare_cached("DELETE FROM outbox WHERE message = ?1 AND message <> 0")?
        .execute([message.0])?;
    Ok(gone > 0)
}

/// All take the row's id; a row that is gone meanwhile is no error.
impl WriteTx<'_> {
    /// A try begins now. Counted before, so that a row that kills us runs out of tries.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_try(&mut self, row: i64) -> Result<(), StoreError> {
        self.update_row(
            "UPDATE outbox SET attempts = attempts + 1 WHERE id = ?1",
            row,
        )
    }

    /// The try of an upload, counted before. Whether the file still has to go up: whoever asks may have read the row
    /// before another upload of it ended.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_upload_try(&mut self, row: i64) -> Result<bool, StoreError> {
        let changed = self
            .connection()
            .prepare_cached(
                "UPDATE outbox SET attempts = attempts + 1 WHERE id = ?1 AND stage = 0",
            )?
            .execute([row])?;
        Ok(changed > 0)
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
        let message: Option<i64> = self
            .connection()
            .prepare_cached(
                "UPDATE outbox SET stage = 1, attempts = 0, not_before = 0
                 WHERE id = ?1 AND stage = 0 RETURNING message",
            )?
            .query_row([row], |row| row.get(0))
            .optional()?;
        if let Some(message) = message {
            self.connection()
                .prepare_cached(
                    "UPDATE media SET url = ?2, size = ?3, sha256 = ?4 WHERE message = ?1",
                )?
                .execute(params![
                    message,
                    url,
                    message::size_to(Some(size)),
                    sha256.as_slice(),
                ])?;
        }
        Ok(())
    }

    /// The stanza is on the stream: `send -> ack`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_sent(&mut self, row: i64) -> Result<(), StoreError> {
        self.update_row(
            "UPDATE outbox SET stage = 2 WHERE id = ?1 AND stage = 1",
            row,
        )
    }

    /// The server has it: the row goes, a pending message is `Sent`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_acked(&mut self, row: i64) -> Result<(), StoreError> {
        let message: Option<i64> = self
            .connection()
            .prepare_cached("DELETE FROM outbox WHERE id = ?1 RETURNING message")?
            .query_row([row], |row| row.get(0))
            .optional()?;
        let Some(message) = message else {
            return Ok(());
        };
        let pending = self
            .connection()
            .prepare_cached("SELECT 1 FROM message WHERE id = ?1 AND state = 0")?
            .exists([message])?;
        if pending {
            self.set_state(MessageId(message), MessageState::Sent, None)?;
        }
        Ok(())
    }

    /// Whether a message was handed over and its outcome is not known.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_in_doubt(&self) -> Result<bool, StoreError> {
        Ok(self
            .connection()
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM outbox
                 WHERE job = 0 AND wedged = 0 AND (stage = 2 OR (stage = 1 AND attempts > 0)))",
            )?
            .query_row([], |row| row.get(0))?)
    }

    /// The stream ended before the ack: `ack -> send`, at its old place.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_lost(&mut self, row: i64) -> Result<(), StoreError> {
        self.update_row(
            "UPDATE outbox SET stage = 1 WHERE id = ?1 AND stage = 2",
            row,
        )
    }

    /// It never reached a stream: `ack -> send`, and the try does not count.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_unsent(&mut self, row: i64) -> Result<(), StoreError> {
        self.update_row(
            "UPDATE outbox SET stage = 1, attempts = max(attempts - 1, 0)
             WHERE id = ?1 AND stage = 2",
            row,
        )
    }

    /// There is a connection again: uploads that waited for their time are due, with all their tries.
    ///
    /// # Errors
    /// Those of the database.
    pub fn uploads_again(&mut self) -> Result<(), StoreError> {
        self.connection().execute(UPLOADS_AGAIN, [])?;
        Ok(())
    }

    /// The stream is gone and was not resumed: every `ack -> send`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_all_lost(&mut self) -> Result<(), StoreError> {
        self.connection().execute(ALL_LOST, [])?;
        Ok(())
    }

    /// The try failed in a way that may pass; the next not before this.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_retry(&mut self, row: i64, not_before: Millis) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached(
                "UPDATE outbox SET not_before = ?2, stage = min(stage, 1) WHERE id = ?1",
            )?
            .execute(params![row, not_before])?;
        Ok(())
    }

    /// Only the user can go on: the message is failed with this fault and the row
    /// waits, without holding up others. A receipt or marker is dropped.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_wedge(&mut self, row: i64, fault: &FaultKind) -> Result<(), StoreError> {
        let message: Option<i64> = self
            .connection()
            .prepare_cached(
                "UPDATE outbox SET wedged = 1, stage = min(stage, 1) WHERE id = ?1 RETURNING message",
            )?
            .query_row([row], |row| row.get(0))
            .optional()?;
        match message {
            None => Ok(()),
            Some(0) => self.update_row("DELETE FROM outbox WHERE id = ?1", row),
            Some(message) => self.set_state(MessageId(message), MessageState::Failed, Some(fault)),
        }
    }

    /// Every message that was handed over and taken back without an outcome is failed with this fault and waits for the
    /// user ([`WriteTx::outbox_wedge`]). How many. One that turns up after all, in the archive or as an echo, is `Sent`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn outbox_wedge_doubts(&mut self, fault: &FaultKind) -> Result<u64, StoreError> {
        let rows: Vec<i64> = self
            .connection()
            .prepare_cached(IN_DOUBT)?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for row in &rows {
            self.outbox_wedge(*row, fault)?;
        }
        Ok(rows.len() as u64)
    }

    fn update_row(&mut self, sql: &str, row: i64) -> Result<(), StoreError> {
        self.connection().prepare_cached(sql)?.execute([row])?;
        Ok(())
    }
}

impl Reader {
    /// What can go out now: the head of each lane whose time has come, oldest
    /// first, at most 64. Ask again after each step.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn outbox_due(&self, now: Millis) -> Result<Vec<OutboxRow>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(DUE)?
                .query_and_then([now], from_row)?
                .collect()
        })
        .await
    }

    /// When the earliest head of a lane that is not due yet may go. `None`: nothing waits for its time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn outbox_next_at(&self, now: Millis) -> Result<Option<Millis>, StoreError> {
        self.read(move |connection| {
            Ok(connection
                .prepare_cached(NEXT_AT)?
                .query_row([now], |row| row.get(0))?)
        })
        .await
    }

    /// How many messages were handed over and taken back without an outcome.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn outbox_doubts(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT count(*) FROM outbox
                     WHERE job = 0 AND stage = 1 AND attempts > 0 AND wedged = 0",
                )?
                .query_row([], |row| row.get::<_, i64>(0))?
                .unsigned_abs())
        })
        .await
    }

    /// Whether nothing waits to go out or to be acknowledged, except for what waits for the user.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn outbox_is_empty(&self) -> Result<bool, StoreError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM outbox WHERE wedged = 0)")?
                .query_row([], |row| row.get(0))?)
        })
        .await
    }
}
