//! How much of what was said lies on this machine.

use serde::{Deserialize, Serialize};

use crate::{ChatCursor, ChatId, Gap, Millis};

/// How far the account's history was fetched, and the room it takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryState {
    /// Items of the server's archive that are here. Receipts and the like are items too.
    pub held: u64,
    /// Items the archive has, as far as the server said; about.
    pub total: Option<u64>,
    /// From this time on until now nothing is missing; `None` where nothing was read yet.
    pub back_to: Option<Millis>,
    /// Whether the whole archive is here.
    pub complete: bool,
    /// Where something is missing between what is here, oldest first.
    pub gaps: Vec<Gap>,
    /// How much is to be here.
    pub span: HistorySpan,
    /// Size of the database, in bytes.
    pub db_bytes: u64,
    /// Size of sound, pictures and files, in bytes.
    pub media_bytes: u64,
}

/// Whether the database is sound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthState {
    /// When it was last found sound; `None` where it never was checked.
    pub verified_at: Option<Millis>,
    /// Where it was damaged once: messages that were saved, and the name of the damaged file in the account's folder.
    pub recovered: Option<(u64, String)>,
}

/// How much of a chat is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatHistory {
    /// Which.
    pub chat: ChatId,
    /// The other side's address.
    pub address: String,
    /// As in the chat list.
    pub title: String,
    /// Messages that are here.
    pub messages: u64,
    /// When the oldest of them was said.
    pub oldest: Option<Millis>,
    /// Whether all is here that the server has of this chat.
    pub whole: bool,
    /// From this time on until now nothing is missing; `None` where the archive was never read.
    pub back_to: Option<Millis>,
    /// Where messages of this chat may be missing between those that are here, oldest first.
    pub gaps: Vec<Gap>,
    /// Size of its sound, pictures and files that are here, in bytes.
    pub media_bytes: u64,
}

/// How much of some chats is here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatHistoryPage {
    /// In the order of the chat list.
    pub chats: Vec<ChatHistory>,
    /// Where the next page begins, if there is one.
    pub next: Option<ChatCursor>,
}

/// Files of messages, and what they take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSpace {
    /// How many.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// How much of the server's archive is to be here. What is here already stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistorySpan {
    /// All of it.
    #[default]
    Whole,
    /// The last 365 days.
    Year,
    /// The last 30 days.
    Month,
}

impl HistorySpan {
    /// Every span, in the order of a menu.
    pub const ALL: [Self; 3] = [Self::Whole, Self::Year, Self::Month];

    /// The name on the wire, and in Fluent keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Year => "year",
            Self::Month => "month",
        }
    }

    /// From [`HistorySpan::name`]; anything else is the whole.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let known = Self::ALL.into_iter().find(|span| span.name() == name);
        known.unwrap_or_default()
    }

    /// From when on messages are to be here; `None` for all of them.
    #[must_use]
    pub fn since(self, now: Millis) -> Option<Millis> {
        const DAY: Millis = 86_400_000;
        match self {
            Self::Whole => None,
            Self::Year => Some(now - 365 * DAY),
            Self::Month => Some(now - 30 * DAY),
        }
    }
}
