//! Who hears of commits and signals.
//!
//! A subscriber first gets a [`Reset`] that was read from the store while commits already queued for it, so none
//! falls in between; those contained in the reset are left out. Rejected: a broadcast ring. A subscriber that
//! lagged would lose commits; here a queue grows by what a stuck window leaves unread, and the window's own check of
//! `seq` subscribes anew, which drops it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use api::{Feed, Playback, PlaybackState, Reset, Signal};
use tokio::sync::mpsc;

#[derive(Default)]
pub(crate) struct Hub {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    subscribers: Vec<Subscriber>,
    next: u64,
    playback: Option<Playback>,
}

struct Subscriber {
    number: u64,
    feed: mpsc::UnboundedSender<Feed>,
    phase: Phase,
}

enum Phase {
    /// Its reset is being read; what comes meanwhile waits here.
    Waiting(Vec<Feed>),
    /// Commits up to this are in its reset.
    Live(u64),
}

/// A subscription whose reset is being read.
pub(crate) struct Pending {
    number: u64,
    pub(crate) feed: mpsc::UnboundedReceiver<Feed>,
}

impl Hub {
    pub(crate) fn attach(&self) -> Pending {
        let (sender, feed) = mpsc::unbounded_channel();
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.subscribers.push(Subscriber {
            number,
            feed: sender,
            phase: Phase::Waiting(Vec::new()),
        });
        Pending { number, feed }
    }

    /// Fills in what only the hub knows, and lets the subscription go on from the reset.
    pub(crate) fn begin(&self, pending: &Pending, reset: &mut Reset) {
        let mut state = self.lock();
        reset.playback = state.playback.clone();
        let Some(subscriber) = state
            .subscribers
            .iter_mut()
            .find(|s| s.number == pending.number)
        else {
            return;
        };
        if let Phase::Waiting(held) =
            std::mem::replace(&mut subscriber.phase, Phase::Live(reset.seq))
        {
            for item in held {
                subscriber.deliver(item);
            }
        }
    }

    /// Everyone starts anew: another account, or none.
    pub(crate) fn reset(&self, mut reset: Reset) {
        let mut state = self.lock();
        state.playback = None;
        reset.playback = None;
        state.tell(&Feed::Reset(Box::new(reset)));
    }

    pub(crate) fn commit(&self, commit: api::Commit) {
        self.lock().tell(&Feed::Commit(commit));
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let mut state = self.lock();
        if let Signal::Playback { playback } = &signal {
            state.playback = (playback.state != PlaybackState::Ended).then(|| playback.clone());
        }
        state.tell(&Feed::Signal(signal));
    }

    /// Whether anybody listens.
    pub(crate) fn is_heard(&self) -> bool {
        let state = self.lock();
        state.subscribers.iter().any(|one| !one.feed.is_closed())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, item: &Feed) {
        self.subscribers
            .retain_mut(|subscriber| subscriber.deliver(item.clone()));
    }
}

impl Subscriber {
    /// Whether anybody still listens.
    fn deliver(&mut self, item: Feed) -> bool {
        match (&mut self.phase, &item) {
            (Phase::Waiting(held), _) => {
                held.push(item);
                return !self.feed.is_closed();
            }
            (Phase::Live(seq), Feed::Reset(reset)) => *seq = reset.seq,
            (Phase::Live(seq), Feed::Commit(commit)) if commit.seq <= *seq => return true,
            _ => {}
        }
        self.feed.send(item).is_ok()
    }
}

#[cfg(test)]
mod tests;
