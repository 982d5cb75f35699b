//! The JSON of what a message answers, and of what was said about it: corrections, retractions, reactions.

use api::Millis;
use serde::{Deserialize, Serialize};
use store::{FirstWords, FollowUpContent, IncomingReply, Record, RecordFollowUp};

use super::line::{is_false, is_zero};

/// Of a line of `messages.jsonl`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct SaidLine {
    /// When the words became what they are; missing: they are the first ones.
    #[serde(default, skip_serializing_if = "is_zero")]
    edited_at: Millis,
    /// The first ones, where they are others now.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    first_body: String,
    /// Taken back by its author.
    #[serde(default, skip_serializing_if = "is_false")]
    retracted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply: Option<ReplyLine>,
    /// In the order in which they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    follow_ups: Vec<FollowUpLine>,
}

/// What a message answers (XEP-0461).
#[derive(Debug, Serialize, Deserialize)]
struct ReplyLine {
    /// Of the answered message, as its sender or the archive names it.
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    quote: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FollowUpLine {
    kind: FollowUpKind,
    at: Millis,
    author: String,
    own: bool,
    /// The id by which it names the message.
    target: String,
    /// Its own; missing: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Whether `at` is the archive's.
    #[serde(default, skip_serializing_if = "is_false")]
    archived: bool,
    /// The new words of a correction.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    body: String,
    /// The set of reactions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    emoji: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FollowUpKind {
    Correction,
    Retraction,
    Reactions,
    #[serde(other)]
    Unknown,
}

/// The store names what has no id by its time, after a space.
fn unnamed(at: Millis) -> String {
    format!(" {at}")
}

impl SaidLine {
    pub(crate) fn new(record: &Record) -> Self {
        let first = record.first.as_ref();
        Self {
            edited_at: first.map_or(0, |first| first.edited_at),
            first_body: first.map_or(String::new(), |first| first.body.clone()),
            retracted: record.retracted,
            reply: record.reply.as_ref().map(|reply| ReplyLine {
                id: reply.id.clone(),
                author: reply.author.clone(),
                quote: reply.quote.clone(),
            }),
            follow_ups: record.follow_ups.iter().map(FollowUpLine::new).collect(),
        }
    }

    /// Adds this to a record. What a later version knows is passed over.
    pub(crate) fn tell(self, record: &mut Record) {
        record.retracted = self.retracted;
        record.first = (self.edited_at != 0 && !self.retracted).then_some(FirstWords {
            body: self.first_body,
            edited_at: self.edited_at,
        });
        record.reply = self.reply.map(|reply| IncomingReply {
            id: reply.id,
            author: reply.author,
            quote: reply.quote,
        });
        record.follow_ups = self
            .follow_ups
            .into_iter()
            .filter_map(FollowUpLine::into_follow_up)
            .collect();
    }
}

impl FollowUpLine {
    pub(crate) fn new(said: &RecordFollowUp) -> Self {
        let (kind, body, emoji) = match &said.content {
            FollowUpContent::Correction { body } => {
                (FollowUpKind::Correction, body.clone(), Vec::new())
            }
            FollowUpContent::Retraction => (FollowUpKind::Retraction, String::new(), Vec::new()),
            FollowUpContent::Reactions { emoji } => {
                (FollowUpKind::Reactions, String::new(), emoji.clone())
            }
        };
        Self {
            kind,
            at: said.at,
            author: said.author.clone(),
            own: said.own,
            target: said.target.clone(),
            id: Some(said.name.clone()).filter(|name| !name.starts_with(' ')),
            archived: said.archived,
            body,
            emoji,
        }
    }

    pub(crate) fn into_follow_up(self) -> Option<RecordFollowUp> {
        let content = match self.kind {
            FollowUpKind::Correction => FollowUpContent::Correction { body: self.body },
            FollowUpKind::Retraction => FollowUpContent::Retraction,
            FollowUpKind::Reactions => FollowUpContent::Reactions { emoji: self.emoji },
            FollowUpKind::Unknown => return None,
        };
        Some(RecordFollowUp {
            name: self.id.unwrap_or_else(|| unnamed(self.at)),
            author: self.author,
            own: self.own,
            target: self.target,
            at: self.at,
            archived: self.archived,
            content,
        })
    }
}
