//! Reading: a few `query_only` connections, warmest first.
//!
//! Each call runs on a blocking thread in one read transaction, so that what it
//! returns is one state. Connections are opened when first needed and kept last
//! in, first out, so a quiet window stays on one warm page cache. A liveness
//! query at each checkout was rejected: the file is ours and locked.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use crate::health::Damage;
use crate::search::Line;
use crate::{StoreError, open, schema};

/// As many as the window's reads, the pump and one spare.
const CONNECTIONS: u32 = 3;

/// A handle for reading. Clones share the connections.
#[derive(Clone)]
pub struct Reader {
    pool: Arc<Pool>,
}

struct Pool {
    folder: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    /// Searches have a connection of their own.
    line: Arc<Line>,
    damage: Damage,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Chats.
    pub chats: u64,
    /// Messages.
    pub messages: u64,
    /// Unread messages.
    pub unread: u64,
    /// Rows of the outbox.
    pub outbox: u64,
}

impl Reader {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            pool: Arc::new(Pool {
                folder: folder.to_path_buf(),
                idle: Mutex::new(Vec::new()),
                permits: Arc::new(Semaphore::new(CONNECTIONS as usize)),
                line: Arc::new(Line::new()),
                damage: Damage::new(folder),
            }),
        }
    }

    /// How much there is. Walks whole indices: for tests and figures, not for a screen.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.read(|connection| {
            let count = |sql: &str| -> Result<u64, StoreError> {
                let n: i64 = connection.query_row(sql, [], |row| row.get(0))?;
                Ok(n.unsigned_abs())
            };
            Ok(Counts {
                chats: count("SELECT count(*) FROM chat")?,
                messages: count("SELECT count(*) FROM message")?,
                unread: count("SELECT count(*) FROM message WHERE unread = 1")?,
                outbox: count("SELECT count(*) FROM outbox")?,
            })
        })
        .await
    }

    /// The room that the database and the files of messages take, in bytes. Looks at every file: not for every frame.
    ///
    /// # Errors
    /// [`StoreError::Panicked`].
    pub async fn sizes(&self) -> Result<(u64, u64), StoreError> {
        let folder = self.pool.folder.clone();
        let measured = tokio::task::spawn_blocking(move || {
            let size = |path: PathBuf| std::fs::metadata(path).map_or(0, |file| file.len());
            let database = open::database(&folder);
            let log = database.with_extension("db-wal");
            let files = std::fs::read_dir(open::media_dir(&folder));
            let files = files.into_iter().flatten().flatten();
            (
                size(database) + size(log),
                files.map(|file| size(file.path())).sum(),
            )
        });
        measured.await.map_err(|_| StoreError::Panicked)
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = self
            .pool
            .permits
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)?;
        let pool = self.pool.clone();
        tokio::task::spawn_blocking(move || {
            let connection = pool.take()?;
            let result = {
                let snapshot = connection.unchecked_transaction()?;
                query(&snapshot)
            };
            pool.damage.look(&result);
            pool.idle().push(connection);
            drop(permit);
            result
        })
        .await
        .map_err(|_| StoreError::Panicked)?
    }

    pub(crate) fn line(&self) -> &Arc<Line> {
        &self.pool.line
    }

    pub(crate) fn damage(&self) -> &Damage {
        &self.pool.damage
    }

    /// A connection that is not of the pool.
    pub(crate) fn connect(&self) -> Result<Connection, StoreError> {
        self.pool.connect()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.pool.folder
    }

    /// Waits for the reads under way and refuses further ones.
    pub(crate) async fn close(&self) {
        self.pool.line.close().await;
        if let Ok(_all) = self.pool.permits.acquire_many(CONNECTIONS).await {
            self.pool.permits.close();
            self.pool.idle().clear();
        }
    }
}

impl Pool {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Result<Connection, StoreError> {
        if let Some(connection) = self.idle().pop() {
            return Ok(connection);
        }
        self.connect()
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let connection = Connection::open_with_flags(
            open::database(&self.folder),
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.execute_batch(
            "PRAGMA query_only = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -4000;",
        )?;
        schema::keep_plans(&connection)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    }
}
