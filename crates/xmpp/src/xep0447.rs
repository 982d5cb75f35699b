//! XEP-0447 stateless file sharing.

use minidom::Element;

use crate::element::element;
use crate::inbound::SharedFile;
use crate::{text, xep0446};

pub(crate) const NS: &str = "urn:xmpp:sfs:0";
const NS_URL: &str = "http://jabber.org/protocol/url-data";
const MAX_SOURCES: usize = 4;

/// The file, if it has at least one web address.
pub(crate) fn parse(element: &Element) -> Option<SharedFile> {
    if !element.is("file-sharing", NS) {
        return None;
    }
    let mut file = SharedFile::default();
    if let Some(metadata) = element.get_child("file", xep0446::NS) {
        xep0446::parse(metadata, &mut file);
    }
    file.urls = element
        .get_child("sources", NS)?
        .children()
        .filter(|c| c.is("url-data", NS_URL))
        .filter_map(|c| text::http_url(c.attr("target")?))
        .take(MAX_SOURCES)
        .collect();
    (!file.urls.is_empty()).then_some(file)
}

/// Builds `<file-sharing disposition='inline'/>`: our files are meant to be played in place.
pub(crate) fn build(file: &SharedFile) -> Element {
    let mut sources = Element::bare("sources", NS);
    for url in &file.urls {
        sources.append_child(element("url-data", NS_URL, &[("target", url)]));
    }
    let mut sharing = element("file-sharing", NS, &[("disposition", "inline")]);
    sharing.append_child(xep0446::build(file));
    sharing.append_child(sources);
    sharing
}

#[cfg(test)]
mod tests;
