//! XEP-0334 hints for servers: what to keep.

use minidom::Element;

const NS: &str = "urn:xmpp:hints";

/// Whether the sender asks not to keep the message.
pub(crate) fn is_no_store(element: &Element) -> bool {
    element.is("no-store", NS) || element.is("no-permanent-store", NS)
}

/// "Keep it in the archive", for messages without a body that other devices need to learn of.
pub(crate) fn store() -> Element {
    Element::bare("store", NS)
}

/// "Keep it nowhere", for what is stale in a minute.
pub(crate) fn no_store() -> Element {
    Element::bare("no-store", NS)
}
