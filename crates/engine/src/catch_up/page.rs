//! Storing a page of the archive: its messages, and that they are here, in one transaction.

use std::collections::{HashMap, HashSet};

use api::{ChatId, Fault, Millis};
use store::{Archive, Asked, Covered, Place, SKEW, Store, StoreError, WriteTx};
use xmpp::{ArchivePage, BareJid};

use super::tail::Ends;
use crate::faults;
use crate::ingest::{self, Effect, SECOND};

/// What was said here stands in the archive at most so much later, unless it waited to go out.
const PROMPT: u64 = 10_000;

/// What came of a page of one chat.
pub(super) struct Came {
    /// Messages that were not here.
    pub(super) new: usize,
    /// The archive holds nothing of the chat that is older.
    pub(super) is_all: bool,
}

/// An item of the archive and what it does.
struct Item {
    id: String,
    at: Millis,
    effects: Vec<Effect>,
}

/// A page, taken apart.
pub(super) struct Sheet {
    /// Oldest first.
    items: Vec<Item>,
    complete: bool,
    total: Option<u64>,
}

impl Sheet {
    /// `place` is where an item is taken to stand that gives no time of its own.
    pub(super) fn new(page: &ArchivePage, own: &BareJid, place: Millis) -> Self {
        let mut items = items(page, own);
        // The ends that the server names belong to the page, also where their items did not parse.
        let bare = |id: &String, at| Item {
            id: id.clone(),
            at,
            effects: Vec::new(),
        };
        let is_missing = |items: &[Item], id: &String| items.iter().all(|item| item.id != *id);
        if let Some(id) = page.first.as_ref().filter(|id| is_missing(&items, id)) {
            items.insert(0, bare(id, items.first().map_or(place, |item| item.at)));
        }
        if let Some(id) = page.last.as_ref().filter(|id| is_missing(&items, id)) {
            items.push(bare(id, items.last().map_or(place, |item| item.at)));
        }
        Self {
            items,
            complete: page.complete,
            total: page.count.map(u64::from),
        }
    }

    /// The id it begins with, unless there is nothing on it.
    pub(super) fn first(&self) -> Option<&str> {
        self.items.first().map(|item| item.id.as_str())
    }

    /// Its ends; nothing of a page without items.
    pub(super) fn ends(&self) -> Option<Ends> {
        let (first, last) = (self.items.first()?, self.items.last()?);
        Some(Ends {
            first: (!self.complete).then(|| first.id.clone()),
            first_at: first.at,
            last_at: last.at,
        })
    }

    /// What it covers, being the page that was asked for.
    pub(super) fn covered(&self, asked: &Asked) -> Covered {
        Covered {
            asked: asked.clone(),
            ids: self
                .items
                .iter()
                .map(|item| (item.id.clone(), item.at))
                .collect(),
            complete: self.complete,
            total: self.total,
        }
    }
}

/// What the messages of a page do. An id that comes again with something else in it is one of a server that counts time
/// too roughly; only the first keeps it.
fn items(page: &ArchivePage, own: &BareJid) -> Vec<Item> {
    let mut seen = HashSet::new();
    let known = page.messages.iter();
    known
        .map(|archived| {
            let mut effects = ingest::archived(archived, own);
            if !seen.insert(archived.archive_id.as_str()) {
                effects.iter_mut().for_each(Effect::forget_server_id);
            }
            Item {
                id: archived.archive_id.clone(),
                at: archived.at,
                effects,
            }
        })
        .collect()
}

/// Stores a page. The archive as it is here then.
pub(super) async fn keep(store: &Store, asked: Asked, mut page: Sheet) -> Result<Archive, Fault> {
    let written = store.write(move |tx| {
        let mut archive = tx.archive()?;
        // Somebody else closed the hole: what this page holds is here.
        let Some(place) = archive.place(&page.covered(&asked)) else {
            return Ok(archive);
        };
        put(tx, &mut page.items, &place)?;
        archive.cover(&page.covered(&asked));
        tx.set_archive(&archive)?;
        Ok(archive)
    });
    written.await.map_err(|error| faults::store(&error))
}

/// Stores a page that is read again; how many messages of it were not here.
pub(super) async fn keep_again(store: &Store, mut page: Sheet) -> Result<usize, Fault> {
    let written = store.write(move |tx| put(tx, &mut page.items, &Place::again()));
    written.await.map_err(|error| faults::store(&error))
}

/// Stores a page of one chat, which says nothing of the archive as a whole.
pub(super) async fn keep_of_chat(
    store: &Store,
    chat: ChatId,
    border: Option<Millis>,
    mut page: Sheet,
) -> Result<Came, Fault> {
    let is_all = page.complete || page.items.is_empty();
    let written = store.write(move |tx| {
        let new = put(tx, &mut page.items, &Place::older(border))?;
        if is_all {
            tx.set_chat_whole(chat)?;
        }
        Ok(Came { new, is_all })
    });
    written.await.map_err(|error| faults::store(&error))
}

