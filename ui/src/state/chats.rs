//! The chat list, newest first, and who is there and who writes.
//!
//! Holds a gapless stretch from the newest chat down, as far as it was scrolled. A commit about a chat below that stretch
//! is kept aside, so that an open conversation knows its title without being in the list.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use api::{Change, ChatCursor, ChatId, ChatPage, ChatRow, Feed, Millis, Presence, Reset, Signal};
use yew::Reducible;

/// The list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chats {
    /// Newest first, without gaps.
    pub rows: Rc<Vec<Rc<ChatRow>>>,
    /// Whether there are older ones.
    pub more: bool,
    /// Whoever is missing is offline.
    pub presence: Rc<BTreeMap<ChatId, Presence>>,
    /// Who writes right now.
    pub typing: Rc<BTreeSet<ChatId>>,
    /// Counts how often all started over.
    pub turn: u32,
    aside: Rc<BTreeMap<ChatId, Rc<ChatRow>>>,
    account: Option<String>,
}

/// What changes [`Chats`].
pub enum ChatsAction {
    /// Items of the feed.
    Feed(Rc<Vec<Feed>>),
    /// The page after the last row held, as asked for in this turn.
    Page(u32, ChatPage),
}

type Place = (Reverse<Millis>, Reverse<ChatId>);

fn place(row: &ChatRow) -> Place {
    (Reverse(row.sort_at), Reverse(row.id))
}

impl Chats {
    /// A chat, in the list or aside.
    pub fn get(&self, id: ChatId) -> Option<&Rc<ChatRow>> {
        self.rows
            .iter()
            .find(|row| row.id == id)
            .or_else(|| self.aside.get(&id))
    }

    /// How present a contact is.
    pub fn presence_of(&self, id: ChatId) -> Presence {
        self.presence.get(&id).copied().unwrap_or_default()
    }

    /// Where the next page starts; nothing when all are held.
    pub fn next_page(&self) -> Option<ChatCursor> {
        self.rows
            .last()
            .filter(|_| self.more)
            .map(|row| ChatCursor {
                sort_at: row.sort_at,
                id: row.id,
            })
    }

    /// The chat above or below another one in the list.
    pub fn neighbour(&self, of: Option<ChatId>, step: isize) -> Option<ChatId> {
        let at = of.and_then(|of| self.rows.iter().position(|row| row.id == of));
        let next = match at {
            Some(at) => at.checked_add_signed(step)?,
            None => 0,
        };
        self.rows.get(next).map(|row| row.id)
    }

    fn reset(&mut self, reset: &Reset) {
        let Reset {
            chats: page,
            presence,
            ..
        } = reset;
        let account = reset.account.as_ref().map(|account| &account.address);
        self.turn = self.turn.wrapping_add(1);
        let mut held = std::mem::take(&mut self.rows);
        if self.account.as_ref() != account {
            // Ids are those of one account's store: another one's would be mistaken for them.
            held = Rc::default();
            self.aside = Rc::default();
            self.account = account.cloned();
        }
        self.rows = Rc::new(page.chats.iter().cloned().map(Rc::new).collect());
        self.more = page.more;
        self.presence = Rc::new(presence.iter().copied().collect());
        self.typing = Rc::default();
        // An open conversation may lie below the first page.
        let listed: BTreeSet<ChatId> = self.rows.iter().map(|row| row.id).collect();
        let aside = Rc::make_mut(&mut self.aside);
        for row in held.iter() {
            aside.insert(row.id, Rc::clone(row));
        }
        aside.retain(|id, _| !listed.contains(id));
    }

    fn upsert(&mut self, row: ChatRow) {
        let row = Rc::new(row);
        let rows = Rc::make_mut(&mut self.rows);
        if let Some(old) = rows.iter().position(|held| held.id == row.id) {
            rows.remove(old);
        }
        let at = rows.partition_point(|held| place(held) < place(&row));
        let aside = Rc::make_mut(&mut self.aside);
        if at == rows.len() && self.more {
            // Below the stretch: whether something lies in between is not known.
            aside.insert(row.id, row);
        } else {
            aside.remove(&row.id);
            rows.insert(at, row);
        }
    }

    fn append(&mut self, page: ChatPage) {
        let rows = Rc::make_mut(&mut self.rows);
        let last = rows.last().map(|row| place(row));
        let held: BTreeSet<ChatId> = rows.iter().map(|row| row.id).collect();
        let fresh = page
            .chats
            .into_iter()
            .filter(|row| !held.contains(&row.id) && last.is_none_or(|last| place(row) > last))
            .map(Rc::new);
        rows.extend(fresh);
        self.more = page.more;
        let listed: BTreeSet<ChatId> = rows.iter().map(|row| row.id).collect();
        Rc::make_mut(&mut self.aside).retain(|id, _| !listed.contains(id));
    }

    fn signal(&self, signal: &Signal) -> Option<Self> {
        match signal {
            Signal::Presence { chat, presence } if self.presence_of(*chat) != *presence => {
                let mut next = self.clone();
                Rc::make_mut(&mut next.presence).insert(*chat, *presence);
                Some(next)
            }
            Signal::Typing { chat, on } if self.typing.contains(chat) != *on => {
                let mut next = self.clone();
                let typing = Rc::make_mut(&mut next.typing);
                if *on {
                    typing.insert(*chat);
                } else {
                    typing.remove(chat);
                }
                Some(next)
            }
            _ => None,
        }
    }
}

impl Reducible for Chats {
    type Action = ChatsAction;

    fn reduce(self: Rc<Self>, action: ChatsAction) -> Rc<Self> {
        let mut next = self;
        match action {
            ChatsAction::Feed(items) => {
                for item in items.iter() {
                    match item {
                        Feed::Reset(reset) => {
                            Rc::make_mut(&mut next).reset(reset);
                        }
                        Feed::Commit(commit) => {
                            for change in &commit.changes {
                                match change {
                                    Change::Chat(row) => {
                                        Rc::make_mut(&mut next).upsert(row.clone());
                                    }
                                    // What was being typed has arrived.
                                    Change::Message(row)
                                        if !row.own && next.typing.contains(&row.chat) =>
                                    {
                                        let chats = Rc::make_mut(&mut next);
                                        Rc::make_mut(&mut chats.typing).remove(&row.chat);
                                    }
                                    Change::Message(_) | Change::MessageGone { .. } => {}
                                }
                            }
                        }
                        Feed::Signal(signal) => {
                            if let Some(changed) = next.signal(signal) {
                                next = Rc::new(changed);
                            }
                        }
                    }
                }
            }
            // One that was asked for before all started over would leave out what lies between.
            ChatsAction::Page(turn, page) if turn == next.turn => {
                Rc::make_mut(&mut next).append(page);
            }
            ChatsAction::Page(..) => {}
        }
        next
    }
}

#[cfg(test)]
mod tests;
