//! Files that are to go: of messages that were taken back or discarded, copies that were let go of, recordings that
//! were thrown away, what an interrupted fetch left. They are noted in the transaction that decides so, and deleted by
//! the caller after it; what a crash left is still noted at the next start.

use crate::{Reader, StoreError, WriteTx};

/// How many are told at once.
const AT_ONCE: i64 = 100;

impl WriteTx<'_> {
    /// This file is to be deleted, from whichever of the two folders it is in: no name is given twice.
    pub(crate) fn remove_later(&mut self, file: &str) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("INSERT OR IGNORE INTO removal (file) VALUES (?1)")?
            .execute([file])?;
        Ok(())
    }

    /// These files are gone.
    ///
    /// # Errors
    /// Those of the database.
    pub fn removed(&mut self, files: &[String]) -> Result<(), StoreError> {
        for file in files {
            self.connection()
                .prepare_cached("DELETE FROM removal WHERE file = ?1")?
                .execute([file])?;
        }
        Ok(())
    }
}

impl Reader {
    /// Files in [`crate::Store::media_dir`] or [`crate::Store::drafts_dir`] that are to be deleted, at most 100 at once.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn removals(&self) -> Result<Vec<String>, StoreError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT file FROM removal LIMIT ?1")?
                .query_map([AT_ONCE], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })
        .await
    }
}
