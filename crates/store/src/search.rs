//! The search: its index, kept in the transaction that writes the messages, and the
//! questions to it.
//!
//! The index (`message_search`, FTS5) knows messages by their place in time (`place`)
//! and holds terms without positions (`terms`). A question becomes one FTS5 expression,
//! operators included, which streams from the newest hit on; before and after are
//! ranges of places, and so is the next page. Each row it gives is compared with the
//! words before it counts (`excerpt`), since terms are a superset.
//!
//! Questions have a connection of their own. A new one interrupts the one before,
//! which then answers `stale`: people type faster than they read.
//!
//! Rejected: FTS5's trigram tokenizer (misses words of two characters), `LIKE` (walks
//! everything), ranking (people look for what was said last, and it would have to read
//! all hits), columns for the tags (there are none without positions).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use api::{ChatId, MessageId, Millis, SearchCursor, SearchHit, SearchPage};
use rusqlite::{Connection, InterruptHandle, OptionalExtension, Row, params};
use tokio::sync::Semaphore;

use crate::excerpt::excerpt;
use crate::fold::Folded;
use crate::message::{self, message_columns, message_joins, select_message};
use crate::names::{self, Named};
use crate::query::Query;
use crate::{Reader, StoreError, meta, place, rebuild, terms};

/// Hits of a page.
const PAGE: usize = 50;
/// How many rows are compared for a page. Where terms are common and words are not, a
/// page has fewer hits, and the next goes on from there.
const COMPARED: usize = 1500;

macro_rules! select_hit {
    ($from:literal, $place:literal) => {
        concat!(
            "SELECT ",
            message_columns!(),
            ", c.title, ",
            $place,
            " AS place
             FROM ",
            $from,
            "
             CROSS JOIN chat AS c ON c.id = m.chat ",
            message_joins!(),
            "
             WHERE ",
            $place,
            " >= ?1 AND ",
            $place,
            " <= ?2"
        )
    };
}

pub(crate) const SEARCH: &str = concat!(
    select_hit!(
        "message_search AS s CROSS JOIN message AS m ON m.place = s.rowid AND m.place <> 0",
        "s.rowid"
    ),
    " AND message_search MATCH ?3 ORDER BY s.rowid DESC"
);

/// Where only times are given.
pub(crate) const BROWSE: &str = concat!(
    select_hit!("message AS m", "m.place"),
    " AND m.place <> 0 ORDER BY m.place DESC"
);

pub(crate) const REMOVE: &str = "
    DELETE FROM message_search WHERE rowid = (SELECT place FROM message WHERE id = ?1)";

/// What is to be written into the index at the end of a transaction.
pub(crate) struct Entry {
    pub(crate) place: i64,
    pub(crate) terms: String,
    /// Whether the index may hold it already.
    pub(crate) known: bool,
}

/// Writes entries in the order of their places: FTS5 flushes what it gathered with each
/// step back.
pub(crate) fn write(connection: &Connection, mut entries: Vec<Entry>) -> Result<(), StoreError> {
    entries.sort_unstable_by_key(|entry| entry.place);
    for entry in entries {
        if entry.known {
            connection
                .prepare_cached("DELETE FROM message_search WHERE rowid = ?1")?
                .execute([entry.place])?;
        }
        connection
            .prepare_cached("INSERT INTO message_search (rowid, terms) VALUES (?1, ?2)")?
            .execute(params![entry.place, entry.terms])?;
    }
    Ok(())
}

/// Takes a message out of the index. Before its row goes.
pub(crate) fn remove(connection: &Connection, message: MessageId) -> Result<(), StoreError> {
    connection.prepare_cached(REMOVE)?.execute([message.0])?;
    Ok(())
}

/// The place of a message in the index; `None` while it waits for its turn there.
pub(crate) fn indexed_at(
    connection: &Connection,
    message: MessageId,
) -> Result<Option<i64>, StoreError> {
    if rebuild::waits(connection, message)? {
        return Ok(None);
    }
    Ok(connection
        .prepare_cached("SELECT place FROM message WHERE id = ?1 AND place <> 0")?
        .query_row([message.0], |row| row.get(0))
        .optional()?)
}

