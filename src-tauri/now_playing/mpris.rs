//! Linux: MPRIS over the session bus.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mpris_server::zbus::{self, fdo};
use mpris_server::{
    LoopStatus, Metadata, PlaybackRate, PlaybackStatus, PlayerInterface, Property, RootInterface,
    Server, Signal, Time, TrackId, Volume,
};
use tauri::{AppHandle, Manager};
use tokio::sync::mpsc;

use super::{Key, Now, Shown};

/// As the file of the desktop entry is called (`tauri.conf.json`'s product).
const DESKTOP_ENTRY: &str = "millet";
/// A position that is off by more than this was moved.
const MOVED: Duration = Duration::from_millis(1_500);

/// The bus, with us on it.
pub(super) struct System(Server<Player>);

/// What is asked over the bus.
struct Player {
    app: AppHandle,
    keys: mpsc::UnboundedSender<Key>,
    now: Mutex<Now>,
}

impl System {
    /// None where there is no session bus: the keys are the window's alone then.
    pub(super) async fn open(
        app: &AppHandle,
        keys: &mpsc::UnboundedSender<Key>,
        now: Now,
    ) -> Option<Self> {
        let player = Player {
            app: app.clone(),
            keys: keys.clone(),
            now: Mutex::new(now),
        };
        // Two data folders are two players.
        let name = format!("millet.instance{}", std::process::id());
        match Server::new(&name, player).await {
            Ok(server) => Some(Self(server)),
            Err(error) => {
                tracing::debug!(%error, "no media keys");
                None
            }
        }
    }

    pub(super) async fn tell(&mut self, now: Now) {
        let player = self.0.imp();
        let before = std::mem::replace(&mut *player.lock(), now.clone());
        let mut changed = Vec::new();
        let (old, new) = (&before.shown, &now.shown);
        if status(old) != status(new) {
            changed.push(Property::PlaybackStatus(status(new)));
        }
        if (old.number, &old.who, old.duration) != (new.number, &new.who, new.duration) {
            changed.push(Property::Metadata(metadata(new)));
        }
        if old.speed != new.speed {
            changed.push(Property::Rate(new.speed));
        }
        let told = if changed.is_empty() {
            Ok(())
        } else {
            self.0.properties_changed(changed).await
        };
        let expected = before.position();
        let is_moved = old.number != new.number || now.position.abs_diff(expected) > MOVED;
        let told = match told {
            Ok(()) if is_moved => {
                let position = time(now.position);
                self.0.emit(Signal::Seeked { position }).await
            }
            told => told,
        };
        if let Err(error) = told {
            tracing::debug!(%error, "the session bus was not told");
        }
    }
}

impl Player {
    fn lock(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Now {
        self.lock().clone()
    }

    /// Nobody takes it at the very end of the app only.
    fn press(&self, key: Key) -> fdo::Result<()> {
        let _ = self.keys.send(key);
        Ok(())
    }
}

fn status(shown: &Shown) -> PlaybackStatus {
    match (shown.has_ended, shown.is_playing) {
        (true, _) => PlaybackStatus::Stopped,
        (false, true) => PlaybackStatus::Playing,
        (false, false) => PlaybackStatus::Paused,
    }
}

fn metadata(shown: &Shown) -> Metadata {
    let track = format!("/im/millet/messenger/message/{}", shown.number);
    let mut metadata = Metadata::builder()
        .title(shown.who.as_str())
        .length(time(shown.duration));
    if let Ok(id) = TrackId::try_from(track) {
        metadata = metadata.trackid(id);
    }
    metadata.build()
}

fn time(length: Duration) -> Time {
    Time::from_millis(i64::try_from(length.as_millis()).unwrap_or(i64::MAX))
}

impl RootInterface for Player {
    async fn raise(&self) -> fdo::Result<()> {
        for window in self.app.webview_windows().values() {
            let _ = window.show();
            let _ = window.unminimize();
            let _ = window.set_focus();
        }
        Ok(())
    }

    async fn quit(&self) -> fdo::Result<()> {
        self.app.exit(0);
        Ok(())
    }

    async fn can_quit(&self) -> fdo::Result<bool> {
        Ok(true)
    }

    async fn fullscreen(&self) -> fdo::Result<bool> {
        Ok(false)
    }

