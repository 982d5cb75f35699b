//! A stanza as plain values: pure, no decisions, every size bounded.

use std::fmt;

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::ns;
use xmpp_parsers::presence::{self, Presence, Type};
use xmpp_parsers::stanza::Stanza;

use crate::{
    Displayed, Heard, Reactions, Reply, StanzaFault, heard, text, voice, xep0066, xep0085, xep0184,
    xep0203, xep0223, xep0280, xep0308, xep0333, xep0334, xep0359, xep0424, xep0428, xep0444,
    xep0447, xep0461, xep0490,
};

/// Each archive and room on the way adds one; more is somebody filling our memory.
const MAX_STANZA_IDS: usize = 8;

/// What a stanza says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// A message to us.
    Message(IncomingMessage),
    /// A copy of a message another of our own devices sent (`sent`) or received (XEP-0280). Only ever from our own
    /// bare address; `message.from` and `message.to` are those of the message inside.
    Carbon {
        /// Our other device sent it, rather than received it.
        sent: bool,
        /// The message inside.
        message: IncomingMessage,
    },
    /// Who is there, and who asks to know.
    Presence(PresenceIn),
    /// A contact changed, told by our own server (RFC 6121 §2.1.6).
    RosterPush(RosterItem),
    /// Chats were displayed on another device of ours, as our own account tells (XEP-0490). At most 4,096.
    Displayed(Vec<Displayed>),
    /// Voice messages were heard on another device of ours, as our own account tells. At most 4,096 chats.
    Heard(Vec<Heard>),
    /// Nothing for us, and why. For logs.
    Ignored(&'static str),
}

/// A message's type (RFC 6121 §5.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// `chat`
    Chat,
    /// `normal`, also what an absent type means.
    Normal,
    /// `groupchat`
    Groupchat,
    /// `headline`
    Headline,
    /// `error`: `error` tells why, and `id` is that of the message it answers.
    Error,
}

/// A message, taken apart. Fields are what the sender claims; only `from` and `stanza_ids` given by a trusted `by`
/// are the server's word.
#[derive(Clone, PartialEq, Eq)]
pub struct IncomingMessage {
    /// The sender. In a message to us without `from` it is our own account (RFC 6120 §8.1.2.1).
    pub from: Jid,
    /// The addressee, where given.
    pub to: Option<Jid>,
    /// The `id` attribute.
    pub id: Option<String>,
    /// The type.
    pub kind: MessageKind,
    /// XEP-0359: the id the sender's client chose.
    pub origin_id: Option<String>,
    /// XEP-0359: ids given by archives on the way; trust one only if `by` is an archive of ours.
    pub stanza_ids: Vec<StanzaId>,
    /// XEP-0203: when it was sent, ms since 1970, if it was delayed. In an archived message the archive's time.
    pub at: Option<i64>,
    /// The text, at most 64 KiB (cut at a character).
    pub body: Option<String>,
    /// XEP-0066: a URL (http or https only).
    pub oob_url: Option<String>,
    /// XEP-0447: a shared file.
    pub file: Option<SharedFile>,
    /// `urn:millet:voice:0`: it is a voice message.
    pub voice: Option<VoiceNote>,
    /// XEP-0428: the whole body only stands in for `file`.
    pub fallback_body: bool,
    /// XEP-0184: the sender asks for a receipt.
    pub wants_receipt: bool,
    /// XEP-0333: the sender asks to be told when it was read.
    pub markable: bool,
    /// XEP-0184: the id of our message that arrived.
    pub receipt: Option<String>,
    /// XEP-0333: how far our messages were read.
    pub marker: Option<Marker>,
    /// `urn:millet:voice:0`: the id of our voice message that was listened to.
    pub heard: Option<String>,
    /// XEP-0308: the id of the message that this one replaces.
    pub replaces: Option<String>,
    /// XEP-0424: the id of the message that its author takes back. There is no body then.
    pub retracts: Option<String>,
    /// XEP-0424 §5: it was taken back, and the archive keeps no more of it.
    pub tombstone: bool,
    /// XEP-0461: what it answers. The quote is not in the body any more.
    pub reply: Option<Reply>,
    /// XEP-0444: what the sender feels about a message.
    pub reactions: Option<Reactions>,
    /// Why a message of ours came back.
    pub error: Option<StanzaFault>,
    /// XEP-0085: whether the other side is typing.
    pub chat_state: Option<ChatState>,
    /// XEP-0334: the sender asks not to keep it (`no-store` or `no-permanent-store`).
    pub no_store: bool,
}

