//! The one loop that hears a session, and everything that can wake it.
//!
//! After a stream without resumption the archive is read before anything of ours is sent again (DESIGN §4,
//! "reconnect"): what the archive holds under our origin id went out, whatever we believed.

mod prepare;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use api::{Connection, Fault, FaultKind, Millis, Presence, Signal};
use store::{StoreError, Subscription, WriteTx};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use xmpp::{BareJid, ConnectError, Inbound, PresenceOut, SendKey, Session, SessionEvent};

use crate::account::Account;
use crate::ingest::{self, Effect};
use crate::outbox::Unanswered;
use crate::{catch_up, displayed, faults, outbox};
use prepare::{Prepared, prepare, settle_doubts};

/// Events that wait already are taken together, those of one kind into one write.
const BURST: usize = 128;

/// Wait before the archive is asked again after it failed to answer.
const CATCH_UP_AGAIN: Duration = Duration::from_secs(5);

/// So often in a row the archive may fail to answer before the line opens without it.
const PATIENCE: u32 = 3;

/// A session that the server has not ended yet may put what came for the stream before into the archive and tell nobody. So
/// the newest page of a fresh stream is read again after this time; until then no live id hides what is missing before it.
const SECOND_LOOK: Duration = Duration::from_secs(3);

/// What can wake the loop.
enum Event {
    Session(Option<SessionEvent>),
    /// The stream's preparations ended: what was missed is in, or could not be had.
    Prepared(Result<Prepared, Fault>),
    /// The newest page was read once more, or not.
    LookedAgain(bool),
    /// Nobody looks for what is missing of the archive any more.
    Backfilled,
    /// Something may be due to go out.
    Due,
    HangUp,
}

struct Running {
    account: Arc<Account>,
    session: Session,
    first: Option<oneshot::Sender<Result<(), ConnectError>>>,
    /// The stream stands.
    is_up: bool,
    /// What was missed is in, or cannot be had: things may go out.
    is_ready: bool,
    /// Something was missed that is not in: a newer id of the archive must not hide it.
    is_behind: bool,
    /// More of that came since it is looked for, perhaps behind what the look finds.
    missed_more: bool,
    /// What our other devices say comes here too. Without that, a live id must not hide what they said before it.
    has_carbons: bool,
    /// How often in a row the archive could not be read.
    failures: u32,
    /// How long the archive has kept from us what became of messages of ours.
    unanswered: Unanswered,
    /// Stanzas handed over and not acknowledged.
    in_flight: usize,
    preparing: JoinSet<Result<Prepared, Fault>>,
    /// Nothing more comes into the archive by way of the stream before.
    is_settled: bool,
    /// Ends with whether the newest page was read once more.
    second_look: JoinSet<bool>,
    /// Reads it once more, long after.
    late_look: JoinSet<()>,
    backfill: JoinSet<()>,
    /// Keeps what was read and heard the same on all devices.
    displayed: JoinSet<()>,
    /// When a row of the outbox is due to be tried again.
    wake_at: Option<Millis>,
}

/// Runs until the session ends or `hang_up` is cancelled.
pub(crate) async fn run(
    account: Arc<Account>,
    session: Session,
    mut events: mpsc::Receiver<SessionEvent>,
    hang_up: CancellationToken,
    first: Option<oneshot::Sender<Result<(), ConnectError>>>,
) {
    let mut running = Running::new(Arc::clone(&account), session, first);
    loop {
        let retry = running.until_retry();
        let event = tokio::select! {
            biased;
            () = hang_up.cancelled() => Event::HangUp,
            event = events.recv() => Event::Session(event),
            Some(done) = running.preparing.join_next() => Event::Prepared(flatten(done)),
            Some(done) = running.second_look.join_next() => Event::LookedAgain(matches!(done, Ok(true))),
            Some(_) = running.backfill.join_next() => Event::Backfilled,
            () = account.outbox.notified(), if running.is_open() => Event::Due,
            () = tokio::time::sleep(retry), if running.is_open() => Event::Due,
        };
        match event {
            Event::Session(Some(event)) => {
                let mut batch = vec![event];
                while let Some(event) = (batch.len() < BURST)
                    .then(|| events.try_recv().ok())
                    .flatten()
                {
                    batch.push(event);
                }
                if running.hear(batch).await.is_break() {
                    return;
                }
            }
            Event::Session(None) | Event::HangUp => return running.ended(None),
            Event::Prepared(Ok(prepared)) => running.prepared(prepared),
            Event::Prepared(Err(fault)) => running.not_prepared(fault).await,
            Event::LookedAgain(true) => running.settled(),
            Event::LookedAgain(false) => running.fall_behind(),
            Event::Backfilled | Event::Due => {}
        }
        running.pump().await;
    }
}

