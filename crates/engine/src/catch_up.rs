//! Reading the archive (XEP-0313): first what was missed, then, behind the user's back, what lies before.
//!
//! What is held is one range of the archive, from its oldest to its newest id; each page moves an end of it in the
//! transaction that stores the page, so a kill at any moment leaves a range without holes.

use api::Fault;
use store::{ArchiveCursor, StoreError, WriteTx};
use xmpp::{ArchivePage, ArchiveQuery, IqError, Session};

use crate::account::Account;
use crate::{faults, ingest};

/// Messages asked for at once. ejabberd and Prosody both serve 100 without a limit of their own cutting in.
const PAGE: u32 = 100;

/// Reads everything since the newest message held; on a first visit, the newest page.
pub(crate) async fn run(account: &Account, session: &Session) -> Result<(), Fault> {
    if !has_archive(session).await? {
        return Ok(());
    }
    let range = range(account).await?;
    let mut newest = range.newest;
    // An archive that was seen, and was empty, is read from its beginning: all that it holds now was missed.
    if newest.is_none() && !range.complete {
        return first_visit(account, session).await;
    }
    loop {
        let query = ArchiveQuery {
            after: newest.clone(),
            max: PAGE,
            ..ArchiveQuery::default()
        };
        let page = match session.archive_page(&query).await {
            Ok(page) => page,
            // The archive has thrown our newest message away: all we can do is start from its end.
            Err(IqError::Refused(error)) if error.condition == "item-not-found" => {
                return first_visit(account, session).await;
            }
            Err(error) => return Err(faults::iq(&error)),
        };
        let complete = page.complete || page.last.is_none();
        if let Some(last) = page.last.clone() {
            newest = Some(last);
        }
        store_page(account, page, End::Newest).await?;
        if complete {
            return Ok(());
        }
    }
}

/// Reads what lies before the oldest message held, page by page, to the archive's beginning.
pub(crate) async fn backfill(account: &Account, session: &Session) -> Result<(), Fault> {
    loop {
        let range = range(account).await?;
        let (Some(oldest), false) = (range.oldest, range.complete) else {
            return Ok(());
        };
        let query = ArchiveQuery {
            before: Some(oldest),
            max: PAGE,
            ..ArchiveQuery::default()
        };
        let page = session
            .archive_page(&query)
            .await
            .map_err(|error| faults::iq(&error))?;
        store_page(account, page, End::Oldest).await?;
        tokio::task::yield_now().await;
    }
}

async fn first_visit(account: &Account, session: &Session) -> Result<(), Fault> {
    let query = ArchiveQuery {
        before: Some(String::new()),
        max: PAGE,
        ..ArchiveQuery::default()
    };
    let page = session
        .archive_page(&query)
        .await
        .map_err(|error| faults::iq(&error))?;
    store_page(account, page, End::Both).await
}

/// Everything up to this archive id has come live.
pub(crate) fn reached(tx: &mut WriteTx<'_>, newest: String) -> Result<(), StoreError> {
    let range = tx.archive_cursor()?;
    tx.set_archive_cursor(&ArchiveCursor {
        newest: Some(newest),
        ..range
    })
}

/// Which end of the range a page moves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Newest,
    Oldest,
    Both,
}

async fn store_page(account: &Account, page: ArchivePage, end: End) -> Result<(), Fault> {
    let missed = end == End::Newest;
    let mut effects: Vec<_> = page
        .messages
        .iter()
        .flat_map(|item| ingest::archived(item, &account.address, missed))
        .collect();
    let ArchivePage {
        first,
        last,
        complete,
        ..
    } = page;
    let written = account.store.write(move |tx| {
        if missed {
            ingest::apply_newest(tx, &mut effects)?;
        } else {
            ingest::apply(tx, &effects)?;
        }
        let mut range = tx.archive_cursor()?;
        if end != End::Oldest {
            range.newest = last.or(range.newest);
        }
        if end != End::Newest {
            // A page without messages before ours is the beginning, whatever it says of itself.
            range.complete = complete || first.is_none();
            range.oldest = first.or(range.oldest);
        }
        tx.set_archive_cursor(&range)
    });
    written.await.map_err(|error| faults::store(&error))?;
    account.fetches.notify_one();
    Ok(())
}

async fn range(account: &Account) -> Result<ArchiveCursor, Fault> {
    account
        .store
        .reader()
        .archive_cursor()
        .await
        .map_err(|error| faults::store(&error))
}

async fn has_archive(session: &Session) -> Result<bool, Fault> {
    match session.features(None).await {
        Ok(features) => Ok(features.iter().any(|feature| feature == "urn:xmpp:mam:2")),
        // RFC 6120 §8.4: how a server says that it does not know the question.
        Err(IqError::Refused(error))
            if ["service-unavailable", "feature-not-implemented"]
                .contains(&error.condition.as_str()) =>
        {
            Ok(false)
        }
        Err(error) => Err(faults::iq(&error)),
    }
}
