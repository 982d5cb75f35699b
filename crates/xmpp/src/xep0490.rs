//! XEP-0490 how far each chat was displayed, for all devices of an account.
//!
//! A private list at our own account ([`xep0223`]): an item a chat, named by its address, which holds the id that our
//! archive gave to the newest displayed message. Only what our own account says is taken, and of that only ids in its own
//! name: rooms have no place yet. Whether an id is newer than another, only the timeline knows; that is the store's.
//!
//! Not done: the server's assistance (§4.5), which few servers offer and which saves one stanza of two.

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns;

use crate::element::element;
use crate::{xep0223, xep0359};

/// The node, and the namespace of what is in it.
pub(crate) const NS: &str = "urn:xmpp:mds:displayed:0";

/// The feature that asks for what is published there (XEP-0163 §4.3.2).
pub(crate) const NOTIFY: &str = "urn:xmpp:mds:displayed:0+notify";

/// A chat was displayed up to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Displayed {
    /// The other side.
    pub chat: BareJid,
    /// What our archive calls the message.
    pub id: String,
}

/// What an event or an answer tells; `None` where it is about something else.
pub(crate) fn parse(list: &Element, own: &BareJid) -> Option<Vec<Displayed>> {
    let items = xep0223::read(list, NS)?;
    Some(items.filter_map(|item| displayed(item, own)).collect())
}

fn displayed(item: &Element, own: &BareJid) -> Option<Displayed> {
    let chat = xep0223::chat_of(item)?;
    let id = xep0359::parse(
        item.get_child("displayed", NS)?
            .get_child("stanza-id", ns::SID)?,
    )?;
    let is_ours = id.by.resource().is_none() && id.by.to_bare() == *own;
    is_ours.then_some(Displayed { chat, id: id.id })
}

/// "Displayed up to here", as an item.
pub(crate) fn item(displayed: &Displayed, own: &BareJid) -> Element {
    let id = element(
        "stanza-id",
        ns::SID,
        &[("by", own.as_str()), ("id", &displayed.id)],
    );
    let payload = Element::builder("displayed", NS).append(id);
    xep0223::item(&displayed.chat, payload.build())
}

#[cfg(test)]
mod tests;
