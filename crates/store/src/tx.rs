//! A write transaction and the deltas born in it.

use std::path::Path;

use api::Change;
use rusqlite::{Connection, Transaction};

use crate::StoreError;

/// One write transaction. What its methods change is published after `COMMIT`:
/// each chat and message touched once, as it is in the end.
pub struct WriteTx<'a> {
    transaction: Transaction<'a>,
    _folder: &'a Path,
}

impl<'a> WriteTx<'a> {
    pub(crate) fn new(transaction: Transaction<'a>, folder: &'a Path) -> Self {
        Self {
            transaction,
            _folder: folder,
        }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.transaction
    }

    pub(crate) fn commit(self) -> Result<Vec<Change>, StoreError> {
        self.transaction.commit()?;
        Ok(Vec::new())
    }
}
