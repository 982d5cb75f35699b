//! The wire: reaching a server, one session with it, and stanzas as plain values.
//!
//! It owns: which server to talk to ([`ServerAddress`], then host-meta, then SRV), TLS, the WebSocket bridge
//! (RFC 7395), sign-in, stream management (XEP-0198), the table of questions waiting for an answer, and the
//! translation between XML and the types below. Each extension is one file with its number.
//!
//! It refuses: storage, policy and words for people. It never decides whether a message is new, never sends
//! anything twice by itself, and never retries a refused password.
//!
//! The way in is [`Session::open`]; what arrives is a [`SessionEvent`]; [`inbound`] and [`outbound`] are pure.
//!
//! Rejected: tokio-xmpp's `Client` and `StanzaStream::new_c2s`, which retry a wrong password for ever and hide
//! the suspended state, and its `split()`, whose reader can miss a wake-up. What the library below us does with
//! stanzas over a cut is written down in [`session`].

mod address;
mod connect;
mod element;
mod error;
mod framing;
mod guard;
mod heard;
mod inbound;
mod inspect;
mod last_words;
mod login;
mod outbound;
mod roster;
pub mod session;
mod srv;
mod text;
mod trust;
mod voice;
mod websocket;
mod xep0030;
mod xep0066;
mod xep0077;
mod xep0085;
mod xep0156;
mod xep0184;
mod xep0203;
mod xep0223;
mod xep0280;
mod xep0297;
mod xep0308;
mod xep0313;
mod xep0333;
mod xep0334;
mod xep0359;
mod xep0363;
mod xep0424;
mod xep0428;
mod xep0441;
mod xep0444;
mod xep0446;
mod xep0447;
mod xep0461;
mod xep0490;

pub use address::{AddressError, ServerAddress};
#[cfg(target_os = "android")]
pub use connect::tls_config;
pub use error::{ConnectError, Gone, IqError, StanzaFault, TlsFault};
pub use heard::Heard;
pub use inbound::{
    Archived, ChatState, Inbound, IncomingMessage, Marker, MarkerKind, MessageKind, PresenceIn,
    PresenceKind, RosterItem, SharedFile, Show, StanzaId, Subscription, VoiceNote, inbound,
};
pub use jid::{BareJid, FullJid, Jid};
pub use login::{Login, Password, Software};
pub use outbound::{Outbound, PresenceOut, outbound};
pub use session::{Patience, SendKey, Session, SessionEvent, Transport};
pub use xep0077::{RegisterError, register};
pub use xep0313::{ArchivePage, ArchiveQuery};
pub use xep0363::{UploadError, UploadService, UploadSlot};
pub use xep0444::Reactions;
pub use xep0461::Reply;
pub use xep0490::Displayed;
pub use xmpp_parsers::stanza::Stanza;
