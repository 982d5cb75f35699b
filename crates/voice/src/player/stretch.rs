//! Another speed at the same pitch.
//!
//! WSOLA by the `wsola` crate: pure Rust, streams, made for speech. Rejected: Signalsmith Stretch and SoundTouch, which
//! need a C++ compiler and bindgen on every platform for what one voice does not need (they shine with music), and a phase
//! vocoder, which smears consonants.

use std::num::{NonZeroU16, NonZeroU32};

use wsola::TimeStretch;

use crate::VoiceError;

/// In per cent: half as fast as it was spoken.
pub const SLOWEST: u16 = 50;
/// In per cent: three times as fast.
pub const FASTEST: u16 = 300;

pub(super) struct Stretch {
    inner: TimeStretch,
    block: Vec<f32>,
    /// What the first frame fades in, still to be cut off the front.
    lead: usize,
}

impl Stretch {
    /// For mono at `rate`, at `percent` of the speed.
    pub(super) fn new(rate: u32, percent: u16) -> Result<Self, VoiceError> {
        let rate = NonZeroU32::new(rate).ok_or(VoiceError::Damaged { at: 0 })?;
        let mut inner = TimeStretch::new(rate, NonZeroU16::MIN)
            .map_err(|error| VoiceError::Device(error.to_string()))?;
        inner.set_tempo(f32::from(percent) / 100.0);
        let hop = inner.min_output_buff_size();
        // The first hop is faded in: it shall be silence and not the first syllable.
        inner.push(&vec![0.0; hop]);
        Ok(Self {
            inner,
            block: vec![0.0; hop],
            lead: hop,
        })
    }

    /// Appends to `out` what can be computed so far.
    pub(super) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.inner.push(samples);
        while self.take(out) {}
    }

    /// Appends what is left.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        self.inner.set_draining();
        while self.inner.is_draining() && self.take(out) {}
    }

    fn take(&mut self, out: &mut Vec<f32>) -> bool {
        let Ok(count) = self.inner.pull(&mut self.block) else {
            return false;
        };
        let made = self.block.get(..count).unwrap_or_default();
        let cut = self.lead.min(made.len());
        self.lead -= cut;
        out.extend_from_slice(made.get(cut..).unwrap_or_default());
        true
    }
}
