//! How the user wants the window to be, and what they were told once: one small JSON file beside the accounts.
//!
//! Not in a database: the window is drawn before any account is open, and a store that does not open must not cost
//! the language of the sentence that says so. Not in the web view's storage either, which it writes when it likes.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use api::{Fault, Settings};
use serde::{Deserialize, Serialize};

use crate::{client, faults};

const FILE: &str = "settings.json";

/// A file that is larger was not written by us.
const LARGEST: u64 = 64 * 1024;

/// What the file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    #[serde(flatten)]
    pub(crate) settings: Settings,
    /// Whether it was said that this system has no keyring.
    pub(crate) told_password_not_kept: bool,
}

/// The file and what it holds.
pub(crate) struct Preferences {
    file: PathBuf,
    kept: Mutex<Kept>,
    /// Held while the file is written, so that an older state never takes the place of a newer one.
    writing: tokio::sync::Mutex<()>,
}

/// The settings as they are kept in a data folder; the default where there are none. For the shell, which draws the
/// window before the client has started. Blocks for one small file.
#[must_use]
pub fn read_settings(home: &Path) -> Settings {
    read(&home.join(FILE)).settings
}

impl Preferences {
    /// Blocks for one small file.
    pub(crate) fn open(home: &Path) -> Self {
        let file = home.join(FILE);
        Self {
            kept: Mutex::new(read(&file)),
            file,
            writing: tokio::sync::Mutex::default(),
        }
    }

    pub(crate) fn kept(&self) -> Kept {
        self.lock().clone()
    }

    /// Changes what is kept. It holds for this run also where the disk refuses it.
    pub(crate) async fn change(&self, change: impl FnOnce(&mut Kept)) -> Result<(), Fault> {
        let _in_turn = self.writing.lock().await;
        let kept = {
            let mut kept = self.lock();
            change(&mut kept);
            kept.settings = std::mem::take(&mut kept.settings).corrected();
            kept.clone()
        };
        let file = self.file.clone();
        tokio::task::spawn_blocking(move || write(&file, &kept))
            .await
            .map_err(faults::bug)?
            .map_err(|error| client::unusable(&error))
    }

    /// Waits until a change that is being written is on the disk.
    pub(crate) async fn settle(&self) {
        drop(self.writing.lock().await);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(file: &Path) -> Kept {
    let kept = File::open(file).and_then(|open| {
        let mut json = Vec::new();
        open.take(LARGEST).read_to_end(&mut json)?;
        serde_json::from_slice::<Kept>(&json).map_err(io::Error::from)
    });
    match kept {
        Ok(kept) => Kept {
            settings: kept.settings.corrected(),
            ..kept
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
        Err(error) => {
            tracing::warn!(%error, "the settings cannot be read; they start afresh");
            Kept::default()
        }
    }
}

/// Beside, to the disk, then over it: after a crash there is the old file or the new one, whole.
fn write(file: &Path, kept: &Kept) -> io::Result<()> {
    let fresh = file.with_extension("json.new");
    let mut open = File::create(&fresh)?;
    open.write_all(&serde_json::to_vec_pretty(kept)?)?;
    open.sync_all()?;
    drop(open);
    std::fs::rename(&fresh, file)?;
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
