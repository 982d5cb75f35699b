//! A stanza as plain values: pure, no decisions, every size bounded.

use jid::{BareJid, Jid};
use xmpp_parsers::stanza::Stanza;

use crate::StanzaFault;

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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Why a message of ours came back.
    pub error: Option<StanzaFault>,
    /// XEP-0085: whether the other side is typing.
    pub chat_state: Option<ChatState>,
    /// XEP-0334: the sender asks not to keep it (`no-store` or `no-permanent-store`).
    pub no_store: bool,
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
pub fn inbound(_stanza: Stanza, _own: &BareJid) -> Inbound {
    Inbound::Ignored("not built yet")
}
