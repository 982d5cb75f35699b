//! Whether one element from a server may reach tokio-xmpp. Pure.
//!
//! Above, one element can end everything: an attribute beyond 8 KiB is a hard error of its parser, after which the server
//! sends the same stanza into the resumed stream, and the archive has it after a restart; and a deeply nested one is taken
//! apart by recursion (xso 0.4 recurses once per open level, and so does dropping an `Element`), which at some 6,000 levels
//! overflows the stack of a worker thread and aborts the process.
//!
//! Such a stanza becomes an empty message. It has to stay a stanza because both sides count them (XEP-0198), and any will
//! do, since the count knows no kinds: an `<iq/>` would need a type and an id that may be what could not be read.
//!
//! Judged by the parser that tokio-xmpp uses, with its settings, rather than by limits copied from it; but for what is plain
//! beyond doubt.

mod plain;

use rxml::error::EndOrError;
use rxml::{Event, Parse, Parser};
use thiserror::Error;
use xmpp_parsers::ns;

/// The most one element may have, in either direction. ejabberd's default is 256 KiB, Prosody's 512 KiB.
pub(crate) const MAX_ELEMENT: usize = 1 << 20;

/// How many levels an element may have. A carbon of a stanza that has all we know takes about ten, formatted text with
/// quotations in quotations some dozens; a hundredth of what the stack bears.
pub(crate) const MAX_DEPTH: usize = 64;

/// What cannot be translated or passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum FramingError {
    #[error("not well-formed")]
    Malformed,
    #[error("an element above {MAX_ELEMENT} bytes")]
    TooLarge,
}

/// What the outermost element is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// `<open/>` of RFC 7395.
    Open {
        from: Option<String>,
        id: Option<String>,
    },
    /// `<close/>` of RFC 7395.
    Close,
    Stanza,
    Other,
}

/// What the outermost element is, as far as it can be told, and whether `text` is exactly one element fit to be passed on.
///
/// `parser` has read what comes before; `ends` says that nothing comes after. If the answer is no, the parser is spent.
pub(crate) fn inspect(parser: &mut Parser, text: &[u8], ends: bool) -> (Option<Root>, bool) {
    // The parser is as it was: between two elements it knows no more than what came before the first.
    if plain::is_plain_stanza(text) {
        return (Some(Root::Stanza), true);
    }
    parsed(parser, text, ends)
}

fn parsed(parser: &mut Parser, mut text: &[u8], ends: bool) -> (Option<Root>, bool) {
    let (mut root, mut depth) = (None, 0_usize);
    loop {
        match parser.parse(&mut text, ends) {
            Ok(Some(Event::StartElement(_, (namespace, name), attributes))) => {
                depth += 1;
                if root.is_none() {
                    let attr = |name: &str| attributes.get(&rxml::Namespace::NONE, name).cloned();
                    root = Some(match (namespace.as_str(), name.as_str()) {
                        (ns::WEBSOCKET, "open") => Root::Open {
                            from: attr("from"),
                            id: attr("id"),
                        },
                        (ns::WEBSOCKET, "close") => Root::Close,
                        (ns::JABBER_CLIENT, "message" | "presence" | "iq") => Root::Stanza,
                        _ => Root::Other,
                    });
                }
                if depth > MAX_DEPTH {
                    return (root, false);
                }
            }
            Ok(Some(Event::EndElement(_))) => depth = depth.saturating_sub(1),
            Ok(Some(_)) => {}
            Ok(None) => return (root, depth == 0),
            Err(EndOrError::NeedMoreData) => {
                let whole = !ends && depth == 0 && root.is_some();
                return (root, whole);
            }
            Err(EndOrError::Error(_)) => return (root, false),
        }
    }
}

/// A message that says nothing, for a stanza that cannot be read.
pub(crate) fn empty_stanza() -> Vec<u8> {
    format!("<message xmlns='{}'/>", ns::JABBER_CLIENT).into_bytes()
}

/// Whether an element whose very head does not parse is a stanza, told by its first letters.
pub(crate) fn looks_like_a_stanza(element: &[u8]) -> bool {
    ["message", "presence", "iq"].into_iter().any(|name| {
        element
            .strip_prefix(b"<")
            .and_then(|e| e.strip_prefix(name.as_bytes()))
            .and_then(|rest| rest.first())
            .is_some_and(|next| next.is_ascii_whitespace() || matches!(next, b'>' | b'/'))
    })
}
