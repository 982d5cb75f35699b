//! One session with one server: a task that owns the stream, and handles to it.
//!
//! # What tokio-xmpp 6.0.0 does with stanzas over a cut (read in its source)
//!
//! `StanzaStream` keeps two things: a queue of stanzas not yet written, and, with XEP-0198, those written but not
//! acknowledged. When a connection breaks
//!
//! - and the stream **resumes**, the unacknowledged are put in front of the queue and both are written again: right;
//! - and it does **not**, the unacknowledged are dropped (their tokens close), but *the queue survives* and is written to
//!   the new stream at once, before anybody can look into the archive. So stanzas could be doubled or overtake others;
//! - stanzas put back for a resumption that then breaks too sit in that same queue with tokens that say `Sent`.
//!
//! Hence: we hand over at most `flight::WINDOW` stanzas that are not written yet, only while the stream stands; and if
//! at the moment of a cut any stanza may be in that queue, the whole `StanzaStream` is replaced. That costs a
//! resumption, never a message. (Keeping it, and cutting the next connection off before a refusal is read, was tried: Prosody
//! 0.12, resumed over WebSocket moments after a break, hears nothing more, and messages that it had counted were twice missing at their
//! receiver. So a WebSocket that breaks with stanzas unacknowledged is not resumed at all: the archive tells which of them arrived.)
//!
//! - Dropping the slot of a connector makes its worker panic, which is a fault in the log of somebody who only signed
//!   out. A slot nobody wants any more is given a connection that is already dead (`sign_in::bury`), on which the worker
//!   ends by itself.
//! - A connection whose features lack `bind` makes it panic as well; `sign_in` refuses such a server.
//! - `<failed/>` without `h`, which is what a restarted ejabberd answers to a resumption, does not parse (xmpp-parsers
//!   0.23: the attribute has no default). The worker keeps its state and asks the same on every new connection, for ever.
//!   A stream whose resumption comes to nothing is therefore replaced.
//! - `Suspended` does not say why. `last_words` keeps what the server said last.
//! - The worker asks for an acknowledgement after every batch, so ticks do not wait for a timeout.
//! - Known and left: a server that enabled XEP-0198 without resumption and then answers `<enable/>` before `bind` on the
//!   next stream, against the specification, makes the worker panic.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use tokio::io::DuplexStream;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;
use xmpp_parsers::disco::{DiscoInfoQuery, DiscoInfoResult, DiscoItemsQuery, DiscoItemsResult};
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::{carbons, ping};

use crate::{
    ArchivePage, ArchiveQuery, ConnectError, Displayed, Gone, Heard, Inbound, IqError, Login,
    Outbound, PresenceOut, RosterItem, UploadError, UploadService, UploadSlot, heard, outbound,
    roster, xep0030, xep0223, xep0363, xep0441, xep0490,
};

mod answers;
mod backoff;
mod flight;
mod questions;
mod sign_in;
mod task;

use task::Task;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// How many services of a server are asked what they are.
const MAX_SERVICES: usize = 32;
/// So many pages of a private list are read.
const MAX_PRIVATE_PAGES: usize = 64;
/// Commands on their way to the task.
const COMMANDS: usize = 64;
/// Events on their way to the caller.
const EVENTS: usize = 64;

/// The caller's name for one sending, echoed in [`SessionEvent::Acked`], `Lost` and `Unsent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SendKey(pub u64);

