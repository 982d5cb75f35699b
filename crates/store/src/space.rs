//! Making room: copies of files that are let go of. Their messages stay, and the files come again when they are asked for.
//!
//! Never voice, which is the history itself; never what no server was given or may still be given: a file without a URL,
//! one of a message that waits to go out or failed to, and drafts, which are no messages. That the server still has a
//! file nobody here can know; the window says so before.
//!
//! The files are noted in the transaction that lets go of them and deleted after it ([`Reader::removals`]): killed in
//! between, they are still noted, and killed after the delete, deleting them again does nothing. Rejected: deleting first,
//! which leaves messages that claim a file that is gone.

use api::{ChatId, FileSpace, MessageId, Millis};
use rusqlite::params;

use crate::{Reader, StoreError, WriteTx};

/// So many in one transaction: each is a row that windows are told of.
const BATCH: i64 = 100;

/// What can be let go of: `CROSS JOIN` walks the files that are here, never the messages.
macro_rules! freeable {
    ($select:literal, $tail:literal) => {
        concat!(
            "SELECT ",
            $select,
            " FROM media AS d CROSS JOIN message AS m ON m.id = d.message
              WHERE d.state = 0 AND d.voice = 0 AND d.file <> '' AND d.url GLOB 'http*'
                AND (?1 IS NULL OR m.chat = ?1) AND m.at < ?2 AND m.state NOT IN (0, 1)
                AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.message = d.message AND o.message <> 0)",
            $tail
        )
    };
}

pub(crate) const FREEABLE: &str = freeable!("count(*), coalesce(sum(max(d.size, 0)), 0)", "");

pub(crate) const FREE_NEXT: &str = freeable!(
    "d.message, d.file, max(d.size, 0)",
    " AND d.message > ?3 ORDER BY d.message LIMIT ?4"
);

impl WriteTx<'_> {
    /// Lets go of the next files: of one chat or of all, of messages said before `before`, after the message that the call
    /// before answered with. Answers what that was, and where to go on; `None`: nothing is left. The caller deletes what
    /// [`Reader::removals`] tells, after the commit.
    ///
    /// # Errors
    /// Those of the database.
    pub fn free_media(
        &mut self,
        chat: Option<ChatId>,
        before: Millis,
        after: Option<MessageId>,
    ) -> Result<(FileSpace, Option<MessageId>), StoreError> {
        let after = after.map_or(0, |after| after.0);
        let files: Vec<(i64, String, i64)> = self
            .connection()
            .prepare_cached(FREE_NEXT)?
            .query_map(
                params![chat.map(|chat| chat.0), before, after, BATCH],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?
            .collect::<Result<_, _>>()?;
        let mut freed = FileSpace::default();
        for (message, file, bytes) in &files {
            self.remove_later(file)?;
            self.connection()
                .prepare_cached(
                    "UPDATE media SET state = 1, file = '', attempts = 0, not_before = ?2
                     WHERE message = ?1",
                )?
                .execute([*message, Millis::MAX])?;
            self.touch_message(MessageId(*message));
            freed.files += 1;
            freed.bytes += bytes.unsigned_abs();
        }
        Ok((freed, files.last().map(|(message, ..)| MessageId(*message))))
    }
}

impl Reader {
    /// What [`WriteTx::free_media`] would let go of. Looks at every file that is here: not for every frame.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn freeable(
        &self,
        chat: Option<ChatId>,
        before: Millis,
    ) -> Result<FileSpace, StoreError> {
        self.read(move |connection| {
            let room = connection
                .prepare_cached(FREEABLE)?
                .query_row(params![chat.map(|chat| chat.0), before], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                })?;
            Ok(FileSpace {
                files: room.0.unsigned_abs(),
                bytes: room.1.unsigned_abs(),
            })
        })
        .await
    }
}
