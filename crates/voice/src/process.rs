//! What is done to a voice before it is encoded: rumble and noise are taken out, loudness is brought to that of speech.
//!
//! Mono at 48 kHz, in pieces of any size; as many samples come out as go in, each at its own moment: what a stage needs to know of the
//! future it waits for, and gives the rest at the end. Nothing here allocates once it runs in, and nothing fails: a sample that is no number is
//! silence.
//!
//! Rejected: the voice chain of WebRTC (a C++ build for each platform, made for calls, whose echo canceller has nothing to cancel here); noise
//! suppression for everybody always (in a quiet room it takes breath and the ends of words, and gives nothing); compressing what is loud and
//! soft within a sentence (that is how people speak).

mod denoise;
mod gain;
mod high_pass;

pub(crate) use gain::Limiter;

use denoise::Denoiser;
use gain::Gain;
use high_pass::HighPass;

/// The loudness that speech is brought to, in LUFS: loud enough for a phone in a street, with room for the peaks of a voice.
pub(crate) const TARGET: f64 = -18.0;
/// How far a sound is made louder or softer for that, in dB. What needs more is noise.
pub(crate) const LOUDER: f64 = 18.0;
pub(crate) const SOFTER: f64 = -12.0;

/// What is done to the sound of a microphone. Nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessOptions {
    /// Takes out what is below 80 Hz: handling, wind, the hum of a building.
    pub high_pass: bool,
    /// Takes out noise.
    pub denoise: Denoise,
    /// Brings speech towards -18 LUFS.
    pub gain: bool,
}

/// When noise is taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Denoise {
    /// Never.
    #[default]
    Off,
    /// While there is some.
    Auto,
    /// Always.
    On,
}

/// The stages one after the other.
pub(crate) struct Processing {
    high_pass: Option<HighPass>,
    denoiser: Option<Denoiser>,
    gain: Option<Gain>,
}

impl Processing {
    /// None where nothing is to be done.
    pub(crate) fn new(options: ProcessOptions) -> Option<Self> {
        if options == ProcessOptions::default() {
            return None;
        }
        Some(Self {
            high_pass: options.high_pass.then(HighPass::default),
            denoiser: match options.denoise {
                Denoise::Off => None,
                Denoise::Auto => Some(Denoiser::new(false)),
                Denoise::On => Some(Denoiser::new(true)),
            },
            gain: options.gain.then(Gain::new).flatten(),
        })
    }

    /// Takes samples, and appends what is done of them.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        let begin = out.len();
        let filtered = samples.iter().map(|&sample| {
            let sample = if sample.is_finite() { sample } else { 0.0 };
            match &mut self.high_pass {
                Some(filter) => filter.next(sample),
                None => sample,
            }
        });
        match &mut self.denoiser {
            Some(denoiser) => filtered.for_each(|sample| denoiser.push(sample, out)),
            None => out.extend(filtered),
        }
        self.even_out(begin, out);
    }

    /// Appends the rest.
    pub(crate) fn finish(&mut self, out: &mut Vec<f32>) {
        let begin = out.len();
        if let Some(denoiser) = &mut self.denoiser {
            denoiser.finish(out);
        }
        self.even_out(begin, out);
    }

    fn even_out(&mut self, begin: usize, out: &mut [f32]) {
        if let (Some(gain), Some(new)) = (&mut self.gain, out.get_mut(begin..)) {
            gain.apply(new);
        }
    }
}

/// Decibels as a factor of an amplitude.
pub(crate) fn amplitude(db: f64) -> f64 {
    10.0_f64.powf(db / 20.0)
}

#[cfg(test)]
mod tests;
