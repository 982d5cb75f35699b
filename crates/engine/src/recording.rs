//! The one recording that may run: from press to draft or message.
//!
//! The microphone is opened before anything else happens, and beside it the draft's row is written, so that a crash
//! at any moment leaves either nothing said or a draft.

mod edit;
mod files;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use api::{ChatId, Denoise, Fault, FaultKind, FileSpace, MessageId, Signal, VoiceDraft};
use store::DraftRow;
use tokio::sync::Mutex;
use voice::{Bitrate, Learned, ProcessOptions, RecordEvent, RecordOptions, Recorder, Source};

use crate::account::Account;
use crate::chimes::Silence;
use crate::client::{self, Client};
use crate::faults;

pub(crate) use files::{Files, Saved};

/// A press shorter than this was a slip or a question: it sends nothing.
const SHORTEST_PRESS: Duration = Duration::from_millis(300);

pub(crate) struct Recording {
    source: Source,
    running: Mutex<Option<Running>>,
    /// Held while the files of a draft change, and taken before `running`: what is asked of a draft that is still being
    /// finished waits for it.
    editing: Mutex<()>,
    /// What is known of a voice before the microphone that was chosen last: the next recording begins with it.
    learned: std::sync::Mutex<(Option<String>, Learned)>,
}

struct Running {
    draft: String,
    account: Arc<Account>,
    recorder: Recorder,
    pressed: Instant,
    /// Whether it goes on after a draft, in a file of its own.
    continued: bool,
    /// Goes with the recording.
    _silence: Silence,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    Recorded,
    Cut,
}

impl Recording {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            running: Mutex::new(None),
            editing: Mutex::default(),
            learned: std::sync::Mutex::default(),
        }
    }

    fn learned(&self, microphone: Option<String>) -> Learned {
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        if learned.0 != microphone {
            *learned = (microphone, Learned::default());
        }
        learned.1.clone()
    }

    /// Whether a microphone is open.
    pub(crate) async fn runs(&self) -> bool {
        self.running.lock().await.is_some()
    }

    /// None begins while this is held; none where one runs. To be taken before the lock of a test, as a recording does.
    pub(crate) async fn forbid(&self) -> Option<impl Drop + Send + '_> {
        let running = self.running.lock().await;
        running.is_none().then_some(running)
    }
}

impl Client {
    pub(crate) async fn voice_start(&self, chat: ChatId) -> Result<VoiceDraft, Fault> {
        let pressed = Instant::now();
        let account = self.account()?;
        let mut running = self.inner.recording.running.lock().await;
        if running.is_some() {
            return Err(FaultKind::AlreadyRecording.into());
        }
        if self.inner.sound_check.runs().await {
            self.end_test().await;
        }
        let silence = self.inner.chimes.silence();
        // A loudspeaker would bring it into the recording.
        self.inner.playing.pause();
        let draft = account.env.id();
        let path = account.store.drafts_dir().join(format!("{draft}.ogg"));
        let options = RecordOptions {
            keep_untouched: self.untouched(&account, &draft).await,
            ..self.record_options()
        };
        let on_event = self.recorder_events(Arc::clone(&account), draft.clone(), 0);
        let file = path.clone();
        let start = tokio::task::spawn_blocking(move || Recorder::start(&file, options, on_event));
        let (id, at) = (draft.clone(), account.env.now());
        let row = account.store.write(move |tx| tx.draft_begin(&id, chat, at));
        let (started, row) = tokio::join!(start, row);
        let recorder = match (started.map_err(faults::bug)?, row) {
            (Ok(recorder), Ok(())) => recorder,
            (Ok(recorder), Err(error)) => {
                let _ = tokio::task::spawn_blocking(move || recorder.halt()).await;
                client::remove_file(&path).await;
                return Err(faults::store(&error));
            }
            (Err(error), row) => {
                if row.is_ok() {
                    let id = draft.clone();
                    account
                        .store
                        .write(move |tx| tx.draft_gone(&id))
                        .await
                        .map_err(|e| faults::store(&e))?;
                }
                return Err(faults::voice(&error));
            }
        };
        *running = Some(Running {
            draft: draft.clone(),
            account,
            recorder,
            pressed,
            continued: false,
            _silence: silence,
        });
        self.inner.chimes.start();
        Ok(VoiceDraft {
            id: draft,
            duration_ms: 0,
            peaks: Vec::new(),
            recording: true,
        })
    }

    pub(crate) async fn voice_stop(&self, draft: &str) -> Result<VoiceDraft, Fault> {
        let _editing = self.inner.recording.editing.lock().await;
        match self.take_running(draft).await {
            Some(running) => finish(running, Tail::Recorded).await,
            None => self.stored_draft(draft).await,
        }
    }

