//! Between a server's bytes and tokio-xmpp: whole elements only, and none that would end the stream or the process.
//!
//! What one element can do above is told in [`crate::inspect`]. So elements are held until they are whole, and a stanza
//! that is unfit, or too long to be held, is replaced by an empty one. Everything else, the headers of streams and white
//! space between elements included, is passed on byte by byte as it came. tokio-xmpp acts on whole elements anyway, so
//! nothing is later than it was, but for the time-outs on silence, which it resets by what it parses: a long element on
//! its way is therefore announced by white space in front of it.
//!
//! A reader around a reader, not a task with a pipe as for a WebSocket: nothing to shut down in order, nothing between a
//! cut and its being noticed, and writing is not touched at all.
//!
//! Where elements end is found by counting tags here. A second parser with higher limits was the alternative; it
//! sets the memory of its limit aside, and breaks at what is not well-formed and at whatever is longer still. Counting
//! judges nothing: what it cuts out is passed on only if tokio-xmpp's own parser takes it.

use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, BytesMut};
use rxml::error::EndOrError;
use rxml::{Parse, Parser};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::inspect::{FramingError, MAX_ELEMENT, Root, empty_stanza, inspect, looks_like_a_stanza};

/// Read at once from below.
const CHUNK: usize = 8 * 1024;
/// How much of an element arrives for one byte of white space. At 500 bytes a second the link is not taken for dead.
const ANNOUNCED: usize = 16 * 1024;
/// Buffers that grew beyond this are not kept.
const KEPT: usize = 64 * 1024;

/// A byte stream from a server behind a [`Guard`]. Reading is cancel-safe: what was taken from below is kept here.
pub(crate) struct Guarded<T> {
    inner: T,
    guard: Guard,
    chunk: Box<[u8]>,
    /// Fit to be read.
    ready: BytesMut,
    failed: Option<FramingError>,
}

