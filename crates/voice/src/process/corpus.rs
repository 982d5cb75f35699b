//! Speech and noise that are made, the same at every run, and how much of the one is left in the other.
//!
//! A voice is a train of pulses through three resonances that go from vowel to vowel, with hisses and closures between
//! them and pauses between phrases: enough for a network that was taught with people to take it for one. It is no measure
//! of how a person sounds afterwards. Recordings of people were rejected: none are small, free and the same for everyone.

use std::f64::consts::TAU;

/// Samples a second.
pub const RATE: usize = 48_000;

/// The noises that [`noise`] makes, by name.
pub const NOISES: [&str; 5] = ["white", "pink", "fan", "hum", "babble"];

/// First, second and third resonance of some vowels, in Hz.
const VOWELS: [[f64; 3]; 6] = [
    [730.0, 1_090.0, 2_440.0],
    [270.0, 2_290.0, 3_010.0],
    [300.0, 870.0, 2_240.0],
    [530.0, 1_840.0, 2_480.0],
    [570.0, 840.0, 2_410.0],
    [490.0, 1_350.0, 1_690.0],
];

struct Dice(u32);

impl Dice {
    /// From -1 to 1.
    fn sample(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.0 >> 8) / 8_388_608.0 - 1.0
    }

    fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * (self.sample() + 1.0) / 2.0
    }
}

/// A filter of two poles around a frequency.
#[derive(Default)]
struct Resonance {
    last: [f64; 2],
}

impl Resonance {
    fn pass(&mut self, sample: f64, frequency: f64, width: f64) -> f64 {
        let radius = (-TAU / 2.0 * width / RATE as f64).exp();
        let turn = 2.0 * radius * (TAU * frequency / RATE as f64).cos();
        let through = 1.0 - turn + radius * radius;
        let made = through * sample + turn * self.last[0] - radius * radius * self.last[1];
        self.last = [made, self.last[0]];
        made
    }
}

/// Somebody who speaks from the first moment on, at -20 dBFS (RMS, pauses counted).
pub fn speech(seconds: f64, seed: u32) -> Vec<f32> {
    let count = (seconds * RATE as f64) as usize;
    let mut dice = Dice(seed.wrapping_mul(2_654_435_761) | 1);
    let mut spoken = Vec::with_capacity(count);
    let mut throat: [Resonance; 3] = Default::default();
    let mut lips = Resonance::default();
    let (mut flow, mut bend, mut phase) = (0.0, 0.0, 0.0);
    let base = dice.between(95.0, 210.0);
    let mut vowel = VOWELS[0];
    while spoken.len() < count {
        let syllables = dice.between(4.0, 9.0) as usize;
        for syllable in 0..syllables {
            let next = VOWELS[dice.between(0.0, 5.99) as usize];
            let hiss = (dice.between(0.02, 0.09) * RATE as f64) as usize;
            let loud = dice.between(0.02, 0.12);
            let place = dice.between(2_500.0, 6_500.0);
            for n in 0..hiss {
                let swell = (TAU / 2.0 * n as f64 / hiss as f64).sin();
                let sound = lips.pass(dice.sample(), place, 1_500.0) * 8.0;
                spoken.push((sound * loud * swell) as f32);
            }
            let length = (dice.between(0.10, 0.24) * RATE as f64) as usize;
            let pitch = base * (1.12 - 0.2 * syllable as f64 / syllables as f64);
            for n in 0..length {
                let part = n as f64 / length as f64;
                phase += pitch * (1.0 + 0.01 * dice.sample()) / RATE as f64;
                let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
                phase -= phase.floor();
                // What the throat gives falls by 12 dB an octave, what the lips send off rises by 6.
                flow = 0.985 * flow + pulse;
                let sound = flow - bend + 0.004 * dice.sample();
                bend = 0.9 * flow;
                let swell = (part * 8.0).min(1.0) * ((1.0 - part) * 4.0).min(1.0);
                let glide = (part * 3.0).min(1.0);
                let mut sound = sound;
                for (index, resonance) in throat.iter_mut().enumerate() {
                    let at = vowel[index] + (next[index] - vowel[index]) * glide;
                    sound = resonance.pass(sound, at, 70.0 + 30.0 * index as f64) * 2.0;
                }
                spoken.push((sound * swell) as f32);
            }
            vowel = next;
        }
        let pause = (dice.between(0.25, 0.6) * RATE as f64) as usize;
        spoken.extend(std::iter::repeat_n(0.0, pause));
    }
    spoken.truncate(count);
    at_level(spoken, -20.0)
}

/// The same after half a second in which nobody speaks yet, as it is when a button was pressed.
pub fn after_a_breath(speech: &[f32]) -> Vec<f32> {
    let mut whole = vec![0.0; RATE / 2];
    whole.extend_from_slice(speech);
    whole.truncate(speech.len());
    whole
}