/// A question, as the window asks it.
#[derive(Clone, Debug)]
struct Question {
    text: String,
    chat: Option<ChatId>,
    after: Option<SearchCursor>,
    utc_offset_min: i32,
}

/// The tags of any of these, as one part of an expression. `None`: nobody is meant.
fn any(tags: impl Iterator<Item = String>) -> Option<String> {
    let mut tags: Vec<String> = tags.map(|tag| format!("\"{tag}\"")).collect();
    tags.sort_unstable();
    tags.dedup();
    match tags.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(format!("({})", tags.join(" OR "))),
    }
}

/// All who answer to any of the names.
fn named(connection: &Connection, names: &[String]) -> Result<Vec<Named>, StoreError> {
    let mut all = Vec::new();
    for name in names {
        if !Folded::new(name).text.is_empty() {
            all.extend(names::answering(connection, name)?);
        }
    }
    Ok(all)
}

/// What FTS5 is asked: `Some("")` where only times are given, `None` where nothing can
/// be found.
fn expression(
    connection: &Connection,
    query: &Query,
    chat: Option<ChatId>,
) -> Result<Option<String>, StoreError> {
    let mut parts = Vec::new();
    if let Some(chat) = chat {
        parts.push(format!("\"{}\"", terms::of_chat(chat)));
    }
    if !query.within.is_empty() {
        let chats = named(connection, &query.within)?;
        let Some(part) = any(chats.iter().map(|named| terms::of_chat(named.chat))) else {
            return Ok(None);
        };
        parts.push(part);
    }
    if !query.from.is_empty() {
        let own = meta::read(connection, meta::key::ADDRESS)?.unwrap_or_default();
        let (me, others): (Vec<String>, Vec<String>) = query
            .from
            .iter()
            .cloned()
            .partition(|name| name.eq_ignore_ascii_case("me") || *name == own);
        let me = !me.is_empty();
        let authors = named(connection, &others)?;
        let tags = authors
            .iter()
            .map(|named| terms::of_author(&named.address, false))
            .chain(me.then(|| terms::of_author("", true)));
        let Some(part) = any(tags) else {
            return Ok(None);
        };
        parts.push(part);
    }
    parts.extend(any(query.has.iter().map(|has| terms::of_kind(*has))));
    let words = query.terms();
    if words.is_empty() && !query.words.is_empty() {
        return Ok(None);
    }
    parts.extend(words);
    Ok(Some(parts.join(" AND ")))
}

fn page(
    connection: &Connection,
    question: &Question,
    is_current: impl Fn() -> bool,
) -> Result<SearchPage, StoreError> {
    let query = Query::new(&question.text, question.utc_offset_min);
    let mut page = SearchPage {
        indexing: rebuild::is_pending(connection)?,
        ..SearchPage::default()
    };
    if query.is_empty() {
        return Ok(page);
    }
    let Some(expression) = expression(connection, &query, question.chat)? else {
        return Ok(page);
    };
    let start = |at: Option<Millis>, otherwise| at.map_or(otherwise, place::start_of);
    let first = start(query.since, 0);
    let last = start(query.until, i64::MAX) - 1;
    let last = question.after.map_or(last, |after| last.min(after.0 - 1));
    let mut statement;
    let mut rows = match expression.as_str() {
        "" => {
            statement = connection.prepare_cached(BROWSE)?;
            statement.query(params![first, last])?
        }
        expression => {
            statement = connection.prepare_cached(SEARCH)?;
            statement.query(params![first, last, expression])?
        }
    };
    let (mut compared, mut before) = (0, 0);
    while let Some(row) = rows.next()? {
        if page.hits.len() == PAGE || compared == COMPARED {
            page.next = Some(SearchCursor(before));
            break;
        }
        if !is_current() {
            page.stale = true;
            return Ok(page);
        }
        compared += 1;
        before = row.get("place")?;
        page.hits.extend(hit(row, &query)?);
    }
    Ok(page)
}

