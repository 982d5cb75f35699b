//! Reading the archive (XEP-0313): the newest page first, so that the screen is right at once; then the holes below it, the
//! newest first; then on to the archive's beginning, or as far back as the user wants it.
//!
//! What is here and what is missing are ranges ([`store::Archive`]), which change in the transaction that stores a page. So a
//! kill between any two pages costs nothing, and the next connection goes on where this one stopped. The line opens after
//! the newest page, unless something of ours is in doubt: then nothing goes out before it was looked for in every hole that
//! may hold it.
//!
//! Rejected: reading forward from the newest message held (after a month away the newest messages come last), and a worker
//! a hole (servers answer one page at a time, and two workers meet in the middle of each other's pages).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use api::{ChatId, Fault, FaultKind, HistoryState, Millis, Signal};
use store::Archive;
use tokio::sync::{Notify, watch};
use xmpp::{ArchivePage, ArchiveQuery, IqError, Session};

use crate::account::Account;
use crate::faults;

mod page;
mod reading;
mod tail;

use reading::{Goal, LOOKS, Reading};
use tail::Ends;
pub(crate) use tail::LATE;

/// How often progress is told.
const PROGRESS: Duration = Duration::from_millis(250);

/// Wait before the archive is asked again after it failed to answer; twice as long each time.
const AGAIN: Duration = Duration::from_secs(5);

/// So often in a row it may fail before it is left alone until the next connection.
const PATIENCE: u32 = 8;
/// After that, on a connection that stays: a server's archive may be away for a while.
const SELDOM: Duration = Duration::from_secs(3600);

/// What goes on about the history of an account.
#[derive(Default)]
pub(crate) struct History {
    /// The connection is back, or more is wanted.
    pub(crate) changed: Notify,
    told: Mutex<Option<(Instant, Signal)>>,
    meter: watch::Sender<Meter>,
    /// What may have been stored late.
    pub(crate) tail: tail::Tail,
    /// Whether the server gives what is live the ids of its archive (XEP-0359).
    gives_ids: AtomicBool,
}

/// What the network costs, and whether that is minded.
#[derive(Clone, Copy, Default)]
struct Meter {
    /// What goes through it is paid for.
    on: bool,
    /// The user wants everything all the same, for as long as it is so.
    is_ignored: bool,
}

impl Meter {
    fn pauses(self) -> bool {
        self.on && !self.is_ignored
    }
}

impl History {
    /// The network became metered, or is not any more.
    pub(crate) fn set_metered(&self, on: bool) {
        self.meter.send_modify(|meter| {
            meter.on = on;
            meter.is_ignored &= on;
        });
        self.look_again();
    }

    /// The past is wanted although the network is metered.
    pub(crate) fn fetch_anyway(&self) {
        self.meter.send_modify(|meter| meter.is_ignored = meter.on);
        self.look_again();
    }

    fn is_paused(&self) -> bool {
        self.meter.borrow().pauses()
    }

    async fn pauses(&self) {
        // Fails only where the sender is gone, and we hold it.
        let _ = self
            .meter
            .subscribe()
            .wait_for(|meter| meter.pauses())
            .await;
    }

    /// There is reason to look for holes again.
    pub(crate) fn look_again(&self) {
        self.changed.notify_one();
    }

    /// Whether ids that come in our account's name are the archive's.
    pub(crate) fn gives_ids(&self) -> bool {
        self.gives_ids.load(Ordering::Acquire)
    }

    /// What was told last, for whoever was not there to hear it.
    pub(crate) fn told(&self) -> Option<Signal> {
        self.lock().as_ref().map(|(_, signal)| signal.clone())
    }

