//! The stretch of a timeline that the window holds.
//!
//! At most [`MOST`] rows, without holes, whatever the length of the history. A row that arrives enters only inside the
//! stretch, or at its end when the end is the present; anything else is counted for the "new messages" pill. Neighbours
//! decide about day pills and runs here, not while rendering.
//!
//! What is committed while a stretch is being read may be missing in the answer, so it is kept and applied again on top
//! of it. Comparing sequence numbers instead was rejected: rows are whole, and applying one twice changes nothing.

use std::collections::BTreeSet;
use std::rc::Rc;

use api::{
    Change, ChatId, Feed, Gap, MessageCursor, MessageId, MessageRow, Signal, Spot, Window,
    WindowAnchor,
};
use yew::Reducible;

use crate::clock;

/// Rows held at most; what is farthest from where the reader is goes first.
pub const MOST: usize = 240;
/// Two messages of one side belong to one run while they are this close, in milliseconds.
const RUN: i64 = 5 * 60 * 1000;
/// Messages kept at most while a stretch is being read.
const PENDING: usize = 2 * MOST;

/// One row with what its neighbours make of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The message.
    pub row: Rc<MessageRow>,
    /// The local day it was said on.
    pub day: i32,
    /// Whether it is the first of its day here.
    pub new_day: bool,
    /// Whether it begins a run of one side.
    pub first: bool,
    /// Whether it ends one.
    pub last: bool,
    /// Whether everything from here on was not read when the chat was opened.
    pub unread: bool,
    /// Whether messages before it are still missing.
    pub gap: bool,
}

/// What the scroll position should do after the next render.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Intent {
    /// Stay with what is on screen.
    #[default]
    KeepAnchor,
    /// Go to the newest.
    ToBottom,
    /// Bring a message (the unread line) to the upper third.
    ToMessage(MessageId),
    /// Bring a message to where it was.
    ToSpot(Spot),
}

/// What a stretch was read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To show it, or to page on.
    Show(WindowAnchor),
    /// To show a place as it was left.
    Return(Spot),
    /// To have what is shown afresh, without moving the reader.
    Refresh,
}

impl Purpose {
    fn is_page(self) -> bool {
        matches!(
            self,
            Self::Show(WindowAnchor::Before { .. } | WindowAnchor::After { .. })
        )
    }
}

/// The stretch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Whose.
    pub chat: Option<ChatId>,
    /// Oldest first.
    pub items: Rc<Vec<Item>>,
    /// Whether older ones exist.
    pub has_older: bool,
    /// Whether newer ones exist.
    pub has_newer: bool,
    /// Whether the server's archive may hold some that are older than all that are here.
    pub older_missing: bool,
    /// Whether messages after the newest held are still missing.
    pub gap_at_end: bool,
    /// Whether the first stretch has arrived.
    pub loaded: bool,
    /// Messages of the other side that arrived and were not seen.
    pub arrived: u32,
    /// What to do about scrolling, and a number that grows with each wish.
    pub intent: (u32, Intent),
    /// Whether the reader is at the newest, and goes along with what comes.
    pub following: bool,
    /// Whether the feed has started over since this was read: changes may be missing.
    pub stale: bool,
    /// The message that was looked for, until it has been shown for a while.
    pub flash: Option<MessageId>,
    /// Where messages are missing, oldest first, each once.
    gaps: Vec<Gap>,
    /// How many gaps the account has, as told last.
    gaps_told: Option<u32>,
    /// What `arrived` counts: a message comes again with each of its changes.
    counted: BTreeSet<MessageId>,
    first_unread: Option<MessageId>,
    caught_up: bool,
    reads: Vec<u32>,
    pending: Rc<Vec<Change>>,
}

/// What changes a [`Timeline`].
pub enum TimelineAction {
    /// Items of the feed.
    Feed(Rc<Vec<Feed>>),
    /// A chat is opened, or none.
    Open(Option<ChatId>),
    /// A stretch of this chat is being read; the number names the read.
    Reading(u32, ChatId, Purpose),
    /// A stretch has arrived.
    Loaded(u32, Purpose, Window),
    /// A stretch could not be read.
    ReadFailed(u32),
    /// Whether the reader is at the newest.
    Following(bool),
    /// The newest is on screen.
    AtPresent,
    /// Show the newest.
    ToBottom,
    /// What was looked for has been shown long enough.
    Flashed,
    /// The server was asked for older messages of this chat; whether there are more is to be looked up.
    Fetched(ChatId),
}

