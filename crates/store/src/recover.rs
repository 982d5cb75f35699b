//! A damaged database: set aside, and what can be read of it put into a new one.
//!
//! Rows come out twice over: through SQLite, from both ends of each table up to where it stumbles, and
//! straight from the pages (`pages`), which finds what broken inner pages hide. The first of each row
//! id counts. What follows from other rows (summaries, the search index) is made anew; the ranges of
//! the archive are forgotten, so that all of it is read again and merged by its ids: nobody knows
//! which rows are missing. An export takes its folder in before it goes on (`EXPORTER`).
//!
//! The damaged file stays in the folder as `millet-damaged-WHEN.db` (when it was last written), byte for byte
//! and with its log, until its owner deletes it. What is read is a copy: SQLite deletes a log that it takes for
//! nobody's, and writes one into the database where it can. A kill at any point is harmless: the new file takes
//! its name last.
//!
//! Rejected: SQLite's recovery extension (not in the build we use); halving the rows around a broken
//! page (sees nothing behind broken inner pages, and asks as often as there are broken rows).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params_from_iter};

use crate::{OpenError, Recovered, health, key, open, schema, summary};

mod pages;

use pages::Pages;

/// Not copied: what it says is not true any more once rows are missing.
const LEFT_OUT: &[&str] = &["archive_range", "export", "export_due"];
/// Ids beyond this are garbage.
const LARGEST_ID: i64 = 1 << 40;

/// A table of the new database.
struct Table {
    name: String,
    /// Of a table with row ids the pages can be read.
    by_row_id: bool,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    kind: String,
    optional: bool,
    /// Place in the primary key, from 1; 0: not of it.
    key: usize,
}

/// Saves what can be read of the folder's database, which takes its place.
pub(crate) fn recover(folder: &Path) -> Result<(), OpenError> {
    health::note(folder);
    let (old, new) = (open::database(folder), folder.join("millet-recovered.db"));
    // All was copied, and the process died while names were changed.
    if old.try_exists()? || !new.try_exists()? {
        for end in ["", "-wal", "-shm", "-journal"] {
            remove(&with_end(&new, end))?;
        }
        let aside = aside(folder, &old);
        let name = aside.file_name().unwrap_or_default().to_string_lossy();
        let copy = folder.join("millet-copy.db");
        let saved = copy_of(&old, &copy).and_then(|()| fill(&copy, &new, &name));
        for end in ["", "-wal", "-shm"] {
            remove(&with_end(&copy, end))?;
        }
        let saved = saved?;
        tracing::warn!(messages = saved, "the database was damaged");
        for end in ["", "-wal", "-shm"] {
            rename(&with_end(&old, end), &with_end(&aside, end))?;
        }
    } else {
        let aside = aside(folder, &new);
        for end in ["-wal", "-shm"] {
            rename(&with_end(&old, end), &with_end(&aside, end))?;
        }
    }
    std::fs::rename(&new, &old)?;
    remove(&health::mark(folder))?;
    Ok(())
}

