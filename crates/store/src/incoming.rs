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
use rusqlite::{OptionalExtension, Row, params};

use crate::message::{self, NewMedia, NewMessage};
use crate::{StoreError, WriteTx, outbox};

/// How far apart two clocks may stamp the same message without an id.
const CLOCKS: Millis = 60_000;

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

impl Source {
    /// Its bit in the `sources` of a message.
    fn bit(self) -> i64 {
        match self {
            Self::Live => 1,
            Self::Carbon => 2,
            Self::Archive => 4,
        }
    }
}

impl IncomingContent {
    /// What tells it from another: the body of a text, the URL of a file.
    fn identity(&self) -> (&str, &str) {
        match self {
            Self::Text { body } => (body, ""),
            Self::Voice { url, .. } | Self::File { url, .. } => ("", url),
        }
    }
}

/// A message that is here already.
struct Known {
    id: MessageId,
    state: MessageState,
    sources: i64,
    markable: bool,
    origin_id: String,
    stanza_id: String,
    server_id: String,
}

impl Known {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: MessageId(row.get("id")?),
            state: message::state_from(row.get("state")?)?,
            sources: row.get("sources")?,
            markable: row.get("markable")?,
            origin_id: row.get("origin_id")?,
            stanza_id: row.get("stanza_id")?,
            server_id: row.get("server_id")?,
        })
    }
}

macro_rules! select_known {
    ($tail:literal) => {
        concat!(
            "SELECT m.id, m.state, m.sources, m.markable, m.origin_id, m.stanza_id, m.server_id
             FROM message AS m LEFT JOIN media AS d ON d.message = m.id ",
            $tail
        )
    };
}

pub(crate) const BY_SERVER_ID: &str =
    select_known!("WHERE m.server_id = ?1 AND m.server_id <> '' LIMIT 1");

/// What we know as its origin id, under whichever name it comes back. The `+` keeps
/// the planner from walking the chat instead of looking up the id.
pub(crate) const BY_ORIGIN_ID: &str = select_known!(
    "WHERE m.origin_id IN (?1, ?2) AND m.origin_id <> ''
       AND +m.chat = ?3 AND m.own = ?4 AND (m.own = 1 OR m.author = ?5)
     ORDER BY m.id DESC LIMIT 1"
);

/// What we know as an id attribute, coming as an origin id; or coming as an id
/// attribute again, with the same content.
pub(crate) const BY_STANZA_ID: &str = select_known!(
    "WHERE m.stanza_id IN (?1, ?2) AND m.stanza_id <> ''
       AND +m.chat = ?3 AND m.own = ?4 AND (m.own = 1 OR m.author = ?5)
       AND (m.stanza_id = ?1
            OR ((m.origin_id = '' OR ?1 = '') AND m.body = ?6 AND coalesce(d.url, '') = ?7))
     ORDER BY m.id DESC LIMIT 1"
);

pub(crate) const BY_CONTENT: &str = select_known!(
    "WHERE m.chat = ?1 AND m.at BETWEEN ?2 - ?3 AND ?2 + ?3
       AND m.own = ?4 AND (m.own = 1 OR m.author = ?5)
       AND m.body = ?6 AND coalesce(d.url, '') = ?7
       AND m.origin_id = '' AND m.stanza_id = ''
       AND m.sources & ?8 = 0 AND (m.server_id = '' OR ?9 = '')
     ORDER BY abs(m.at - ?2), m.id LIMIT 1"
);

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

    fn find(&self, chat: ChatId, incoming: &Incoming) -> Result<Option<Known>, StoreError> {
        let origin = incoming.origin_id.as_deref().unwrap_or_default();
        let stanza = incoming.stanza_id.as_deref().unwrap_or_default();
        let server = incoming.server_id.as_deref().unwrap_or_default();
        let (body, url) = incoming.content.identity();
        if !server.is_empty()
            && let Some(known) = self.known(BY_SERVER_ID, params![server])?
        {
            return Ok(Some(known));
        }
        if origin.is_empty() && stanza.is_empty() {
            return self.known(
                BY_CONTENT,
                params![
                    chat.0,
                    incoming.at,
                    CLOCKS,
                    incoming.own,
                    incoming.author,
                    body,
                    url,
                    incoming.source.bit(),
                    server,
                ],
            );
        }
        let by_origin = self.known(
            BY_ORIGIN_ID,
            params![origin, stanza, chat.0, incoming.own, incoming.author],
        )?;
        if by_origin.is_some() {
            return Ok(by_origin);
        }
        self.known(
            BY_STANZA_ID,
            params![
                origin,
                stanza,
                chat.0,
                incoming.own,
                incoming.author,
                body,
                url,
            ],
        )
    }

    fn known(&self, sql: &str, params: impl rusqlite::Params) -> Result<Option<Known>, StoreError> {
        self.connection()
            .prepare_cached(sql)?
            .query_and_then(params, Known::from_row)?
            .next()
            .transpose()
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
        let bit = incoming.source.bit();
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
        if known.sources & Source::Live.bit() == 0 {
            self.owe_receipt(chat, incoming)?;
        }
        Ok(())
    }

    /// Our message came back to us, so the server has it.
    fn arrived(&mut self, known: &Known) -> Result<(), StoreError> {
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
        let (kind, words) = match &incoming.content {
            IncomingContent::Text { body } => (message::TEXT, body.as_str()),
            IncomingContent::Voice { .. } => (message::VOICE, ""),
            IncomingContent::File { name, .. } => (message::FILE, name.as_str()),
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
            sources: incoming.source.bit(),
            origin_id: origin,
            stanza_id: if stanza == origin { "" } else { stanza },
            server_id: incoming.server_id.as_deref().unwrap_or_default(),
            body,
            words,
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
            })?,
            IncomingContent::File {
                name,
                media_type,
                size,
                sha256,
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
            })?,
        }
        if own {
            let upto = MessageCursor {
                at: incoming.at,
                id,
            };
            self.read_up_to(chat, upto, false)?;
        }
        self.owe_receipt(chat, incoming)?;
        Ok(id)
    }

    fn owe_receipt(&mut self, chat: ChatId, incoming: &Incoming) -> Result<(), StoreError> {
        let id = incoming
            .stanza_id
            .as_deref()
            .or(incoming.origin_id.as_deref());
        match id {
            Some(id)
                if incoming.wants_receipt && !incoming.own && incoming.source == Source::Live =>
            {
                outbox::insert_note(
                    self.connection(),
                    chat,
                    outbox::RECEIPT,
                    &incoming.reply_address,
                    id,
                )
            }
            _ => Ok(()),
        }
    }

    /// The time up to which we are known to have read.
    fn read_until(&self, chat: ChatId) -> Result<Millis, StoreError> {
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
