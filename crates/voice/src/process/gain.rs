//! Soft voices louder, loud ones softer: slowly, towards -18 LUFS.
//!
//! What counts is the loudness of the last seconds of speech (EBU R128: 400 ms at a time, K-weighted, and not what is
//! 10 LU below the rest). Only while somebody speaks is anything measured, and only then does the gain move: in pauses it
//! stays where it is, so that nothing breathes. It begins where the recording before it ended ([`Learned`]), at 0 dB the
//! first time, is quick in the first two seconds and slow after.
//!
//! Rejected: a compressor, which makes every room louder between the words.

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use ebur128::{EbuR128, Mode};

use super::floor::{FRAME, Floor, mean_square};
use super::limiter::Limiter;
use super::{TARGET_LUFS, factor};
use crate::encode::RATE;

/// Samples between two looks: 100 ms.
const BLOCK: usize = 4_800;
/// Looks that are remembered: 6 s of speech.
const REMEMBERED: usize = 60;
/// Speech is this much louder (8 dB) than where it is quietest, and never softer than that (in LUFS).
const ABOVE_FLOOR: f32 = 6.3;
const SOFTEST: f64 = -55.0;
/// What is softer than the mean by so much, in LU, is no measure of it.
const RELATIVE: f64 = 10.0;
/// Looks at speech before anything is done.
const FIRST: u32 = 4;
/// And those at which it is still quick.
const QUICK: u32 = 24;
/// In dB for 100 ms of speech: at first, then up, then down.
const QUICKLY: f64 = 1.0;
const UP: f64 = 0.3;
const DOWN: f64 = 0.6;
/// The bounds of the gain, in dB.
const LEAST: f64 = -12.0;
const MOST: f64 = 18.0;
/// A voice that is right within this, in dB, is right.
const TOLERANCE: f64 = 1.0;

/// What is known of a voice before its microphone: the gain that it was brought to. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Learned(Arc<AtomicI32>);

impl Learned {
    fn decibels(&self) -> f64 {
        f64::from(self.0.load(Ordering::Relaxed)) / 100.0
    }

    fn keep(&self, decibels: f64) {
        self.0
            .store((decibels * 100.0).round() as i32, Ordering::Relaxed);
    }
}

pub(super) struct Gain {
    /// Gone where it failed; the gain then stays.
    meter: Option<EbuR128>,
    floor: Floor,
    limiter: Limiter,
    block: Vec<f32>,
    /// Loudness of the last looks at speech, in LUFS.
    recent: VecDeque<f64>,
    speech: u32,
    goal: f64,
    decibels: f64,
    /// The factor now, and what is added to it at every sample.
    factor: f32,
    slope: f32,
    learned: Learned,
}

impl Gain {
    pub(super) fn new(learned: Learned) -> Self {
        let decibels = learned.decibels().clamp(LEAST, MOST);
        Self {
            meter: EbuR128::new(1, RATE, Mode::M).ok(),
            floor: Floor::new(),
            limiter: Limiter::new(RATE),
            block: Vec::with_capacity(BLOCK),
            recent: VecDeque::with_capacity(REMEMBERED),
            speech: 0,
            goal: decibels,
            decibels,
            factor: factor(decibels),
            slope: 0.0,
            learned,
        }
    }

    pub(super) fn apply(&mut self, samples: &mut [f32]) {
        let mut rest = samples;
        while !rest.is_empty() {
            let room = (BLOCK - self.block.len()).min(rest.len());
            let (now, later) = rest.split_at_mut(room);
            self.block.extend_from_slice(now);
            for sample in now {
                self.factor += self.slope;
                *sample = self.limiter.limit(*sample * self.factor);
            }
            rest = later;
            if self.block.len() == BLOCK {
                self.look();
                self.block.clear();
            }
        }
    }

    /// Decides where the gain goes in the next 100 ms.
    fn look(&mut self) {
        // The last slope ends exactly here, but for rounding.
        self.factor = factor(self.decibels);
        self.slope = 0.0;
        for frame in self.block.chunks(FRAME) {
            self.floor.take(frame);
        }
        let Some(loudness) = self.measure() else {
            return;
        };
        let is_speech = mean_square(&self.block) > self.floor.quietest() * ABOVE_FLOOR;
        if !is_speech || loudness < SOFTEST {
            return;
        }
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(loudness);
        self.speech = self.speech.saturating_add(1);
        if self.speech < FIRST {
            return;
        }
        self.aim();
        let (down, up) = if self.speech < QUICK {
            (QUICKLY, QUICKLY)
        } else {
            (DOWN, UP)
        };
        self.decibels += (self.goal - self.decibels).clamp(-down, up);
        // Not of a word or two: who only coughed says nothing of the next recording.
        if self.speech >= QUICK {
            self.learned.keep(self.decibels);
        }
        self.slope = (factor(self.decibels) - self.factor) / BLOCK as f32;
    }

    /// The loudness of the last 400 ms.
    fn measure(&mut self) -> Option<f64> {
        let meter = self.meter.as_mut()?;
        let block = &self.block;
        let measured = panic::catch_unwind(AssertUnwindSafe(|| {
            meter.add_frames_f32(block)?;
            meter.loudness_momentary()
        }));
        if let Ok(Ok(loudness)) = measured {
            return Some(loudness);
        }
        tracing::error!("the loudness cannot be measured: the gain stays");
        self.meter = None;
        None
    }

    fn aim(&mut self) {
        let goal = (TARGET_LUFS - self.voice()).clamp(LEAST, MOST);
        if (goal - self.goal).abs() > TOLERANCE {
            self.goal = goal;
        }
    }

    /// How loud the voice is: the mean of what is not far below the mean.
    fn voice(&self) -> f64 {
        let gate = mean(self.recent.iter().copied()) - RELATIVE;
        mean(self.recent.iter().copied().filter(|&look| look > gate))
    }
}

/// The mean power of loudnesses, as a loudness.
fn mean(loudnesses: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = loudnesses.fold((0.0, 0u32), |(sum, count), loudness| {
        (sum + 10f64.powf(loudness / 10.0), count + 1)
    });
    10.0 * (sum / f64::from(count.max(1))).log10()
}

#[cfg(test)]
mod tests;