/// A copy to read, with its log. Filled up to whole pages, of which there is one at least: SQLite takes less for a database
/// that is still to be made, and then deletes the log, which may hold all of it.
fn copy_of(old: &Path, copy: &Path) -> Result<(), OpenError> {
    for end in ["-wal", "-shm", "-journal"] {
        remove(&with_end(copy, end))?;
    }
    std::fs::copy(old, copy)?;
    let file = std::fs::OpenOptions::new().write(true).open(copy)?;
    let length = file.metadata()?.len();
    file.set_len(
        length
            .next_multiple_of(pages::PAGE as u64)
            .max(pages::PAGE as u64),
    )?;
    match std::fs::copy(with_end(old, "-wal"), with_end(copy, "-wal")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A name that nothing has, by when the file was last written.
fn aside(folder: &Path, old: &Path) -> PathBuf {
    let written = std::fs::metadata(old).and_then(|file| file.modified()).ok();
    let seconds = written
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_secs());
    let date: Option<String> = Connection::open_in_memory()
        .and_then(|sqlite| {
            let seconds = i64::try_from(seconds).unwrap_or_default();
            let date = "SELECT strftime('%Y-%m-%d-%H%M%S', ?1, 'unixepoch')";
            sqlite.query_row(date, [seconds], |row| row.get(0))
        })
        .ok();
    let date = date.unwrap_or_else(|| seconds.to_string());
    let name = |number: u32| match number {
        1 => folder.join(format!("millet-damaged-{date}.db")),
        _ => folder.join(format!("millet-damaged-{date}-{number}.db")),
    };
    let taken = |path: &PathBuf| path.exists() || with_end(path, "-wal").exists();
    let free = (1..1000).map(name).find(|path| !taken(path));
    free.unwrap_or_else(|| name(1000))
}

/// Makes the new database out of a copy of the old one. Returns how many messages it holds.
fn fill(old: &Path, new: &Path, aside: &str) -> Result<u64, OpenError> {
    let mut to = Connection::open(new)?;
    // Until it is whole nobody reads it, and a part of it is thrown away.
    to.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32000;",
    )?;
    schema::migrate(&mut to)?;
    let tables = tables(&to)?;
    let work = to.transaction()?;
    match through_sqlite(old, &work, &tables) {
        Ok(()) => {}
        Err(error @ (OpenError::TooNew { .. } | OpenError::Disk(_))) => return Err(error),
        Err(error) => tracing::warn!(%error, "the damaged database cannot be opened"),
    }
    from_pages(old, &work, &tables)?;
    settle(&work)?;
    let messages: i64 = work.query_row("SELECT count(*) FROM message", [], |row| row.get(0))?;
    let messages = messages.unsigned_abs();
    let report = Recovered {
        messages,
        file: aside.to_owned(),
    };
    work.execute("DELETE FROM meta WHERE key = ?1", [key::EXPORTER])?;
    for (key, value) in [
        (key::RECOVERED, report.line()),
        (key::RECOVERY_DUE, "1".into()),
    ] {
        work.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)",
            [key, &value],
        )?;
    }
    work.commit()?;
    to.close().map_err(|(_, error)| error)?;
    std::fs::OpenOptions::new()
        .write(true)
        .open(new)?
        .sync_all()?;
    Ok(messages)
}

fn tables(connection: &Connection) -> Result<Vec<Table>, OpenError> {
    let mut statement = connection.prepare(
        "SELECT name, wr FROM pragma_table_list
         WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'",
    )?;
    let names = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, bool>(1)?)))?;
    let mut tables = Vec::new();
    for found in names {
        let (name, keyed): (String, bool) = found?;
        if !LEFT_OUT.contains(&name.as_str()) {
            tables.push(Table {
                columns: columns(connection, &name)?,
                by_row_id: !keyed,
                name,
            });
        }
    }
    Ok(tables)
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    connection
        .prepare("SELECT name, type, pk, \"notnull\" FROM pragma_table_info(?1) ORDER BY cid")?
        .query_map([table], |row| {
            let key: i64 = row.get(2)?;
            Ok(Column {
                name: row.get(0)?,
                kind: row.get(1)?,
                key: usize::try_from(key).unwrap_or_default(),
                optional: !row.get::<_, bool>(3)?,
            })
        })?
        .collect()
}

impl Table {
    /// The column that is the row id.
    fn id(&self) -> Option<usize> {
        let is_id = |column: &Column| column.key == 1 && column.kind == "INTEGER";
        self.columns
            .iter()
            .position(is_id)
            .filter(|_| self.by_row_id)
    }

    /// The values of a row as it stands in a page, where it may be one of this table. Columns that a later version
    /// added are not in rows that are older.
    fn takes(&self, (id, values): &pages::Row) -> bool {
        let place = self.id();
        let fits =
            |(at, (value, column)): (usize, (&Value, &Column))| match (value, column.kind.as_str())
            {
                (Value::Null, _) => Some(at) == place || (column.optional && column.key == 0),
                (Value::Integer(_), "INTEGER") => Some(at) != place,
                (Value::Text(_), "TEXT") | (Value::Blob(_), "BLOB") => true,
                _ => false,
            };
        (1..LARGEST_ID).contains(id)
            && values.len() <= self.columns.len()
            && values.len() * 3 >= self.columns.len() * 2
            && values.iter().zip(&self.columns).enumerate().all(fits)
    }