impl<T> Guarded<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self {
            inner,
            guard: Guard::new(),
            chunk: vec![0; CHUNK].into_boxed_slice(),
            ready: BytesMut::new(),
            failed: None,
        }
    }

    /// Drops what was held and gives back what is below.
    pub(crate) fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Guarded<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.ready.has_remaining() {
                let n = this.ready.len().min(buf.remaining());
                buf.put_slice(&this.ready.split_to(n));
                shed(&mut this.ready);
                return Poll::Ready(Ok(()));
            }
            if let Some(error) = this.failed {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
            }
            let mut chunk = ReadBuf::new(&mut this.chunk);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut chunk))?;
            if chunk.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            // What came before a fault is read before the fault is told.
            this.failed = this.guard.feed(chunk.filled(), &mut this.ready).err();
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Guarded<T> {
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

fn shed(buffer: &mut BytesMut) {
    if buffer.is_empty() && buffer.capacity() > KEPT {
        *buffer = BytesMut::new();
    }
}

/// Finds the elements of a stream and replaces stanzas that must not pass. Pure; holds [`MAX_ELEMENT`] and a chunk at most.
pub(crate) struct Guard {
    place: Place,
    /// How many elements are open, the stream's own included.
    depth: usize,
    /// Of the element, header or declaration at hand.
    held: BytesMut,
    /// The stanza at hand became too long: it is counted to its end and not held.
    too_long: bool,
    /// The stream's header, with the declaration before it.
    header: Vec<u8>,
    /// A parser in the state that tokio-xmpp's is in between two elements; none after an element it did not take.
    parser: Option<Parser>,
    /// Taken in since anything was passed on.
    unannounced: usize,
    /// The stream's own end has come.
    ended: bool,
}

impl Guard {
    pub(crate) fn new() -> Self {
        Self {
            place: Place::Text,
            depth: 0,
            held: BytesMut::new(),
            too_long: false,
            header: Vec::new(),
            parser: None,
            unannounced: 0,
            ended: false,
        }
    }

    /// Takes the next bytes of the stream and adds to `out` what they complete. After an error the guard is spent.
    pub(crate) fn feed(&mut self, bytes: &[u8], out: &mut BytesMut) -> Result<(), FramingError> {
        let before = out.len();
        let mut rest = bytes;
        while !rest.is_empty() && !self.ended {
            rest = self.space(rest, out);
            let Some((length, edge)) = self.next_edge(rest)? else {
                self.hold(rest)?;
                break;
            };
            let (part, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            self.hold(part)?;
            self.pass(edge, out)?;
            rest = after;
        }
        if out.len() > before {
            self.unannounced = 0;
        } else {
            self.unannounced += bytes.len();
            if self.unannounced >= ANNOUNCED && self.depth > 0 && !self.ended {
                self.unannounced = 0;
                out.put_u8(b' ');
            }
        }
        Ok(())
    }

    /// White space between elements is a sign of life (RFC 6120 §4.6.1) and goes on at once.
    fn space<'a>(&self, bytes: &'a [u8], out: &mut BytesMut) -> &'a [u8] {
        let between = self.place == Place::Text && self.depth < 2 && self.held.is_empty();
        if !between {
            return bytes;
        }
        let rest = bytes.trim_ascii_start();
        let space = bytes.len() - rest.len();
        out.put_slice(bytes.get(..space).unwrap_or_default());
        rest
    }

    /// The next end of a tag or declaration: how far it is, and what it is.
    fn next_edge(&mut self, bytes: &[u8]) -> Result<Option<(usize, Edge)>, FramingError> {
        for (index, byte) in bytes.iter().enumerate() {
            let outside = self.depth < 2;
            let (place, edge) = self.place.after(*byte)?;
            self.place = place;
            let text = place == Place::Text && edge.is_none() && !byte.is_ascii_whitespace();
            // Only elements may be directly below the stream, and only one before it.
            if outside && (text || matches!(place, Place::Bang(_))) {
                return Err(FramingError::Malformed);
            }
            if let Some(edge) = edge {
                return Ok(Some((index + 1, edge)));
            }
        }
        Ok(None)
    }

    fn hold(&mut self, bytes: &[u8]) -> Result<(), FramingError> {
        if self.too_long {
            return Ok(());
        }
        self.held.put_slice(bytes);
        if self.held.len() <= MAX_ELEMENT {
            return Ok(());
        }
        if self.depth == 0 || !looks_like_a_stanza(&self.held) {
            return Err(FramingError::TooLarge);
        }
        self.too_long = true;
        self.held = BytesMut::new();
        Ok(())
    }

    /// Counts, and lets go of what is whole.
    fn pass(&mut self, edge: Edge, out: &mut BytesMut) -> Result<(), FramingError> {
        match edge {
            // The header that comes with it makes it whole.
            Edge::Declared if self.depth < 2 => {
                // After SASL the stream starts again without having ended (RFC 6120 §4.3.3).
                self.depth = 0;
                Ok(())
            }
            Edge::Opened { empty } if self.depth == 0 || self.starts_again() => {
                self.header = self.held.to_vec();
                self.parser = None;
                self.depth = 1;
                self.ended = empty;
                self.let_go(out);
                Ok(())
            }
            Edge::Opened { empty: false } => {
                self.depth += 1;
                Ok(())
            }
            Edge::Opened { empty: true } if self.depth == 1 => self.element(out),
            Edge::Closed => {
                self.depth = self.depth.checked_sub(1).ok_or(FramingError::Malformed)?;
                match self.depth {
                    0 => {
                        self.ended = true;
                        self.let_go(out);
                        Ok(())
                    }
                    1 => self.element(out),
                    _ => Ok(()),
                }
            }
            Edge::Opened { empty: true } => Ok(()),
            Edge::Declared => Err(FramingError::Malformed),
        }
    }

    /// Whether the tag at hand is another header, without a declaration before it.
    fn starts_again(&self) -> bool {
        self.depth == 1 && self.held.starts_with(b"<stream:stream")
    }

    fn let_go(&mut self, out: &mut BytesMut) {
        out.put_slice(&self.held);
        self.held.clear();
        shed(&mut self.held);
    }

    /// Passes on the element that is whole now, or what stands for it.
    fn element(&mut self, out: &mut BytesMut) -> Result<(), FramingError> {
        let mut is_stanza = mem::take(&mut self.too_long);
        if !is_stanza {
            let mut parser = match self.parser.take() {
                Some(parser) => parser,
                None => after_header(&self.header)?,
            };
            let (root, fit) = inspect(&mut parser, &self.held, false);
            if fit {
                self.parser = Some(parser);
                self.let_go(out);
                return Ok(());
            }
            is_stanza = match root {
                Some(Root::Stanza) => true,
                None => looks_like_a_stanza(&self.held),
                Some(_) => false,
            };
        }
        self.held = BytesMut::new();
        if !is_stanza {
            return Err(FramingError::Malformed);
        }
        tracing::warn!("a stanza that cannot be read was replaced by an empty one");
        out.put_slice(&empty_stanza());
        Ok(())
    }
}

