//! What can go wrong, by step: opening an account's folder, and using it.
//!
//! Two types, because opening has outcomes the user can act on (close the other
//! window, update) that no later call has. Neither holds a value from a row.

use api::FaultKind;

/// Why an account's folder could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it open.
    #[error("the folder is used by another process")]
    InUse,
    /// A newer Millet wrote it.
    #[error("schema version {found} is newer than {known}")]
    TooNew {
        /// The version in the file.
        found: i64,
        /// The newest this build knows.
        known: i64,
    },
    /// It is not a database, or a broken one.
    #[error("the database is damaged")]
    Damaged(#[source] rusqlite::Error),
    /// The database could not be opened or brought up to date.
    #[error("open the database")]
    Database(#[source] rusqlite::Error),
    /// The folder could not be made or read.
    #[error("use the folder")]
    Disk(#[from] std::io::Error),
}

impl OpenError {
    /// What the window tells the user.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        match self {
            Self::InUse => FaultKind::StoreInUse,
            Self::TooNew { .. } => FaultKind::StoreTooNew,
            Self::Disk(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                FaultKind::DiskFull
            }
            Self::Database(error) if is_full(error) => FaultKind::DiskFull,
            Self::Damaged(_) | Self::Database(_) | Self::Disk(_) => FaultKind::StoreUnusable,
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match is_damage(&error) {
            true => Self::Damaged(error),
            false => Self::Database(error),
        }
    }
}

/// Why a read or write did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The chat, message or draft named does not exist.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// It exists, but not in a state that allows this.
    #[error("wrong state: {0}")]
    WrongState(&'static str),
    /// A row holds a value that this build cannot have written.
    #[error("unreadable {0}")]
    Unreadable(&'static str),
    /// The job panicked; nothing of it was kept.
    #[error("the job panicked")]
    Panicked,
    /// The database refused.
    #[error("database")]
    Database(#[from] rusqlite::Error),
    /// A file of this account could not be moved.
    #[error("move a file")]
    Disk(#[from] std::io::Error),
}

impl StoreError {
    /// What the window tells the user.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        match self {
            Self::NotFound(_) => FaultKind::NotFound,
            Self::Database(error) if is_full(error) => FaultKind::DiskFull,
            Self::Disk(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                FaultKind::DiskFull
            }
            Self::WrongState(_) | Self::Panicked => FaultKind::Bug,
            Self::Closed | Self::Unreadable(_) | Self::Database(_) | Self::Disk(_) => {
                FaultKind::StoreUnusable
            }
        }
    }
}

impl StoreError {
    /// Whether the database is damaged. Text that is none, or a kind that there is not, was never written; SQLite
    /// itself does not look. Everything that counts here is put right by `recover`, or it would be met for ever.
    pub(crate) fn is_damage(&self) -> bool {
        use rusqlite::Error::{IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
        match self {
            Self::Database(Utf8Error(..) | InvalidColumnType(..) | IntegralValueOutOfRange(..)) => {
                true
            }
            Self::Unreadable(what) => *what != "kind of an own message",
            Self::Database(error) => is_damage(error),
            _ => false,
        }
    }

    /// Whether somebody interrupted the query.
    pub(crate) fn is_interrupted(&self) -> bool {
        matches!(self, Self::Database(error)
            if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted))
    }
}

/// Every query is tried with the schema we made (`hot_queries_use_their_indices`): one that does not fit is damage.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{SqlInputError, SqliteFailure};
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    let is_another =
        |words: &str| words.starts_with("no such column") || words.starts_with("no such table");
    match error {
        SqliteFailure(_, Some(words)) | SqlInputError { msg: words, .. } if is_another(words) => {
            true
        }
        _ => matches!(
            error.sqlite_error_code(),
            Some(DatabaseCorrupt | NotADatabase)
        ),
    }
}

fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
}
