//! Recordings that were not sent, out of a folder.

use api::{ChatId, Millis, VoiceDraft};
use rusqlite::params;

use crate::{StoreError, WriteTx};

impl WriteTx<'_> {
    /// Whether there is a recording by one of these ids.
    ///
    /// # Errors
    /// Those of the database.
    pub fn has_draft(&mut self, ids: [&str; 2]) -> Result<bool, StoreError> {
        Ok(self
            .connection()
            .prepare_cached("SELECT 1 FROM voice_draft WHERE id IN (?1, ?2)")?
            .exists(params![ids[0], ids[1]])?)
    }

    /// A finished recording whose file is in [`crate::Store::drafts_dir`] already, called by its id. Changes nothing
    /// where it is known.
    ///
    /// # Errors
    /// [`StoreError::WrongState`] for an id that could leave the folder, and those of the database.
    pub fn import_draft(
        &mut self,
        chat: ChatId,
        at: Millis,
        draft: &VoiceDraft,
    ) -> Result<(), StoreError> {
        if self.has_draft([&draft.id, &draft.id])? {
            return Ok(());
        }
        self.draft_begin(&draft.id, chat, at)?;
        self.draft_finish(&draft.id, draft.duration_ms, &draft.peaks)
    }
}