impl Timeline {
    /// The oldest row held.
    pub fn oldest(&self) -> Option<MessageCursor> {
        self.items.first().map(|item| item.row.cursor())
    }

    /// The newest row held.
    pub fn newest(&self) -> Option<MessageCursor> {
        self.items.last().map(|item| item.row.cursor())
    }

    /// Whether an answer is on its way.
    pub fn is_reading(&self) -> bool {
        !self.reads.is_empty()
    }

    /// Where what is unread now begins, if it is known here.
    pub fn unread_from(&self) -> Option<MessageId> {
        self.first_unread.filter(|_| !self.caught_up)
    }

    fn wish(&mut self, intent: Intent) {
        self.intent = (self.intent.0.wrapping_add(1), intent);
    }

    fn rows(&self) -> Vec<Rc<MessageRow>> {
        self.items.iter().map(|item| Rc::clone(&item.row)).collect()
    }

    fn set_rows(&mut self, rows: Vec<Rc<MessageRow>>) {
        let gaps = self.places_of_gaps(&rows);
        self.gap_at_end = gaps.contains(&rows.len());
        let days: Vec<i32> = rows.iter().map(|row| clock::local_day(row.at)).collect();
        let same_run = |a: usize, b: usize| match (rows.get(a), rows.get(b)) {
            (Some(one), Some(other)) => {
                one.own == other.own
                    && one.author == other.author
                    && (one.at - other.at).abs() <= RUN
                    && days.get(a) == days.get(b)
                    && self.first_unread != Some(other.id)
            }
            _ => false,
        };
        let items = rows
            .iter()
            .zip(&days)
            .enumerate()
            .map(|(at, (row, day))| {
                let before = at.checked_sub(1);
                Item {
                    row: Rc::clone(row),
                    day: *day,
                    new_day: before.and_then(|before| days.get(before)) != Some(day),
                    first: before.is_none_or(|before| !same_run(before, at)),
                    last: !same_run(at, at + 1),
                    unread: self.first_unread == Some(row.id),
                    gap: gaps.contains(&at),
                }
            })
            .collect();
        self.items = Rc::new(items);
    }

    fn upsert(&mut self, rows: &mut Vec<Rc<MessageRow>>, row: &MessageRow) {
        let was_held = rows.iter().position(|held| held.id == row.id);
        if let Some(at) = was_held {
            rows.remove(at);
        }
        let cursor = row.cursor();
        let at = rows.partition_point(|held| held.cursor() < cursor);
        let before_all = at == 0 && (!rows.is_empty() || self.has_newer);
        let after_all = at == rows.len();
        if after_all && self.has_newer && was_held.is_none() {
            self.count(row);
            return;
        }
        if before_all && self.has_older && was_held.is_none() {
            return;
        }
        if was_held.is_none() && after_all {
            self.count(row);
            if row.own {
                // Who answers has seen what came before.
                self.first_unread = None;
            }
        }
        rows.insert(at, Rc::new(row.clone()));
    }

    /// Something new of the other side, once. What was changed after it was said was said before.
    fn count(&mut self, row: &MessageRow) {
        let is_old = row.edited.is_some() || row.retracted || !row.reactions.is_empty();
        if !row.own && !is_old && self.counted.insert(row.id) {
            self.arrived = self.arrived.saturating_add(1);
        }
    }

    fn seen(&mut self) {
        self.arrived = 0;
        self.counted.clear();
    }

    fn apply(&mut self, changes: &[Change]) {
        if self.is_reading() {
            self.keep(changes);
        }
        if self.loaded {
            self.merge(changes);
        }
    }

    /// Keeps what the answer that is on its way may not contain; of each message only the latest.
    fn keep(&mut self, changes: &[Change]) {
        let message = |change: &Change| match change {
            Change::Message(row) => Some((row.chat, row.id)),
            Change::MessageGone { chat, id } => Some((*chat, *id)),
            Change::Chat(_) => None,
        };
        for change in changes {
            let Some((chat, id)) = message(change) else {
                continue;
            };
            if self.chat != Some(chat) {
                continue;
            }
            let pending = Rc::make_mut(&mut self.pending);
            pending.retain(|held| message(held) != Some((chat, id)));
            if pending.len() >= PENDING {
                // More than any answer holds: read again instead.
                pending.clear();
                self.stale = true;
            }
            Rc::make_mut(&mut self.pending).push(change.clone());
        }
    }