impl fmt::Debug for IncomingMessage {
    /// Which message and what kinds of thing are in it; never what it says or where its files are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("IncomingMessage");
        out.field("kind", &self.kind)
            .field("id", &self.id)
            .field("stanza_ids", &self.stanza_ids.len());
        out.field("body_bytes", &self.body.as_ref().map(String::len));
        out.field("file", &self.file)
            .field("voice", &self.voice.is_some());
        out.field("receipt", &self.receipt)
            .field("marker", &self.marker)
            .field("heard", &self.heard);
        out.field("error", &self.error.as_ref().map(|e| &e.condition));
        out.finish_non_exhaustive()
    }
}

impl fmt::Debug for SharedFile {
    /// Only what the file is, not where or how it is called.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("SharedFile");
        out.field("media_type", &self.media_type)
            .field("size", &self.size);
        out.finish_non_exhaustive()
    }
}

/// An id given by an archive or room (XEP-0359).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StanzaId {
    /// The id, opaque.
    pub id: String,
    /// Who gave it.
    pub by: Jid,
}

/// A file offered by URL (XEP-0447 with XEP-0446).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SharedFile {
    /// Where it can be had; http and https only, at most 4, never empty.
    pub urls: Vec<String>,
    /// The name the sender gave: for showing, never for a path.
    pub name: Option<String>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Media type.
    pub media_type: Option<String>,
    /// SHA-256 of the content.
    pub sha256: Option<[u8; 32]>,
    /// Play time in ms.
    pub duration_ms: Option<u64>,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// The sender's description.
    pub desc: Option<String>,
}

/// What Millet knows of a voice message before the audio is here (`docs/protocol/voice.md`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceNote {
    /// Play time in ms, at most a day.
    pub duration_ms: u32,
    /// The waveform, 0 to 255 each, at most 512 of equal length in time; may be empty.
    pub peaks: Vec<u8>,
}

/// A chat marker (XEP-0333).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// How far.
    pub kind: MarkerKind,
    /// Up to which message.
    pub id: String,
}

/// The kinds of marker (XEP-0333; newer versions have only `displayed`, older clients send all).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkerKind {
    /// It arrived.
    Received,
    /// It was seen.
    Displayed,
    /// It was dealt with.
    Acknowledged,
}

/// Typing and attention (XEP-0085).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatState {
    /// Looks at the chat.
    Active,
    /// Is typing.
    Composing,
    /// Stopped typing.
    Paused,
    /// Looks elsewhere.
    Inactive,
    /// Left the chat.
    Gone,
}

/// A presence stanza.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceIn {
    /// Whose.
    pub from: Jid,
    /// What it says.
    pub kind: PresenceKind,
}

/// What a presence says (RFC 6121 §4.7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PresenceKind {
    /// There.
    Available {
        /// How.
        show: Show,
        /// In their words, at most 1 KiB.
        status: Option<String>,
    },
    /// Gone.
    Unavailable,
    /// Asks to see our presence.
    Subscribe,
    /// Lets us see theirs.
    Subscribed,
    /// No longer wants ours.
    Unsubscribe,
    /// No longer shows us theirs, or said no.
    Unsubscribed,
    /// It could not be delivered.
    Error,
}

/// How somebody is there (RFC 6121 §4.7.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// No `<show/>`.
    Online,
    /// `chat`: wants to talk.
    Chat,
    /// `away`
    Away,
    /// `xa`: away for longer.
    ExtendedAway,
    /// `dnd`
    DoNotDisturb,
}

