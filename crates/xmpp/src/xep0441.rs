//! XEP-0441 message archive preferences: what the server keeps of us.
//!
//! Many servers keep nothing, or only what contacts say, until somebody asks for more. The lists of exceptions stay as
//! they are: whoever put an address there meant it.

use minidom::Element;
use xmpp_parsers::ns;

use crate::element::element;

/// Asks what is kept.
pub(crate) fn get() -> Element {
    element("prefs", ns::MAM, &[])
}

/// What to set so that everything is kept; nothing where it is, or where the answer is none.
pub(crate) fn keep_all(answer: &Element) -> Option<Element> {
    if !answer.is("prefs", ns::MAM) || answer.attr("default") == Some("always") {
        return None;
    }
    let mut wish = element("prefs", ns::MAM, &[("default", "always")]);
    for name in ["always", "never"] {
        let list = answer.get_child(name, ns::MAM).cloned();
        wish.append_child(list.unwrap_or_else(|| Element::bare(name, ns::MAM)));
    }
    Some(wish)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_becomes_always_with_its_exceptions() {
        // XEP-0441 §2.
        let answer: Element = "<prefs xmlns='urn:xmpp:mam:2' default='roster'><always><jid>romeo@montague.lit</jid></always>\
             <never><jid>montague@montague.lit</jid></never></prefs>"
            .parse()
            .unwrap();
        let wish = keep_all(&answer).unwrap();
        assert_eq!(wish.attr("default"), Some("always"));
        let jids = |name: &str| {
            let list = wish.get_child(name, ns::MAM).unwrap();
            list.get_child("jid", ns::MAM).unwrap().text()
        };
        assert_eq!(
            (jids("always").as_str(), jids("never").as_str()),
            ("romeo@montague.lit", "montague@montague.lit")
        );
        assert_eq!(keep_all(&wish), None);
        assert_eq!(keep_all(&Element::bare("prefs", "urn:other")), None);
    }
}