impl Running {
    fn new(
        account: Arc<Account>,
        session: Session,
        first: Option<oneshot::Sender<Result<(), ConnectError>>>,
    ) -> Self {
        Self {
            account,
            session,
            first,
            is_up: false,
            is_ready: false,
            is_behind: false,
            missed_more: false,
            has_carbons: false,
            failures: 0,
            unanswered: Unanswered::default(),
            in_flight: 0,
            preparing: JoinSet::new(),
            is_settled: false,
            second_look: JoinSet::new(),
            late_look: JoinSet::new(),
            backfill: JoinSet::new(),
            displayed: JoinSet::new(),
            wake_at: None,
        }
    }

    /// Takes events in order, runs of one kind together. Breaks at the last one.
    async fn hear(&mut self, batch: Vec<SessionEvent>) -> ControlFlow<()> {
        let mut effects = Vec::new();
        let mut acked = Vec::new();
        for event in batch {
            if !matches!(event, SessionEvent::Inbound(_)) {
                self.take_in(std::mem::take(&mut effects)).await;
            }
            if !matches!(event, SessionEvent::Acked(_)) {
                self.settle(std::mem::take(&mut acked), |tx, row| tx.outbox_acked(row))
                    .await;
            }
            match event {
                SessionEvent::Inbound(inbound) => effects.extend(self.effects_of(*inbound)),
                SessionEvent::Acked(key) => acked.push(key),
                SessionEvent::Lost(key) => {
                    self.settle(vec![key], |tx, row| tx.outbox_lost(row)).await;
                }
                SessionEvent::Unsent(key) => {
                    self.settle(vec![key], |tx, row| tx.outbox_unsent(row))
                        .await;
                }
                SessionEvent::Connecting => self.account.stands(Connection::Connecting),
                SessionEvent::Online { resumed, .. } => self.online(resumed).await,
                SessionEvent::Suspended => {
                    self.is_up = false;
                    self.account.stands(Connection::Connecting);
                }
                SessionEvent::Retrying { error, in_ms } => {
                    self.is_up = false;
                    let fault = Some(faults::connect(&error));
                    self.account.stands(Connection::Offline {
                        fault,
                        retry_in_ms: Some(in_ms),
                    });
                }
                SessionEvent::Closed(error) => {
                    self.ended(error);
                    return ControlFlow::Break(());
                }
            }
        }
        self.take_in(effects).await;
        self.settle(acked, |tx, row| tx.outbox_acked(row)).await;
        ControlFlow::Continue(())
    }

    async fn online(&mut self, resumed: bool) {
        self.session.follow();
        if let Some(first) = self.first.take() {
            let _ = first.send(Ok(()));
        }
        self.is_up = true;
        self.write(|tx| tx.uploads_again()).await;
        if !resumed {
            self.preparing = JoinSet::new();
            self.second_look = JoinSet::new();
            self.late_look = JoinSet::new();
            self.is_settled = false;
            self.backfill = JoinSet::new();
            self.displayed = JoinSet::new();
            self.is_ready = false;
            self.missed_more = false;
            self.failures = 0;
            self.in_flight = 0;
            self.write(|tx| {
                tx.outbox_all_lost()?;
                tx.fetches_again()
            })
            .await;
            self.forget_presence().await;
            self.prepare(Duration::ZERO);
        } else if !self.is_ready || self.is_behind {
            // The wait was for a line that is better now.
            self.preparing = JoinSet::new();
            self.failures = 0;
            self.prepare(Duration::ZERO);
        }
        self.tell();
        self.account.fetches.notify_one();
        self.account.history.look_again();
        self.account.private_lists.nudge();
    }

    /// Things may go out.
    fn is_open(&self) -> bool {
        self.is_up && self.is_ready
    }

    /// Tells how the line stands, while it does.
    fn tell(&self) {
        if self.is_up {
            self.account.stands(if self.is_ready {
                Connection::Online
            } else {
                Connection::CatchingUp
            });
        }
    }

    fn prepare(&mut self, after: Duration) {
        let (account, session) = (Arc::clone(&self.account), self.session.clone());
        self.preparing.spawn(async move {
            tokio::time::sleep(after).await;
            prepare(&account, &session).await
        });
    }

