//! XEP-0280 message carbons.

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::message::Message;
use xmpp_parsers::ns;

use crate::xep0297;

/// Whether a carbon may be believed: only our own server makes them, in the name of our own bare address. Anyone
/// could send one otherwise and put words into our mouth (CVE-2017-5589 and its kin).
pub(crate) fn carbon_is_ours(from: Option<&Jid>, own: &BareJid) -> bool {
    from.is_none_or(|from| from.resource().is_none() && from.to_bare() == *own)
}

/// The message inside, and whether our other device sent it. Says nothing about whether to believe it.
pub(crate) fn take(wrapper: Element) -> Option<(bool, Message)> {
    let sent = wrapper.name() == "sent";
    Some((sent, xep0297::take(wrapper)?.message))
}

/// Whether the element claims to be a carbon, well-formed or not.
pub(crate) fn is_carbon(element: &Element) -> bool {
    element.has_ns(ns::CARBONS) && matches!(element.name(), "received" | "sent")
}
