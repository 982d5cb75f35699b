//! The schema's steps: one frozen `.sql` each, applied in order.
//!
//! `PRAGMA user_version` counts the steps applied; each is one transaction. A
//! shipped step never changes (`migrations/frozen.txt`), a change is a new step.
//! `ANALYZE` never runs: the query plans are golden files and must not depend on
//! what somebody's database holds.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};

use crate::OpenError;

pub(crate) const STEPS: &[(&str, &str)] = &[
    (
        "0001_first.sql",
        include_str!("../migrations/0001_first.sql"),
    ),
    (
        "0002_search.sql",
        include_str!("../migrations/0002_search.sql"),
    ),
    (
        "0003_archive.sql",
        include_str!("../migrations/0003_archive.sql"),
    ),
    (
        "0004_follow_ups.sql",
        include_str!("../migrations/0004_follow_ups.sql"),
    ),
    (
        "0005_export.sql",
        include_str!("../migrations/0005_export.sql"),
    ),
    (
        "0006_displayed.sql",
        include_str!("../migrations/0006_displayed.sql"),
    ),
    (
        "0007_media_rule.sql",
        include_str!("../migrations/0007_media_rule.sql"),
    ),
    (
        "0008_listening.sql",
        include_str!("../migrations/0008_listening.sql"),
    ),
    (
        "0009_heard.sql",
        include_str!("../migrations/0009_heard.sql"),
    ),
    (
        "0010_put_back.sql",
        include_str!("../migrations/0010_put_back.sql"),
    ),
];

/// Plans depend on the query and the schema alone, never on bound values. Without
/// this, SQLite compares bound values with the conditions of partial indices and
/// prepares a cached statement anew at each call: half the time of a merge.
pub(crate) fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map(drop)
}

pub(crate) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(OpenError::TooNew { found, known });
    }
    for (version, (_name, sql)) in (1_i64..).zip(STEPS) {
        if version <= found {
            continue;
        }
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", version)?;
        tx.commit()?;
    }
    Ok(())
}
