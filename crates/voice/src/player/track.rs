//! What plays, from the file to samples at the device's rate, and which moment of the file is heard when.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::PlayOptions;
use super::gaps::Gaps;
use super::loudness::{BUDGET, Loudness};
use super::stretch::{FASTEST, SLOWEST, Stretch};
use crate::VoiceError;
use crate::decode::{Sound, milliseconds};
use crate::resample::Resampler;

/// One file. Nothing can be read before the first [`go_to`](Track::go_to).
pub(super) struct Track {
    path: PathBuf,
    sound: Sound,
    speed: u16,
    skip_silence: bool,
    loudness: Option<Loudness>,
    /// The sample of the file that is decoded next.
    next: u64,
    chain: Option<Chain>,
    decoded: Vec<f32>,
    /// At the device's rate, not yet taken.
    pub(super) samples: Vec<f32>,
    /// Nothing more will be decoded.
    pub(super) complete: bool,
    places: Places,
    /// Samples of the file that were left out.
    skipped: u64,
}

struct Chain {
    gaps: Option<Gaps>,
    stretch: Option<Stretch>,
    resampler: Resampler,
    stretched: Vec<f32>,
}

/// What was heard at which frame of the device, counted from the last seek.
#[derive(Default)]
struct Places {
    /// Oldest first: a frame of the device, and the sample of the file that it is.
    marks: VecDeque<(u64, u64)>,
    start: u64,
    /// Samples of the file that were kept, and that were not.
    kept: u64,
    left_out: u64,
    rate: u64,
    device_rate: u64,
    speed: u64,
}

impl Track {
    pub(super) fn open(path: &Path) -> Result<Self, VoiceError> {
        Ok(Self {
            path: path.to_owned(),
            sound: Sound::open(path)?,
            speed: 100,
            skip_silence: false,
            loudness: None,
            next: 0,
            chain: None,
            decoded: Vec::new(),
            samples: Vec::new(),
            complete: false,
            places: Places::default(),
            skipped: 0,
        })
    }

    pub(super) fn duration_ms(&self) -> u32 {
        milliseconds(self.sound.frames(), self.sound.rate())
    }

    /// What was left out so far.
    pub(super) fn skipped_ms(&self) -> u32 {
        milliseconds(self.skipped, self.sound.rate())
    }

    /// In per cent of the speed it was spoken at. Counts from the next [`go_to`](Track::go_to) on, as do the others.
    pub(super) fn set_speed(&mut self, percent: u16) {
        self.speed = percent.clamp(SLOWEST, FASTEST);
    }

    pub(super) fn set_skip_silence(&mut self, on: bool) {
        self.skip_silence = on;
    }

    /// Measures the file's beginning, which takes some milliseconds.
    pub(super) fn set_even_loudness(&mut self, on: bool) {
        if !on {
            self.loudness = None;
        } else if self.loudness.is_none() {
            let mut loudness = Loudness::new(self.sound.rate());
            loudness.measure(&self.path, BUDGET);
            self.loudness = Some(loudness);
        }
    }

    /// From here on, for a device of this rate.
    pub(super) fn go_to(&mut self, position_ms: u32, device_rate: u32) -> Result<(), VoiceError> {
        let rate = self.sound.rate();
        let start = u64::from(position_ms) * u64::from(rate) / 1000;
        self.sound.seek(start)?;
        self.next = start;
        if let Some(loudness) = &mut self.loudness {
            loudness.jump();
        }
        self.chain = Some(Chain {
            gaps: self.skip_silence.then(|| Gaps::new(rate)),
            stretch: match self.speed {
                100 => None,
                speed => Some(Stretch::new(rate, speed)?),
            },
            resampler: Resampler::new(rate, device_rate)?,
            stretched: Vec::new(),
        });
        self.places = Places {
            marks: VecDeque::from([(0, start)]),
            start,
            rate: u64::from(rate),
            device_rate: u64::from(device_rate),
            speed: u64::from(self.speed),
            ..Places::default()
        };
        self.samples.clear();
        self.complete = false;
        Ok(())
    }

    /// Decodes some more; [`complete`](Track::complete) once there is no more.
    pub(super) fn read(&mut self) -> Result<(), VoiceError> {
        let Some(chain) = &mut self.chain else {
            self.complete = true;
            return Ok(());
        };
        self.decoded.clear();
        let more = self.sound.read(&mut self.decoded)?;
        self.complete = !more;
        if let Some(loudness) = &mut self.loudness {
            loudness.hear(self.next, &self.decoded);
        }
        self.next += self.decoded.len() as u64;
        let Chain {
            gaps,
            stretch,
            resampler,
            stretched,
        } = chain;
        stretched.clear();
        let (places, skipped) = (&mut self.places, &mut self.skipped);
        let mut keep = |left_out: u64, samples: &[f32]| {
            *skipped += left_out;
            places.keep(left_out, samples.len() as u64);
            match stretch {
                Some(stretch) => stretch.push(samples, stretched),
                None => stretched.extend_from_slice(samples),
            }
        };
        match gaps {
            Some(gaps) if more => gaps.push(&self.decoded, keep),
            Some(gaps) => gaps.finish(keep),
            None => keep(0, &self.decoded),
        }
        if let Some(stretch) = stretch.as_mut().filter(|_| !more) {
            stretch.finish(stretched);
        }
        if let Some(loudness) = &mut self.loudness {
            loudness.apply(stretched);
        }
        resampler.push(stretched, &mut self.samples)?;
        if more {
            return Ok(());
        }
        resampler.finish(&mut self.samples)
    }

    /// The moment of the file, in ms, that is heard with this frame of the device after the last seek.
    pub(super) fn position(&mut self, frame: u64) -> u32 {
        let at = self.places.at(frame);
        milliseconds(at, self.sound.rate()).min(self.duration_ms())
    }
}

/// What a device of this rate would be given of a file, all of it at once: for measuring and for comparing. Half an hour is 350 MB.
///
/// # Errors
/// As playing it.
pub fn render(path: &Path, options: &PlayOptions, rate: u32) -> Result<Vec<f32>, VoiceError> {
    let mut track = Track::open(path)?;
    track.set_speed(options.speed);
    track.set_skip_silence(options.skip_silence);
    track.set_even_loudness(options.even_loudness);
    track.go_to(options.from_ms, rate)?;
    while !track.complete {
        track.read()?;
    }
    Ok(track.samples)
}

impl Places {
    fn keep(&mut self, left_out: u64, count: u64) {
        if left_out > 0 {
            self.left_out += left_out;
            let sample = self.start + self.kept + self.left_out;
            self.marks.push_back((self.frames(self.kept), sample));
        }
        self.kept += count;
    }

    fn at(&mut self, frame: u64) -> u64 {
        while self.marks.get(1).is_some_and(|next| next.0 <= frame) {
            self.marks.pop_front();
        }
        let Some(&(start, sample)) = self.marks.front() else {
            return 0;
        };
        sample + self.samples(frame.saturating_sub(start))
    }

    /// Frames of the device for so many samples of the file.
    fn frames(&self, samples: u64) -> u64 {
        samples * self.device_rate * 100 / (self.rate * self.speed).max(1)
    }

    fn samples(&self, frames: u64) -> u64 {
        frames * self.rate * self.speed / (self.device_rate * 100).max(1)
    }
}

#[cfg(test)]
mod tests;
