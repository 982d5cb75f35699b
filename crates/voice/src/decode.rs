//! Reading sound files: our own and what other clients send.
//!
//! One face for both readers: mono samples at the file's rate, from any position. Ogg Opus is read here (RFC 7845:
//! pre-skip, end trimming, output gain, seeking with pre-roll); the rest is symphonia's.
//!
//! A file is hostile until proven otherwise: lengths in headers are claims, memory is bounded by a page or a packet,
//! and nothing goes on past [`MAX_HOURS`]. A library that panics over a file ends that file and no thread; a sample
//! that is no number is silence.

mod chain;
mod foreign;
mod ogg_opus;
mod opus_packets;
mod vorbis_books;

use std::fs::File;
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use self::chain::Chain;
use self::foreign::Foreign;
use crate::{PEAK_BUCKETS, VoiceError, peaks};

/// No voice message is longer; an unbounded file has to end somewhere.
pub(crate) const MAX_HOURS: u64 = 6;
/// A longer file is not decoded whole to draw its waveform.
const WHOLE_SECONDS: u64 = 600;

/// What a sound file is coded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// Opus (in Ogg, Matroska or MP4).
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
    let mut claimed = sound.frames();
    if claimed > WHOLE_SECONDS * rate {
        // Hours are claimed in a few bytes; what follows believes it.
        claimed = claimed.min(sound.counted()?);
    }
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

/// Gives the sound of a file to `take`, piece by piece, mono, until it breaks off or the sound ends. Nothing is known of
/// how much a file holds before: a caller that has had enough says so.
///
/// The rate, in samples a second.
///
/// # Errors
/// As [`probe`].
pub fn decode(
    path: &Path,
    from_ms: u32,
    mut take: impl FnMut(&[f32]) -> ControlFlow<()>,
) -> Result<u32, VoiceError> {
    let mut sound = Sound::open(path)?;
    let rate = sound.rate();
    if from_ms > 0 {
        sound.seek(u64::from(from_ms) * u64::from(rate) / 1000)?;
    }
    let mut piece = Vec::new();
    while sound.read(&mut piece)? {
        if take(&piece).is_break() {
            break;
        }
        piece.clear();
    }
    Ok(rate)
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
pub(crate) struct Sound {
    path: PathBuf,
    reader: Reader,
}

enum Reader {
    OggOpus(Box<Chain>),
    Foreign(Box<Foreign>),
}

impl Sound {
    pub(crate) fn open(path: &Path) -> Result<Sound, VoiceError> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.len() == 0 {
            return Err(VoiceError::NotAudio);
        }
        let reader = guarded(|| match Chain::open(path, file, metadata.len())? {
            Some(opus) => Ok(Reader::OggOpus(Box::new(opus))),
            None => Ok(Reader::Foreign(Box::new(Foreign::open(path)?))),
        })?;
        let sound = Sound {
            path: path.to_owned(),
            reader,
        };
        if sound.frames() > MAX_HOURS * 3600 * u64::from(sound.rate()) {
            return Err(VoiceError::TooLong);
        }
        Ok(sound)
    }

    pub(crate) fn codec(&self) -> Codec {
        match &self.reader {
            Reader::OggOpus(_) => Codec::Opus,
            Reader::Foreign(foreign) => foreign.codec(),
        }
    }

    pub(crate) fn channels(&self) -> u8 {
        match &self.reader {
            Reader::OggOpus(opus) => opus.channels(),
            Reader::Foreign(foreign) => foreign.channels(),
        }
    }

    /// Frames a second.
    pub(crate) fn rate(&self) -> u32 {
        match &self.reader {
            Reader::OggOpus(_) => crate::encode::RATE,
            Reader::Foreign(foreign) => foreign.rate(),
        }
    }

    /// Length in frames, as the file claims it.
    pub(crate) fn frames(&self) -> u64 {
        match &self.reader {
            Reader::OggOpus(opus) => opus.frames(),
            Reader::Foreign(foreign) => foreign.frames(),
        }
    }

    /// Length in frames by the packets that are there, without decoding them. The whole file is read.
    fn counted(&mut self) -> Result<u64, VoiceError> {
        let path = &self.path;
        let reader = &mut self.reader;
        guarded(|| match reader {
            Reader::OggOpus(opus) => opus.counted(),
            Reader::Foreign(_) => Foreign::counted(path),
        })
    }

    /// The next `read` begins at this frame, or at the end where the file is shorter.
    pub(crate) fn seek(&mut self, frame: u64) -> Result<(), VoiceError> {
        guarded(|| match &mut self.reader {
            Reader::OggOpus(opus) => opus.seek(frame),
            Reader::Foreign(foreign) => foreign.seek(frame),
        })
    }

    /// Appends some mono samples, all of them numbers from -1 to 1; false at the end.
    pub(crate) fn read(&mut self, out: &mut Vec<f32>) -> Result<bool, VoiceError> {
        let before = out.len();
        let more = guarded(|| match &mut self.reader {
            Reader::OggOpus(opus) => opus.read(out),
            Reader::Foreign(foreign) => foreign.read(out),
        })?;
        // A file of floats may hold anything, and filters after this would never forget it.
        for sample in out.get_mut(before..).unwrap_or_default() {
            *sample = match sample.is_finite() {
                true => sample.clamp(-1.0, 1.0),
                false => 0.0,
            };
        }
        Ok(more)
    }
}

/// Runs a step of a library over a file of a stranger's. What it was busy with is not asked again after a panic: every
/// caller ends at an error.
fn guarded<T>(step: impl FnOnce() -> Result<T, VoiceError>) -> Result<T, VoiceError> {
    panic::catch_unwind(AssertUnwindSafe(step)).unwrap_or(Err(VoiceError::Damaged { at: 0 }))
}

/// Appends the mono of interleaved samples. Of more than two channels speech has one or two to itself, so that an average
/// would be a whisper; the sum is bounded afterwards.
fn downmix(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) {
    let channels = channels.max(1);
    let scale = match channels {
        1 | 2 => 1.0 / channels as f32,
        many => 2.0 / many as f32,
    };
    let frames = interleaved.chunks_exact(channels);
    mono.extend(frames.map(|frame| frame.iter().sum::<f32>() * scale));
}

#[cfg(test)]
mod tests;
