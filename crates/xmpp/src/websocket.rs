//! XMPP over WebSocket (RFC 7395): opening the socket, and the bridge between it and tokio-xmpp.

use futures::{SinkExt, StreamExt};
use rustls::pki_types::ServerName;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::connect::{self, Io};
use crate::framing::{self, Splitter};
use crate::inspect::MAX_ELEMENT;
use crate::{ConnectError, TlsFault};

/// Between the bridge and tokio-xmpp, each way.
const PIPE: usize = 64 * 1024;

/// The most a message may have to be taken at all. Between [`MAX_ELEMENT`] and this a stanza is replaced; beyond, the
/// socket is given up.
const MAX_MESSAGE: usize = 4 * MAX_ELEMENT;

/// How long the server may take to end the stream after we have.
const CLOSING: Duration = Duration::from_secs(2);

/// Opens the socket and returns the stream of XML behind it. The bridge runs on `tracker` and ends with either side.
pub(crate) async fn open(url: &Url, tracker: &TaskTracker) -> Result<Io, ConnectError> {
    let host = url.host_str().ok_or(ConnectError::UnknownHost)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().unwrap_or(443);
    let tcp = connect::tcp(host, port).await?;
    match url.scheme() {
        "wss" => {
            let name = ServerName::try_from(host.to_owned())
                .map_err(|_| ConnectError::Tls(TlsFault::NameMismatch))?;
            let tls = connect::tls(tcp, name, &[]).await?;
            upgrade(url, tls, tracker).await
        }
        "ws" if connect::stays_here(&tcp) => upgrade(url, tcp, tracker).await,
        _ => Err(ConnectError::PlaintextRefused),
    }
}

async fn upgrade<S>(url: &Url, socket: S, tracker: &TaskTracker) -> Result<Io, ConnectError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut request = url
        .as_str()
        .into_client_request()
        .map_err(|e| socket_fault(&e))?;
    request
        .headers_mut()
        .insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("xmpp"));
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE))
        .read_buffer_size(16 * 1024)
        .write_buffer_size(0);
    let (socket, _) = client_async_with_config(request, socket, Some(config))
        .await
        .map_err(|e| socket_fault(&e))?;
    let (ours, theirs) = tokio::io::duplex(PIPE);
    tracker.spawn(bridge(socket, theirs));
    Ok(Box::new(ours))
}

fn socket_fault(error: &SocketError) -> ConnectError {
    match error {
        SocketError::Io(e) => connect::io_fault(e),
        SocketError::Http(answer) => ConnectError::NotXmpp(format!("HTTP {}", answer.status())),
        other => ConnectError::NotXmpp(other.to_string()),
    }
}

/// Carries elements both ways until one side ends.
///
/// The two directions are one task and two loops: neither waits for the other, so a full pipe in one direction cannot
/// stop the other. Dropping the pipe is what tokio-xmpp sees as the end of the connection.
pub(crate) async fn bridge<S>(socket: WebSocketStream<S>, pipe: DuplexStream)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut to_server, mut from_server) = socket.split();
    let (mut from_client, mut to_client) = tokio::io::split(pipe);

    let outgoing = async {
        let mut splitter = Splitter::new();
        let mut chunk = vec![0; 8192];
        loop {
            let n = match from_client.read(&mut chunk).await {
                Ok(0) | Err(_) => break,
                Ok(n) => n,
            };
            let bytes = chunk.get(..n).unwrap_or_default();
            let frames = match splitter.feed(bytes) {
                Ok(frames) => frames,
                Err(error) => {
                    tracing::warn!(%error, "what we meant to send cannot be framed");
                    return;
                }
            };
            for frame in frames {
                if to_server.send(Message::text(frame)).await.is_err() {
                    return;
                }
            }
        }
        let _ = to_server.close().await;
        // The server's own end of stream comes through the other loop.
        tokio::time::sleep(CLOSING).await;
    };

    let incoming = async {
        while let Some(message) = from_server.next().await {
            let bytes = match message {
                Ok(Message::Text(text)) => framing::incoming(text.as_str()),
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
                // RFC 7395 §3.2: text only.
                Ok(Message::Binary(_) | Message::Close(_)) | Err(_) => break,
            };
            match bytes {
                Ok(bytes) => {
                    if to_client.write_all(&bytes).await.is_err() {
                        break;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a message from the server cannot be read");
                    break;
                }
            }
        }
    };

    tokio::select! {
        () = outgoing => {}
        () = incoming => {}
    }
}

#[cfg(test)]
mod tests;