    fn merge(&mut self, changes: &[Change]) {
        let Some(chat) = self.chat else { return };
        let oldest = self.oldest();
        let mut rows = None;
        for change in changes {
            match change {
                Change::Message(row) if row.chat == chat => {
                    let held = rows.get_or_insert_with(|| self.rows());
                    // The rows are moved out and back so that counting may borrow the rest.
                    let mut moved = std::mem::take(held);
                    self.upsert(&mut moved, row);
                    rows = Some(moved);
                }
                Change::MessageGone { chat: of, id } if *of == chat => {
                    rows.get_or_insert_with(|| self.rows())
                        .retain(|row| row.id != *id);
                }
                Change::Chat(row) if row.id == chat && row.unread == 0 => {
                    self.seen();
                    self.caught_up = true;
                }
                Change::Message(_) | Change::MessageGone { .. } | Change::Chat(_) => {}
            }
        }
        if let Some(mut rows) = rows {
            let mut surplus = rows.len().saturating_sub(MOST);
            if !self.following {
                // A page of the archive came in above the reader: it is read when the reader gets there.
                let above = oldest.map_or(0, |oldest| {
                    rows.partition_point(|row| row.cursor() < oldest)
                });
                let unread = surplus.min(above);
                if unread > 0 {
                    rows.drain(..unread);
                    self.has_older = true;
                    surplus -= unread;
                }
            }
            if surplus > 0 && !self.following {
                // The reader is up in the old rows: those stay.
                rows.truncate(MOST);
                self.has_newer = true;
            } else if surplus > 0 {
                rows.drain(..surplus);
                self.has_older = true;
            }
            self.set_rows(rows);
        }
    }

    fn loaded(&mut self, read: u32, purpose: Purpose, window: Window) {
        // A read that is not known was begun before another chat was opened.
        if !self.end_read(read) || self.chat != Some(window.chat) {
            return;
        }
        match purpose {
            Purpose::Refresh => {
                self.has_older = window.has_older;
                self.has_newer = window.has_newer;
                self.older_missing = window.older_missing;
                self.gaps = window.gaps;
                self.set_rows(window.rows.into_iter().map(Rc::new).collect());
                self.again();
            }
            Purpose::Show(anchor) => {
                if !purpose.is_page() {
                    self.flash = match anchor {
                        WindowAnchor::Around { id } => Some(id),
                        _ => None,
                    };
                }
                self.load(anchor, window);
            }
            Purpose::Return(spot) => {
                self.load(WindowAnchor::Around { id: spot.id }, window);
                self.wish(Intent::ToSpot(spot));
            }
        }
        if self.reads.is_empty() {
            self.pending = Rc::default();
        }
    }

    /// Forgets a read; whether it was known.
    fn end_read(&mut self, read: u32) -> bool {
        let before = self.reads.len();
        self.reads.retain(|other| *other != read);
        self.reads.len() < before
    }

    /// Applies again what was committed meanwhile. It was counted when it came.
    fn again(&mut self) {
        let arrived = self.arrived;
        let pending = Rc::clone(&self.pending);
        self.merge(&pending);
        self.arrived = arrived;
    }

