//! Things done one after the other, in the order in which they were asked for.
//!
//! The runtime starts tasks in any order. Two messages sent within a few
//! milliseconds each in a task of its own would now and then change places, and a
//! conversation with them. A lock that is fair was rejected: it keeps the order in
//! which tasks come to it, which is the very order that is lost.

use std::{future::Future, panic::AssertUnwindSafe, pin::Pin};

use futures::FutureExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where jobs queue. As long as somebody holds it, its runner goes on.
pub struct Lane(UnboundedSender<Job>);

impl Lane {
    /// A lane, and what has to run for anything in it to happen.
    pub fn new() -> (Self, impl Future<Output = ()> + Send) {
        let (push, jobs) = unbounded_channel();
        (Self(push), run(jobs))
    }

    /// Queues a job. It is dropped where the runner has ended, which is at the app's end.
    pub fn push(&self, job: impl Future<Output = ()> + Send + 'static) {
        let _ = self.0.send(Box::pin(job));
    }
}

async fn run(mut jobs: UnboundedReceiver<Job>) {
    while let Some(job) = jobs.recv().await {
        // Whatever it was about, the next text has to go out.
        if AssertUnwindSafe(job).catch_unwind().await.is_err() {
            tracing::error!("a job in the lane panicked");
        }
    }
}

#[cfg(test)]
mod tests;
