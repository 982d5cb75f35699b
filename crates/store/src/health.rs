//! Whether the database is sound: the check that runs beside everything else, and what is noted of
//! damage.
//!
//! The check is SQLite's own (`PRAGMA integrity_check`, which looks into the search index too) on a
//! connection of its own, so no read or write waits for it. It reads one state for as long as it
//! takes, and meanwhile the log cannot begin anew: where that grows past [`LOG`] the check stops and
//! is tried another time. Table by table was rejected: most of it is one table and its indices, and
//! pages that belong to none would go unseen.
//!
//! Damage is noted beside the database (`millet.db-damaged`), never in it: the next open saves what
//! can be read (`recover`).

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::{Reader, StoreError, key, open};

/// The log's size at which a check gives up, in bytes: four times the usual.
const LOG: u64 = 64 << 20;
/// Steps of SQLite's machine between two looks at whether to go on.
const STEPS: i32 = 20_000;
/// Complaints that are read. More say nothing new.
const COMPLAINTS: usize = 100;

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// All is well.
    Sound,
    /// The search index disagrees with itself; everything else is well, so it is made anew.
    SearchDamaged,
    /// Something is broken. Noted: the next open of the folder saves what can be read.
    Damaged,
    /// The check was stopped, or the log grew too long: nothing is known.
    Unknown,
}

pub(crate) fn mark(folder: &Path) -> PathBuf {
    folder.join("millet.db-damaged")
}

/// Notes damage for the next open.
pub(crate) fn note(folder: &Path) {
    if let Err(error) = std::fs::write(mark(folder), b"") {
        tracing::warn!(%error, "damage could not be noted");
    }
}

fn check(
    connection: &Connection,
    log: PathBuf,
    go_on: impl Fn() -> bool + Send + 'static,
) -> Result<Health, StoreError> {
    connection.progress_handler(
        STEPS,
        Some(move || !go_on() || std::fs::metadata(&log).is_ok_and(|log| log.len() > LOG)),
    )?;
    let found = complaints(connection);
    match found {
        Ok(found) => Ok(judge(&found)),
        Err(error) if error.is_interrupted() => Ok(Health::Unknown),
        Err(error) if error.is_damage() => Ok(Health::Damaged),
        Err(error) => Err(error),
    }
}

fn complaints(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({COMPLAINTS})"))?;
    let lines = statement.query_map([], |row| row.get(0))?;
    Ok(lines.collect::<Result<_, _>>()?)
}

/// A tree of the search index that is broken is no matter of the search alone: emptying it might
/// give pages away that belong to messages. Of those SQLite complains itself, whatever FTS5 says of what is in them.
fn judge(complaints: &[String]) -> Health {
    let of_search = |line: &String| {
        let of_fts5 = ["malformed inverted index", "fts5: corruption"];
        of_fts5.iter().any(|says| line.contains(says)) && line.contains("message_search")
    };
    match complaints {
        [only] if only == "ok" => Health::Sound,
        lines if !lines.is_empty() && lines.iter().all(of_search) => Health::SearchDamaged,
        _ => Health::Damaged,
    }
}

impl Reader {
    /// Checks the whole database, in the background: seconds for a million messages. `go_on` is asked
    /// often, and a check that is told not to ends as [`Health::Unknown`].
    ///
    /// # Errors
    /// Those of the database that are no damage.
    pub async fn check(
        &self,
        go_on: impl Fn() -> bool + Send + 'static,
    ) -> Result<Health, StoreError> {
        let reader = self.clone();
        let checked = tokio::task::spawn_blocking(move || {
            let log = open::database(reader.folder()).with_extension("db-wal");
            let health = match reader.connect() {
                Ok(connection) => check(&connection, log, go_on),
                Err(error) if error.is_damage() => Ok(Health::Damaged),
                Err(error) => Err(error),
            };
            if matches!(health, Ok(Health::Damaged)) {
                reader.damage().found();
            }
            health
        });
        checked.await.map_err(|_| StoreError::Panicked)?
    }

    /// When the database was last found sound, and what was saved from a damaged one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn verified(&self) -> Result<(Option<api::Millis>, Option<Recovered>), StoreError> {
        let at = self.meta(key::VERIFIED_AT).await?;
        let recovered = self.meta(key::RECOVERED).await?;
        Ok((
            at.and_then(|at| at.parse().ok()),
            recovered.as_deref().and_then(Recovered::parse),
        ))
    }
}

/// What was saved from a database that was damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Messages that are here again.
    pub messages: u64,
    /// The name of the damaged file, in the account's folder.
    pub file: String,
}

impl Recovered {
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.messages, self.file)
    }

    fn parse(line: &str) -> Option<Self> {
        let (messages, file) = line.split_once(' ')?;
        Some(Self {
            messages: messages.parse().ok()?,
            file: file.to_owned(),
        })
    }
}

/// Tells whoever waits that damage was met. Clones are the same.
#[derive(Clone)]
pub(crate) struct Damage {
    folder: PathBuf,
    told: std::sync::Arc<tokio::sync::watch::Sender<bool>>,
}

impl Damage {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            told: std::sync::Arc::new(tokio::sync::watch::Sender::new(false)),
        }
    }

    pub(crate) fn found(&self) {
        if !self.told.send_replace(true) {
            note(&self.folder);
        }
    }

    /// Looks at what a read or write ended with.
    pub(crate) fn look<T>(&self, outcome: &Result<T, StoreError>) {
        if outcome.as_ref().is_err_and(StoreError::is_damage) {
            self.found();
        }
    }

    pub(crate) async fn wait(&self) {
        let mut told = self.told.subscribe();
        // The sender lives as long as we do.
        let _told = told.wait_for(|told| *told).await;
    }
}

impl crate::Store {
    /// Returns once a read, a write or a check has met damage. The folder is to be closed and opened
    /// again then: that saves what can be read.
    pub async fn damaged(&self) {
        self.reader().damage().wait().await;
    }
}
