//! XEP-0359 unique and stable ids.

use jid::Jid;
use minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_id::OriginId;

use crate::inbound::StanzaId;
use crate::text;

/// The id an archive or room gave.
pub(crate) fn parse(element: &Element) -> Option<StanzaId> {
    if !element.is("stanza-id", ns::SID) {
        return None;
    }
    Some(StanzaId {
        id: text::id(element.attr("id")?)?,
        by: Jid::new(element.attr("by")?).ok()?,
    })
}

/// The id the sender's client chose.
pub(crate) fn parse_origin(element: &Element) -> Option<String> {
    if !element.is("origin-id", ns::SID) {
        return None;
    }
    text::id(element.attr("id")?)
}

/// Our own id.
pub(crate) fn origin(id: &str) -> Element {
    OriginId { id: id.to_owned() }.into()
}
