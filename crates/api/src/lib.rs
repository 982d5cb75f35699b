//! The types that cross between the window and the backend.
//!
//! Owns the whole protocol of the inter-process channel: what can be asked
//! ([`Command`] and its replies), what is told unasked ([`Feed`]), and the rows
//! both sides render and store. `store` returns these structs and `ui` renders
//! them; there is no second set in between.
//!
//! Refuses: behaviour, JIDs as types (an address is a `String` here), XML, SQL,
//! and prose. What a person reads is worded from kinds and numbers by `locale`.
//! Builds for wasm32 with serde alone.

mod account;
mod chat;
mod command;
mod devices;
mod fault;
mod feed;
mod history;
mod listening;
mod message;
mod search;
mod settings;
mod sync;

pub use account::{Account, Connection, Presence};
pub use chat::{ChatCursor, ChatId, ChatPage, ChatRow, LastMessage, VoiceDraft};
pub use command::*;
pub use devices::{ChosenDevice, Denoise, Device, Devices, TestSound, TestTake};
pub use fault::{Fault, FaultKind};
pub use feed::{
    Change, Commit, Feed, Job, Playback, PlaybackState, PlayedFrom, Reset, Signal, SignalKey, Sound,
};
pub use history::ExportState;
pub use listening::{DeskOrder, Follow, UnheardPage, UnheardRow};
pub use message::{
    Content, Gap, Kind, Media, MessageCursor, MessageId, MessageRow, MessageState, Reaction,
    ReplyRef, Spot, Window, WindowAnchor,
};
pub use search::{Completion, Day, SearchCursor, SearchHit, SearchPage};
pub use settings::{Settings, Theme};
pub use sync::{ChatHistory, ChatHistoryPage, FileSpace, HealthState, HistorySpan, HistoryState};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// A string that must not be shown, logged or kept longer than needed.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests;
