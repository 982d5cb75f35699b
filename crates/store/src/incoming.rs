//! Messages from the wire: one message, one row, however often and from wherever
//! it comes.
//!
//! The same message may come live, as a carbon and out of the archive, in any
//! order, and our own come back as echoes. It is found again, in this order:
//!
//! 1. by the id our own archive gave it (XEP-0359);
//! 2. by the id its sender gave it, in the same chat from the same author. An
//!    origin id is taken at its word. A bare `id` attribute counts only with the
//!    same content: old clients count 1, 2, 3 and start over;
//! 3. where the sender gave none, by content within 60 s, and only between
//!    different [`Source`]s: two live messages "ok" are two messages.

use api::{MessageId, Millis};

use crate::{StoreError, WriteTx};

/// A message as it came in, checked for who may say so by the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The other side's bare address; its chat is made where needed.
    pub chat: String,
    /// The bare address of who said it.
    pub author: String,
    /// Whether that is us, on whichever device.
    pub own: bool,
    /// When it was said.
    pub at: Millis,
    /// The `id` attribute.
    pub stanza_id: Option<String>,
    /// The id chosen by the sender's client (XEP-0359).
    pub origin_id: Option<String>,
    /// The id given by our own archive (XEP-0359, XEP-0313).
    pub server_id: Option<String>,
    /// What it says.
    pub content: IncomingContent,
    /// The sender asks for a receipt (XEP-0184).
    pub wants_receipt: bool,
    /// The sender wants to know when it was displayed (XEP-0333).
    pub markable: bool,
    /// How it came.
    pub source: Source,
    /// Where a receipt goes: the sender's full address.
    pub reply_address: String,
}

/// What an incoming message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IncomingContent {
    /// Words.
    Text {
        /// Plain text.
        body: String,
    },
    /// A voice message.
    Voice {
        /// Where the audio is.
        url: String,
        /// Length, where the sender said.
        duration_ms: Option<u32>,
        /// Loudness over time, 0 to 255; kept up to 100 values.
        peaks: Vec<u8>,
        /// File name, for showing.
        name: String,
        /// Bytes, as announced.
        size: Option<u64>,
        /// Media type, as announced.
        media_type: String,
        /// Of the file's content.
        sha256: Option<[u8; 32]>,
    },
    /// Any other file.
    File {
        /// Where it is.
        url: String,
        /// File name, for showing.
        name: String,
        /// Media type, as announced.
        media_type: String,
        /// Bytes, as announced.
        size: Option<u64>,
        /// Of the file's content.
        sha256: Option<[u8; 32]>,
    },
}

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// To this client.
    Live,
    /// A copy of what another device of ours sent or received (XEP-0280).
    Carbon,
    /// Out of our archive (XEP-0313).
    Archive,
}

/// Where an incoming message ended up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// Its row.
    pub id: MessageId,
    /// Whether it was not known before.
    pub new: bool,
}
#[allow(unused_variables)]
impl WriteTx<'_> {
    /// Takes a message in, finding it again where it is known.
    ///
    /// Something new from the other side counts as unread, unless it is archived
    /// and older than what was read; something new of our own (so written on
    /// another device) means that we have read everything before it. A known own
    /// message is with the server now: it is `Sent` at least and leaves the outbox.
    /// A receipt is due the first time a message comes live and wants one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn merge(&mut self, incoming: &Incoming) -> Result<Merged, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
