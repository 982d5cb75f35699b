//! Plain values as a stanza: pure.

use jid::{BareJid, Jid};
use xmpp_parsers::message::Message;
use xmpp_parsers::stanza::Stanza;

use crate::inbound::{ChatState, Show};

/// What can be said. The `id` attribute of a text or voice message is its origin id.
#[derive(Debug, Clone, PartialEq, Eq)]
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
pub fn outbound(_what: &Outbound) -> Stanza {
    Stanza::Message(Message::new(None))
}
