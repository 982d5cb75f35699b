//! Compares what was heard with what was said.
//!
//! By loudness over time: a codec for speech keeps that, and changes every sample.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use testkit::driver::{PATIENCE, Window};

use crate::stage::{Stage, id};

/// The step of an envelope.
const STEP_MS: usize = 10;

/// Louder than the silence of a device that does not exist, of 32,768.
const AUDIBLE: f64 = 30.0;

/// Loudness, one value every [`STEP_MS`].
pub struct Envelope(Vec<f64>);

impl Envelope {
    /// Of a WAV file with 16-bit samples.
    pub fn of(wav: &Path) -> Self {
        let bytes = std::fs::read(wav).unwrap();
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let short = |at: usize| u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap());
        assert_eq!(&bytes[..4], b"RIFF", "{}", wav.display());
        let (mut at, mut step, mut channels) = (12, 0, 1);
        while &bytes[at..at + 4] != b"data" {
            if &bytes[at..at + 4] == b"fmt " {
                channels = usize::from(short(at + 10));
                step = word(at + 12) as usize * STEP_MS / 1000;
                assert_eq!(short(at + 22), 16, "bits a sample");
            }
            at += 8 + word(at + 4) as usize;
        }
        // A stream writes no length, so everything behind the header counts.
        let samples: Vec<f64> = bytes[at + 8..]
            .chunks_exact(2 * channels)
            .map(|frame| f64::from(i16::from_le_bytes([frame[0], frame[1]])))
            .collect();
        let loudness = |chunk: &[f64]| {
            (chunk.iter().map(|sample| sample * sample).sum::<f64>() / chunk.len() as f64).sqrt()
        };
        Self(samples.chunks_exact(step).map(loudness).collect())
    }

    pub fn loudest(&self) -> f64 {
        self.0.iter().copied().fold(0.0, f64::max)
    }

    /// Without the silence around it.
    pub fn trimmed(self) -> Self {
        let floor = self.loudest() * 0.05;
        let first = self.0.iter().position(|value| *value > floor).unwrap_or(0);
        let last = self.0.iter().rposition(|value| *value > floor).unwrap_or(0);
        Self(self.0[first..=last].to_vec())
    }

    pub fn millis(&self) -> usize {
        self.0.len() * STEP_MS
    }

    /// Where this is found best in `heard`, and how alike the two are there: 1 is the same.
    pub fn found_in(&self, heard: &Self) -> (usize, f64) {
        let said = &self.0;
        assert!(
            heard.0.len() >= said.len(),
            "heard {} ms of {} ms",
            heard.millis(),
            self.millis()
        );
        (0..=heard.0.len() - said.len())
            .map(|at| (at, correlation(said, &heard.0[at..at + said.len()])))
            .max_by(|one, other| one.1.total_cmp(&other.1))
            .unwrap()
    }

    /// How loud a stretch is, against the loudest of all.
    pub fn share(&self, from_ms: usize, length_ms: usize) -> f64 {
        let stretch = &self.0[from_ms / STEP_MS..(from_ms + length_ms) / STEP_MS];
        let mean = stretch.iter().sum::<f64>() / stretch.len() as f64;
        mean / self.loudest()
    }
}

/// Waits until something was heard, and all of it: `ms` from its first sound on.
pub fn hear_out(recording: &Path, ms: usize) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let heard = Envelope::of(recording);
        let first = heard.0.iter().position(|value| *value > AUDIBLE);
        if first.is_some_and(|first| heard.0.len() > first + ms / STEP_MS) {
            return;
        }
        assert!(Instant::now() < deadline, "nothing is heard");
        // The file grows while another program writes it, and tells nobody.
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until `ms` more were recorded, and nothing was heard from the beginning.
pub fn assert_silent(recording: &Path, ms: usize) {
    let until = Envelope::of(recording).millis() + ms;
    let deadline = Instant::now() + PATIENCE;
    let mut heard = Envelope::of(recording);
    while heard.millis() < until {
        assert!(Instant::now() < deadline, "nothing is recorded");
        std::thread::sleep(Duration::from_millis(20));
        heard = Envelope::of(recording);
    }
    let loudest = heard.loudest();
    assert!(loudest <= AUDIBLE, "a sound of {loudest}");
}

/// Waits until nothing was heard for the last `ms`: what a device had taken before a pause still sounds.
pub fn falls_silent(recording: &Path, ms: usize) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let heard = Envelope::of(recording).0;
        let last = heard.len().checked_sub(ms / STEP_MS);
        if last.is_some_and(|last| heard[last..].iter().all(|value| *value <= AUDIBLE)) {
            return;
        }
        assert!(Instant::now() < deadline, "it sounds on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Pearson's.
fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (a, b) = (mean(one), mean(other));
    let (mut both, mut left, mut right) = (0.0, 0.0, 0.0);
    for (x, y) in one.iter().zip(other) {
        both += (x - a) * (y - b);
        left += (x - a) * (x - a);
        right += (y - b) * (y - b);
    }
    both / (left * right).sqrt().max(f64::MIN_POSITIVE)
}

/// What was said came out of the loudspeaker, whole.
pub fn assert_heard(said: &Path, heard: &Path) {
    const EDGE_MS: usize = 150;
    let said = Envelope::of(said).trimmed();
    let heard = Envelope::of(heard);
    let (at, alike) = said.found_in(&heard);
    let start = at * STEP_MS;
    let end = start + said.millis();
    // Half as loud as it was said, against the loudest of each: present, and not faded.
    let first = heard.share(start, EDGE_MS) / said.share(0, EDGE_MS);
    let last = heard.share(end - EDGE_MS, EDGE_MS) / said.share(said.millis() - EDGE_MS, EDGE_MS);
    println!("heard: correlation {alike:.3}, first {EDGE_MS} ms {first:.2}, last {last:.2}");
    assert!(alike >= 0.9, "correlation {alike}");
    assert!(first > 0.5, "the first {EDGE_MS} ms are missing: {first}");
    assert!(last > 0.5, "the last {EDGE_MS} ms are missing: {last}");
}

/// Somebody plays the one voice message they got, and hears what was said.
pub fn assert_plays(stage: &Stage, window: &Window, name: &str, said: &Path) {
    let voice = id("message", "[data-kind=voice][data-own=false]");
    window.shown(&format!("{voice} [data-media=here]")).unwrap();
    let heard = stage.folder.path().join("heard.wav");
    let recording = stage.sound.listen(name, &heard).unwrap();
    window
        .click(&format!("{voice} [data-testid=voice-play]"))
        .unwrap();
    let playing = format!("{voice} [data-state=playing]");
    window.shown(&playing).unwrap();
    let ended = format!("!document.querySelector('{playing}')");
    window
        .until_within(Duration::from_secs(60), &ended)
        .unwrap();
    recording.stop().unwrap();
    assert_heard(said, &heard);
}