    /// Whether progress is due to be told.
    fn is_due(&self) -> bool {
        let told = self.lock();
        told.as_ref().is_none_or(|(at, _)| at.elapsed() >= PROGRESS)
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Instant, Signal)>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks what the server keeps for us; whether there is an archive. To be called before presence, which is what makes
/// messages come: their ids count only if the server announced them (XEP-0313 §3.3, XEP-0359 §6).
pub(crate) async fn announced(account: &Account, session: &Session) -> Result<bool, Fault> {
    let history = &account.history;
    history.gives_ids.store(false, Ordering::Release);
    history.tail.reset();
    let features = match session.features(None).await {
        Ok(features) => features,
        // RFC 6120 §8.4: how a server says that it does not know the question. Any other refusal may be of the moment, and
        // taking it for "no archive" would lose what was missed.
        Err(IqError::Refused(error))
            if ["service-unavailable", "feature-not-implemented"]
                .contains(&error.condition.as_str()) =>
        {
            Vec::new()
        }
        Err(error) => return Err(faults::iq(&error)),
    };
    account.private_lists.announced(&features);
    let has = |wanted: &str| features.iter().any(|feature| feature == wanted);
    let archive = has("urn:xmpp:mam:2");
    history
        .gives_ids
        .store(archive || has("urn:xmpp:sid:0"), Ordering::Release);
    Ok(archive)
}

/// Reads the newest page, goes on to one that says something, and closes the holes that may hold something of ours that is
/// in doubt.
pub(crate) async fn run(account: &Account, session: &Session) -> Result<(), Fault> {
    look(account, session).await.map(drop)
}

/// The same; where the newest page ends.
async fn look(account: &Account, session: &Session) -> Result<Option<Ends>, Fault> {
    let ask = |query: ArchiveQuery| async move { session.archive_page(&query).await };
    let (archive, ends) = reading(account).newest(&ask).await?;
    tail::read(account, ends.as_ref()).await?;
    account.fetches.notify_one();
    tell(account, &archive, true);
    let stored = |archive: &Archive| progress(account, archive);
    reading(account).fill(Goal::Said, &ask, &stored).await?;
    reading(account).fill(Goal::Doubts, &ask, &stored).await?;
    Ok(ends)
}

/// Closes holes and reads back to the beginning, for as long as the session lives. Not through a metered network: what is
/// scrolled to is fetched there, and the rest when it costs nothing.
pub(crate) async fn keep_whole(account: &Account, session: &Session) {
    let ask = |query: ArchiveQuery| async move { session.archive_page(&query).await };
    let stored = |archive: &Archive| progress(account, archive);
    let mut failures = 0;
    loop {
        let goal = Goal::Kept {
            now: account.env.now(),
        };
        if account.history.is_paused()
            && let Ok(Some(archive)) = reading(account).wanting(goal).await
        {
            tell_paused(account, &archive);
            account.history.changed.notified().await;
            continue;
        }
        let filled = tokio::select! {
            biased;
            // What a page that is being stored holds is stored all the same.
            () = account.history.pauses(), if !account.history.is_paused() => continue,
            filled = whole(account, goal, &ask, &stored) => filled,
        };
        if let Ok(archive) = account.store.reader().archive().await {
            tell(account, &archive, false);
        }
        let fault = match filled {
            Ok(()) => {
                failures = 0;
                account.history.changed.notified().await;
                continue;
            }
            Err(fault) => fault,
        };
        tracing::info!(%fault, "older messages stay on the server for now");
        failures += 1;
        if fault.kind == FaultKind::Offline {
            account.history.changed.notified().await;
            failures = 0;
        } else if failures >= PATIENCE {
            tokio::select! {
                () = account.history.changed.notified() => failures = 0,
                () = tokio::time::sleep(SELDOM) => {}
            }
        } else {
            tokio::time::sleep(AGAIN * (1 << (failures - 1).min(7))).await;
        }
    }
}

/// What may have been stored late, and then what is missing.
async fn whole<A, F>(
    account: &Account,
    goal: Goal,
    ask: &A,
    stored: &impl Fn(&Archive),
) -> Result<(), Fault>
where
    A: Fn(ArchiveQuery) -> F,
    F: Future<Output = Result<ArchivePage, IqError>>,
{
    tail::verify(account, ask).await?;
    reading(account).fill(goal, ask, stored).await
}

/// Reads the newest page of a stream that has stood for [`LATE`] once more: from then on what comes live is all there is.
pub(crate) async fn settle(account: &Account, session: &Session) -> Result<(), Fault> {
    let ask = |query: ArchiveQuery| async move { session.archive_page(&query).await };
    let ends = look(account, session).await?;
    tail::settle(account, ends, &ask).await?;
    account.history.look_again();
    Ok(())
}

/// Asks for messages of a chat older than any that is here, whatever else is being fetched. Whether something came.
pub(crate) async fn fetch_older(account: &Account, chat: ChatId) -> Result<bool, Fault> {
    let session = account
        .session()
        .filter(|_| account.is_online())
        .ok_or(FaultKind::Offline)?;
    let ask = |query: ArchiveQuery| {
        let session = session.clone();
        async move { session.archive_page(&query).await }
    };
    let mut reading = reading(account);
    for _ in 0..LOOKS {
        let came = reading.older(chat, &ask).await?;
        if came.new > 0 || came.is_all {
            account.fetches.notify_one();
            return Ok(came.new > 0);
        }
    }
    Ok(false)
}

/// Everything up to this archive id has come live, `items` of them since the last time.
///
/// Not while something of ours is in doubt: the archive may hold it before this one, and would never be asked for it.
pub(crate) fn reached(
    tx: &mut store::WriteTx<'_>,
    id: &str,
    at: Millis,
    items: u64,
    is_settled: bool,
) -> Result<(), store::StoreError> {
    if is_settled {
        tail::moved_on(tx, at)?;
    }
    if tx.outbox_in_doubt()? {
        return Ok(());
    }
    let mut archive = tx.archive()?;
    archive.reached(id, at, items);
    tx.set_archive(&archive)
}

/// How far the history was fetched, and the room it takes.
pub(crate) async fn state(account: &Account) -> Result<HistoryState, Fault> {
    let reader = account.store.reader();
    let archive = reader.archive().await.map_err(|e| faults::store(&e))?;
    let span = reader.history_span().await.map_err(|e| faults::store(&e))?;
    let (db_bytes, media_bytes) = reader.sizes().await.map_err(|e| faults::store(&e))?;
    let sync = Synced::of(account, &archive);
    Ok(HistoryState {
        held: sync.held,
        total: sync.total,
        back_to: sync.back_to,
        complete: sync.complete,
        gaps: archive.gaps(),
        span,
        db_bytes,
        media_bytes,
    })
}

fn reading(account: &Account) -> Reading<'_> {
    Reading::new(&account.store, &account.address)
}

