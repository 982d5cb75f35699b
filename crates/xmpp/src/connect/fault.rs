//! What failures of the layers below mean to a person.

use std::io;

use rustls::CertificateError;
use tokio_xmpp::error::AuthError;
use tokio_xmpp::xmlstream::RecvFeaturesError;
use xmpp_parsers::sasl::DefinedCondition as Sasl;
use xmpp_parsers::stream_error::DefinedCondition as Stream;

use crate::{ConnectError, TlsFault};

/// A failure of the transport. TLS libraries hide theirs inside it.
pub(crate) fn io_fault(error: &io::Error) -> ConnectError {
    if let Some(tls) = error
        .get_ref()
        .and_then(|e| e.downcast_ref::<rustls::Error>())
    {
        return tls_fault(tls);
    }
    match error.kind() {
        io::ErrorKind::TimedOut => ConnectError::Timeout,
        io::ErrorKind::InvalidData => ConnectError::NotXmpp("what it says is not XMPP".to_owned()),
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => ConnectError::Lost,
        kind => ConnectError::Unreachable(kind.to_string()),
    }
}

/// A failure while a stream is being opened: an end without a word is no XMPP server's way.
pub(crate) fn stream_fault(error: &io::Error) -> ConnectError {
    match io_fault(error) {
        ConnectError::Lost if error.kind() == io::ErrorKind::UnexpectedEof => {
            ConnectError::NotXmpp("it hung up".to_owned())
        }
        fault => fault,
    }
}

/// Instead of its features the server sent something else.
pub(crate) fn features_fault(error: RecvFeaturesError) -> ConnectError {
    match error {
        RecvFeaturesError::Io(e) => stream_fault(&e),
        RecvFeaturesError::StreamError(e) => condition_fault(&e.0.condition),
    }
}

/// A stream error (RFC 6120 §4.9.3).
fn condition_fault(condition: &Stream) -> ConnectError {
    match condition {
        Stream::HostUnknown | Stream::HostGone | Stream::ImproperAddressing => {
            ConnectError::WrongServer
        }
        Stream::Conflict => ConnectError::ResourceConflict,
        Stream::PolicyViolation | Stream::NotAuthorized => ConnectError::PolicyViolation,
        Stream::ResourceConstraint
        | Stream::SystemShutdown
        | Stream::InternalServerError
        | Stream::Reset => ConnectError::ServerUnavailable,
        Stream::ConnectionTimeout => ConnectError::Timeout,
        _ => ConnectError::NotXmpp("the server refused the stream".to_owned()),
    }
}

/// A failure of the handshake.
pub(crate) fn tls_fault(error: &rustls::Error) -> ConnectError {
    use rustls::Error;
    ConnectError::Tls(match error {
        Error::InvalidCertificate(reason) => match reason {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TlsFault::Expired,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsFault::NameMismatch
            }
            CertificateError::Revoked => TlsFault::Revoked,
            _ => TlsFault::Untrusted,
        },
        other => TlsFault::Handshake(other.to_string()),
    })
}

/// A failure to sign in.
pub(crate) fn auth_fault(error: tokio_xmpp::Error) -> ConnectError {
    use tokio_xmpp::Error;
    match error {
        Error::Auth(AuthError::Fail(condition)) => match condition {
            Sasl::AccountDisabled => ConnectError::AccountDisabled,
            Sasl::CredentialsExpired => ConnectError::PasswordExpired,
            Sasl::TemporaryAuthFailure | Sasl::Aborted => ConnectError::TemporaryAuthFailure,
            Sasl::EncryptionRequired | Sasl::MechanismTooWeak | Sasl::InvalidMechanism => {
                ConnectError::NoMechanism
            }
            _ => ConnectError::WrongPassword,
        },
        Error::Auth(AuthError::NoMechanism) => ConnectError::NoMechanism,
        // The server could not prove that it knows the password either: it is not the server it says it is.
        Error::Auth(_) => {
            ConnectError::NotXmpp("the sign-in exchange was not answered as it must be".to_owned())
        }
        Error::Io(e) => io_fault(&e),
        Error::StreamError(e) => condition_fault(&e.0.condition),
        Error::Disconnected => ConnectError::Lost,
        other => ConnectError::NotXmpp(other.to_string()),
    }
}
