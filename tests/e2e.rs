//! End to end: real windows, a real server, real audio.
//!
//! Each journey is what one or two people do. They look at the page and at the
//! loudspeaker, never into the store. One journey at a time: the audio of two at
//! once on a small machine would test the machine. Pictures of what they saw are
//! kept in `artifacts/e2e/`.

#![cfg(target_os = "linux")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

#[path = "e2e/ears.rs"]
mod ears;
#[path = "e2e/stage.rs"]
mod stage;

#[path = "e2e/chimes.rs"]
mod chimes;
#[path = "e2e/conversation.rs"]
mod conversation;
#[path = "e2e/devices.rs"]
mod devices;
#[path = "e2e/faults.rs"]
mod faults;
#[path = "e2e/history.rs"]
mod history;
#[path = "e2e/keeping.rs"]
mod keeping;
#[path = "e2e/keyring.rs"]
mod keyring;
#[path = "e2e/kills.rs"]
mod kills;
#[path = "e2e/listening.rs"]
mod listening;
#[path = "e2e/media_keys.rs"]
mod media_keys;
#[path = "e2e/offline.rs"]
mod offline;
#[path = "e2e/picture.rs"]
mod picture;
#[path = "e2e/search.rs"]
mod search;
#[path = "e2e/settings.rs"]
mod settings;
#[path = "e2e/shell.rs"]
mod shell;
#[path = "e2e/sound.rs"]
mod sound;
#[path = "e2e/talk.rs"]
mod talk;
