//! XEP-0446 file metadata, with the hashes of XEP-0300.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minidom::Element;
use xmpp_parsers::ns;

use crate::element::element;
use crate::inbound::SharedFile;
use crate::text;

pub(crate) const NS: &str = "urn:xmpp:file:metadata:0";

/// Reads `<file/>` into `file`. What does not parse is left out: metadata only helps.
pub(crate) fn parse(element: &Element, file: &mut SharedFile) -> bool {
    if !element.is("file", NS) {
        return false;
    }
    for child in element.children() {
        if child.is("hash", ns::HASHES) && child.attr("algo") == Some("sha-256") {
            file.sha256 = file.sha256.or_else(|| sha256(&child.text()));
            continue;
        }
        if !child.has_ns(NS) {
            continue;
        }
        let value = child.text();
        let value = value.trim();
        match child.name() {
            "name" => file.name = Some(text::cut(value, 255)).filter(|s| !s.is_empty()),
            "size" => file.size = value.parse().ok(),
            "media-type" => file.media_type = Some(text::cut(value, 255)).filter(|s| !s.is_empty()),
            "length" => file.duration_ms = value.parse().ok(),
            "width" => file.width = value.parse().ok(),
            "height" => file.height = value.parse().ok(),
            "desc" => file.desc = Some(text::cut(value, text::MAX_SHORT)).filter(|s| !s.is_empty()),
            _ => {}
        }
    }
    true
}

fn sha256(base64: &str) -> Option<[u8; 32]> {
    if base64.len() > 64 {
        return None;
    }
    let base64: String = base64.split_whitespace().collect();
    STANDARD.decode(base64).ok()?.try_into().ok()
}

/// Builds `<file/>`.
pub(crate) fn build(file: &SharedFile) -> Element {
    let mut out = Element::bare("file", NS);
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            out.append_child(Element::builder(name, NS).append(value).build());
        }
    };
    add("media-type", file.media_type.clone());
    add("name", file.name.as_deref().map(text::sendable));
    add("size", file.size.map(|n| n.to_string()));
    add("length", file.duration_ms.map(|n| n.to_string()));
    add("width", file.width.map(|n| n.to_string()));
    add("height", file.height.map(|n| n.to_string()));
    add("desc", file.desc.as_deref().map(text::sendable));
    if let Some(hash) = file.sha256 {
        let mut child = element("hash", ns::HASHES, &[("algo", "sha-256")]);
        child.append_text(STANDARD.encode(hash));
        out.append_child(child);
    }
    out
}
