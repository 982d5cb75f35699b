//! One session with one server: a task that owns the stream, and handles to it.

use jid::{BareJid, FullJid};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::{
    ArchivePage, ArchiveQuery, ConnectError, Gone, Inbound, IqError, Login, Outbound, PresenceOut,
    RosterItem, UploadError, UploadService, UploadSlot,
};

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

/// A handle to a running session. Clones are the same session. It ends by [`Session::close`], by a fatal failure, or
/// when the receiver of its events is dropped.
///
/// Keep receiving events while waiting for an answer (`archive_page`, `roster`, …): at 1,024 unread events the
/// session stops reading from the server, answers included.
#[derive(Debug, Clone)]
pub struct Session {
    commands: mpsc::Sender<Command>,
}

#[derive(Debug)]
enum Command {
    RetryNow,
    Close(oneshot::Sender<()>),
}

impl Session {
    /// Starts the one task that owns the stream, on `tracker`, and connects.
    pub fn open(
        _login: Login,
        _patience: Patience,
        _tracker: &TaskTracker,
    ) -> (Self, mpsc::Receiver<SessionEvent>) {
        let (commands, _) = mpsc::channel(64);
        let (_, events) = mpsc::channel(64);
        (Self { commands }, events)
    }

    /// Hands a stanza over. The outcome is one of `Acked`, `Lost`, `Unsent` with this key. Order is kept.
    pub async fn send(&self, _stanza: &Outbound, _key: SendKey) -> Result<(), Gone> {
        Err(Gone)
    }

    /// Sends something whose outcome does not matter (typing, presence).
    pub async fn send_unkeyed(&self, _stanza: &Outbound) -> Result<(), Gone> {
        Err(Gone)
    }

    /// Sends presence or a subscription.
    pub async fn presence(&self, presence: PresenceOut) -> Result<(), Gone> {
        self.send_unkeyed(&Outbound::Presence(presence)).await
    }

    /// Asks our own archive for a page (XEP-0313).
    pub async fn archive_page(&self, _query: &ArchiveQuery) -> Result<ArchivePage, IqError> {
        Err(IqError::Gone(Gone))
    }

    /// Finds the upload service (XEP-0363 §3); remembered until the next fresh stream.
    pub async fn upload_service(&self) -> Result<UploadService, UploadError> {
        Err(UploadError::NoService)
    }

    /// Asks for a place to upload a file to.
    pub async fn upload_slot(
        &self,
        _name: &str,
        _size: u64,
        _content_type: &str,
    ) -> Result<UploadSlot, UploadError> {
        Err(UploadError::NoService)
    }

    /// The whole contact list (RFC 6121 §2.1.3). From then on changes come as `RosterPush`.
    pub async fn roster(&self) -> Result<Vec<RosterItem>, IqError> {
        Err(IqError::Gone(Gone))
    }

    /// Adds or renames a contact.
    pub async fn roster_set(&self, _jid: &BareJid, _name: Option<&str>) -> Result<(), IqError> {
        Err(IqError::Gone(Gone))
    }

    /// Removes a contact, and both subscriptions with it.
    pub async fn roster_remove(&self, _jid: &BareJid) -> Result<(), IqError> {
        Err(IqError::Gone(Gone))
    }

    /// Asks for copies of what our other devices send and receive (XEP-0280).
    pub async fn carbons_enable(&self) -> Result<(), IqError> {
        Err(IqError::Gone(Gone))
    }

    /// Asks our server for a sign of life (XEP-0199).
    pub async fn ping(&self) -> Result<(), IqError> {
        Err(IqError::Gone(Gone))
    }

    /// The features of an address (XEP-0030); `None` asks our own account, where the archive is announced.
    pub async fn features(&self, _of: Option<&jid::Jid>) -> Result<Vec<String>, IqError> {
        Err(IqError::Gone(Gone))
    }

    /// Tries now, and starts the back-off anew (the network changed, the person pressed "try again").
    pub fn retry_now(&self) {
        let _ = self.commands.try_send(Command::RetryNow);
    }

    /// Ends in order: unavailable presence, end of stream; at most 2 s. `Closed(None)` is the last event.
    pub async fn close(&self) {
        let (done, wait) = oneshot::channel();
        if self.commands.send(Command::Close(done)).await.is_ok() {
            let _ = wait.await;
        }
    }
}
