//! Messages as loud as each other: what plays is brought towards -18 LUFS.
//!
//! A file's loudness (EBU R128, gated: pauses do not count) is measured over its first seconds before the first sample is
//! heard, for as long as nobody notices, and further while it is decoded for playing, which is ahead of what is heard.
//! What that changes is followed slowly. The rest of a long message is taken to be as loud as its first minute.
//!
//! Rejected: measuring the whole file first (a long one would begin late); the loudness in the message's metadata (it is
//! a stranger's claim, and others send none); evening within a message (that is the sender's, and here it would breathe).

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::time::{Duration, Instant};

use ebur128::{EbuR128, Mode};

use crate::decode::Sound;
use crate::process::{Limiter, TARGET_LUFS, factor};

/// How long a click may wait for it.
pub(super) const BUDGET: Duration = Duration::from_millis(10);
/// Seconds of the file that are measured before it plays, where that is quick enough; and in all.
const FIRST: u64 = 5;
const MOST: u64 = 60;
/// What is softer is a room and no voice, in LUFS.
const SOFTEST: f64 = -55.0;
/// The bounds of the gain, in dB.
const BOUND: f64 = 12.0;
/// How far it follows what is measured later, in dB a second.
const SLEW: f64 = 2.0;
/// In dB: what differs by less is followed at the next look or never.
const STEP: f64 = 0.5;

/// Of one file.
pub(super) struct Loudness {
    /// Gone where it failed: the gain stays then.
    meter: Option<EbuR128>,
    rate: u32,
    /// Frames that were measured, those since the last look, and the frame of the file before which all is known.
    pub(super) measured: u64,
    fresh: u64,
    known: u64,
    goal: f64,
    decibels: f64,
    limiter: Limiter,
}

impl Loudness {
    pub(super) fn new(rate: u32) -> Self {
        Self {
            meter: EbuR128::new(1, rate, Mode::I).ok(),
            rate,
            measured: 0,
            fresh: 0,
            known: 0,
            goal: 0.0,
            decibels: 0.0,
            limiter: Limiter::new(rate),
        }
    }

    /// Measures the beginning of a file, for no longer than `budget`. The file is opened once more for it: not every reader
    /// finds back from its end. What cannot be read is found again when it plays.
    pub(super) fn measure(&mut self, path: &Path, budget: Duration) {
        let began = Instant::now();
        let mut decoded = Vec::new();
        let Ok(mut sound) = Sound::open(path) else {
            return;
        };
        while self.measured < FIRST * u64::from(self.rate) && began.elapsed() < budget {
            decoded.clear();
            let Ok(true) = sound.read(&mut decoded) else {
                break;
            };
            self.hear(self.known, &decoded);
        }
        self.look();
    }

    /// Takes what was decoded from a frame of the file on.
    pub(super) fn hear(&mut self, from: u64, samples: &[f32]) {
        let end = from + samples.len() as u64;
        let is_new = from >= self.known && self.measured < MOST * u64::from(self.rate);
        let Some(meter) = self.meter.as_mut().filter(|_| is_new) else {
            return;
        };
        let sane = samples.iter().all(|sample| sample.is_finite());
        let taken = AssertUnwindSafe(|| meter.add_frames_f32(samples));
        if !sane || !matches!(panic::catch_unwind(taken), Ok(Ok(()))) {
            self.meter = None;
            return;
        }
        self.known = end;
        self.measured += samples.len() as u64;
        self.fresh += samples.len() as u64;
        if self.fresh >= u64::from(self.rate) {
            self.look();
        }
    }

    /// What is heard next follows a jump: the gain needs no way to where it goes.
    pub(super) fn jump(&mut self) {
        self.decibels = self.goal;
        self.limiter = Limiter::new(self.rate);
    }

    /// Makes samples as loud as they shall be.
    pub(super) fn apply(&mut self, samples: &mut [f32]) {
        // 10 ms, for which a gain is one.
        for block in samples.chunks_mut((self.rate / 100).max(1) as usize) {
            let seconds = block.len() as f64 / f64::from(self.rate.max(1));
            let from = factor(self.decibels);
            let most = SLEW * seconds;
            self.decibels += (self.goal - self.decibels).clamp(-most, most);
            let slope = (factor(self.decibels) - from) / block.len() as f32;
            let mut gain = from;
            for sample in block {
                gain += slope;
                *sample = self.limiter.limit(*sample * gain);
            }
        }
    }

    fn look(&mut self) {
        self.fresh = 0;
        let loudness = self.meter.as_ref().map(EbuR128::loudness_global);
        let Some(Ok(loudness)) = loudness else {
            return;
        };
        if loudness < SOFTEST {
            return;
        }
        let goal = (TARGET_LUFS - loudness).clamp(-BOUND, BOUND);
        if (goal - self.goal).abs() > STEP {
            self.goal = goal;
        }
    }
}

#[cfg(test)]
mod tests;
