//! The app's own short sounds: something was sent, something came in, the microphone is open.
//!
//! They come out of the player, so that they never sound over a voice message. While a recording is made there are
//! none, since a loudspeaker would bring them into it; one that still sounds when the talk button is pressed is cut
//! off. The sound at the start of a recording cannot be kept out of it that way, so it is the user's choice, and off.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::playing::Playing;
use crate::settings::Preferences;

/// From `assets/sounds/make.py`: 48 kHz, mono, 16 bit, behind a header of [`HEADER`] bytes.
const START: &[u8] = include_bytes!("../../../assets/sounds/start.wav");
const SENT: &[u8] = include_bytes!("../../../assets/sounds/sent.wav");
const RECEIVED: &[u8] = include_bytes!("../../../assets/sounds/received.wav");
const HEADER: usize = 44;

/// A burst of messages is one sound.
const APART: Duration = Duration::from_secs(1);

pub(crate) struct Chimes {
    playing: Arc<Playing>,
    preferences: Arc<Preferences>,
    /// Whether there is anybody to hear them.
    is_audible: bool,
    state: Mutex<State>,
}

/// Held while the player is told, so that no sound follows the silence that a recording asked for.
#[derive(Default)]
struct State {
    recordings: usize,
    last: Option<Instant>,
}

/// While it lives, nothing sounds.
pub(crate) struct Silence(Arc<Chimes>);

impl Chimes {
    pub(crate) fn new(
        playing: Arc<Playing>,
        preferences: Arc<Preferences>,
        is_audible: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            playing,
            preferences,
            is_audible,
            state: Mutex::default(),
        })
    }

    /// For a recording, from before the microphone is opened to after it is closed.
    pub(crate) fn silence(self: &Arc<Self>) -> Silence {
        let mut state = self.lock();
        state.recordings += 1;
        self.playing.hush();
        drop(state);
        Silence(Arc::clone(self))
    }

    /// Something of ours is on its way.
    pub(crate) fn sent(&self) {
        self.message(SENT);
    }

    /// Somebody said something.
    pub(crate) fn received(&self) {
        self.message(RECEIVED);
    }

    /// The microphone is open.
    pub(crate) fn start(&self) {
        if self.is_audible && self.preferences.kept().settings.start_sound {
            self.playing.clip(samples(START));
        }
    }

    /// Before what follows by itself: of a message that ended, and of the next one.
    pub(crate) fn next(&self) -> Arc<[f32]> {
        samples(RECEIVED)
    }

    fn message(&self, sound: &[u8]) {
        if !self.is_audible || !self.preferences.kept().settings.sounds {
            return;
        }
        let mut state = self.lock();
        if state.recordings == 0 && state.last.is_none_or(|last| last.elapsed() >= APART) {
            state.last = Some(Instant::now());
            self.playing.clip(samples(sound));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.recordings = state.recordings.saturating_sub(1);
    }
}

fn samples(wav: &[u8]) -> Arc<[f32]> {
    wav.get(HEADER..)
        .unwrap_or_default()
        .as_chunks::<2>()
        .0
        .iter()
        .map(|sample| f32::from(i16::from_le_bytes(*sample)) / 32_768.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_what_is_said_of_them() {
        for wav in [START, SENT, RECEIVED] {
            let mut read = hound::WavReader::new(wav).unwrap();
            let spec = read.spec();
            assert_eq!((spec.sample_rate, spec.channels), (48_000, 1));
            assert_eq!(spec.bits_per_sample, 16);
            let expected: Vec<f32> = read
                .samples::<i16>()
                .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
                .collect();
            assert_eq!(samples(wav).as_ref(), expected);
            assert!(expected.len() < 48_000 / 2, "short");
            let loudest = expected.iter().copied().fold(0.0, f32::max);
            assert!(loudest < 0.13, "quiet, 18 dB below full scale: {loudest}");
        }
    }
}
