//! How much louder or softer a message is to be played, so that a soft voice and a loud one are as easy to follow.
//!
//! One factor for the whole of it: how somebody says something stays as it was said. Rejected: measuring when it arrives, and keeping that. It would save
//! the few milliseconds this takes, and the sums of what other clients send are none of the store's business.

use std::path::Path;

use ebur128::{EbuR128, Mode};

use crate::VoiceError;
use crate::decode::Sound;
use crate::process::{LOUDER, Limiter, SOFTER, TARGET, amplitude};

/// Of so much sound, in seconds, the loudness is taken: reading it takes 15 ms at most.
const MEASURED: u64 = 8;
/// Softer than this, in LUFS, nothing is said.
const SILENCE: f64 = -60.0;

/// Brings a message to the loudness of speech.
pub(super) struct Evenness {
    factor: f32,
    limiter: Limiter,
}

impl Evenness {
    /// Of a file, by what its beginning is like. None where it is as it should be, or silent.
    pub(super) fn of(path: &Path) -> Result<Option<Self>, VoiceError> {
        let mut sound = Sound::open(path)?;
        let rate = sound.rate();
        let Ok(mut meter) = EbuR128::new(1, rate, Mode::I) else {
            return Ok(None);
        };
        let mut samples = Vec::new();
        let mut read = 0;
        while read < MEASURED * u64::from(rate) {
            samples.clear();
            let more = sound.read(&mut samples)?;
            for sample in &mut samples {
                if !sample.is_finite() {
                    *sample = 0.0;
                }
            }
            read += samples.len() as u64;
            // It refuses only another number of channels.
            let _ = meter.add_frames_f32(&samples);
            if !more {
                break;
            }
        }
        let found = meter.loudness_global().unwrap_or(f64::NEG_INFINITY);
        if found < SILENCE || !found.is_finite() {
            return Ok(None);
        }
        let db = (TARGET - found).clamp(SOFTER, LOUDER);
        Ok((db.abs() > 0.5).then(|| Self {
            factor: amplitude(db) as f32,
            limiter: Limiter::new(rate),
        }))
    }

    pub(super) fn apply(&mut self, samples: &mut [f32]) {
        for sample in samples {
            *sample = self.limiter.next(*sample * self.factor);
        }
    }
}
