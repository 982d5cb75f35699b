//! Opening an account's folder: lock, pragmas, schema, and repair after a crash.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::{OpenError, draft, health, media, outbox, recover, schema};

/// What opening yields; the lock is held for as long as the file is.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) lock: File,
}

pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join("millet.db")
}

pub(crate) fn media_dir(folder: &Path) -> PathBuf {
    folder.join("media")
}

pub(crate) fn drafts_dir(folder: &Path) -> PathBuf {
    folder.join("drafts")
}

/// A recording's file name, in either folder.
pub(crate) fn recording(draft: &str) -> String {
    format!("{draft}.ogg")
}

pub(crate) fn open(folder: &Path) -> Result<Opened, OpenError> {
    std::fs::create_dir_all(media_dir(folder))?;
    std::fs::create_dir_all(drafts_dir(folder))?;
    let lock = File::create(folder.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse),
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    let connection = match ready(folder) {
        Err(OpenError::Damaged(error)) => {
            tracing::warn!(%error, "the database is damaged");
            recover::recover(folder)?;
            ready(folder)?
        }
        other => other?,
    };
    Ok(Opened { connection, lock })
}

fn ready(folder: &Path) -> Result<Connection, OpenError> {
    let file = database(folder);
    // SQLite takes what is shorter than a page for a database that is still to be made.
    let cut = std::fs::metadata(&file).is_ok_and(|file| file.len() < 4096);
    if health::mark(folder).try_exists()? || cut {
        recover::recover(folder)?;
    }
    let mut connection = Connection::open(file)?;
    configure(&connection)?;
    schema::migrate(&mut connection)?;
    restart(&mut connection, folder)?;
    Ok(connection)
}

/// The writer's pragmas. `temp_store`: sorting never touches the disk. A checkpoint comes
/// every 16 MB: pages that each page of an archive touches again are copied once, and the
/// disk is waited for a quarter as often.
fn configure(connection: &Connection) -> Result<(), OpenError> {
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -8000;
         PRAGMA journal_size_limit = 34000000;
         PRAGMA wal_autocheckpoint = 4000;",
    )?;
    schema::keep_plans(connection)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// What was under way when the process died starts over: stanzas without an ack
/// are sent again (the archive tells first whether they arrived), downloads are
/// due again and what they left is noted to be deleted, and a recording's file is where its row says.
fn restart(connection: &mut Connection, folder: &Path) -> Result<(), OpenError> {
    let tx = connection.transaction()?;
    tx.execute(outbox::ALL_LOST, [])?;
    tx.execute(media::INTERRUPTED_FILES, [])?;
    tx.execute(media::INTERRUPTED, [])?;
    tx.commit()?;
    let (drafts, media) = (drafts_dir(folder), media_dir(folder));
    for draft in draft::ids(connection)? {
        restore(&media, &drafts, &recording(&draft))?;
    }
    for file in outbox::uploads(connection)? {
        restore(&drafts, &media, &file)?;
    }
    Ok(())
}

/// Moves a file to where its row says it is.
fn restore(from: &Path, to: &Path, file: &str) -> Result<(), OpenError> {
    let (from, to) = (from.join(file), to.join(file));
    if !to.try_exists()? && from.try_exists()? {
        std::fs::rename(from, to)?;
    }
    Ok(())
}
