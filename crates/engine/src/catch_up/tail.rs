//! What an archive stores late.
//!
//! ejabberd gives a message its id, which is a time, when it is routed, and stores it when the stream of the addressee takes
//! it: behind a stream that died, and is not given up yet, that is a minute and more later. It then stands before newer
//! ones that were read long ago. So what is newer than the time until which all is known to be there is read again with each
//! new stream, and that time moves on where a stream has stood for [`LATE`], or something comes live after that.
//!
//! Rejected: to ask by time alone at each start. Mostly the newest page reaches that far, and nothing more is asked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::{Fault, Millis};
use store::{SKEW, WriteTx, key};
use xmpp::{ArchivePage, ArchiveQuery, IqError};

use super::reading::Reading;
use crate::account::Account;
use crate::faults;

/// So late at most. A stream waits a minute to be resumed where nobody set another time.
pub(crate) const LATE: Duration = Duration::from_secs(120);

/// With what the clocks may differ.
const MARGIN: Millis = 120_000 + SKEW;

/// The ends of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ends {
    /// The archive id of the oldest item; none where there is nothing older.
    pub(super) first: Option<String>,
    /// When the archive got that.
    pub(super) first_at: Millis,
    /// When it got the newest.
    pub(super) last_at: Millis,
}

/// How far the newest part of the archive is to be believed.
#[derive(Default)]
pub(crate) struct Tail {
    /// The newest page, until what is before it was looked through.
    unchecked: Mutex<Option<Ends>>,
    /// The stream has stood long enough: what comes live is all there is.
    is_settled: AtomicBool,
}

impl Tail {
    /// A new stream begins.
    pub(super) fn reset(&self) {
        self.is_settled.store(false, Ordering::Release);
    }

    /// Whether something is still to be looked through.
    pub(super) fn is_open(&self) -> bool {
        self.lock().is_some()
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.is_settled.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Ends>> {
        self.unchecked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The newest page is here, and ends so.
pub(super) async fn read(account: &Account, ends: Option<&Ends>) -> Result<(), Fault> {
    let unchecked = match (settled_at(account).await?, ends) {
        (Some(at), Some(ends)) => Some(ends).filter(|ends| ends.first_at > since(at)),
        // The first time: what is older comes as what is missing does.
        (None, Some(ends)) => {
            keep(account, ends.first_at).await?;
            None
        }
        (_, None) => None,
    };
    *account.history.tail.lock() = unchecked.cloned();
    Ok(())
}

/// Looks through what may have been stored late, before the newest page.
pub(super) async fn verify<A, F>(account: &Account, ask: &A) -> Result<(), Fault>
where
    A: Fn(ArchiveQuery) -> F,
    F: Future<Output = Result<ArchivePage, IqError>>,
{
    let tail = &account.history.tail;
    let unchecked = tail.lock().clone();
    let (Some(ends), Some(at)) = (unchecked, settled_at(account).await?) else {
        return Ok(());
    };
    let reading = Reading::new(&account.store, &account.address);
    reading.again(&ends, since(at), ask).await?;
    let mut now = tail.lock();
    if now.as_ref() == Some(&ends) {
        *now = None;
    }
    Ok(())
}

/// The stream has stood for [`LATE`], and its newest page, which ends so, was read once more: until there, all is here.
pub(super) async fn settle<A, F>(
    account: &Account,
    ends: Option<Ends>,
    ask: &A,
) -> Result<(), Fault>
where
    A: Fn(ArchiveQuery) -> F,
    F: Future<Output = Result<ArchivePage, IqError>>,
{
    verify(account, ask).await?;
    if let Some(ends) = ends {
        keep(account, ends.last_at).await?;
    }
    let is_settled = &account.history.tail.is_settled;
    is_settled.store(true, Ordering::Release);
    Ok(())
}

fn since(settled: Millis) -> Millis {
    settled.saturating_sub(MARGIN)
}

/// What came live is the newest there is.
pub(super) fn moved_on(tx: &mut WriteTx<'_>, at: Millis) -> Result<(), store::StoreError> {
    tx.set_meta(key::ARCHIVE_SETTLED, Some(&at.to_string()))
}

async fn settled_at(account: &Account) -> Result<Option<Millis>, Fault> {
    let kept = account.store.reader().meta(key::ARCHIVE_SETTLED).await;
    let kept = kept.map_err(|error| faults::store(&error))?;
    Ok(kept.and_then(|at| at.parse().ok()))
}

async fn keep(account: &Account, at: Millis) -> Result<(), Fault> {
    let kept = account.store.write(move |tx| moved_on(tx, at));
    kept.await.map_err(|error| faults::store(&error))
}
