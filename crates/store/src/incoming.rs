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

use api::{ChatId, Media, MessageCursor, MessageId, MessageState, Millis};
use rusqlite::{OptionalExtension, params};

use crate::known::Known;
use crate::message::{self, NewMedia, NewMessage};
use crate::{IncomingReply, StoreError, WriteTx, outbox};

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
    /// What it answers.
    pub reply: Option<IncomingReply>,
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
        /// Width and height of a picture in pixels, as announced; kept where neither is 0.
        dimensions: Option<(u32, u32)>,
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

/// The bit beside those in `sources` that says that a receipt was given.
const RECEIPT: i64 = 8;

/// [`RECEIPT`] where one is due. A carbon's is given by the device that got the message.
fn receipt_bit(incoming: &Incoming) -> i64 {
    match incoming.wants_receipt && !incoming.own && incoming.source != Source::Carbon {
        true => RECEIPT,
        false => 0,
    }
}

/// Where an incoming message ended up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// Its row.
    pub id: MessageId,
    /// Whether it was not known before.
    pub new: bool,
}

impl Source {
    /// Its bit in the `sources` of a message.
    pub(crate) fn bit(self) -> i64 {
        match self {
            Self::Live => 1,
            Self::Carbon => 2,
            Self::Archive => 4,
        }
    }
}

impl IncomingContent {
    /// What tells it from another: the body of a text, the URL of a file.
    pub(crate) fn identity(&self) -> (&str, &str) {
        match self {
            Self::Text { body } => (body, ""),
            Self::Voice { url, .. } | Self::File { url, .. } => ("", url),
        }
    }
}