    fn prepared(&mut self, prepared: Prepared) {
        self.be_ready();
        // Where another one is under way, something was lost after this one had read its newest page.
        self.is_behind = prepared.in_doubt || !self.preparing.is_empty();
        self.has_carbons = prepared.has_carbons;
        // An archive that opens the line and then refuses to say what went out has not answered.
        if !prepared.in_doubt {
            self.failures = 0;
            self.unanswered = Unanswered::default();
        }
        self.tell();
        let may_look = prepared.has_archive && !prepared.in_doubt;
        if may_look && !self.is_settled && self.second_look.is_empty() {
            let (account, session) = (Arc::clone(&self.account), self.session.clone());
            self.second_look.spawn(async move {
                tokio::time::sleep(SECOND_LOOK).await;
                catch_up::run(&account, &session).await.is_ok()
            });
        }
        if self.displayed.is_empty() {
            let (account, session) = (Arc::clone(&self.account), self.session.clone());
            self.displayed
                .spawn(async move { displayed::keep(&account, &session).await });
        }
        if self.backfill.is_empty() {
            let (account, session) = (Arc::clone(&self.account), self.session.clone());
            self.backfill
                .spawn(async move { catch_up::keep_whole(&account, &session).await });
        } else {
            self.account.history.look_again();
        }
        if prepared.in_doubt && self.preparing.is_empty() {
            let (account, session) = (Arc::clone(&self.account), self.session.clone());
            self.preparing
                .spawn(async move { settle_doubts(&account, &session, prepared).await });
        } else if std::mem::take(&mut self.missed_more) {
            self.fall_behind();
        }
    }

    /// The newest page was read once more.
    fn settled(&mut self) {
        self.is_settled = true;
        let (account, session) = (Arc::clone(&self.account), self.session.clone());
        self.late_look.spawn(async move {
            tokio::time::sleep(catch_up::LATE).await;
            if let Err(fault) = catch_up::settle(&account, &session).await {
                tracing::info!(%fault, "what came late will be looked for with the next stream");
            }
        });
        // More than a page may have come since the first look: there is a hole then.
        self.account.history.look_again();
    }

    /// What waited may go out.
    fn be_ready(&mut self) {
        if !std::mem::replace(&mut self.is_ready, true) {
            self.warm_up();
        }
    }

    /// Something was missed; it is looked for soon, or after what is looked for already.
    fn fall_behind(&mut self) {
        self.missed_more = self.is_behind;
        if !std::mem::replace(&mut self.is_behind, true) {
            self.prepare(CATCH_UP_AGAIN);
        }
    }

    /// An archive that does not answer must not keep anybody from speaking: after a while the line opens without it, but
    /// for what may have gone out already, and it is asked again behind the user's back. A lost connection is another
    /// matter; its successor asks anew.
    async fn not_prepared(&mut self, fault: Fault) {
        tracing::warn!(%fault, "the archive could not be read");
        self.failures += 1;
        let is_refusal = !matches!(fault.kind, FaultKind::Offline | FaultKind::Timeout);
        self.is_behind = true;
        if is_refusal || self.failures >= PATIENCE {
            self.be_ready();
            self.tell();
        }
        if fault.kind != FaultKind::Offline {
            self.doubt_remains().await;
        }
        self.prepare(CATCH_UP_AGAIN * (1 << self.failures.min(7)));
    }

    /// What may have gone out waits for the archive, but not for ever behind a clock that nobody can stop: it becomes the
    /// user's to decide, who can ask the other side. Sending it unasked would say it twice.
    async fn doubt_remains(&mut self) {
        let doubts = match outbox::doubts(&self.account).await {
            Ok(doubts) => doubts,
            Err(fault) => return tracing::warn!(%fault, "the outbox could not be read"),
        };
        if self.unanswered.again(doubts, self.account.env.now()) {
            tracing::warn!(doubts, "the archive does not tell what arrived");
            self.write(|tx| tx.outbox_wedge_doubts(&FaultKind::Unconfirmed).map(drop))
                .await;
        }
    }

    /// What the first voice message would wait for after it was spoken: where uploads go, and the system's certificates.
    fn warm_up(&self) {
        let (account, session) = (Arc::clone(&self.account), self.session.clone());
        self.account.tracker.spawn(async move {
            let _ = session.upload_service().await;
            let _ = tokio::task::spawn_blocking(move || account.http().is_ok()).await;
        });
    }

    fn ended(&mut self, error: Option<ConnectError>) {
        self.account.session_ended();
        let connection = match &error {
            None => Connection::Offline {
                fault: None,
                retry_in_ms: None,
            },
            Some(error) => Connection::Error {
                fault: faults::connect(error),
            },
        };
        self.account.stands(connection);
        if let Some(first) = self.first.take() {
            let _ = first.send(Err(error.unwrap_or(ConnectError::Lost)));
        }
    }

    fn effects_of(&self, inbound: Inbound) -> Vec<Effect> {
        let Account { address, env, .. } = &*self.account;
        ingest::effects(
            inbound,
            address,
            env.now(),
            self.account.history.gives_ids(),
        )
    }

