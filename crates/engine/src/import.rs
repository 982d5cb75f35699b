//! A folder that history was exported into, taken in: on a new machine, or into another account (`docs/export.md`).
//!
//! It owns whose messages become ours and what a failure means to the person; [`source`] reads the folder, which may
//! come from anywhere, and `store` merges. What is here stays, so importing twice changes nothing, and an import that
//! was stopped goes on by being started again.

mod archive;
mod source;
mod take;

use std::sync::Arc;

use api::{Fault, FaultKind, Job};

use crate::account::Account;
use crate::export::{absolute, unusable};
use crate::faults;
use crate::jobs::{self, Told};
use source::Source;
use take::{ImportError, Task};

/// Begins to take a folder in. It is looked at before this answers.
pub(crate) async fn import(account: &Arc<Account>, folder: &str) -> Result<(), Fault> {
    let root = absolute(folder)?;
    let source = tokio::task::spawn_blocking(move || Source::open(&root))
        .await
        .map_err(faults::bug)?
        .map_err(fault)?;
    let account = Arc::clone(account);
    account.tracker.clone().spawn(async move {
        let task = Task {
            store: account.store.clone(),
            runtime: tokio::runtime::Handle::current(),
            source,
            address: account.address.to_string(),
        };
        let stop = account.stop.clone();
        let outcome =
            jobs::run(
                &account,
                Job::Import,
                Told::All,
                &stop,
                move |go_on| match take::run(task, go_on) {
                    Ok(()) => Ok(true),
                    Err(ImportError::Stopped) => Ok(false),
                    Err(error) => Err(fault(error)),
                },
            );
        if let Err(fault) = outcome.await {
            tracing::warn!(%fault, "import");
        }
        // Voice whose file was not in the folder may still be on its server.
        account.fetches.notify_one();
    });
    Ok(())
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
