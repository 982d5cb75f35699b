//! From one sample rate to another, without delay and with exact length.
//!
//! `n` frames in give `round(n * to / from)` frames out, the first of them at the same moment as the first in: the
//! filter's delay is cut off the front and pushed out at the end. Equal rates pass through untouched.
//!
//! Rejected: rubato's `Fft` resampler. It is faster, but for pairs without a large common divisor its block becomes a
//! second long, and the recorder would then lag behind its microphone.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{
    Async, FixedAsync, Resampler as _, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};

use crate::VoiceError;

/// Mono, fixed ratio.
pub(crate) struct Resampler {
    from: u32,
    to: u32,
    filter: Option<Filter>,
}

struct Filter {
    inner: Async<f32>,
    waiting: Vec<f32>,
    output: Vec<f32>,
    /// Output frames still to be cut off the front.
    delay: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// # Errors
    /// `Device` where a rate is outside 8–192 kHz: such a device is not known to exist.
    pub(crate) fn new(from: u32, to: u32) -> Result<Resampler, VoiceError> {
        if !(8_000..=192_000).contains(&from) || !(8_000..=192_000).contains(&to) {
            return Err(VoiceError::Device(format!(
                "sample rate {from} Hz to {to} Hz"
            )));
        }
        let filter = if from == to {
            None
        } else {
            Some(Filter::new(from, to)?)
        };
        Ok(Resampler { from, to, filter })
    }

    /// Appends to `out` what can be computed so far.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> Result<(), VoiceError> {
        let Some(filter) = &mut self.filter else {
            out.extend_from_slice(samples);
            return Ok(());
        };
        filter.taken += samples.len() as u64;
        filter.waiting.extend_from_slice(samples);
        filter.run(out, u64::MAX)
    }

    /// Appends what is left. Nothing may be pushed afterwards.
    pub(crate) fn finish(&mut self, out: &mut Vec<f32>) -> Result<(), VoiceError> {
        let Some(filter) = &mut self.filter else {
            return Ok(());
        };
        let (from, to) = (u64::from(self.from), u64::from(self.to));
        let total = (filter.taken * to + from / 2) / from;
        while filter.given < total {
            let chunk = filter.inner.input_frames_next();
            filter.waiting.resize(chunk, 0.0);
            filter.run(out, total)?;
        }
        Ok(())
    }
}

impl Filter {
    fn new(from: u32, to: u32) -> Result<Filter, VoiceError> {
        let parameters = SincInterpolationParameters::new(128, WindowFunction::BlackmanHarris2)
            .interpolation(SincInterpolationType::Quadratic);
        let ratio = f64::from(to) / f64::from(from);
        let chunk = (from / 100) as usize;
        let inner = Async::<f32>::new_sinc(ratio, 1.0, &parameters, chunk, 1, FixedAsync::Input)
            .map_err(|error| VoiceError::Device(error.to_string()))?;
        let delay = inner.output_delay();
        let output = vec![0.0; inner.output_frames_max()];
        Ok(Filter {
            inner,
            waiting: Vec::new(),
            output,
            delay,
            taken: 0,
            given: 0,
        })
    }

    /// Runs all whole chunks that wait, giving no more than `total` frames in all.
    fn run(&mut self, out: &mut Vec<f32>, total: u64) -> Result<(), VoiceError> {
        let failed = |error: String| VoiceError::Device(error);
        let mut done = 0;
        loop {
            let need = self.inner.input_frames_next();
            let Some(input) = self.waiting.get(done..done + need) else {
                break;
            };
            let frames = self.output.len();
            let source = SequentialSlice::new(input, 1, need).map_err(|e| failed(e.to_string()))?;
            let mut target = SequentialSlice::new_mut(&mut self.output, 1, frames)
                .map_err(|e| failed(e.to_string()))?;
            let (_, made) = self
                .inner
                .process_into_buffer(&source, &mut target, None)
                .map_err(|e| failed(e.to_string()))?;
            done += need;
            let cut = self.delay.min(made);
            self.delay -= cut;
            let room = usize::try_from(total - self.given).unwrap_or(usize::MAX);
            let fresh = self.output.get(cut..made).unwrap_or_default();
            let fresh = fresh.get(..room.min(fresh.len())).unwrap_or_default();
            out.extend_from_slice(fresh);
            self.given += fresh.len() as u64;
        }
        self.waiting.drain(..done);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
