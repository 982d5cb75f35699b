//! Noise suppression: RNNoise as `nnnoiseless` has it, with its delay taken out and its edges softened.
//!
//! The network works on 10 ms and is 10 ms late. Both are hidden here: what comes out is as long as what went in, and in
//! its place. It knows nothing of the voice at first and would close on the first syllable, so it is blended in after
//! 60 ms. A little of what was there stays always: a room that falls dead between words sounds broken.
//!
//! By itself (`automatic`) it works where there is enough noise, and where the network takes it for noise: it listens
//! all the time, so that it is awake when it is needed. What it would take away where it is quietest tells hum and fan
//! from a long vowel. Going over takes 150 ms, there and back.
//!
//! Rejected: holding the first second back until it is decided (a killed program would lose it).

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};

use nnnoiseless::DenoiseState;

use super::floor::{FRAME, Floor};
use super::sane;

/// The network was taught with 16-bit samples.
const SCALE: f32 = 32_768.0;
/// How much is the network's where it works fully: noise is left at -22 dB.
const FULL: f32 = 0.92;
/// How that changes in a sample: from nothing to full in some 150 ms.
const STEP: f32 = 1.0 / 7_200.0;
/// Frames before the network is heard.
const ASLEEP: usize = 6;
/// Frames before it is decided: 250 ms.
const UNDECIDED: usize = 25;
/// Frames that have to agree, to begin and to end.
const BEGINS: u32 = 12;
const ENDS: u32 = 100;
/// Mean square from which on noise is heard: -46 dBFS while nobody has spoken yet, and it is not known how loud that will
/// be; -58 afterwards. And below which it is not: -62.
const NOISY_ALONE: f32 = 2.5e-5;
const NOISY: f32 = 1.6e-6;
const QUIET: f32 = 6.3e-7;
/// What is louder than the noise by so much (15 dB) is somebody who speaks.
const SPOKEN: f32 = 32.0;
/// Loudest speech that is this much louder than the noise (28 dB) hides it; beyond 34 dB it is left alone again.
const DROWNED: f32 = 630.0;
const CLEAN: f32 = 2_500.0;
/// As long as nobody drew breath yet (1.5 s) the quietest may be speech itself: then 20 dB.
const BREATHLESS: usize = 150;
const LOUD_NOISE: f32 = 100.0;
/// What is noise to the network it turns down at least so far: -6 dB.
const TAKEN: f32 = 0.25;

pub(super) struct Suppressor {
    /// Gone where it failed; what is heard then is what was said.
    network: Option<Box<DenoiseState<'static>>>,
    judge: Option<Judge>,
    waiting: Vec<f32>,
    /// What went in and did not come out yet.
    delayed: VecDeque<f32>,
    frames: usize,
    /// How much is the network's.
    mix: f32,
    wet: Vec<f32>,
    taken: u64,
    given: u64,
}

/// Whether there is noise worth it.
struct Judge {
    before: Floor,
    after: Floor,
    on: bool,
    /// Frames in a row that spoke against that.
    against: u32,
}

impl Suppressor {
    pub(super) fn always() -> Self {
        Self {
            network: panic::catch_unwind(DenoiseState::new).ok(),
            judge: None,
            waiting: Vec::with_capacity(FRAME * 4),
            delayed: VecDeque::with_capacity(FRAME * 2),
            frames: 0,
            mix: 0.0,
            wet: vec![0.0; FRAME],
            taken: 0,
            given: 0,
        }
    }

    pub(super) fn automatic() -> Self {
        Self {
            judge: Some(Judge {
                before: Floor::new(),
                after: Floor::new(),
                on: false,
                against: 0,
            }),
            ..Self::always()
        }
    }

    pub(super) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.taken += samples.len() as u64;
        self.waiting.extend_from_slice(samples);
        let waiting = std::mem::take(&mut self.waiting);
        let mut frames = waiting.chunks_exact(FRAME);
        for frame in &mut frames {
            self.take(frame, out);
        }
        self.waiting.extend_from_slice(frames.remainder());
    }

    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        let end = self.taken;
        while self.given < end {
            let silence = FRAME - self.waiting.len() % FRAME;
            let from = out.len();
            let before = self.given;
            self.push(&vec![0.0; silence], out);
            let room = usize::try_from(end - before).unwrap_or(usize::MAX);
            out.truncate(from.saturating_add(room));
        }
    }

    fn take(&mut self, frame: &[f32], out: &mut Vec<f32>) {
        self.delayed.extend(frame);
        self.run(frame);
        self.frames += 1;
        if self.frames == 1 {
            // The first that comes out lies before the beginning.
            return;
        }
        let dry: Vec<f32> = self.delayed.drain(..FRAME).collect();
        let goal = self.goal(&dry);
        for (&dry, &wet) in dry.iter().zip(&self.wet) {
            self.mix += (goal - self.mix).clamp(-STEP, STEP);
            out.push(dry + self.mix * (wet - dry));
        }
        self.given += FRAME as u64;
    }

    /// Leaves in `wet` what the network makes of the frame before this one.
    fn run(&mut self, frame: &[f32]) {
        let Some(network) = &mut self.network else {
            return;
        };
        let wet = &mut self.wet;
        // Its FFT takes for granted that these are numbers, and so do its squares.
        let scaled: Vec<f32> = frame.iter().map(|&sample| sane(sample) * SCALE).collect();
        let done = panic::catch_unwind(AssertUnwindSafe(|| network.process_frame(wet, &scaled)));
        if done.is_err() || wet.iter().any(|sample| !sample.is_finite()) {
            tracing::error!("the noise suppression failed and is left out");
            self.network = None;
            return;
        }
        for sample in wet {
            *sample = sane(*sample / SCALE);
        }
    }

    /// How much shall be the network's, from what went in and what it made of it.
    fn goal(&mut self, dry: &[f32]) -> f32 {
        if self.network.is_none() {
            // At once: what is in `wet` is another frame's.
            self.mix = 0.0;
            return 0.0;
        }
        let on = match &mut self.judge {
            Some(judge) => judge.is_noisy(self.frames, dry, &self.wet),
            None => true,
        };
        if on && self.frames > ASLEEP {
            FULL
        } else {
            0.0
        }
    }
}

impl Judge {
    fn is_noisy(&mut self, frames: usize, dry: &[f32], wet: &[f32]) -> bool {
        if frames > ASLEEP {
            self.before.take(dry);
            self.after.take(wet);
        }
        if frames < UNDECIDED {
            return false;
        }
        let (noise, loudest) = (self.before.quietest(), self.before.loudest());
        let against = if self.on {
            noise < QUIET || loudest > noise * CLEAN
        } else {
            let is_taken = self.after.quietest() < noise * TAKEN;
            let hides = if frames < BREATHLESS {
                LOUD_NOISE
            } else {
                DROWNED
            };
            let noisy = if loudest > noise * SPOKEN {
                NOISY
            } else {
                NOISY_ALONE
            };
            noise > noisy && loudest < noise * hides && is_taken
        };
        self.against = if against { self.against + 1 } else { 0 };
        if self.against >= if self.on { ENDS } else { BEGINS } {
            self.on = !self.on;
            self.against = 0;
        }
        self.on
    }
}

#[cfg(test)]
mod tests;
