//! Where the reader was in each chat, and where they came from.
//!
//! A chat that was left in the middle opens there again, unless something unread waits in it: that comes first. Places
//! are kept while the window lives; the backend has nowhere to keep them.
//!
//! A jump (to a hit, to a day) remembers where it began. Several jumps in a row lead back to where the first began: the
//! hits between were looked at, not chosen. Going to another chat by hand forgets it.

use std::collections::BTreeMap;

use api::{ChatId, MessageId, WindowAnchor};

/// A place in a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The first message on screen.
    pub id: MessageId,
    /// How far its top is below that of the timeline, in pixels; negative where it begins above.
    pub offset: i32,
}

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
    spots: BTreeMap<ChatId, Spot>,
    landing: Option<(ChatId, Landing)>,
    origin: Option<Origin>,
    landed: Option<ChatId>,
    /// A chat that was only looked into: what is still told of the place there is not kept.
    left_behind: Option<ChatId>,
}

#[derive(Clone, Copy, Debug)]
struct Origin {
    chat: Option<ChatId>,
    /// None: at the newest message.
    spot: Option<Spot>,
}

impl Visits {
    /// A chat was opened, or none; what to show of it. `unread`: how many messages in it are.
    pub fn opened(&mut self, chat: Option<ChatId>, unread: u32) -> Option<Landing> {
        let planned = self.landing.take().filter(|(to, _)| chat == Some(*to));
        if planned.is_none() && chat != self.open {
            self.origin = None;
            self.landed = None;
        }
        self.open = chat;
        if chat == self.left_behind {
            self.left_behind = None;
        }
        let spot = self.spots.get(&chat?).filter(|_| unread == 0);
        let usual = spot.map_or(Landing::Show(WindowAnchor::Unread), |spot| {
            Landing::Return(*spot)
        });
        Some(planned.map_or(usual, |(_, landing)| landing))
    }

    /// The reader of a chat is here; none: at the newest message.
    pub fn keep(&mut self, chat: ChatId, spot: Option<Spot>) {
        match spot {
            _ if self.left_behind == Some(chat) => None,
            Some(spot) => self.spots.insert(chat, spot),
            None => self.spots.remove(&chat),
        };
    }

    /// The way to a place in a chat.
    pub fn jump(&mut self, chat: ChatId, to: WindowAnchor) -> Step {
        if self.origin.is_none() || self.landed != self.open {
            self.origin = Some(Origin {
                chat: self.open,
                spot: self.open.and_then(|open| self.spots.get(&open).copied()),
            });
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
            landed.map(|chat| self.spots.remove(&chat));
        }
        let Some(chat) = origin.chat else {
            return Some(Step::Elsewhere(None));
        };
        let latest = Landing::Show(WindowAnchor::Latest);
        Some(self.step(chat, origin.spot.map_or(latest, Landing::Return)))
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