    pub(crate) async fn send_voice(&self, chat: ChatId, draft: &str) -> Result<MessageId, Fault> {
        let account = self.account()?;
        let _editing = self.inner.recording.editing.lock().await;
        if let Some(running) = self.take_running(draft).await {
            let too_short = !running.continued && running.pressed.elapsed() < SHORTEST_PRESS;
            let finished =
                finish(running, if too_short { Tail::Cut } else { Tail::Recorded }).await?;
            if too_short || finished.duration_ms == 0 {
                self.throw_away(&account, draft).await?;
                let kind = if too_short {
                    FaultKind::TooShort
                } else {
                    FaultKind::MicrophoneSilent
                };
                return Err(kind.into());
            }
        }
        let (draft, origin_id, at) = (draft.to_owned(), account.env.id(), account.env.now());
        let message = account
            .store
            .write(move |tx| tx.send_draft(&draft, chat, &origin_id, at))
            .await
            .map_err(|error| faults::store(&error))?;
        account.outbox.notify_one();
        if account.is_online() {
            self.inner.chimes.sent();
        }
        Ok(message)
    }

    pub(crate) async fn voice_discard(&self, draft: &str) -> Result<(), Fault> {
        let account = self.account()?;
        let _editing = self.inner.recording.editing.lock().await;
        if let Some(running) = self.take_running(draft).await
            && let Err(fault) = finish(running, Tail::Cut).await
        {
            tracing::info!(%fault, "a recording that is thrown away could not be finished");
        }
        self.stored_draft(draft).await?;
        self.throw_away(&account, draft).await
    }

    /// What is kept as the microphone heard it.
    pub(crate) async fn untouched_space(&self) -> Result<FileSpace, Fault> {
        let folder = files::untouched(&self.account()?.store.drafts_dir());
        let counted = tokio::task::spawn_blocking(move || files::untouched_space(&folder));
        let counted = counted.await.map_err(faults::bug)?;
        counted.map_err(|error| faults::voice(&error))
    }

    /// Deletes what is kept as the microphone heard it, but for what is being recorded. Answers what went.
    pub(crate) async fn delete_untouched(&self) -> Result<FileSpace, Fault> {
        let folder = files::untouched(&self.account()?.store.drafts_dir());
        let _editing = self.inner.recording.editing.lock().await;
        let running = self.inner.recording.running.lock().await;
        let spared = running.as_ref().map(|running| running.draft.clone());
        let deleted = tokio::task::spawn_blocking(move || {
            files::delete_untouched(&folder, spared.as_deref())
        });
        // The lock is held until then: a recording that begins meanwhile is not among it.
        let deleted = deleted.await.map_err(faults::bug)?;
        deleted.map_err(|error| faults::voice(&error))
    }

    /// Where the sound of a draft is kept as the microphone heard it, if it is. Each recording on is a file of its own.
    async fn untouched(&self, account: &Account, draft: &str) -> Option<PathBuf> {
        if !self.inner.preferences.kept().settings.keep_untouched {
            return None;
        }
        let folder = files::untouched(&account.store.drafts_dir());
        if let Err(error) = tokio::fs::create_dir_all(&folder).await {
            tracing::warn!(%error, "the untouched sound is not kept");
            return None;
        }
        Some(folder.join(format!("{draft}.{}.ogg", account.env.now())))
    }

    /// With what is recorded, and how: as it is set.
    pub(crate) fn record_options(&self) -> RecordOptions {
        let settings = self.inner.preferences.kept().settings;
        let chosen = settings.microphone.as_ref().map(|chosen| chosen.id.clone());
        let source = match (&self.inner.recording.source, settings.microphone) {
            (Source::Default, Some(chosen)) => Source::Device(chosen.id),
            (source, _) => source.clone(),
        };
        RecordOptions {
            source,
            bitrate: match settings.voice_kbit {
                16 => Bitrate::Low,
                32 => Bitrate::High,
                _ => Bitrate::Standard,
            },
            processing: ProcessOptions {
                high_pass: settings.denoise != Denoise::Off,
                denoise: match settings.denoise {
                    Denoise::Off => voice::Denoise::Off,
                    Denoise::Auto => voice::Denoise::Auto,
                    Denoise::On => voice::Denoise::On,
                },
                gain: settings.even_recording,
            },
            learned: self.inner.recording.learned(chosen),
            ..RecordOptions::default()
        }
    }

    /// Whatever is being recorded becomes a draft: the window that showed it is gone.
    pub async fn end_recording(&self) {
        self.end_test().await;
        self.halt_recording().await;
    }

    /// Whatever is being recorded becomes a draft: the app closes, or another account opens.
    pub(crate) async fn halt_recording(&self) {
        let _editing = self.inner.recording.editing.lock().await;
        let running = self.inner.recording.running.lock().await.take();
        if let Some(running) = running
            && let Err(fault) = finish(running, Tail::Cut).await
        {
            tracing::warn!(%fault, "the recording could not be finished; the next start recovers it");
        }
    }

