//! The loop that owns the stream. Everything that can wake it is in [`Wake`].

use std::collections::VecDeque;
use std::future::pending;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use jid::{BareJid, FullJid};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_util::task::TaskTracker;
use tokio_xmpp::stanzastream::{Connection, Event, StanzaStream, StreamEvent};
use xmpp_parsers::iq::{Iq, IqHeader, IqPayload};
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::{mam, ping};

use super::backoff::Backoff;
use super::flight::Flight;
use super::questions::Questions;
use super::sign_in::{SignedIn, attempt, bury};
use super::{Command, Patience, SessionEvent, Transport, answers};
use crate::last_words::LastWords;
use crate::{ConnectError, Inbound, IqError, Login, inbound, xep0313};

/// tokio-xmpp's queues, each way. Larger than the window of [`Flight`], so that handing over never waits.
const QUEUE: usize = 64;
/// Unread events beyond which the stream is not read.
const OUTBOX: usize = 1024;
/// A connection that lasted so long was a good one: the next is tried at once.
const SETTLED: Duration = Duration::from_secs(10);
/// How long a connection may take from sign-in to the first stanza.
const NEGOTIATION: Duration = Duration::from_secs(20);
/// How long an orderly end may take.
const CLOSING: Duration = Duration::from_secs(2);
/// How long the server may take to show life when somebody doubts the link. Short: who is wrong about it loses a
/// connection that is resumed at once; who waits is not reached meanwhile.
const PROBE: Duration = Duration::from_secs(2);

mod doubt;
mod ending;

type Slot = (u64, oneshot::Sender<Connection>);
type Attempted = Result<Box<SignedIn>, ConnectError>;
type Attempt = Pin<Box<dyn Future<Output = Attempted> + Send>>;

/// Where the session is.
enum Phase {
    /// No connection: an attempt runs, or is due at a time.
    Down,
    /// Signed in; tokio-xmpp binds or resumes.
    Negotiating { since: Instant },
    /// Stanzas flow.
    Online { since: Instant, resumed: bool },
}

/// Why the loop ends.
enum End {
    Closed(Option<oneshot::Sender<()>>),
    Failed(ConnectError),
    /// Nobody listens any more.
    Abandoned,
}

enum Wake {
    Reported,
    Abandoned,
    Command(Option<Command>),
    Retry,
    Slot(Option<Slot>),
    Attempted(Attempted),
    Stream(Option<Box<Event>>),
    Flight,
    Time,
}

/// See the module.
pub(super) struct Task {
    transport: Transport,
    login: Login,
    patience: Patience,
    tracker: TaskTracker,
    commands: mpsc::Receiver<Command>,
    reports: mpsc::Sender<SessionEvent>,
    retry: Arc<Notify>,

    outbox: VecDeque<SessionEvent>,
    stream: StanzaStream,
    /// Counts the streams, so that the slot of an earlier one is told apart.
    generation: u64,
    slots: mpsc::UnboundedReceiver<Slot>,
    slot_sender: mpsc::UnboundedSender<Slot>,

    phase: Phase,
    slot: Option<oneshot::Sender<Connection>>,
    attempt: Option<Attempt>,
    attempt_at: Instant,
    backoff: Backoff,
    last_words: LastWords,
    web_socket: bool,
    /// A sign of life must come by then.
    probe: Option<Instant>,
    /// The doubt was right: the next attempt comes at once, however short the connection lasted.
    hurried: bool,
    jid: Option<FullJid>,
    /// The present `StanzaStream` has stood before, so its next connection tries to resume.
    resumable: bool,
    /// The server resumed it and has been silent since. Prosody 0.12 does that over WebSocket where the connection before
    /// broke moments ago, and again at every further resumption.
    deaf: bool,
    /// How many times it came online.
    stretches: u64,
    flight: Flight,
    questions: Questions,
}

