//! The JSON of an exported folder, as `docs/export.md` describes it: written by the export, read by the import.
//!
//! Shapes of their own and not those of `api`: a folder is read by other programs and by later versions, the protocol of
//! the window changes with every release. What is not known is passed over when read.

use std::collections::BTreeMap;

use api::{FaultKind, Media, MessageCursor, MessageId, MessageState, Millis};
use serde::{Deserialize, Serialize};
use store::{Came, ExportChat, Record, RecordContent, RecordMedia};

use super::names::{self, Date};
use super::said::SaidLine;

/// The version of the format. A reader refuses a greater one.
pub(crate) const VERSION: u32 = 1;

/// `account.json`: what tells the folder from any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountFile {
    /// [`FORMAT`].
    pub(crate) format: String,
    pub(crate) version: u32,
    pub(crate) address: String,
    /// Milliseconds since 1970; none while the first export is under way.
    pub(crate) exported_at: Option<Millis>,
    /// Whose exports write it: the name of one history on one machine. What another one wrote is taken in first.
    #[serde(default)]
    pub(crate) written_by: String,
}

pub(crate) const FORMAT: &str = "millet history";

/// `chats.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ChatsFile {
    pub(crate) chats: Vec<ChatLine>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ChatLine {
    pub(crate) address: String,
    #[serde(default)]
    pub(crate) title: String,
    /// Within `chats/`; a function of the address.
    #[serde(default)]
    pub(crate) folder: String,
    #[serde(default)]
    pub(crate) messages: u64,
    #[serde(default)]
    pub(crate) unread: u32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) draft: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) raised_at: Millis,
    /// Recordings that were not sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) voice_drafts: Vec<DraftLine>,
    /// Everything up to this message was read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) read_at: Millis,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) read_id: i64,
}

/// A recording that was not sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DraftLine {
    pub(crate) id: String,
    pub(crate) at: Millis,
    /// Within the folder of the chat.
    pub(crate) file: String,
    pub(crate) sha256: String,
    #[serde(default)]
    pub(crate) size: u64,
    #[serde(default)]
    pub(crate) duration_ms: u32,
    #[serde(default)]
    pub(crate) peaks: Vec<u8>,
}

impl ChatLine {
    pub(crate) fn new(chat: &ExportChat, messages: u64, voice_drafts: Vec<DraftLine>) -> Self {
        Self {
            address: chat.address.clone(),
            title: chat.title.clone(),
            folder: names::chat_folder(&chat.address),
            messages,
            unread: chat.unread,
            draft: chat.draft.clone(),
            voice_drafts,
            raised_at: chat.raised_at,
            read_at: chat.read.at,
            read_id: chat.read.id.0,
        }
    }

    pub(crate) fn read(&self) -> MessageCursor {
        MessageCursor {
            at: self.read_at,
            id: MessageId(self.read_id),
        }
    }
}

/// `state.json`: what the next export goes on from. No part of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StateFile {
    pub(crate) name: String,
    pub(crate) turn: i64,
    /// By folder; a chat that is not here is written whole.
    pub(crate) chats: BTreeMap<String, ChatState>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChatState {
    /// Of `messages.jsonl`.
    pub(crate) bytes: u64,
    /// Lines that stand for an earlier one, or at the wrong place.
    pub(crate) loose: u64,
    /// The newest message.
    pub(crate) at: Millis,
    pub(crate) id: i64,
    /// As the pages call the chat.
    pub(crate) title: String,
    /// Messages by month, counted from the year 0.
    pub(crate) months: BTreeMap<i64, u64>,
}

impl ChatState {
    pub(crate) fn messages(&self) -> u64 {
        self.months.values().sum()
    }
}

/// What every line has: enough to see which lines count.
#[derive(Debug, Deserialize)]
pub(crate) struct Head {
    pub(crate) id: i64,
    #[serde(default)]
    pub(crate) at: Millis,
    /// The message was taken away.
    #[serde(default)]
    pub(crate) gone: bool,
}

/// A line of `messages.jsonl`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MessageLine {
    id: i64,
    at: Millis,
    /// `at` for people; not read.
    #[serde(default)]
    time: String,
    author: String,
    own: bool,
    kind: LineKind,
    state: MessageState,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    fault: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault_limit: Option<u64>,
    #[serde(default, skip_serializing_if = "is_false")]
    unread: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    markable: bool,
    #[serde(default)]
    came: Vec<Way>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    origin_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    stanza_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    server_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media: Option<MediaLine>,
    #[serde(flatten)]
    said: SaidLine,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LineKind {
    Text,
    Voice,
    File,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    Live,
    Carbon,
    Archive,
    Receipt,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Serialize, Deserialize)]
struct MediaLine {
    /// `here`, `remote` or `failed`.
    state: Media,
    /// Within the folder of the chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    media_type: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    url: String,
    #[serde(default, skip_serializing_if = "is_zero_u32")]
    duration_ms: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    peaks: Vec<u8>,
    #[serde(default, skip_serializing_if = "is_false")]
    heard: bool,
}

/// A message that was exported, and its file within the folder of its chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exported {
    /// Its own number is that of the store it came from; `file` of its media is empty.
    pub(crate) record: Record,
    pub(crate) file: Option<String>,
}

/// The file of a message as it lies in the exported folder.
pub(crate) struct MediaHere {
    pub(crate) file: String,
    pub(crate) size: u64,
    pub(crate) sha256: [u8; 32],
}

