//! A message with everything that is kept of it: what an export writes and an import reads.
//!
//! [`api::MessageRow`] is what a window shows; a record also holds the ids by which the
//! message is found again. There is one shape for both directions, so that what one side
//! forgets the other cannot invent.

use api::{FaultKind, Media, MessageId, MessageState, Millis};
use rusqlite::{Connection, Row};

use crate::{FollowUpContent, IncomingReply, StoreError, follow_up, message};

/// What a record is read from. Ends open for a `WHERE`.
macro_rules! select_record {
    ($tail:literal) => {
        concat!(
            "SELECT m.id, m.chat, m.author, m.own, m.at, m.kind, m.state, m.fault, m.fault_limit,
                    m.unread, m.markable, m.sources, m.origin_id, m.stanza_id, m.server_id, m.body,
                    m.edited_at, m.first_body, m.retracted,
                    EXISTS (SELECT 1 FROM follow_up WHERE message = m.id AND message <> 0) AS followed,
                    r.id AS reply_id, r.author AS reply_author, r.quote AS reply_quote,
                    d.state AS media_state, d.file, d.url, d.name, d.media_type, d.size, d.sha256,
                    d.duration_ms, d.peaks, d.heard
             FROM message AS m LEFT JOIN media AS d ON d.message = m.id
             LEFT JOIN reply AS r ON r.message = m.id ",
            $tail
        )
    };
}
pub(crate) use select_record;

/// A message, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number in the store it was read from.
    pub id: MessageId,
    /// The bare address of who said it.
    pub author: String,
    /// Whether that is us, on whichever device.
    pub own: bool,
    /// When it was said.
    pub at: Millis,
    /// How far it got.
    pub state: MessageState,
    /// Why it failed.
    pub fault: Option<FaultKind>,
    /// Whether it waits to be read.
    pub unread: bool,
    /// Whether the sender wants to know when it was displayed (XEP-0333).
    pub markable: bool,
    /// How it came so far.
    pub came: Came,
    /// The id chosen by the sender's client (XEP-0359); empty: none.
    pub origin_id: String,
    /// The `id` attribute, where it is another; empty: none.
    pub stanza_id: String,
    /// The id given by our own archive (XEP-0359); empty: none.
    pub server_id: String,
    /// What it says now.
    pub content: RecordContent,
    /// What it said first, where that was something else.
    pub first: Option<FirstWords>,
    /// Taken back by its author; it says nothing any more.
    pub retracted: bool,
    /// What it answers.
    pub reply: Option<IncomingReply>,
    /// What was said about it, in the order in which it came.
    pub follow_ups: Vec<RecordFollowUp>,
}

/// The words before a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstWords {
    /// Plain text.
    pub body: String,
    /// When they were corrected last.
    pub edited_at: Millis,
}

/// A correction (XEP-0308), a retraction (XEP-0424) or a set of reactions (XEP-0444).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFollowUp {
    /// The bare address of who said it.
    pub author: String,
    /// Whether that is us.
    pub own: bool,
    /// The id by which it names the message.
    pub target: String,
    /// Its own id; where it has none, a space and its time.
    pub name: String,
    /// When it was said.
    pub at: Millis,
    /// Whether the archive told when.
    pub archived: bool,
    /// What it says.
    pub content: FollowUpContent,
}

/// The ways by which a message came, and whether its receipt was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// To this client.
    pub live: bool,
    /// As a copy from another device (XEP-0280).
    pub carbon: bool,
    /// Out of the archive (XEP-0313).
    pub archive: bool,
    /// A receipt was given (XEP-0184), so none is due when it comes again.
    pub receipt: bool,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordContent {
    /// Words.
    Text {
        /// Plain text.
        body: String,
    },
    /// A voice message.
    Voice(RecordMedia),
    /// Any other file.
    File(RecordMedia),
}

/// The file of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMedia {
    /// Where it is.
    pub state: Media,
    /// Its name in [`crate::Store::media_dir`]; empty: not here.
    pub file: String,
    /// Where it came from or went to; empty before the upload.
    pub url: String,
    /// For people, never a path.
    pub name: String,
    /// As announced.
    pub media_type: String,
    /// Bytes.
    pub size: Option<u64>,
    /// Of its content.
    pub sha256: Option<[u8; 32]>,
    /// Length in milliseconds; 0 where unknown.
    pub duration_ms: u32,
    /// Loudness over time, at most 100 values.
    pub peaks: Vec<u8>,
    /// Whether we listened to it.
    pub heard: bool,
}