    fn insert(&self, columns: &[&Column]) -> String {
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        let marks = vec!["?"; columns.len()].join(", ");
        format!(
            "INSERT OR IGNORE INTO {} ({}) VALUES ({marks})",
            self.name,
            names.join(", ")
        )
    }
}

/// A row that breaks a rule of its table is garbage; anything else that goes wrong here is no matter of the row.
fn put(to: &Connection, sql: &str, values: &[Value]) -> Result<(), OpenError> {
    match to.prepare_cached(sql)?.execute(params_from_iter(values)) {
        Err(error)
            if error.sqlite_error_code() != Some(rusqlite::ErrorCode::ConstraintViolation)
                && error.sqlite_error_code() != Some(rusqlite::ErrorCode::TypeMismatch) =>
        {
            Err(error.into())
        }
        _ => Ok(()),
    }
}

fn through_sqlite(old: &Path, to: &Connection, tables: &[Table]) -> Result<(), OpenError> {
    let from = Connection::open_with_flags(old, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let known = i64::try_from(schema::STEPS.len()).unwrap_or(i64::MAX);
    let found: i64 = from.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    // Past that it is garbage rather than somebody's future.
    if found > known && found < 1000 {
        return Err(OpenError::TooNew { found, known });
    }
    // So that all of it lies in the pages. Where it fails, SQLite still reads both.
    let _log = from.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    from.execute_batch("PRAGMA cell_size_check = ON; PRAGMA query_only = ON;")?;
    for table in tables {
        let there = columns(&from, &table.name).unwrap_or_default();
        let shared: Vec<&Column> = table
            .columns
            .iter()
            .filter(|column| there.iter().any(|old| old.name == column.name))
            .collect();
        if shared.is_empty() {
            continue;
        }
        for end in ["", " DESC"] {
            if copy(&from, to, table, &shared, end)? {
                break;
            }
        }
    }
    Ok(())
}

/// Copies a table from one of its ends. Returns whether it came to the other one.
fn copy(
    from: &Connection,
    to: &Connection,
    table: &Table,
    shared: &[&Column],
    end: &str,
) -> Result<bool, OpenError> {
    let mut keys: Vec<&Column> = shared.iter().copied().filter(|c| c.key > 0).collect();
    keys.sort_by_key(|column| column.key);
    let order = match table.by_row_id {
        true => format!("rowid{end}"),
        false => {
            let keys: Vec<_> = keys
                .iter()
                .map(|key| format!("{}{end}", key.name))
                .collect();
            keys.join(", ")
        }
    };
    let names: Vec<_> = shared.iter().map(|column| column.name.as_str()).collect();
    let (names, name) = (names.join(", "), &table.name);
    // Rows of the table alone: an index may be broken where it is not.
    let select = format!("SELECT {names} FROM {name} NOT INDEXED ORDER BY {order}");
    let insert = table.insert(shared);
    let Ok(mut statement) = from.prepare(&select) else {
        return Ok(false);
    };
    let Ok(mut rows) = statement.query([]) else {
        return Ok(false);
    };
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                let values = (0..shared.len()).map(|at| row.get(at));
                // Text that is none.
                let Ok(values) = values.collect::<Result<Vec<Value>, _>>() else {
                    continue;
                };
                put(to, &insert, &values)?;
            }
            Ok(None) => return Ok(true),
            Err(_) => return Ok(false),
        }
    }
}

/// What SQLite did not come to. A page holds rows of one table: of the one that takes the most of them.
fn from_pages(old: &Path, to: &Connection, tables: &[Table]) -> Result<(), OpenError> {
    let mut pages = match Pages::open(old) {
        Ok(pages) => pages,
        Err(error) => {
            tracing::warn!(%error, "the damaged file cannot be read");
            return Ok(());
        }
    };
    let mut inserts: HashMap<(usize, usize), String> = HashMap::new();
    for number in 1..=pages.count() {
        // A sector that cannot be read is as lost as one that holds garbage.
        let Ok(rows) = pages.rows(number) else {
            continue;
        };
        let best = tables
            .iter()
            .enumerate()
            .filter(|(_, table)| table.by_row_id)
            .map(|(at, table)| {
                (
                    rows.iter().filter(|row| table.takes(row)).count(),
                    at,
                    table,
                )
            })
            .max_by_key(|(taken, _, table)| (*taken, usize::MAX - table.columns.len()));
        let Some((1.., at, table)) = best else {
            continue;
        };
        for (id, mut values) in rows.into_iter().filter(|row| table.takes(row)) {
            let count = values.len();
            if let Some(place) = table.id()
                && let Some(value) = values.get_mut(place)
            {
                *value = Value::Integer(id);
            }
            let insert = inserts.entry((at, count)).or_insert_with(|| {
                let columns: Vec<_> = table.columns.iter().take(count).collect();
                table.insert(&columns)
            });
            put(to, insert, &values)?;
        }
    }
    Ok(())
}

