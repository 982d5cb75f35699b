//! Stretches of a timeline, by keyset: what the window holds.

use api::{ChatId, Day, Gap, MessageCursor, MessageId, MessageRow, Millis, Window, WindowAnchor};
use rusqlite::{Connection, OptionalExtension, params};

use crate::message::{self, select_message};
use crate::{Reader, StoreError, archive, spot};

const PAGE: usize = 60;
const SIDE: usize = 30;
/// Before and after everything.
const START: MessageCursor = MessageCursor {
    at: Millis::MIN,
    id: MessageId(i64::MIN),
};
const END: MessageCursor = MessageCursor {
    at: Millis::MAX,
    id: MessageId(i64::MAX),
};

pub(crate) const OLDER: &str = select_message!(
    "WHERE m.chat = ?1 AND (m.at, m.id) < (?2, ?3) ORDER BY m.at DESC, m.id DESC LIMIT ?4"
);
pub(crate) const NEWER: &str =
    select_message!("WHERE m.chat = ?1 AND (m.at, m.id) > (?2, ?3) ORDER BY m.at, m.id LIMIT ?4");
pub(crate) const FIRST_UNREAD: &str = "
    SELECT at, id FROM message WHERE chat = ?1 AND unread = 1 ORDER BY at, id LIMIT 1";
/// The days of a calendar are counted from the index alone, in order, one row after the other: SQLite would gather and
/// sort them first.
pub(crate) const TIMES: &str =
    "SELECT at FROM message WHERE chat = ?1 AND at >= ?2 AND at < ?3 ORDER BY at";
pub(crate) const FIRST_AT: &str =
    "SELECT at, id FROM message WHERE chat = ?1 AND at >= ?2 ORDER BY at, id LIMIT 1";

const DAY: Millis = 86_400_000;
/// How much time a calendar shows at most.
const CALENDAR: Millis = 400 * DAY;

/// Rows on one side of a place, nearest first, and whether there are more.
fn side(
    connection: &Connection,
    sql: &str,
    chat: ChatId,
    from: MessageCursor,
    limit: usize,
) -> Result<(Vec<MessageRow>, bool), StoreError> {
    let one_more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut rows: Vec<MessageRow> = connection
        .prepare_cached(sql)?
        .query_and_then(
            params![chat.0, from.at, from.id.0, one_more],
            message::from_row,
        )?
        .collect::<Result<_, _>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok((rows, more))
}

fn older(
    connection: &Connection,
    chat: ChatId,
    before: MessageCursor,
    limit: usize,
) -> Result<(Vec<MessageRow>, bool), StoreError> {
    let (mut rows, more) = side(connection, OLDER, chat, before, limit)?;
    rows.reverse();
    Ok((rows, more))
}

fn first_unread(
    connection: &Connection,
    chat: ChatId,
) -> Result<Option<MessageCursor>, StoreError> {
    Ok(connection
        .prepare_cached(FIRST_UNREAD)?
        .query_row([chat.0], |row| {
            Ok(MessageCursor {
                at: row.get("at")?,
                id: MessageId(row.get("id")?),
            })
        })
        .optional()?)
}

fn first_at(
    connection: &Connection,
    chat: ChatId,
    at: Millis,
) -> Result<Option<MessageCursor>, StoreError> {
    Ok(connection
        .prepare_cached(FIRST_AT)?
        .query_row(params![chat.0, at], |row| {
            Ok(MessageCursor {
                at: row.get("at")?,
                id: MessageId(row.get("id")?),
            })
        })
        .optional()?)
}

fn around(
    connection: &Connection,
    chat: ChatId,
    middle: MessageCursor,
) -> Result<(Vec<MessageRow>, bool, bool), StoreError> {
    let (mut rows, has_older) = older(connection, chat, middle, SIDE)?;
    rows.extend(message::read(connection, middle.id)?);
    let (after, has_newer) = side(connection, NEWER, chat, middle, SIDE)?;
    rows.extend(after);
    Ok((rows, has_older, has_newer))
}