impl Record {
    /// What it said first, by which copies of it are recognised: the body of a text, the URL of a file.
    pub(crate) fn identity(&self) -> (&str, &str) {
        match (&self.content, &self.first) {
            (RecordContent::Text { .. }, Some(first)) => (&first.body, ""),
            (RecordContent::Text { body }, None) => (body, ""),
            (RecordContent::Voice(media) | RecordContent::File(media), _) => ("", &media.url),
        }
    }

    /// Its file, where it is a message that has one.
    #[must_use]
    pub fn media(&self) -> Option<&RecordMedia> {
        match &self.content {
            RecordContent::Text { .. } => None,
            RecordContent::Voice(media) | RecordContent::File(media) => Some(media),
        }
    }
}

impl Came {
    const LIVE: i64 = 1;
    const CARBON: i64 = 2;
    const ARCHIVE: i64 = 4;
    const RECEIPT: i64 = 8;

    fn from_bits(bits: i64) -> Self {
        Self {
            live: bits & Self::LIVE != 0,
            carbon: bits & Self::CARBON != 0,
            archive: bits & Self::ARCHIVE != 0,
            receipt: bits & Self::RECEIPT != 0,
        }
    }

    /// As it is kept in `sources`.
    pub(crate) fn bits(self) -> i64 {
        [
            (self.live, Self::LIVE),
            (self.carbon, Self::CARBON),
            (self.archive, Self::ARCHIVE),
            (self.receipt, Self::RECEIPT),
        ]
        .into_iter()
        .filter_map(|(is, bit)| is.then_some(bit))
        .sum()
    }
}

/// What was said about a message.
const FOLLOW_UPS: &str = "
    SELECT author, own, kind, target, name, at, archived, body FROM follow_up
    WHERE message = ?1 AND message <> 0 ORDER BY id";

fn follow_ups(connection: &Connection, id: i64) -> Result<Vec<RecordFollowUp>, StoreError> {
    connection
        .prepare_cached(FOLLOW_UPS)?
        .query_and_then([id], follow_up_from_row)?
        .collect()
}

pub(crate) fn follow_up_from_row(row: &Row<'_>) -> Result<RecordFollowUp, StoreError> {
    Ok(RecordFollowUp {
        author: row.get("author")?,
        own: row.get("own")?,
        target: row.get("target")?,
        name: row.get("name")?,
        at: row.get("at")?,
        archived: row.get("archived")?,
        content: follow_up::content_from(row.get("kind")?, row.get("body")?)?,
    })
}

pub(crate) fn from_row(connection: &Connection, row: &Row<'_>) -> Result<Record, StoreError> {
    let id: i64 = row.get("id")?;
    let edited_at: Millis = row.get("edited_at")?;
    let reply = match row.get("reply_id")? {
        Some(id) => Some(IncomingReply {
            id,
            author: Some(row.get("reply_author")?).filter(|author: &String| !author.is_empty()),
            quote: row.get("reply_quote")?,
        }),
        None => None,
    };
    let content = match row.get("kind")? {
        message::TEXT => RecordContent::Text {
            body: row.get("body")?,
        },
        message::VOICE => RecordContent::Voice(media_from_row(row)?),
        message::FILE => RecordContent::File(media_from_row(row)?),
        _ => return Err(StoreError::Unreadable("message kind")),
    };
    Ok(Record {
        id: MessageId(id),
        author: row.get("author")?,
        own: row.get("own")?,
        at: row.get("at")?,
        state: message::state_from(row.get("state")?)?,
        fault: message::fault_from(row.get("fault")?, row.get("fault_limit")?),
        unread: row.get("unread")?,
        markable: row.get("markable")?,
        came: Came::from_bits(row.get("sources")?),
        origin_id: row.get("origin_id")?,
        stanza_id: row.get("stanza_id")?,
        server_id: row.get("server_id")?,
        content,
        first: match edited_at {
            0 => None,
            edited_at => Some(FirstWords {
                body: row.get("first_body")?,
                edited_at,
            }),
        },
        retracted: row.get("retracted")?,
        reply,
        follow_ups: match row.get("followed")? {
            true => follow_ups(connection, id)?,
            false => Vec::new(),
        },
    })
}

fn media_from_row(row: &Row<'_>) -> Result<RecordMedia, StoreError> {
    Ok(RecordMedia {
        state: message::media_from(row.get("media_state")?)?,
        file: row.get("file")?,
        url: row.get("url")?,
        name: row.get("name")?,
        media_type: row.get("media_type")?,
        size: message::size_from(row.get("size")?),
        sha256: message::hash_from(row.get("sha256")?),
        duration_ms: row.get("duration_ms")?,
        peaks: row.get("peaks")?,
        heard: row.get("heard")?,
    })
}
