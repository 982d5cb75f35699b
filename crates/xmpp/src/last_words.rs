//! The end of what the server said, kept because tokio-xmpp drops the stream error that ends a stream.
//!
//! `StreamEvent::Suspended` carries no reason, yet "replaced by another sign-in" must not be answered by signing in
//! again: two clients would throw each other out for ever.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::ConnectError;

/// A stream error with a text in two languages fits.
const KEPT: usize = 2048;

/// What is known of one connection from below: its last bytes, when they came, and a way to cut it.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastWords(Arc<Mutex<Heard>>);

#[derive(Debug, Default)]
struct Heard {
    kept: Vec<u8>,
    at: Option<Instant>,
    cut: bool,
    reader: Option<Waker>,
}

impl LastWords {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, bytes: &[u8]) {
        let mut heard = self.heard();
        heard.at = Some(Instant::now());
        let bytes = bytes
            .get(bytes.len().saturating_sub(KEPT)..)
            .unwrap_or_default();
        let surplus = (heard.kept.len() + bytes.len()).saturating_sub(KEPT);
        let surplus = surplus.min(heard.kept.len());
        heard.kept.drain(..surplus);
        heard.kept.extend_from_slice(bytes);
    }

    /// When the server last said anything.
    pub(crate) fn last_heard(&self) -> Option<Instant> {
        self.heard().at
    }

    /// Makes the connection look broken to tokio-xmpp, which has no other way to be told so.
    pub(crate) fn cut(&self) {
        let mut heard = self.heard();
        heard.cut = true;
        if let Some(reader) = heard.reader.take() {
            reader.wake();
        }
    }

    /// Whether it was cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.heard().cut
    }

    /// Whether it was cut; if not, the reader is woken when it is.
    fn poll_cut(&self, cx: &Context<'_>) -> bool {
        let mut heard = self.heard();
        heard.reader = Some(cx.waker().clone());
        heard.cut
    }

    /// Whether what was heard begins as XML does, if anything was heard.
    pub(crate) fn speaks_xml(&self) -> bool {
        let heard = self.heard();
        heard
            .kept
            .iter()
            .find(|b| !b.is_ascii_whitespace())
            .is_none_or(|first| *first == b'<')
    }

    /// The stream error at the end (RFC 6120 §4.9), as far as it tells what to do; `Lost` otherwise.
    pub(crate) fn reason(&self) -> ConnectError {
        let heard = self.heard();
        let text = String::from_utf8_lossy(&heard.kept);
        let Some((_, error)) = text.rsplit_once("<stream:error") else {
            return ConnectError::Lost;
        };
        let says = |condition: &str| error.contains(&format!("<{condition} "));
        if says("conflict") {
            ConnectError::ResourceConflict
        } else if says("policy-violation") || says("not-authorized") {
            ConnectError::PolicyViolation
        } else if says("system-shutdown") || says("resource-constraint") || says("reset") {
            ConnectError::ServerUnavailable
        } else {
            ConnectError::Lost
        }
    }
}

/// A byte stream that is listened to.
pub(crate) struct Listening<T> {
    inner: T,
    words: LastWords,
}

impl<T> Listening<T> {
    pub(crate) fn new(inner: T, words: LastWords) -> Self {
        Self { inner, words }
    }

    pub(crate) fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Listening<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.words.poll_cut(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        self.words
            .keep(buf.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Listening<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
