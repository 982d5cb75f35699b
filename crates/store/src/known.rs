//! Finding a message that is here already, by the rules of `incoming`.

use api::{ChatId, MessageId, MessageState, Millis};
use rusqlite::{Row, params};

use crate::{Incoming, StoreError, WriteTx, chat, message};

/// How far apart two clocks may stamp the same message without an id.
const CLOCKS: Millis = 60_000;

/// A message that is here already.
pub(crate) struct Known {
    pub(crate) id: MessageId,
    pub(crate) state: MessageState,
    pub(crate) sources: i64,
    pub(crate) markable: bool,
    pub(crate) origin_id: String,
    pub(crate) stanza_id: String,
    pub(crate) server_id: String,
}

impl Known {
    pub(crate) fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: MessageId(row.get("id")?),
            state: message::state_from(row.get("state")?)?,
            sources: row.get("sources")?,
            markable: row.get("markable")?,
            origin_id: row.get("origin_id")?,
            stanza_id: row.get("stanza_id")?,
            server_id: row.get("server_id")?,
        })
    }
}

macro_rules! select_known {
    ($tail:literal) => {
        concat!(
            "SELECT m.id, m.state, m.sources, m.markable, m.origin_id, m.stanza_id, m.server_id
             FROM message AS m LEFT JOIN media AS d ON d.message = m.id ",
            $tail
        )
    };
}

pub(crate) const BY_SERVER_ID: &str =
    select_known!("WHERE m.server_id = ?1 AND m.server_id <> '' LIMIT 1");

/// So far apart are two copies of one message that come under one id attribute, which may be a counter that starts over;
/// and no further where the archive holds both: there a stanza that was sent again stands twice.
const COPIES: Millis = 24 * 3_600_000;
const SENT_AGAIN: Millis = 10 * 60_000;

/// What we know under an origin id. What the archive holds twice, with different words, is two messages of somebody who
/// uses ids again. The `+` keeps the planner from walking the chat
/// instead of looking up the id. One id at a time: with two in one query SQLite sorts in
/// a table of its own, which costs more than all the looking up.
pub(crate) const BY_ORIGIN_ID: &str = select_known!(
    "WHERE m.origin_id = ?1 AND m.origin_id <> ''
       AND +m.chat = ?2 AND m.own = ?3 AND (m.own = 1 OR m.author = ?4)
       AND (m.server_id = '' OR ?5 = '' OR m.retracted = 1
            OR iif(m.edited_at = 0, m.body, m.first_body) = ?6 AND coalesce(d.url, '') = ?7)
     ORDER BY m.id DESC LIMIT 1"
);

/// What we know under an id attribute that comes as an origin id.
pub(crate) const BY_STANZA_ID: &str = select_known!(
    "WHERE m.stanza_id = ?1 AND m.stanza_id <> ''
       AND +m.chat = ?2 AND m.own = ?3 AND (m.own = 1 OR m.author = ?4)
     ORDER BY m.id DESC LIMIT 1"
);

/// What we know under an id attribute that comes as one again, with the same content: that of the first version. What was
/// taken back has none any more, and who takes back has ids that do not start over (XEP-0424 §6).
pub(crate) const BY_STANZA_ID_AND_CONTENT: &str = select_known!(
    "WHERE m.stanza_id = ?1 AND m.stanza_id <> ''
       AND +m.chat = ?2 AND m.own = ?3 AND (m.own = 1 OR m.author = ?4)
       AND (m.origin_id = '' OR ?5 = '')
       AND (m.retracted = 1
            OR iif(m.edited_at = 0, m.body, m.first_body) = ?6 AND coalesce(d.url, '') = ?7)
       AND abs(m.at - ?8) <= iif(m.server_id = '' OR ?9 = '', ?10, ?11)
     ORDER BY m.id DESC LIMIT 1"
);

pub(crate) const BY_CONTENT: &str = select_known!(
    "WHERE m.chat = ?1 AND m.at BETWEEN ?2 - ?3 AND ?2 + ?3
       AND m.own = ?4 AND (m.own = 1 OR m.author = ?5)
       AND m.body = ?6 AND coalesce(d.url, '') = ?7
       AND m.origin_id = '' AND m.stanza_id = ''
       AND m.sources & ?8 = 0 AND (m.server_id = '' OR ?9 = '')
     ORDER BY abs(m.at - ?2), m.id LIMIT 1"
);

