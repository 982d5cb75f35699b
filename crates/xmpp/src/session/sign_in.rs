//! From nothing to a signed-in stream that tokio-xmpp can bind.

use std::collections::BTreeSet;
use std::time::Duration;

use jid::{BareJid, Jid, ResourcePart};
use sasl::common::{ChannelBinding, Credentials};
use tokio::io::{AsyncWriteExt, BufStream};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tokio_xmpp::connect::AsyncReadAndWrite;
use tokio_xmpp::stanzastream::Connection;
use tokio_xmpp::xmlstream::initiate_stream;
use xmpp_parsers::ns;

use super::Transport;
use crate::connect::{self, Reached, auth_fault, features_fault, header, io_fault};
use crate::last_words::LastWords;
use crate::{ConnectError, Login};

/// How long the exchange of passwords may take.
const SIGN_IN: Duration = Duration::from_secs(20);

/// What we can do, best first. ANONYMOUS, which the library knows too, would sign in as nobody.
const MECHANISMS: [&str; 3] = ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"];

/// A stream that is signed in.
pub(crate) struct SignedIn {
    pub(crate) connection: Connection,
    pub(crate) last_words: LastWords,
    /// Whether a WebSocket carries it.
    pub(crate) web_socket: bool,
}

/// One attempt.
pub(crate) async fn attempt(
    transport: Transport,
    login: Login,
    tracker: TaskTracker,
) -> Result<Box<SignedIn>, ConnectError> {
    let reached = match &transport {
        Transport::Network => connect::reach(&login.jid, login.server.as_ref(), &tracker).await?,
        Transport::Pipe(dial) | Transport::WebSocketPipe(dial) => {
            let pipe = dial().ok_or_else(|| ConnectError::Unreachable("no pipe".to_owned()))?;
            let reached = connect::start(Box::new(pipe), &login.jid).await?;
            Reached {
                web_socket: matches!(transport, Transport::WebSocketPipe(_)),
                ..reached
            }
        }
    };
    let signed_in = timeout(SIGN_IN, sign_in(reached, &login))
        .await
        .map_err(|_| ConnectError::Timeout)?;
    signed_in.map(Box::new)
}

async fn sign_in(reached: Reached, login: &Login) -> Result<SignedIn, ConnectError> {
    let Reached {
        stream,
        features,
        last_words,
        web_socket,
    } = reached;
    let name = login.jid.node().ok_or(ConnectError::WrongPassword)?;
    let mechanisms: BTreeSet<String> = MECHANISMS
        .into_iter()
        .filter(|known| features.sasl_mechanisms.contains(*known))
        .map(str::to_owned)
        .collect();
    let credentials = Credentials::default()
        .with_username(name.as_str())
        .with_password(login.password.expose())
        .with_channel_binding(ChannelBinding::None);
    let restarted = tokio_xmpp::client_login(stream, mechanisms, credentials)
        .await
        .map_err(auth_fault)?;
    let pending = restarted
        .send_header(header(&login.jid))
        .await
        .map_err(|e| io_fault(&e))?;
    let (features, stream) = pending.recv_features().await.map_err(features_fault)?;
    if !features.can_bind() {
        return Err(ConnectError::NotXmpp(
            "it offers no session after sign-in".to_owned(),
        ));
    }
    let identity = match ResourcePart::new(&login.resource) {
        Ok(resource) => Jid::from(login.jid.with_resource(&resource)),
        Err(_) => Jid::from(login.jid.clone()),
    };
    let connection = Connection {
        stream,
        features,
        identity,
    };
    Ok(SignedIn {
        connection,
        last_words,
        web_socket,
    })
}

/// Gives a slot nobody wants any more a connection that is already dead, so that the worker behind it ends.
///
/// Its `StanzaStream` must have been dropped before, or the worker would come back with another slot.
pub(crate) async fn bury(slot: oneshot::Sender<Connection>, own: &BareJid) {
    if let Some(connection) = dead_connection(own).await {
        let _ = slot.send(connection);
    }
}

async fn dead_connection(own: &BareJid) -> Option<Connection> {
    const GREETING: &[u8] = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
        xmlns:stream='http://etherx.jabber.org/streams' version='1.0' id='0'><stream:features>\
        <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>";
    let (ours, mut theirs) = tokio::io::duplex(4096);
    theirs.write_all(GREETING).await.ok()?;
    let io: Box<dyn AsyncReadAndWrite + Send> = Box::new(BufStream::new(ours));
    let pending = initiate_stream(io, ns::JABBER_CLIENT, header(own), connect::TIMEOUTS)
        .await
        .ok()?;
    let (features, stream) = pending.recv_features().await.ok()?;
    drop(theirs);
    Some(Connection {
        stream,
        features,
        identity: Jid::from(own.clone()),
    })
}
