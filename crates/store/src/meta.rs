//! Small facts of the account, by key.

use rusqlite::{Connection, OptionalExtension, params};

use crate::{Reader, StoreError, WriteTx};

/// The keys there are. A key outside this list is a mistake.
pub mod key {
    /// The account's own bare address; the author of what is written here.
    pub const ADDRESS: &str = "address";
    /// The server address typed by the user.
    pub const SERVER: &str = "server";
    /// The resource this installation asks its server for (RFC 6120 §7).
    pub const RESOURCE: &str = "resource";
    /// Whether the system's keyring holds the password: `1` or `0`.
    pub const PASSWORD_KEPT: &str = "password_kept";
    /// The roster's version (RFC 6121 §2.6).
    pub const ROSTER_VERSION: &str = "roster_version";
    /// Addresses to add to the contacts with the next connection, a line each.
    pub const WANTED_CONTACTS: &str = "wanted_contacts";
    /// The folder that an export is kept current in.
    pub const KEPT_EXPORT: &str = "kept_export";
    /// When history was last exported, in milliseconds since 1970.
    pub const EXPORTED_AT: &str = "exported_at";
    /// What the search index does not hold yet, while it is made (see `rebuild`).
    pub(crate) const SEARCH_REBUILD: &str = "search_rebuild";
    /// Newest id of the archive that was read (XEP-0313).
    pub(crate) const ARCHIVE_NEWEST: &str = "archive_newest";
    /// Oldest id of the archive that was read.
    pub(crate) const ARCHIVE_OLDEST: &str = "archive_oldest";
    /// Whether the archive holds nothing older: `1` or `0`.
    pub(crate) const ARCHIVE_COMPLETE: &str = "archive_complete";
}

pub(crate) fn read(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

impl WriteTx<'_> {
    /// Keeps a fact (see [`key`]); `None` forgets it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_meta(&mut self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        match value {
            Some(value) => self
                .connection()
                .prepare_cached(
                    "INSERT INTO meta (key, value) VALUES (?1, ?2)
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                )?
                .execute(params![key, value])?,
            None => self
                .connection()
                .prepare_cached("DELETE FROM meta WHERE key = ?1")?
                .execute([key])?,
        };
        Ok(())
    }

    /// A fact as this transaction sees it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        read(self.connection(), key)
    }
}

impl Reader {
    /// A fact (see [`key`]).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn meta(&self, key: &'static str) -> Result<Option<String>, StoreError> {
        self.read(move |connection| read(connection, key)).await
    }
}
