//! The end of a session: what runs is stopped, what is unknown is said, and nothing is left behind.

use tokio::time::timeout;
use xmpp_parsers::presence::{Presence, Type};

use super::{CLOSING, End, Phase, Task};
use crate::session::SessionEvent;
use crate::session::sign_in::bury;

impl Task {
    /// Ends what runs and tells the last events. Nothing is left behind: the workers of dropped streams end by the dead
    /// connections their slots get.
    pub(super) async fn finish(mut self, end: End) {
        self.attempt = None;
        self.questions.disconnected();
        self.settle();
        let (unsent, _) = self.flight.suspended();
        self.outbox.extend(unsent);
        let online = matches!(self.phase, Phase::Online { .. });
        let own = self.own().clone();
        let (mut slots, mut outbox) = (self.slots, self.outbox);
        drop(self.slot_sender);
        let held = self.slot.take();
        self.tracker.spawn(async move {
            if let Some(slot) = held {
                bury(slot, &own).await;
            }
            while let Some((_, slot)) = slots.recv().await {
                bury(slot, &own).await;
            }
        });
        let stream = self.stream;
        let flight = &mut self.flight;
        let closing = async {
            if online {
                let goodbye = Presence::new(Type::Unavailable);
                let _ = stream.send(Box::new(goodbye.into())).await;
                let acknowledged = async {
                    while flight.is_open() {
                        flight.changed().await;
                        outbox.extend(flight.settle());
                    }
                };
                let _ = timeout(CLOSING / 2, acknowledged).await;
            }
            stream.close().await;
        };
        if timeout(CLOSING, closing).await.is_err() {
            tracing::debug!("the server did not end the stream in time");
        }
        outbox.extend(self.flight.settle());
        outbox.extend(self.flight.reset());
        let error = match end {
            End::Closed(done) => {
                if let Some(done) = done {
                    let _ = done.send(());
                }
                None
            }
            End::Failed(error) => Some(error),
            End::Abandoned => return,
        };
        outbox.push_back(SessionEvent::Closed(error));
        let reports = self.reports;
        let telling = async {
            for event in outbox {
                if reports.send(event).await.is_err() {
                    return;
                }
            }
        };
        // A caller that waits for `close` and reads no events must not keep us.
        let _ = timeout(CLOSING, telling).await;
    }
}
