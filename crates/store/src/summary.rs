//! What the chat list shows of a chat, kept on write: its newest message, how many
//! are unread, and its place.
//!
//! Computed once a transaction for each chat that may have changed. Counting up
//! and down by message was rejected: it drifts, and the partial index counts only
//! what is unread.

use api::{ChatId, MessageId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreError;

pub(crate) const REFRESH: &str = "
    UPDATE chat SET
        last = coalesce((SELECT id FROM message WHERE chat = ?1 ORDER BY at DESC, id DESC LIMIT 1), 0),
        sort_at = max(raised_at,
            coalesce((SELECT at FROM message WHERE chat = ?1 ORDER BY at DESC, id DESC LIMIT 1), 0)),
        unread = (SELECT count(*) FROM message WHERE chat = ?1 AND unread = 1)
    WHERE id = ?1";

type Summary = (i64, i64, i64);

/// Returns whether the list has to show something else.
pub(crate) fn refresh(connection: &Connection, chat: ChatId) -> Result<bool, StoreError> {
    let before = read(connection, chat)?;
    connection.prepare_cached(REFRESH)?.execute([chat.0])?;
    Ok(before != read(connection, chat)?)
}

fn read(connection: &Connection, chat: ChatId) -> Result<Option<Summary>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT last, sort_at, unread FROM chat WHERE id = ?1")?
        .query_row([chat.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?)
}

/// Whether this is the message that the list shows.
pub(crate) fn shows(
    connection: &Connection,
    chat: ChatId,
    message: MessageId,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM chat WHERE id = ?1 AND last = ?2")?
        .exists(params![chat.0, message.0])?)
}
