//! When the database is checked, and what is told of it.
//!
//! Once a week, some minutes after a start, and when somebody asks. What is damaged is saved by
//! opening the folder again (`Client::mend`, `store::recover`); only a search index that disagrees with
//! itself is made anew in its place.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api::{Fault, FaultKind, HealthState, Job, Millis, Signal};
use store::{Health, key};
use tokio_util::sync::CancellationToken;

use crate::account::Account;
use crate::{faults, search};

/// The first minutes belong to what was missed.
const QUIET: Duration = Duration::from_secs(5 * 60);
/// How often is looked whether a check is due, in a process that runs for weeks; and again where one was put off.
const AGAIN: Duration = Duration::from_secs(60 * 60);
/// How old a check may be.
const WEEK: Millis = 7 * 86_400_000;

/// The check that runs, if one does.
#[derive(Default)]
pub(crate) struct Checks {
    running: Mutex<CancellationToken>,
    turn: tokio::sync::Mutex<()>,
}

impl Checks {
    pub(crate) fn stop(&self) {
        self.lock().cancel();
    }

    fn begin(&self, account: &CancellationToken) -> CancellationToken {
        let stop = account.child_token();
        *self.lock() = stop.clone();
        stop
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, CancellationToken> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks when it is due, for as long as the account is open.
pub(crate) async fn watch(account: Arc<Account>) {
    let mut wait = QUIET;
    loop {
        tokio::select! {
            () = account.stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = AGAIN;
        match account.store.reader().verified().await {
            Ok((at, _)) if is_due(at, account.env.now()) => check(&account, false).await,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "when the database was checked"),
        }
    }
}

/// A time to come means that the clock was wrong.
fn is_due(at: Option<Millis>, now: Millis) -> bool {
    at.is_none_or(|at| at > now || now - at >= WEEK)
}

/// Checks now, in the background.
pub(crate) fn verify(account: &Arc<Account>) {
    let asked = Arc::clone(account);
    account
        .tracker
        .spawn(async move { check(&asked, true).await });
}

pub(crate) async fn state(account: &Account) -> Result<HealthState, Fault> {
    let verified = account.store.reader().verified().await;
    let (verified_at, recovered) = verified.map_err(|error| faults::store(&error))?;
    Ok(HealthState {
        verified_at,
        recovered: recovered.map(|saved| (saved.messages, saved.file)),
    })
}

/// Tells once what was saved, as soon as somebody is there to hear it.
pub(crate) async fn tell(account: &Account) {
    let reader = account.store.reader();
    let (Ok(Some(_)), Ok((_, Some(saved)))) = (
        reader.meta(key::RECOVERY_DUE).await,
        reader.verified().await,
    ) else {
        return;
    };
    if !account.is_heard() {
        return;
    }
    let fault = FaultKind::StoreRecovered {
        messages: saved.messages,
        file: saved.file,
    };
    account.signal(Signal::Notice {
        fault: fault.into(),
    });
    let told = account
        .store
        .write(|tx| tx.set_meta(key::RECOVERY_DUE, None));
    if let Err(error) = told.await {
        tracing::warn!(%error, "the damage will be told again");
    }
}

async fn check(account: &Arc<Account>, asked: bool) {
    let Ok(_one_at_a_time) = account.health.turn.try_lock() else {
        return;
    };
    let stop = account.health.begin(&account.stop);
    if asked {
        account.signal(progress(false, None));
    }
    let reader = account.store.reader();
    let found = reader.check(move || !stop.is_cancelled());
    let fault = match found.await {
        Ok(Health::Sound) => {
            let now = account.env.now().to_string();
            let kept = account
                .store
                .write(move |tx| tx.set_meta(key::VERIFIED_AT, Some(&now)));
            kept.await.err().map(|error| faults::store(&error))
        }
        Ok(Health::SearchDamaged) => search::rebuild(account).await.err(),
        // Whoever watches the store opens it again.
        Ok(Health::Damaged | Health::Unknown) => None,
        Err(error) => Some(faults::store(&error)),
    };
    if let Some(fault) = &fault {
        tracing::warn!(%fault, "the check of the database");
    }
    if asked {
        account.signal(progress(true, fault));
    }
}

fn progress(ended: bool, fault: Option<Fault>) -> Signal {
    Signal::Job {
        job: Job::Verify,
        done: ended.into(),
        total: 1,
        ended,
        fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_week() {
        for (at, now, due) in [
            (None, 5, true),
            (Some(0), WEEK - 1, false),
            (Some(0), WEEK, true),
            (Some(10), 9, true),
        ] {
            assert_eq!(is_due(at, now), due, "{at:?} {now}");
        }
    }
}