/// Merges what a page holds, in order; how many messages were not here. Nobody waits for a receipt of what was not missed.
fn put(tx: &mut WriteTx<'_>, items: &mut [Item], place: &Place) -> Result<usize, StoreError> {
    let is_coarse = items.iter().all(|item| item.at % SECOND == 0);
    for (index, item) in items.iter_mut().enumerate() {
        let at_the_end = is_coarse && place.missed(index);
        item.at = in_place(item.at, at_the_end, place.border);
    }
    let missed_places = missed_places(tx, items, place)?;
    let mut new = 0;
    for (index, item) in items.iter_mut().enumerate() {
        let missed = place.missed(index);
        item.at = missed_places.get(&index).copied().unwrap_or(item.at);
        for effect in &mut item.effects {
            match effect {
                Effect::Merge(incoming) => {
                    incoming.wants_receipt &= missed;
                    incoming.at = item.at;
                    new += usize::from(tx.merge(incoming)?.new);
                }
                Effect::FollowUp(what) => {
                    what.wants_receipt &= missed;
                    what.at = item.at;
                    tx.follow_up(what)?;
                }
                Effect::Raise { peer, id, state } => tx.archived_receipt(peer, id, *state)?,
                Effect::ReceiptGiven { chat, id } => tx.archived_receipt_given(chat, id)?,
                Effect::ReadElsewhere { chat, id } => tx.archived_read_elsewhere(chat, id)?,
                Effect::HeardElsewhere { chat, id } => tx.archived_heard_elsewhere(chat, id)?,
                other => ingest::apply(tx, std::slice::from_ref(other))?,
            }
        }
    }
    Ok(new)
}

/// A message of a page, as far as its place is concerned.
struct Said<'a> {
    item: usize,
    chat: &'a str,
    stamp: Millis,
    /// Where it stands, if it is here already.
    held: Option<Millis>,
    own: bool,
}

/// Where what was missed stands, by item. What came live has the time of our clock, what was missed that of the server's;
/// their order is the archive's, strictly among what came in, and towards what was said here where that went out at once.
/// Clocks that are further apart than [`SKEW`] tell nothing.
fn missed_places(
    tx: &WriteTx<'_>,
    items: &[Item],
    place: &Place,
) -> Result<HashMap<usize, Millis>, StoreError> {
    let mut placed = HashMap::new();
    if !(0..items.len()).any(|item| place.missed(item)) {
        return Ok(placed);
    }
    let mut all = Vec::with_capacity(items.len());
    for (item, of_page) in items.iter().enumerate() {
        for effect in &of_page.effects {
            let Effect::Merge(incoming) = effect else {
                continue;
            };
            let held = tx.held_at(incoming)?;
            // It waited for a line or its upload: its time tells nothing of its place in the archive.
            if incoming.own && held.is_some_and(|at| at.abs_diff(of_page.at) > PROMPT) {
                continue;
            }
            all.push(Said {
                item,
                chat: &incoming.chat,
                stamp: of_page.at,
                held,
                own: incoming.own,
            });
        }
    }
    // What follows each in the archive, of what came in and of what was said here.
    let mut following = HashMap::new();
    let mut after = vec![(None, None); all.len()];
    for (said, after) in all.iter().zip(&mut after).rev() {
        let (came, own): &mut (Option<Millis>, Option<Millis>) =
            following.entry(said.chat).or_default();
        *after = (*came, *own);
        match said.held {
            Some(at) if said.own => *own = Some(at),
            Some(at) => *came = Some(at),
            None => {}
        }
    }
    let mut before = HashMap::new();
    for (said, (next_came, next_own)) in all.iter().zip(after) {
        let (last_came, last_own): &mut (Option<Millis>, Option<Millis>) =
            before.entry(said.chat).or_default();
        match said.held {
            Some(at) if said.own => *last_own = Some(at),
            Some(at) => *last_came = Some(at),
            None if place.missed(said.item) => {
                let at = between(said.stamp, *last_own, next_own);
                // What is held before it may be on no page with it.
                let at = between(at, (*last_came).max(place.floor(said.item)), next_came);
                // Raised so far, it would stand behind the page that follows, which came first.
                let at = in_place(at, false, place.border);
                *last_came = Some(at);
                placed.insert(said.item, at);
            }
            None => {}
        }
    }
    Ok(placed)
}

/// A time after one and before another, as far as these are near.
fn between(at: Millis, before: Option<Millis>, after: Option<Millis>) -> Millis {
    let is_near = |other: &Millis| other.abs_diff(at) <= SKEW.unsigned_abs();
    let at = at.max(before.filter(is_near).unwrap_or(at));
    match after.filter(is_near) {
        Some(after) if at >= after => after - 1,
        _ => at,
    }
}

/// Where an item stands in the timeline, whose order among those of one time is that in which they came.
///
/// Where a server stamps whole seconds, what was missed in a second belongs to its end, after what was held of it before.
/// And what would stand shortly after the beginning of the page that follows, was said before that page.
fn in_place(stamp: Millis, at_the_end: bool, border: Option<Millis>) -> Millis {
    let at = if at_the_end {
        stamp + SECOND - 1
    } else {
        stamp
    };
    match border {
        Some(border) if (border..border.saturating_add(SKEW)).contains(&at) => border - 1,
        _ => at,
    }
}
