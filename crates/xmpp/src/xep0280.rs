//! XEP-0280 message carbons.

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::carbons::{Received, Sent};
use xmpp_parsers::forwarding::Forwarded;
use xmpp_parsers::ns;

/// Whether a carbon may be believed: only our own server makes them, in the name of our own bare address. Anyone
/// could send one otherwise and put words into our mouth (CVE-2017-5589 and its kin).
pub(crate) fn carbon_is_ours(from: Option<&Jid>, own: &BareJid) -> bool {
    from.is_none_or(|from| from.resource().is_none() && from.to_bare() == *own)
}

/// The message inside, and whether our other device sent it. Says nothing about whether to believe it.
pub(crate) fn parse(element: &Element) -> Option<(bool, Forwarded)> {
    if element.is("received", ns::CARBONS) {
        Received::try_from(element.clone())
            .ok()
            .map(|c| (false, c.forwarded))
    } else if element.is("sent", ns::CARBONS) {
        Sent::try_from(element.clone())
            .ok()
            .map(|c| (true, c.forwarded))
    } else {
        None
    }
}

/// Whether the element claims to be a carbon, well-formed or not.
pub(crate) fn is_carbon(element: &Element) -> bool {
    element.has_ns(ns::CARBONS) && matches!(element.name(), "received" | "sent")
}
