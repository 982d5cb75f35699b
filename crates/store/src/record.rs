//! A message with everything that is kept of it: what an export writes and an import reads.
//!
//! [`api::MessageRow`] is what a window shows; a record also holds the ids by which the
//! message is found again. There is one shape for both directions, so that what one side
//! forgets the other cannot invent.

use api::{FaultKind, Media, MessageId, MessageState, Millis};
use rusqlite::Row;

use crate::{StoreError, message};

/// What a record is read from. Ends open for a `WHERE`.
macro_rules! select_record {
    ($tail:literal) => {
        concat!(
            "SELECT m.id, m.chat, m.author, m.own, m.at, m.kind, m.state, m.fault, m.fault_limit,
                    m.unread, m.markable, m.sources, m.origin_id, m.stanza_id, m.server_id, m.body,
                    d.state AS media_state, d.file, d.url, d.name, d.media_type, d.size, d.sha256,
                    d.duration_ms, d.peaks, d.heard
             FROM message AS m LEFT JOIN media AS d ON d.message = m.id ",
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
    /// What it says.
    pub content: RecordContent,
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

pub(crate) fn from_row(row: &Row<'_>) -> Result<Record, StoreError> {
    let content = match row.get("kind")? {
        message::TEXT => RecordContent::Text {
            body: row.get("body")?,
        },
        message::VOICE => RecordContent::Voice(media_from_row(row)?),
        message::FILE => RecordContent::File(media_from_row(row)?),
        _ => return Err(StoreError::Unreadable("message kind")),
    };
    Ok(Record {
        id: MessageId(row.get("id")?),
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