/// Makes one database of the rows: nothing names what is not there, and nothing is kept that a reader would
/// stumble over. Messages that go here come again from the archive.
fn settle(to: &Connection) -> Result<(), OpenError> {
    to.execute_batch(
        "DELETE FROM message WHERE id <= 0 OR own NOT IN (0, 1) OR kind NOT IN (0, 1, 2)
            OR state NOT BETWEEN 0 AND 6 OR unread NOT IN (0, 1) OR retracted NOT IN (0, 1);
         DELETE FROM media WHERE state NOT BETWEEN 0 AND 3 OR heard NOT IN (0, 1)
            OR duration_ms NOT BETWEEN 0 AND 4294967295;
         DELETE FROM follow_up WHERE kind NOT BETWEEN 0 AND 2;
         DELETE FROM outbox WHERE job NOT BETWEEN 0 AND 3 OR stage NOT BETWEEN 0 AND 2;
         DELETE FROM contact WHERE subscription NOT BETWEEN 0 AND 3;
         DELETE FROM message WHERE kind <> 0 AND id NOT IN (SELECT message FROM media);
         -- A chat is with the other side.
         INSERT OR IGNORE INTO chat (id, address, title)
         SELECT chat, author, substr(author, 1, max(instr(author, '@') - 1, 1)) FROM message
         WHERE own = 0 AND chat NOT IN (SELECT id FROM chat) GROUP BY chat;
         DELETE FROM message WHERE chat NOT IN (SELECT id FROM chat);
         DELETE FROM media WHERE message NOT IN (SELECT id FROM message);
         DELETE FROM reaction WHERE message NOT IN (SELECT id FROM message);
         DELETE FROM reply WHERE message NOT IN (SELECT id FROM message);
         UPDATE reply SET target = 0 WHERE target NOT IN (SELECT id FROM message);
         UPDATE follow_up SET message = 0 WHERE message NOT IN (SELECT id FROM message);
         DELETE FROM outbox WHERE chat NOT IN (SELECT id FROM chat)
            OR (message <> 0 AND message NOT IN (SELECT id FROM message));
         DELETE FROM voice_draft WHERE chat NOT IN (SELECT id FROM chat);
         UPDATE chat SET archive_whole = 0;
         UPDATE message SET place = 0;
         INSERT INTO message_search (message_search) VALUES ('delete-all');",
    )?;
    to.execute(
        "DELETE FROM meta WHERE key IN (?1, ?2, ?3, ?4)",
        [
            key::ARCHIVE_TOTAL,
            key::SEARCH_REBUILD,
            key::VERIFIED_AT,
            key::ROSTER_VERSION,
        ],
    )?;
    to.execute(
        "INSERT INTO meta (key, value)
         SELECT ?1, max(id) || ' ' || max(id) FROM message HAVING max(id) IS NOT NULL",
        [key::SEARCH_REBUILD],
    )?;
    // Who we are: whatever else was lost, what we said ourselves tells.
    let own: Option<String> = to
        .query_row(
            "SELECT author FROM message WHERE own = 1 GROUP BY author ORDER BY count(*) DESC LIMIT 1",
            [],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(own) = own {
        to.execute(
            "INSERT OR IGNORE INTO meta (key, value) VALUES (?1, ?2)",
            [key::ADDRESS, &own],
        )?;
    }
    let chats: Vec<i64> = to
        .prepare("SELECT id FROM chat")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for chat in chats {
        to.prepare_cached(summary::REFRESH)?.execute([chat])?;
    }
    Ok(())
}