/// How failures to connect are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// The first failure ends the session (a person is signing in and wants to know).
    Once,
    /// Only a fatal failure ends it ([`ConnectError::fatal`]). After the first success `Once` becomes this.
    Forever,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionEvent {
    /// Trying to connect.
    Connecting,
    /// Stanzas can be sent.
    Online {
        /// Our full address.
        jid: FullJid,
        /// The stream goes on where it was (XEP-0198): nothing was missed, nothing needs asking again. If false,
        /// roster, presence, carbons and the archive have to be asked for again.
        resumed: bool,
    },
    /// The connection broke; `Online` or `Closed` follows, with any number of `Retrying`.
    Suspended,
    /// An attempt failed; the next one follows.
    Retrying {
        /// Why.
        error: ConnectError,
        /// In how many ms it is tried again.
        in_ms: u64,
    },
    /// Something arrived.
    Inbound(Box<Inbound>),
    /// The server has it (XEP-0198 ack; without XEP-0198 the answer to a ping sent after it).
    Acked(SendKey),
    /// It was given to a stream that then broke for good: whether it arrived is unknown. Look into the archive before
    /// sending it again. Comes before the `Online { resumed: false }` of the next stream.
    Lost(SendKey),
    /// It never left: there was no stream. It can be sent again after the next `Online`.
    Unsent(SendKey),
    /// Always the last. `None`: our own [`Session::close`].
    Closed(Option<ConnectError>),
}

/// What a session runs over.
#[derive(Clone)]
pub enum Transport {
    /// TCP or WebSocket, found as [`crate::ServerAddress`] says.
    Network,
    /// For tests: each attempt takes a pipe to a scripted server; `None` is a server that cannot be reached.
    Pipe(Arc<dyn Fn() -> Option<DuplexStream> + Send + Sync>),
    /// The same, treated as a WebSocket is. The frames of RFC 7395 are not spoken.
    WebSocketPipe(Arc<dyn Fn() -> Option<DuplexStream> + Send + Sync>),
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Network => "Network",
            Self::Pipe(_) => "Pipe",
            Self::WebSocketPipe(_) => "WebSocketPipe",
        })
    }
}

/// A handle to a running session. Clones are the same session. It ends by [`Session::close`], by a fatal failure, or
/// when the receiver of its events is dropped.
///
/// Keep receiving events while waiting for an answer (`archive_page`, `roster`, …): at 1,024 unread events the
/// session stops reading from the server, answers included.
#[derive(Debug, Clone)]
pub struct Session {
    commands: mpsc::Sender<Command>,
    retry: Arc<tokio::sync::Notify>,
    followed: Arc<AtomicU64>,
    upload: Arc<tokio::sync::Mutex<Option<UploadService>>>,
    domain: Arc<str>,
    own: BareJid,
    /// The node of what was displayed is as it has to be, and need not be said to be so with each item.
    displayed_is_made: Arc<AtomicBool>,
    /// The same of what was heard.
    heard_is_made: Arc<AtomicBool>,
}

/// What a handle asks of the task.
enum Command {
    Send {
        stanza: Box<Stanza>,
        key: Option<SendKey>,
        /// Which `Online` the caller had heard of; 0 where it does not follow.
        followed: u64,
    },
    Ask {
        to: Option<Jid>,
        set: bool,
        payload: Element,
        reply: oneshot::Sender<Result<Option<Element>, IqError>>,
    },
    Archive {
        query: ArchiveQuery,
        reply: oneshot::Sender<Result<ArchivePage, IqError>>,
    },
    Close(oneshot::Sender<()>),
}

impl Session {
    /// Starts the one task that owns the stream, on `tracker`, and connects.
    pub fn open(
        login: Login,
        patience: Patience,
        tracker: &TaskTracker,
    ) -> (Self, mpsc::Receiver<SessionEvent>) {
        Self::open_over(Transport::Network, login, patience, tracker)
    }

    /// [`Session::open`] over a chosen transport.
    pub fn open_over(
        transport: Transport,
        login: Login,
        patience: Patience,
        tracker: &TaskTracker,
    ) -> (Self, mpsc::Receiver<SessionEvent>) {
        let (commands, requests) = mpsc::channel(COMMANDS);
        let (reports, events) = mpsc::channel(EVENTS);
        let session = Self {
            commands,
            retry: Arc::default(),
            followed: Arc::default(),
            upload: Arc::default(),
            domain: login.jid.domain().as_str().into(),
            own: login.jid.clone(),
            displayed_is_made: Arc::default(),
            heard_is_made: Arc::default(),
        };
        let task = Task::new(
            transport,
            login,
            patience,
            tracker.clone(),
            requests,
            reports,
            session.retry.clone(),
        );
        tracker.spawn(task.run());
        (session, events)
    }

