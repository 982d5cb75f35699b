//! What the search and the calendar show.

use serde::{Deserialize, Serialize};

use crate::{ChatId, Kind, MessageId, Millis};

/// Where a page of hits ended. Means something only to the store that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SearchCursor(pub i64);

/// Hits, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchPage {
    /// At most 50. There may be fewer although there are more to come: then `next` is there.
    pub hits: Vec<SearchHit>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<SearchCursor>,
    /// The index is being made and may not hold everything yet.
    pub indexing: bool,
    /// A newer search took the place of this one, which found nothing for that reason only.
    pub stale: bool,
}

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchHit {
    /// Its chat.
    pub chat: ChatId,
    /// The chat's title.
    pub chat_title: String,
    /// Which message.
    pub message: MessageId,
    /// When it was said.
    pub at: Millis,
    /// Whether that was us.
    pub own: bool,
    /// The address of who said it.
    pub author: String,
    /// What it is.
    pub kind: Kind,
    /// The part of its text, or of its file's name, that was found, with `…` where it was cut. Empty for voice.
    pub snippet: String,
    /// What was searched for, as byte ranges of `snippet` on character boundaries: in order, not overlapping.
    pub marks: Vec<(u32, u32)>,
    /// Length of a voice message in milliseconds; 0 for others.
    pub duration_ms: u32,
}

/// How a search may go on at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// Takes the place of the word at the cursor.
    pub insert: String,
    /// What a list shows for it: an operator, or a person's name.
    pub label: String,
}

/// A day on which something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Its first millisecond.
    pub start: Millis,
    /// How many messages it has in the chat.
    pub count: u32,
}
