//! Silences between words, left out.
//!
//! Quiet is what lies 30 dB below the loudest of the last seconds: background noise differs from room to room. Of a pause
//! its first 160 ms and its last 100 ms stay, so that sentences still end and begin.

/// Frames of 20 ms at the start of a pause that stay.
const KEPT_BEFORE: usize = 8;
/// And at its end.
const KEPT_AFTER: usize = 5;
/// Below the reference by this factor (-30 dB) it is quiet.
const QUIET: f32 = 0.032;
/// Quieter is silence, however quiet the rest is (-60 dBFS).
const SILENCE: f32 = 0.001;
/// How the reference falls in a frame: by half in some 7 s.
const DECAY: f32 = 0.998;

/// Leaves out pauses of one stream of mono samples.
pub(super) struct Gaps {
    frame: usize,
    waiting: Vec<f32>,
    /// Samples left out since the last that stayed.
    left_out: u64,
    loudest: f32,
    quiet: usize,
    /// The last frames of a long pause, oldest first.
    held: Vec<f32>,
    jumped: bool,
}

impl Gaps {
    pub(super) fn new(rate: u32) -> Self {
        Self {
            frame: (rate as usize / 50).max(1),
            waiting: Vec::new(),
            left_out: 0,
            loudest: 0.0,
            quiet: 0,
            held: Vec::new(),
            jumped: false,
        }
    }

    /// Gives what stays to `keep`, with how many samples were left out before it.
    pub(super) fn push(&mut self, samples: &[f32], mut keep: impl FnMut(u64, &[f32])) {
        self.waiting.extend_from_slice(samples);
        let waiting = std::mem::take(&mut self.waiting);
        let mut frames = waiting.chunks_exact(self.frame);
        for frame in &mut frames {
            self.take(frame, &mut keep);
        }
        self.waiting.extend_from_slice(frames.remainder());
    }

    /// The end: what is held and what does not fill a frame.
    pub(super) fn finish(&mut self, mut keep: impl FnMut(u64, &[f32])) {
        self.release(&mut keep);
        let rest = std::mem::take(&mut self.waiting);
        keep(0, &rest);
    }

    fn take(&mut self, frame: &[f32], keep: &mut impl FnMut(u64, &[f32])) {
        let power: f32 = frame.iter().map(|sample| sample * sample).sum();
        let level = (power / frame.len().max(1) as f32).sqrt();
        self.loudest = (self.loudest * DECAY).max(level);
        if level >= (self.loudest * QUIET).max(SILENCE) {
            self.release(keep);
            self.quiet = 0;
            keep(0, frame);
            return;
        }
        self.quiet += 1;
        if self.quiet <= KEPT_BEFORE {
            keep(0, frame);
            return;
        }
        self.held.extend_from_slice(frame);
        let most = KEPT_AFTER * self.frame;
        if self.held.len() > most {
            let over = self.held.len() - most;
            self.held.drain(..over);
            self.left_out += over as u64;
            self.jumped = true;
        }
    }

    fn release(&mut self, keep: &mut impl FnMut(u64, &[f32])) {
        let mut held = std::mem::take(&mut self.held);
        if self.jumped {
            // Two rooms' noises do not fit together at a cut.
            let count = self.frame as f32;
            for (index, sample) in held.iter_mut().take(self.frame).enumerate() {
                *sample *= index as f32 / count;
            }
        }
        self.jumped = false;
        keep(std::mem::take(&mut self.left_out), &held);
    }
}
