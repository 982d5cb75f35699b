//! Recordings that a crash interrupted: what was said so far is a draft.

use std::io::ErrorKind;

use api::Fault;
use voice::VoiceError;

use super::Account;
use crate::{client, faults};

impl Account {
    /// Recordings that a crash interrupted become drafts that play.
    pub(super) async fn recover_drafts(&self) -> Result<(), Fault> {
        let interrupted = self
            .store
            .reader()
            .drafts_recording()
            .await
            .map_err(|error| faults::store(&error))?;
        for row in interrupted {
            let draft = row.draft.id;
            let path = self.store.drafts_dir().join(format!("{draft}.ogg"));
            let file = path.clone();
            let take = tokio::task::spawn_blocking(move || voice::recover(&file)).await;
            let written = match take {
                Ok(Ok(take)) if take.duration_ms > 0 => {
                    self.store
                        .write(move |tx| tx.draft_finish(&draft, take.duration_ms, &take.peaks))
                        .await
                }
                // Killed before the microphone was open: the row is there and the file never was.
                Ok(Err(VoiceError::Disk(error))) if error.kind() == ErrorKind::NotFound => {
                    self.store.write(move |tx| tx.draft_gone(&draft)).await
                }
                Ok(Ok(_) | Err(VoiceError::NotAudio)) => {
                    tracing::info!("an interrupted recording held no sound");
                    client::remove_file(&path).await;
                    self.store.write(move |tx| tx.draft_gone(&draft)).await
                }
                // Left as it is: the next start tries again, and nothing is thrown away.
                Ok(Err(error)) => {
                    tracing::warn!(%error, "an interrupted recording could not be recovered");
                    Ok(())
                }
                Err(error) => return Err(faults::bug(error)),
            };
            written.map_err(|error| faults::store(&error))?;
        }
        Ok(())
    }
}
