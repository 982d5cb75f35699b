//! The account that is signed in and how it stands with its server.

use serde::{Deserialize, Serialize};

use crate::Fault;

/// The account this window shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The address, as `name@server`.
    pub address: String,
    /// The server address typed by the user, where there is one.
    pub server: Option<String>,
    /// Whether the system's keyring holds the password. Without one it lives in
    /// memory until the app ends.
    pub password_kept: bool,
}

/// How the account stands with its server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Connection {
    /// No connection; the next try comes by itself.
    Offline {
        /// Why, where it is known.
        fault: Option<Fault>,
        /// Milliseconds from now to the next try.
        retry_in_ms: Option<u64>,
    },
    /// Being set up, or resumed after a break.
    #[default]
    Connecting,
    /// Connected, and what was missed is being read.
    CatchingUp,
    /// Connected and up to date.
    Online,
    /// Only the user can go on from here (a wrong password, a refused certificate).
    Error {
        /// What happened.
        fault: Fault,
    },
}

impl Connection {
    /// The value of `data-state` on the connection element.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Offline { .. } => "offline",
            Self::Connecting => "connecting",
            Self::CatchingUp | Self::Online => "online",
            Self::Error { .. } => "error",
        }
    }
}

/// How present a contact is, over all of their devices (RFC 6121 §4.7.2.1).
/// Ordered from least to most available.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Nothing is connected, or we may not know.
    #[default]
    Offline,
    /// `xa` or `away` on every device.
    Away,
    /// `dnd` on the most available device.
    Busy,
    /// Available, or `chat`.
    Online,
}
