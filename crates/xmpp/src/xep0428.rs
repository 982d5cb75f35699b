//! XEP-0428 fallback: the body only stands in for something newer.

use minidom::Element;

use crate::element::element;
use crate::xep0447;

const NS: &str = "urn:xmpp:fallback:0";

/// Whether the whole body stands in for the shared file.
///
/// A fallback of part of the body (`start`, `end`) leaves words of the sender beside it, so it does not count. One
/// without `for` is what older clients send.
pub(crate) fn covers_file(element: &Element) -> bool {
    if !element.is("fallback", NS) {
        return false;
    }
    let for_file = matches!(
        element.attr("for"),
        None | Some(xep0447::NS | "jabber:x:oob")
    );
    let parts: Vec<_> = element.children().filter(|c| c.has_ns(NS)).collect();
    let whole = parts.is_empty()
        || parts
            .iter()
            .any(|c| c.name() == "body" && c.attr("start").is_none() && c.attr("end").is_none());
    for_file && whole
}

/// "The body stands in for the shared file."
pub(crate) fn for_file() -> Element {
    let mut fallback = element("fallback", NS, &[("for", xep0447::NS)]);
    fallback.append_child(Element::bare("body", NS));
    fallback
}
