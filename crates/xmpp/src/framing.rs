//! RFC 7395 framing: between a stream of XML and WebSocket messages that each hold one whole element. Pure.
//!
//! tokio-xmpp reads and writes RFC 6120 streams: `<stream:stream>`, then elements that inherit its namespaces. A
//! WebSocket peer wants `<open/>`, `<close/>` and elements that declare their own. Going out the XML is parsed and
//! written again, so that every element carries its namespaces whatever the chunks were; coming in, messages are checked
//! and passed on as they are.

use bytes::{Buf, BytesMut};
use minidom::Element;
use rxml::error::EndOrError;
use rxml::writer::SimpleNamespaces;
use rxml::{Encoder, Event, Parse, Parser};
use xmpp_parsers::ns;

use crate::element::element;
use crate::inspect::{FramingError, MAX_ELEMENT, Root, empty_stanza, inspect, looks_like_a_stanza};

/// Cuts a client's stream of XML into messages.
pub(crate) struct Splitter {
    parser: Parser,
    /// What the parser has not taken yet.
    unread: BytesMut,
    /// How many elements are open.
    depth: usize,
    /// The parser is between two events, so the next byte begins a token.
    between: bool,
    /// The element being written, from depth 2 on.
    current: Option<(Encoder<SimpleNamespaces>, BytesMut)>,
}

impl Splitter {
    pub(crate) fn new() -> Self {
        Self {
            parser: Parser::new(),
            unread: BytesMut::new(),
            depth: 0,
            between: true,
            current: None,
        }
    }

    /// Takes the next bytes of the stream and returns the messages they complete.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<String>, FramingError> {
        self.unread.extend_from_slice(bytes);
        let mut frames = Vec::new();
        loop {
            if self.between && self.depth < 2 && !self.at_boundary() {
                return Ok(frames);
            }
            let mut rest = &self.unread[..];
            let before = rest.len();
            let parsed = self.parser.parse(&mut rest, false);
            let taken = before - rest.len();
            self.unread.advance(taken);
            match parsed {
                Ok(Some(event)) => {
                    self.between = true;
                    frames.extend(self.event(&event)?);
                }
                Ok(None) => return Ok(frames),
                Err(EndOrError::NeedMoreData) => {
                    self.between &= taken == 0;
                    return Ok(frames);
                }
                Err(EndOrError::Error(_)) => return Err(FramingError::Malformed),
            }
        }
    }

    /// Prepares for the next top-level token; false if more bytes are needed to know what it is.
    ///
    /// Here, and only here, a new stream header may come (RFC 6120 §4.3.3: after SASL the stream starts again without
    /// having ended), which a parser in the middle of a document refuses. White space between elements is a keep-alive,
    /// which WebSocket does not want (RFC 7395 §3.8).
    fn at_boundary(&mut self) -> bool {
        const HEADER: &[u8] = b"<stream:stream";
        let space = self
            .unread
            .iter()
            .take_while(|b| b.is_ascii_whitespace())
            .count();
        self.unread.advance(space);
        let unread = &self.unread[..];
        if unread.is_empty() || unread == b"<" {
            return false;
        }
        if unread.len() < HEADER.len() && HEADER.starts_with(unread) {
            return false;
        }
        let restarts = unread.starts_with(b"<?") || (self.depth == 1 && unread.starts_with(HEADER));
        if restarts {
            self.parser = Parser::new();
            self.depth = 0;
        }
        true
    }

    fn event(&mut self, event: &Event) -> Result<Option<String>, FramingError> {
        match event {
            Event::XmlDeclaration(..) => Ok(None),
            Event::StartElement(_, (namespace, name), attributes) => {
                self.depth += 1;
                if self.depth == 1 {
                    if namespace.as_str() != ns::STREAM || name.as_str() != "stream" {
                        return Err(FramingError::Malformed);
                    }
                    let attr = |name: &str| attributes.get(&rxml::Namespace::NONE, name);
                    let (to, from) = (attr("to"), attr("from"));
                    return Ok(Some(open(to.map(String::as_str), from.map(String::as_str))));
                }
                if self.depth == 2 {
                    self.current = Some((Encoder::new(), BytesMut::new()));
                }
                self.write(event)?;
                Ok(None)
            }
            Event::Text(..) => {
                self.write(event)?;
                Ok(None)
            }
            Event::EndElement(_) => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return Ok(Some(close()));
                }
                self.write(event)?;
                if self.depth > 1 {
                    return Ok(None);
                }
                let bytes = self.current.take().map(|(_, bytes)| bytes.to_vec());
                match bytes.map(String::from_utf8) {
                    Some(Ok(frame)) => Ok(Some(frame)),
                    _ => Err(FramingError::Malformed),
                }
            }
        }
    }

    fn write(&mut self, event: &Event) -> Result<(), FramingError> {
        // Text directly below the stream is nobody's.
        let Some((encoder, bytes)) = &mut self.current else {
            return Ok(());
        };
        encoder
            .encode_event_into_bytes(event, bytes)
            .map_err(|_| FramingError::Malformed)?;
        if bytes.len() > MAX_ELEMENT {
            return Err(FramingError::TooLarge);
        }
        Ok(())
    }
}

fn open(to: Option<&str>, from: Option<&str>) -> String {
    let mut attributes = vec![("version", "1.0")];
    attributes.extend(to.map(|to| ("to", to)));
    attributes.extend(from.map(|from| ("from", from)));
    String::from(&element("open", ns::WEBSOCKET, &attributes))
}

fn close() -> String {
    String::from(&Element::bare("close", ns::WEBSOCKET))
}

/// A server's message as bytes of a stream. A stanza that must not be passed on becomes an empty one: see
/// [`crate::inspect`].
pub(crate) fn incoming(frame: &str) -> Result<Vec<u8>, FramingError> {
    let frame = frame.trim();
    if frame.is_empty() {
        return Ok(Vec::new());
    }
    if frame.len() > MAX_ELEMENT {
        return if looks_like_a_stanza(frame.as_bytes()) {
            Ok(empty_stanza())
        } else {
            Err(FramingError::TooLarge)
        };
    }
    let (root, whole) = inspect(&mut Parser::new(), frame.as_bytes(), true);
    match root {
        Some(Root::Open { from, id }) => Ok(stream_header(from.as_deref(), id.as_deref())),
        Some(Root::Close) => Ok(b"</stream:stream>".to_vec()),
        Some(_) if whole => Ok(frame.as_bytes().to_vec()),
        Some(Root::Stanza) => Ok(empty_stanza()),
        None if looks_like_a_stanza(frame.as_bytes()) => Ok(empty_stanza()),
        Some(Root::Other) | None => Err(FramingError::Malformed),
    }
}

/// The header of a stream that stays open, so it cannot be written as an element.
fn stream_header(from: Option<&str>, id: Option<&str>) -> Vec<u8> {
    let mut out = format!(
        "<?xml version='1.0'?><stream:stream xmlns='{}' xmlns:stream='{}' version='1.0'",
        ns::JABBER_CLIENT,
        ns::STREAM
    );
    for (name, value) in [("from", from), ("id", id)] {
        if let Some(value) = value {
            let value = value
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('\'', "&#39;");
            out.push_str(&format!(" {name}='{value}'"));
        }
    }
    out.push('>');
    out.into_bytes()
}

#[cfg(test)]
mod tests;
