//! What the devices of an account tell each other through it, in private lists: how far each chat was displayed (XEP-0490),
//! and which voice was heard that the other side is not told of ([`xmpp::Heard`]).
//!
//! What others tell comes as [`Effect`]s, live and as lists after each new stream; what it means is the store's to know. What
//! was displayed or heard here is told a moment later, of a chat only the last of it, and with the next connection where
//! there is none. Contacts hear of what was read apart from this, by XEP-0333.
//!
//! Nothing is published to a server that does not announce to keep it private, and nothing before the lists were read: what
//! this device missed may be further.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use xmpp::{Displayed, Heard, IqError, Session};

use crate::account::Account;
use crate::ingest::{self, Effect};

/// While somebody reads on, this much is told together.
const CALM: Duration = Duration::from_secs(1);

/// What goes on about the private lists of an account.
#[derive(Default)]
pub(crate) struct PrivateLists {
    /// Something was read or heard, or the connection is back.
    changed: Notify,
    /// The account keeps private what is published to it.
    is_private: AtomicBool,
}

impl PrivateLists {
    /// There may be something to tell.
    pub(crate) fn nudge(&self) {
        self.changed.notify_one();
    }

    /// Takes what the account announces.
    pub(crate) fn announced(&self, features: &[String]) {
        let is_private = features
            .iter()
            .any(|feature| feature == Session::PUBLISHES_PRIVATELY);
        self.is_private.store(is_private, Ordering::Release);
    }
}

/// So often a list is asked for in a session; one that is too long for a stanza never comes.
const TRIES: u32 = 3;

/// One of the account's lists.
#[derive(Default)]
struct List {
    /// It is in, or is not to be had.
    is_read: bool,
    tried: u32,
}

impl List {
    /// Whether it was read, now if not before.
    async fn read(&mut self, take: impl Future<Output = bool>) -> bool {
        if !self.is_read && self.tried < TRIES {
            self.tried += 1;
            self.is_read = take.await;
        }
        self.is_read
    }
}

/// Reads the account's lists, and tells the account what is read and heard here, for as long as the session lives.
pub(crate) async fn keep(account: &Arc<Account>, session: &Session) {
    let (mut displayed, mut heard) = (List::default(), List::default());
    loop {
        let (displayed, heard) = tokio::join!(
            displayed.read(take_displayed(account, session)),
            heard.read(take_heard(account, session))
        );
        let may_tell = account.private_lists.is_private.load(Ordering::Acquire);
        if displayed && may_tell {
            tell_displayed(account, session).await;
        }
        if heard && may_tell {
            tell_heard(account, session).await;
        }
        tokio::select! {
            () = account.private_lists.changed.notified() => {}
            () = more_is_due(account) => {}
        }
        tokio::time::sleep(CALM).await;
    }
}

async fn take_displayed(account: &Account, session: &Session) -> bool {
    let list = session.displayed().await;
    let effects = list.map(|list| list.into_iter().map(Effect::displayed_elsewhere).collect());
    take(account, effects, "read positions").await
}

async fn take_heard(account: &Account, session: &Session) -> bool {
    let list = session.heard().await;
    let effects = list.map(|list| list.into_iter().map(Effect::heard_by_account).collect());
    take(account, effects, "what was heard").await
}

/// Waits until what was put away can no longer be had back; for ever where nothing was.
async fn more_is_due(account: &Account) {
    let now = account.env.now();
    let next = account.store.write(move |tx| tx.heard_due_next(now)).await;
    match next {
        Ok(Some(next)) => {
            let left = u64::try_from(next.saturating_sub(now)).unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(left)).await;
        }
        Ok(None) | Err(_) => std::future::pending().await,
    }
}

/// Stores what a list says. Whether it is in, or is not to be had.
async fn take(account: &Account, list: Result<Vec<Effect>, IqError>, what: &str) -> bool {
    let effects = match list {
        Ok(effects) => effects,
        Err(error @ IqError::Refused(_)) => {
            tracing::info!(%error, what, "the account keeps no list");
            return true;
        }
        Err(error) => {
            tracing::info!(%error, what, "a list could not be had");
            return false;
        }
    };
    let written = account
        .store
        .write(move |tx| ingest::apply(tx, &effects))
        .await;
    if let Err(error) = &written {
        tracing::warn!(%error, what, "a list could not be stored");
    }
    written.is_ok()
}

/// Tells what was displayed. What fails stays due for the next time.
async fn tell_displayed(account: &Account, session: &Session) {
    let due = match account.store.write(|tx| tx.displayed_due()).await {
        Ok(due) => due,
        Err(error) => return tracing::warn!(%error, "what was read could not be looked up"),
    };
    for (address, id) in due {
        let Ok(chat) = address.parse() else {
            continue;
        };
        let displayed = Displayed {
            chat,
            id: id.clone(),
        };
        match session.publish_displayed(&displayed).await {
            Ok(()) => {}
            Err(error @ IqError::Refused(_)) => {
                tracing::info!(%error, "the account does not take a read position");
                continue;
            }
            Err(error) => return tracing::info!(%error, "read positions are told later"),
        }
        let told = account
            .store
            .write(move |tx| tx.displayed_is_told(&address, &id));
        if let Err(error) = told.await {
            tracing::warn!(%error, "a read position will be told again");
        }
    }
}

/// Tells what was heard, likewise; in turns, where more is due than a list holds.
async fn tell_heard(account: &Account, session: &Session) {
    loop {
        let now = account.env.now();
        let due = account
            .store
            .write(move |tx| tx.heard_due(Heard::MOST, now))
            .await;
        let due = match due {
            Ok(due) => due,
            Err(error) => return tracing::warn!(%error, "what was heard could not be looked up"),
        };
        let mut is_told = false;
        for (address, ids) in due {
            let Ok(chat) = address.parse() else {
                continue;
            };
            let heard = Heard {
                chat,
                ids: ids.clone(),
            };
            match session.publish_heard(&heard).await {
                Ok(()) => is_told = true,
                Err(error @ IqError::Refused(_)) => {
                    tracing::info!(%error, "the account does not take what was heard");
                    continue;
                }
                Err(error) => return tracing::info!(%error, "what was heard is told later"),
            }
            let told = account
                .store
                .write(move |tx| tx.heard_is_told(&address, &ids, now));
            if let Err(error) = told.await {
                return tracing::warn!(%error, "what was heard will be told again");
            }
        }
        if !is_told {
            return;
        }
    }
}
