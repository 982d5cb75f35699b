//! How far each chat was displayed on any device of the account (XEP-0490), where the account names messages by the ids of
//! its archive.
//!
//! The read position only moves forward, by the timeline's order, whoever tells of it. An id that is not here waits for its
//! message; it was given out by our own archive, so it comes with a page that is still to come, or never. What was read here
//! is due to be told until the account is known to name the same message or a newer one.
//!
//! Not by the outbox: what matters is the last position of a chat and not each of them, and another device may make telling
//! needless at any time.

use api::{ChatId, MessageCursor, MessageId, Millis};
use rusqlite::{OptionalExtension, Row, params};

use crate::{StoreError, WriteTx};

/// So many chats are told of in one go.
const AT_ONCE: usize = 1_000;

/// Where the message of an archive id stands, in its chat.
pub(crate) const PLACE: &str = "
    SELECT m.chat, m.at, m.id FROM message AS m JOIN chat AS c ON c.id = m.chat
    WHERE m.server_id = ?1 AND m.server_id <> '' AND c.address = ?2";

pub(crate) const DUE: &str = "
    SELECT d.address, d.told, d.awaited, c.id, c.read_at, c.read_id
    FROM displayed AS d JOIN chat AS c ON c.address = d.address
    WHERE d.due = 1 ORDER BY d.address LIMIT ?1";

/// The newest message from the other side that was read and has an id of the archive. Of those without one there are few,
/// or nothing but those.
pub(crate) const NEWEST_READ: &str = "
    SELECT server_id, at, id FROM (
        SELECT server_id, at, id, own FROM message
        WHERE chat = ?1 AND (at, id) <= (?2, ?3) ORDER BY at DESC, id DESC LIMIT 200
    ) WHERE own = 0 AND server_id <> '' ORDER BY at DESC, id DESC LIMIT 1";

/// A chat whose read position the account may not know.
struct Due {
    address: String,
    told: String,
    awaited: bool,
    chat: ChatId,
    read: MessageCursor,
}

/// The place that these two columns tell.
fn cursor(row: &Row<'_>, at: &str, id: &str) -> rusqlite::Result<MessageCursor> {
    let at = row.get(at)?;
    let id = MessageId(row.get(id)?);
    Ok(MessageCursor { at, id })
}

impl Due {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            address: row.get("address")?,
            told: row.get("told")?,
            awaited: row.get("awaited")?,
            chat: ChatId(row.get("id")?),
            read: cursor(row, "read_at", "read_id")?,
        })
    }
}

impl WriteTx<'_> {
    /// The account says that this chat was displayed up to the message that its archive calls `id`. Nothing is sent.
    ///
    /// # Errors
    /// Those of the database.
    pub fn displayed_elsewhere(&mut self, address: &str, id: &str) -> Result<(), StoreError> {
        let place = self.place_of(address, id)?;
        self.connection()
            .prepare_cached(
                "INSERT INTO displayed (address, told, awaited) VALUES (?1, ?2, ?3)
                 ON CONFLICT (address) DO UPDATE SET told = excluded.told, awaited = excluded.awaited",
            )?
            .execute(params![address, id, place.is_none()])?;
        match place {
            Some((chat, upto)) => self.read_up_to(chat, upto, false),
            None => Ok(()),
        }
    }

    /// What the account is to be told: a chat's address and the archive's id. What it knows already is left out from then
    /// on. A chat waits while the account names a message that may be newer, in a hole of the archive.
    ///
    /// # Errors
    /// Those of the database.
    pub fn displayed_due(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        let missing: Option<Millis> = self.archive()?.holes().map(|hole| hole.before).max();
        let due: Vec<Due> = self
            .connection()
            .prepare_cached(DUE)?
            .query_map([i64::try_from(AT_ONCE).unwrap_or(i64::MAX)], Due::from_row)?
            .collect::<Result<_, _>>()?;
        let mut to_tell = Vec::new();
        for due in due {
            let Some((id, here)) = self.newest_read(due.chat, due.read)? else {
                continue;
            };
            let is_known = due.told == id
                || (!due.awaited
                    && self
                        .place_of(&due.address, &due.told)?
                        .is_some_and(|(_, told)| (told.at, told.id) >= (here.at, here.id)));
            if is_known {
                self.displayed_told(&due.address, None)?;
            } else if !due.awaited || missing.is_none_or(|missing| here.at >= missing) {
                to_tell.push((due.address, id));
            }
        }
        Ok(to_tell)
    }

    /// The account was told this. Where more was read meanwhile, that stays due.
    ///
    /// # Errors
    /// Those of the database.
    pub fn displayed_is_told(&mut self, address: &str, id: &str) -> Result<(), StoreError> {
        self.displayed_told(address, Some(id))?;
        let read = self
            .connection()
            .prepare_cached("SELECT id, read_at, read_id FROM chat WHERE address = ?1")?
            .query_row([address], |row| {
                Ok((ChatId(row.get("id")?), cursor(row, "read_at", "read_id")?))
            })
            .optional()?;
        if let Some((chat, read)) = read
            && self
                .newest_read(chat, read)?
                .is_some_and(|(newest, _)| newest != id)
        {
            self.displayed_here(chat)?;
        }
        Ok(())
    }

    /// A chat was read here.
    pub(crate) fn displayed_here(&mut self, chat: ChatId) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached(
                "INSERT INTO displayed (address, due) SELECT address, 1 FROM chat WHERE id = ?1
                 ON CONFLICT (address) DO UPDATE SET due = 1 WHERE due = 0",
            )?
            .execute([chat.0])?;
        Ok(())
    }

    /// A message is here, or got this id of the archive; somebody may have read up to it.
    pub(crate) fn take_displayed(&mut self, address: &str, id: &str) -> Result<(), StoreError> {
        if id.is_empty() {
            return Ok(());
        }
        let is_awaited = self
            .connection()
            .prepare_cached(
                "SELECT 1 FROM displayed WHERE address = ?1 AND told = ?2 AND awaited = 1",
            )?
            .exists(params![address, id])?;
        match is_awaited {
            true => self.displayed_elsewhere(address, id),
            false => Ok(()),
        }
    }

    fn displayed_told(&mut self, address: &str, id: Option<&str>) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached(
                "UPDATE displayed SET due = 0, awaited = awaited AND ?2 IS NULL, told = coalesce(?2, told)
                 WHERE address = ?1",
            )?
            .execute(params![address, id])?;
        Ok(())
    }

    fn place_of(
        &self,
        address: &str,
        id: &str,
    ) -> Result<Option<(ChatId, MessageCursor)>, StoreError> {
        Ok(self
            .connection()
            .prepare_cached(PLACE)?
            .query_row(params![id, address], |row| {
                Ok((ChatId(row.get("chat")?), cursor(row, "at", "id")?))
            })
            .optional()?)
    }

    fn newest_read(
        &self,
        chat: ChatId,
        read: MessageCursor,
    ) -> Result<Option<(String, MessageCursor)>, StoreError> {
        Ok(self
            .connection()
            .prepare_cached(NEWEST_READ)?
            .query_row(params![chat.0, read.at, read.id.0], |row| {
                Ok((row.get("server_id")?, cursor(row, "at", "id")?))
            })
            .optional()?)
    }
}
