//! Bounds for text and addresses that come from outside, and characters that XML cannot carry.

use url::Url;

/// Ids of any kind: longer ones are not ids anybody generates.
pub(crate) const MAX_ID: usize = 1024;
/// A body. ejabberd's default bound for a whole stanza is 256 KiB.
pub(crate) const MAX_BODY: usize = 64 * 1024;
/// Names, statuses, descriptions, error texts.
pub(crate) const MAX_SHORT: usize = 1024;
/// A URL.
const MAX_URL: usize = 2048;

/// The text, cut before `max` bytes at a character.
pub(crate) fn cut(text: &str, max: usize) -> String {
    text.get(..text.floor_char_boundary(max))
        .unwrap_or_default()
        .to_owned()
}

/// An id as it is, or nothing if it is empty or absurdly long. An id is never cut: a cut one names something else.
pub(crate) fn id(text: &str) -> Option<String> {
    (!text.is_empty() && text.len() <= MAX_ID).then(|| text.to_owned())
}

/// A URL we are ready to fetch or show: http or https, with a host, not absurdly long.
pub(crate) fn http_url(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > MAX_URL {
        return None;
    }
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| text.to_owned())
}

/// The text without the characters XML 1.0 §2.2 forbids; one of them would make the whole stanza unsendable.
pub(crate) fn sendable(text: &str) -> String {
    text.chars()
        .filter(|c| {
            matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        })
        .collect()
}

#[cfg(test)]
mod tests;
