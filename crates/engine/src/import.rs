//! A folder that history was exported into, taken in: on a new machine, or into another account (`docs/export.md`).
//!
//! It owns whose messages become ours and what a failure means to the person; [`source`] reads the folder, which may
//! come from anywhere, and `store` merges. What is here stays, so importing twice changes nothing, and an import that
//! was stopped goes on by being started again.

mod archive;
mod source;
mod take;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::{Fault, FaultKind, Job};
use tokio_util::sync::CancellationToken;

use crate::account::Account;
use crate::export::folder::CHATS;
use crate::export::{absolute, unusable};
use crate::faults;
use crate::jobs::{self, Told};
use source::Source;
use take::{ImportError, Task};

/// Begins to take a folder in. It is looked at before this answers.
pub(crate) async fn import(account: &Arc<Account>, folder: &str) -> Result<(), Fault> {
    let source = open(absolute(folder)?).await?;
    let account = Arc::clone(account);
    account.tracker.clone().spawn(async move {
        let stop = account.stop.clone();
        if let Err(fault) = run(&account, source, Told::All, &stop).await {
            tracing::warn!(%fault, "import");
        }
    });
    Ok(())
}

/// Takes in what an export is about to write over. Whether all of it is here then; else it was stopped.
pub(crate) async fn take_in(
    account: &Arc<Account>,
    root: &Path,
    told: Told,
    stop: &CancellationToken,
) -> Result<bool, Fault> {
    match open(root.to_path_buf()).await {
        Ok(source) => run(account, source, told, stop).await,
        // An export that was killed before it said which chats there are.
        Err(fault) if fault.kind == FaultKind::NotAnExport && !root.join(CHATS).exists() => {
            Ok(true)
        }
        Err(fault) => Err(fault),
    }
}

async fn open(root: PathBuf) -> Result<Source, Fault> {
    tokio::task::spawn_blocking(move || Source::open(&root))
        .await
        .map_err(faults::bug)?
        .map_err(fault)
}

async fn run(
    account: &Arc<Account>,
    source: Source,
    told: Told,
    stop: &CancellationToken,
) -> Result<bool, Fault> {
    let task = Task {
        store: account.store.clone(),
        runtime: tokio::runtime::Handle::current(),
        source,
        address: account.address.to_string(),
    };
    let outcome = jobs::run(
        account,
        Job::Import,
        told,
        stop,
        move |go_on| match take::run(task, go_on) {
            Ok(()) => Ok(true),
            Err(ImportError::Stopped) => Ok(false),
            Err(error) => Err(fault(error)),
        },
    )
    .await;
    // Voice whose file was not in the folder may still be on its server.
    account.fetches.notify_one();
    outcome
}

fn fault(error: ImportError) -> Fault {
    match error {
        ImportError::Stopped => faults::bug("stopped"),
        ImportError::NotAnExport => FaultKind::NotAnExport.into(),
        ImportError::TooNew(version) => {
            Fault::new(FaultKind::StoreTooNew, format!("version {version}"))
        }
        ImportError::Damaged { lines, files } => Fault::new(
            FaultKind::ImportIncomplete,
            format!("{lines} lines and {files} files"),
        ),
        ImportError::Folder(error) => unusable(&error),
        ImportError::Disk(error) => crate::client::unusable(&error),
        ImportError::Store(error) => faults::store(&error),
    }
}

#[cfg(test)]
mod tests;
