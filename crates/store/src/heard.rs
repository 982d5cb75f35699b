//! Which voice was heard on any device of the account, where the other side is not told of it.
//!
//! The account keeps for each chat the ids of those heard last. What it tells is marked here; an id that is not here waits
//! for its message, as in [`crate::displayed`]. What was heard here is due to be told, together with what the account told.
//! The list holds only so many of a chat, so a device that was away while more were heard learns of the last of them. What
//! was told is not taken back; what was put away and not told yet can be had back.

use std::collections::HashSet;

use api::{ChatId, MessageId, Millis};
use rusqlite::{OptionalExtension, ToSql, params};

use crate::{StoreError, WriteTx};

/// Voice of the other side by an id of the archive.
pub(crate) const VOICE: &str = "
    SELECT m.id, m.chat, d.heard FROM message AS m
    JOIN chat AS c ON c.id = m.chat JOIN media AS d ON d.message = m.id
    WHERE m.server_id = ?1 AND m.server_id <> '' AND c.address = ?2 AND m.kind = 1 AND m.own = 0";

/// What was heard last of a chat: looked for among its newest messages. Not what may be had back.
pub(crate) const HEARD_LAST: &str = "
    SELECT recent.server_id FROM (
        SELECT id, server_id, at FROM message
        WHERE chat = ?1 AND kind = 1 AND own = 0 AND server_id <> '' ORDER BY at DESC, id DESC LIMIT 1000
    ) AS recent JOIN media AS d ON d.message = recent.id
    WHERE d.heard = 1 AND NOT EXISTS (SELECT 1 FROM heard_due AS due WHERE due.message = recent.id AND due.after > ?3)
    ORDER BY recent.at DESC, recent.id DESC LIMIT ?2";

/// What is to be told of a chat, newest first.
pub(crate) const HEARD_DUE: &str = "
    SELECT m.server_id FROM heard_due AS due CROSS JOIN message AS m ON m.id = due.message
    WHERE m.chat = ?1 AND m.server_id <> '' AND due.after <= ?2 ORDER BY m.at DESC, m.id DESC";

/// The chats of which something is to be told.
pub(crate) const HEARD_DUE_CHATS: &str = "
    SELECT DISTINCT c.address, c.id FROM heard_due AS due
    CROSS JOIN message AS m ON m.id = due.message CROSS JOIN chat AS c ON c.id = m.chat
    WHERE m.server_id <> '' AND due.after <= ?1";

/// What was told.
pub(crate) const HEARD_TOLD: &str = "
    DELETE FROM heard_due WHERE after <= ?3 AND message IN (
        SELECT m.id FROM message AS m JOIN chat AS c ON c.id = m.chat
        WHERE m.server_id = ?1 AND m.server_id <> '' AND c.address = ?2)";

/// What was heard elsewhere and is not here yet.
pub(crate) const HEARD_AHEAD: &str = "SELECT id FROM heard_ahead WHERE address = ?1 ORDER BY id";

impl WriteTx<'_> {
    /// The account says that these were heard in this chat, by the ids of its archive. Nobody is told.
    ///
    /// # Errors
    /// Those of the database.
    pub fn heard_by_account(&mut self, address: &str, ids: &[String]) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("DELETE FROM heard_ahead WHERE address = ?1")?
            .execute([address])?;
        for id in ids {
            if !self.mark_heard(address, id)? {
                self.connection()
                    .prepare_cached(
                        "INSERT OR REPLACE INTO heard_ahead (id, address) VALUES (?1, ?2)",
                    )?
                    .execute([id, address])?;
            }
        }
        Ok(())
    }

    /// What the account is to be told at this time: of each chat the ids of what it may not know, and then of what was heard
    /// last, newest first and at most so many. Where more than that is due, the oldest go first: the account keeps what it is
    /// told last, and has to be asked for again after [`WriteTx::heard_is_told`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn heard_due(
        &mut self,
        most: usize,
        now: Millis,
    ) -> Result<Vec<(String, Vec<String>)>, StoreError> {
        let chats: Vec<(String, i64)> = self
            .connection()
            .prepare_cached(HEARD_DUE_CHATS)?
            .query_map([now], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut due = Vec::with_capacity(chats.len());
        for (address, chat) in chats {
            let ids = self.heard_list(&address, ChatId(chat), most, now)?;
            due.push((address, ids));
        }
        Ok(due)
    }

    /// When more will be due, after this time.
    ///
    /// # Errors
    /// Those of the database.
    pub fn heard_due_next(&mut self, now: Millis) -> Result<Option<Millis>, StoreError> {
        Ok(self
            .connection()
            .prepare_cached("SELECT min(after) FROM heard_due WHERE after > ?1")?
            .query_row([now], |row| row.get(0))?)
    }

    /// The account was told this.
    ///
    /// # Errors
    /// Those of the database.
    pub fn heard_is_told(
        &mut self,
        address: &str,
        ids: &[String],
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut told = self.connection().prepare_cached(HEARD_TOLD)?;
        for id in ids {
            told.execute(params![id, address, now])?;
        }
        Ok(())
    }

    /// This was heard here, and only the account is to know: not before a time, 0 for at once.
    pub(crate) fn heard_here(
        &mut self,
        message: MessageId,
        after: Millis,
    ) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("INSERT OR IGNORE INTO heard_due (message, after) VALUES (?1, ?2)")?
            .execute(params![message.0, after])?;
        Ok(())
    }

    /// A message is here, or got this id of the archive; it may have been heard elsewhere before.
    pub(crate) fn take_heard(&mut self, address: &str, id: &str) -> Result<(), StoreError> {
        if id.is_empty() {
            return Ok(());
        }
        let is_heard = self
            .connection()
            .prepare_cached("DELETE FROM heard_ahead WHERE id = ?1 AND address = ?2")?
            .execute([id, address])?;
        if is_heard > 0 {
            self.mark_heard(address, id)?;
        }
        Ok(())
    }

    /// Whether it is here.
    fn mark_heard(&mut self, address: &str, id: &str) -> Result<bool, StoreError> {
        let voice = self
            .connection()
            .prepare_cached(VOICE)?
            .query_row([id, address], |row| {
                let (message, chat): (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok((MessageId(message), ChatId(chat), row.get::<_, bool>(2)?))
            })
            .optional()?;
        let Some((message, chat, is_heard)) = voice else {
            return Ok(false);
        };
        if !is_heard {
            self.set_heard(message, chat)?;
        }
        Ok(true)
    }

    fn heard_list(
        &self,
        address: &str,
        chat: ChatId,
        most: usize,
        now: Millis,
    ) -> Result<Vec<String>, StoreError> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let all = |sql: &str, parameters: &[&dyn ToSql]| -> Result<Vec<String>, StoreError> {
            let connection = self.connection();
            let mut ids = connection.prepare_cached(sql)?;
            let ids = ids.query_map(parameters, |row| row.get(0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        };
        let mut ids = all(HEARD_DUE, &[&chat.0, &now])?;
        ids.drain(..ids.len().saturating_sub(most));
        let last = all(HEARD_LAST, &[&chat.0, &limit, &now])?;
        // What is not here yet is not to be forgotten either, as far as there is room beside what was heard here.
        let ahead = all(HEARD_AHEAD, &[&address])?;
        let mut listed: HashSet<String> = ids.iter().cloned().collect();
        let others = last.into_iter().chain(ahead);
        ids.extend(others.filter(|id| listed.insert(id.clone())));
        ids.truncate(most);
        Ok(ids)
    }
}
