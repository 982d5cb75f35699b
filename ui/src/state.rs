//! What the window knows, split by how often it changes.
//!
//! Each part is a reducer in plain Rust, tested natively with the same feed items that the backend sends. A part returns
//! the very same `Rc` where nothing changed, which costs its consumers nothing. One big state was rejected: every consumer
//! of a context renders again when its value changes, and a level signal must not touch the chat list.

pub mod bin;
pub mod calendar;
pub mod chats;
pub mod desk;
pub mod jobs;
pub mod link;
pub mod notices;
pub mod player;
pub mod recording;
pub mod route;
pub mod search;
pub mod settings;
pub mod sound_check;
pub mod transfers;
pub mod visits;
pub mod window;
