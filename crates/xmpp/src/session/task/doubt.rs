//! Links that may be dead: asked for a sign of life, and cut when none comes.

use std::time::Duration;

use tokio::time::Instant;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ping;

use super::{NEGOTIATION, OUTBOX, PROBE, Phase, Task};
use crate::session::SessionEvent;

/// What a server says so soon after it resumed a stream belongs to the resumption.
const GREETING: Duration = Duration::from_secs(1);

impl Task {
    pub(super) fn retry_now(&mut self) {
        self.backoff.reset();
        match self.phase {
            Phase::Down => {
                // One under way may be calling into a network that is gone, for as long as its limits allow.
                let began = self.attempt.take().is_some();
                self.attempt_at = Instant::now();
                if !began && self.slot.is_some() {
                    self.outbox.push_back(SessionEvent::Connecting);
                }
            }
            Phase::Negotiating { .. } => self.doubt(),
            Phase::Online { .. } => {
                let id = self.questions.next_id();
                self.flight
                    .push(Box::new(Iq::from_get(id, ping::Ping).into()), None);
                self.doubt();
            }
        }
    }

    /// From now on a sign of life is waited for. A doubt that nothing has answered stays as it is: doubts that come faster
    /// than they expire would else keep a dead link for ever.
    fn doubt(&mut self) {
        let heard = self.last_words.last_heard();
        if !self.probe.is_some_and(|probe| is_unanswered(probe, heard)) {
            self.probe = Some(Instant::now() + PROBE);
        }
    }

    /// When the stream is taken for dead unless something is heard. One that is not read, because nobody takes its events,
    /// is no dead one.
    pub(super) fn suspicion(&self) -> Option<Instant> {
        let is_read = self.outbox.len() < OUTBOX && !self.last_words.is_cut();
        is_read
            .then(|| self.flight.suspect_at(self.last_words.last_heard()))
            .flatten()
    }

    /// Something ran out.
    pub(super) fn time(&mut self) {
        let now = Instant::now();
        self.questions.expire(now);
        let heard = self.last_words.last_heard();
        if let Some(probe) = self.probe.take_if(|probe| *probe <= now)
            && is_unanswered(probe, heard)
        {
            tracing::debug!("no sign of life when asked for one");
            self.hurried = true;
            self.last_words.cut();
        }
        let out_of_time = match self.phase {
            Phase::Down => false,
            Phase::Negotiating { since } => since + NEGOTIATION <= now,
            Phase::Online { .. } => self.suspicion().is_some_and(|at| at <= now),
        };
        if out_of_time {
            self.deaf = match self.phase {
                Phase::Online {
                    since,
                    resumed: true,
                } => heard.is_none_or(|heard| heard <= since + GREETING),
                _ => false,
            };
            tracing::debug!("the connection is silent where it should not be");
            self.last_words.cut();
        }
    }
}

/// Whether nothing was heard since the doubt began that ends at `probe`.
fn is_unanswered(probe: Instant, heard: Option<Instant>) -> bool {
    heard.is_none_or(|heard| heard + PROBE < probe)
}
