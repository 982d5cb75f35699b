//! The one thing that may sound: which message or draft the player's numbers stand for, and what the window hears.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use api::{Fault, Playback, PlaybackState, Signal, Sound};
use voice::{PlayEvent, Player};

use crate::faults;
use crate::hub::Hub;

pub(crate) struct Playing {
    player: Player,
    current: Arc<Mutex<Current>>,
}

/// Done once, when the first sound came out.
type OnSound = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Current {
    number: u64,
    sound: Option<Sound>,
    position_ms: u32,
    duration_ms: u32,
    on_sound: Option<OnSound>,
}

impl Playing {
    pub(crate) fn new(hub: Arc<Hub>) -> Self {
        let current = Arc::new(Mutex::new(Current::default()));
        let shared = Arc::clone(&current);
        let player = Player::new(move |event| {
            let mut now = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let (on_sound, playback) = now.take_event(event);
            drop(now);
            if let Some(on_sound) = on_sound {
                on_sound();
            }
            if let Some(playback) = playback {
                hub.signal(Signal::Playback { playback });
            }
        });
        Self { player, current }
    }

    pub(crate) fn play(
        &self,
        sound: Sound,
        path: PathBuf,
        from_ms: u32,
        on_sound: Option<OnSound>,
    ) {
        let mut now = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.number + 1;
        *now = Current {
            number,
            sound: Some(sound),
            position_ms: from_ms,
            duration_ms: 0,
            on_sound,
        };
        self.player.play(number, path, from_ms);
    }

    /// Counts what was played; two equal answers mean that nothing was started in between.
    pub(crate) fn turn(&self) -> u64 {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .number
    }

    pub(crate) fn pause(&self) {
        self.player.pause();
    }

    pub(crate) fn resume(&self) {
        self.player.resume();
    }

    pub(crate) fn seek(&self, position_ms: u32) {
        self.player.seek(position_ms);
    }

    pub(crate) fn stop(&self) {
        self.player.stop();
    }

    /// See [`Player::clip`].
    pub(crate) fn clip(&self, samples: Arc<[f32]>) {
        self.player.clip(samples);
    }

    /// See [`Player::hush`].
    pub(crate) fn hush(&self) {
        self.player.hush();
    }
}

impl Current {
    /// What an event means now; events of what was played before mean nothing.
    fn take_event(&mut self, event: PlayEvent) -> (Option<OnSound>, Option<Playback>) {
        let mut on_sound = None;
        let (number, state, fault) = match event {
            PlayEvent::Playing {
                id,
                position_ms,
                duration_ms,
            } if id == self.number => {
                self.position_ms = position_ms;
                self.duration_ms = duration_ms;
                on_sound = self.on_sound.take();
                (id, PlaybackState::Playing, None)
            }
            PlayEvent::Paused { id, position_ms } if id == self.number => {
                self.position_ms = position_ms;
                (id, PlaybackState::Paused, None)
            }
            PlayEvent::Ended { id } => (id, PlaybackState::Ended, None),
            PlayEvent::Failed { id, error } => {
                (id, PlaybackState::Ended, Some(faults::playback(&error)))
            }
            _ => return (None, None),
        };
        (
            on_sound,
            (number == self.number)
                .then(|| self.view(state, fault))
                .flatten(),
        )
    }

    fn view(&self, state: PlaybackState, fault: Option<Fault>) -> Option<Playback> {
        let sound = self.sound.clone()?;
        let position_ms = if state == PlaybackState::Ended && fault.is_none() {
            self.duration_ms
        } else {
            self.position_ms
        };
        Some(Playback {
            sound,
            state,
            position_ms,
            duration_ms: self.duration_ms,
            fault,
        })
    }
}
