//! Answers to the questions of others (RFC 6120 §8.2.3: every get and set is answered).

use std::collections::BTreeMap;

use jid::BareJid;
use xmpp_parsers::disco::DiscoInfoQuery;
use xmpp_parsers::iq::{Iq, IqHeader, IqPayload};
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};
use xmpp_parsers::version::VersionResult;

use crate::inbound::RosterItem;
use crate::{Software, roster, xep0030};

/// The answer to a get or set, and the contacts that changed if it was a roster push.
pub(super) fn answer(iq: Iq, own: &BareJid, software: &Software) -> Option<(Iq, Vec<RosterItem>)> {
    let mut pushed = Vec::new();
    let (from, id, payload) = match iq {
        Iq::Get {
            from, id, payload, ..
        } => {
            let answer = if payload.is("query", ns::DISCO_INFO) {
                info(payload)
            } else if payload.is("ping", ns::PING) {
                Ok(None)
            } else if payload.is("query", ns::VERSION) {
                Ok(Some(version(software).into()))
            } else {
                Err(DefinedCondition::ServiceUnavailable)
            };
            (from, id, answer)
        }
        Iq::Set {
            from, id, payload, ..
        } => {
            let answer = match roster::parse(&payload) {
                Some(items) if roster::roster_push_is_ours(from.as_ref(), own) => {
                    pushed = items;
                    Ok(None)
                }
                _ => Err(DefinedCondition::ServiceUnavailable),
            };
            (from, id, answer)
        }
        Iq::Result { .. } | Iq::Error { .. } => return None,
    };
    let payload = match payload {
        Ok(payload) => IqPayload::Result(payload),
        Err(condition) => IqPayload::Error(refusal(condition)),
    };
    let header = IqHeader {
        from: None,
        to: from,
        id,
    };
    Some((header.assemble(payload), pushed))
}

type Answer = Result<Option<minidom::Element>, DefinedCondition>;

fn info(payload: minidom::Element) -> Answer {
    let node = DiscoInfoQuery::try_from(payload).ok().and_then(|q| q.node);
    if !xep0030::is_our_node(node.as_deref()) {
        return Err(DefinedCondition::ItemNotFound);
    }
    Ok(Some(xep0030::our_info(node).into()))
}

fn version(software: &Software) -> VersionResult {
    VersionResult {
        name: software.name.clone(),
        version: software.version.clone(),
        os: software.os.clone(),
    }
}

fn refusal(condition: DefinedCondition) -> StanzaError {
    StanzaError {
        type_: ErrorType::Cancel,
        by: None,
        defined_condition: condition,
        texts: BTreeMap::new(),
        other: None,
    }
}
