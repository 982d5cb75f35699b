//! What is done to the sound between the microphone and the encoder.
//!
//! Owns: the order (rumble, noise, loudness) and the promise that every sample has its place: `n` samples in give `n`
//! out, each at its own moment, however they are cut into pieces. A stage that fails, or panics, is left out from there
//! on; the recording goes on without it.
//! Refuses: to know a device or a file, other rates than 48 kHz, and more than one channel.
//!
//! Rejected: the processing of WebRTC (a C++ build on every platform; its echo canceller is for calls); a gain by peaks
//! (`dagc`): a cough then silences the sentence after it; noise suppression that is always on (it costs clean
//! consonants a little, and there is nothing to win).

mod denoise;
mod floor;
mod gain;
mod high_pass;
mod limiter;

use self::denoise::Suppressor;
use self::gain::Gain;
pub use self::gain::Learned;
use self::high_pass::HighPass;
pub(crate) use self::limiter::Limiter;

/// What sound is brought towards, in LUFS, spoken and heard.
pub(crate) const TARGET_LUFS: f64 = -18.0;
/// Twice full scale; a filter must not be driven to infinity by what a broken device delivers.
const LOUDEST: f32 = 2.0;

/// Whether noise is suppressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Denoise {
    /// Never.
    #[default]
    Off,
    /// Where there is enough of it to be worth it, from the first second on.
    Auto,
    /// Always.
    On,
}

/// What is done to the sound. By default nothing, bit for bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessOptions {
    /// Noise suppression.
    pub denoise: Denoise,
    /// Whether speech is slowly brought towards -18 LUFS, by -12 to +18 dB, with no sample above -1 dBFS.
    pub gain: bool,
    /// Whether what lies below 80 Hz is taken out: steps, wind, the hum of mains.
    pub high_pass: bool,
}

/// One stream of mono samples at 48 kHz, full scale ±1.0.
pub struct Processing {
    high_pass: Option<HighPass>,
    suppressor: Option<Suppressor>,
    gain: Option<Gain>,
    sound: Vec<f32>,
}

impl Processing {
    /// A stream of which nothing is known yet.
    #[must_use]
    pub fn new(options: ProcessOptions) -> Processing {
        Self::of(options, &Learned::default())
    }

    /// A stream of a voice and a microphone that were heard before. What is learned of them on the way is kept.
    #[must_use]
    pub fn of(options: ProcessOptions, learned: &Learned) -> Processing {
        Processing {
            high_pass: options.high_pass.then(HighPass::new),
            suppressor: match options.denoise {
                Denoise::Off => None,
                Denoise::Auto => Some(Suppressor::automatic()),
                Denoise::On => Some(Suppressor::always()),
            },
            gain: options.gain.then(|| Gain::new(learned.clone())),
            sound: Vec::new(),
        }
    }

    /// Takes samples and appends to `out` what is ready: with noise suppression up to 20 ms less than was taken.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        if !self.is_any() {
            out.extend_from_slice(samples);
            return;
        }
        let mut sound = std::mem::take(&mut self.sound);
        sound.clear();
        sound.extend(samples.iter().map(|&sample| sane(sample)));
        if let Some(high_pass) = &mut self.high_pass {
            high_pass.apply(&mut sound);
        }
        let from = out.len();
        match &mut self.suppressor {
            Some(suppressor) => suppressor.push(&sound, out),
            None => out.extend_from_slice(&sound),
        }
        self.sound = sound;
        self.level(out, from);
    }

    /// Appends what is left. Nothing may be pushed afterwards.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        let from = out.len();
        if let Some(suppressor) = &mut self.suppressor {
            suppressor.finish(out);
        }
        self.level(out, from);
    }

    fn is_any(&self) -> bool {
        self.high_pass.is_some() || self.suppressor.is_some() || self.gain.is_some()
    }

    fn level(&mut self, out: &mut [f32], from: usize) {
        if let Some(gain) = &mut self.gain {
            gain.apply(out.get_mut(from..).unwrap_or_default());
        }
    }
}

/// A filter that has once taken in what is no number never forgets it.
fn sane(sample: f32) -> f32 {
    if sample.is_finite() {
        sample.clamp(-LOUDEST, LOUDEST)
    } else {
        0.0
    }
}

/// Amplitude for so many decibels.
pub(crate) fn factor(decibels: f64) -> f32 {
    10f64.powf(decibels / 20.0) as f32
}

#[cfg(test)]
pub(crate) mod corpus;
#[cfg(test)]
mod tests;
