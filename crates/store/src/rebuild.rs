//! Making the search index anew, in the background.
//!
//! From the newest row to the oldest, a batch a transaction, so that other writes wait
//! for one batch at most, and a kill loses one. What is left is a fact in `meta`; while
//! it is there, searches say that they may not hold everything. What comes in meanwhile
//! is indexed as always, since its ids are beyond where this began.
//!
//! Emptying first was chosen over replacing row by row: an index is made anew because
//! something is wrong with it.

use api::MessageId;
use rusqlite::Connection;

use crate::search::{self, Entry};
use crate::{Reader, StoreError, WriteTx, key, message, meta, place, terms};

/// Messages a batch: some tens of milliseconds.
const BATCH: i64 = 1000;

/// How far the index is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Messages done, about.
    pub done: u64,
    /// Messages in all, about.
    pub total: u64,
    /// Whether it holds everything.
    pub complete: bool,
}

/// What is left: rows up to an id, and the id it began with.
struct Left {
    next: i64,
    began: i64,
}

impl Left {
    fn read(connection: &Connection) -> Result<Option<Self>, StoreError> {
        let Some(text) = meta::read(connection, key::SEARCH_REBUILD)? else {
            return Ok(None);
        };
        let numbers = text.split_once(' ');
        let numbers = numbers.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        let (next, began) = numbers.ok_or(StoreError::Unreadable("search_rebuild"))?;
        Ok(Some(Self { next, began }))
    }

    fn progress(left: Option<&Self>) -> Rebuilt {
        left.map_or(
            Rebuilt {
                complete: true,
                ..Rebuilt::default()
            },
            |left| Rebuilt {
                done: (left.began - left.next).unsigned_abs(),
                total: left.began.unsigned_abs(),
                complete: false,
            },
        )
    }
}

/// Whether the index does not hold everything.
pub(crate) fn is_pending(connection: &Connection) -> Result<bool, StoreError> {
    Ok(meta::read(connection, key::SEARCH_REBUILD)?.is_some())
}

/// Whether a message has its turn in the rebuild still to come.
pub(crate) fn waits(connection: &Connection, message: MessageId) -> Result<bool, StoreError> {
    Ok(Left::read(connection)?.is_some_and(|left| message.0 <= left.next))
}

impl WriteTx<'_> {
    /// Empties the search index; [`WriteTx::rebuild_search`] fills it again.
    ///
    /// # Errors
    /// Those of the database.
    pub fn empty_search(&mut self) -> Result<(), StoreError> {
        self.connection()
            .execute_batch("INSERT INTO message_search (message_search) VALUES ('delete-all')")?;
        let newest: i64 = self.connection().query_row(
            "SELECT coalesce((SELECT id FROM message ORDER BY id DESC LIMIT 1), 0)",
            [],
            |row| row.get(0),
        )?;
        let left = (newest > 0).then(|| format!("{newest} {newest}"));
        self.set_meta(key::SEARCH_REBUILD, left.as_deref())
    }

    /// Indexes a batch of what the search index does not hold, newest rows first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn rebuild_search(&mut self) -> Result<Rebuilt, StoreError> {
        let Some(left) = Left::read(self.connection())? else {
            return Ok(Left::progress(None));
        };
        let connection = self.connection();
        let rows: Vec<_> = connection
            .prepare_cached(search::TO_INDEX)?
            .query_and_then([left.next, BATCH], message::from_row)?
            .collect::<Result<_, _>>()?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut place: i64 = connection
                .prepare_cached("SELECT place FROM message WHERE id = ?1")?
                .query_row([row.id.0], |row| row.get(0))?;
            if place == 0 {
                place = place::free(connection, row.at)?;
                connection
                    .prepare_cached("UPDATE message SET place = ?2 WHERE id = ?1")?
                    .execute([row.id.0, place])?;
            }
            entries.push(Entry {
                place,
                terms: terms::of_message(row),
                known: false,
            });
        }
        search::write(connection, entries)?;
        let left = rows.last().map(|row| Left {
            next: row.id.0 - 1,
            began: left.began,
        });
        let left = left.filter(|left| left.next > 0);
        let kept = left
            .as_ref()
            .map(|left| format!("{} {}", left.next, left.began));
        self.set_meta(key::SEARCH_REBUILD, kept.as_deref())?;
        Ok(Left::progress(left.as_ref()))
    }
}

impl Reader {
    /// How far the search index is.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn search_index(&self) -> Result<Rebuilt, StoreError> {
        self.read(|connection| Ok(Left::progress(Left::read(connection)?.as_ref())))
            .await
    }
}
