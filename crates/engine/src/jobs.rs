//! What goes on in the background for so long that it shows how far it got and can be stopped: export and import.
//!
//! Such a job reads and writes files, so it runs on a thread of its own; it asks at every step whether to go on, and
//! tells its progress ten times a second at most.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use api::{Fault, Job, Signal};
use tokio_util::sync::CancellationToken;

use crate::account::Account;
use crate::faults;

/// How often progress is told.
const PROGRESS: Duration = Duration::from_millis(100);

/// The jobs of an account.
#[derive(Default)]
pub(crate) struct Jobs {
    running: Mutex<BTreeMap<Job, CancellationToken>>,
    /// Held by the export that writes.
    exporting: tokio::sync::Mutex<()>,
    /// Held by the import that reads.
    importing: tokio::sync::Mutex<()>,
    /// Ends the one that keeps an export current.
    pub(crate) keeper: Mutex<CancellationToken>,
}

/// When a job is heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// From its beginning to its end.
    All,
    /// Only once it takes a while, or fails.
    IfLong,
    /// Never: it failed before, and that was told.
    Nothing,
}

/// What a job that works in the background without being asked must not be noticed for.
const A_WHILE: Duration = Duration::from_secs(2);

impl Jobs {
    /// Ends the job that runs, if one does. Its step under way is finished.
    pub(crate) fn stop(&self, job: Job) {
        if let Some(running) = self.lock().get(&job) {
            running.cancel();
        }
    }

    fn begin(&self, job: Job, account: &CancellationToken) -> CancellationToken {
        let stop = account.child_token();
        self.lock().insert(job, stop.clone());
        stop
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Job, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, job: Job) -> &tokio::sync::Mutex<()> {
        match job {
            Job::Import => &self.importing,
            _ => &self.exporting,
        }
    }
}

/// Runs a job when the one before it of its kind is done. The work says whether it ended by itself (`true`) or was
/// stopped. Returns whether it did all of it.
pub(crate) async fn run<W>(
    account: &Arc<Account>,
    job: Job,
    told: Told,
    stop: &CancellationToken,
    work: W,
) -> Result<bool, Fault>
where
    W: FnOnce(&mut dyn FnMut(u64, u64) -> bool) -> Result<bool, Fault> + Send + 'static,
{
    let _turn = tokio::select! {
        () = stop.cancelled() => return Ok(false),
        turn = account.jobs.turn(job).lock() => turn,
    };
    let stop = account.jobs.begin(job, stop);
    let teller = account.teller();
    let began = Instant::now();
    let outcome = tokio::task::spawn_blocking(move || {
        let mut last: Option<Instant> = None;
        let mut reached = (0, 0);
        let outcome = work(&mut |done, total| {
            reached = (done, total);
            let due = last.is_none_or(|last| last.elapsed() >= PROGRESS);
            let heard = match told {
                Told::All => true,
                Told::IfLong => began.elapsed() >= A_WHILE,
                Told::Nothing => false,
            };
            if due && heard {
                last = Some(Instant::now());
                teller(signal(job, reached, false, None));
            }
            !stop.is_cancelled()
        });
        let failed = outcome.is_err() && told != Told::Nothing;
        if told == Told::All || last.is_some() || failed {
            let fault = outcome.as_ref().err().cloned();
            teller(signal(job, reached, true, fault));
        }
        outcome
    });
    outcome.await.map_err(faults::bug)?
}

fn signal(job: Job, (done, total): (u64, u64), ended: bool, fault: Option<Fault>) -> Signal {
    Signal::Job {
        job,
        done,
        total,
        ended,
        fault,
    }
}
