//! What can go wrong with sound, named by what the caller can do about it.
//!
//! The device library's errors are folded into these kinds here and nowhere else, so that a new backend changes one
//! function. Messages carry no file names: a path may hold what a user named something.

use std::io;

/// Every failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VoiceError {
    /// There is no capture device. Ask the user to connect one; trying again is cheap.
    #[error("no microphone")]
    NoMicrophone,
    /// The system refused the microphone. Show where the permission is given.
    #[error("microphone access was denied")]
    MicrophoneDenied,
    /// Another program holds the microphone. Offer to try again.
    #[error("the microphone is in use by another program")]
    MicrophoneBusy,
    /// The device went away while it was in use. A recording so far is kept: `stop()` still gives its take.
    #[error("the audio device was lost")]
    DeviceLost,
    /// There is no playback device, or it cannot be opened. Ask the user to connect one.
    #[error("no loudspeaker")]
    NoSpeaker,
    /// The device answers, but not in a way that can be used; the text is the audio library's, for logs.
    #[error("the audio device failed: {0}")]
    Device(String),
    /// Reading or writing the file failed. The kind tells whether it is missing, refused or broken.
    #[error("file access failed: {0}")]
    Disk(#[source] io::Error),
    /// The disk is full. What was written so far can be recovered once there is room.
    #[error("the disk is full")]
    DiskFull,
    /// The file holds no sound that is known here. Show it as a plain file.
    #[error("not an audio file")]
    NotAudio,
    /// A sound file whose codec is not known here. Offer to open it with another program.
    #[error("unsupported audio codec")]
    UnsupportedCodec,
    /// The file is broken.
    #[error("damaged audio at byte {at}")]
    Damaged {
        /// Byte offset of the first thing that could not be read, as near as it is known; 0 where it is not.
        at: u64,
    },
    /// More than six hours of sound, or an unbounded file. It is not opened.
    #[error("the recording is too long")]
    TooLong,
    /// The encoder or the decoder library refused; a defect of this crate rather than of the input.
    #[error("opus failed: {0}")]
    Opus(&'static str),
    /// The audio thread could not be started or ended early; a defect of this crate or a machine without resources.
    #[error("the audio thread is gone")]
    ThreadGone,
}

impl From<io::Error> for VoiceError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Disk(error),
        }
    }
}

impl From<opus::Error> for VoiceError {
    fn from(error: opus::Error) -> Self {
        Self::Opus(error.description())
    }
}

impl VoiceError {
    /// What an error of the device library means when a microphone is opened.
    pub(crate) fn capture(error: &cpal::Error) -> Self {
        use cpal::ErrorKind;
        match error.kind() {
            ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => Self::NoMicrophone,
            // A device that plays only says "unsupported operation" when it is asked to record. A sound server that
            // does not answer is an unclassified error of the backend.
            ErrorKind::UnsupportedOperation | ErrorKind::BackendError => {
                tracing::debug!(%error, "no microphone can be opened");
                Self::NoMicrophone
            }
            ErrorKind::PermissionDenied => Self::MicrophoneDenied,
            ErrorKind::DeviceBusy => Self::MicrophoneBusy,
            _ => Self::Device(error.to_string()),
        }
    }

    /// What an error of the device library means when a loudspeaker is opened.
    pub(crate) fn playback(error: &cpal::Error) -> Self {
        use cpal::ErrorKind;
        match error.kind() {
            ErrorKind::DeviceNotAvailable
            | ErrorKind::HostUnavailable
            | ErrorKind::BackendError
            | ErrorKind::UnsupportedOperation => {
                tracing::debug!(%error, "no loudspeaker can be opened");
                Self::NoSpeaker
            }
            _ => Self::Device(error.to_string()),
        }
    }
}
