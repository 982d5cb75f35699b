//! History in a folder of the user's: written when asked for, or kept current in the background (`docs/export.md`).
//!
//! It owns when the folder is written and what a failure means to the person; [`write`] owns how. The folder belongs to
//! the user: one that holds anything else is refused, never mixed with. Rejected: one archive file (it would have to be
//! written whole for each message, and nothing but us could look into it).

pub(crate) mod archive;
mod chat;
mod drafts;
pub(crate) mod folder;
pub(crate) mod line;
pub(crate) mod names;
mod overview;
mod page;
mod said;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use api::{ExportState, Fault, FaultKind, Job};
use tokio_util::sync::CancellationToken;

use crate::account::Account;
use crate::jobs::{self, Told};
use crate::{client, faults, import};
use folder::Holds;
use write::{ExportError, Task};

/// How long changes are gathered before they are written.
const GATHERED: Duration = Duration::from_secs(5);

/// How long a folder that could not be written is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(60);

/// Begins to write a folder. It is looked at before this answers.
pub(crate) async fn export(account: &Arc<Account>, folder: &str) -> Result<(), Fault> {
    let root = usable(account, folder).await?;
    let account = Arc::clone(account);
    account.tracker.clone().spawn(async move {
        let stop = account.stop.clone();
        if let Err(fault) = once(&account, root, Told::All, &stop).await {
            tracing::warn!(%fault, "export");
        }
    });
    Ok(())
}

/// Keeps a folder current from now on, or none.
pub(crate) async fn keep(account: &Arc<Account>, folder: Option<String>) -> Result<(), Fault> {
    let root = match &folder {
        Some(folder) => Some(usable(account, folder).await?),
        None => None,
    };
    let kept = account
        .store
        .write(move |tx| tx.set_meta(store::key::KEPT_EXPORT, folder.as_deref()));
    kept.await.map_err(|error| faults::store(&error))?;
    let stop = begin_keeper(account);
    match root {
        Some(root) => drop(
            account
                .tracker
                .spawn(keeper(Arc::clone(account), root, stop)),
        ),
        None => stop.cancel(),
    }
    Ok(())
}

/// Goes on with what was kept current before the last end.
pub(crate) async fn resume(account: Arc<Account>) {
    // Before the look: a command that comes meanwhile ends this one.
    let stop = begin_keeper(&account);
    match kept(&account).await {
        Ok(None) => {}
        Ok(Some(folder)) => keeper(account, PathBuf::from(folder), stop).await,
        Err(fault) => tracing::warn!(%fault, "which folder is kept current"),
    }
}

/// How it stands.
pub(crate) async fn state(account: &Account) -> Result<ExportState, Fault> {
    let at = account.store.reader().meta(store::key::EXPORTED_AT).await;
    let at = at.map_err(|error| faults::store(&error))?;
    Ok(ExportState {
        kept: kept(account).await?,
        suggested: suggested(account.address.as_str()).unwrap_or_default(),
        at: at.and_then(|at| at.parse().ok()),
    })
}

fn suggested(address: &str) -> Option<String> {
    let user = directories::UserDirs::new()?;
    let documents = user.document_dir().unwrap_or(user.home_dir());
    let harmless = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    let name = address.replace(|c| !harmless(c), "-");
    let folder = documents.join("Millet").join(name);
    folder.to_str().map(str::to_owned)
}

async fn kept(account: &Account) -> Result<Option<String>, Fault> {
    let kept = account.store.reader().meta(store::key::KEPT_EXPORT).await;
    kept.map_err(|error| faults::store(&error))
}

/// A folder of the user's choice, where this account can be exported into it.
async fn usable(account: &Account, folder: &str) -> Result<PathBuf, Fault> {
    let root = absolute(folder)?;
    match holds(account, &root).await? {
        Holds::Nothing | Holds::Ours { .. } => Ok(root),
        Holds::Other => Err(FaultKind::FolderNotEmpty.into()),
    }
}

async fn holds(account: &Account, root: &Path) -> Result<Holds, Fault> {
    let (root, address) = (root.to_path_buf(), account.address.to_string());
    tokio::task::spawn_blocking(move || folder::holds(&root, &address))
        .await
        .map_err(faults::bug)?
        .map_err(|error| unusable(&error))
}

