//! A message as the timeline shows it.

use serde::{Deserialize, Serialize};

use crate::{ChatId, FaultKind, Millis};

/// The local number of a message, from pending to read and beyond. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub i64);

/// One message, whole.
///
/// `Eq` (not only `PartialEq`) lets `Rc<MessageRow>` compare by pointer first,
/// which makes an unchanged row free to render.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    /// Local number.
    pub id: MessageId,
    /// The chat it belongs to.
    pub chat: ChatId,
    /// The address of who said it.
    pub author: String,
    /// Whether that is us, on whichever device.
    pub own: bool,
    /// When it was said; the timeline is ordered by this, then by id.
    pub at: Millis,
    /// What was said.
    pub content: Content,
    /// How far it got.
    pub state: MessageState,
    /// Why it went no further, where the state is [`MessageState::Failed`].
    pub fault: Option<FaultKind>,
    /// When its author last changed its words (XEP-0308); they are the first ones where this is `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Millis>,
    /// Its author took it back (XEP-0424): it is an empty text, and nothing of what it said is here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retracted: bool,
    /// What it answers (XEP-0461).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyRef>,
    /// What people feel about it (XEP-0444), each emoji once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

/// A message that another one answers, as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyRef {
    /// The message, where it is here. Always of the same chat.
    pub id: Option<MessageId>,
    /// The address of who said it; where it is not here, as the answer claims, and empty where it does not.
    pub author: String,
    /// What it is.
    pub kind: Kind,
    /// The first 200 characters of a text, or the name of a file. Empty for voice. Where the message is not here, what
    /// the answer quotes of it.
    pub snippet: String,
    /// Its author took it back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retracted: bool,
}

/// An emoji that people gave to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// How many gave it.
    pub count: u32,
    /// Whether we did.
    pub mine: bool,
}

impl MessageRow {
    /// Its place in the timeline.
    #[must_use]
    pub fn cursor(&self) -> MessageCursor {
        MessageCursor {
            at: self.at,
            id: self.id,
        }
    }
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Words.
    Text {
        /// Plain text, never markup.
        body: String,
    },
    /// A voice message.
    Voice {
        /// Length in milliseconds, as the sender said or as measured.
        duration_ms: u32,
        /// Loudness over time, 0 to 255, at most 100 values; empty until known.
        peaks: Vec<u8>,
        /// Where the audio is.
        media: Media,
        /// Whether it was listened to: by us where it came from the other side.
        heard: bool,
        /// Where it was left, in milliseconds; 0: at its beginning.
        #[serde(default)]
        place_ms: u32,
    },
    /// Any other file. An image is a file whose media type says so.
    File {
        /// Name for people; never a path.
        name: String,
        /// Media type as announced, lower case.
        media_type: String,
        /// Size in bytes, as announced; as measured where it is here.
        size: Option<u64>,
        /// Width and height of a picture in pixels, as announced: what it will need on screen. Neither is 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dimensions: Option<(u32, u32)>,
        /// Where it is.
        media: Media,
    },
}

impl Content {
    /// Which of the four kinds of message it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Text { .. } => Kind::Text,
            Self::Voice { .. } => Kind::Voice,
            Self::File { media_type, .. } if media_type.starts_with("image/") => Kind::Image,
            Self::File { .. } => Kind::File,
        }
    }
}

/// The kind of a message, as icons and `data-kind` show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Words.
    Text,
    /// Voice.
    Voice,
    /// A picture.
    Image,
    /// Any other file.
    File,
}

impl Kind {
    /// The value of `data-kind`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Voice => "voice",
            Self::Image => "image",
            Self::File => "file",
        }
    }
}

/// Where a message's file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// On this machine.
    Here,
    /// On a server; it comes by itself or when asked for.
    Remote,
    /// On its way.
    Fetching,
    /// It could not be had; asking again is possible.
    Failed,
}

/// How far a message got. Ordered: a message never goes back, except that
/// `Failed` returns to `Pending` by "try again".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Ours, stored, not yet with the server.
    Pending,
    /// Ours, given up until the user says otherwise.
    Failed,
    /// Ours, and the server has it (XEP-0198).
    Sent,
    /// Ours, and a device of theirs has it (XEP-0184).
    Delivered,
    /// Ours, and it was displayed (XEP-0333).
    Read,
    /// Ours, voice, and it was listened to (`urn:millet:voice:0`).
    Heard,
    /// Theirs.
    Received,
}

impl MessageState {
    /// The value of `data-state`, and the name in Fluent keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Heard => "heard",
            Self::Received => "received",
        }
    }
}

/// A place in a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageCursor {
    /// [`MessageRow::at`].
    pub at: Millis,
    /// Its id.
    pub id: MessageId,
}

/// Which part of a timeline to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum WindowAnchor {
    /// The newest 60.
    Latest,
    /// 30 on each side of the first unread message; the newest 60 where all is read.
    Unread,
    /// 30 on each side of where the reader left the chat ([`crate::KeepSpot`]); as [`WindowAnchor::Unread`] where something
    /// is unread, and where they left it at its newest message.
    Left,
    /// 30 on each side of a message, which is included.
    Around {
        /// The message.
        id: MessageId,
    },
    /// 30 on each side of the first message at a time or after it, which is included; the newest 60 where there is
    /// none.
    At {
        /// The time; `time` on the wire, where `at` names the variant.
        #[serde(rename = "time")]
        at: Millis,
    },
    /// 60 older than this place.
    Before {
        /// The oldest row held.
        cursor: MessageCursor,
    },
    /// 60 newer than this place.
    After {
        /// The newest row held.
        cursor: MessageCursor,
    },
}

/// A stretch of a timeline, oldest first, without holes in between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The chat.
    pub chat: ChatId,
    /// The rows, oldest first.
    pub rows: Vec<MessageRow>,
    /// Whether older ones exist.
    pub has_older: bool,
    /// Whether newer ones exist.
    pub has_newer: bool,
    /// The oldest message from the other side that was not read.
    pub first_unread: Option<MessageId>,
    /// Where messages of the account are still missing, oldest first: those that lie within this stretch or at its borders.
    /// Two stretches that follow each other both name the one between them, as the same value if nothing came in between
    /// their reads; [`Gap`] says how to take the two for one.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// Whether the archive may hold older messages of this chat than any that is here; [`crate::FetchOlder`] asks.
    #[serde(default)]
    pub older_missing: bool,
    /// Where the reader left the chat, if this is the stretch around that ([`WindowAnchor::Left`]).
    #[serde(default)]
    pub left: Option<Spot>,
}

/// Where a reader is in a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The first message on screen.
    pub id: MessageId,
    /// How far its top is below that of the timeline, in CSS pixels; negative where it begins above.
    pub offset: i32,
}

/// A hole in what is here of the server's archive. Messages that came live may lie in it.
///
/// It belongs to the account, so every chat whose stretch it crosses names it. In a chat, `after` tells it from others: the
/// hole is filled from its newer end, so `before` moves towards `after`, which stays until the hole is closed. Of two with
/// one `after` keep that of the later read. Its row stands behind the last message at or before `after`; two holes that
/// begin in one millisecond are one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gap {
    /// Everything up to here is held.
    pub after: Millis,
    /// Everything from here on is held.
    pub before: Millis,
}
