//! Plain values as a stanza: pure.

use std::fmt;

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::message::{Id, Lang, Message};
use xmpp_parsers::presence::{self, Presence, Type};
use xmpp_parsers::stanza::Stanza;

use crate::inbound::{ChatState, SharedFile, Show};
use crate::{
    text, voice, xep0066, xep0085, xep0184, xep0308, xep0333, xep0334, xep0359, xep0424, xep0428,
    xep0444, xep0447, xep0461,
};

/// RFC 7845 §9 and RFC 6381: Ogg with the codec named.
const VOICE_MEDIA_TYPE: &str = "audio/ogg; codecs=opus";

/// What can be said. The `id` attribute of a text or voice message is its origin id.
#[derive(Clone, PartialEq, Eq)]
pub enum Outbound {
    /// A text message, asking for receipt and markers.
    Text {
        /// To whom.
        to: BareJid,
        /// Chosen once when it was written, the same on every attempt.
        origin_id: String,
        /// The text.
        body: String,
    },
    /// A voice message whose audio has been uploaded.
    Voice {
        /// To whom.
        to: BareJid,
        /// As in `Text`.
        origin_id: String,
        /// Where the audio is (the GET URL of the slot).
        url: String,
        /// File name.
        name: String,
        /// Size in bytes.
        size: u64,
        /// SHA-256 of the file.
        sha256: [u8; 32],
        /// Play time.
        duration_ms: u32,
        /// Waveform, as in [`crate::VoiceNote`]; more than 512 are cut off.
        peaks: Vec<u8>,
    },
    /// A text that answers a message (XEP-0461), without a quote in its body.
    Reply {
        /// To whom.
        to: BareJid,
        /// As in `Text`.
        origin_id: String,
        /// The text.
        body: String,
        /// Who said what is answered.
        author: Jid,
        /// Its origin id, else its `id` attribute.
        id: String,
    },
    /// A text in the place of an earlier one of ours (XEP-0308).
    Correction {
        /// To whom.
        to: BareJid,
        /// As in `Text`.
        origin_id: String,
        /// The text as it is to be now.
        body: String,
        /// The id of the first version.
        id: String,
    },
    /// Takes a message of ours back (XEP-0424).
    Retraction {
        /// To whom.
        to: BareJid,
        /// As in `Text`.
        origin_id: String,
        /// For clients that do not know retractions, in words.
        notice: String,
        /// The message's id.
        id: String,
    },
    /// All our reactions to a message (XEP-0444).
    Reactions {
        /// To whom.
        to: BareJid,
        /// As in `Text`.
        origin_id: String,
        /// The message's origin id, else its `id` attribute.
        id: String,
        /// Emoji; none takes them back.
        emoji: Vec<String>,
    },
    /// "It arrived" (XEP-0184).
    Receipt {
        /// The sender of the message, as it came (the full address).
        to: Jid,
        /// The message's `id` attribute.
        id: String,
    },
    /// "Read up to here" (XEP-0333).
    Displayed {
        /// The sender of the message.
        to: Jid,
        /// The message's `id` attribute.
        id: String,
    },
    /// "Listened to" (`urn:millet:voice:0`).
    Heard {
        /// The sender of the message.
        to: Jid,
        /// The message's origin id, else its `id` attribute.
        id: String,
    },
    /// Typing (XEP-0085).
    ChatState {
        /// To whom.
        to: Jid,
        /// What.
        state: ChatState,
    },
    /// Presence and subscriptions.
    Presence(PresenceOut),
}

impl fmt::Debug for Outbound {
    /// What kind, and which; never what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { origin_id, .. } => write!(f, "Text({origin_id})"),
            Self::Voice { origin_id, .. } => write!(f, "Voice({origin_id})"),
            Self::Reply { origin_id, .. } => write!(f, "Reply({origin_id})"),
            Self::Correction { origin_id, .. } => write!(f, "Correction({origin_id})"),
            Self::Retraction { origin_id, .. } => write!(f, "Retraction({origin_id})"),
            Self::Reactions { origin_id, .. } => write!(f, "Reactions({origin_id})"),
            Self::Receipt { id, .. } => write!(f, "Receipt({id})"),
            Self::Displayed { id, .. } => write!(f, "Displayed({id})"),
            Self::Heard { id, .. } => write!(f, "Heard({id})"),
            Self::ChatState { state, .. } => write!(f, "ChatState({state:?})"),
            Self::Presence(_) => f.write_str("Presence"),
        }
    }
}

/// Presence to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PresenceOut {
    /// To everyone who may see it.
    Available {
        /// How.
        show: Show,
        /// In our words.
        status: Option<String>,
    },
    /// Gone.
    Unavailable,
    /// Ask to see theirs.
    Subscribe(BareJid),
    /// Let them see ours.
    Subscribed(BareJid),
    /// No longer want theirs.
    Unsubscribe(BareJid),
    /// Say no, or stop showing ours.
    Unsubscribed(BareJid),
}

