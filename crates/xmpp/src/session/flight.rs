//! Stanzas between the caller and the server: waiting here, handed over, acknowledged or not.

use std::collections::VecDeque;
use std::future::pending;
use std::time::Duration;

use futures::FutureExt;
use tokio::time::Instant;
use tokio_xmpp::stanzastream::{StanzaStage, StanzaState, StanzaStream, StanzaToken};
use xmpp_parsers::stanza::Stanza;

use super::{SendKey, SessionEvent};

/// How many stanzas tokio-xmpp may hold that it has not written yet. Each of them at a cut costs the resumption.
pub(super) const WINDOW: usize = 8;
/// How many wait here.
const WAITING: usize = 1024;
/// A stanza unacknowledged for so long, with nothing heard since, means a dead link.
const SUSPICION: Duration = Duration::from_secs(10);

struct Entry {
    key: Option<SendKey>,
    token: StanzaToken,
    handed: Instant,
    /// It was unacknowledged at a resumption, so it may still be in tokio-xmpp's queue whatever its token says.
    requeued: bool,
    /// The stream does not count (no XEP-0198); only a question asked later can tell.
    uncounted: bool,
}

/// See the module.
#[derive(Default)]
pub(super) struct Flight {
    waiting: VecDeque<(Box<Stanza>, Option<SendKey>)>,
    handed: VecDeque<Entry>,
    /// A ping whose answer acknowledges so many uncounted entries at the front.
    barrier: Option<(String, usize)>,
}

impl Flight {
    /// Puts a stanza at the end of those waiting; false if there are too many.
    pub(super) fn push(&mut self, stanza: Box<Stanza>, key: Option<SendKey>) -> bool {
        if self.waiting.len() >= WAITING {
            return false;
        }
        self.waiting.push_back((stanza, key));
        true
    }

    /// Hands over as many as the window allows. Never waits: the stream's own queue is larger than the window.
    pub(super) async fn pump(&mut self, stream: &StanzaStream) {
        let mut room = WINDOW.saturating_sub(self.queued());
        while room > 0 {
            let Some((stanza, key)) = self.waiting.pop_front() else {
                return;
            };
            room -= 1;
            let token = stream.send(stanza).await;
            self.handed.push_back(Entry {
                key,
                token,
                handed: Instant::now(),
                requeued: false,
                uncounted: false,
            });
        }
    }

    fn queued(&self) -> usize {
        let unwritten = |entry: &&Entry| matches!(entry.token.state(), StanzaState::Queued);
        self.handed.iter().rev().take_while(unwritten).count()
    }

    /// Waits until a token has moved. The future borrows nothing.
    pub(super) fn changed(&self) -> impl Future<Output = ()> + Send + use<> {
        let unacked = self
            .handed
            .iter()
            .find(|e| !e.uncounted)
            .map(|e| e.token.clone());
        let unwritten = self
            .handed
            .iter()
            .find(|e| matches!(e.token.state(), StanzaState::Queued))
            .map(|e| e.token.clone());
        async move {
            tokio::select! {
                () = reaches(unacked, StanzaStage::Acked) => {}
                () = reaches(unwritten, StanzaStage::Sent) => {}
            }
        }
    }

    /// Whether an acknowledgement may still come by itself.
    pub(super) fn is_open(&self) -> bool {
        self.handed.iter().any(|e| !e.uncounted)
    }

    /// Whether anything that somebody waits for is handed over and not acknowledged.
    pub(super) fn is_awaited(&self) -> bool {
        let waits = |entry: &Entry| entry.key.is_some() && !entry.uncounted;
        self.handed.iter().any(waits)
    }

    /// Takes out what is settled and says how.
    pub(super) fn settle(&mut self) -> Vec<SessionEvent> {
        let mut events = Vec::new();
        for entry in &mut self.handed {
            let written = matches!(entry.token.state(), StanzaState::Sent { .. });
            if written && !entry.uncounted && closed(&entry.token) {
                entry.uncounted = true;
            }
        }
        self.handed.retain(|e| !(e.uncounted && e.key.is_none()));
        while let Some(entry) = self.handed.front() {
            let event = match entry.token.state() {
                StanzaState::Acked { .. } => entry.key.map(SessionEvent::Acked),
                // It could not be written as XML, or the stream failed before it was: it never left.
                StanzaState::Failed { .. } => entry.key.map(SessionEvent::Unsent),
                StanzaState::Dropped => entry.key.map(SessionEvent::Lost),
                StanzaState::Queued if closed(&entry.token) => entry.key.map(SessionEvent::Lost),
                StanzaState::Queued | StanzaState::Sent { .. } => break,
            };
            events.extend(event);
            self.handed.pop_front();
        }
        events
    }

    /// Whether a ping is needed to learn of stanzas the stream does not count; then `id` is remembered for it.
    pub(super) fn needs_barrier(&mut self, id: impl FnOnce() -> String) -> Option<String> {
        let uncounted = self.handed.iter().take_while(|e| e.uncounted).count();
        if self.barrier.is_some() || uncounted == 0 {
            return None;
        }
        let id = id();
        self.barrier = Some((id.clone(), uncounted));
        Some(id)
    }

    /// The server has answered; if it answered our ping, what was sent before has arrived.
    pub(super) fn answered(&mut self, id: &str) -> Option<Vec<SessionEvent>> {
        let (_, count) = self.barrier.take_if(|(barrier, _)| barrier == id)?;
        let count = count.min(self.handed.len());
        Some(
            self.handed
                .drain(..count)
                .filter_map(|e| e.key)
                .map(SessionEvent::Acked)
                .collect(),
        )
    }

    /// When the link becomes suspect if nothing is heard.
    pub(super) fn suspect_at(&self, last_heard: Option<Instant>) -> Option<Instant> {
        let written = |e: &&Entry| !matches!(e.token.state(), StanzaState::Acked { .. });
        let handed = self.handed.iter().find(written)?.handed;
        Some(last_heard.map_or(handed, |heard| heard.max(handed)) + SUSPICION)
    }

    /// The link broke. What waits never left. True if tokio-xmpp may hold stanzas in the queue that outlives a stream.
    pub(super) fn suspended(&mut self) -> (Vec<SessionEvent>, bool) {
        self.barrier = None;
        let unsent = self
            .waiting
            .drain(..)
            .filter_map(|(_, key)| key)
            .map(SessionEvent::Unsent)
            .collect();
        let stuck = |e: &Entry| e.requeued || matches!(e.token.state(), StanzaState::Queued);
        (unsent, self.handed.iter().any(stuck))
    }

    /// The stream goes on. What is unacknowledged has been put back into tokio-xmpp's queue.
    pub(super) fn resumed(&mut self) {
        let now = Instant::now();
        for entry in &mut self.handed {
            entry.requeued = true;
            entry.handed = now;
        }
    }

    /// The stream is gone. Whether what was handed over has arrived is unknown.
    pub(super) fn reset(&mut self) -> Vec<SessionEvent> {
        self.barrier = None;
        self.handed
            .drain(..)
            .filter_map(|e| e.key)
            .map(SessionEvent::Lost)
            .collect()
    }
}

async fn reaches(token: Option<StanzaToken>, stage: StanzaStage) {
    match token {
        Some(mut token) => {
            token.wait_for(stage).await;
        }
        None => pending().await,
    }
}

/// Whether the token will never move again.
fn closed(token: &StanzaToken) -> bool {
    matches!(
        token.clone().wait_for(StanzaStage::Acked).now_or_never(),
        Some(None)
    )
}
