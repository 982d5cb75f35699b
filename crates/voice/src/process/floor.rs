//! How loud it is where nobody speaks: the least power of the last seconds (minimum statistics).
//!
//! Speech has gaps every few seconds, between phrases and inside of consonants; noise has none. So the least is the noise,
//! without knowing where the words are. Rejected: a voice detector, which takes a television for a person.

use std::collections::VecDeque;

/// Samples of which one power is taken: 10 ms.
pub(super) const FRAME: usize = 480;
/// Weight of a new frame: what is remembered is some 50 ms.
const FRESH: f32 = 0.2;
/// Frames in a part: 200 ms.
const PART: usize = 20;
/// Parts that are remembered: 4 s. In half of that some people do not draw breath.
const PARTS: usize = 20;
/// How the loudest falls in a frame: by 10 dB in 8 s.
const DECAY: f32 = 0.9971;

/// The quiet and the loud of one stream, as mean squares.
pub(super) struct Floor {
    power: Option<f32>,
    least: f32,
    parts: VecDeque<f32>,
    frames: usize,
    loudest: f32,
}

impl Floor {
    pub(super) fn new() -> Self {
        Self {
            power: None,
            least: f32::INFINITY,
            parts: VecDeque::with_capacity(PARTS),
            frames: 0,
            loudest: 0.0,
        }
    }

    /// Takes 10 ms.
    pub(super) fn take(&mut self, frame: &[f32]) {
        let fresh = mean_square(frame);
        let power = match self.power {
            Some(power) => power + FRESH * (fresh - power),
            None => fresh,
        };
        self.power = Some(power);
        self.loudest = (self.loudest * DECAY).max(power);
        self.least = self.least.min(power);
        self.frames += 1;
        if self.frames.is_multiple_of(PART) {
            if self.parts.len() == PARTS {
                self.parts.pop_front();
            }
            self.parts.push_back(self.least);
            self.least = f32::INFINITY;
        }
    }

    /// The least of the last 4 s; infinite before anything was heard.
    pub(super) fn quietest(&self) -> f32 {
        self.parts.iter().copied().fold(self.least, f32::min)
    }

    /// The loudest of the last seconds.
    pub(super) fn loudest(&self) -> f32 {
        self.loudest
    }
}

pub(super) fn mean_square(samples: &[f32]) -> f32 {
    let sum: f32 = samples.iter().map(|sample| sample * sample).sum();
    sum / samples.len().max(1) as f32
}
