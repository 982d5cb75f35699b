//! A conversation as the list shows it.

use serde::{Deserialize, Serialize};

use crate::{Kind, MessageId, MessageState, Millis};

/// The local number of a chat. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChatId(pub i64);

/// One row of the chat list, whole: the list needs no second question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatRow {
    /// Local number.
    pub id: ChatId,
    /// The other side's address.
    pub address: String,
    /// What to call it: the name in the roster, else the part before the `@`.
    pub title: String,
    /// The newest message, where there is one.
    pub last: Option<LastMessage>,
    /// Messages from the other side that were not read on any of our devices.
    pub unread: u32,
    /// Position in the list: newest first, by time then id.
    pub sort_at: Millis,
    /// Text typed and not sent.
    pub draft: String,
    /// Recordings that were neither sent nor discarded, oldest first.
    pub voice_drafts: Vec<VoiceDraft>,
    /// The other side asked to see when we are online, and waits for an answer.
    pub asks_presence: bool,
}

/// The newest message of a chat, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// Which message it is.
    pub id: MessageId,
    /// What it is.
    pub kind: Kind,
    /// The first 200 characters of a text, or the name of a file. Empty for voice.
    pub preview: String,
    /// Length of a voice message in milliseconds.
    pub duration_ms: Option<u32>,
    /// When it was said.
    pub at: Millis,
    /// Whether it is ours.
    pub own: bool,
    /// How far it got.
    pub state: MessageState,
    /// Its author took it back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retracted: bool,
    /// A voice message from the other side that was not listened to yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unheard: bool,
}

/// A place in the chat list; the next page starts after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatCursor {
    /// [`ChatRow::sort_at`] of the last row shown.
    pub sort_at: Millis,
    /// Its id.
    pub id: ChatId,
}

/// A page of the chat list, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatPage {
    /// The rows.
    pub chats: Vec<ChatRow>,
    /// Whether older chats exist.
    pub more: bool,
}

/// A recording on disk that is not a message yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceDraft {
    /// Names the recording; also its file name without the extension.
    pub id: String,
    /// Length in milliseconds; 0 while it is being recorded.
    pub duration_ms: u32,
    /// Loudness over time, 0 to 255, at most 100 values.
    pub peaks: Vec<u8>,
    /// Whether the microphone is still feeding it.
    pub recording: bool,
}