/// The same content at the same moment, without any id: for what was in a store before.
pub(crate) const BY_MOMENT: &str = select_known!(
    "WHERE m.chat = ?1 AND m.at = ?2 AND m.own = ?3 AND (m.own = 1 OR m.author = ?4)
       AND iif(m.edited_at = 0, m.body, m.first_body) = ?5 AND coalesce(d.url, '') = ?6
       AND m.origin_id = '' AND m.stanza_id = ''
       AND (m.server_id = '' OR ?7 = '')
     ORDER BY m.id"
);

impl WriteTx<'_> {
    /// When a message stands in the timeline that comes in and is here already.
    ///
    /// # Errors
    /// Those of the database.
    pub fn held_at(&self, incoming: &Incoming) -> Result<Option<Millis>, StoreError> {
        let Some(chat) = chat::id_by_address(self.connection(), &incoming.chat)? else {
            return Ok(None);
        };
        let Some(known) = self.find(chat, incoming)? else {
            return Ok(None);
        };
        Ok(self
            .connection()
            .prepare_cached("SELECT at FROM message WHERE id = ?1")?
            .query_row([known.id.0], |row| row.get(0))?)
    }

    /// The row of a message that came in, where it has one.
    pub(crate) fn find(
        &self,
        chat: ChatId,
        incoming: &Incoming,
    ) -> Result<Option<Known>, StoreError> {
        let origin = incoming.origin_id.as_deref().unwrap_or_default();
        let stanza = incoming.stanza_id.as_deref().unwrap_or_default();
        let server = incoming.server_id.as_deref().unwrap_or_default();
        let (body, url) = incoming.content.identity();
        if !server.is_empty()
            && let Some(known) = self.known(BY_SERVER_ID, params![server])?
        {
            return Ok(Some(known));
        }
        if origin.is_empty() && stanza.is_empty() {
            return self.find_by_content(chat, incoming, incoming.source.bit());
        }
        let (chat, own, author) = (chat.0, incoming.own, &incoming.author);
        // The id attribute is mostly the origin id again.
        let other = if stanza == origin { "" } else { stanza };
        let by_origin_id = |id: &str| match id.is_empty() {
            true => Ok(None),
            false => self.known(
                BY_ORIGIN_ID,
                params![id, chat, own, author, server, body, url],
            ),
        };
        let by_origin = newest(by_origin_id(origin)?, by_origin_id(other)?);
        if by_origin.is_some() {
            return Ok(by_origin);
        }
        let again = match other.is_empty() {
            true => None,
            false => self.known(
                BY_STANZA_ID_AND_CONTENT,
                params![
                    other,
                    chat,
                    own,
                    author,
                    origin,
                    body,
                    url,
                    incoming.at,
                    server,
                    COPIES,
                    SENT_AGAIN
                ],
            )?,
        };
        let by_stanza = match origin.is_empty() {
            true => None,
            false => self.known(BY_STANZA_ID, params![origin, chat, own, author])?,
        };
        Ok(newest(by_stanza, again))
    }

    /// Without an id: by what it says and when, among what did not come in these ways.
    pub(crate) fn find_by_content(
        &self,
        chat: ChatId,
        incoming: &Incoming,
        ways: i64,
    ) -> Result<Option<Known>, StoreError> {
        let (body, url) = incoming.content.identity();
        self.known(
            BY_CONTENT,
            params![
                chat.0,
                incoming.at,
                CLOCKS,
                incoming.own,
                incoming.author,
                body,
                url,
                ways,
                incoming.server_id.as_deref().unwrap_or_default(),
            ],
        )
    }

    pub(crate) fn known(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
    ) -> Result<Option<Known>, StoreError> {
        self.connection()
            .prepare_cached(sql)?
            .query_and_then(params, Known::from_row)?
            .next()
            .transpose()
    }
}

fn newest(a: Option<Known>, b: Option<Known>) -> Option<Known> {
    a.into_iter().chain(b).max_by_key(|known| known.id)
}
