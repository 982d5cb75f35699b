//! XEP-0184 delivery receipts.

use minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::receipts::{Received, Request};

use crate::text;

/// The id of the message that arrived.
pub(crate) fn parse(element: &Element) -> Option<String> {
    if !element.is("received", ns::RECEIPTS) {
        return None;
    }
    text::id(element.attr("id")?)
}

/// Whether a receipt is asked for.
pub(crate) fn is_request(element: &Element) -> bool {
    element.is("request", ns::RECEIPTS)
}

/// "Tell me when it arrived."
pub(crate) fn request() -> Element {
    Request.into()
}

/// "It arrived."
pub(crate) fn build(id: &str) -> Element {
    Received { id: id.to_owned() }.into()
}
