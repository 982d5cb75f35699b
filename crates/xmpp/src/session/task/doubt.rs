//! Links that may be dead: asked for a sign of life, and cut when none comes.

use std::time::Duration;

use tokio::time::Instant;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ping;

use super::{NEGOTIATION, OUTBOX, PROBE, Phase, Task};

/// What a server says so soon after it resumed a stream belongs to the resumption.
const GREETING: Duration = Duration::from_secs(1);

impl Task {
    pub(super) fn retry_now(&mut self) {
        self.backoff.reset();
        match self.phase {
            Phase::Down => self.attempt_at = Instant::now(),
            Phase::Negotiating { .. } => {}
            Phase::Online { .. } => {
                let id = self.questions.next_id();
                self.flight
                    .push(Box::new(Iq::from_get(id, ping::Ping).into()), None);
                self.probe = Some(Instant::now() + PROBE);
            }
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
            && heard.is_none_or(|heard| heard + PROBE < probe)
        {
            tracing::debug!("no sign of life when asked for one");
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
