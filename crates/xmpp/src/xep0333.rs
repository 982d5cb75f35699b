//! XEP-0333 chat markers. Version 1 dropped all but `displayed`; older clients still send the others.

use minidom::Element;
use xmpp_parsers::ns;

use crate::element::element;
use crate::inbound::{Marker, MarkerKind};
use crate::text;

/// The marker, if the element is one.
pub(crate) fn parse(element: &Element) -> Option<Marker> {
    if !element.has_ns(ns::DISPLAYED_MARKERS) {
        return None;
    }
    let kind = match element.name() {
        "received" => MarkerKind::Received,
        "displayed" => MarkerKind::Displayed,
        "acknowledged" => MarkerKind::Acknowledged,
        _ => return None,
    };
    Some(Marker {
        kind,
        id: text::id(element.attr("id")?)?,
    })
}

/// Whether markers are asked for.
pub(crate) fn is_markable(element: &Element) -> bool {
    element.is("markable", ns::DISPLAYED_MARKERS)
}

/// "Tell me when it was read."
pub(crate) fn markable() -> Element {
    Element::bare("markable", ns::DISPLAYED_MARKERS)
}

/// "Read up to here."
pub(crate) fn displayed(id: &str) -> Element {
    element("displayed", ns::DISPLAYED_MARKERS, &[("id", id)])
}