    /// Hands a stanza over. The outcome is one of `Acked`, `Lost`, `Unsent` with this key. Order is kept.
    ///
    /// Have some tens on their way, not thousands: beyond 1,024 waiting the answer is `Unsent` at once.
    pub async fn send(&self, stanza: &Outbound, key: SendKey) -> Result<(), Gone> {
        self.hand_over(stanza, Some(key)).await
    }

    /// To be called at every [`SessionEvent::Online`], by callers to whom order matters: from then on what is sent with
    /// a key is meant for that stretch, and is `Unsent` in any other. Otherwise, of things sent in one go while the link
    /// breaks and comes back, the first could be `Unsent` and the rest go out before them.
    pub fn follow(&self) {
        self.followed.fetch_add(1, Ordering::Relaxed);
    }

    /// Sends something whose outcome does not matter (typing, presence); without a connection it is dropped.
    pub async fn send_unkeyed(&self, stanza: &Outbound) -> Result<(), Gone> {
        self.hand_over(stanza, None).await
    }

    /// Sends presence or a subscription.
    pub async fn presence(&self, presence: PresenceOut) -> Result<(), Gone> {
        self.send_unkeyed(&Outbound::Presence(presence)).await
    }

    async fn hand_over(&self, stanza: &Outbound, key: Option<SendKey>) -> Result<(), Gone> {
        let mut stanza = outbound(stanza);
        if let Stanza::Presence(presence) = &mut stanza
            && presence.type_ == xmpp_parsers::presence::Type::None
        {
            presence.payloads.extend(xep0030::our_caps());
        }
        let stanza = Box::new(stanza);
        let followed = match key {
            Some(_) => self.followed.load(Ordering::Relaxed),
            None => 0,
        };
        self.commands
            .send(Command::Send {
                stanza,
                key,
                followed,
            })
            .await
            .map_err(|_| Gone)
    }