/// A contact (RFC 6121 §2.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterItem {
    /// Their address.
    pub jid: BareJid,
    /// The name we gave them.
    pub name: Option<String>,
    /// Who sees whose presence.
    pub subscription: Subscription,
    /// We have asked to see theirs and wait.
    pub asked: bool,
    /// Groups we put them into.
    pub groups: Vec<String>,
}

/// Who sees whose presence (RFC 6121 §2.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscription {
    /// Nobody.
    None,
    /// We see theirs.
    To,
    /// They see ours.
    From,
    /// Both.
    Both,
    /// The contact is being removed (in a push).
    Remove,
}

/// One message of an archive (XEP-0313).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// The archive's id of it; pages are asked for relative to these.
    pub archive_id: String,
    /// When the archive got it, ms since 1970.
    pub at: i64,
    /// The message.
    pub message: IncomingMessage,
}

/// Takes a stanza apart. `own` is the account it came in for. IQs are dealt with before, in the session.
pub fn inbound(stanza: Stanza, own: &BareJid) -> Inbound {
    match stanza {
        Stanza::Message(message) => message_in(message, own),
        Stanza::Presence(presence) => presence_in(presence, own),
        Stanza::Iq(_) => Inbound::Ignored("a question or an answer, dealt with in the session"),
    }
}

fn message_in(mut message: Message, own: &BareJid) -> Inbound {
    if let Some(index) = message.payloads.iter().position(xep0280::is_carbon) {
        if !xep0280::carbon_is_ours(message.from.as_ref(), own) {
            return Inbound::Ignored("a carbon that is not from our own account");
        }
        return match xep0280::take(message.payloads.swap_remove(index)) {
            Some((sent, message)) => Inbound::Carbon {
                sent,
                message: incoming(message, own),
            },
            None => Inbound::Ignored("a carbon with nothing in it"),
        };
    }
    let told = message.payloads.iter().find_map(|payload| {
        let displayed = xep0490::parse(payload, own).map(Inbound::Displayed);
        displayed.or_else(|| heard::parse(payload, own).map(Inbound::Heard))
    });
    if let Some(told) = told {
        return match xep0223::event_is_ours(message.from.as_ref(), own) {
            true => told,
            false => Inbound::Ignored("a list of ours, not told by our own account"),
        };
    }
    if message.payloads.iter().any(|p| p.is("result", ns::MAM)) {
        return Inbound::Ignored("an archive result nobody asked for");
    }
    Inbound::Message(incoming(message, own))
}

/// One message, taken apart. Without `from` it is from our own account.
pub(crate) fn incoming(message: Message, own: &BareJid) -> IncomingMessage {
    let best = message
        .get_best_body(Vec::new())
        .map(|(_, body)| body.as_str());
    let mut out = IncomingMessage {
        body: best
            .filter(|b| !b.is_empty())
            .map(|b| text::cut(b, text::MAX_BODY)),
        from: message.from.unwrap_or_else(|| Jid::from(own.clone())),
        to: message.to,
        id: message.id.and_then(|id| text::id(&id.0)),
        kind: match message.type_ {
            MessageType::Chat => MessageKind::Chat,
            MessageType::Normal => MessageKind::Normal,
            MessageType::Groupchat => MessageKind::Groupchat,
            MessageType::Headline => MessageKind::Headline,
            MessageType::Error => MessageKind::Error,
        },
        origin_id: None,
        stanza_ids: Vec::new(),
        at: None,
        oob_url: None,
        file: None,
        voice: None,
        fallback_body: false,
        wants_receipt: false,
        markable: false,
        receipt: None,
        marker: None,
        heard: None,
        replaces: None,
        retracts: None,
        tombstone: false,
        reply: None,
        reactions: None,
        error: None,
        chat_state: None,
        no_store: false,
    };
    for payload in &message.payloads {
        read_payload(payload, &mut out);
    }
    if let (Some(reply), Some(body)) = (&mut out.reply, &mut out.body) {
        reply.take_quote(body, &message.payloads);
    }
    let is_stand_in = |p| xep0428::covers(p, xep0444::NS);
    if out.retracts.is_some()
        || out.tombstone
        || (out.reactions.is_some() && message.payloads.iter().any(is_stand_in))
    {
        out.body = None;
    }
    out
}