    async fn set_fullscreen(&self, _: bool) -> zbus::Result<()> {
        Ok(())
    }

    async fn can_set_fullscreen(&self) -> fdo::Result<bool> {
        Ok(false)
    }

    async fn can_raise(&self) -> fdo::Result<bool> {
        Ok(true)
    }

    async fn has_track_list(&self) -> fdo::Result<bool> {
        Ok(false)
    }

    async fn identity(&self) -> fdo::Result<String> {
        Ok("Millet".to_owned())
    }

    async fn desktop_entry(&self) -> fdo::Result<String> {
        Ok(DESKTOP_ENTRY.to_owned())
    }

    async fn supported_uri_schemes(&self) -> fdo::Result<Vec<String>> {
        Ok(Vec::new())
    }

    async fn supported_mime_types(&self) -> fdo::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

impl PlayerInterface for Player {
    async fn next(&self) -> fdo::Result<()> {
        self.press(Key::Next)
    }

    async fn previous(&self) -> fdo::Result<()> {
        self.press(Key::To(Duration::ZERO))
    }

    async fn pause(&self) -> fdo::Result<()> {
        self.press(Key::Pause)
    }

    async fn play_pause(&self) -> fdo::Result<()> {
        self.press(Key::Toggle)
    }

    async fn stop(&self) -> fdo::Result<()> {
        self.press(Key::Pause)
    }

    async fn play(&self) -> fdo::Result<()> {
        self.press(Key::Play)
    }

    async fn seek(&self, offset: Time) -> fdo::Result<()> {
        let by = Duration::from_micros(offset.as_micros().unsigned_abs());
        let now = self.now().position();
        let to = match offset.is_negative() {
            true => now.saturating_sub(by),
            false => now + by,
        };
        self.press(Key::To(to))
    }

    async fn set_position(&self, _: TrackId, position: Time) -> fdo::Result<()> {
        match u64::try_from(position.as_micros()) {
            Ok(to) => self.press(Key::To(Duration::from_micros(to))),
            Err(_) => Ok(()),
        }
    }

    async fn open_uri(&self, _: String) -> fdo::Result<()> {
        Err(fdo::Error::NotSupported(
            "nothing is opened here".to_owned(),
        ))
    }

    async fn playback_status(&self) -> fdo::Result<PlaybackStatus> {
        Ok(status(&self.now().shown))
    }

    async fn loop_status(&self) -> fdo::Result<LoopStatus> {
        Ok(LoopStatus::None)
    }

    async fn set_loop_status(&self, _: LoopStatus) -> zbus::Result<()> {
        Ok(())
    }

    async fn rate(&self) -> fdo::Result<PlaybackRate> {
        Ok(self.now().shown.speed)
    }

    async fn set_rate(&self, _: PlaybackRate) -> zbus::Result<()> {
        Ok(())
    }

    async fn shuffle(&self) -> fdo::Result<bool> {
        Ok(false)
    }

    async fn set_shuffle(&self, _: bool) -> zbus::Result<()> {
        Ok(())
    }

    async fn metadata(&self) -> fdo::Result<Metadata> {
        Ok(metadata(&self.now().shown))
    }

    async fn volume(&self) -> fdo::Result<Volume> {
        Ok(1.0)
    }

    async fn set_volume(&self, _: Volume) -> zbus::Result<()> {
        Ok(())
    }

    async fn position(&self) -> fdo::Result<Time> {
        Ok(time(self.now().position()))
    }

    async fn minimum_rate(&self) -> fdo::Result<PlaybackRate> {
        Ok(1.0)
    }

    async fn maximum_rate(&self) -> fdo::Result<PlaybackRate> {
        Ok(1.0)
    }

    async fn can_go_next(&self) -> fdo::Result<bool> {
        Ok(true)
    }

    async fn can_go_previous(&self) -> fdo::Result<bool> {
        Ok(true)
    }

    async fn can_play(&self) -> fdo::Result<bool> {
        Ok(true)
    }

    async fn can_pause(&self) -> fdo::Result<bool> {
        Ok(true)
    }

    async fn can_seek(&self) -> fdo::Result<bool> {
        Ok(true)
    }

    async fn can_control(&self) -> fdo::Result<bool> {
        Ok(true)
    }
}