/// A line for a message, with the line feed.
pub(crate) fn message(record: &Record, here: Option<&MediaHere>) -> serde_json::Result<Vec<u8>> {
    let (kind, body) = match &record.content {
        RecordContent::Text { body } => (LineKind::Text, Some(body.clone())),
        RecordContent::Voice(_) => (LineKind::Voice, None),
        RecordContent::File(_) => (LineKind::File, None),
    };
    let (fault, fault_limit) = match &record.fault {
        None => ("", None),
        Some(FaultKind::TooLarge { max }) => ("too_large", Some(*max)),
        Some(fault) => (fault.name(), None),
    };
    let ways = [
        (record.came.live, Way::Live),
        (record.came.carbon, Way::Carbon),
        (record.came.archive, Way::Archive),
        (record.came.receipt, Way::Receipt),
    ];
    let line = MessageLine {
        id: record.id.0,
        at: record.at,
        time: Date::of(record.at).timestamp(),
        author: record.author.clone(),
        own: record.own,
        kind,
        state: record.state,
        fault: fault.to_owned(),
        fault_limit,
        unread: record.unread,
        markable: record.markable,
        came: ways
            .into_iter()
            .filter_map(|(is, way)| is.then_some(way))
            .collect(),
        origin_id: record.origin_id.clone(),
        stanza_id: record.stanza_id.clone(),
        server_id: record.server_id.clone(),
        body,
        media: record.media().map(|media| MediaLine::new(media, here)),
        said: SaidLine::new(record),
    };
    ended(serde_json::to_vec(&line)?)
}

/// A line that says that a message was taken away.
pub(crate) fn gone(id: MessageId) -> serde_json::Result<Vec<u8>> {
    ended(serde_json::to_vec(
        &serde_json::json!({"id": id.0, "gone": true}),
    )?)
}

fn ended(mut line: Vec<u8>) -> serde_json::Result<Vec<u8>> {
    line.push(b'\n');
    Ok(line)
}

impl MediaLine {
    fn new(media: &RecordMedia, here: Option<&MediaHere>) -> Self {
        let state = match (here, media.state) {
            (Some(_), _) => Media::Here,
            (None, Media::Failed) => Media::Failed,
            (None, _) if media.url.is_empty() => Media::Failed,
            (None, _) => Media::Remote,
        };
        Self {
            state,
            file: here.map(|here| here.file.clone()),
            sha256: here
                .map(|here| here.sha256)
                .or(media.sha256)
                .map(|hash| names::hex(&hash)),
            size: here.map(|here| here.size).or(media.size),
            media_type: media.media_type.clone(),
            name: media.name.clone(),
            url: media.url.clone(),
            duration_ms: media.duration_ms,
            peaks: media.peaks.clone(),
            heard: media.heard,
        }
    }

    fn into_record(self) -> (RecordMedia, Option<String>) {
        let media = RecordMedia {
            state: self.state,
            file: String::new(),
            url: self.url,
            name: self.name,
            media_type: self.media_type,
            size: self.size,
            sha256: self.sha256.as_deref().and_then(hash),
            duration_ms: self.duration_ms,
            peaks: self.peaks,
            heard: self.heard,
        };
        (media, self.file)
    }
}

impl MessageLine {
    /// `None`: it contradicts itself.
    pub(crate) fn into_exported(self) -> Option<Exported> {
        let of_theirs = self.state == MessageState::Received;
        if self.own == of_theirs {
            return None;
        }
        let (content, file) = match (self.kind, self.body, self.media) {
            (LineKind::Text, Some(body), None) => (RecordContent::Text { body }, None),
            (LineKind::Voice, None, Some(media)) => {
                let (media, file) = media.into_record();
                (RecordContent::Voice(media), file)
            }
            (LineKind::File, None, Some(media)) => {
                let (media, file) = media.into_record();
                (RecordContent::File(media), file)
            }
            _ => return None,
        };
        let has = |way| self.came.contains(&way);
        let mut record = Record {
            id: MessageId(self.id),
            came: Came {
                live: has(Way::Live),
                carbon: has(Way::Carbon),
                archive: has(Way::Archive),
                receipt: has(Way::Receipt),
            },
            author: self.author,
            own: self.own,
            at: self.at,
            state: self.state,
            fault: fault(&self.fault, self.fault_limit),
            unread: self.unread,
            markable: self.markable,
            origin_id: self.origin_id,
            stanza_id: self.stanza_id,
            server_id: self.server_id,
            content,
            first: None,
            retracted: false,
            reply: None,
            follow_ups: Vec::new(),
        };
        self.said.tell(&mut record);
        Some(Exported { record, file })
    }
}

/// A kind of failure by its name. One that a later version knows is a `Bug` here.
fn fault(name: &str, limit: Option<u64>) -> Option<FaultKind> {
    if name.is_empty() {
        return None;
    }
    let json = serde_json::json!({"fault": name, "max": limit.unwrap_or_default()});
    Some(serde_json::from_value(json).unwrap_or(FaultKind::Bug))
}

pub(crate) fn hash(hex: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (n, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some(hash)
}

pub(super) fn is_false(value: &bool) -> bool {
    !value
}

pub(super) fn is_zero(value: &i64) -> bool {
    *value == 0
}

fn is_zero_u32(value: &u32) -> bool {
    *value == 0
}