/// Reads one payload. Of what may come once, the first one counts.
fn read_payload(payload: &Element, out: &mut IncomingMessage) {
    if let Some(id) = xep0359::parse(payload) {
        if out.stanza_ids.len() < MAX_STANZA_IDS {
            out.stanza_ids.push(id);
        }
    } else if let Some(id) = xep0359::parse_origin(payload) {
        out.origin_id.get_or_insert(id);
    } else if let Some(at) = xep0203::parse(payload) {
        out.at.get_or_insert(at);
    } else if let Some(url) = xep0066::parse(payload) {
        out.oob_url.get_or_insert(url);
    } else if let Some(file) = xep0447::parse(payload) {
        out.file.get_or_insert(file);
    } else if let Some(voice) = voice::parse(payload) {
        out.voice.get_or_insert(voice);
    } else if let Some(id) = voice::parse_heard(payload) {
        out.heard.get_or_insert(id);
    } else if let Some(id) = xep0184::parse(payload) {
        out.receipt.get_or_insert(id);
    } else if let Some(marker) = xep0333::parse(payload) {
        out.marker.get_or_insert(marker);
    } else if let Some(state) = xep0085::parse(payload) {
        out.chat_state.get_or_insert(state);
    } else if let Some(id) = xep0308::parse(payload) {
        out.replaces.get_or_insert(id);
    } else if let Some(id) = xep0424::parse(payload) {
        out.retracts.get_or_insert(id);
    } else if let Some(reply) = xep0461::parse(payload) {
        out.reply.get_or_insert(reply);
    } else if let Some(reactions) = xep0444::parse(payload) {
        out.reactions.get_or_insert(reactions);
    } else if payload.is("error", ns::JABBER_CLIENT) {
        out.error = Some(stanza_fault(payload));
    } else {
        out.tombstone |= xep0424::is_tombstone(payload);
        out.fallback_body |= xep0428::covers_file(payload);
        out.wants_receipt |= xep0184::is_request(payload);
        out.markable |= xep0333::is_markable(payload);
        out.no_store |= xep0334::is_no_store(payload);
    }
}

/// An error element (RFC 6120 §8.3.2), read leniently: a fault we cannot read in full is still a fault.
pub(crate) fn stanza_fault(error: &Element) -> StanzaFault {
    let condition = error
        .children()
        .find(|c| c.has_ns(ns::XMPP_STANZAS) && c.name() != "text")
        .map_or("undefined-condition", |c| c.name());
    StanzaFault {
        condition: text::cut(condition, 64),
        temporary: error.attr("type") == Some("wait"),
        text: error
            .get_child("text", ns::XMPP_STANZAS)
            .map(|t| text::cut(&t.text(), text::MAX_SHORT))
            .filter(|t| !t.is_empty()),
    }
}

fn presence_in(presence: Presence, own: &BareJid) -> Inbound {
    let kind = match presence.type_ {
        Type::None => PresenceKind::Available {
            show: match presence.show {
                None => Show::Online,
                Some(presence::Show::Chat) => Show::Chat,
                Some(presence::Show::Away) => Show::Away,
                Some(presence::Show::Xa) => Show::ExtendedAway,
                Some(presence::Show::Dnd) => Show::DoNotDisturb,
            },
            status: presence
                .statuses
                .values()
                .find(|s| !s.is_empty())
                .map(|s| text::cut(s, text::MAX_SHORT)),
        },
        Type::Unavailable => PresenceKind::Unavailable,
        Type::Subscribe => PresenceKind::Subscribe,
        Type::Subscribed => PresenceKind::Subscribed,
        Type::Unsubscribe => PresenceKind::Unsubscribe,
        Type::Unsubscribed => PresenceKind::Unsubscribed,
        Type::Error => PresenceKind::Error,
        Type::Probe => return Inbound::Ignored("a probe, which is for servers"),
    };
    Inbound::Presence(PresenceIn {
        from: presence.from.unwrap_or_else(|| Jid::from(own.clone())),
        kind,
    })
}

#[cfg(test)]
mod tests;
