//! Storing a page of the archive: its messages, and that they are here, in one transaction.

use std::collections::{HashMap, HashSet};

use api::{ChatId, Fault, Millis};
use store::{Archive, Asked, Covered, Place, Store, StoreError, WriteTx};
use xmpp::{ArchivePage, BareJid};

use crate::faults;
use crate::ingest::{self, Effect, SECOND, SKEW};

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
    let neighbours = neighbours(tx, items, place)?;
    let mut new = 0;
    for ((index, item), held) in items.iter_mut().enumerate().zip(neighbours) {
        let missed = place.missed(index);
        item.at = in_place(item.at, missed && is_coarse, place.border);
        if missed {
            item.at = held.put_between(item.at);
        }
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
                other => ingest::apply(tx, std::slice::from_ref(other))?,
            }
        }
    }
    Ok(new)
}

/// When the messages of the same chat were said that stand next to one in the archive and are here already.
#[derive(Clone, Copy, Default)]
struct Neighbours {
    before: Option<Millis>,
    after: Option<Millis>,
}

impl Neighbours {
    /// What came live has the time of our clock, what was missed that of the server's. Their order is the archive's. Clocks
    /// that are further apart tell nothing.
    fn put_between(self, at: Millis) -> Millis {
        let is_near = |held: &Millis| held.abs_diff(at) <= SKEW.unsigned_abs();
        let at = at.max(self.before.filter(is_near).unwrap_or(at));
        match self.after.filter(is_near) {
            Some(after) if at >= after => after - 1,
            _ => at,
        }
    }
}

/// Those of each item, as far as anything was missed; the others stand where the archive says.
fn neighbours(
    tx: &WriteTx<'_>,
    items: &[Item],
    place: &Place,
) -> Result<Vec<Neighbours>, StoreError> {
    let mut found = vec![Neighbours::default(); items.len()];
    if !(0..items.len()).any(|index| place.missed(index)) {
        return Ok(found);
    }
    let mut held: Vec<(usize, &str, Option<Millis>)> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        for effect in &item.effects {
            if let Effect::Merge(incoming) = effect {
                held.push((index, &incoming.chat, tx.held_at(incoming)?));
            }
        }
    }
    let mut last = HashMap::new();
    for (index, chat, at) in &held {
        match at {
            Some(at) => _ = last.insert(chat, *at),
            None => found[*index].before = last.get(chat).copied(),
        }
    }
    last.clear();
    for (index, chat, at) in held.iter().rev() {
        match at {
            Some(at) => _ = last.insert(chat, *at),
            None => found[*index].after = last.get(chat).copied(),
        }
    }
    Ok(found)
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
