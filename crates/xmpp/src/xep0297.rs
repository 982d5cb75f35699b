//! XEP-0297: a message inside another, as in archive results and carbons.
//!
//! Taken apart in place. xmpp-parsers' `Forwarded` was rejected: it wants a copy, walks through all of it once more, and gives
//! nothing at all for a message of a type that nobody knows.

use jid::Jid;
use minidom::Element;
use minidom::rxml::Namespace;
use xmpp_parsers::message::{Id, Lang, Message, MessageType};
use xmpp_parsers::ns;

use crate::xep0203;

/// What was forwarded.
#[derive(Debug)]
pub(crate) struct Forwarded {
    /// When it was sent or came to the archive, ms since 1970.
    pub(crate) at: Option<i64>,
    pub(crate) message: Message,
}

/// Takes it out of its wrapper. `None` where there is none, or an address of it is not one.
pub(crate) fn take(mut wrapper: Element) -> Option<Forwarded> {
    let mut forwarded = wrapper.remove_child("forwarded", ns::FORWARD)?;
    let inner = forwarded.remove_child("message", ns::JABBER_CLIENT)?;
    // What has no language of its own has that of what it is in.
    let lang = [&inner, &forwarded, &wrapper].into_iter().find_map(lang);
    let lang = lang.unwrap_or_default().to_owned();
    let at = forwarded.get_child("delay", ns::DELAY);
    Some(Forwarded {
        at: at.and_then(xep0203::parse),
        message: message(inner, &lang)?,
    })
}

fn lang(element: &Element) -> Option<&str> {
    element.attr_ns(&Namespace::XML, "lang")
}

fn message(mut element: Element, inherited: &str) -> Option<Message> {
    let address = |name| element.attr(name).map(Jid::new).transpose().ok();
    let mut message = Message::new_with_type(kind(element.attr("type")), address("to")?);
    message.from = address("from")?;
    message.id = element.attr("id").map(|id| Id(id.to_owned()));
    for child in element.take_nodes() {
        let Some(child) = child.into_element() else {
            continue;
        };
        if child.is("body", ns::JABBER_CLIENT) {
            let lang = Lang::from(lang(&child).unwrap_or(inherited));
            message.bodies.entry(lang).or_insert_with(|| child.text());
        } else {
            message.payloads.push(child);
        }
    }
    Some(message)
}

/// One that is unknown is as good as none (RFC 6121 §5.2.2).
fn kind(name: Option<&str>) -> MessageType {
    match name {
        Some("chat") => MessageType::Chat,
        Some("groupchat") => MessageType::Groupchat,
        Some("headline") => MessageType::Headline,
        Some("error") => MessageType::Error,
        _ => MessageType::Normal,
    }
}

#[cfg(test)]
mod tests;