impl Task {
    pub(super) fn new(
        transport: Transport,
        login: Login,
        patience: Patience,
        tracker: TaskTracker,
        commands: mpsc::Receiver<Command>,
        reports: mpsc::Sender<SessionEvent>,
        retry: Arc<Notify>,
    ) -> Self {
        let (slot_sender, slots) = mpsc::unbounded_channel();
        let random = random();
        Self {
            transport,
            patience,
            tracker,
            commands,
            reports,
            retry,
            outbox: VecDeque::from([SessionEvent::Connecting]),
            stream: new_stream(0, &slot_sender),
            generation: 0,
            slots,
            slot_sender,
            phase: Phase::Down,
            slot: None,
            attempt: None,
            attempt_at: Instant::now(),
            backoff: Backoff::new(random),
            last_words: LastWords::default(),
            web_socket: false,
            probe: None,
            hurried: false,
            jid: None,
            resumable: false,
            deaf: false,
            stretches: 0,
            flight: Flight::default(),
            questions: Questions::new(login.jid.clone(), format!("m{random:016x}")),
            login,
        }
    }

    fn own(&self) -> &BareJid {
        &self.login.jid
    }

    pub(super) async fn run(mut self) {
        let end = loop {
            self.begin_attempt();
            if matches!(self.phase, Phase::Online { .. }) {
                self.flight.pump(&self.stream).await;
            }
            let wake = self.wait().await;
            if let Some(end) = self.handle(wake).await {
                break end;
            }
        };
        self.finish(end).await;
    }

    /// Starts an attempt when there is a slot to fill and its time has come.
    fn begin_attempt(&mut self) {
        let due = matches!(self.phase, Phase::Down)
            && self.slot.is_some()
            && Instant::now() >= self.attempt_at;
        if due && self.attempt.is_none() {
            let attempt = attempt(
                self.transport.clone(),
                self.login.clone(),
                self.tracker.clone(),
            );
            self.attempt = Some(Box::pin(attempt));
        }
    }

