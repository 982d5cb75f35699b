//! Where the reader was in each chat, and where they came from.
//!
//! A chat that was left in the middle opens there again, unless something unread waits in it: that comes first. What is
//! known of this run goes before what the backend keeps of the run before ([`WindowAnchor::Left`]), which may be behind.
//!
//! A jump (to a hit, to a day) remembers where it began. Several jumps in a row lead back to where the first began: the
//! hits between were looked at, not chosen. Going to another chat by hand forgets it.

use std::collections::BTreeMap;

use api::{ChatId, Spot, WindowAnchor};

/// Where the reader is in a chat; none: at the newest message.
pub type Whereabouts = Option<Spot>;

/// What to show of a chat that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// A stretch.
    Show(WindowAnchor),
    /// A place as it was left.
    Return(Spot),
}

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The chat is open: show this of it.
    Here(ChatId, Landing),
    /// Open the chat, or none; what to show of it is remembered.
    Elsewhere(Option<ChatId>),
}

/// See the module.
#[derive(Debug, Default)]
pub struct Visits {
    open: Option<ChatId>,
    /// Of the chats that were opened since the window was.
    spots: BTreeMap<ChatId, Whereabouts>,
    landing: Option<(ChatId, Landing)>,
    origin: Option<Origin>,
    landed: Option<ChatId>,
    /// The chat that a jump led to from another one, and what was known of it before.
    looked_into: Option<(ChatId, Option<Whereabouts>)>,
    /// A chat that was only looked into: what is still told of the place there is not kept.
    left_behind: Option<ChatId>,
}

#[derive(Clone, Copy, Debug)]
struct Origin {
    chat: Option<ChatId>,
    spot: Whereabouts,
}

impl Visits {
    /// A chat was opened, or none; what to show of it. `unread`: how many messages in it are.
    pub fn opened(&mut self, chat: Option<ChatId>, unread: u32) -> Option<Landing> {
        let planned = self.landing.take().filter(|(to, _)| chat == Some(*to));
        if planned.is_none() && chat != self.open {
            // Whoever goes on by hand was there to stay.
            self.spoke();
        }
        self.open = chat;
        if chat == self.left_behind {
            self.left_behind = None;
        }
        let usual = match self.spots.get(&chat?) {
            None if unread == 0 => Landing::Show(WindowAnchor::Left),
            Some(Some(spot)) if unread == 0 => Landing::Return(*spot),
            _ => Landing::Show(WindowAnchor::Unread),
        };
        Some(planned.map_or(usual, |(_, landing)| landing))
    }

    /// The reader of a chat is here. Whether that is news.
    pub fn keep(&mut self, chat: ChatId, spot: Whereabouts) -> bool {
        self.left_behind != Some(chat) && self.spots.insert(chat, spot) != Some(spot)
    }

    /// What the next run should know of the place in a chat; nothing while it is only looked into, on a way back to
    /// another one.
    pub fn lasting(&self, chat: ChatId) -> Option<Whereabouts> {
        let looks = self.looked_into.is_some_and(|(looked, _)| looked == chat);
        let known = self.spots.get(&chat).copied();
        known.filter(|_| !looks && self.left_behind != Some(chat))
    }

    /// The way to a place in a chat.
    pub fn jump(&mut self, chat: ChatId, to: WindowAnchor) -> Step {
        if self.origin.is_none() || self.landed != self.open {
            self.origin = Some(Origin {
                chat: self.open,
                spot: self
                    .open
                    .and_then(|open| self.spots.get(&open).copied().flatten()),
            });
            self.looked_into = None;
        }
        if self.looked_into.is_none_or(|(looked, _)| looked != chat) {
            self.forget_look();
            let from = self.origin.and_then(|origin| origin.chat);
            let known = self.spots.get(&chat).copied();
            self.looked_into = (from != Some(chat)).then_some((chat, known));
        }
        self.landed = Some(chat);
        self.step(chat, Landing::Show(to))
    }

    /// The way back to where the jump began.
    pub fn back(&mut self) -> Option<Step> {
        let origin = self.origin.take()?;
        let landed = self.landed.take();
        if landed != origin.chat {
            self.left_behind = landed;
        }
        self.forget_look();
        let Some(chat) = origin.chat else {
            return Some(Step::Elsewhere(None));
        };
        let latest = Landing::Show(WindowAnchor::Latest);
        Some(self.step(chat, origin.spot.map_or(latest, Landing::Return)))
    }

    /// No way back from here: somebody speaks, and so is there to stay.
    pub fn spoke(&mut self) {
        self.origin = None;
        self.landed = None;
        self.looked_into = None;
    }

    /// A chat that was only looked into is as it was before.
    fn forget_look(&mut self) {
        match self.looked_into.take() {
            Some((chat, Some(known))) => self.spots.insert(chat, known),
            Some((chat, None)) => self.spots.remove(&chat),
            None => None,
        };
    }

    fn step(&mut self, chat: ChatId, landing: Landing) -> Step {
        if self.open == Some(chat) {
            Step::Here(chat, landing)
        } else {
            self.landing = Some((chat, landing));
            Step::Elsewhere(Some(chat))
        }
    }

    /// The open chat, if a jump led to it.
    pub fn came_to(&self) -> Option<ChatId> {
        self.landed
            .filter(|_| self.origin.is_some() && self.landed == self.open)
    }
}

#[cfg(test)]
mod tests;
