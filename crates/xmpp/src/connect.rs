//! Reaching a server: which endpoints to try in what order, TCP, TLS, the first stream features.
//!
//! Order: the address the person typed and nothing else; or else host-meta (XEP-0156), then what DNS says (`srv`), each
//! failing over to the next. Of several failures the most telling one is reported.
//!
//! TLS is ours rather than tokio-xmpp's: the platform decides whom to trust (and `SSL_CERT_FILE` on Linux), the crypto
//! provider is named instead of taken from the process, and failures stay typed.

use std::borrow::Cow;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::stream::FuturesUnordered;
use futures::{SinkExt, StreamExt};
use jid::BareJid;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, BufStream};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::task::TaskTracker;
use tokio_xmpp::connect::AsyncReadAndWrite;
use tokio_xmpp::stanzastream::XmppStream;
use tokio_xmpp::xmlstream::{
    ReadError, StreamHeader, Timeouts, XmppStream as TypedStream, XmppStreamElement,
    initiate_stream,
};
use url::Url;
use xmpp_parsers::stream_features::StreamFeatures;
use xmpp_parsers::{ns, starttls};

use crate::guard::Guarded;
use crate::last_words::{LastWords, Listening};
use crate::srv::{self, Target};
use crate::{ConnectError, ServerAddress, TlsFault, address, trust, websocket, xep0156};

/// A byte stream to a server, whatever carries it.
pub(crate) type Io = Box<dyn Carrier>;

/// What a stream of XML runs over: TCP, TLS, the WebSocket bridge, and a pipe in tests.
pub(crate) trait Carrier: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Carrier for T {}

/// Silence is answered by a question after 30 s, and taken for a dead link 10 s later.
pub(crate) const TIMEOUTS: Timeouts = Timeouts {
    read_timeout: Duration::from_secs(30),
    response_timeout: Duration::from_secs(10),
};

const TCP_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one address of a host has before the next one is tried beside it (RFC 8305 §5).
const HEAD_START: Duration = Duration::from_millis(250);
const TLS_TIMEOUT: Duration = Duration::from_secs(10);
const STREAM_TIMEOUT: Duration = Duration::from_secs(15);

/// ALPN of XEP-0368.
const ALPN: &[&[u8]] = &[b"xmpp-client"];

/// An open stream before sign-in.
pub(crate) struct Reached {
    pub(crate) stream: XmppStream,
    pub(crate) features: StreamFeatures,
    pub(crate) last_words: LastWords,
    /// Whether a WebSocket carries it.
    pub(crate) web_socket: bool,
}

/// One way to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    WebSocket(Url),
    Tcp(Target),
}

/// Opens a stream to the server of `jid`. Cancel-safe: dropping it closes what it had opened.
pub(crate) async fn reach(
    jid: &BareJid,
    server: Option<&ServerAddress>,
    tracker: &TaskTracker,
) -> Result<Reached, ConnectError> {
    let ways = match server {
        Some(ServerAddress::WebSocket(url)) => vec![Way::WebSocket(url.clone())],
        Some(ServerAddress::Host { host, port }) => vec![Way::Tcp(Target {
            host: host.clone(),
            port: *port,
            tls: matches!(port, 443 | 5223),
        })],
        None => {
            let domain = jid.domain().as_str();
            let (web_socket, targets) =
                tokio::join!(xep0156::web_socket_of(domain), srv::targets(domain));
            let web_socket = web_socket.map(Way::WebSocket).into_iter();
            web_socket
                .chain(targets.into_iter().map(Way::Tcp))
                .collect()
        }
    };
    let mut worst = ConnectError::UnknownHost;
    for way in ways {
        match go(&way, jid, tracker).await {
            Ok(reached) => return Ok(reached),
            Err(error) => {
                tracing::debug!(%error, "one way to the server failed");
                if telling(&error) >= telling(&worst) {
                    worst = error;
                }
            }
        }
    }
    Err(worst)
}

/// How much a failure says about what to do; of equals the later counts.
fn telling(error: &ConnectError) -> u8 {
    match error {
        ConnectError::UnknownHost => 0,
        ConnectError::Unreachable(_) | ConnectError::Lost => 1,
        ConnectError::Timeout => 2,
        ConnectError::NotXmpp(_) => 3,
        _ => 4,
    }
}

