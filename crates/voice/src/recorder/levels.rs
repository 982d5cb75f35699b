//! What is told of the sound while it is recorded, and the waveform that is left of it.
//!
//! Two different sounds: levels, silence and clipping are the microphone's, whatever is done to its sound afterwards; the
//! waveform is that of what will be heard.

use super::RecordEvent;
use crate::encode::FRAME;
use crate::peaks;

/// 20 ms frames in a level event: 12.5 a second.
const LEVEL_FRAMES: usize = 4;
/// Digital silence from the start on that is worth a remark, in 20 ms frames.
const SILENT_FRAMES: usize = 100;

/// Tells how loud the microphone is.
pub(super) struct Levels {
    frame: Vec<f32>,
    frames: usize,
    /// Of the frames since the last level event.
    peak: u8,
    silent: bool,
    /// The frames that last clipped, and of which it was told.
    clipped: Option<usize>,
    told: Option<usize>,
}

impl Levels {
    pub(super) fn new() -> Self {
        Self {
            frame: Vec::with_capacity(FRAME),
            frames: 0,
            peak: 0,
            silent: true,
            clipped: None,
            told: None,
        }
    }

    pub(super) fn take(&mut self, samples: &[f32], on_event: &mut dyn FnMut(RecordEvent)) {
        let mut frame = std::mem::take(&mut self.frame);
        in_frames(&mut frame, samples, |frame| self.look(frame, on_event));
        self.frame = frame;
    }

    fn look(&mut self, frame: &[f32], on_event: &mut dyn FnMut(RecordEvent)) {
        self.frames += 1;
        self.silent &= frame.iter().all(|&sample| sample == 0.0);
        self.peak = self.peak.max(peaks::peak(frame));
        let frames = self.frames;
        let again = |last: usize| frames - last <= 50;
        if peaks::clips(frame) && self.clipped.replace(frames).is_some_and(again) {
            let is_due = self.told.is_none_or(|told| frames - told >= 150);
            if is_due {
                self.told = Some(frames);
                on_event(RecordEvent::Clipping);
            }
        }
        if frames.is_multiple_of(LEVEL_FRAMES) {
            let elapsed_ms = u32::try_from(frames * 20).unwrap_or(u32::MAX);
            let peak = std::mem::take(&mut self.peak);
            on_event(RecordEvent::Level { elapsed_ms, peak });
        }
        if frames == SILENT_FRAMES && self.silent {
            on_event(RecordEvent::Silent);
        }
    }
}

/// Collects the waveform.
pub(super) struct Waveform {
    /// Samples of the 20 ms frame whose peak is not known yet.
    frame: Vec<f32>,
    peaks: Vec<u8>,
}

impl Waveform {
    pub(super) fn new() -> Self {
        Self {
            frame: Vec::with_capacity(FRAME),
            peaks: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, samples: &[f32]) {
        let peaks = &mut self.peaks;
        in_frames(&mut self.frame, samples, |frame| {
            peaks.push(peaks::peak(frame));
        });
    }

    /// As in [`Take::peaks`](super::Take::peaks).
    pub(super) fn finish(&mut self) -> Vec<u8> {
        if !self.frame.is_empty() {
            self.peaks.push(peaks::peak(&self.frame));
            self.frame.clear();
        }
        peaks::waveform(&self.peaks)
    }
}

/// Fills `frame`, and gives it on whenever it is full.
fn in_frames(frame: &mut Vec<f32>, mut samples: &[f32], mut full: impl FnMut(&[f32])) {
    while !samples.is_empty() {
        let (now, rest) = samples.split_at(samples.len().min(FRAME - frame.len()));
        frame.extend_from_slice(now);
        samples = rest;
        if frame.len() == FRAME {
            full(frame);
            frame.clear();
        }
    }
}
