//! XEP-0308 last message correction.

use minidom::Element;

use crate::element::element;
use crate::text;

pub(crate) const NS: &str = "urn:xmpp:message-correct:0";

/// The id of the message that this one replaces.
pub(crate) fn parse(payload: &Element) -> Option<String> {
    if !payload.is("replace", NS) {
        return None;
    }
    text::id(payload.attr("id")?)
}

/// "This replaces the message with that id": always the first one's, however often it was corrected (§4).
pub(crate) fn build(id: &str) -> Element {
    element("replace", NS, &[("id", id)])
}

#[cfg(test)]
mod tests;
