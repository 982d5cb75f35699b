//! The one [`Visits`] there is, and who is shown a way back.
//!
//! No reducer: places change with every scrolled pixel, and nobody renders for them. What is rendered is only whether
//! the open chat has a way back.

use std::cell::RefCell;
use std::rc::Rc;

use api::{ChatId, WindowAnchor};
use yew::UseStateSetter;

use crate::state::visits::{Landing, Spot, Step, Visits};

/// The open chat, if a jump led to it and leads back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Back(pub Option<ChatId>);

/// See the module.
#[derive(Clone)]
pub struct Way {
    visits: Rc<RefCell<Visits>>,
    back: UseStateSetter<Back>,
}

impl PartialEq for Way {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.visits, &other.visits)
    }
}

impl Way {
    /// Whether there is a way back goes to `back`.
    pub fn new(back: UseStateSetter<Back>) -> Self {
        Self {
            visits: Rc::default(),
            back,
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Visits) -> T) -> T {
        let mut visits = self.visits.borrow_mut();
        let outcome = change(&mut visits);
        self.back.set(Back(visits.came_to()));
        outcome
    }

    /// See [`Visits::opened`].
    pub fn opened(&self, chat: Option<ChatId>, unread: u32) -> Option<Landing> {
        self.change(|visits| visits.opened(chat, unread))
    }

    /// See [`Visits::keep`].
    pub fn keep(&self, chat: ChatId, spot: Option<Spot>) {
        self.visits.borrow_mut().keep(chat, spot);
    }

    /// See [`Visits::jump`].
    pub fn jump(&self, chat: ChatId, to: WindowAnchor) -> Step {
        self.change(|visits| visits.jump(chat, to))
    }

    /// See [`Visits::back`].
    pub fn back(&self) -> Option<Step> {
        self.change(Visits::back)
    }

    /// Another account is another history.
    pub fn forget(&self) {
        self.change(|visits| *visits = Visits::default());
    }
}
