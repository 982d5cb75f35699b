//! XEP-0424 message retraction. Rejected: version 0 of its namespace, which wraps into XEP-0422; it was replaced in 2023.

use minidom::Element;

use crate::element::element;
use crate::text;

pub(crate) const NS: &str = "urn:xmpp:message-retract:1";

/// The id of the message that its author takes back.
pub(crate) fn parse(payload: &Element) -> Option<String> {
    if !payload.is("retract", NS) {
        return None;
    }
    text::id(payload.attr("id")?)
}

/// Whether an archive holds only this in the place of a message that was taken back (§5).
pub(crate) fn is_tombstone(payload: &Element) -> bool {
    payload.is("retracted", NS)
}

/// "I take the message with that id back."
pub(crate) fn build(id: &str) -> Element {
    element("retract", NS, &[("id", id)])
}

#[cfg(test)]
mod tests;