    /// Whom we asked to see may see us, without another question: one side asks, the other allows, and both are seen.
    async fn let_in(&self, effects: &mut [Effect]) {
        for effect in effects {
            let Effect::AsksPresence { peer, .. } = effect else {
                continue;
            };
            let contact = self.account.store.reader().contact(peer.clone()).await;
            let is_wanted = contact.ok().flatten().is_some_and(|contact| {
                contact.pending_out
                    || matches!(contact.subscription, Subscription::To | Subscription::Both)
            });
            let Some(jid) = peer.parse::<BareJid>().ok().filter(|_| is_wanted) else {
                continue;
            };
            // One that is not heard is asked again with the next stream.
            if self
                .session
                .presence(PresenceOut::Subscribed(jid))
                .await
                .is_ok()
            {
                *effect = Effect::AskedEnough { peer: peer.clone() };
            }
        }
    }

    /// One write for what lasts, signals for what passes.
    async fn take_in(&mut self, mut effects: Vec<Effect>) {
        self.let_in(&mut effects).await;
        let (passing, lasting): (Vec<_>, Vec<_>) = effects.into_iter().partition(Effect::passes);
        let (reached, mut lasting): (Vec<_>, Vec<_>) = lasting
            .into_iter()
            .partition(|effect| matches!(effect, Effect::Reached { .. }));
        // Before the newest page of the archive is here, a newer id must not hide what is missing.
        let is_current = self.is_ready && !self.is_behind;
        let hides_nothing = is_current && self.is_settled && self.has_carbons;
        let is_settled = self.account.history.tail.is_settled();
        if !lasting.is_empty() || (hides_nothing && !reached.is_empty()) {
            let has_news = is_current && lasting.iter().any(Effect::is_news);
            let written = self
                .write(move |tx| {
                    ingest::apply_newest(tx, &mut lasting, is_current)?;
                    match reached.last() {
                        Some(Effect::Reached { id, at }) if hides_nothing => {
                            catch_up::reached(tx, id, *at, reached.len() as u64, is_settled)
                        }
                        _ => Ok(()),
                    }
                })
                .await;
            if written && has_news {
                self.account.chimes.received();
            }
            if !written {
                self.fall_behind();
            }
            self.account.outbox.notify_one();
            self.account.fetches.notify_one();
        }
        for effect in passing {
            match effect {
                Effect::Presence(presence) => {
                    let change = self.account.roll().take(&presence.from, &presence.kind);
                    if let Some((address, presence)) = change {
                        self.tell_presence(&address, presence).await;
                    }
                }
                Effect::Typing { peer, on } => {
                    if let Ok(Some(chat)) = self.account.store.reader().chat_by_address(peer).await
                    {
                        self.account.signal(Signal::Typing { chat: chat.id, on });
                    }
                }
                _ => {}
            }
        }
    }

    async fn forget_presence(&self) {
        let gone = self.account.roll().clear();
        for address in gone {
            self.tell_presence(&address, Presence::Offline).await;
        }
    }

    async fn tell_presence(&self, address: &str, presence: Presence) {
        if let Ok(Some(chat)) = self
            .account
            .store
            .reader()
            .chat_by_address(address.to_owned())
            .await
        {
            self.account.signal(Signal::Presence {
                chat: chat.id,
                presence,
            });
        }
    }

    async fn settle(
        &mut self,
        keys: Vec<SendKey>,
        outcome: impl Fn(&mut WriteTx<'_>, i64) -> Result<(), StoreError> + Send + 'static,
    ) {
        if keys.is_empty() {
            return;
        }
        self.in_flight = self.in_flight.saturating_sub(keys.len());
        self.write(move |tx| {
            keys.iter()
                .try_for_each(|key| outcome(tx, outbox::row_of(*key)))
        })
        .await;
    }

    /// A write whose failure the person must hear of. Whether it succeeded.
    async fn write(
        &self,
        job: impl FnOnce(&mut WriteTx<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> bool {
        match self.account.store.write(job).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "a write failed");
                let fault = faults::store(&error);
                self.account.signal(Signal::Notice { fault });
                false
            }
        }
    }

    async fn pump(&mut self) {
        if !self.is_open() {
            return;
        }
        let room = outbox::WINDOW.saturating_sub(self.in_flight);
        match outbox::pump(&self.account, &self.session, room, self.is_behind).await {
            Ok(pumped) => {
                self.in_flight += pumped.sent;
                self.wake_at = pumped.wake_at;
            }
            Err(fault) => tracing::warn!(%fault, "the outbox could not be worked on"),
        }
    }

    fn until_retry(&self) -> Duration {
        /// With nothing due, how long the loop sleeps at most.
        const IDLE: Duration = Duration::from_secs(3_600);
        match self.wake_at {
            Some(at) => {
                Duration::from_millis(u64::try_from(at - self.account.env.now()).unwrap_or(0))
            }
            None => IDLE,
        }
    }
}

fn flatten(done: Result<Result<Prepared, Fault>, JoinError>) -> Result<Prepared, Fault> {
    done.unwrap_or_else(|error| Err(faults::bug(error)))
}

#[cfg(test)]
mod tests;