/// A parser as tokio-xmpp has it, that has read the header of the stream.
fn after_header(header: &[u8]) -> Result<Parser, FramingError> {
    let mut parser = Parser::default();
    let mut rest = header;
    loop {
        match parser.parse(&mut rest, false) {
            Ok(Some(_)) => {}
            Err(EndOrError::NeedMoreData) => return Ok(parser),
            Ok(None) | Err(EndOrError::Error(_)) => return Err(FramingError::Malformed),
        }
    }
}

/// Where in XML a byte is, as far as it takes to find where tags end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside of tags.
    Text,
    /// After `<`.
    Mark,
    /// In a tag; `slash` if the byte before was one.
    Tag { closes: bool, slash: bool },
    /// In the value of an attribute, to this quotation mark.
    Value(u8),
    /// In `<?`; `question` if the byte before was one.
    Declaration { question: bool },
    /// After `<!` and so many letters of `[CDATA[`. Comments are not allowed (RFC 6120 §11.1).
    Bang(usize),
    /// In a CDATA section, after so many `]`.
    CData(u8),
}

/// What has just ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    /// A start tag, or an empty element's.
    Opened {
        empty: bool,
    },
    Closed,
    Declared,
}

impl Place {
    fn after(self, byte: u8) -> Result<(Self, Option<Edge>), FramingError> {
        const CDATA: &[u8] = b"[CDATA[";
        let open = |slash| Self::Tag {
            closes: false,
            slash,
        };
        let next = match (self, byte) {
            (Self::Text, b'<') => Self::Mark,
            (Self::Text, _) => Self::Text,
            (Self::Mark, b'?') => Self::Declaration { question: false },
            (Self::Mark, b'!') => Self::Bang(0),
            (Self::Mark, b'/') => Self::Tag {
                closes: true,
                slash: false,
            },
            (Self::Mark, b'>') | (Self::Mark | Self::Tag { .. }, b'<') => {
                return Err(FramingError::Malformed);
            }
            (Self::Mark, _) => open(false),
            (Self::Tag { closes: true, .. }, b'>') => return Ok((Self::Text, Some(Edge::Closed))),
            (Self::Tag { slash, .. }, b'>') => {
                return Ok((Self::Text, Some(Edge::Opened { empty: slash })));
            }
            (Self::Tag { closes: true, .. }, _) => self,
            (Self::Tag { .. }, b'"' | b'\'') => Self::Value(byte),
            (Self::Tag { .. }, _) => open(byte == b'/'),
            (Self::Value(quote), _) if byte == quote => open(false),
            (Self::Value(_), _) => self,
            (Self::Declaration { question: true }, b'>') => {
                return Ok((Self::Text, Some(Edge::Declared)));
            }
            (Self::Declaration { .. }, _) => Self::Declaration {
                question: byte == b'?',
            },
            (Self::Bang(n), _) if CDATA.get(n) != Some(&byte) => {
                return Err(FramingError::Malformed);
            }
            (Self::Bang(n), _) if n + 1 == CDATA.len() => Self::CData(0),
            (Self::Bang(n), _) => Self::Bang(n + 1),
            (Self::CData(2), b'>') => Self::Text,
            (Self::CData(n), b']') => Self::CData((n + 1).min(2)),
            (Self::CData(_), _) => Self::CData(0),
        };
        Ok((next, None))
    }
}

#[cfg(test)]
mod tests;