async fn go(way: &Way, jid: &BareJid, tracker: &TaskTracker) -> Result<Reached, ConnectError> {
    let domain = jid.domain().as_str();
    match way {
        Way::WebSocket(url) => {
            let io = timeout(STREAM_TIMEOUT, websocket::open(url, tracker))
                .await
                .map_err(|_| ConnectError::Timeout)??;
            let last_words = LastWords::default();
            // Its messages were inspected on their way: a guard would do all of it again.
            let io = BufStream::new(Listening::new(io, last_words.clone()));
            let reached = begin(Box::new(io), last_words, jid).await?;
            Ok(Reached {
                web_socket: true,
                ..reached
            })
        }
        Way::Tcp(Target { host, port, tls }) => {
            let tcp = tcp(host, *port).await?;
            if *tls {
                let io = self::tls(tcp, server_name(domain)?, ALPN).await?;
                start(Box::new(io), jid).await
            } else {
                start_tls(tcp, jid, address::is_loopback(host)).await
            }
        }
    }
}

/// A TCP connection. The system resolves the name: it knows some that DNS does not (hosts file, mDNS), and its failures can
/// be told apart.
pub(crate) async fn tcp(host: &str, port: u16) -> Result<TcpStream, ConnectError> {
    let connect = async {
        let mut addresses = tokio::net::lookup_host((host, port))
            .await
            .map_err(|e| name_fault(&e))?;
        let mut last = ConnectError::UnknownHost;
        let mut trying = FuturesUnordered::new();
        let mut untried = addresses.next();
        loop {
            // The next one begins when one has failed, or takes suspiciously long.
            if let Some(address) = untried.take() {
                trying.push(TcpStream::connect(address));
            }
            let Ok(outcome) = timeout(HEAD_START, trying.next()).await else {
                untried = addresses.next();
                continue;
            };
            match outcome {
                Some(Ok(tcp)) => return Ok(tcp),
                Some(Err(error)) => {
                    last = io_fault(&error);
                    untried = addresses.next();
                }
                None => return Err(last),
            }
        }
    };
    let tcp = timeout(TCP_TIMEOUT, connect)
        .await
        .map_err(|_| ConnectError::Timeout)??;
    let _ = tcp.set_nodelay(true);
    Ok(tcp)
}

/// "No such name" is the person's to correct, "no name server" is the network's.
fn name_fault(error: &io::Error) -> ConnectError {
    let text = error.to_string();
    if text.contains("emporary failure") || text.contains("try again") {
        ConnectError::Unreachable("names cannot be looked up".to_owned())
    } else {
        ConnectError::UnknownHost
    }
}

/// Whether the other end is this machine.
pub(crate) fn stays_here(tcp: &TcpStream) -> bool {
    tcp.peer_addr().is_ok_and(|peer| peer.ip().is_loopback())
}

fn server_name(domain: &str) -> Result<ServerName<'static>, ConnectError> {
    ServerName::try_from(domain.to_owned()).map_err(|_| ConnectError::UnknownHost)
}

/// The client side of TLS, with the platform's judgement of certificates. For other protocols too, which set their ALPN.
///
/// # Errors
/// Where the platform has no judge.
pub fn tls_config() -> Result<Arc<ClientConfig>, ConnectError> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(trust::by_platform)
        .map_err(|e| tls_fault(&e))?
        .with_no_client_auth();
    Ok(CONFIG.get_or_init(|| Arc::new(config)).clone())
}

/// A TLS connection over `io` to a server that must prove to be `name`.
pub(crate) async fn tls<S>(
    io: S,
    name: ServerName<'static>,
    alpn: &[&[u8]],
) -> Result<TlsStream<S>, ConnectError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut config = tls_config()?;
    if !alpn.is_empty() {
        let mut with_alpn = ClientConfig::clone(&config);
        with_alpn.alpn_protocols = alpn.iter().map(|p| p.to_vec()).collect();
        config = Arc::new(with_alpn);
    }
    timeout(TLS_TIMEOUT, TlsConnector::from(config).connect(name, io))
        .await
        .map_err(|_| ConnectError::Timeout)?
        .map_err(|e| io_fault(&e))
}

