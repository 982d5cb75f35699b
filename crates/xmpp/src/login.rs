//! Who signs in, with what.

use std::fmt;

use jid::BareJid;

use crate::ServerAddress;

/// A password. Its `Debug` shows nothing, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes the password as the person typed it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the sign-in exchange and the keyring only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What a session signs in with.
#[derive(Debug, Clone)]
pub struct Login {
    /// The account's address.
    pub jid: BareJid,
    /// Its password.
    pub password: Password,
    /// The server the person typed; `None` finds it from the address.
    pub server: Option<ServerAddress>,
    /// The resource to ask for, stable per account and installation (`millet-1a2b`): a stable one lets the server
    /// drop our own dead connection instead of keeping a ghost beside the new one.
    pub resource: String,
    /// What we answer to XEP-0092.
    pub software: Software,
}

/// The answer to "what are you" (XEP-0092).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Software {
    /// The program, `Millet`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The operating system's family, if it may be told.
    pub os: Option<String>,
}
