//! The one [`Visits`] there is, who is shown a way back, and what of it the backend keeps for the next run.
//!
//! No reducer: places change with every scrolled pixel, and nobody renders for them. What is rendered is only whether
//! the open chat has a way back. For the same reason the backend is told of a place twice a second at most, and when the
//! chat is left or the window goes out of sight.

use std::cell::RefCell;
use std::rc::Rc;

use api::{ChatId, KeepSpot, WindowAnchor};
use gloo_timers::callback::Timeout;
use yew::UseStateSetter;

use crate::backend;
use crate::state::visits::{Landing, Step, Visits, Whereabouts};

/// How long a place waits until the backend is told, in milliseconds.
const SAVE_MS: u32 = 500;

/// The open chat, if a jump led to it and leads back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Back(pub Option<ChatId>);

/// See the module.
#[derive(Clone)]
pub struct Way {
    visits: Rc<RefCell<Visits>>,
    unsaved: Rc<RefCell<Option<Unsaved>>>,
    back: UseStateSetter<Back>,
}

/// A place of which the backend does not know yet.
struct Unsaved {
    chat: ChatId,
    /// Stopped when this is dropped.
    _timer: Timeout,
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
            unsaved: Rc::default(),
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
        let landing = self.change(|visits| visits.opened(chat, unread));
        self.save();
        landing
    }

    /// See [`Visits::keep`].
    pub fn keep(&self, chat: ChatId, spot: Whereabouts) {
        if !self.visits.borrow_mut().keep(chat, spot) {
            return;
        }
        if self.unsaved_chat().is_some_and(|unsaved| unsaved != chat) {
            self.save();
        }
        if self.unsaved_chat().is_none() {
            let way = self.clone();
            *self.unsaved.borrow_mut() = Some(Unsaved {
                chat,
                _timer: Timeout::new(SAVE_MS, move || way.save()),
            });
        }
    }

    fn unsaved_chat(&self) -> Option<ChatId> {
        self.unsaved.borrow().as_ref().map(|unsaved| unsaved.chat)
    }

    /// Tells the backend what it does not know yet.
    pub fn save(&self) {
        let unsaved = self.unsaved.borrow_mut().take();
        let Some(Unsaved { chat, .. }) = unsaved else {
            return;
        };
        let lasting = self.visits.borrow().lasting(chat);
        if let Some(spot) = lasting {
            backend::tell(KeepSpot { chat, spot });
        }
    }

    /// See [`Visits::jump`].
    pub fn jump(&self, chat: ChatId, to: WindowAnchor) -> Step {
        self.change(|visits| visits.jump(chat, to))
    }

    /// See [`Visits::back`].
    pub fn back(&self) -> Option<Step> {
        self.change(Visits::back)
    }

    /// See [`Visits::spoke`].
    pub fn spoke(&self) {
        self.change(Visits::spoke);
    }

    /// Another account is another history.
    pub fn forget(&self) {
        self.unsaved.borrow_mut().take();
        self.change(|visits| *visits = Visits::default());
    }
}