fn read(connection: &Connection, chat: ChatId, anchor: WindowAnchor) -> Result<Window, StoreError> {
    let unread = first_unread(connection, chat)?;
    let latest = || older(connection, chat, END, PAGE).map(|(rows, more)| (rows, more, false));
    let mut left = None;
    let exists = |sql, from| side(connection, sql, chat, from, 0).map(|(_, more)| more);
    let (rows, has_older, has_newer) = match anchor {
        WindowAnchor::Latest => latest()?,
        WindowAnchor::Unread => match unread {
            Some(first) => around(connection, chat, first)?,
            None => latest()?,
        },
        WindowAnchor::Left => {
            let kept = match unread {
                Some(_) => None,
                None => spot::read(connection, chat)?,
            };
            let place = kept.map(|spot| message::place(connection, chat, spot.id));
            match (unread, place) {
                (Some(first), _) => around(connection, chat, first)?,
                (None, Some(Ok(middle))) => {
                    left = kept;
                    around(connection, chat, middle)?
                }
                // Where one was is gone.
                (None, None | Some(Err(StoreError::NotFound(_)))) => latest()?,
                (None, Some(Err(error))) => return Err(error),
            }
        }
        WindowAnchor::Around { id } => {
            let middle = message::place(connection, chat, id)?;
            around(connection, chat, middle)?
        }
        WindowAnchor::At { at } => match first_at(connection, chat, at)? {
            Some(first) => around(connection, chat, first)?,
            None => latest()?,
        },
        WindowAnchor::Before { cursor } => {
            let (rows, has_older) = older(connection, chat, cursor, PAGE)?;
            let last = rows.last().map_or(START, MessageRow::cursor);
            (rows, has_older, exists(NEWER, last)?)
        }
        WindowAnchor::After { cursor } => {
            let (rows, has_newer) = side(connection, NEWER, chat, cursor, PAGE)?;
            let first = rows.first().map_or(END, MessageRow::cursor);
            (rows, exists(OLDER, first)?, has_newer)
        }
    };
    let archive = archive::read(connection)?;
    let mut gaps = archive.gaps();
    if !gaps.is_empty() {
        gaps = gaps_of(connection, chat, &rows, gaps)?;
    }
    Ok(Window {
        chat,
        rows,
        has_older,
        has_newer,
        first_unread: unread.map(|cursor| cursor.id),
        gaps,
        older_missing: archive.older_missing() && !archive::is_chat_whole(connection, chat)?,
        left,
    })
}

pub(crate) const NEWEST_BETWEEN: &str =
    "SELECT max(at) FROM message WHERE chat = ?1 AND at > ?2 AND at < ?3";

/// Those between the row before the first one and the row after the last one: a gap at the border of two stretches belongs
/// to both, and so does one between two rows of the same time.
fn gaps_of(
    connection: &Connection,
    chat: ChatId,
    rows: &[MessageRow],
    mut gaps: Vec<Gap>,
) -> Result<Vec<Gap>, StoreError> {
    let next = |sql, from: Option<MessageCursor>| match from {
        Some(from) => {
            side(connection, sql, chat, from, 1).map(|(rows, _)| rows.first().map(|row| row.at))
        }
        None => Ok(None),
    };
    let start = next(OLDER, rows.first().map(MessageRow::cursor))?.unwrap_or(Millis::MIN);
    let end = next(NEWER, rows.last().map(MessageRow::cursor))?.unwrap_or(Millis::MAX);
    gaps.retain(|gap| gap.before >= start && gap.after <= end);
    for gap in &mut gaps {
        // What is known of the time between, as what was said here and never seen in the archive, stands before the gap:
        // it is filled from its newer end.
        let known: Option<Millis> = connection
            .prepare_cached(NEWEST_BETWEEN)?
            .query_row(params![chat.0, gap.after, gap.before], |row| row.get(0))?;
        gap.after = known.unwrap_or(gap.after);
    }
    Ok(gaps)
}

impl Reader {
    /// A stretch of a chat's timeline.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a message that is not in this chat, and those of the database.
    pub async fn window(&self, chat: ChatId, anchor: WindowAnchor) -> Result<Window, StoreError> {
        self.read(move |connection| read(connection, chat, anchor))
            .await
    }

    /// The days of a chat on which something was said, oldest first: from a time on, before another, and no more than
    /// 400 days of it. A day begins at midnight of the clock that is `utc_offset_min` ahead of UTC.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn days(
        &self,
        chat: ChatId,
        from: Millis,
        until: Millis,
        utc_offset_min: i32,
    ) -> Result<Vec<Day>, StoreError> {
        let offset = Millis::from(utc_offset_min) * 60_000;
        let until = until.min(from.saturating_add(CALENDAR));
        self.read(move |connection| {
            let mut days: Vec<Day> = Vec::new();
            let mut statement = connection.prepare_cached(TIMES)?;
            let mut rows = statement.query(params![chat.0, from, until])?;
            while let Some(row) = rows.next()? {
                let at: Millis = row.get("at")?;
                let local = at.saturating_add(offset);
                let start = at - local.rem_euclid(DAY);
                match days.last_mut() {
                    Some(day) if day.start == start => day.count += 1,
                    _ => days.push(Day { start, count: 1 }),
                }
            }
            Ok(days)
        })
        .await
    }

    /// One message.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn message(&self, message: MessageId) -> Result<Option<MessageRow>, StoreError> {
        self.read(move |connection| message::read(connection, message))
            .await
    }
}
