//! Listening: what follows what, and what waits to be heard.

use serde::{Deserialize, Serialize};

use crate::MessageRow;

/// What is played after a voice message. Only what was not heard ever is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Follow {
    /// Nothing.
    Nothing,
    /// The next one of its chat, if the user wants that ([`crate::Settings::play_next`]).
    #[default]
    Chat,
    /// The next one of all chats.
    Desk(DeskOrder),
}

/// In which order the listening desk has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskOrder {
    /// As they came, oldest first.
    #[default]
    Time,
    /// One person after the other: who waits longest first, of each as they came.
    Person,
}

/// What waits to be heard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnheardPage {
    /// The first of it.
    pub rows: Vec<UnheardRow>,
    /// How much there is.
    pub total: u32,
}

/// One of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnheardRow {
    /// The message.
    pub message: MessageRow,
    /// The title of its chat.
    pub title: String,
}
