//! XEP-0428 fallback: the body only stands in for something newer.

use minidom::Element;

use crate::element::element;
use crate::xep0447;

pub(crate) const NS: &str = "urn:xmpp:fallback:0";

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

/// Whether the whole body stands in for what is in `namespace`.
pub(crate) fn covers(element: &Element, namespace: &str) -> bool {
    element.is("fallback", NS) && element.attr("for") == Some(namespace) && {
        let mut bodies = element.children().filter(|c| c.is("body", NS)).peekable();
        bodies.peek().is_none()
            || bodies.any(|c| c.attr("start").is_none() && c.attr("end").is_none())
    }
}

/// The part of the body that stands in for what is in `namespace`, without the marks of a quote, and what is left of the
/// body. `None` where no part is marked, or nothing would be left. Places are counted in code points (XEP-0426).
pub(crate) fn split(body: &str, payloads: &[Element], namespace: &str) -> Option<(String, String)> {
    let region = payloads
        .iter()
        .filter(|p| p.is("fallback", NS) && p.attr("for") == Some(namespace))
        .find_map(|p| p.get_child("body", NS))?;
    let start: usize = region.attr("start")?.parse().ok()?;
    let end: usize = region.attr("end")?.parse().ok()?;
    let byte = |place: usize| {
        body.char_indices()
            .nth(place)
            .map_or(body.len(), |(byte, _)| byte)
    };
    let (from, to) = (byte(start), byte(end.max(start)));
    let rest = format!("{}{}", body.get(..from)?, body.get(to..)?);
    if from == to || rest.trim().is_empty() {
        return None;
    }
    let lines = body.get(from..to)?.lines();
    let quote: Vec<&str> = lines
        .map(|line| line.trim_start_matches(['>', ' ']))
        .collect();
    Some((quote.join("\n").trim().to_owned(), rest))
}

/// "The whole body is for those who do not know `namespace`."
pub(crate) fn whole(namespace: &str) -> Element {
    element("fallback", NS, &[("for", namespace)])
}

/// "The body stands in for the shared file."
pub(crate) fn for_file() -> Element {
    let mut fallback = element("fallback", NS, &[("for", xep0447::NS)]);
    fallback.append_child(Element::bare("body", NS));
    fallback
}