/// What this history is called, from its first export on.
async fn writer(account: &Account) -> Result<String, Fault> {
    let fresh = account.env.id();
    let name = account.store.write(move |tx| {
        if let Some(name) = tx.meta(store::key::EXPORTER)? {
            return Ok(name);
        }
        tx.set_meta(store::key::EXPORTER, Some(&fresh))?;
        Ok(fresh)
    });
    name.await.map_err(|error| faults::store(&error))
}

pub(crate) fn absolute(folder: &str) -> Result<PathBuf, Fault> {
    let path = Path::new(folder);
    match path.is_absolute() {
        true => Ok(path.to_path_buf()),
        false => Err(Fault::new(
            FaultKind::FolderUnusable,
            "not an absolute path",
        )),
    }
}

pub(crate) fn unusable(error: &std::io::Error) -> Fault {
    match client::unusable(error) {
        full if full.kind == FaultKind::DiskFull => full,
        other => Fault::new(FaultKind::FolderUnusable, other.detail),
    }
}

fn begin_keeper(account: &Account) -> CancellationToken {
    let mut keeper = account
        .jobs
        .keeper
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    keeper.cancel();
    *keeper = account.stop.child_token();
    keeper.clone()
}

/// Writes the folder, and again whenever something changed.
async fn keeper(account: Arc<Account>, root: PathBuf, stop: CancellationToken) {
    let mut commits = account.store.commits();
    let mut told = Told::IfLong;
    loop {
        let writing = once(&account, root.clone(), told, &stop);
        tokio::pin!(writing);
        let mut changed = false;
        let outcome = loop {
            // Commits hold whole rows: left unread they would pile up.
            tokio::select! {
                outcome = &mut writing => break outcome,
                Some(_) = commits.recv() => changed = true,
            }
        };
        let pause = match outcome {
            Ok(_) => {
                told = Told::IfLong;
                GATHERED
            }
            // What cannot be read is not written over, and it will not read better in a minute.
            Err(fault) if fault.kind == FaultKind::ImportIncomplete => {
                tracing::warn!(%fault, "the folder stays as it is");
                return;
            }
            Err(fault) => {
                tracing::warn!(%fault, "the export is not current");
                (told, changed) = (Told::Nothing, true);
                LEFT_ALONE
            }
        };
        if !changed {
            tokio::select! {
                () = stop.cancelled() => return,
                commit = commits.recv() => if commit.is_none() {
                    return;
                },
            }
        }
        let gathered = tokio::time::sleep(pause);
        tokio::pin!(gathered);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = &mut gathered => break,
                Some(_) = commits.recv() => {}
            }
        }
    }
}

/// Writes the folder once. One that was asked for is in order in the end; one that is kept current mostly appends.
async fn once(
    account: &Arc<Account>,
    root: PathBuf,
    told: Told,
    stop: &CancellationToken,
) -> Result<bool, Fault> {
    let writer = writer(account).await?;
    // What another machine wrote, or this one before its database was damaged, may be nowhere else.
    if let Holds::Ours { written_by } = holds(account, &root).await?
        && written_by != writer
        && !import::take_in(account, &root, told, stop).await?
    {
        return Ok(false);
    }
    let follows = kept(account)
        .await?
        .is_none_or(|kept| Path::new(&kept) == root);
    let task = Task {
        store: account.store.clone(),
        runtime: tokio::runtime::Handle::current(),
        root,
        address: account.address.to_string(),
        now: account.env.now(),
        name: account.env.id(),
        writer,
        follows,
        orderly: told == Told::All,
    };
    jobs::run(
        account,
        Job::Export,
        told,
        stop,
        move |go_on| match write::run(&task, go_on) {
            Ok(()) => Ok(true),
            Err(ExportError::Stopped) => Ok(false),
            Err(ExportError::NotEmpty) => Err(FaultKind::FolderNotEmpty.into()),
            Err(ExportError::Disk(error)) => Err(unusable(&error)),
            Err(ExportError::Store(error)) => Err(faults::store(&error)),
            Err(ExportError::Line(error)) => Err(faults::bug(error)),
        },
    )
    .await
}

#[cfg(test)]
pub(crate) mod tests;
