//! The one writer thread, and the handle that everything else is reached through.
//!
//! Jobs are closures, run one after the other, each in one `IMMEDIATE`
//! transaction; so the order of commits is the order of deltas without another
//! lock. A job that fails or panics leaves nothing behind. A caller that stops
//! waiting does not stop its job.
//!
//! `synchronous = NORMAL`: a commit survives the death of the process at any
//! point; a power cut may take the last moments with it, never the file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use api::{ChatPage, Commit};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use crate::health::Damage;
use crate::{OpenError, Reader, StoreError, WriteTx, open};

/// How many jobs may wait; more callers wait for a place.
const QUEUE: usize = 64;

/// An account's folder, open. Clones are handles to the same.
///
/// Dropping the last handle ends the writer after its queue; [`Store::close`]
/// does so in order and waits.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    jobs: mpsc::Sender<Order>,
    feed: Arc<Feed>,
    reader: Reader,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Who listens, and how far we are.
#[derive(Default)]
struct Feed {
    head: AtomicU64,
    listeners: Mutex<Vec<mpsc::UnboundedSender<Commit>>>,
}

enum Order {
    Job(Box<dyn FnOnce(&mut Writer) + Send>),
    Close(oneshot::Sender<()>),
}

impl Store {
    /// Opens an account's folder (`accounts/<id>`), making it where needed, and
    /// repairs what a crash left behind. Blocks on the disk.
    ///
    /// # Errors
    /// [`OpenError::InUse`] while any other handle or process has it open.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let opened = open::open(folder)?;
        let feed = Arc::new(Feed::default());
        let reader = Reader::new(folder);
        let (jobs, orders) = mpsc::channel(QUEUE);
        let writer = Writer {
            connection: opened.connection,
            folder: folder.to_path_buf(),
            feed: feed.clone(),
            damage: reader.damage().clone(),
        };
        let lock = opened.lock;
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer.serve(orders, lock))?;
        Ok(Self {
            shared: Arc::new(Shared {
                folder: folder.to_path_buf(),
                jobs,
                feed,
                reader,
                thread: Mutex::new(Some(thread)),
            }),
        })
    }

    /// Runs a job in one transaction and returns its value after `COMMIT`. On an
    /// error or panic in the job everything is rolled back and nothing is published.
    ///
    /// # Errors
    /// The job's own, [`StoreError::Panicked`], or what the commit met.
    pub async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let order = Order::Job(Box::new(move |writer| {
            let outcome = writer.run(job);
            writer.damage.look(&outcome);
            let _gone = reply.send(outcome);
        }));
        self.shared
            .jobs
            .send(order)
            .await
            .map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// A handle for reading.
    #[must_use]
    pub fn reader(&self) -> Reader {
        self.shared.reader.clone()
    }

    /// Number of the newest commit that changed something; 0 after opening.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.shared.feed.head.load(Ordering::Acquire)
    }

    /// Every commit from now on, in order. A listener that is dropped is forgotten.
    #[must_use]
    pub fn commits(&self) -> mpsc::UnboundedReceiver<Commit> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.shared
            .feed
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(sender);
        receiver
    }

    /// A listener, with the state it starts from: the head and the first page of
    /// chats. No commit falls in between; one may come that the page contains
    /// already, which is harmless because rows are whole.
    ///
    /// # Errors
    /// What the read met.
    pub async fn snapshot(
        &self,
    ) -> Result<(mpsc::UnboundedReceiver<Commit>, u64, ChatPage), StoreError> {
        let commits = self.commits();
        let head = self.head();
        let chats = self.shared.reader.chats(None).await?;
        Ok((commits, head, chats))
    }

    /// Where the audio and images of messages are.
    #[must_use]
    pub fn media_dir(&self) -> PathBuf {
        open::media_dir(&self.shared.folder)
    }

    /// Where recordings are until they are sent: `<id>.ogg`.
    #[must_use]
    pub fn drafts_dir(&self) -> PathBuf {
        open::drafts_dir(&self.shared.folder)
    }

    /// Finishes the jobs that wait, writes the log back into the database and
    /// lets go of the folder. Later calls get [`StoreError::Closed`].
    pub async fn close(&self) {
        self.shared.reader.close().await;
        let (reply, done) = oneshot::channel();
        if self.shared.jobs.send(Order::Close(reply)).await.is_ok() {
            let _ended = done.await;
        }
        let thread = self
            .shared
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            let _joined = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

/// The writer thread's own.
struct Writer {
    connection: Connection,
    folder: PathBuf,
    feed: Arc<Feed>,
    damage: Damage,
}

impl Writer {
    fn serve(mut self, mut orders: mpsc::Receiver<Order>, lock: std::fs::File) {
        let mut closing = None;
        while let Some(order) = orders.blocking_recv() {
            match order {
                Order::Job(job) => job(&mut self),
                // What was queued before this is done; what comes after is refused.
                Order::Close(reply) => {
                    orders.close();
                    closing.get_or_insert(reply);
                }
            }
        }
        if let Err(error) = self.checkpoint() {
            tracing::warn!(%error, "checkpoint at the end");
        }
        drop(self);
        drop(lock);
        if let Some(reply) = closing {
            let _gone = reply.send(());
        }
    }

    fn checkpoint(&self) -> rusqlite::Result<()> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    fn run<T>(
        &mut self,
        job: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut tx = WriteTx::new(transaction, &self.folder);
        let value =
            catch_unwind(AssertUnwindSafe(|| job(&mut tx))).map_err(|_| StoreError::Panicked)??;
        let changes = tx.commit()?;
        if !changes.is_empty() {
            self.feed.publish(changes);
        }
        Ok(value)
    }
}

impl Feed {
    fn publish(&self, changes: Vec<api::Change>) {
        let mut listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let seq = self.head.fetch_add(1, Ordering::AcqRel) + 1;
        let commit = Commit { seq, changes };
        listeners.retain(|listener| listener.send(commit.clone()).is_ok());
    }
}