/// Builds the stanza.
pub fn outbound(what: &Outbound) -> Stanza {
    match what {
        Outbound::Text {
            to,
            origin_id,
            body,
        } => Stanza::Message(content(to, origin_id).with_body(Lang::new(), text::sendable(body))),
        Outbound::Voice {
            to,
            origin_id,
            url,
            name,
            size,
            sha256,
            duration_ms,
            peaks,
        } => {
            let file = SharedFile {
                urls: vec![url.clone()],
                name: Some(name.clone()),
                size: Some(*size),
                media_type: Some(VOICE_MEDIA_TYPE.to_owned()),
                sha256: Some(*sha256),
                duration_ms: Some(u64::from(*duration_ms)),
                ..SharedFile::default()
            };
            let mut message = content(to, origin_id).with_body(Lang::new(), url.clone());
            message.payloads.extend([
                xep0066::build(url),
                xep0447::build(&file),
                xep0428::for_file(),
                voice::build(*duration_ms, peaks),
            ]);
            Stanza::Message(message)
        }
        Outbound::Reply {
            to,
            origin_id,
            body,
            author,
            id,
        } => said_with(to, origin_id, body, xep0461::build(id, author)),
        Outbound::Correction {
            to,
            origin_id,
            body,
            id,
        } => said_with(to, origin_id, body, xep0308::build(id)),
        Outbound::Retraction {
            to,
            origin_id,
            notice,
            id,
        } => {
            let mut message = named(to, origin_id).with_body(Lang::new(), text::sendable(notice));
            message.payloads.extend([
                xep0424::build(id),
                xep0428::whole(xep0424::NS),
                xep0334::store(),
            ]);
            Stanza::Message(message)
        }
        Outbound::Reactions {
            to,
            origin_id,
            id,
            emoji,
        } => {
            let mut message = named(to, origin_id);
            message
                .payloads
                .extend([xep0444::build(id, emoji), xep0334::store()]);
            Stanza::Message(message)
        }
        Outbound::Receipt { to, id } => notice(to, [xep0184::build(id), xep0334::store()]),
        Outbound::Displayed { to, id } => notice(to, [xep0333::displayed(id), xep0334::store()]),
        Outbound::Heard { to, id } => notice(to, [voice::heard(id), xep0334::store()]),
        Outbound::ChatState { to, state } => {
            notice(to, [xep0085::build(*state), xep0334::no_store()])
        }
        Outbound::Presence(presence) => Stanza::Presence(presence_out(presence)),
    }
}

/// A message somebody wrote or spoke: its id is its origin id, and it asks for receipt and markers.
fn content(to: &BareJid, origin_id: &str) -> Message {
    let mut message = named(to, origin_id);
    message
        .payloads
        .extend([xep0184::request(), xep0333::markable()]);
    message
}

/// A text with something about it beside it.
fn said_with(to: &BareJid, origin_id: &str, body: &str, about: Element) -> Stanza {
    let mut message = content(to, origin_id).with_body(Lang::new(), text::sendable(body));
    message.payloads.push(about);
    Stanza::Message(message)
}

/// A message that others may name by its id.
fn named(to: &BareJid, origin_id: &str) -> Message {
    let mut message = Message::chat(Jid::from(to.clone()));
    message.id = Some(Id(origin_id.to_owned()));
    message.payloads = vec![xep0359::origin(origin_id)];
    message
}

/// A message about a message. It has no id of its own: nothing answers it.
fn notice<const N: usize>(to: &Jid, payloads: [Element; N]) -> Stanza {
    Stanza::Message(Message::chat(to.clone()).with_payloads(payloads.into()))
}

fn presence_out(presence: &PresenceOut) -> Presence {
    let to = |kind: Type, jid: &BareJid| Presence::new(kind).with_to(Jid::from(jid.clone()));
    match presence {
        PresenceOut::Available { show, status } => {
            let mut presence = Presence::available();
            presence.show = match show {
                Show::Online => None,
                Show::Chat => Some(presence::Show::Chat),
                Show::Away => Some(presence::Show::Away),
                Show::ExtendedAway => Some(presence::Show::Xa),
                Show::DoNotDisturb => Some(presence::Show::Dnd),
            };
            if let Some(status) = status {
                let status = text::sendable(&text::cut(status, text::MAX_SHORT));
                presence.statuses.insert(Lang::new(), status);
            }
            presence
        }
        PresenceOut::Unavailable => Presence::new(Type::Unavailable),
        PresenceOut::Subscribe(jid) => to(Type::Subscribe, jid),
        PresenceOut::Subscribed(jid) => to(Type::Subscribed, jid),
        PresenceOut::Unsubscribe(jid) => to(Type::Unsubscribe, jid),
        PresenceOut::Unsubscribed(jid) => to(Type::Unsubscribed, jid),
    }
}

#[cfg(test)]
mod tests;
