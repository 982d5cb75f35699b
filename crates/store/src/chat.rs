//! Chats: one row each, whole, with the summary that the list shows.
//!
//! The newest message is joined by its id, which is kept on write (`summary`); so
//! its state in the list cannot disagree with the timeline.

use std::collections::{BTreeMap, BTreeSet};

use api::{ChatCursor, ChatId, ChatPage, ChatRow, Kind, LastMessage, MessageId, Millis};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{Reader, StoreError, WriteTx, contact, draft, message};

const PAGE: usize = 60;

macro_rules! select_chat {
    ($tail:literal) => {
        concat!(
            "SELECT c.id, c.address, c.title, c.unread, c.sort_at, c.draft, c.asks_presence,
                    m.id AS last, m.kind, m.at, m.own, m.state, m.retracted, substr(m.body, 1, 200) AS preview,
                    d.name, d.media_type, d.duration_ms, d.voice = 1 AND d.heard = 0 AND m.own = 0 AND m.retracted = 0 AS unheard
             FROM chat AS c LEFT JOIN message AS m ON m.id = c.last
                            LEFT JOIN media AS d ON d.message = c.last ",
            $tail
        )
    };
}

pub(crate) const PAGE_AFTER: &str =
    select_chat!("WHERE (c.sort_at, c.id) < (?1, ?2) ORDER BY c.sort_at DESC, c.id DESC LIMIT 61");
pub(crate) const BY_IDS: &str =
    select_chat!("WHERE c.id IN (SELECT value FROM json_each(?1)) ORDER BY c.id");
pub(crate) const BY_ADDRESS: &str = select_chat!("WHERE c.address = ?1");

/// Without the recordings, which are read for a whole page at once.
fn from_row(row: &Row<'_>) -> Result<ChatRow, StoreError> {
    Ok(ChatRow {
        id: ChatId(row.get("id")?),
        address: row.get("address")?,
        title: row.get("title")?,
        last: last_from_row(row)?,
        unread: row.get("unread")?,
        sort_at: row.get("sort_at")?,
        draft: row.get("draft")?,
        voice_drafts: Vec::new(),
        asks_presence: row.get("asks_presence")?,
    })
}

fn last_from_row(row: &Row<'_>) -> Result<Option<LastMessage>, StoreError> {
    let Some(id) = row.get::<_, Option<i64>>("last")? else {
        return Ok(None);
    };
    let (kind, preview, duration_ms) = match row.get("kind")? {
        message::TEXT => (Kind::Text, row.get("preview")?, None),
        message::VOICE => (Kind::Voice, String::new(), Some(row.get("duration_ms")?)),
        message::FILE => {
            let media_type: String = row.get("media_type")?;
            let kind = match media_type.starts_with("image/") {
                true => Kind::Image,
                false => Kind::File,
            };
            (kind, row.get("name")?, None)
        }
        _ => return Err(StoreError::Unreadable("message kind")),
    };
    Ok(Some(LastMessage {
        id: MessageId(id),
        kind,
        preview,
        duration_ms,
        at: row.get("at")?,
        own: row.get("own")?,
        state: message::state_from(row.get("state")?)?,
        retracted: row.get("retracted")?,
        unheard: row.get::<_, Option<bool>>("unheard")?.unwrap_or(false),
    }))
}

fn with_drafts(
    connection: &Connection,
    mut chats: Vec<ChatRow>,
) -> Result<Vec<ChatRow>, StoreError> {
    let places: BTreeMap<ChatId, usize> = chats
        .iter()
        .enumerate()
        .map(|(place, chat)| (chat.id, place))
        .collect();
    for row in draft::of_chats(connection, places.keys().copied())? {
        let chat = places
            .get(&row.chat)
            .and_then(|place| chats.get_mut(*place));
        if let Some(chat) = chat {
            chat.voice_drafts.push(row.draft);
        }
    }
    Ok(chats)
}

pub(crate) fn read_all(
    connection: &Connection,
    chats: &BTreeSet<ChatId>,
) -> Result<Vec<ChatRow>, StoreError> {
    if chats.is_empty() {
        return Ok(Vec::new());
    }
    let rows = connection
        .prepare_cached(BY_IDS)?
        .query_and_then([id_list(chats.iter().copied())], from_row)?
        .collect::<Result<_, _>>()?;
    with_drafts(connection, rows)
}

/// Ids as a JSON array, for `json_each`.
pub(crate) fn id_list(chats: impl Iterator<Item = ChatId>) -> String {
    let ids: Vec<String> = chats.map(|chat| chat.0.to_string()).collect();
    format!("[{}]", ids.join(","))
}