fn progress(account: &Account, archive: &Archive) {
    account.fetches.notify_one();
    if account.history.is_due() {
        tell(account, archive, true);
    }
}

fn tell(account: &Account, archive: &Archive, fetching: bool) {
    signal(account, archive, fetching, false);
}

fn tell_paused(account: &Account, archive: &Archive) {
    signal(account, archive, false, true);
}

fn signal(account: &Account, archive: &Archive, fetching: bool, metered: bool) {
    let sync = Synced::of(account, archive);
    let signal = Signal::Sync {
        held: sync.held,
        total: sync.total,
        back_to: sync.back_to,
        complete: sync.complete,
        gaps: u32::try_from(archive.gaps().len()).unwrap_or(u32::MAX),
        fetching,
        metered,
    };
    *account.history.lock() = Some((Instant::now(), signal.clone()));
    account.signal(signal);
}

struct Synced {
    held: u64,
    total: Option<u64>,
    back_to: Option<Millis>,
    complete: bool,
}

impl Synced {
    fn of(account: &Account, archive: &Archive) -> Self {
        let newest = archive.ranges().last();
        let is_known = !account.history.tail.is_open();
        let complete = newest.is_some() && is_known && archive.holes().next().is_none();
        // Servers count roughly, what they threw away is here still, and what goes out from here is not counted as it goes.
        let total = archive.total.map(|total| total.max(archive.items()));
        let held = total.filter(|_| complete).unwrap_or(archive.items());
        Self {
            held,
            total,
            back_to: newest
                .filter(|range| !range.oldest.is_empty())
                .map(|range| range.oldest_at),
            complete,
        }
    }
}

#[cfg(test)]
mod tests;
