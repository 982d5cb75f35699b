//! The place of a message among all others by time: what the search index is ordered by.
//!
//! A millisecond has [`SLOTS`] places, filled in the order in which its messages came.
//! Where they do not suffice (a server that stamps whole seconds, an import without
//! times), the next millisecond with room lends one of its own; it is found by leaps and
//! then by halving, so a thousand messages of one moment cost ten looks each and not a
//! thousand.
//!
//! Rejected: the time and the id side by side in one number (steps of 2^20, which makes
//! every entry of the index three bytes longer); the row's id as place (a history comes
//! newest page first, so ids do not follow time, and fifty newest hits would mean
//! sorting all of them).

use api::Millis;
use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreError;

/// Places of a millisecond.
pub(crate) const SLOTS: i64 = 4;
/// Times outside of these have the places of their ends.
const FIRST: Millis = 1;
const LAST: Millis = 1 << 50;

pub(crate) const NEWEST_OF: &str = "
    SELECT place FROM message WHERE place >= ?1 AND place <= ?2 AND place <> 0
    ORDER BY place DESC LIMIT 1";

/// The first place of a time: messages from then on stand there or later.
pub(crate) fn start_of(at: Millis) -> i64 {
    at.clamp(FIRST, LAST) * SLOTS
}

/// A place that is free, for a message of this time.
pub(crate) fn free(connection: &Connection, at: Millis) -> Result<i64, StoreError> {
    let start = at.clamp(FIRST, LAST);
    if let Some(place) = free_in(connection, start)? {
        return Ok(place);
    }
    // `full` always is, `room` always has some; they close in on each other.
    let (mut full, mut leap) = (start, 1);
    let (mut room, mut found) = loop {
        let next = full + leap;
        if let Some(place) = free_in(connection, next)? {
            break (next, place);
        }
        full = next;
        leap *= 2;
    };
    while room - full > 1 {
        let middle = full + (room - full) / 2;
        match free_in(connection, middle)? {
            Some(place) => (room, found) = (middle, place),
            None => full = middle,
        }
    }
    Ok(found)
}

fn free_in(connection: &Connection, at: Millis) -> Result<Option<i64>, StoreError> {
    let (first, last) = (at * SLOTS, at * SLOTS + SLOTS - 1);
    let newest: Option<i64> = connection
        .prepare_cached(NEWEST_OF)?
        .query_row(params![first, last], |row| row.get(0))
        .optional()?;
    Ok(match newest {
        None => Some(first),
        Some(newest) if newest < last => Some(newest + 1),
        Some(_) => None,
    })
}
