//! What is listened to, as the system shows it: the keys of a keyboard, the buttons of a headset, a lock screen.
//!
//! Owns the way there and back, and nothing of what playing means: a key is a command like one of the window's. Nothing is told to the system
//! before the first voice message plays, and only whose it is, never what it says. Drafts and tests are nobody else's business.
//!
//! Rejected: `souvlaki` on Linux, which wakes a hundred times a second for as long as it is attached, and panics without a session bus.

use std::time::Duration;

use api::{Call, Follow, Pause, PlayNext, Playback, PlaybackState, Resume, Seek, Sound};
use engine::Client;
use tauri::{AppHandle, Manager, async_runtime};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::backend::Backend;

#[cfg(target_os = "linux")]
mod mpris;

#[cfg(any(windows, target_os = "macos"))]
mod controls;

#[cfg(any(windows, target_os = "macos"))]
use controls::System;
#[cfg(target_os = "linux")]
use mpris::System;

/// What is told: nothing that changes by itself, since the system counts the seconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    /// Grows with each message.
    number: u64,
    /// Whose voice.
    who: String,
    duration: Duration,
    is_playing: bool,
    has_ended: bool,
    /// A factor of the speed it was spoken at.
    speed: f64,
}

/// What is played now.
#[derive(Clone, Debug)]
pub(crate) struct Now {
    shown: Shown,
    position: Duration,
    at: Instant,
}

/// What somebody pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Play,
    Pause,
    Toggle,
    Next,
    To(Duration),
}

impl Now {
    fn of(playback: &Playback, number: u64) -> Option<Self> {
        let (Sound::Message(_), Some(from)) = (&playback.sound, &playback.from) else {
            return None;
        };
        Some(Self {
            shown: Shown {
                number,
                who: from.title.clone(),
                duration: Duration::from_millis(playback.duration_ms.into()),
                is_playing: playback.state == PlaybackState::Playing,
                has_ended: playback.state == PlaybackState::Ended,
                speed: f64::from(playback.speed.max(1)) / 100.0,
            },
            position: Duration::from_millis(playback.position_ms.into()),
            at: Instant::now(),
        })
    }

    /// Where it is, counted on from when it was told.
    fn position(&self) -> Duration {
        if !self.shown.is_playing {
            return self.position;
        }
        let since = self.at.elapsed().mul_f64(self.shown.speed);
        (self.position + since).min(self.shown.duration)
    }
}

/// Tells the system from the first voice message on, and does what it asks.
pub(crate) fn tell(app: AppHandle) {
    async_runtime::spawn(async move {
        let Ok(client) = app.state::<Backend>().client().await else {
            return;
        };
        let mut playback = client.playback();
        let (pressed, mut keys) = mpsc::unbounded_channel();
        let mut system = None;
        let (mut number, mut sound, mut is_playing) = (0, None, false);
        loop {
            tokio::select! {
                changed = playback.changed() => if changed.is_err() {
                    return;
                },
                Some(key) = keys.recv() => {
                    press(&client, key, is_playing).await;
                    continue;
                }
            }
            let playback = playback.borrow_and_update().clone();
            let now_sounds = playback.as_ref().map(|playback| playback.sound.clone());
            if sound != now_sounds {
                number += 1;
                sound = now_sounds;
            }
            is_playing = playback
                .as_ref()
                .is_some_and(|playback| playback.state == PlaybackState::Playing);
            let Some(now) = playback.and_then(|playback| Now::of(&playback, number)) else {
                // Somebody signed out, or what plays is nobody else's business: not a word of the last one stays.
                system = None;
                continue;
            };
            match &mut system {
                None => system = Some(System::open(&app, &pressed, now).await),
                Some(Some(system)) => system.tell(now).await,
                // It was tried: there is nobody to tell.
                Some(None) => {}
            }
        }
    });
}

/// Does what was pressed. What fails there fails in the window's sight, or is nothing: playing goes on as it was.
async fn press(client: &Client, key: Key, is_playing: bool) {
    let follow = Follow::default();
    let command = match key {
        Key::Play => Resume {}.into_command(),
        Key::Pause => Pause {}.into_command(),
        Key::Toggle if is_playing => Pause {}.into_command(),
        Key::Toggle => Resume {}.into_command(),
        Key::Next => PlayNext { follow }.into_command(),
        Key::To(position) => {
            let position_ms = u32::try_from(position.as_millis()).unwrap_or(u32::MAX);
            Seek { position_ms }.into_command()
        }
    };
    if let Err(fault) = client.call(command).await {
        tracing::info!(%fault, "a media key did nothing");
    }
}

/// Where nobody is told.
#[cfg(not(any(target_os = "linux", windows, target_os = "macos")))]
struct System;

#[cfg(not(any(target_os = "linux", windows, target_os = "macos")))]
impl System {
    async fn open(_: &AppHandle, _: &mpsc::UnboundedSender<Key>, _: Now) -> Option<Self> {
        None
    }

    async fn tell(&mut self, _: Now) {}
}
