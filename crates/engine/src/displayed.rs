//! How far each chat was displayed, kept the same on all devices of the account (XEP-0490).
//!
//! What others displayed comes as [`Effect::DisplayedElsewhere`](crate::ingest::Effect), live and as a list after each new
//! stream; where it stands is the store's to know. What was displayed here is told a moment later, the last position of a
//! chat only, and with the next connection where there is none. Contacts hear of it apart from this, by XEP-0333.
//!
//! Nothing is published to a server that does not announce to keep it private, and nothing before the list was read: what
//! this device missed may be further.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use xmpp::{Displayed, IqError, Session};

use crate::account::Account;
use crate::ingest::{self, Effect};

/// While somebody reads on, this much is told together.
const CALM: Duration = Duration::from_secs(1);

/// What goes on about the read positions of an account.
#[derive(Default)]
pub(crate) struct Displays {
    /// Something was read, or the connection is back.
    changed: Notify,
    /// The account keeps private what is published to it.
    is_private: AtomicBool,
}

impl Displays {
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

/// Reads the account's list, and tells the account what is read here, for as long as the session lives.
pub(crate) async fn keep(account: &Arc<Account>, session: &Session) {
    let mut is_read = false;
    loop {
        if !is_read {
            is_read = read(account, session).await;
        }
        if is_read && account.displays.is_private.load(Ordering::Acquire) {
            tell(account, session).await;
        }
        account.displays.changed.notified().await;
        tokio::time::sleep(CALM).await;
    }
}

/// Whether the list is in, or is not to be had.
async fn read(account: &Account, session: &Session) -> bool {
    let list = match session.displayed().await {
        Ok(list) => list,
        Err(error @ IqError::Refused(_)) => {
            tracing::info!(%error, "the account keeps no read positions");
            return true;
        }
        Err(error) => {
            tracing::info!(%error, "the read positions could not be had");
            return false;
        }
    };
    let effects: Vec<Effect> = list.into_iter().map(Effect::displayed_elsewhere).collect();
    let written = account
        .store
        .write(move |tx| ingest::apply(tx, &effects))
        .await;
    if let Err(error) = &written {
        tracing::warn!(%error, "the read positions could not be stored");
    }
    written.is_ok()
}

/// Tells what is due. What fails stays due for the next time.
async fn tell(account: &Account, session: &Session) {
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