    fn load(&mut self, anchor: WindowAnchor, window: Window) {
        let fresh: Vec<Rc<MessageRow>> = window.rows.into_iter().map(Rc::new).collect();
        match anchor {
            WindowAnchor::Latest
            | WindowAnchor::Unread
            | WindowAnchor::Left
            | WindowAnchor::Around { .. }
            | WindowAnchor::At { .. } => {
                self.has_older = window.has_older;
                self.has_newer = window.has_newer;
                self.older_missing = window.older_missing;
                self.gaps = window.gaps;
                if matches!(anchor, WindowAnchor::Unread | WindowAnchor::Left) {
                    self.first_unread = window.first_unread;
                    self.caught_up = false;
                }
                self.set_rows(fresh);
                self.loaded = true;
                let target = match anchor {
                    WindowAnchor::Around { id } => Some(id),
                    WindowAnchor::Unread | WindowAnchor::Left => self.first_unread,
                    WindowAnchor::At { at } => {
                        let rows = self.rows();
                        rows.iter().find(|row| row.at >= at).map(|row| row.id)
                    }
                    _ => None,
                };
                let intent = target.map_or(Intent::ToBottom, Intent::ToMessage);
                let intent = window.left.map_or(intent, Intent::ToSpot);
                self.following = intent == Intent::ToBottom;
                // Nothing of this was counted: only what the answer does not hold is new.
                self.seen();
                let pending = Rc::clone(&self.pending);
                self.merge(&pending);
                self.wish(intent);
            }
            WindowAnchor::Before { cursor } if self.oldest() == Some(cursor) => {
                self.has_older = window.has_older;
                self.older_missing = window.older_missing;
                self.add_gaps(&window.gaps);
                let mut rows = fresh;
                rows.retain(|row| row.cursor() < cursor);
                rows.extend(self.rows());
                if rows.len() > MOST {
                    rows.truncate(MOST);
                    self.has_newer = true;
                }
                self.set_rows(rows);
                self.again();
            }
            WindowAnchor::After { cursor } if self.newest() == Some(cursor) => {
                self.has_newer = window.has_newer;
                self.add_gaps(&window.gaps);
                let mut rows = self.rows();
                rows.extend(fresh.into_iter().filter(|row| row.cursor() > cursor));
                let surplus = rows.len().saturating_sub(MOST);
                if surplus > 0 {
                    rows.drain(..surplus);
                    self.has_older = true;
                }
                self.set_rows(rows);
                self.again();
            }
            // The stretch has moved on since it was asked for.
            WindowAnchor::Before { .. } | WindowAnchor::After { .. } => {}
        }
    }
}

impl Reducible for Timeline {
    type Action = TimelineAction;

    fn reduce(self: Rc<Self>, action: TimelineAction) -> Rc<Self> {
        let mut next = self;
        match action {
            TimelineAction::Feed(items) => {
                for item in items.iter() {
                    match item {
                        Feed::Commit(commit)
                            if commit.changes.iter().any(|change| next.concerns(change)) =>
                        {
                            Rc::make_mut(&mut next).apply(&commit.changes);
                        }
                        Feed::Reset(_) if next.chat.is_some() => {
                            Rc::make_mut(&mut next).stale = true;
                        }
                        Feed::Signal(Signal::Sync { complete, gaps, .. })
                            if next.gaps_told != Some(*gaps) || *complete =>
                        {
                            let timeline = Rc::make_mut(&mut next);
                            // A beginning that was shown before anything was known of the archive may be none.
                            timeline.stale |= timeline.loaded
                                && !timeline.has_older
                                && timeline.gaps_told.is_none();
                            timeline.stale |= timeline.misses_what_came(*complete, *gaps);
                            timeline.gaps_told = Some(*gaps);
                        }
                        _ => {}
                    }
                }
            }
            TimelineAction::Open(chat) => {
                if next.chat != chat {
                    next = Rc::new(Self {
                        chat,
                        intent: next.intent,
                        gaps_told: next.gaps_told,
                        ..Self::default()
                    });
                }
            }
            TimelineAction::Reading(read, chat, purpose) => {
                if next.chat == Some(chat) {
                    let timeline = Rc::make_mut(&mut next);
                    timeline.reads.push(read);
                    // From here on only what comes later makes it stale.
                    timeline.stale &= purpose.is_page();
                }
            }
            TimelineAction::Loaded(read, purpose, window) => {
                Rc::make_mut(&mut next).loaded(read, purpose, window);
            }
            TimelineAction::ReadFailed(read) => {
                let timeline = Rc::make_mut(&mut next);
                if timeline.end_read(read) && timeline.reads.is_empty() {
                    timeline.pending = Rc::default();
                }
            }
            TimelineAction::Following(following) => {
                if next.following != following {
                    Rc::make_mut(&mut next).following = following;
                }
            }
            TimelineAction::AtPresent => {
                if next.arrived != 0 {
                    Rc::make_mut(&mut next).seen();
                }
            }
            TimelineAction::Flashed => {
                if next.flash.is_some() {
                    Rc::make_mut(&mut next).flash = None;
                }
            }
            TimelineAction::Fetched(chat) => {
                if next.chat == Some(chat) {
                    Rc::make_mut(&mut next).stale = true;
                }
            }
            TimelineAction::ToBottom => Rc::make_mut(&mut next).wish(Intent::ToBottom),
        }
        next
    }
}

impl Timeline {
    fn concerns(&self, change: &Change) -> bool {
        let of = match change {
            Change::Chat(row) => row.id,
            Change::Message(row) => row.chat,
            Change::MessageGone { chat, .. } => *chat,
        };
        self.chat == Some(of)
    }
}

mod gaps;

#[cfg(test)]
mod tests;