    /// The path of a draft's sound. The id is checked against the store, so it never is a path of somebody's choice.
    pub(crate) async fn draft_path(&self, draft: &str) -> Result<std::path::PathBuf, Fault> {
        self.stored_draft(draft).await?;
        Ok(self
            .account()?
            .store
            .drafts_dir()
            .join(format!("{draft}.ogg")))
    }

    async fn stored_draft(&self, draft: &str) -> Result<VoiceDraft, Fault> {
        Ok(stored(&*self.account()?, draft).await?.draft)
    }

    async fn throw_away(&self, account: &Account, draft: &str) -> Result<(), Fault> {
        let id = draft.to_owned();
        account
            .store
            .write(move |tx| tx.draft_gone(&id))
            .await
            .map_err(|error| faults::store(&error))?;
        let files = Files::new(&account.store.drafts_dir(), draft);
        let removed = tokio::task::spawn_blocking(move || files.remove_all()).await;
        if let Err(error) = removed.map_err(faults::bug)? {
            tracing::warn!(%error, "a recording that was thrown away could not be removed");
        }
        Ok(())
    }

    async fn take_running(&self, draft: &str) -> Option<Running> {
        let mut running = self.inner.recording.running.lock().await;
        match &*running {
            Some(now) if now.draft == draft => running.take(),
            _ => None,
        }
    }

    /// What the recorder's thread tells goes on to the window; an end nobody asked for becomes a draft.
    fn recorder_events(
        &self,
        account: Arc<Account>,
        draft: String,
        before_ms: u32,
    ) -> impl FnMut(RecordEvent) + Send + 'static {
        let client = self.clone();
        let runtime = tokio::runtime::Handle::current();
        move |event| match event {
            RecordEvent::Level { elapsed_ms, peak } => {
                account.signal(Signal::Level {
                    draft: draft.clone(),
                    elapsed_ms: before_ms.saturating_add(elapsed_ms),
                    peak,
                });
            }
            RecordEvent::Clipping => {
                account.signal(Signal::Clipping {
                    draft: draft.clone(),
                });
            }
            RecordEvent::Silent => {
                account.signal(Signal::Notice {
                    fault: FaultKind::MicrophoneSilent.into(),
                });
            }
            RecordEvent::Lost(error) => {
                let task = client
                    .clone()
                    .ended_by_itself(draft.clone(), faults::voice(&error));
                account.tracker.spawn_on(task, &runtime);
            }
            RecordEvent::LimitReached => {
                let task = client
                    .clone()
                    .ended_by_itself(draft.clone(), FaultKind::TooLong.into());
                account.tracker.spawn_on(task, &runtime);
            }
            RecordEvent::Capturing { after_press, .. } => {
                tracing::debug!(ms = after_press.as_millis(), "capturing");
            }
            RecordEvent::Dropped { frames } => tracing::warn!(frames, "sound was dropped"),
            _ => {}
        }
    }

    async fn ended_by_itself(self, draft: String, fault: Fault) {
        let _editing = self.inner.recording.editing.lock().await;
        let Some(running) = self.take_running(&draft).await else {
            return;
        };
        let account = Arc::clone(&running.account);
        let fault = match finish(running, Tail::Cut).await {
            Ok(_) => fault,
            Err(worse) => worse,
        };
        account.signal(Signal::RecordingEnded { draft, fault });
    }
}

async fn finish(running: Running, tail: Tail) -> Result<VoiceDraft, Fault> {
    let Running {
        draft,
        account,
        recorder,
        continued,
        ..
    } = running;
    let files = Files::new(&account.store.drafts_dir(), &draft);
    let take = tokio::task::spawn_blocking(move || {
        let take = match tail {
            Tail::Recorded => recorder.stop(),
            Tail::Cut => recorder.halt(),
        }?;
        if continued && take.duration_ms > 0 {
            return files.append(take);
        }
        Ok(take)
    });
    let take = match take.await.map_err(faults::bug)? {
        Ok(take) if !continued || take.duration_ms > 0 => take,
        ended => {
            // What there is of it is a draft, or there is none: no row waits for the next start.
            save(&account, &draft).await?;
            if let Err(error) = ended {
                return Err(faults::voice(&error));
            }
            return stored(&account, &draft).await.map(|row| row.draft);
        }
    };
    let finished = VoiceDraft {
        id: draft.clone(),
        duration_ms: take.duration_ms,
        peaks: take.peaks.clone(),
        recording: false,
    };
    account
        .store
        .write(move |tx| tx.draft_finish(&draft, take.duration_ms, &take.peaks))
        .await
        .map_err(|error| faults::store(&error))?;
    Ok(finished)
}

async fn save(account: &Account, draft: &str) -> Result<(), Fault> {
    account.save_draft(stored(account, draft).await?).await
}

async fn stored(account: &Account, draft: &str) -> Result<DraftRow, Fault> {
    let found = account.store.reader().draft(draft.to_owned()).await;
    found
        .map_err(|error| faults::store(&error))?
        .ok_or_else(|| FaultKind::NotFound.into())
}

#[cfg(test)]
mod tests;
