//! What is told of a recording while it runs, and the waveform it will have.

use super::RecordEvent;
use crate::encode::FRAME;
use crate::peaks;

/// 20 ms frames in a level event: 12.5 a second.
const LEVEL_FRAMES: usize = 4;
/// Digital silence from the start on that is worth a remark, in 20 ms frames.
const SILENT_FRAMES: usize = 100;
/// Clipping twice within so many frames is worth a remark, and again after so many.
const AGAIN: usize = 50;
const REMARKS: usize = 150;

/// Of what the microphone hears.
#[derive(Default)]
pub(super) struct Meter {
    frame: Vec<f32>,
    frames: usize,
    loudest: u8,
    heard: bool,
    /// The frames that last clipped, and of which it was told.
    clipped: Option<usize>,
    told: Option<usize>,
}

impl Meter {
    pub(super) fn push(&mut self, samples: &[f32], mut tell: impl FnMut(RecordEvent)) {
        each_frame(&mut self.frame, samples, |frame| {
            self.frames += 1;
            let frames = self.frames;
            self.heard |= frame.iter().any(|&sample| sample != 0.0);
            self.loudest = self.loudest.max(peaks::peak(frame));
            let again = |last: usize| frames - last <= AGAIN;
            if peaks::clips(frame) && self.clipped.replace(frames).is_some_and(again) {
                let is_due = self.told.is_none_or(|told| frames - told >= REMARKS);
                if is_due {
                    self.told = Some(frames);
                    tell(RecordEvent::Clipping);
                }
            }
            if frames.is_multiple_of(LEVEL_FRAMES) {
                let peak = std::mem::take(&mut self.loudest);
                let elapsed_ms = u32::try_from(frames * 20).unwrap_or(u32::MAX);
                tell(RecordEvent::Level { elapsed_ms, peak });
            }
            if frames == SILENT_FRAMES && !self.heard {
                tell(RecordEvent::Silent);
            }
        });
    }
}

/// Of what is encoded.
#[derive(Default)]
pub(super) struct Wave {
    frame: Vec<f32>,
    peaks: Vec<u8>,
}

impl Wave {
    pub(super) fn push(&mut self, samples: &[f32]) {
        let peaks = &mut self.peaks;
        each_frame(&mut self.frame, samples, |frame| {
            peaks.push(peaks::peak(frame));
        });
    }

    pub(super) fn finish(&mut self) -> Vec<u8> {
        if !self.frame.is_empty() {
            self.peaks.push(peaks::peak(&self.frame));
            self.frame.clear();
        }
        peaks::waveform(&self.peaks)
    }
}

/// Calls `done` with each frame of 20 ms; what is left over waits in `waiting`.
fn each_frame(waiting: &mut Vec<f32>, mut samples: &[f32], mut done: impl FnMut(&[f32])) {
    while !samples.is_empty() {
        let room = samples.len().min(FRAME - waiting.len());
        let (now, rest) = samples.split_at(room);
        waiting.extend_from_slice(now);
        samples = rest;
        if waiting.len() == FRAME {
            done(waiting);
            waiting.clear();
        }
    }
}
