//! Building elements that have no type in xmpp-parsers.

use minidom::Element;
use rxml::{Namespace, NcName};

/// An element with attributes. An attribute name that is no XML name is left out; all of ours are constants.
pub(crate) fn element(name: &str, ns: &str, attributes: &[(&str, &str)]) -> Element {
    let mut element = Element::bare(name, ns);
    for (name, value) in attributes {
        if let Ok(name) = NcName::try_from(*name) {
            element.set_attr(Namespace::NONE, name, *value);
        }
    }
    element
}