/// A noise by its name, at -20 dBFS.
pub fn noise(kind: &str, seconds: f64) -> Vec<f32> {
    let count = (seconds * RATE as f64) as usize;
    let mut dice = Dice(99);
    let made = match kind {
        "white" => (0..count).map(|_| dice.sample() as f32).collect(),
        "pink" | "fan" => {
            let mut slow = [0.0f64; 3];
            let steady: f64 = if kind == "fan" { 0.3 } else { 0.0 };
            (0..count)
                .map(|n| {
                    let white = dice.sample();
                    slow[0] = 0.99765 * slow[0] + white * 0.0990460;
                    slow[1] = 0.96300 * slow[1] + white * 0.2965164;
                    slow[2] = 0.57000 * slow[2] + white * 1.0526913;
                    let pink = slow.iter().sum::<f64>() + white * 0.1848;
                    let blade = (TAU * 117.0 * n as f64 / RATE as f64).sin();
                    (pink + steady * blade) as f32
                })
                .collect()
        }
        "hum" => (0..count)
            .map(|n| {
                let t = n as f64 / RATE as f64;
                let tone = |k: f64, loud: f64| loud * (TAU * 50.0 * k * t).sin();
                let mains = tone(1.0, 1.0) + tone(2.0, 0.6) + tone(3.0, 0.4) + tone(5.0, 0.2);
                (mains + 0.1 * dice.sample()) as f32
            })
            .collect(),
        _ => {
            let mut crowd = vec![0.0f32; count];
            for person in 0..8 {
                // Nobody begins at once with the others.
                let voice = speech(seconds + 1.0, 50 + person);
                let late = 5_000 * person as usize;
                for (sum, sample) in crowd.iter_mut().zip(voice.iter().skip(late)) {
                    *sum += sample;
                }
            }
            crowd
        }
    };
    at_level(made, -20.0)
}

/// The same at a level (RMS, in dBFS).
pub fn at_level(mut samples: Vec<f32>, decibels: f64) -> Vec<f32> {
    let scale = 10f64.powf((decibels - level(&samples)) / 20.0) as f32;
    for sample in &mut samples {
        *sample *= scale;
    }
    samples
}

/// RMS in dBFS.
pub fn level(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|&s| f64::from(s).powi(2)).sum();
    10.0 * (sum / samples.len().max(1) as f64).max(1e-20).log10()
}

/// Speech with noise that is so many dB softer.
pub fn mixed(speech: &[f32], noise: &[f32], snr: f64) -> Vec<f32> {
    let noise = at_level(noise.to_vec(), level(speech) - snr);
    speech.iter().zip(noise).map(|(s, n)| s + n).collect()
}

/// How much louder speech is than what is not speech, in dB: the signal-to-distortion ratio, whatever the gain
/// (SI-SDR). The first second is left out: so long may be decided.
pub fn snr(speech: &[f32], heard: &[f32]) -> f64 {
    // The network takes out what lies below 24 Hz, which turns the phase above: that is no noise. Where it did not work
    // it did not turn either.
    let through = without_the_lowest(speech);
    let (power, plain) = against(speech, heard);
    let (_, turned) = against(&through, heard);
    let rest: f64 = plain.iter().zip(&turned).map(|(a, b)| a.min(*b)).sum();
    10.0 * (power / rest.max(1e-20)).log10()
}

/// The power of the speech in what is heard, and of the rest in each tenth of a second.
fn against(speech: &[f32], heard: &[f32]) -> (f64, Vec<f64>) {
    let pairs: Vec<(f64, f64)> = speech
        .iter()
        .zip(heard)
        .skip(RATE)
        .map(|(&s, &h)| (f64::from(s), f64::from(h)))
        .collect();
    let power: f64 = pairs.iter().map(|(s, _)| s * s).sum();
    let scale = pairs.iter().map(|(s, h)| s * h).sum::<f64>() / power;
    let rest = pairs
        .chunks(RATE / 10)
        .map(|part| part.iter().map(|(s, h)| (h - scale * s).powi(2)).sum())
        .collect();
    (scale * scale * power, rest)
}

/// How loud it is where nobody speaks, in dBFS, the first second left out.
pub fn pauses(speech: &[f32], heard: &[f32]) -> f64 {
    let hush: Vec<f32> = speech
        .chunks(RATE / 50)
        .zip(heard.chunks(RATE / 50))
        .skip(50)
        // The second of two: the voice may ring in the first.
        .scan(false, |was, (speech, heard)| {
            let is = speech.iter().all(|&sample| sample.abs() < 1e-4);
            Some((std::mem::replace(was, is) && is).then_some(heard))
        })
        .flatten()
        .flatten()
        .copied()
        .collect();
    level(&hush)
}

/// The filter that `nnnoiseless` puts before its network.
fn without_the_lowest(samples: &[f32]) -> Vec<f32> {
    let mut state = [0.0f64; 2];
    let pass = |&sample: &f32| {
        let x = f64::from(sample);
        let y = x + state[0];
        state[0] = state[1] - 2.0 * x + 1.99599 * y;
        state[1] = x - 0.99600 * y;
        y as f32
    };
    samples.iter().map(pass).collect()
}
