//! Which voice messages were heard, for all devices of an account.
//!
//! A private list of our own at our account ([`xep0223`]), for what the other side is not told: an item a chat, named by its
//! address, which holds the ids that our archive gave to the voice messages that were heard last (`docs/protocol/voice.md`).
//! Each device reads the list before it publishes, and publishes what both knew.
//!
//! ```xml
//! <heard xmlns='urn:millet:heard:0'>
//!   <stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.lit' id='0f710f2b-52ed-4d52-b928-784dad74a52b'/>
//! </heard>
//! ```
//!
//! Rejected: a position as in XEP-0490, since voice messages are heard out of order; an item a message, since lists only grow.

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns;

use crate::element::element;
use crate::{xep0223, xep0359};

/// The node, and the namespace of what is in it.
pub(crate) const NS: &str = "urn:millet:heard:0";

/// The feature that asks for what is published there (XEP-0163 §4.3.2).
pub(crate) const NOTIFY: &str = "urn:millet:heard:0+notify";

/// The voice messages of a chat that were heard last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The other side.
    pub chat: BareJid,
    /// What our archive calls them; at most [`Heard::MOST`].
    pub ids: Vec<String>,
}

impl Heard {
    /// So many are told of in a chat. A server may keep 256 chats and hand them all out at once: that has to fit a stanza.
    pub const MOST: usize = 32;
}

/// What an event or an answer tells; `None` where it is about something else.
pub(crate) fn parse(list: &Element, own: &BareJid) -> Option<Vec<Heard>> {
    let items = xep0223::read(list, NS)?;
    Some(items.filter_map(|item| heard(item, own)).collect())
}

fn heard(item: &Element, own: &BareJid) -> Option<Heard> {
    let chat = xep0223::chat_of(item)?;
    let ids = item.get_child("heard", NS)?.children();
    let ids = ids
        .filter_map(xep0359::parse)
        .filter(|id| id.by.resource().is_none() && id.by.to_bare() == *own)
        .take(Heard::MOST);
    Some(Heard {
        chat,
        ids: ids.map(|id| id.id).collect(),
    })
}

/// "These were heard", as an item.
pub(crate) fn item(heard: &Heard, own: &BareJid) -> Element {
    let ids = heard.ids.iter().take(Heard::MOST);
    let ids = ids.map(|id| element("stanza-id", ns::SID, &[("by", own.as_str()), ("id", id)]));
    let payload = Element::builder("heard", NS).append_all(ids);
    xep0223::item(&heard.chat, payload.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> BareJid {
        "ann@x.example".parse().unwrap()
    }

    fn event(items: &str) -> Element {
        format!(
            "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='{NS}'>{items}</items></event>"
        )
        .parse()
        .unwrap()
    }

    #[test]
    fn what_is_published_is_read() {
        let heard = Heard {
            chat: "bo@x.example".parse().unwrap(),
            ids: vec!["s2".to_owned(), "s1".to_owned()],
        };
        let item = String::from(&item(&heard, &own()));
        assert_eq!(parse(&event(&item), &own()), Some(vec![heard]));
    }

    #[test]
    fn what_is_not_ours_is_left_out_and_a_list_has_an_end() {
        let id =
            |by: &str, id: &str| format!("<stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='{id}'/>");
        let many: String = (0..100)
            .map(|n| id("ann@x.example", &n.to_string()))
            .collect();
        let items = [
            ("bo@x.example", id("bo@x.example", "theirs")),
            ("x.example", id("ann@x.example", "of nobody")),
            ("bo@x.example/1", id("ann@x.example", "of a device")),
            ("cy@x.example", many),
        ];
        let items: String = items
            .iter()
            .map(|(chat, ids)| {
                format!("<item id='{chat}'><heard xmlns='{NS}'>{ids}</heard></item>")
            })
            .collect();
        let read = parse(&event(&items), &own()).unwrap();
        let read: Vec<_> = read
            .iter()
            .map(|heard| (heard.chat.as_str(), heard.ids.len()))
            .collect();
        assert_eq!(read, [("bo@x.example", 0), ("cy@x.example", Heard::MOST)]);
    }
}
