//! Voice drafts that were thrown away and can still be had back.
//!
//! A draft disappears at once, the recording itself only when nobody wanted it back: after a while, or when its chat is
//! left. Until then nothing was asked of the backend, so a window that is closed meanwhile loses nothing. A question
//! before each discard was rejected: it makes the usual case two presses and is answered without being read.

use std::rc::Rc;

use api::{Change, ChatId, Feed};
use yew::Reducible;

/// A draft that is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binned {
    /// Whose.
    pub chat: ChatId,
    /// Which.
    pub draft: String,
    /// Whether the backend was asked to destroy it.
    pub going: bool,
}

/// All of them, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bin {
    /// Few: each is there for seconds.
    pub drafts: Rc<Vec<Binned>>,
}

/// What changes a [`Bin`].
pub enum BinAction {
    /// Thrown away.
    Throw(ChatId, String),
    /// Wanted back, or could not be destroyed.
    Restore(String),
    /// The backend is asked to destroy it.
    Going(String),
    /// Items of the feed.
    Feed(Rc<Vec<Feed>>),
}

impl Bin {
    /// Whether a draft must not be shown.
    pub fn hides(&self, draft: &str) -> bool {
        self.drafts.iter().any(|binned| binned.draft == draft)
    }

    fn retain(&mut self, keep: impl FnMut(&Binned) -> bool) {
        Rc::make_mut(&mut self.drafts).retain(keep);
    }
}

impl Reducible for Bin {
    type Action = BinAction;

    fn reduce(self: Rc<Self>, action: BinAction) -> Rc<Self> {
        let mut next = self;
        match action {
            BinAction::Throw(chat, draft) => {
                if !next.hides(&draft) {
                    let bin = Rc::make_mut(&mut next);
                    Rc::make_mut(&mut bin.drafts).push(Binned {
                        chat,
                        draft,
                        going: false,
                    });
                }
            }
            BinAction::Restore(draft) => {
                Rc::make_mut(&mut next).retain(|binned| binned.draft != draft);
            }
            BinAction::Going(draft) => {
                let bin = Rc::make_mut(&mut next);
                for binned in Rc::make_mut(&mut bin.drafts) {
                    binned.going |= binned.draft == draft;
                }
            }
            BinAction::Feed(items) => {
                for item in items.iter() {
                    match item {
                        _ if next.drafts.is_empty() => break,
                        // Whatever was on its way out is gone, or is shown again.
                        Feed::Reset(_) => Rc::make_mut(&mut next).retain(|binned| !binned.going),
                        Feed::Commit(commit) => {
                            for change in &commit.changes {
                                let Change::Chat(row) = change else { continue };
                                let is_there = |draft: &str| {
                                    row.voice_drafts.iter().any(|held| held.id == draft)
                                };
                                Rc::make_mut(&mut next).retain(|binned| {
                                    binned.chat != row.id || is_there(&binned.draft)
                                });
                            }
                        }
                        Feed::Signal(_) => {}
                    }
                }
            }
        }
        next
    }
}

#[cfg(test)]
mod tests;