    async fn wait(&mut self) -> Wake {
        let deadline = self.deadline();
        let moved = self.flight.changed();
        let attempt = async {
            match &mut self.attempt {
                Some(attempt) => attempt.await,
                None => pending().await,
            }
        };
        let time = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => pending().await,
            }
        };
        tokio::select! {
            permit = self.reports.reserve(), if !self.outbox.is_empty() => match permit {
                Ok(permit) => {
                    if let Some(event) = self.outbox.pop_front() {
                        permit.send(event);
                    }
                    Wake::Reported
                }
                Err(_) => Wake::Abandoned,
            },
            () = self.reports.closed() => Wake::Abandoned,
            command = self.commands.recv() => Wake::Command(command),
            () = self.retry.notified() => Wake::Retry,
            slot = self.slots.recv() => Wake::Slot(slot),
            result = attempt => Wake::Attempted(result),
            event = self.stream.next(), if self.outbox.len() < OUTBOX => Wake::Stream(event.map(Box::new)),
            () = moved => Wake::Flight,
            () = time => Wake::Time,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let phase = match self.phase {
            Phase::Down if self.attempt.is_none() && self.slot.is_some() => Some(self.attempt_at),
            Phase::Down => None,
            Phase::Negotiating { since } => Some(since + NEGOTIATION),
            Phase::Online { .. } => self.suspicion(),
        };
        [phase, self.probe, self.questions.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    async fn handle(&mut self, wake: Wake) -> Option<End> {
        match wake {
            Wake::Reported => {}
            Wake::Abandoned => return Some(End::Abandoned),
            // Every handle is gone: nobody can ask for anything any more.
            Wake::Command(None) => return Some(End::Closed(None)),
            Wake::Command(Some(Command::Close(done))) => return Some(End::Closed(Some(done))),
            Wake::Command(Some(command)) => self.command(command),
            Wake::Retry => self.retry_now(),
            Wake::Slot(None) => {}
            Wake::Slot(Some((generation, slot))) if generation == self.generation => {
                return self.slot(slot).await;
            }
            Wake::Slot(Some((_, slot))) => bury(slot, self.own()).await,
            Wake::Attempted(result) => {
                self.attempt = None;
                return self.attempted(result);
            }
            Wake::Stream(Some(event)) => return self.event(*event),
            Wake::Stream(None) => {
                self.replace_stream();
                return self.suspended();
            }
            Wake::Flight => self.settle(),
            Wake::Time => self.time(),
        }
        None
    }

    fn event(&mut self, event: Event) -> Option<End> {
        match event {
            Event::Stream(event) => return self.stream_event(event),
            Event::Stanza(stanza) => self.stanza(stanza),
        }
        None
    }

    /// tokio-xmpp wishes for a connection: the one before, if any, is gone.
    async fn slot(&mut self, slot: oneshot::Sender<Connection>) -> Option<End> {
        let generation = self.generation;
        // What the connection had to say, that it was resumed for one, was told before the wish and may be read after it.
        while let Some(Some(event)) = self.stream.next().now_or_never() {
            if let Some(end) = self.event(event) {
                // Dropped, it would make the worker behind it panic; the end buries it.
                self.slot = Some(slot);
                return Some(end);
            }
            if generation != self.generation {
                bury(slot, self.own()).await;
                return None;
            }
        }
        self.slot = Some(slot);
        self.suspended()
    }

    fn command(&mut self, command: Command) {
        let online = matches!(self.phase, Phase::Online { .. });
        match command {
            Command::Send {
                stanza,
                key,
                followed,
            } => {
                let current = followed == 0 || followed == self.stretches;
                let taken = online && current && self.flight.push(stanza, key);
                if let (false, Some(key)) = (taken, key) {
                    self.outbox.push_back(SessionEvent::Unsent(key));
                }
            }
            Command::Ask {
                to,
                set,
                payload,
                reply,
            } => {
                if !online {
                    let _ = reply.send(Err(IqError::Disconnected));
                } else if let Some(id) = self.questions.ask(to.clone(), reply) {
                    let payload = if set {
                        IqPayload::Set(payload)
                    } else {
                        IqPayload::Get(payload)
                    };
                    let header = IqHeader { from: None, to, id };
                    self.flight
                        .push(Box::new(header.assemble(payload).into()), None);
                }
            }
            Command::Archive { query, reply } => {
                if !online {
                    let _ = reply.send(Err(IqError::Disconnected));
                } else if let Some(id) = self.questions.ask_archive(reply) {
                    let question: mam::Query = xep0313::build(&query, &id);
                    self.flight
                        .push(Box::new(Iq::from_set(id, question).into()), None);
                }
            }
            Command::Close(done) => drop(done),
        }
    }

    fn attempted(&mut self, result: Attempted) -> Option<End> {
        match result {
            Ok(established) => {
                let SignedIn {
                    connection,
                    last_words,
                    web_socket,
                } = *established;
                self.last_words = last_words;
                self.web_socket = web_socket;
                if let Some(slot) = self.slot.take() {
                    self.phase = Phase::Negotiating {
                        since: Instant::now(),
                    };
                    if slot.send(connection).is_err() {
                        self.replace_stream();
                        self.phase = Phase::Down;
                    }
                }
                None
            }
            Err(error) => self.failed(error),
        }
    }

    /// An attempt failed, or a connection broke before or soon after it stood.
    fn failed(&mut self, error: ConnectError) -> Option<End> {
        self.phase = Phase::Down;
        if error.fatal() || self.patience == Patience::Once {
            return Some(End::Failed(error));
        }
        let wait = self.backoff.next();
        self.attempt_at = Instant::now() + wait;
        let in_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.outbox
            .push_back(SessionEvent::Retrying { error, in_ms });
        None
    }

    fn stream_event(&mut self, event: StreamEvent) -> Option<End> {
        match event {
            StreamEvent::Reset { bound_jid, .. } => {
                let lost = self.flight.reset();
                self.outbox.extend(lost);
                self.questions.disconnected();
                let Ok(jid) = bound_jid.try_into_full() else {
                    return Some(End::Failed(ConnectError::NotXmpp(
                        "it bound no resource".to_owned(),
                    )));
                };
                self.online(jid, false);
                None
            }
            StreamEvent::Resumed => {
                self.flight.resumed();
                match self.jid.clone() {
                    Some(jid) => self.online(jid, true),
                    None => tracing::warn!("a stream was resumed that never was"),
                }
                None
            }
            StreamEvent::Suspended => self.suspended(),
        }
    }

    fn online(&mut self, jid: FullJid, resumed: bool) {
        self.patience = Patience::Forever;
        // A doubt of before was about what led here.
        self.probe = None;
        self.phase = Phase::Online {
            since: Instant::now(),
            resumed,
        };
        self.jid = Some(jid.clone());
        self.resumable = true;
        self.stretches += 1;
        self.outbox.push_back(SessionEvent::Online { jid, resumed });
    }

    /// The connection is gone. Both tokio-xmpp's event and its wish for a new connection say so, in either order.
    fn suspended(&mut self) -> Option<End> {
        let phase = mem::replace(&mut self.phase, Phase::Down);
        self.probe = None;
        let hurried = mem::take(&mut self.hurried);
        let settled = match phase {
            Phase::Down => return None,
            // A resumption came to nothing. tokio-xmpp may not have understood the refusal (see the session's doc) and
            // would ask the same for ever; a new stream does not resume.
            Phase::Negotiating { .. } if self.resumable => {
                self.replace_stream();
                self.attempt_at = Instant::now();
                return match self.last_words.reason() {
                    ConnectError::Lost => None,
                    said => self.failed(said),
                };
            }
            Phase::Negotiating { .. } => false,
            Phase::Online { since, .. } => {
                self.outbox.push_back(SessionEvent::Suspended);
                hurried || since.elapsed() >= SETTLED
            }
        };
        self.settle();
        let (unsent, stuck) = self.flight.suspended();
        self.outbox.extend(unsent);
        // The archive is to tell what became of it, not the count of a server that loses what it counted (see the session).
        let doubted = self.web_socket && self.flight.is_awaited();
        if mem::take(&mut self.deaf) || stuck || doubted {
            self.replace_stream();
        }
        let reason = self.last_words.reason();
        if settled && !reason.fatal() {
            self.backoff.reset();
            self.attempt_at = Instant::now();
            self.outbox.push_back(SessionEvent::Connecting);
            return None;
        }
        self.failed(reason)
    }

    /// Gives the stream up, and with it what it may still hold.
    fn replace_stream(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.stream = new_stream(self.generation, &self.slot_sender);
        if let Some(slot) = self.slot.take() {
            let own = self.own().clone();
            self.tracker.spawn(async move { bury(slot, &own).await });
        }
        self.attempt = None;
        self.resumable = false;
        let lost = self.flight.reset();
        self.outbox.extend(lost);
        self.questions.disconnected();
    }

    fn settle(&mut self) {
        let settled = self.flight.settle();
        self.outbox.extend(settled);
        if !matches!(self.phase, Phase::Online { .. }) {
            return;
        }
        let questions = &mut self.questions;
        if let Some(id) = self.flight.needs_barrier(|| questions.next_id()) {
            self.flight
                .push(Box::new(Iq::from_get(id, ping::Ping).into()), None);
        }
    }

    fn stanza(&mut self, stanza: Stanza) {
        let stanza = match stanza {
            Stanza::Iq(iq) => return self.iq(iq),
            Stanza::Message(message) => match self.questions.archive_result(message) {
                Some(message) => Stanza::Message(message),
                None => return,
            },
            presence @ Stanza::Presence(_) => presence,
        };
        match inbound(stanza, self.own()) {
            Inbound::Ignored(why) => tracing::debug!(why, "a stanza was ignored"),
            inbound => self
                .outbox
                .push_back(SessionEvent::Inbound(Box::new(inbound))),
        }
    }

    fn iq(&mut self, iq: Iq) {
        if matches!(iq, Iq::Result { .. } | Iq::Error { .. }) {
            match self.flight.answered(iq.id()) {
                Some(acked) => {
                    self.outbox.extend(acked);
                    self.settle();
                }
                None => self.questions.answer(iq),
            }
            return;
        }
        let Some((answer, pushed)) = answers::answer(iq, &self.login.jid, &self.login.software)
        else {
            return;
        };
        self.flight.push(Box::new(answer.into()), None);
        for item in pushed {
            let inbound = Box::new(Inbound::RosterPush(item));
            self.outbox.push_back(SessionEvent::Inbound(inbound));
        }
    }
}

/// A stream whose wish for a connection comes back as a slot. It makes that wish at once.
fn new_stream(generation: u64, slots: &mpsc::UnboundedSender<Slot>) -> StanzaStream {
    let slots = slots.clone();
    StanzaStream::new(
        Box::new(move |_, slot| {
            if let Err(returned) = slots.send((generation, slot)) {
                // The session is gone and nobody could bury it; a slot that is kept never panics its worker.
                mem::forget(returned.0.1);
            }
        }),
        QUEUE,
    )
}

/// For ids nobody can guess and waits that differ between clients.
fn random() -> u64 {
    let mut bytes = [0; 8];
    match rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
    {
        Ok(()) => u64::from_le_bytes(bytes),
        Err(_) => {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.map_or(0, |d| {
                u64::try_from(d.as_nanos() & u128::from(u64::MAX)).unwrap_or(0)
            })
        }
    }
}