/// The hit that a row is, if it is one.
fn hit(row: &Row<'_>, query: &Query) -> Result<Option<SearchHit>, StoreError> {
    let found = message::from_row(row)?;
    if found.retracted {
        return Ok(None);
    }
    let Some(excerpt) = excerpt(terms::words(&found.content), &query.words) else {
        return Ok(None);
    };
    let duration_ms = match &found.content {
        api::Content::Voice { duration_ms, .. } => *duration_ms,
        _ => 0,
    };
    Ok(Some(SearchHit {
        chat: found.chat,
        chat_title: row.get("title")?,
        message: found.id,
        at: found.at,
        own: found.own,
        kind: found.content.kind(),
        author: found.author,
        snippet: excerpt.snippet,
        marks: excerpt.marks,
        duration_ms,
    }))
}

/// The connection of searches, and whose turn it is.
pub(crate) struct Line {
    /// The newest search.
    newest: AtomicU64,
    turn: Arc<Semaphore>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    connection: Option<Connection>,
    interrupt: Option<InterruptHandle>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self {
            newest: AtomicU64::new(0),
            turn: Arc::new(Semaphore::new(1)),
            held: Mutex::default(),
        }
    }

    /// Takes the newest place in line and interrupts whoever is being answered.
    fn enter(&self) -> u64 {
        // Held over both, so that what one interrupts never is one that came after it.
        let held = self.held();
        let mine = self.newest.fetch_add(1, Ordering::AcqRel) + 1;
        if let Some(interrupt) = &held.interrupt {
            interrupt.interrupt();
        }
        mine
    }

    fn is_newest(&self, mine: u64) -> bool {
        self.newest.load(Ordering::Acquire) == mine
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the search under way and refuses further ones.
    pub(crate) async fn close(&self) {
        self.enter();
        if let Ok(_turn) = self.turn.acquire().await {
            self.turn.close();
            *self.held() = Held::default();
        }
    }
}

fn stale() -> SearchPage {
    SearchPage {
        stale: true,
        ..SearchPage::default()
    }
}

impl Reader {
    /// A page of messages that hold what was asked for, newest first; in one chat only,
    /// where one is given, and after the page before, where a cursor is given. Ends the
    /// search before it, which answers `stale`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn search(
        &self,
        text: String,
        chat: Option<ChatId>,
        after: Option<SearchCursor>,
        utc_offset_min: i32,
    ) -> Result<SearchPage, StoreError> {
        let question = Question {
            text,
            chat,
            after,
            utc_offset_min,
        };
        let line = self.line().clone();
        let mine = line.enter();
        let turn = Arc::clone(&line.turn)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)?;
        if !line.is_newest(mine) {
            return Ok(stale());
        }
        let reader = self.clone();
        tokio::task::spawn_blocking(move || {
            let held = line.held().connection.take();
            let connection = match held {
                Some(connection) => connection,
                None => {
                    let connection = reader.connect()?;
                    line.held().interrupt = Some(connection.get_interrupt_handle());
                    connection
                }
            };
            let answer = connection
                .unchecked_transaction()
                .map_err(StoreError::from)
                .and_then(|snapshot| page(&snapshot, &question, || line.is_newest(mine)));
            line.held().connection = Some(connection);
            drop(turn);
            match answer {
                Err(error) if error.is_interrupted() && !line.is_newest(mine) => Ok(stale()),
                answer => answer,
            }
        })
        .await
        .map_err(|_| StoreError::Panicked)?
    }
}

/// All of a message that the index is made of; `select_message` with a condition.
pub(crate) const TO_INDEX: &str = select_message!("WHERE m.id <= ?1 ORDER BY m.id DESC LIMIT ?2");

#[cfg(test)]
mod tests;