impl WriteTx<'_> {
    /// Takes a message in, finding it again where it is known.
    ///
    /// Something new from the other side counts as unread, unless it is archived
    /// and older than what was read; something new of our own (so written on
    /// another device) means that we have read everything before it. A known own
    /// message is with the server now: it is `Sent` at least and leaves the outbox.
    /// A receipt is due once, when a message that wants one comes live or, as one that
    /// was missed, out of the archive; which of those were missed the caller knows.
    ///
    /// # Errors
    /// Those of the database.
    pub fn merge(&mut self, incoming: &Incoming) -> Result<Merged, StoreError> {
        let chat = self.ensure_chat(&incoming.chat)?;
        if let Some(known) = self.find(chat, incoming)? {
            self.merge_known(chat, &known, incoming)?;
            return Ok(Merged {
                id: known.id,
                new: false,
            });
        }
        let id = self.merge_new(chat, incoming)?;
        Ok(Merged { id, new: true })
    }

    fn merge_known(
        &mut self,
        chat: ChatId,
        known: &Known,
        incoming: &Incoming,
    ) -> Result<(), StoreError> {
        let origin = incoming.origin_id.as_deref().unwrap_or_default();
        let stanza = incoming.stanza_id.as_deref().unwrap_or_default();
        let server = incoming.server_id.as_deref().unwrap_or_default();
        let new_origin = first(&known.origin_id, origin);
        let new_stanza = match first(&known.stanza_id, stanza) {
            id if id == new_origin => "",
            id => id,
        };
        let owes = incoming.source == Source::Live && known.sources & RECEIPT == 0;
        let bit = incoming.source.bit() | if owes { receipt_bit(incoming) } else { 0 };
        self.connection()
            .prepare_cached(
                "UPDATE message SET sources = ?2, markable = ?3, origin_id = ?4, stanza_id = ?5,
                    server_id = ?6
                 WHERE id = ?1 AND (sources, markable, origin_id, stanza_id, server_id)
                    <> (?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                known.id.0,
                known.sources | bit,
                known.markable || (incoming.markable && !incoming.own),
                new_origin,
                new_stanza,
                first(&known.server_id, server),
            ])?;
        // An echo of a bounced try comes under its old id and says nothing of this one.
        let of_this_try =
            known.origin_id.is_empty() || [origin, stanza].contains(&known.origin_id.as_str());
        if incoming.own && of_this_try {
            self.arrived(known)?;
        }
        // It may have got an id now that something waits for.
        if (new_origin, new_stanza) != (known.origin_id.as_str(), known.stanza_id.as_str()) {
            self.take_follow_ups(known.id, incoming)?;
        }
        if owes {
            self.owe_receipt(chat, incoming)?;
        }
        self.take_displayed(&incoming.chat, server)?;
        self.take_heard(&incoming.chat, server)
    }

    /// Our message came back to us, so the server has it.
    pub(crate) fn arrived(&mut self, known: &Known) -> Result<(), StoreError> {
        let queued = outbox::forget_message(self.connection(), known.id)?;
        let arrived = match known.state {
            MessageState::Pending => true,
            // Without a row in the outbox it had arrived before, and bounced.
            MessageState::Failed => queued,
            _ => false,
        };
        if arrived {
            self.set_state(known.id, MessageState::Sent, None)?;
        }
        Ok(())
    }

    fn merge_new(&mut self, chat: ChatId, incoming: &Incoming) -> Result<MessageId, StoreError> {
        let own = incoming.own;
        let origin = incoming.origin_id.as_deref().unwrap_or_default();
        let stanza = incoming.stanza_id.as_deref().unwrap_or_default();
        let (body, url) = incoming.content.identity();
        let kind = match &incoming.content {
            IncomingContent::Text { .. } => message::TEXT,
            IncomingContent::Voice { .. } => message::VOICE,
            IncomingContent::File { .. } => message::FILE,
        };
        let unread =
            !own && (incoming.source != Source::Archive || incoming.at >= self.read_until(chat)?);
        let id = self.insert_message(&NewMessage {
            chat,
            author: &incoming.author,
            own,
            at: incoming.at,
            kind,
            state: match own {
                true => MessageState::Sent,
                false => MessageState::Received,
            },
            unread,
            markable: incoming.markable && !own,
            sources: incoming.source.bit() | receipt_bit(incoming),
            origin_id: origin,
            stanza_id: if stanza == origin { "" } else { stanza },
            server_id: incoming.server_id.as_deref().unwrap_or_default(),
            body,
        })?;
        match &incoming.content {
            IncomingContent::Text { .. } => {}
            IncomingContent::Voice {
                duration_ms,
                peaks,
                name,
                size,
                media_type,
                sha256,
                ..
            } => self.insert_media(&NewMedia {
                message: id,
                state: Media::Remote,
                voice: true,
                file: "",
                url,
                name,
                media_type,
                size: *size,
                sha256: sha256.as_ref(),
                duration_ms: duration_ms.unwrap_or_default(),
                peaks,
                dimensions: None,
            })?,
            IncomingContent::File {
                name,
                media_type,
                size,
                sha256,
                dimensions,
                ..
            } => self.insert_media(&NewMedia {
                message: id,
                state: Media::Remote,
                voice: false,
                file: "",
                url,
                name,
                media_type,
                size: *size,
                sha256: sha256.as_ref(),
                duration_ms: 0,
                peaks: &[],
                dimensions: *dimensions,
            })?,
        }
        self.insert_reply(chat, id, incoming)?;
        self.take_follow_ups(id, incoming)?;
        let here = MessageCursor {
            at: incoming.at,
            id,
        };
        if own {
            self.read_up_to(chat, here, false)?;
        }
        let mut is_marked = false;
        if incoming.source == Source::Archive {
            if own {
                self.confirm_if_older(incoming, id)?;
            }
            is_marked = self.take_early_marks(incoming, here)?;
        }
        let server = incoming.server_id.as_deref().unwrap_or_default();
        self.take_displayed(&incoming.chat, server)?;
        self.take_heard(&incoming.chat, server)?;
        // Where another device marked it, that one has answered.
        if !is_marked {
            self.owe_receipt(chat, incoming)?;
        }
        Ok(id)
    }

    fn owe_receipt(&mut self, chat: ChatId, incoming: &Incoming) -> Result<(), StoreError> {
        let id = incoming
            .stanza_id
            .as_deref()
            .or(incoming.origin_id.as_deref());
        match id {
            Some(id) if receipt_bit(incoming) != 0 => outbox::insert_note(
                self.connection(),
                chat,
                outbox::RECEIPT,
                &incoming.reply_address,
                id,
            ),
            _ => Ok(()),
        }
    }

    /// The time up to which we are known to have read.
    pub(crate) fn read_until(&self, chat: ChatId) -> Result<Millis, StoreError> {
        Ok(self
            .connection()
            .prepare_cached("SELECT read_at FROM chat WHERE id = ?1")?
            .query_row([chat.0], |row| row.get(0))
            .optional()?
            .unwrap_or_default())
    }
}

/// The first that is not empty.
fn first<'a>(known: &'a str, new: &'a str) -> &'a str {
    if known.is_empty() { new } else { known }
}
