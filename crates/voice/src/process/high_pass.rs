//! Rumble taken out: a Butterworth filter of the second order at 80 Hz.
//!
//! The lowest voices begin at 85 Hz, and lose half a decibel of their fundamental there at 100. Rejected: a steeper
//! filter, which rings on every step; f32 for the state, whose rounding is heard as a tone at such a low corner.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use crate::encode::RATE;

/// Where it begins: 3 dB down, in Hz.
const CORNER: f64 = 80.0;

pub(super) struct HighPass {
    /// The numerator is this times (1, -2, 1).
    through: f64,
    feedback: [f64; 2],
    state: [f64; 2],
}

impl HighPass {
    pub(super) fn new() -> Self {
        let angle = TAU * CORNER / f64::from(RATE);
        let (sine, cosine) = angle.sin_cos();
        let alpha = sine * FRAC_1_SQRT_2;
        let scale = 1.0 + alpha;
        Self {
            through: (1.0 + cosine) / 2.0 / scale,
            feedback: [-2.0 * cosine / scale, (1.0 - alpha) / scale],
            state: [0.0; 2],
        }
    }

    pub(super) fn apply(&mut self, samples: &mut [f32]) {
        let [first, second] = self.feedback;
        for sample in samples {
            let x = f64::from(*sample);
            let y = self.through * x + self.state[0];
            self.state[0] = -2.0 * self.through * x - first * y + self.state[1];
            self.state[1] = self.through * x - second * y;
            *sample = y as f32;
        }
    }
}

#[cfg(test)]
mod tests;
