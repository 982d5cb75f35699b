//! The contact list (RFC 6121 §2).

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::roster::{Ask, Item, Roster};

use crate::inbound::{RosterItem, Subscription};
use crate::text;

/// More contacts than anybody has; a bound on what one answer may make us hold.
const MAX_ITEMS: usize = 10_000;

/// Whether a roster push may be believed: only from our own account (RFC 6121 §2.1.6).
pub(crate) fn roster_push_is_ours(from: Option<&Jid>, own: &BareJid) -> bool {
    from.is_none_or(|from| from.resource().is_none() && from.to_bare() == *own)
}

/// The contacts in a `<query/>`. One that does not parse is left out, not the whole list with it.
pub(crate) fn parse(query: &Element) -> Option<Vec<RosterItem>> {
    if !query.is("query", ns::ROSTER) {
        return None;
    }
    let items = query
        .children()
        .filter_map(|child| Item::try_from(child.clone()).ok())
        .take(MAX_ITEMS)
        .map(item)
        .collect();
    Some(items)
}

fn item(item: Item) -> RosterItem {
    use xmpp_parsers::roster::Subscription as Wire;
    RosterItem {
        jid: item.jid,
        name: item
            .name
            .map(|n| text::cut(&n, text::MAX_SHORT))
            .filter(|n| !n.is_empty()),
        subscription: match item.subscription {
            Wire::None => Subscription::None,
            Wire::From => Subscription::From,
            Wire::To => Subscription::To,
            Wire::Both => Subscription::Both,
            Wire::Remove => Subscription::Remove,
        },
        asked: item.ask == Ask::Subscribe,
        groups: item
            .groups
            .into_iter()
            .take(32)
            .map(|g| text::cut(&g.0, 255))
            .collect(),
    }
}

/// The question for the whole list.
pub(crate) fn get() -> Element {
    Element::bare("query", ns::ROSTER)
}

/// Adds, renames or (`remove`) removes a contact.
pub(crate) fn set(jid: &BareJid, name: Option<&str>, remove: bool) -> Element {
    use xmpp_parsers::roster::Subscription as Wire;
    Roster {
        ver: None,
        items: vec![Item {
            jid: jid.clone(),
            name: name.map(text::sendable),
            subscription: if remove { Wire::Remove } else { Wire::None },
            ask: Ask::None,
            groups: Vec::new(),
            approved: None,
        }],
    }
    .into()
}
