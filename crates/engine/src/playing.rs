//! The one thing that may sound: which message or draft the player's numbers stand for, and what the window hears.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::{ChosenDevice, Fault, Playback, PlaybackState, PlayedFrom, Signal, Sound};
use tokio::sync::watch;
use voice::{PlayEvent, PlayOptions, Player};

use crate::faults;
use crate::hub::Hub;

/// How far it plays until its place is kept again, in ms: so much a crash may lose.
const KEEP_EVERY: u32 = 10_000;

pub(crate) struct Playing {
    player: Player,
    current: Arc<Mutex<Current>>,
    playback: Arc<watch::Sender<Option<Playback>>>,
}

/// What becomes of something that plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The first sound came out.
    Sounds,
    /// It is here, in ms: every now and then, and where it stops.
    At(u32),
    /// The last sound came out.
    Ended,
}

/// Hears of those, on the player's thread.
pub(crate) type Listener = Box<dyn FnMut(Moment) + Send>;

/// Something to play.
pub(crate) struct Piece {
    pub(crate) sound: Sound,
    pub(crate) path: PathBuf,
    pub(crate) from: Option<PlayedFrom>,
    pub(crate) options: PlayOptions,
    pub(crate) listener: Option<Listener>,
}

#[derive(Default)]
struct Current {
    number: u64,
    sound: Option<Sound>,
    from: Option<PlayedFrom>,
    speed: u16,
    position_ms: u32,
    duration_ms: u32,
    skipped_ms: u32,
    /// The place that was told last.
    kept_ms: u32,
    has_sounded: bool,
    listener: Option<Listener>,
}

impl Playing {
    pub(crate) fn new(hub: Arc<Hub>) -> Self {
        let current = Arc::new(Mutex::new(Current::default()));
        let shared = Arc::clone(&current);
        let playback = Arc::new(watch::Sender::new(None));
        let tell = Arc::clone(&playback);
        let player = Player::new(move |event| {
            let mut now = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let playback = now.take_event(event);
            drop(now);
            if let Some(playback) = playback {
                tell.send_replace(Some(playback.clone()));
                hub.signal(Signal::Playback { playback });
            }
        });
        Self {
            player,
            current,
            playback,
        }
    }

    pub(crate) fn play(&self, piece: Piece) {
        let mut now = self.lock();
        now.rest();
        let number = now.number + 1;
        *now = Current {
            number,
            sound: Some(piece.sound),
            from: piece.from,
            speed: piece.options.speed,
            position_ms: piece.options.from_ms,
            kept_ms: piece.options.from_ms,
            listener: piece.listener,
            ..Current::default()
        };
        self.player.play(number, piece.path, piece.options);
    }

    /// What plays, as it is told to windows.
    pub(crate) fn playback(&self) -> watch::Receiver<Option<Playback>> {
        self.playback.subscribe()
    }

    /// Counts what was played; two equal answers mean that nothing was started in between.
    pub(crate) fn turn(&self) -> u64 {
        self.lock().number
    }

    /// What plays, is paused, or ended last, and whose voice it is.
    pub(crate) fn now(&self) -> (Option<Sound>, Option<PlayedFrom>) {
        let now = self.lock();
        (now.sound.clone(), now.from.clone())
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

    /// In per cent of the speed it was spoken at.
    pub(crate) fn set_speed(&self, percent: u16) {
        self.lock().speed = percent;
        self.player.set_speed(percent);
    }

    pub(crate) fn set_skip_silence(&self, on: bool) {
        self.player.set_skip_silence(on);
    }

    pub(crate) fn set_even_loudness(&self, on: bool) {
        self.player.set_even_loudness(on);
    }

    /// Whatever plays goes on there; without a choice, or where it is not, at the system's default.
    pub(crate) fn set_speaker(&self, chosen: Option<ChosenDevice>) {
        self.player.set_speaker(chosen.map(|chosen| chosen.id));
    }

    pub(crate) fn stop(&self) {
        let mut now = self.lock();
        now.rest();
        now.number += 1;
        now.sound = None;
        self.player.stop();
        self.playback.send_replace(None);
    }

    /// See [`Player::clip`].
    pub(crate) fn clip(&self, samples: Arc<[f32]>) {
        self.player.clip(samples);
    }

    /// The same, whatever else was played: that ends.
    pub(crate) fn clip_over(&self, samples: Arc<[f32]>) {
        self.stop();
        self.player.clip(samples);
    }

    /// See [`Player::hush`].
    pub(crate) fn hush(&self) {
        self.player.hush();
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Current {
    /// What an event means now; events of what was played before mean nothing.
    fn take_event(&mut self, event: PlayEvent) -> Option<Playback> {
        let (number, state, fault) = match event {
            PlayEvent::Playing {
                id,
                position_ms,
                duration_ms,
                skipped_ms,
            } if id == self.number => {
                // The first one says where it begins, before anything was decoded.
                if position_ms > self.position_ms && !self.has_sounded {
                    self.has_sounded = true;
                    self.tell(Moment::Sounds);
                }
                self.position_ms = position_ms;
                self.duration_ms = duration_ms;
                self.skipped_ms = skipped_ms;
                if position_ms.abs_diff(self.kept_ms) >= KEEP_EVERY {
                    self.keep();
                }
                (id, PlaybackState::Playing, None)
            }
            PlayEvent::Paused {
                id,
                position_ms,
                error,
            } if id == self.number => {
                self.position_ms = position_ms;
                self.keep();
                let fault = error.as_ref().map(faults::playback);
                (id, PlaybackState::Paused, fault)
            }
            PlayEvent::Ended { id } => (id, PlaybackState::Ended, None),
            PlayEvent::Failed { id, error } => {
                (id, PlaybackState::Ended, Some(faults::playback(&error)))
            }
            _ => return None,
        };
        if number != self.number {
            return None;
        }
        let playback = self.view(state, fault);
        if state == PlaybackState::Ended {
            let failed = playback.as_ref().is_some_and(|now| now.fault.is_some());
            if !failed {
                self.tell(Moment::Ended);
            }
            self.listener = None;
        }
        playback
    }

    /// Something else takes its place.
    fn rest(&mut self) {
        self.keep();
        self.listener = None;
    }

    fn keep(&mut self) {
        if self.position_ms != self.kept_ms {
            self.kept_ms = self.position_ms;
            self.tell(Moment::At(self.position_ms));
        }
    }

    fn tell(&mut self, moment: Moment) {
        if let Some(listener) = &mut self.listener {
            listener(moment);
        }
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
            speed: self.speed,
            skipped_ms: self.skipped_ms,
            from: self.from.clone(),
            fault,
        })
    }
}
