//! The roster: who is known, by which name, and who sees whose presence.
//!
//! A contact is not a chat: contacts come and go with the server's roster, chats
//! stay. A contact's name titles its chat.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

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

/// What a chat is called: the contact's name, else the part before the `@`.
pub(crate) fn title<'a>(address: &'a str, name: Option<&'a str>) -> &'a str {
    let local = || address.split_once('@').map_or(address, |(local, _)| local);
    name.filter(|name| !name.trim().is_empty())
        .unwrap_or_else(local)
}

fn from_row(row: &Row<'_>) -> Result<Contact, StoreError> {
    let name: String = row.get("name")?;
    Ok(Contact {
        address: row.get("address")?,
        name: Some(name).filter(|name| !name.is_empty()),
        subscription: match row.get("subscription")? {
            0_i64 => Subscription::None,
            1 => Subscription::To,
            2 => Subscription::From,
            3 => Subscription::Both,
            _ => return Err(StoreError::Unreadable("subscription")),
        },
        pending_out: row.get("pending_out")?,
    })
}

pub(crate) fn read(connection: &Connection, address: &str) -> Result<Option<Contact>, StoreError> {
    connection
        .prepare_cached(
            "SELECT address, name, subscription, pending_out FROM contact WHERE address = ?1",
        )?
        .query_and_then([address], from_row)?
        .next()
        .transpose()
}

fn read_all(connection: &Connection) -> Result<Vec<Contact>, StoreError> {
    connection
        .prepare_cached(
            "SELECT address, name, subscription, pending_out FROM contact ORDER BY address",
        )?
        .query_and_then([], from_row)?
        .collect()
}

impl WriteTx<'_> {
    /// Takes contacts over from the server: a push (`whole` = false), or the whole
    /// roster, where whoever is missing is no contact any more. Titles follow.
    ///
    /// # Errors
    /// Those of the database.
    pub fn roster(&mut self, items: &[Contact], whole: bool) -> Result<(), StoreError> {
        let mut known: BTreeMap<String, Contact> = match whole {
            true => read_all(self.connection())?
                .into_iter()
                .map(|contact| (contact.address.clone(), contact))
                .collect(),
            false => BTreeMap::new(),
        };
        for item in items {
            if known.remove(&item.address).as_ref() != Some(item) {
                self.put_contact(item)?;
            }
        }
        for address in known.keys() {
            self.roster_removed(address)?;
        }
        Ok(())
    }

    fn put_contact(&mut self, item: &Contact) -> Result<(), StoreError> {
        let subscription = match item.subscription {
            Subscription::None => 0,
            Subscription::To => 1,
            Subscription::From => 2,
            Subscription::Both => 3,
        };
        self.connection()
            .prepare_cached(
                "INSERT INTO contact (address, name, subscription, pending_out)
                 VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (address) DO UPDATE SET name = excluded.name,
                    subscription = excluded.subscription, pending_out = excluded.pending_out",
            )?
            .execute(params![
                item.address,
                item.name.as_deref().unwrap_or_default(),
                subscription,
                item.pending_out,
            ])?;
        self.set_title(&item.address, item.name.as_deref())
    }

    fn set_title(&mut self, address: &str, name: Option<&str>) -> Result<(), StoreError> {
        let changed = self
            .connection()
            .prepare_cached(
                "UPDATE chat SET title = ?2 WHERE address = ?1 AND title <> ?2 RETURNING id",
            )?
            .query_row(params![address, title(address, name)], |row| {
                Ok(api::ChatId(row.get(0)?))
            })
            .optional()?;
        if let Some(chat) = changed {
            self.touch_chat(chat);
        }
        Ok(())
    }

    /// Forgets a contact; its chat stays.
    ///
    /// # Errors
    /// Those of the database.
    pub fn roster_removed(&mut self, address: &str) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("DELETE FROM contact WHERE address = ?1")?
            .execute([address])?;
        self.set_title(address, None)
    }
}

impl Reader {
    /// A contact, where the address is one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contact(&self, address: String) -> Result<Option<Contact>, StoreError> {
        self.read(move |connection| read(connection, &address))
            .await
    }

    /// All contacts, by address.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        self.read(read_all).await
    }
}
