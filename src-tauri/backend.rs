//! The client that every window shares, from before it has started to after it ended.
//!
//! A start that fails does not end the app: whoever asks for the client gets
//! the fault, so the window can word it, and the user can have it tried again.

use std::{collections::HashMap, path::PathBuf, sync::Mutex, time::Duration};

use api::{Fault, FaultKind};
use engine::{Client, Env};
use tauri::async_runtime::{self, JoinHandle};
use tokio::sync::watch;

use crate::lane::Lane;

/// How long an orderly end may take. What is durable is on disk long before; this
/// bounds a disk that hangs.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// How long the end waits for what was asked for before it.
const LANE_LIMIT: Duration = Duration::from_secs(3);

/// Managed by Tauri, one for the app.
pub struct Backend {
    home: PathBuf,
    /// Nothing while a start is under way.
    outcome: watch::Sender<Option<Result<Client, Fault>>>,
    /// The task that feeds each window, by the window's label.
    feeds: Mutex<HashMap<String, JoinHandle<()>>>,
    lane: Lane,
}

impl Backend {
    /// Starts the client on the data folder, and returns at once.
    #[must_use]
    pub fn start(home: PathBuf) -> Self {
        let (lane, runner) = Lane::new();
        async_runtime::spawn(runner);
        let backend = Self {
            home,
            outcome: watch::Sender::new(None),
            feeds: Mutex::default(),
            lane,
        };
        backend.run_start();
        backend
    }

    fn run_start(&self) {
        let (home, tell) = (self.home.clone(), self.outcome.clone());
        async_runtime::spawn(async move {
            let outcome = Client::start(home, Env::system()).await;
            if let Err(fault) = &outcome {
                tracing::error!(%fault, "the client does not start");
            }
            tell.send_replace(Some(outcome));
        });
    }

    /// Starts the client anew where its start failed; nothing where it runs or is starting.
    pub fn start_again(&self) {
        let has_failed = self.outcome.send_if_modified(|outcome| {
            let has_failed = matches!(outcome, Some(Err(_)));
            if has_failed {
                *outcome = None;
            }
            has_failed
        });
        if has_failed {
            self.run_start();
        }
    }

    /// The client, as soon as it has started.
    ///
    /// # Errors
    ///
    /// Why it did not start.
    pub async fn client(&self) -> Result<Client, Fault> {
        let mut outcome = self.outcome.subscribe();
        match outcome.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            Ok(None) | Err(_) => Err(Fault::new(FaultKind::Bug, "the start was cut off")),
        }
    }

    /// For commands that must not overtake each other.
    #[must_use]
    pub fn lane(&self) -> &Lane {
        &self.lane
    }

    /// Remembers who feeds a window, and ends whoever did before.
    pub fn feed(&self, label: String, task: JoinHandle<()>) {
        let mut feeds = match self.feeds.lock() {
            Ok(feeds) => feeds,
            Err(poisoned) => poisoned.into_inner(),
        };
        if let Some(before) = feeds.insert(label, task) {
            before.abort();
        }
    }

    /// Ends the client in order, and waits for it. For the very end only: blocks.
    pub fn stop(&self) {
        let client = match self.outcome.borrow().as_ref() {
            Some(Ok(client)) => client.clone(),
            Some(Err(_)) | None => return,
        };
        let (tell, worked_off) = tokio::sync::oneshot::channel();
        self.lane.push(async move {
            let _ = tell.send(());
        });
        async_runtime::block_on(async move {
            // A text whose key was pressed before the one that quits is still on its way to the disk.
            if tokio::time::timeout(LANE_LIMIT, worked_off).await.is_err() {
                tracing::warn!("what was still to be done at the end took too long");
            }
            if tokio::time::timeout(STOP_LIMIT, client.shutdown())
                .await
                .is_err()
            {
                tracing::error!("the orderly end took too long and was given up");
            }
        });
    }
}
