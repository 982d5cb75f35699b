//! XEP-0066 out of band data: the URL that clients without file sharing play or show.

use minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::oob::Oob;

use crate::text;

/// The URL, if it is a web address.
pub(crate) fn parse(element: &Element) -> Option<String> {
    if !element.is("x", ns::OOB) {
        return None;
    }
    text::http_url(&element.get_child("url", ns::OOB)?.text())
}

/// `<x xmlns='jabber:x:oob'/>` around a URL.
pub(crate) fn build(url: &str) -> Element {
    Oob {
        url: url.to_owned(),
        desc: None,
    }
    .into()
}
