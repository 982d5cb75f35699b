//! No commit falls between a reset and the feed that follows it.

use api::{Commit, Feed, Reset};

use super::Hub;

fn commit(seq: u64) -> Commit {
    Commit {
        seq,
        changes: Vec::new(),
    }
}

fn seqs(feed: &mut tokio::sync::mpsc::UnboundedReceiver<Feed>) -> Vec<String> {
    std::iter::from_fn(|| feed.try_recv().ok())
        .map(|item| match item {
            Feed::Reset(reset) => format!("reset {}", reset.seq),
            Feed::Commit(commit) => format!("commit {}", commit.seq),
            Feed::Signal(_) => "signal".into(),
        })
        .collect()
}

#[test]
fn commits_during_the_read_come_once() {
    let hub = Hub::default();
    let mut pending = hub.attach();
    hub.commit(commit(1));
    hub.commit(commit(2));
    let mut reset = Reset {
        seq: 1,
        ..Reset::default()
    };
    hub.begin(&pending, &mut reset);
    hub.commit(commit(3));
    assert_eq!(seqs(&mut pending.feed), ["commit 2", "commit 3"]);
}

#[test]
fn another_account_starts_counting_anew() {
    let hub = Hub::default();
    let mut pending = hub.attach();
    hub.begin(
        &pending,
        &mut Reset {
            seq: 900,
            ..Reset::default()
        },
    );
    hub.reset(Reset {
        seq: 1,
        ..Reset::default()
    });
    hub.commit(commit(1));
    hub.commit(commit(2));
    assert_eq!(seqs(&mut pending.feed), ["reset 1", "commit 2"]);
}
