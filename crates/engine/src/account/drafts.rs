//! Recordings that a crash or a full disk interrupted: what was said so far is a draft.

use std::collections::BTreeMap;

use api::Fault;
use store::DraftRow;

use super::Account;
use crate::faults;
use crate::recording::{Files, Saved};

impl Account {
    /// Recordings that a crash interrupted become drafts that play.
    pub(super) async fn recover_drafts(&self) -> Result<(), Fault> {
        let reader = self.store.reader();
        let interrupted = reader.drafts_recording().await;
        let mut rows: BTreeMap<_, _> = interrupted
            .map_err(|error| faults::store(&error))?
            .into_iter()
            .map(|row| (row.draft.id.clone(), row))
            .collect();
        let folder = self.store.drafts_dir();
        let unsettled = tokio::task::spawn_blocking(move || Files::unsettled(&folder))
            .await
            .map_err(faults::bug)?
            .map_err(|error| faults::voice(&error))?;
        for id in unsettled {
            let row = reader.draft(id.clone()).await;
            if let Some(row) = row.map_err(|error| faults::store(&error))? {
                rows.insert(id, row);
            }
        }
        for row in rows.into_values() {
            // Left as it is where that fails: the next start tries again, and nothing is thrown away.
            if let Err(fault) = self.save_draft(row).await {
                tracing::warn!(%fault, "an interrupted recording could not be recovered");
            }
        }
        Ok(())
    }

    /// Makes a draft of whatever its files hold; it is gone where they hold no sound.
    pub(crate) async fn save_draft(&self, row: DraftRow) -> Result<(), Fault> {
        let id = row.draft.id;
        let files = Files::new(&self.store.drafts_dir(), &id);
        let saved = {
            let files = files.clone();
            tokio::task::spawn_blocking(move || files.save())
                .await
                .map_err(faults::bug)?
                .map_err(|error| faults::voice(&error))?
        };
        let written = match saved {
            Saved::Nothing => {
                tracing::info!("an interrupted recording held no sound");
                self.store.write(move |tx| tx.draft_gone(&id)).await
            }
            Saved::Whole(take) => {
                let write = move |tx: &mut store::WriteTx<'_>| {
                    tx.draft_finish(&id, take.duration_ms, &take.peaks)
                };
                self.store.write(write).await
            }
            Saved::Parted { take, piece } => {
                let (other, at, chat) = (self.env.id(), self.env.now(), row.chat);
                let begun = other.clone();
                // Its row first: a file that no row names is found by nobody.
                self.store
                    .write(move |tx| tx.draft_begin(&begun, chat, at))
                    .await
                    .map_err(|error| faults::store(&error))?;
                let parted = Files::new(&self.store.drafts_dir(), &other);
                tokio::task::spawn_blocking(move || files.part(&parted))
                    .await
                    .map_err(faults::bug)?
                    .map_err(|error| faults::voice(&error))?;
                let write = move |tx: &mut store::WriteTx<'_>| {
                    tx.draft_finish(&other, piece.duration_ms, &piece.peaks)?;
                    tx.draft_finish(&id, take.duration_ms, &take.peaks)
                };
                self.store.write(write).await
            }
        };
        written.map_err(|error| faults::store(&error))
    }
}
