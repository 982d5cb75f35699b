//! Reading sound files: our own and what other clients send.
//!
//! One face for both readers: mono samples at the file's rate, from any position. Ogg Opus is read here (RFC 7845:
//! pre-skip, end trimming, output gain, seeking with pre-roll); the rest is symphonia's.
//!
//! A file is hostile until proven otherwise: lengths in headers are claims, memory is bounded by a page or a packet,
//! and nothing goes on past [`MAX_HOURS`].

mod foreign;
mod ogg_opus;

use std::fs::File;
use std::path::Path;

use self::foreign::Foreign;
use self::ogg_opus::OggOpus;
use crate::{PEAK_BUCKETS, VoiceError, peaks};

/// No voice message is longer; an unbounded file has to end somewhere.
pub(crate) const MAX_HOURS: u64 = 6;
/// A longer file is not decoded whole to draw its waveform.
const WHOLE_SECONDS: u64 = 600;

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
    let mut sound = Sound::open(path)?;
    let rate = u64::from(sound.rate());
    let claimed = sound.frames();
    let mut found = Vec::new();
    let frames = if claimed <= WHOLE_SECONDS * rate {
        let mut meter = Meter::new(sound.rate());
        // Some are a little longer than they claim; one that is much longer is cut.
        meter.run(&mut sound, claimed.saturating_add(rate))?;
        let heard = meter.frames;
        found = meter.finish();
        heard
    } else {
        let share = WHOLE_SECONDS * rate / PEAK_BUCKETS as u64;
        for bucket in 0..PEAK_BUCKETS as u64 {
            sound.seek(claimed * bucket / PEAK_BUCKETS as u64)?;
            let mut meter = Meter::new(sound.rate());
            meter.run(&mut sound, share)?;
            found.push(meter.finish().into_iter().max().unwrap_or(0));
        }
        claimed
    };
    Ok(Probe {
        duration_ms: milliseconds(frames, sound.rate()),
        peaks: peaks::waveform(&found),
        codec: sound.codec(),
        channels: sound.channels(),
    })
}

/// Frames at `rate` as ms, rounded.
pub(crate) fn milliseconds(frames: u64, rate: u32) -> u32 {
    let rate = u64::from(rate.max(1));
    u32::try_from((frames.saturating_mul(1000) + rate / 2) / rate).unwrap_or(u32::MAX)
}

/// Peaks of 20 ms each.
struct Meter {
    frame: usize,
    waiting: Vec<f32>,
    peaks: Vec<u8>,
    frames: u64,
}

impl Meter {
    fn new(rate: u32) -> Meter {
        let frame = (rate / 50).max(1) as usize;
        Meter {
            frame,
            waiting: Vec::new(),
            peaks: Vec::new(),
            frames: 0,
        }
    }

    fn run(&mut self, sound: &mut Sound, limit: u64) -> Result<(), VoiceError> {
        while self.frames < limit {
            let before = self.waiting.len();
            if !sound.read(&mut self.waiting)? {
                break;
            }
            self.frames += (self.waiting.len() - before) as u64;
            let whole = self.waiting.len() / self.frame * self.frame;
            for frame in self
                .waiting
                .get(..whole)
                .unwrap_or_default()
                .chunks(self.frame)
            {
                self.peaks.push(peaks::peak(frame));
            }
            self.waiting.drain(..whole);
        }
        Ok(())
    }

    fn finish(mut self) -> Vec<u8> {
        if !self.waiting.is_empty() {
            self.peaks.push(peaks::peak(&self.waiting));
        }
        self.peaks
    }
}

/// An open sound file.
pub(crate) enum Sound {
    OggOpus(Box<OggOpus>),
    Foreign(Box<Foreign>),
}

impl Sound {
    pub(crate) fn open(path: &Path) -> Result<Sound, VoiceError> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.len() == 0 {
            return Err(VoiceError::NotAudio);
        }
        let sound = match OggOpus::open(file, metadata.len())? {
            Some(opus) => Sound::OggOpus(Box::new(opus)),
            None => Sound::Foreign(Box::new(Foreign::open(path)?)),
        };
        if sound.frames() > MAX_HOURS * 3600 * u64::from(sound.rate()) {
            return Err(VoiceError::TooLong);
        }
        Ok(sound)
    }

    pub(crate) fn codec(&self) -> Codec {
        match self {
            Sound::OggOpus(_) => Codec::Opus,
            Sound::Foreign(foreign) => foreign.codec(),
        }
    }

    pub(crate) fn channels(&self) -> u8 {
        match self {
            Sound::OggOpus(opus) => opus.channels(),
            Sound::Foreign(foreign) => foreign.channels(),
        }
    }

    /// Frames a second.
    pub(crate) fn rate(&self) -> u32 {
        match self {
            Sound::OggOpus(_) => crate::encode::RATE,
            Sound::Foreign(foreign) => foreign.rate(),
        }
    }

    /// Length in frames, as the file claims it.
    pub(crate) fn frames(&self) -> u64 {
        match self {
            Sound::OggOpus(opus) => opus.frames(),
            Sound::Foreign(foreign) => foreign.frames(),
        }
    }

    /// The next `read` begins at this frame, or at the end where the file is shorter.
    pub(crate) fn seek(&mut self, frame: u64) -> Result<(), VoiceError> {
        match self {
            Sound::OggOpus(opus) => opus.seek(frame),
            Sound::Foreign(foreign) => foreign.seek(frame),
        }
    }

    /// Appends some mono samples; false at the end.
    pub(crate) fn read(&mut self, out: &mut Vec<f32>) -> Result<bool, VoiceError> {
        match self {
            Sound::OggOpus(opus) => opus.read(out),
            Sound::Foreign(foreign) => foreign.read(out),
        }
    }
}

#[cfg(test)]
mod tests;
