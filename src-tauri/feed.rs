//! Feeds a window: merges what happens within a frame into one message.
//!
//! Owns the pace, nothing of the meaning. The first item after a quiet time goes
//! out at once; what follows within [`FRAME`] goes out together. Of the same row
//! only the newest state is sent; of the same signal only the latest, at most 15
//! times a second, and always the last one.
//!
//! A timer that ticks was rejected: nothing runs while nothing happens.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use api::{Change, ChatId, Commit, Feed, MessageId, Reset, Signal, SignalKey};
use tokio::{sync::mpsc::UnboundedReceiver, time::sleep_until};

/// The shortest time between two messages to a window.
const FRAME: Duration = Duration::from_millis(16);

/// The shortest time between two signals of the same key: 15 a second.
const SIGNAL_PERIOD: Duration = Duration::from_millis(67);

/// How many waiting items are taken in before looking at the clock again.
const DRAIN: usize = 256;

/// Sends the reset, then everything that comes, until either side is gone.
/// `send` says whether the window still listens.
pub async fn deliver(
    reset: Reset,
    mut items: UnboundedReceiver<Feed>,
    mut send: impl FnMut(Vec<Feed>) -> bool,
) {
    let mut pace = Pace::default();
    let mut open = send(vec![Feed::Reset(Box::new(reset))]);
    while open {
        let due = pace.due(Instant::now());
        tokio::select! {
            item = items.recv() => {
                let Some(item) = item else { break };
                pace.push(item);
                for _ in 0..DRAIN {
                    let Ok(item) = items.try_recv() else { break };
                    pace.push(item);
                }
            }
            () = at(due), if due.is_some() => {}
        }
        let now = Instant::now();
        if pace.due(now).is_some_and(|due| due <= now) {
            open = send(pace.take(now));
        }
    }
    if open && !pace.is_empty() {
        send(pace.rest());
    }
}

/// Waits for an instant, where there is one.
async fn at(due: Option<Instant>) {
    if let Some(due) = due {
        sleep_until(due.into()).await;
    }
}

/// What waits to be sent, and since when it may. Pure: the clock comes in.
#[derive(Default)]
struct Pace {
    reset: Option<Box<Reset>>,
    seq: Option<u64>,
    /// In the order of the newest change of each row; a hole is a change that a newer one replaced.
    changes: Vec<Option<Change>>,
    place: HashMap<Row, usize>,
    /// In the order in which the keys came.
    signals: Vec<(SignalKey, Signal)>,
    /// Keys sent within the last [`SIGNAL_PERIOD`].
    sent: HashMap<SignalKey, Instant>,
    last: Option<Instant>,
}

/// What a change is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Row {
    Chat(ChatId),
    Message(MessageId),
}

impl Row {
    fn of(change: &Change) -> Self {
        match change {
            Change::Chat(row) => Self::Chat(row.id),
            Change::Message(row) => Self::Message(row.id),
            Change::MessageGone { id, .. } => Self::Message(*id),
        }
    }
}

/// Whether a signal says that something happened, and not how something stands.
fn is_event(key: &SignalKey) -> bool {
    matches!(key, SignalKey::Notice(_) | SignalKey::RecordingEnded(_))
}

impl Pace {
    fn push(&mut self, item: Feed) {
        match item {
            Feed::Reset(reset) => {
                // Whatever waits is older than the reset, and contained in it; but not what
                // only happened, and is no state.
                self.signals.retain(|(key, _)| is_event(key));
                *self = Self {
                    reset: Some(reset),
                    last: self.last,
                    signals: std::mem::take(&mut self.signals),
                    sent: std::mem::take(&mut self.sent),
                    ..Self::default()
                };
            }
            Feed::Commit(commit) => self.merge(commit),
            Feed::Signal(signal) => {
                let key = signal.key();
                match self.signals.iter_mut().find(|(waiting, _)| *waiting == key) {
                    Some((_, latest)) => *latest = signal,
                    None => self.signals.push((key, signal)),
                }
            }
        }
    }

    fn merge(&mut self, commit: Commit) {
        self.seq = self.seq.max(Some(commit.seq));
        for change in commit.changes {
            let older = self.place.insert(Row::of(&change), self.changes.len());
            if let Some(hole) = older.and_then(|at| self.changes.get_mut(at)) {
                *hole = None;
            }
            self.changes.push(Some(change));
        }
        // One row that changes for ever within a frame must not grow the list for ever.
        if self.changes.len() > 2 * self.place.len() + DRAIN {
            self.changes.retain(Option::is_some);
            self.place = self
                .changes
                .iter()
                .enumerate()
                .filter_map(|(at, change)| change.as_ref().map(|change| (Row::of(change), at)))
                .collect();
        }
    }

    fn is_empty(&self) -> bool {
        self.reset.is_none() && self.seq.is_none() && self.signals.is_empty()
    }

    /// When something may be sent; nothing where nothing waits. May lie in the past.
    fn due(&self, now: Instant) -> Option<Instant> {
        let frame = |due: Option<Instant>| self.last.map(|last| last + FRAME).max(due);
        let signals = self.signals.iter().map(|(key, _)| self.signal_due(key));
        let durable = (self.reset.is_some() || self.seq.is_some()).then_some(None);
        durable
            .into_iter()
            .chain(signals)
            .map(frame)
            .min()
            .map(|due| due.unwrap_or(now))
    }

    fn signal_due(&self, key: &SignalKey) -> Option<Instant> {
        self.sent.get(key).map(|sent| *sent + SIGNAL_PERIOD)
    }

    /// What may be sent now.
    fn take(&mut self, now: Instant) -> Vec<Feed> {
        self.sent.retain(|_, sent| *sent + SIGNAL_PERIOD > now);
        let mut batch = self.take_durable();
        let (held, ready): (Vec<_>, Vec<_>) = std::mem::take(&mut self.signals)
            .into_iter()
            .partition(|(key, _)| self.signal_due(key).is_some_and(|due| due > now));
        self.signals = held;
        for (key, signal) in ready {
            self.sent.insert(key, now);
            batch.push(Feed::Signal(signal));
        }
        self.last = Some(now);
        batch
    }

    /// Everything that waits, due or not.
    fn rest(&mut self) -> Vec<Feed> {
        let mut batch = self.take_durable();
        let signals = std::mem::take(&mut self.signals);
        batch.extend(signals.into_iter().map(|(_, signal)| Feed::Signal(signal)));
        batch
    }

    fn take_durable(&mut self) -> Vec<Feed> {
        let mut batch = Vec::new();
        batch.extend(self.reset.take().map(Feed::Reset));
        if let Some(seq) = self.seq.take() {
            self.place.clear();
            batch.push(Feed::Commit(Commit {
                seq,
                changes: std::mem::take(&mut self.changes)
                    .into_iter()
                    .flatten()
                    .collect(),
            }));
        }
        batch
    }
}

#[cfg(test)]
mod tests;
