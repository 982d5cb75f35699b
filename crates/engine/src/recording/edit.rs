//! Drafts that are not final: recorded on, recorded again from a place, trimmed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::{Fault, FaultKind, VoiceDraft};
use voice::{RecordOptions, Recorder};

use super::files::Files;
use super::{Running, Tail, finish};
use crate::client::{self, Client};
use crate::faults;

impl Client {
    /// Records on at the end of a draft, or at a place in it. The microphone is open before anything of the draft is
    /// touched, and what is spoken goes to a file of its own beside it.
    pub(crate) async fn voice_continue(
        &self,
        draft: &str,
        from_ms: Option<u32>,
    ) -> Result<VoiceDraft, Fault> {
        let pressed = Instant::now();
        let account = self.account()?;
        let recording = &self.inner.recording;
        let _editing = recording.editing.lock().await;
        let before = self.stored_draft(draft).await?;
        let mut running = recording.running.lock().await;
        if running.is_some() || before.recording {
            return Err(FaultKind::AlreadyRecording.into());
        }
        let kept_ms = from_ms.map_or(before.duration_ms, |from| from.min(before.duration_ms));
        let options = RecordOptions {
            keep_untouched: self.untouched(&account, draft).await,
            ..self.record_options()
        };
        let limit = options
            .limit
            .saturating_sub(Duration::from_millis(kept_ms.into()));
        if limit.is_zero() {
            return Err(FaultKind::TooLong.into());
        }
        if self.inner.sound_check.runs().await {
            self.end_test().await;
        }
        // Its file is about to be another, and it would be heard by the microphone.
        self.inner.playing.stop();
        let silence = self.inner.chimes.silence();
        let files = Files::new(&account.store.drafts_dir(), draft);
        let on_event = self.recorder_events(Arc::clone(&account), draft.to_owned(), kept_ms);
        let piece = files.piece();
        let start = tokio::task::spawn_blocking(move || {
            Recorder::start(&piece, RecordOptions { limit, ..options }, on_event)
        });
        let id = draft.to_owned();
        let row = account.store.write(move |tx| tx.draft_resume(&id));
        let (started, row) = tokio::join!(start, row);
        let recorder = match (started.map_err(faults::bug)?, row) {
            (Ok(recorder), Ok(())) => recorder,
            (Ok(recorder), Err(error)) => {
                let _ = tokio::task::spawn_blocking(move || recorder.halt()).await;
                client::remove_file(&files.piece()).await;
                return Err(faults::store(&error));
            }
            (Err(error), row) => {
                if row.is_ok() {
                    let id = draft.to_owned();
                    account
                        .store
                        .write(move |tx| tx.draft_finish(&id, before.duration_ms, &before.peaks))
                        .await
                        .map_err(|e| faults::store(&e))?;
                }
                return Err(faults::voice(&error));
            }
        };
        let now = Running {
            draft: draft.to_owned(),
            account,
            recorder,
            pressed,
            continued: true,
            _silence: silence,
        };
        if kept_ms < before.duration_ms {
            let shortened = tokio::task::spawn_blocking(move || files.shorten(kept_ms)).await;
            if let Err(error) = shortened.map_err(faults::bug)? {
                // All of it stays, what was said since included.
                finish(now, Tail::Cut).await?;
                return Err(faults::voice(&error));
            }
        }
        *running = Some(now);
        self.inner.chimes.start();
        Ok(VoiceDraft {
            id: draft.to_owned(),
            duration_ms: 0,
            peaks: Vec::new(),
            recording: true,
        })
    }

    /// Keeps one part of a draft. The rest is on the disk until the part is.
    pub(crate) async fn voice_trim(
        &self,
        draft: &str,
        from_ms: u32,
        until_ms: u32,
    ) -> Result<VoiceDraft, Fault> {
        let account = self.account()?;
        let _editing = self.inner.recording.editing.lock().await;
        let before = self.stored_draft(draft).await?;
        if before.recording {
            return Err(FaultKind::AlreadyRecording.into());
        }
        let until_ms = until_ms.min(before.duration_ms);
        if from_ms >= until_ms {
            return Err(faults::bug("nothing would be kept"));
        }
        if (from_ms, until_ms) == (0, before.duration_ms) {
            return Ok(before);
        }
        self.inner.playing.stop();
        let files = Files::new(&account.store.drafts_dir(), draft);
        let cut = {
            let files = files.clone();
            tokio::task::spawn_blocking(move || files.cut(from_ms, until_ms))
        };
        let take = cut
            .await
            .map_err(faults::bug)?
            .map_err(|error| faults::voice(&error))?;
        let after = VoiceDraft {
            id: draft.to_owned(),
            duration_ms: take.duration_ms,
            peaks: take.peaks.clone(),
            recording: false,
        };
        // Before the file takes its place: from here on a crash ends with the part, and its row with it.
        let id = draft.to_owned();
        account
            .store
            .write(move |tx| tx.draft_finish(&id, take.duration_ms, &take.peaks))
            .await
            .map_err(|error| faults::store(&error))?;
        tokio::task::spawn_blocking(move || files.settle())
            .await
            .map_err(faults::bug)?
            .map_err(|error| faults::voice(&error))?;
        Ok(after)
    }
}
