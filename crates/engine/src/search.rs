//! Searching, and making the index anew.
//!
//! A search reads the store alone: no session, no network. The rebuild is a task of the account: it asks the writer
//! for one batch after the other, so everything else that is written stands in between, and ends with the account. What
//! is left is in the store, and the next start goes on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use api::{Fault, Job, Search, SearchPage, Signal};
use store::{Rebuilt, StoreError};
use tokio_util::sync::CancellationToken;

use crate::account::Account;
use crate::faults;

/// How often progress is told.
const PROGRESS: Duration = Duration::from_millis(100);

/// The rebuild that runs, if one does.
#[derive(Default)]
pub(crate) struct Rebuild {
    running: Mutex<CancellationToken>,
}

impl Rebuild {
    /// Ends the one that runs. Its batch under way is finished.
    pub(crate) fn stop(&self) {
        self.lock().cancel();
    }

    /// What ends the next one, which takes the place of the one before.
    fn begin(&self, account: &CancellationToken) -> CancellationToken {
        let mut running = self.lock();
        running.cancel();
        *running = account.child_token();
        running.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, CancellationToken> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) async fn search(account: &Account, search: Search) -> Result<SearchPage, StoreError> {
    account
        .store
        .reader()
        .search(
            search.text,
            search.chat,
            search.after,
            search.utc_offset_min,
        )
        .await
}

/// Empties the index and fills it again. Answers when it is empty.
pub(crate) async fn rebuild(account: &Arc<Account>) -> Result<(), Fault> {
    account.rebuild.stop();
    let emptied = account.store.write(|tx| tx.empty_search()).await;
    emptied.map_err(|error| faults::store(&error))?;
    spawn(account);
    Ok(())
}

/// Goes on with what the last start left, if it left anything.
pub(crate) async fn resume(account: Arc<Account>) {
    match account.store.reader().search_index().await {
        Ok(index) if index.complete => {}
        Ok(_) => spawn(&account),
        Err(error) => tracing::warn!(%error, "how far the search index is"),
    }
}

fn spawn(account: &Arc<Account>) {
    let stop = account.rebuild.begin(&account.stop);
    account.tracker.spawn(run(Arc::clone(account), stop));
}

async fn run(account: Arc<Account>, stop: CancellationToken) {
    let mut reached = Rebuilt::default();
    let mut told: Option<Instant> = None;
    let fault = loop {
        if stop.is_cancelled() {
            break None;
        }
        match account.store.write(|tx| tx.rebuild_search()).await {
            Ok(now) if now.complete => {
                reached.done = reached.total;
                break None;
            }
            Ok(now) => reached = now,
            Err(error) => {
                tracing::warn!(%error, "the search index");
                break Some(faults::store(&error));
            }
        }
        if told.is_none_or(|told| told.elapsed() >= PROGRESS) {
            told = Some(Instant::now());
            account.signal(progress(reached, false, None));
        }
    };
    account.signal(progress(reached, true, fault));
}

fn progress(reached: Rebuilt, ended: bool, fault: Option<Fault>) -> Signal {
    Signal::Job {
        job: Job::RebuildSearch,
        done: reached.done,
        total: reached.total,
        ended,
        fault,
    }
}

#[cfg(test)]
mod tests;
