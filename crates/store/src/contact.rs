//! The roster: who is known, by which name, and who sees whose presence.
//!
//! A contact is not a chat: contacts come and go with the server's roster, chats
//! stay. A contact's name titles its chat.

use crate::{Reader, StoreError, WriteTx};

/// A contact of the roster (RFC 6121 §2.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Bare address.
    pub address: String,
    /// The name we gave them.
    pub name: Option<String>,
    /// Who sees whose presence.
    pub subscription: Subscription,
    /// We asked to see theirs and wait for the answer (`ask='subscribe'`).
    pub pending_out: bool,
}

/// Who sees whose presence (RFC 6121 §2.1.2.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subscription {
    /// Nobody.
    #[default]
    None,
    /// We see theirs.
    To,
    /// They see ours.
    From,
    /// Both.
    Both,
}
#[allow(unused_variables)]
impl WriteTx<'_> {
    /// Takes contacts over from the server: a push (`whole` = false), or the whole
    /// roster, where whoever is missing is no contact any more. Titles follow.
    ///
    /// # Errors
    /// Those of the database.
    pub fn roster(&mut self, items: &[Contact], whole: bool) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// Forgets a contact; its chat stays.
    ///
    /// # Errors
    /// Those of the database.
    pub fn roster_removed(&mut self, address: &str) -> Result<(), StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
#[allow(unused_variables)]
impl Reader {
    /// A contact, where the address is one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contact(&self, address: String) -> Result<Option<Contact>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }

    /// All contacts, by address.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
