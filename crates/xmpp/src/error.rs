//! What goes wrong on the wire, by what the person can do about it.
//!
//! Texts here are for logs; the words people read are made from the variants. No variant carries a password, a
//! body or an address of a person.

use thiserror::Error;

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConnectError {
    /// The server refused the password, or knows no such account. Type it again.
    #[error("the server refused the password")]
    WrongPassword,
    /// The account exists but is switched off. Only the server's operator can help.
    #[error("the account is disabled")]
    AccountDisabled,
    /// The password has expired. Set a new one with the server's operator.
    #[error("the password has expired")]
    PasswordExpired,
    /// The server could not check the password just now. Wait.
    #[error("the server cannot check passwords for the moment")]
    TemporaryAuthFailure,
    /// The server offers no way to sign in that we know (SCRAM-SHA-256, SCRAM-SHA-1, PLAIN). Use another server.
    #[error("no way to sign in that both sides know")]
    NoMechanism,
    /// No server has that name. Check the address.
    #[error("the host name is unknown")]
    UnknownHost,
    /// There is a server there, but it does not serve the domain of the address. Check address and server.
    #[error("the server does not serve this domain")]
    WrongServer,
    /// Nothing answers. Check the network, then the server address.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// It answers too slowly. Wait, or check the network.
    #[error("the server did not answer in time")]
    Timeout,
    /// The encryption could not be trusted. See the fault.
    #[error("TLS: {0}")]
    Tls(#[from] TlsFault),
    /// What answers does not speak XMPP. Check the server address.
    #[error("this is not an XMPP server: {0}")]
    NotXmpp(String),
    /// The connection would not be encrypted and does not stay on this machine. Use `wss://` or leave the server empty.
    #[error("a connection without encryption is allowed to this machine only")]
    PlaintextRefused,
    /// The same account signed in with our own resource elsewhere (a copy of this installation). Close one of them.
    #[error("replaced by another sign-in with the same resource")]
    ResourceConflict,
    /// The server's rules forbid it (too many connections or sign-ins, a block). Wait, or ask its operator.
    #[error("against the server's policy")]
    PolicyViolation,
    /// The server is going down or is overloaded. Wait.
    #[error("the server is shutting down or busy")]
    ServerUnavailable,
    /// The connection broke. Wait: it is tried again.
    #[error("the connection was lost")]
    Lost,
}

impl ConnectError {
    /// Whether trying again without a change by the person is pointless or harmful.
    pub fn fatal(&self) -> bool {
        matches!(
            self,
            Self::WrongPassword
                | Self::AccountDisabled
                | Self::PasswordExpired
                | Self::NoMechanism
                | Self::PlaintextRefused
                | Self::ResourceConflict
        )
    }
}

/// Why a server's certificate, or the handshake, was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlsFault {
    /// Signed by nobody this system trusts (often self-signed).
    #[error("the certificate is not trusted by this system")]
    Untrusted,
    /// Past its last day, or before its first: also look at the clock of this machine.
    #[error("the certificate is not valid at this time")]
    Expired,
    /// Made for another name.
    #[error("the certificate is for another name")]
    NameMismatch,
    /// Withdrawn by its issuer.
    #[error("the certificate was revoked")]
    Revoked,
    /// The server offers no encryption at all.
    #[error("the server offers no encryption")]
    NotOffered,
    /// Anything else; the text comes from the TLS library.
    #[error("the handshake failed: {0}")]
    Handshake(String),
}

/// The session has ended; nothing more will happen through this handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the session has ended")]
pub struct Gone;

/// Why a question to a server or contact got no good answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IqError {
    /// It answered with an error.
    #[error("refused: {0}")]
    Refused(StanzaFault),
    /// No answer in time. It may have been carried out.
    #[error("no answer in time")]
    Timeout,
    /// There is no connection, or it was lost before the answer. It may have been carried out.
    #[error("not connected")]
    Disconnected,
    /// The answer was not what the specification says.
    #[error("malformed answer")]
    Malformed,
    /// The session has ended.
    #[error(transparent)]
    Gone(#[from] Gone),
}

/// An error stanza (RFC 6120 §8.3).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{condition}")]
pub struct StanzaFault {
    /// The defined condition by its element name, such as `item-not-found`.
    pub condition: String,
    /// Whether waiting may help (error type `wait`).
    pub temporary: bool,
    /// The sender's own words, at most 1 KiB. Shown as a quotation, if at all.
    pub text: Option<String>,
}
