//! How much of each chat is here: for the proof of it, not for a screen that scrolls.
//!
//! Counted when asked for, from the index of the timeline, a page of chats at a time. Rejected: counts kept on write, which
//! every merge would pay for.

use api::{ChatCursor, ChatHistory, ChatHistoryPage, ChatId, Millis};
use rusqlite::{Connection, Row};

use crate::{Archive, Reader, StoreError, archive};

const PAGE: usize = 30;

/// `CROSS JOIN` keeps the order: from the messages of one chat to their files.
pub(crate) const HELD: &str = "
    SELECT c.id, c.address, c.title, c.sort_at, c.archive_whole,
           (SELECT count(*) FROM message AS m WHERE m.chat = c.id) AS messages,
           (SELECT m.at FROM message AS m WHERE m.chat = c.id ORDER BY m.at, m.id LIMIT 1) AS oldest,
           (SELECT coalesce(sum(max(d.size, 0)), 0)
            FROM message AS m CROSS JOIN media AS d ON d.message = m.id
            WHERE m.chat = c.id AND d.state = 0) AS media_bytes
    FROM chat AS c WHERE (c.sort_at, c.id) < (?1, ?2)
    ORDER BY c.sort_at DESC, c.id DESC LIMIT 31";

fn from_row(row: &Row<'_>, archive: &Archive) -> rusqlite::Result<(ChatCursor, ChatHistory)> {
    let chat = ChatId(row.get("id")?);
    let oldest: Option<Millis> = row.get("oldest")?;
    let has_beginning: bool = row.get("archive_whole")?;
    let mut gaps = archive.gaps();
    if has_beginning {
        gaps.retain(|gap| oldest.is_none_or(|oldest| gap.before > oldest));
    }
    let newest = archive.ranges().last();
    let whole = newest.is_some() && gaps.is_empty() && (has_beginning || !archive.older_missing());
    let history = ChatHistory {
        chat,
        address: row.get("address")?,
        title: row.get("title")?,
        messages: row.get::<_, i64>("messages")?.unsigned_abs(),
        oldest,
        whole,
        back_to: newest
            .filter(|range| !range.oldest.is_empty())
            .map(|range| range.oldest_at),
        gaps,
        media_bytes: row.get::<_, i64>("media_bytes")?.unsigned_abs(),
    };
    let sort_at = row.get("sort_at")?;
    Ok((ChatCursor { sort_at, id: chat }, history))
}

fn page(connection: &Connection, after: Option<ChatCursor>) -> Result<ChatHistoryPage, StoreError> {
    let (sort_at, id) = after.map_or((i64::MAX, i64::MAX), |after| (after.sort_at, after.id.0));
    let archive = archive::read(connection)?;
    let mut rows: Vec<(ChatCursor, ChatHistory)> = connection
        .prepare_cached(HELD)?
        .query_map([sort_at, id], |row| from_row(row, &archive))?
        .collect::<Result<_, _>>()?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().map(|(cursor, _)| *cursor).filter(|_| more);
    Ok(ChatHistoryPage {
        chats: rows.into_iter().map(|(_, history)| history).collect(),
        next,
    })
}

impl Reader {
    /// How much of each chat is here, 30 at a time. Counts every message of those: not for every frame.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn chat_histories(
        &self,
        after: Option<ChatCursor>,
    ) -> Result<ChatHistoryPage, StoreError> {
        self.read(move |connection| page(connection, after)).await
    }
}
