//! Nothing above -1 dBFS, without looking ahead.
//!
//! The loudest of the last tenth of a second is turned down along a curve that bends from -4 dBFS on and never reaches
//! -1. Where it gets louder that counts at once, so a first wave is bent rather than cut, and those after it are only
//! quieter. Rejected: looking ahead, which would delay what is recorded; bending each sample by itself, which is heard
//! as roughness in every loud vowel.

/// From here on it bends: -4 dBFS.
const KNEE: f32 = 0.631;
/// What is never reached: -1 dBFS.
const CEILING: f32 = 0.891;
/// What is louder comes from a broken file, and would be remembered for seconds.
const LOUDEST: f32 = 64.0;
/// Seconds after which the loudest is forgotten but for a third.
const RELEASE: f32 = 0.08;

/// One stream of mono samples.
pub(crate) struct Limiter {
    loudest: f32,
    keep: f32,
}

impl Limiter {
    pub(crate) fn new(rate: u32) -> Self {
        Self {
            loudest: 0.0,
            keep: (-1.0 / (RELEASE * rate.max(1) as f32)).exp(),
        }
    }

    pub(crate) fn limit(&mut self, sample: f32) -> f32 {
        let sample = if sample.is_finite() {
            sample.clamp(-LOUDEST, LOUDEST)
        } else {
            0.0
        };
        self.loudest = (self.loudest * self.keep).max(sample.abs());
        if self.loudest <= KNEE {
            return sample;
        }
        let room = CEILING - KNEE;
        let bent = KNEE + room * ((self.loudest - KNEE) / room).tanh();
        sample * (bent / self.loudest)
    }
}

#[cfg(test)]
mod tests;
