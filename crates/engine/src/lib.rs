//! The client: one account's session, what it brings in, what goes out, and sound.
//!
//! ```text
//! Client ── call(Command) ──► Account ── store (every durable change, one write each)
//!    │                           │
//!    │                           ├─ connection: the one loop that owns the session's events
//!    │                           │     ├─ ingest    inbound -> effects (pure) -> one write
//!    │                           │     ├─ catch_up  archive pages, before anything is sent again
//!    │                           │     └─ outbox    due rows -> stanzas, uploads
//!    │                           ├─ displayed: how far was read, on all devices of the account
//!    │                           ├─ surroundings: the machine slept, the network is another
//!    │                           ├─ transfer: files up and down over HTTP
//!    │                           └─ export, import: history in a folder of the user's (jobs in the background)
//!    ├─ recording, playing, chimes: the voice crate's threads
//!    ├─ sound_check: devices, and trying them out
//!    ├─ settings: a file that needs no account
//!    └─ hub: commits and signals to whoever subscribed
//! ```
//!
//! It owns every decision: what is entitled to enter the store, what goes out when, what a failure means to the
//! person. It refuses SQL, XML and Tauri. The window never talks to a session: it reads the store and hears the hub.
//!
//! Rejected: events on a bus with handlers in an order (an effect then depends on who subscribed first; here one
//! function lists what a stanza does), and a worker per chat (the outbox table already is a queue per chat).

mod account;
mod call;
mod catch_up;
mod chimes;
mod client;
mod connection;
mod contacts;
mod displayed;
mod env;
mod export;
mod faults;
mod health;
mod hub;
mod import;
mod ingest;
mod jobs;
mod keys;
mod listening;
mod outbox;
mod playing;
mod presence;
mod recording;
mod search;
mod settings;
mod sound_check;
mod surroundings;
mod transfer;

pub use client::{Client, MediaFile};
pub use env::{Env, Keyring};
pub use settings::read_settings;
pub use surroundings::{Change, Surroundings};
