//! The client that every window shares, from before it has started to after it ended.
//!
//! A start that fails does not end the app: whoever asks for the client gets
//! the fault, so the window can word it.

use std::{collections::HashMap, path::PathBuf, sync::Mutex, time::Duration};

use api::{Fault, FaultKind};
use engine::{Client, Env};
use tauri::async_runtime::{self, JoinHandle};
use tokio::sync::watch;

use crate::lane::Lane;

/// How long an orderly end may take. What is durable is on disk long before; this
/// bounds a disk that hangs.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Managed by Tauri, one for the app.
pub struct Backend {
    started: watch::Receiver<Option<Result<Client, Fault>>>,
    /// The task that feeds each window, by the window's label.
    feeds: Mutex<HashMap<String, JoinHandle<()>>>,
    lane: Lane,
}

impl Backend {
    /// Starts the client on the data folder, and returns at once.
    #[must_use]
    pub fn start(home: PathBuf) -> Self {
        let (tell, started) = watch::channel(None);
        async_runtime::spawn(async move {
            let outcome = Client::start(home, Env::system()).await;
            if let Err(fault) = &outcome {
                tracing::error!(%fault, "the client does not start");
            }
            let _ = tell.send(Some(outcome));
        });
        let (lane, runner) = Lane::new();
        async_runtime::spawn(runner);
        Self {
            started,
            feeds: Mutex::default(),
            lane,
        }
    }

    /// The client, as soon as it has started.
    ///
    /// # Errors
    ///
    /// Why it did not start.
    pub async fn client(&self) -> Result<Client, Fault> {
        let mut started = self.started.clone();
        match started.wait_for(Option::is_some).await.as_deref() {
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
        let client = match self.started.borrow().as_ref() {
            Some(Ok(client)) => client.clone(),
            Some(Err(_)) | None => return,
        };
        async_runtime::block_on(async move {
            if tokio::time::timeout(STOP_LIMIT, client.shutdown())
                .await
                .is_err()
            {
                tracing::error!("the orderly end took too long and was given up");
            }
        });
    }
}
