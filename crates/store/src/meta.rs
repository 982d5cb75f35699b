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
    /// What the folders that this history was exported into say that they were written by. One that was saved from a damaged
    /// database is another: what it lacks may be in those folders.
    pub const EXPORTER: &str = "exporter";
    /// When the database was last found sound, in milliseconds since 1970.
    pub const VERIFIED_AT: &str = "verified_at";
    /// What was saved from a damaged database (see `health`).
    pub(crate) const RECOVERED: &str = "recovered";
    /// There while the user was not told of that.
    pub const RECOVERY_DUE: &str = "recovery_due";
    /// What the search index does not hold yet, while it is made (see `rebuild`).
    pub(crate) const SEARCH_REBUILD: &str = "search_rebuild";
    /// How many items the server's archive has, as it said last (XEP-0059).
    pub(crate) const ARCHIVE_TOTAL: &str = "archive_total";
    /// Until when nothing of the archive can still be missing because it was stored late, in milliseconds since 1970.
    pub const ARCHIVE_SETTLED: &str = "archive_settled";
    /// How much of the archive the user wants here: a name of `api::HistorySpan`.
    pub const HISTORY_SPAN: &str = "history_span";

    /// How fast a chat's voice is played, in per cent (see `listening`).
    pub(crate) fn speed(chat: api::ChatId) -> String {
        format!("speed:{}", chat.0)
    }

    /// Where the reader left a chat: the id of a message and an offset, a blank between (see `spot`).
    pub(crate) fn spot(chat: api::ChatId) -> String {
        format!("spot:{}", chat.0)
    }
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
