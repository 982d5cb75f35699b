//! Listening: the queue of what was not heard, where each sound was left, and how fast somebody is listened to.
//!
//! How fast is not a column of `chat`, for the reason given in `spot`.

use api::{ChatId, DeskOrder, Follow, MessageId, MessageRow, Millis, UnheardPage, UnheardRow};
use rusqlite::{Connection, OptionalExtension, params};

use crate::marks::Tell;
use crate::message::{self, message_columns, message_joins};
use crate::{Reader, StoreError, WriteTx, meta, meta::key};

/// So many are shown.
const PAGE: i64 = 200;

pub(crate) const NEXT_IN_CHAT: &str = "SELECT m.id
     FROM unheard AS u CROSS JOIN message AS m ON m.id = u.message
     WHERE m.chat = ?1 AND (m.at, m.id) > (?2, ?3) ORDER BY m.at, m.id LIMIT 1";

pub(crate) const NEXT_OF_ALL: &str = "SELECT m.id
     FROM unheard AS u CROSS JOIN message AS m ON m.id = u.message
     WHERE (m.at, m.id) > (?1, ?2) ORDER BY m.at, m.id LIMIT 1";

pub(crate) const FIRST_OF_OTHERS: &str = "SELECT m.id
     FROM unheard AS u CROSS JOIN message AS m ON m.id = u.message
     WHERE m.chat <> ?1 ORDER BY m.at, m.id LIMIT 1";

macro_rules! queue {
    ($more:literal, $order:literal) => {
        concat!(
            "SELECT ",
            message_columns!(),
            ", c.title",
            $more,
            " FROM unheard AS u CROSS JOIN message AS m ON m.id = u.message JOIN chat AS c ON c.id = m.chat ",
            message_joins!(),
            " ORDER BY ",
            $order,
            " LIMIT ?1"
        )
    };
}
pub(crate) const BY_TIME: &str = queue!("", "m.at, m.id");
pub(crate) const BY_PERSON: &str = queue!(
    ", min(m.at) OVER (PARTITION BY m.chat) AS waits_since",
    "waits_since, m.chat, m.at, m.id"
);

impl Reader {
    /// What was not heard, in this order, at most 200 of it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unheard(&self, order: DeskOrder) -> Result<UnheardPage, StoreError> {
        self.read(move |connection| {
            let sql = match order {
                DeskOrder::Time => BY_TIME,
                DeskOrder::Person => BY_PERSON,
            };
            let rows = connection
                .prepare_cached(sql)?
                .query_and_then([PAGE], |row| -> Result<_, StoreError> {
                    Ok(UnheardRow {
                        message: message::from_row(row)?,
                        title: row.get("title")?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            let total = connection
                .prepare_cached("SELECT count(*) FROM unheard")?
                .query_row([], |row| row.get(0))?;
            Ok(UnheardPage { rows, total })
        })
        .await
    }

    /// What is to be heard after this message.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub async fn next_unheard(
        &self,
        after: MessageId,
        follow: Follow,
    ) -> Result<Option<MessageRow>, StoreError> {
        self.read(move |connection| {
            let now = message::read(connection, after)?.ok_or(StoreError::NotFound("message"))?;
            let (chat, at, id) = (now.chat.0, now.at, now.id.0);
            let in_chat = || one(connection, NEXT_IN_CHAT, params![chat, at, id]);
            let next = match follow {
                Follow::Nothing => None,
                Follow::Chat => in_chat()?,
                Follow::Desk(DeskOrder::Time) => one(connection, NEXT_OF_ALL, params![at, id])?,
                Follow::Desk(DeskOrder::Person) => match in_chat()? {
                    None => one(connection, FIRST_OF_OTHERS, [chat])?,
                    next => next,
                },
            };
            match next {
                Some(next) => message::read(connection, next),
                None => Ok(None),
            }
        })
        .await
    }

    /// How fast somebody is listened to, in per cent.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn speed(&self, chat: ChatId) -> Result<u16, StoreError> {
        self.read(move |connection| {
            let kept = meta::read(connection, &key::speed(chat))?;
            Ok(kept.and_then(|kept| kept.parse().ok()).unwrap_or(100))
        })
        .await
    }
}

fn one(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Option<MessageId>, StoreError> {
    Ok(connection
        .prepare_cached(sql)?
        .query_row(parameters, |row| row.get(0))
        .optional()?
        .map(MessageId))
}

impl WriteTx<'_> {
    /// Where a sound was left, in ms; 0 where it was heard to its end. One that is gone is no error.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keep_place(&mut self, message: MessageId, place_ms: u32) -> Result<(), StoreError> {
        let changed = self
            .connection()
            .prepare_cached("UPDATE media SET place_ms = ?2 WHERE message = ?1 AND place_ms <> ?2")?
            .execute(params![message.0, place_ms])?;
        if changed > 0 {
            self.touch_message(message);
        }
        Ok(())
    }

    /// Puts voice away as if it had been heard. The other side is not told, and the account not before a time: until then
    /// it can be had back. Ids of nothing are passed over.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_away(&mut self, messages: &[MessageId], until: Millis) -> Result<(), StoreError> {
        for message in messages {
            match self.heard(*message, Tell::AccountAfter(until)) {
                Ok(()) | Err(StoreError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Has voice back that was put away. What the account was told of since stays away.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_back(&mut self, messages: &[MessageId]) -> Result<(), StoreError> {
        for message in messages {
            let is_back = self
                .connection()
                .prepare_cached("DELETE FROM heard_due WHERE message = ?1 AND after > 0")?
                .execute([message.0])?;
            if is_back > 0 {
                self.set_unheard(*message)?;
            }
        }
        Ok(())
    }

    fn set_unheard(&mut self, message: MessageId) -> Result<(), StoreError> {
        let chat: i64 = self
            .connection()
            .prepare_cached("SELECT chat FROM message WHERE id = ?1")?
            .query_row([message.0], |row| row.get(0))?;
        self.connection()
            .prepare_cached("UPDATE media SET heard = 0 WHERE message = ?1")?
            .execute([message.0])?;
        self.touch_message(message);
        self.touch_chat(ChatId(chat));
        Ok(())
    }

    /// How fast somebody is listened to from now on, in per cent.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_speed(&mut self, chat: ChatId, percent: u16) -> Result<(), StoreError> {
        let kept = (percent != 100).then(|| percent.to_string());
        self.set_meta(&key::speed(chat), kept.as_deref())
    }
}
