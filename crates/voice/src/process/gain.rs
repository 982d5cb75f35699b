//! Loudness: slow gain towards that of speech, and a limit that nothing passes.

use ebur128::{EbuR128, Mode};

use super::{LOUDER, SOFTER, TARGET, amplitude};
use crate::encode::RATE;

/// Samples between two looks at the loudness: 100 ms.
const LOOK: usize = 4_800;
/// Looks until the meter's window of 400 ms is full.
const WINDOW: u32 = 4;
/// Softer is nobody speaking, in LUFS; and so is what is as much softer than the voice.
const SILENCE: f64 = -50.0;
const BELOW_VOICE: f64 = 12.0;
/// Looks of which the loudness of the voice is the mean: about a breath.
const MEMORY: f64 = 30.0;
/// How fast the gain may move, in dB a second. Becoming too loud hurts more than staying too soft.
const UP: f64 = 6.0;
const DOWN: f64 = 12.0;

pub(super) struct Gain {
    meter: EbuR128,
    since_look: usize,
    looks: u32,
    /// Mean power of the voice, as the meter counts it, and of how many looks.
    voice: f64,
    voices: f64,
    db: f64,
    wanted: f64,
    limiter: Limiter,
}

impl Gain {
    /// None: the library has no meter for this, which it has.
    pub(super) fn new() -> Option<Self> {
        Some(Self {
            meter: EbuR128::new(1, RATE, Mode::M).ok()?,
            since_look: 0,
            looks: 0,
            voice: 0.0,
            voices: 0.0,
            db: 0.0,
            wanted: 0.0,
            limiter: Limiter::new(RATE),
        })
    }

    pub(super) fn apply(&mut self, samples: &mut [f32]) {
        let mut rest = samples;
        while !rest.is_empty() {
            let until_look = rest.len().min(LOOK - self.since_look);
            let (now, later) = rest.split_at_mut(until_look);
            // It refuses only another number of channels.
            let _ = self.meter.add_frames_f32(now);
            let (up, down) = (UP / f64::from(RATE), DOWN / f64::from(RATE));
            for sample in now.iter_mut() {
                self.db += (self.wanted - self.db).clamp(-down, up);
                *sample = self.limiter.next(*sample * amplitude(self.db) as f32);
            }
            self.since_look += until_look;
            if self.since_look == LOOK {
                self.since_look = 0;
                self.look();
            }
            rest = later;
        }
    }

    fn look(&mut self) {
        self.looks = self.looks.saturating_add(1);
        let Some(now) = self.meter.loudness_momentary().ok() else {
            return;
        };
        let voice = 10.0 * self.voice.log10();
        if self.looks < WINDOW || now < SILENCE || (self.voices > 0.0 && now < voice - BELOW_VOICE)
        {
            return;
        }
        let power = 10.0_f64.powf(now / 10.0);
        self.voices = (self.voices + 1.0).min(MEMORY);
        self.voice += (power - self.voice) / self.voices;
        self.wanted = (TARGET - 10.0 * self.voice.log10()).clamp(SOFTER, LOUDER);
    }
}

/// Lets nothing pass -1 dBFS: what would is turned down at once, and up again within 60 ms.
pub(crate) struct Limiter {
    factor: f32,
    recovery: f32,
}

/// -1 dBFS.
const CEILING: f32 = 0.891;

impl Limiter {
    /// At so many samples a second.
    pub(crate) fn new(rate: u32) -> Self {
        Self {
            factor: 1.0,
            recovery: 1.0 / (0.06 * rate as f32),
        }
    }

    pub(crate) fn next(&mut self, sample: f32) -> f32 {
        self.factor += (1.0 - self.factor) * self.recovery;
        let level = sample.abs();
        if level * self.factor > CEILING {
            self.factor = CEILING / level;
        }
        sample * self.factor
    }
}