    /// Asks our own archive for a page (XEP-0313).
    pub async fn archive_page(&self, query: &ArchiveQuery) -> Result<ArchivePage, IqError> {
        let (reply, answer) = oneshot::channel();
        let query = query.clone();
        self.commands
            .send(Command::Archive { query, reply })
            .await
            .map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)?
    }

    /// Has the server keep everything in our archive (XEP-0441), where it does not. Whether that had to be asked for.
    pub async fn keep_all(&self) -> Result<bool, IqError> {
        let answer = self.ask(None, false, xep0441::get()).await?;
        let Some(wish) = answer.as_ref().and_then(xep0441::keep_all) else {
            return Ok(false);
        };
        self.ask(None, true, wish).await.map(|_| true)
    }

    /// Finds the upload service (XEP-0363 §3); remembered for the life of the session.
    pub async fn upload_service(&self) -> Result<UploadService, UploadError> {
        let mut known = self.upload.lock().await;
        if let Some(service) = &*known {
            return Ok(service.clone());
        }
        let found = self.find_upload_service().await?;
        *known = Some(found.clone());
        Ok(found)
    }

    async fn find_upload_service(&self) -> Result<UploadService, UploadError> {
        let server = Jid::new(&self.domain).map_err(|_| UploadError::NoService)?;
        if let Some(service) = xep0363::service(&server, &self.info(&server).await?) {
            return Ok(service);
        }
        let question = DiscoItemsQuery {
            node: None,
            rsm: None,
        };
        let items = self
            .ask(Some(server), false, question.into())
            .await?
            .ok_or(IqError::Malformed)?;
        let items = DiscoItemsResult::try_from(items).map_err(|_| IqError::Malformed)?;
        for item in items.items.into_iter().take(MAX_SERVICES) {
            match self.info(&item.jid).await {
                Ok(info) => {
                    if let Some(service) = xep0363::service(&item.jid, &info) {
                        return Ok(service);
                    }
                }
                // A service that does not answer hides only itself.
                Err(IqError::Refused(_) | IqError::Timeout | IqError::Malformed) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(UploadError::NoService)
    }

    /// Asks for a place to upload a file to.
    pub async fn upload_slot(
        &self,
        name: &str,
        size: u64,
        content_type: &str,
    ) -> Result<UploadSlot, UploadError> {
        let service = self.upload_service().await?;
        if service.max_size.is_some_and(|max| size > max) {
            return Err(UploadError::TooLarge {
                max: service.max_size,
            });
        }
        let question = xep0363::build(name, size, content_type);
        match self.ask(Some(service.jid), false, question).await {
            Ok(Some(slot)) => xep0363::parse(&slot).ok_or(UploadError::Iq(IqError::Malformed)),
            Ok(None) => Err(IqError::Malformed.into()),
            Err(error) => Err(xep0363::refusal(error, service.max_size)),
        }
    }

    /// The whole contact list (RFC 6121 §2.1.3). From then on changes come as `RosterPush`.
    pub async fn roster(&self) -> Result<Vec<RosterItem>, IqError> {
        let answer = self
            .ask(None, false, roster::get())
            .await?
            .ok_or(IqError::Malformed)?;
        roster::parse(&answer).ok_or(IqError::Malformed)
    }

    /// Adds or renames a contact.
    pub async fn roster_set(&self, jid: &BareJid, name: Option<&str>) -> Result<(), IqError> {
        self.ask(None, true, roster::set(jid, name, false))
            .await
            .map(drop)
    }

    /// Removes a contact, and both subscriptions with it.
    pub async fn roster_remove(&self, jid: &BareJid) -> Result<(), IqError> {
        self.ask(None, true, roster::set(jid, None, true))
            .await
            .map(drop)
    }

    /// Asks for copies of what our other devices send and receive (XEP-0280).
    pub async fn carbons_enable(&self) -> Result<(), IqError> {
        self.ask(None, true, carbons::Enable.into()).await.map(drop)
    }

    /// How far each chat was displayed on any device, as our account keeps it (XEP-0490 §4.4). At most 6,400 chats.
    pub async fn displayed(&self) -> Result<Vec<Displayed>, IqError> {
        self.private_list(xep0490::NS, xep0490::parse).await
    }

    /// Which voice messages were heard on any device, as our account keeps it. At most 6,400 chats.
    pub async fn heard(&self) -> Result<Vec<Heard>, IqError> {
        self.private_list(heard::NS, heard::parse).await
    }

    /// Tells our other devices that a chat was displayed. To be called only where the account announces
    /// [`Session::PUBLISHES_PRIVATELY`].
    pub async fn publish_displayed(&self, displayed: &Displayed) -> Result<(), IqError> {
        let item = || xep0490::item(displayed, &self.own);
        self.publish_privately(xep0490::NS, &self.displayed_is_made, item)
            .await
    }

    /// Tells our other devices what was heard in a chat, likewise.
    pub async fn publish_heard(&self, heard: &Heard) -> Result<(), IqError> {
        let item = || heard::item(heard, &self.own);
        self.publish_privately(heard::NS, &self.heard_is_made, item)
            .await
    }

    /// All items of a node of ours, a page at a time.
    async fn private_list<T>(
        &self,
        node: &str,
        parse: fn(&Element, &BareJid) -> Option<Vec<T>>,
    ) -> Result<Vec<T>, IqError> {
        let mut all = Vec::new();
        let mut after = None;
        for _ in 0..MAX_PRIVATE_PAGES {
            let question = xep0223::items(node, after.clone());
            let answer = match self.ask(None, false, question).await {
                // Nothing was ever published there.
                Err(IqError::Refused(error)) if error.condition == "item-not-found" => break,
                answer => answer?.ok_or(IqError::Malformed)?,
            };
            let page = parse(&answer, &self.own).unwrap_or_default();
            let end = xep0223::page_end(&answer);
            let is_last = page.is_empty() || end.is_none() || end == after;
            all.extend(page);
            if is_last {
                break;
            }
            after = end;
        }
        Ok(all)
    }

    /// Publishes to a node of ours, which is made first where it is not there or otherwise. `is_made` remembers that.
    async fn publish_privately(
        &self,
        node: &str,
        is_made: &AtomicBool,
        item: impl Fn() -> Element,
    ) -> Result<(), IqError> {
        use xep0223::Options;

        let publish = |options| self.ask(None, true, xep0223::publish(node, item(), options));
        let options = match is_made.load(Ordering::Relaxed) {
            true => Options::Private,
            false => Options::All,
        };
        match publish(options).await {
            Err(IqError::Refused(error)) if xep0223::is_about_options(&error.condition) => {}
            answer => return answer.map(drop),
        }
        match self.ask(None, true, xep0223::create(node)).await {
            Err(IqError::Refused(error)) if error.condition == "conflict" => {
                self.ask(None, true, xep0223::configure(node)).await?;
            }
            answer => drop(answer?),
        }
        publish(Options::Private).await?;
        is_made.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The feature of an account that keeps private what is published to it (XEP-0060 §7.1.5).
    pub const PUBLISHES_PRIVATELY: &str = xep0223::PUBLISH_OPTIONS;

    /// Asks our server for a sign of life (XEP-0199). A refusal is one too.
    pub async fn ping(&self) -> Result<(), IqError> {
        match self.ask(None, false, ping::Ping.into()).await {
            Ok(_) | Err(IqError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The features of an address (XEP-0030); `None` asks our own account, where the archive is announced.
    pub async fn features(&self, of: Option<&Jid>) -> Result<Vec<String>, IqError> {
        let question = DiscoInfoQuery { node: None };
        let answer = self
            .ask(of.cloned(), false, question.into())
            .await?
            .ok_or(IqError::Malformed)?;
        let info = DiscoInfoResult::try_from(answer).map_err(|_| IqError::Malformed)?;
        Ok(info.features.into_iter().collect())
    }

    async fn info(&self, of: &Jid) -> Result<DiscoInfoResult, IqError> {
        let question = DiscoInfoQuery { node: None };
        let answer = self.ask(Some(of.clone()), false, question.into()).await?;
        DiscoInfoResult::try_from(answer.ok_or(IqError::Malformed)?).map_err(|_| IqError::Malformed)
    }

    async fn ask(
        &self,
        to: Option<Jid>,
        set: bool,
        payload: Element,
    ) -> Result<Option<Element>, IqError> {
        let (reply, answer) = oneshot::channel();
        let command = Command::Ask {
            to,
            set,
            payload,
            reply,
        };
        self.commands.send(command).await.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)?
    }

    /// Tries now, and starts the back-off anew (the network changed, the machine slept, the person pressed "try again"). An
    /// attempt under way is begun anew. With a connection that seems to stand it asks the server for a sign of life and,
    /// if none comes within 2 s, replaces the connection at once.
    pub fn retry_now(&self) {
        self.retry.notify_one();
    }

    /// Ends in order: unavailable presence, end of stream; at most 2 s. `Closed(None)` is the last event.
    pub async fn close(&self) {
        let (done, wait) = oneshot::channel();
        if self.commands.send(Command::Close(done)).await.is_ok() {
            let _ = wait.await;
        }
    }
}

#[cfg(test)]
mod tests;
