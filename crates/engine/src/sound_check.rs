//! Trying out microphone and loudspeaker: which there are, and a recording that only the one who spoke hears.
//!
//! No account is needed, and nothing of it stays: the sound lies in a folder of its own that goes when the check ends, and at the
//! next start where it could not.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api::{Device, Devices, Fault, FaultKind, Signal, Sound, TestSound, TestTake};
use tokio::task::spawn_blocking;
use voice::{DeviceWatch, PlayOptions, ProcessOptions, RecordEvent, Recorder};

use crate::chimes::Silence;
use crate::client::Client;
use crate::faults;
use crate::hub::Hub;
use crate::playing::Piece;

/// The longest test.
const LIMIT: Duration = Duration::from_secs(60);
const FOLDER: &str = "sound-check";

#[derive(Default)]
pub(crate) struct SoundCheck {
    watch: Mutex<Option<DeviceWatch>>,
    running: tokio::sync::Mutex<Option<Running>>,
}

struct Running {
    recorder: Recorder,
    /// Goes with the recording.
    _silence: Silence,
}

impl SoundCheck {
    pub(crate) async fn runs(&self) -> bool {
        self.running.lock().await.is_some()
    }

    fn is_watched(&self) -> bool {
        let watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        watch.is_some()
    }
}

/// Every device there is. Waits for the system.
pub(crate) async fn devices() -> Result<Devices, Fault> {
    let shown = |devices: Vec<voice::Device>| {
        let shown = |device: voice::Device| Device {
            id: device.id,
            name: device.name,
            is_default: device.is_default,
        };
        devices.into_iter().map(shown).collect()
    };
    spawn_blocking(move || Devices {
        microphones: shown(voice::microphones()),
        loudspeakers: shown(voice::loudspeakers()),
    })
    .await
    .map_err(faults::bug)
}

impl Client {
    pub(crate) async fn sound_check(&self, on: bool) -> Result<(), Fault> {
        let watch = match on {
            true => {
                let hub = Arc::clone(&self.inner.hub);
                let tell = move || hub.signal(Signal::DevicesChanged {});
                Some(
                    spawn_blocking(move || voice::watch_devices(tell))
                        .await
                        .map_err(faults::bug)?,
                )
            }
            false => None,
        };
        let before = std::mem::replace(
            &mut *self
                .inner
                .sound_check
                .watch
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
            watch,
        );
        drop(before);
        if !on {
            self.end_test().await;
        }
        Ok(())
    }

    pub(crate) async fn test_start(&self) -> Result<(), Fault> {
        let Some(_no_recording) = self.inner.recording.forbid().await else {
            return Err(FaultKind::AlreadyRecording.into());
        };
        let mut running = self.inner.sound_check.running.lock().await;
        if running.is_some() {
            return Err(FaultKind::AlreadyRecording.into());
        }
        // It came after the page was left, and nobody would end it.
        if !self.inner.sound_check.is_watched() {
            return Err(FaultKind::NotFound.into());
        }
        if let (Some(Sound::Test(_)), _) = self.inner.playing.now() {
            self.inner.playing.stop();
        }
        self.inner.playing.pause();
        let silence = self.inner.chimes.silence();
        let folder = self.check_folder();
        let options = self.record_options();
        // Without it both would be the same.
        let is_processed = options.processing != ProcessOptions::default();
        let on_event = events(Arc::clone(&self.inner.hub));
        let recorder = spawn_blocking(move || {
            remove(&folder);
            std::fs::create_dir_all(&folder)?;
            let options = voice::RecordOptions {
                limit: LIMIT,
                keep_untouched: is_processed.then(|| path(&folder, TestSound::Heard)),
                ..options
            };
            Recorder::start(&path(&folder, TestSound::Sent), options, on_event)
        });
        let recorder = recorder.await.map_err(faults::bug)?;
        *running = Some(Running {
            recorder: recorder.map_err(|error| faults::voice(&error))?,
            _silence: silence,
        });
        Ok(())
    }

    pub(crate) async fn test_stop(&self) -> Result<TestTake, Fault> {
        let running = self.inner.sound_check.running.lock().await.take();
        let running = running.ok_or(FaultKind::NotFound)?;
        let take = spawn_blocking(move || running.recorder.halt())
            .await
            .map_err(faults::bug)?
            .map_err(|error| faults::voice(&error))?;
        let heard = path(&self.check_folder(), TestSound::Heard);
        let is_processed = tokio::fs::try_exists(heard).await.unwrap_or_default();
        Ok(TestTake {
            duration_ms: take.duration_ms,
            is_processed,
        })
    }

    /// Plays what was recorded last.
    pub(crate) fn play_test(&self, sound: TestSound, from_ms: u32) {
        self.inner.playing.play(Piece {
            sound: Sound::Test(sound),
            path: path(&self.check_folder(), sound),
            from: None,
            options: PlayOptions {
                from_ms,
                ..PlayOptions::default()
            },
            listener: None,
        });
    }

    /// Ends a test that runs: the window is gone, or a message is to be recorded. Nothing of it stays.
    pub(crate) async fn end_test(&self) {
        // Held to the end: a test that begins meanwhile is not to lose its folder.
        let mut held = self.inner.sound_check.running.lock().await;
        let running = held.take();
        if let (Some(Sound::Test(_)), _) = self.inner.playing.now() {
            self.inner.playing.stop();
        }
        let folder = self.check_folder();
        let ended = spawn_blocking(move || {
            if let Some(running) = running
                && let Err(error) = running.recorder.halt()
            {
                tracing::debug!(%error, "a test could not be finished");
            }
            remove(&folder);
        });
        if let Err(error) = ended.await {
            tracing::warn!(%error, "a test could not be ended");
        }
    }

    fn check_folder(&self) -> PathBuf {
        self.inner.home.join(FOLDER)
    }
}

fn path(folder: &Path, sound: TestSound) -> PathBuf {
    folder.join(match sound {
        TestSound::Sent => "sent.ogg",
        TestSound::Heard => "heard.ogg",
    })
}

/// What was left behind by the run before.
pub(crate) fn clear(home: &Path) {
    remove(&home.join(FOLDER));
}

fn remove(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "what was recorded to try out a microphone cannot be removed");
        }
        _ => {}
    }
}

fn events(hub: Arc<Hub>) -> impl FnMut(RecordEvent) + Send + 'static {
    move |event| match event {
        RecordEvent::Level { elapsed_ms, peak } => {
            hub.signal(Signal::TestLevel { elapsed_ms, peak });
        }
        RecordEvent::Lost(error) => hub.signal(Signal::TestEnded {
            fault: faults::voice(&error),
        }),
        RecordEvent::LimitReached => hub.signal(Signal::TestEnded {
            fault: FaultKind::TooLong.into(),
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
