//! Windows: the System Media Transport Controls. macOS: Now Playing and the remote commands. Both through `souvlaki`.
//!
//! Everything is done on the main thread, where the window of the one and the run loop of the other are.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use souvlaki::{
    MediaControlEvent, MediaControls, MediaMetadata, MediaPlayback, MediaPosition, PlatformConfig,
};
use tauri::AppHandle;
use tokio::sync::{mpsc, oneshot};

use super::{Key, Now};

/// The system's controls, until this is dropped.
pub(super) struct System {
    app: AppHandle,
    controls: Controls,
}

/// Touched on the main thread alone.
#[derive(Clone, Default)]
struct Controls(Arc<Mutex<Option<MediaControls>>>);

impl Controls {
    fn lock(&self) -> MutexGuard<'_, Option<MediaControls>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl System {
    /// None where the system offers none: the keys are the window's alone then.
    pub(super) async fn open(
        app: &AppHandle,
        keys: &mpsc::UnboundedSender<Key>,
        now: Now,
    ) -> Option<Self> {
        let controls = Controls::default();
        let (opened, is_open) = oneshot::channel();
        let (here, place, keys) = (app.clone(), controls.clone(), keys.clone());
        let open = move || {
            let made = attach(&here, keys);
            let is_made = made.is_some();
            *place.lock() = made;
            // Nobody waits any more at the very end of the app only.
            let _ = opened.send(is_made);
        };
        app.run_on_main_thread(open).ok()?;
        if !is_open.await.unwrap_or_default() {
            return None;
        }
        let mut system = Self {
            app: app.clone(),
            controls,
        };
        system.tell(now).await;
        Some(system)
    }

    #[expect(clippy::unused_async, reason = "as on Linux")]
    pub(super) async fn tell(&mut self, now: Now) {
        self.on_main_thread(move |controls| {
            let shown = &now.shown;
            controls.set_metadata(MediaMetadata {
                title: Some(&shown.who),
                duration: Some(shown.duration),
                ..MediaMetadata::default()
            })?;
            let progress = Some(MediaPosition(now.position()));
            controls.set_playback(match (shown.has_ended, shown.is_playing) {
                (true, _) => MediaPlayback::Stopped,
                (false, true) => MediaPlayback::Playing { progress },
                (false, false) => MediaPlayback::Paused { progress },
            })
        });
    }

    fn on_main_thread(
        &self,
        what: impl FnOnce(&mut MediaControls) -> Result<(), souvlaki::Error> + Send + 'static,
    ) {
        let controls = self.controls.clone();
        let told = self.app.run_on_main_thread(move || {
            if let Some(controls) = controls.lock().as_mut()
                && let Err(error) = what(controls)
            {
                tracing::debug!(?error, "the system was not told what plays");
            }
        });
        if let Err(error) = told {
            tracing::debug!(%error, "the system was not told what plays");
        }
    }
}

impl Drop for System {
    /// Not a word of it stays.
    fn drop(&mut self) {
        self.on_main_thread(|controls| {
            // Windows keeps what it is not told anew.
            controls.set_metadata(MediaMetadata {
                title: Some(""),
                artist: Some(""),
                album: Some(""),
                ..MediaMetadata::default()
            })?;
            controls.set_playback(MediaPlayback::Stopped)?;
            controls.detach()
        });
    }
}

fn attach(app: &AppHandle, keys: mpsc::UnboundedSender<Key>) -> Option<MediaControls> {
    let made = MediaControls::new(PlatformConfig {
        dbus_name: "millet",
        display_name: "Millet",
        hwnd: window(app)?,
    });
    let attached = made.and_then(|mut controls| {
        controls.attach(move |event| {
            if let Some(key) = key_of(&event) {
                // Nobody takes it at the very end of the app only.
                let _ = keys.send(key);
            }
        })?;
        Ok(controls)
    });
    attached
        .inspect_err(|error| tracing::debug!(?error, "no media keys"))
        .ok()
}

/// The window that the controls belong to; none where there has to be one and is not.
#[cfg(windows)]
fn window(app: &AppHandle) -> Option<Option<*mut std::ffi::c_void>> {
    use tauri::Manager;

    let window = app.webview_windows().into_values().next()?;
    Some(Some(window.hwnd().ok()?.0))
}

#[cfg(not(windows))]
#[expect(clippy::unnecessary_wraps, reason = "as on Windows")]
fn window(_: &AppHandle) -> Option<Option<*mut std::ffi::c_void>> {
    Some(None)
}

fn key_of(event: &MediaControlEvent) -> Option<Key> {
    Some(match event {
        MediaControlEvent::Play => Key::Play,
        MediaControlEvent::Pause | MediaControlEvent::Stop => Key::Pause,
        MediaControlEvent::Toggle => Key::Toggle,
        MediaControlEvent::Next => Key::Next,
        MediaControlEvent::SetPosition(MediaPosition(position)) => Key::To(*position),
        _ => return None,
    })
}
