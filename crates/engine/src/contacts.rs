//! Contacts that the user wants, which a server has to be told of.
//!
//! A chat begins without asking anybody; the contact is a courtesy that follows when there is a connection. What is
//! wanted waits in the store, so that it survives a restart.

use api::{Fault, FaultKind};
use store::{StoreError, WriteTx, key};
use xmpp::{BareJid, PresenceOut, Session};

use crate::account::Account;
use crate::faults;

/// Notes an address for [`add_wanted`].
pub(crate) fn want(tx: &mut WriteTx<'_>, address: &str) -> Result<(), StoreError> {
    let mut wanted = tx.meta(key::WANTED_CONTACTS)?.unwrap_or_default();
    if !wanted.lines().any(|line| line == address) {
        wanted.push_str(address);
        wanted.push('\n');
    }
    tx.set_meta(key::WANTED_CONTACTS, Some(&wanted))
}

/// Adds what is wanted to the server's contact list, and asks to see their presence.
///
/// # Errors
/// [`FaultKind::Offline`]: they stay wanted.
pub(crate) async fn add_wanted(account: &Account, session: &Session) -> Result<(), Fault> {
    let wanted = account.store.reader().meta(key::WANTED_CONTACTS).await;
    let wanted = wanted
        .map_err(|error| faults::store(&error))?
        .unwrap_or_default();
    for jid in wanted
        .lines()
        .filter_map(|line| line.parse::<BareJid>().ok())
    {
        if let Err(error) = session.roster_set(&jid, None).await {
            tracing::info!(%error, "the contact list takes no more");
        }
        let asked = session.presence(PresenceOut::Subscribe(jid.clone())).await;
        asked.map_err(|_| Fault::from(FaultKind::Offline))?;
        let done = jid.to_string();
        account
            .store
            .write(move |tx| {
                let wanted = tx.meta(key::WANTED_CONTACTS)?.unwrap_or_default();
                let rest: String = wanted
                    .lines()
                    .filter(|line| *line != done)
                    .flat_map(|line| [line, "\n"])
                    .collect();
                tx.set_meta(key::WANTED_CONTACTS, (!rest.is_empty()).then_some(&*rest))
            })
            .await
            .map_err(|error| faults::store(&error))?;
    }
    Ok(())
}
