//! What a failure of a crate below means to the person.

use api::{Fault, FaultKind};
use store::{OpenError, StoreError};
use voice::VoiceError;
use xmpp::{ConnectError, IqError, RegisterError};

pub(crate) fn connect(error: &ConnectError) -> Fault {
    let kind = match error {
        ConnectError::WrongPassword => FaultKind::WrongPassword,
        ConnectError::AccountDisabled | ConnectError::PasswordExpired => FaultKind::AccountDisabled,
        ConnectError::UnknownHost | ConnectError::WrongServer => FaultKind::UnknownHost,
        ConnectError::Timeout => FaultKind::Timeout,
        ConnectError::Tls(_) => FaultKind::TlsRefused,
        ConnectError::NotXmpp(_) => FaultKind::NotXmpp,
        ConnectError::PlaintextRefused => FaultKind::PlaintextRefused,
        ConnectError::NoMechanism
        | ConnectError::ResourceConflict
        | ConnectError::PolicyViolation => FaultKind::Refused,
        ConnectError::TemporaryAuthFailure
        | ConnectError::Unreachable(_)
        | ConnectError::ServerUnavailable
        | ConnectError::Lost => FaultKind::Offline,
    };
    Fault::new(kind, error.to_string())
}

pub(crate) fn iq(error: &IqError) -> Fault {
    let kind = match error {
        IqError::Refused(_) | IqError::Malformed => FaultKind::Refused,
        IqError::Timeout => FaultKind::Timeout,
        IqError::Disconnected | IqError::Gone(_) => FaultKind::Offline,
    };
    Fault::new(kind, error.to_string())
}

pub(crate) fn store(error: &StoreError) -> Fault {
    Fault::new(error.kind(), error.to_string())
}

pub(crate) fn open(error: &OpenError) -> Fault {
    Fault::new(error.kind(), error.to_string())
}

pub(crate) fn voice(error: &VoiceError) -> Fault {
    let kind = match error {
        VoiceError::NoMicrophone => FaultKind::NoMicrophone,
        VoiceError::MicrophoneDenied => FaultKind::MicrophoneDenied,
        VoiceError::MicrophoneBusy => FaultKind::MicrophoneBusy,
        VoiceError::DeviceLost | VoiceError::Device(_) => FaultKind::MicrophoneLost,
        VoiceError::NoSpeaker => FaultKind::NoSpeaker,
        VoiceError::DiskFull => FaultKind::DiskFull,
        VoiceError::Disk(error) if error.kind() == std::io::ErrorKind::NotFound => {
            FaultKind::NotFound
        }
        VoiceError::Disk(_) => FaultKind::StoreUnusable,
        VoiceError::NotAudio | VoiceError::UnsupportedCodec => FaultKind::FileUnsupported,
        VoiceError::Damaged { .. } => FaultKind::FileDamaged,
        VoiceError::TooLong => FaultKind::TooLong,
        _ => FaultKind::Bug,
    };
    Fault::new(kind, error.to_string())
}

/// The same device error means the loudspeaker where something was played.
pub(crate) fn playback(error: &VoiceError) -> Fault {
    match error {
        VoiceError::DeviceLost | VoiceError::Device(_) => {
            Fault::new(FaultKind::NoSpeaker, error.to_string())
        }
        other => voice(other),
    }
}

pub(crate) fn bug(detail: impl std::fmt::Display) -> Fault {
    Fault::new(FaultKind::Bug, detail.to_string())
}

pub(crate) fn register(error: &RegisterError) -> Fault {
    let kind = match error {
        RegisterError::Connect(error) => return connect(error),
        RegisterError::NotAllowed => FaultKind::RegistrationClosed,
        RegisterError::Taken => FaultKind::NameTaken,
        RegisterError::NeedsForm { url, .. } => {
            FaultKind::RegistrationElsewhere { url: url.clone() }
        }
        RegisterError::PasswordRefused => FaultKind::PasswordRefused,
        RegisterError::TooMany | RegisterError::Refused(_) => FaultKind::Refused,
    };
    Fault::new(kind, error.to_string())
}

pub(crate) fn address(error: &xmpp::AddressError) -> Fault {
    let kind = match error {
        xmpp::AddressError::PlaintextRefused => FaultKind::PlaintextRefused,
        _ => FaultKind::BadServer,
    };
    Fault::new(kind, error.to_string())
}