/// STARTTLS where it is offered (RFC 6120 §5). Where it is not, plain text if it stays on this machine.
async fn start_tls(tcp: TcpStream, jid: &BareJid, local: bool) -> Result<Reached, ConnectError> {
    let local = local && stays_here(&tcp);
    let last_words = LastWords::default();
    let io = BufStream::new(Guarded::new(Listening::new(tcp, last_words.clone())));
    let (features, mut stream) = offered(io, jid)
        .await
        .map_err(|e| not_xml(&last_words, e))?;
    if !features.can_starttls() {
        if !local {
            return Err(ConnectError::Tls(TlsFault::NotOffered));
        }
        return Ok(Reached {
            stream: stream.box_stream(),
            features,
            last_words,
            web_socket: false,
        });
    }
    timeout(STREAM_TIMEOUT, ask_for_tls(&mut stream))
        .await
        .map_err(|_| ConnectError::Timeout)??;
    // What was read beyond the answer came in the clear and is dropped with the layers it is in.
    let tcp = stream.into_inner().into_inner().into_inner().into_inner();
    let tls = tls(tcp, server_name(jid.domain().as_str())?, &[]).await?;
    start(Box::new(tls), jid).await
}

async fn ask_for_tls<S>(stream: &mut TypedStream<S>) -> Result<(), ConnectError>
where
    S: AsyncReadAndWrite,
{
    let request = starttls::Nonza::Request(starttls::Request);
    stream
        .send(&XmppStreamElement::Starttls(request))
        .await
        .map_err(|e| io_fault(&e))?;
    loop {
        match stream
            .next()
            .await
            .map(|item| item.and_then(|e| e.into_read_error()))
        {
            Some(Ok(XmppStreamElement::Starttls(starttls::Nonza::Proceed(_)))) => return Ok(()),
            Some(Ok(_) | Err(ReadError::SoftTimeout)) => {}
            Some(Err(ReadError::HardError(e))) => return Err(io_fault(&e)),
            Some(Err(ReadError::ParseError(e))) => {
                return Err(ConnectError::NotXmpp(e.to_string()));
            }
            Some(Err(ReadError::StreamFooterReceived)) | None => return Err(ConnectError::Lost),
        }
    }
}

/// Opens a stream of XML and reads what the server offers.
async fn offered<S>(io: S, jid: &BareJid) -> Result<(StreamFeatures, TypedStream<S>), ConnectError>
where
    S: AsyncReadAndWrite,
{
    let opening = async {
        let pending = initiate_stream(io, ns::JABBER_CLIENT, header(jid), TIMEOUTS)
            .await
            .map_err(|e| stream_fault(&e))?;
        pending.recv_features().await.map_err(features_fault)
    };
    timeout(STREAM_TIMEOUT, opening)
        .await
        .map_err(|_| ConnectError::Timeout)?
}

/// Opens the stream over a connection that is as safe as it will get.
pub(crate) async fn start(io: Io, jid: &BareJid) -> Result<Reached, ConnectError> {
    let last_words = LastWords::default();
    // The listener is below the guard: what arrives of a long element is a sign of life before the element is whole.
    let io = Guarded::new(Listening::new(io, last_words.clone()));
    begin(Box::new(BufStream::new(io)), last_words, jid).await
}

async fn begin(
    io: Box<dyn AsyncReadAndWrite + Send>,
    last_words: LastWords,
    jid: &BareJid,
) -> Result<Reached, ConnectError> {
    let (features, stream) = offered(io, jid)
        .await
        .map_err(|e| not_xml(&last_words, e))?;
    Ok(Reached {
        stream,
        features,
        last_words,
        web_socket: false,
    })
}

/// A server of another protocol is often first noticed by its hanging up or waiting.
fn not_xml(words: &LastWords, error: ConnectError) -> ConnectError {
    if words.speaks_xml() {
        error
    } else {
        ConnectError::NotXmpp("it speaks something else".to_owned())
    }
}

pub(crate) fn header(jid: &BareJid) -> StreamHeader<'_> {
    StreamHeader {
        to: Some(Cow::Borrowed(jid.domain().as_str())),
        from: None,
        id: None,
    }
}

mod fault;
pub(crate) use fault::{auth_fault, features_fault, io_fault, stream_fault, tls_fault};

#[cfg(test)]
mod tests;
