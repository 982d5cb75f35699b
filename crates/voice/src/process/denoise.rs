//! Noise suppression by RNNoise (`nnnoiseless`), as much of it as the room asks for.
//!
//! The network gives what it was given one frame before, so the untouched sound waits for as long beside it, and the two are mixed. Whether there
//! is noise is measured where the network hears no voice: a room, and not a soft voice in it.

use nnnoiseless::DenoiseState;

/// Samples at a time: 10 ms.
const FRAME: usize = DenoiseState::FRAME_SIZE;
/// The network counts samples as 16 bit integers do.
const SCALE: f32 = 32_768.0;
/// A frame that is less likely to be a voice is the room.
const ROOM: f32 = 0.3;
/// As loud is a room with noise, and as soft one without, in dBFS; in between it stays as it was.
const NOISY: f32 = -52.0;
const QUIET: f32 = -58.0;
/// Frames of the room that are listened to before anything is decided.
const ENOUGH: u32 = 5;
/// How much of the mix changes with a sample: all of it in 100 ms.
const STEP: f32 = 1.0 / 4_800.0;

pub(super) struct Denoiser {
    network: Box<DenoiseState<'static>>,
    always: bool,
    /// What waits to be a frame.
    filling: Vec<f32>,
    /// The frame that the network has, and gives next.
    dry: Option<[f32; FRAME]>,
    /// The loudness of the room in dBFS, and of how many frames.
    room: f32,
    heard: u32,
    is_noisy: bool,
    /// How much of the network's answer is in the mix, 0 to 1.
    wet: f32,
}

impl Denoiser {
    pub(super) fn new(always: bool) -> Self {
        Self {
            network: DenoiseState::new(),
            always,
            filling: Vec::with_capacity(FRAME),
            dry: None,
            room: 0.0,
            heard: 0,
            is_noisy: false,
            wet: if always { 1.0 } else { 0.0 },
        }
    }

    pub(super) fn push(&mut self, sample: f32, out: &mut Vec<f32>) {
        self.filling.push(sample);
        if self.filling.len() == FRAME {
            self.advance(FRAME, out);
        }
    }

    /// Gives what waits.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        let rest = self.filling.len();
        if rest > 0 {
            self.advance(FRAME, out);
        }
        // A frame of nothing brings the last one out, of which the end may be nothing too.
        self.advance(if rest > 0 { rest } else { FRAME }, out);
        self.dry = None;
    }

    /// Gives the network a frame, filled up with silence, and appends so much of the frame before.
    fn advance(&mut self, count: usize, out: &mut Vec<f32>) {
        let mut frame = [0.0; FRAME];
        for (place, sample) in frame.iter_mut().zip(self.filling.drain(..)) {
            *place = sample;
        }
        let given = frame.map(|sample| sample * SCALE);
        let mut cleaned = [0.0; FRAME];
        let voice = self.network.process_frame(&mut cleaned, &given);
        self.listen(&frame, voice);
        let before = self.dry.replace(frame);
        let Some(before) = before else {
            return;
        };
        let wanted = if self.always || self.is_noisy {
            1.0
        } else {
            0.0
        };
        for (dry, clean) in before.iter().zip(cleaned).take(count) {
            self.wet += (wanted - self.wet).clamp(-STEP, STEP);
            let clean = clean / SCALE;
            let clean = if clean.is_finite() { clean } else { *dry };
            out.push(dry + (clean - dry) * self.wet);
        }
    }

    fn listen(&mut self, frame: &[f32; FRAME], voice: f32) {
        if voice >= ROOM {
            return;
        }
        let power = frame.iter().map(|sample| sample * sample).sum::<f32>() / FRAME as f32;
        let db = 10.0 * power.max(1e-10).log10();
        self.heard = self.heard.saturating_add(1);
        // The mean of what was heard first, then of about the last half second of it.
        self.room += (db - self.room) / self.heard.min(50) as f32;
        if self.heard >= ENOUGH {
            self.is_noisy = self.room > if self.is_noisy { QUIET } else { NOISY };
        }
    }
}
