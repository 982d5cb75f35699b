//! XEP-0030 service discovery: what we say of ourselves, also as the hash of XEP-0115 in presence.

use minidom::Element;
use xmpp_parsers::caps::{self, Caps};
use xmpp_parsers::disco::{DiscoInfoResult, Identity};
use xmpp_parsers::hashes::Algo;
use xmpp_parsers::ns;

use crate::{heard, voice, xep0308, xep0424, xep0428, xep0444, xep0446, xep0447, xep0461, xep0490};

/// Identifies the program, not the installation (XEP-0115 §4).
const NODE: &str = "https://github.com/millet-im/millet";

/// What this client understands. A feature stands here only if [`crate::inbound`] or the session acts on it.
const FEATURES: [&str; 22] = [
    ns::CAPS,
    ns::CHATSTATES,
    ns::DELAY,
    ns::DISCO_INFO,
    ns::DISPLAYED_MARKERS,
    ns::HASHES,
    ns::HASH_ALGO_SHA_256,
    ns::OOB,
    ns::PING,
    ns::RECEIPTS,
    ns::SID,
    ns::VERSION,
    heard::NOTIFY,
    voice::NS,
    xep0308::NS,
    xep0424::NS,
    xep0428::NS,
    xep0444::NS,
    xep0446::NS,
    xep0447::NS,
    xep0461::NS,
    xep0490::NOTIFY,
];

/// Our description.
pub(crate) fn our_info(node: Option<String>) -> DiscoInfoResult {
    DiscoInfoResult {
        node,
        identities: vec![Identity {
            category: "client".to_owned(),
            type_: "pc".to_owned(),
            lang: None,
            name: Some("Millet".to_owned()),
        }],
        features: FEATURES.into_iter().map(str::to_owned).collect(),
        extensions: Vec::new(),
    }
}

/// Whether a question for `node` is one for us: none at all, or the one of our hash.
pub(crate) fn is_our_node(node: Option<&str>) -> bool {
    node.is_none_or(|node| {
        node.strip_prefix(NODE)
            .is_some_and(|rest| rest.starts_with('#'))
    })
}

/// `<c/>` for presence; none if hashing failed, which presence survives.
pub(crate) fn our_caps() -> Option<Element> {
    let hash = caps::hash_caps(&caps::compute_disco(&our_info(None)), Algo::Sha_1).ok()?;
    Some(Caps::new(NODE, hash).into())
}

#[cfg(test)]
mod tests;
