//! A second-order Butterworth filter: 12 dB an octave below 80 Hz, nothing above.

use std::f64::consts::{PI, SQRT_2};

use crate::encode::RATE;

const CORNER: f64 = 80.0;

/// Direct form II, transposed. In `f64`: so far below the rate the poles are too close to 1 for less.
#[derive(Debug)]
pub(super) struct HighPass {
    feed: [f64; 3],
    back: [f64; 2],
    state: [f64; 2],
}

impl Default for HighPass {
    fn default() -> Self {
        let w = (PI * CORNER / f64::from(RATE)).tan();
        let norm = 1.0 / (1.0 + SQRT_2 * w + w * w);
        Self {
            feed: [norm, -2.0 * norm, norm],
            back: [
                2.0 * (w * w - 1.0) * norm,
                (1.0 - SQRT_2 * w + w * w) * norm,
            ],
            state: [0.0; 2],
        }
    }
}

impl HighPass {
    pub(super) fn next(&mut self, sample: f32) -> f32 {
        let x = f64::from(sample);
        let y = self.feed[0] * x + self.state[0];
        self.state[0] = self.feed[1] * x - self.back[0] * y + self.state[1];
        self.state[1] = self.feed[2] * x - self.back[1] * y;
        y as f32
    }
}
