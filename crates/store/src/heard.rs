//! Which voice was heard on any device of the account, where the other side is not told of it.
//!
//! The account keeps for each chat the ids of those heard last. What it tells is marked here; an id that is not here waits
//! for its message, as in [`crate::displayed`]. What was heard here is due to be told, together with what the account told,
//! so devices that hear different things agree in the end. Nothing makes a message unheard.

use api::{ChatId, MessageId};
use rusqlite::{OptionalExtension, params};

use crate::{StoreError, WriteTx};

/// Voice of the other side by an id of the archive.
pub(crate) const VOICE: &str = "
    SELECT m.id, m.chat, d.heard FROM message AS m
    JOIN chat AS c ON c.id = m.chat JOIN media AS d ON d.message = m.id
    WHERE m.server_id = ?1 AND m.server_id <> '' AND c.address = ?2 AND m.kind = 1 AND m.own = 0";

/// What was heard last of a chat: looked for among its newest messages.
pub(crate) const HEARD_LAST: &str = "
    SELECT recent.server_id FROM (
        SELECT id, server_id, at FROM message
        WHERE chat = ?1 AND kind = 1 AND own = 0 AND server_id <> '' ORDER BY at DESC, id DESC LIMIT 1000
    ) AS recent JOIN media AS d ON d.message = recent.id
    WHERE d.heard = 1 ORDER BY recent.at DESC, recent.id DESC LIMIT ?2";

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

    /// What the account is to be told: of each chat the ids of what was heard last, at most so many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn heard_due(&mut self, most: usize) -> Result<Vec<(String, Vec<String>)>, StoreError> {
        let due: Vec<(String, i64)> = self
            .connection()
            .prepare_cached(
                "SELECT d.address, c.id FROM heard_due AS d JOIN chat AS c ON c.address = d.address",
            )?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut told = Vec::with_capacity(due.len());
        for (address, chat) in due {
            let ids = self.heard_last(&address, ChatId(chat), most)?;
            told.push((address, ids));
        }
        Ok(told)
    }

    /// The account was told this. Where more was heard meanwhile, that stays due.
    ///
    /// # Errors
    /// Those of the database.
    pub fn heard_is_told(&mut self, address: &str, ids: &[String]) -> Result<(), StoreError> {
        let chat: Option<i64> = self
            .connection()
            .prepare_cached("SELECT id FROM chat WHERE address = ?1")?
            .query_row([address], |row| row.get(0))
            .optional()?;
        let now = match chat {
            Some(chat) => self.heard_last(address, ChatId(chat), ids.len())?,
            None => Vec::new(),
        };
        if now.iter().all(|id| ids.contains(id)) {
            self.connection()
                .prepare_cached("DELETE FROM heard_due WHERE address = ?1")?
                .execute([address])?;
        }
        Ok(())
    }

    /// Something of this chat was heard here, and only the account is to know.
    pub(crate) fn heard_here(&mut self, chat: ChatId) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached(
                "INSERT OR IGNORE INTO heard_due (address) SELECT address FROM chat WHERE id = ?1",
            )?
            .execute([chat.0])?;
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

    fn heard_last(
        &self,
        address: &str,
        chat: ChatId,
        most: usize,
    ) -> Result<Vec<String>, StoreError> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let mut ids: Vec<String> = self
            .connection()
            .prepare_cached(HEARD_LAST)?
            .query_map(params![chat.0, limit], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        // What is not here yet is not to be forgotten either, as far as there is room beside what was heard here.
        let ahead: Vec<String> = self
            .connection()
            .prepare_cached("SELECT id FROM heard_ahead WHERE address = ?1 ORDER BY id")?
            .query_map([address], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        ids.extend(ahead);
        ids.truncate(most);
        Ok(ids)
    }
}
