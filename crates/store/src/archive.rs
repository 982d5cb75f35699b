//! How far the server's archive was read (XEP-0313).
//!
//! What is here are ranges: stretches of the archive without holes. The newest page opens one, pages before it make it
//! longer until one meets the range below, and the two become one. [`Archive`] holds that reckoning and is pure; it is
//! kept in the transaction that merges the page, so a kill between any two pages leaves every hole known.
//!
//! The archive's ids are opaque, so ranges cannot be compared by them: their order is the order in which they were
//! opened, and they meet where a page holds an id at an end of one. A message that is here says nothing of the ones
//! around it, since it may have come live into a hole.
//!
//! Rejected: ranges by time (stamps repeat, and clocks are set back); one cursor moved forward (the newest messages come
//! last, and whatever arrives live meanwhile hides what is still missing).

use api::{Gap, Millis};

mod kept;

pub use kept::ChatEdge;
#[cfg(test)]
pub(crate) use kept::{OLDEST_ARCHIVED, OLDEST_AT};
pub(crate) use kept::{is_chat_whole, read};

/// A stretch of the archive that is here without holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveRange {
    /// The archive's id of its oldest item; empty where the archive was seen empty and nothing came since.
    pub oldest: String,
    /// Where that stands in the timeline.
    pub oldest_at: Millis,
    /// The archive's id of its newest item.
    pub newest: String,
    /// Where that stands in the timeline.
    pub newest_at: Millis,
    /// Whether the archive holds nothing older.
    pub complete: bool,
    /// How many items of the archive it covers; receipts and the like are items too.
    pub items: u64,
}

/// What is here of the archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archive {
    /// Oldest first.
    ranges: Vec<ArchiveRange>,
    /// How many items the archive has, as far as the server said.
    pub total: Option<u64>,
}

/// Something that is missing: what lies before a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// The oldest id after it: pages are asked for before this one.
    pub anchor: String,
    /// Where that id stands in the timeline.
    pub before: Millis,
    /// Where the newest item below it stands; `None` where nothing below is held.
    pub after: Option<Millis>,
}

/// Which page was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The newest one.
    Newest,
    /// The one before this id.
    Before(String),
}

/// What a page covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// Which page it is.
    pub asked: Asked,
    /// Its ids, oldest first, with their places in the timeline.
    pub ids: Vec<(String, Millis)>,
    /// Whether the archive holds nothing older.
    pub complete: bool,
    /// How many items the archive has, where the server said.
    pub total: Option<u64>,
}

/// How a page lies to what is here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Items that are held already.
    held: Vec<std::ops::Range<usize>>,
    /// From this item on there is something older that is here; `None` where there is nothing.
    missed_from: Option<usize>,
    /// From which item on something that is here is older, and where that stands in the timeline.
    floors: Vec<(usize, Millis)>,
    /// Where the oldest item that follows the page stands in the timeline.
    pub border: Option<Millis>,
}

impl Place {
    /// Of a page whose items were all said before anything that is here.
    #[must_use]
    pub fn older(border: Option<Millis>) -> Self {
        Self {
            border,
            ..Self::default()
        }
    }

    /// Of a page that is read again: whatever is not here was missed.
    #[must_use]
    pub fn again() -> Self {
        Self {
            missed_from: Some(0),
            ..Self::default()
        }
    }

    /// Whether an item was missed: something older is here, and it is not.
    #[must_use]
    pub fn missed(&self, item: usize) -> bool {
        self.missed_from.is_some_and(|from| item >= from) && !self.is_held(item)
    }

    /// Where the newest of what is here and older than an item stands in the timeline, in whichever chat.
    #[must_use]
    pub fn floor(&self, item: usize) -> Option<Millis> {
        let below = self.floors.iter().filter(|(from, _)| *from <= item);
        below.map(|(_, at)| *at).max()
    }

    fn is_held(&self, item: usize) -> bool {
        self.held.iter().any(|held| held.contains(&item))
    }
}

impl Covered {
    fn position(&self, id: &str) -> Option<usize> {
        self.ids
            .iter()
            .rposition(|(known, _)| known == id && !id.is_empty())
    }

    /// Whether one of its items is at an end of a range.
    fn meets(&self, range: &ArchiveRange) -> bool {
        self.position(&range.newest).is_some() || self.position(&range.oldest).is_some()
    }
}

impl Archive {
    /// The ranges, oldest first.
    #[must_use]
    pub fn ranges(&self) -> &[ArchiveRange] {
        &self.ranges
    }