pub(crate) fn page(
    connection: &Connection,
    after: Option<ChatCursor>,
) -> Result<ChatPage, StoreError> {
    let (sort_at, id) = after.map_or((i64::MAX, i64::MAX), |after| (after.sort_at, after.id.0));
    let mut chats: Vec<ChatRow> = connection
        .prepare_cached(PAGE_AFTER)?
        .query_and_then([sort_at, id], from_row)?
        .collect::<Result<_, _>>()?;
    let more = chats.len() > PAGE;
    chats.truncate(PAGE);
    Ok(ChatPage {
        chats: with_drafts(connection, chats)?,
        more,
    })
}

pub(crate) fn id_by_address(
    connection: &Connection,
    address: &str,
) -> Result<Option<ChatId>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT id FROM chat WHERE address = ?1")?
        .query_row([address], |row| Ok(ChatId(row.get(0)?)))
        .optional()?)
}

impl WriteTx<'_> {
    /// The chat with a bare address, made where needed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn ensure_chat(&mut self, address: &str) -> Result<ChatId, StoreError> {
        if let Some(chat) = id_by_address(self.connection(), address)? {
            return Ok(chat);
        }
        let name = contact::read(self.connection(), address)?.and_then(|contact| contact.name);
        self.connection()
            .prepare_cached("INSERT INTO chat (address, title) VALUES (?1, ?2)")?
            .execute(params![address, contact::title(address, name.as_deref())])?;
        let chat = ChatId(self.connection().last_insert_rowid());
        self.touch_chat(chat);
        Ok(chat)
    }

    /// Moves a chat up the list to this time, where it stands lower: for one that
    /// was just started and holds no message yet.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn raise_chat(&mut self, chat: ChatId, at: Millis) -> Result<(), StoreError> {
        self.update_chat(
            "UPDATE chat SET raised_at = max(raised_at, ?2) WHERE id = ?1",
            chat,
            at,
        )?;
        self.touch_summary(chat);
        Ok(())
    }

    /// Whether the other side waits for an answer to its presence subscription. Returns whether that is new.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_asks_presence(&mut self, chat: ChatId, asks: bool) -> Result<bool, StoreError> {
        let changed = self
            .connection()
            .prepare_cached(
                "UPDATE chat SET asks_presence = ?2 WHERE id = ?1 AND asks_presence <> ?2",
            )?
            .execute(params![chat.0, asks])?;
        if changed > 0 {
            self.touch_chat(chat);
        }
        Ok(changed > 0)
    }

    /// Keeps text that was typed and not sent; empty forgets it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn set_draft(&mut self, chat: ChatId, text: &str) -> Result<(), StoreError> {
        self.update_chat("UPDATE chat SET draft = ?2 WHERE id = ?1", chat, text)
    }

    fn update_chat(
        &mut self,
        sql: &str,
        chat: ChatId,
        value: impl rusqlite::ToSql,
    ) -> Result<(), StoreError> {
        let found = self
            .connection()
            .prepare_cached(sql)?
            .execute(params![chat.0, value])?;
        if found == 0 {
            return Err(StoreError::NotFound("chat"));
        }
        self.touch_chat(chat);
        Ok(())
    }

    pub(crate) fn check_chat(&self, chat: ChatId) -> Result<(), StoreError> {
        let exists = self
            .connection()
            .prepare_cached("SELECT 1 FROM chat WHERE id = ?1")?
            .exists([chat.0])?;
        exists.then_some(()).ok_or(StoreError::NotFound("chat"))
    }
}

impl Reader {
    /// A page of at most 60 chats, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn chats(&self, after: Option<ChatCursor>) -> Result<ChatPage, StoreError> {
        self.read(move |connection| page(connection, after)).await
    }

    /// One chat.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn chat(&self, chat: ChatId) -> Result<Option<ChatRow>, StoreError> {
        self.read(move |connection| Ok(read_all(connection, &BTreeSet::from([chat]))?.pop()))
            .await
    }

    /// The chat with a bare address.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn chat_by_address(&self, address: String) -> Result<Option<ChatRow>, StoreError> {
        self.read(move |connection| {
            let rows = connection
                .prepare_cached(BY_ADDRESS)?
                .query_and_then([address], from_row)?
                .collect::<Result<_, _>>()?;
            Ok(with_drafts(connection, rows)?.pop())
        })
        .await
    }
}