    /// Items of the archive that are here.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.ranges.iter().map(|range| range.items).sum()
    }

    /// What is missing, newest first.
    pub fn holes(&self) -> impl Iterator<Item = Hole> + '_ {
        let below = std::iter::once(None).chain(self.ranges.iter().map(Some));
        let pairs: Vec<_> = self.ranges.iter().zip(below).collect();
        pairs.into_iter().rev().filter_map(|(range, below)| {
            let is_whole = below.is_none() && range.complete;
            (!is_whole && !range.oldest.is_empty()).then(|| Hole {
                anchor: range.oldest.clone(),
                before: range.oldest_at,
                after: below.map(|below| below.newest_at),
            })
        })
    }

    /// The holes with something on both sides, oldest first.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps: Vec<_> = self
            .holes()
            .filter_map(|hole| {
                let before = hole.before;
                hole.after.map(|after| Gap { after, before })
            })
            .collect();
        gaps.reverse();
        gaps
    }

    /// Whether older messages may be in the archive than any that is here.
    #[must_use]
    pub fn older_missing(&self) -> bool {
        self.ranges.first().is_some_and(|oldest| !oldest.complete)
    }

    /// How a page lies to what is here; `None` where what it was asked for has moved meanwhile.
    #[must_use]
    pub fn place(&self, page: &Covered) -> Option<Place> {
        let index = self.index(page)?;
        let below = self.below(index);
        let held: Vec<_> = below
            .iter()
            .filter_map(|range| {
                let (oldest, newest) = (page.position(&range.oldest), page.position(&range.newest));
                let end = newest.or(oldest)?;
                Some(oldest.unwrap_or(0)..end + 1)
            })
            .collect();
        let meets_oldest = below.first().is_some_and(|range| page.meets(range));
        let missed_from = match (below.is_empty(), meets_oldest) {
            (true, _) => None,
            (false, true) => held.first().map(|held| held.end),
            (false, false) => Some(0),
        };
        // A range that the page meets is told by its end in the page.
        let beneath = below.iter().rfind(|range| !page.meets(range));
        let beneath = beneath.filter(|_| missed_from == Some(0));
        let ends = below.iter().filter_map(|range| {
            let newest = page.position(&range.newest)?;
            Some((newest + 1, range.newest_at))
        });
        Some(Place {
            held,
            missed_from,
            floors: ends
                .chain(beneath.map(|range| (0, range.newest_at)))
                .collect(),
            border: self.ranges.get(index).map(|range| range.oldest_at),
        })
    }

    /// A page is here now. Changes nothing where it has no [`Archive::place`].
    pub fn cover(&mut self, page: &Covered) {
        let (Some(index), Some(place)) = (self.index(page), self.place(page)) else {
            return;
        };
        self.total = page.total.or(self.total);
        let (Some((first, first_at)), Some((last, last_at))) = (page.ids.first(), page.ids.last())
        else {
            return self.cover_nothing(index);
        };
        let meets = self.below(index).iter().position(|range| page.meets(range));
        // What is below the archive's beginning is gone from the server, and the hole with it.
        let from = if page.complete {
            0
        } else {
            meets.unwrap_or(index)
        };
        let mut whole = self.ranges.get(index).cloned().unwrap_or(ArchiveRange {
            newest: last.clone(),
            newest_at: *last_at,
            ..ArchiveRange::default()
        });
        whole.oldest.clone_from(first);
        whole.oldest_at = *first_at;
        whole.complete |= page.complete;
        let new = (0..page.ids.len()).filter(|item| !place.is_held(*item));
        whole.items += new.count() as u64;
        if let Some(lowest) = self.below(index).get(from) {
            let reaches_lower = page.position(&lowest.oldest).is_some_and(|at| at > 0);
            if !reaches_lower && !lowest.oldest.is_empty() {
                whole.oldest.clone_from(&lowest.oldest);
                whole.oldest_at = lowest.oldest_at;
            }
            whole.complete |= lowest.complete;
        }
        self.replace(from, index, whole);
    }

    /// The archive holds nothing where a page was looked for.
    fn cover_nothing(&mut self, index: usize) {
        match self.ranges.get(index).cloned() {
            Some(mut range) => {
                let lowest = self.ranges.first();
                if let Some(lowest) = lowest.filter(|lowest| !lowest.oldest.is_empty()) {
                    range.oldest.clone_from(&lowest.oldest);
                    range.oldest_at = lowest.oldest_at;
                }
                range.complete = true;
                self.replace(0, index, range);
            }
            None if self.ranges.is_empty() => self.ranges.push(ArchiveRange {
                complete: true,
                ..ArchiveRange::default()
            }),
            // An archive that was emptied: what lies before the newest range is asked for like any hole.
            None => {}
        }
    }

    /// Everything up to this item of the archive has come live, `items` of them since the last time. Only for a session
    /// whose newest page is here.
    pub fn reached(&mut self, id: &str, at: Millis, items: u64) {
        if let Some(top) = self.ranges.last_mut() {
            if top.oldest.is_empty() {
                id.clone_into(&mut top.oldest);
                top.oldest_at = at;
            }
            id.clone_into(&mut top.newest);
            top.newest_at = at;
            top.items += items;
        }
    }

    /// Ranges that are older than any of these, oldest first.
    pub(crate) fn put_before(&mut self, older: Vec<ArchiveRange>) {
        self.ranges.splice(0..0, older);
    }

    /// The range that a page makes longer; one more than there are for the newest page.
    fn index(&self, page: &Covered) -> Option<usize> {
        match &page.asked {
            Asked::Newest => Some(self.ranges.len()),
            Asked::Before(anchor) => self
                .ranges
                .iter()
                .position(|range| range.oldest == *anchor && !anchor.is_empty()),
        }
    }

    fn below(&self, index: usize) -> &[ArchiveRange] {
        self.ranges.get(..index).unwrap_or_default()
    }

    /// One range in the place of those from `from` to `index`, of which the last may not be there yet.
    fn replace(&mut self, from: usize, index: usize, mut whole: ArchiveRange) {
        whole.items += self
            .below(index)
            .iter()
            .skip(from)
            .map(|range| range.items)
            .sum::<u64>();
        let end = (index + 1).min(self.ranges.len());
        self.ranges.splice(from..end, [whole]);
    }
}

#[cfg(test)]
mod tests;
