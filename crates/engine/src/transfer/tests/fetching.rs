//! Files that come, from servers that do what they like.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use api::{Change, Connection, Content, FaultKind, Feed, FileSpace, Media, MessageId, Signal};
use store::{Incoming, IncomingContent, Source};
use tempfile::TempDir;
use testkit::web::{Web, file, redirect};
use tokio::sync::mpsc;

use super::super::{download, fetch_now, free_space};
use crate::account::Account;
use crate::chimes::Chimes;
use crate::env::{Env, Keyring};
use crate::hub::Hub;
use crate::playing::Playing;
use crate::settings::Preferences;

const NOON: api::Millis = 1_767_268_800_000;
const MB: u64 = 1_000_000;

/// Ann, whose server is this machine, without a line to it. Her files are called 1, 2, 3.
struct Ann {
    account: Arc<Account>,
    hub: Arc<Hub>,
    home: TempDir,
}

impl Ann {
    async fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap()).await
    }

    async fn at(home: TempDir) -> Self {
        let names = AtomicU32::new(0);
        let env = Env {
            now: Arc::new(|| NOON),
            id: Arc::new(move || (names.fetch_add(1, Ordering::Relaxed) + 1).to_string()),
            keyring: Keyring::None,
            sounds: false,
            ..Env::system()
        };
        let hub = Arc::new(Hub::default());
        let playing = Arc::new(Playing::new(Arc::clone(&hub)));
        let preferences = Arc::new(Preferences::open(home.path()));
        let chimes = Chimes::new(playing, Arc::clone(&preferences), false);
        let address = "ann@localhost".parse().unwrap();
        let folder = home.path().join("account");
        let shared = Arc::clone(&hub);
        let account = Account::open(&folder, address, env, shared, chimes, preferences)
            .await
            .unwrap();
        Self { account, hub, home }
    }

    /// A file from bo, announced to be of this size.
    async fn offered(&self, url: String, size: Option<u64>) -> MessageId {
        let incoming = Incoming {
            chat: "bo@localhost".into(),
            author: "bo@localhost".into(),
            own: false,
            at: NOON,
            stanza_id: Some(url.clone()),
            origin_id: Some(url.clone()),
            server_id: None,
            content: IncomingContent::File {
                name: "lake.jpg".into(),
                media_type: "image/jpeg".into(),
                url,
                size,
                sha256: None,
                dimensions: None,
            },
            wants_receipt: false,
            markable: false,
            source: Source::Live,
            reply_address: String::new(),
            reply: None,
        };
        let merged = self.account.store.write(move |tx| tx.merge(&incoming));
        merged.await.unwrap().id
    }

    async fn state(&self, message: MessageId) -> Media {
        let row = self.account.store.reader().media_of(message).await;
        row.unwrap().unwrap().state
    }

    /// What lies in the folder for files.
    fn files(&self) -> BTreeMap<String, u64> {
        std::fs::read_dir(self.account.store.media_dir())
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                (name, entry.metadata().unwrap().len())
            })
            .collect()
    }

    /// Asks for a file; how it failed, and what became of it.
    async fn refused(&self, message: MessageId) -> (FaultKind, Media) {
        let fault = fetch_now(&self.account, message).await.unwrap_err();
        assert_eq!(self.files(), BTreeMap::new(), "nothing half stays");
        (fault.kind, self.state(message).await)
    }

    /// As after signing in, with the window open.
    async fn online(&self) -> mpsc::UnboundedReceiver<Feed> {
        let pending = self.hub.attach();
        let mut reset = self.account.reset().await.unwrap();
        self.hub.begin(&pending, &mut reset);
        self.account.stands(Connection::Online);
        self.account.go_live(self.account.store.commits());
        self.account.fetches.notify_one();
        pending.feed
    }

    async fn up_to(&self, megabytes: u16) {
        let change = self
            .account
            .preferences
            .change(move |kept| kept.settings.download_up_to_mb = megabytes);
        change.await.unwrap();
        self.account.fetches.notify_one();
    }
}

/// Waits until the window shows that a file is that far.
async fn shows(feed: &mut mpsc::UnboundedReceiver<Feed>, message: MessageId, wanted: Media) {
    let seen = async {
        while let Some(item) = feed.recv().await {
            let Feed::Commit(commit) = item else { continue };
            let is_it = |change: &Change| match change {
                Change::Message(row) => matches!(
                    &row.content,
                    Content::File { media, .. } if row.id == message && *media == wanted
                ),
                _ => false,
            };
            if commit.changes.iter().any(is_it) {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), seen)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_file_that_does_not_end_is_cut_off() {
    let ann = Ann::new().await;
    for length in [None, Some(50_000_000)] {
        let web = Web::endless(length).unwrap();
        let message = ann.offered(web.url("a"), Some(100_000)).await;
        let refused = ann.refused(message).await;
        assert_eq!(refused, (FaultKind::FileTooLarge, Media::Failed));
    }
}

#[tokio::test]
async fn what_is_not_announced_is_bounded() {
    let ann = Ann::new().await;
    let reader = ann.account.store.reader();
    for (size, limit) in [(None, 64 << 20), (Some(5), 5), (Some(u64::MAX), 1 << 30)] {
        let message = ann
            .offered(format!("https://x.example/{size:?}"), size)
            .await;
        let row = reader.media_of(message).await.unwrap().unwrap();
        assert_eq!(download::limit_of(&row), limit);
    }
    // So large a length is refused before a byte is taken.
    let web = Web::endless(Some(65 << 20)).unwrap();
    let message = ann.offered(web.url("a"), None).await;
    assert_eq!(
        ann.refused(message).await,
        (FaultKind::FileTooLarge, Media::Failed)
    );
}

#[tokio::test]
async fn a_length_that_lies_gives_no_half_file() {
    let ann = Ann::new().await;
    let web = Web::serving(b"half of it", Some(1_000)).unwrap();
    let message = ann.offered(web.url("a"), Some(1_000)).await;
    // The line may have broken: it may be whole another time.
    assert_eq!(
        ann.refused(message).await,
        (FaultKind::Offline, Media::Remote)
    );
    // Longer than its server says and as long as its sender said: what was sent is taken.
    let web = Web::serving(b"0123456789", Some(4)).unwrap();
    let message = ann.offered(web.url("b"), Some(4)).await;
    fetch_now(&ann.account, message).await.unwrap();
    assert_eq!(ann.files().into_values().collect::<Vec<_>>(), [4]);
}

#[tokio::test]
async fn a_file_that_is_gone_is_said_to_be() {
    let ann = Ann::new().await;
    let gone = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngone";
    let web = Web::start(gone.into()).unwrap();
    let message = ann.offered(web.url("a"), Some(4)).await;
    assert_eq!(
        ann.refused(message).await,
        (FaultKind::FileGone, Media::Failed)
    );
    let broken = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let web = Web::start(broken.into()).unwrap();
    let message = ann.offered(web.url("a"), Some(4)).await;
    assert_eq!(
        ann.refused(message).await,
        (FaultKind::Offline, Media::Remote)
    );
}

#[tokio::test]
async fn a_redirect_is_followed_within_the_rules_and_not_for_ever() {
    let ann = Ann::new().await;
    let web = Web::scripted(|path, stream| {
        let answer = match path {
            "a" => redirect("/b"),
            "b" => file(b"a lake", Some(6)),
            "out" => redirect("http://192.0.2.1/a"),
            _ => redirect("/round"),
        };
        let _ = std::io::Write::write_all(stream, &answer);
    })
    .unwrap();
    let out = ann.offered(web.url("out"), Some(6)).await;
    assert_eq!(ann.refused(out).await.1, Media::Remote);
    let before = web.asked();
    let round = ann.offered(web.url("round"), Some(6)).await;
    assert_eq!(ann.refused(round).await.1, Media::Remote);
    assert!(web.asked() - before <= 5, "{}", web.asked());
    let moved = ann.offered(web.url("a"), Some(6)).await;
    fetch_now(&ann.account, moved).await.unwrap();
    assert_eq!(ann.files().into_values().collect::<Vec<_>>(), [6]);
}

/// What takes no byte lies where the files are to be.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_said_and_nothing_stays() {
    let ann = Ann::new().await;
    let web = Web::serving(&[7; 5_000], Some(5_000)).unwrap();
    let message = ann.offered(web.url("a"), Some(5_000)).await;
    let full = |name: &str| {
        let part = ann.account.store.media_dir().join(name);
        std::os::unix::fs::symlink("/dev/full", part).unwrap();
    };
    // Her first name is the session's.
    full("2.part");
    assert_eq!(
        ann.refused(message).await,
        (FaultKind::DiskFull, Media::Remote)
    );

    // And it is said where nobody asked.
    full("3.part");
    ann.offered(web.url("b"), Some(5_000)).await;
    let mut feed = ann.online().await;
    let notice = async {
        loop {
            if let Some(Feed::Signal(Signal::Notice { fault })) = feed.recv().await {
                return fault;
            }
        }
    };
    let fault = tokio::time::timeout(std::time::Duration::from_secs(20), notice).await;
    assert_eq!(fault.unwrap().kind, FaultKind::DiskFull);
    ann.account.close().await;
    assert_eq!(ann.files(), BTreeMap::new());
}

#[tokio::test]
async fn files_come_by_themselves_up_to_the_users_limit() {
    let ann = Ann::new().await;
    ann.up_to(0).await;
    let web = Web::serving(&vec![7; 2_000_000], Some(2_000_000)).unwrap();
    let small = ann.offered(web.url("small"), Some(2 * MB)).await;
    let large = ann.offered(web.url("large"), Some(50 * MB + 1)).await;
    let unknown = ann.offered(web.url("unknown"), None).await;
    let mut feed = ann.online().await;
    ann.up_to(1).await;
    ann.up_to(10).await;
    shows(&mut feed, small, Media::Here).await;
    ann.up_to(50).await;
    // By the time that this one is here, the loop has looked at all of them.
    let last = ann.offered(web.url("last"), Some(2 * MB)).await;
    ann.account.fetches.notify_one();
    shows(&mut feed, last, Media::Here).await;
    assert_eq!(ann.state(large).await, Media::Remote);
    assert_eq!(ann.state(unknown).await, Media::Remote);
    assert_eq!(web.asked(), 2);
    for message in [large, unknown] {
        fetch_now(&ann.account, message).await.unwrap();
        assert_eq!(ann.state(message).await, Media::Here);
    }
    ann.account.close().await;
}

#[tokio::test]
async fn what_was_let_go_of_comes_only_when_asked_for() {
    let ann = Ann::new().await;
    let web = Web::serving(b"a lake", Some(6)).unwrap();
    let message = ann.offered(web.url("a"), Some(6)).await;
    let mut feed = ann.online().await;
    shows(&mut feed, message, Media::Here).await;
    let freed = free_space(&ann.account, None, None).await.unwrap();
    assert_eq!(freed, FileSpace { files: 1, bytes: 6 });
    assert_eq!(ann.files(), BTreeMap::new());
    shows(&mut feed, message, Media::Remote).await;
    let next = ann.offered(web.url("b"), Some(6)).await;
    ann.account.fetches.notify_one();
    shows(&mut feed, next, Media::Here).await;
    assert_eq!(ann.state(message).await, Media::Remote);
    fetch_now(&ann.account, message).await.unwrap();
    assert_eq!(ann.state(message).await, Media::Here);
    // Nothing here is a day old.
    let freed = free_space(&ann.account, None, Some(1)).await.unwrap();
    assert_eq!(freed, FileSpace::default());
    ann.account.close().await;
}

/// Killed while a file came, and after files were let go of and before they were deleted.
#[tokio::test]
async fn the_next_start_deletes_what_a_kill_left() {
    let Ann { account, home, .. } = Ann::new().await;
    let ann = Ann {
        account,
        hub: Arc::default(),
        home: tempfile::tempdir().unwrap(),
    };
    let half = ann.offered("https://x.example/half".into(), None).await;
    let whole = ann.offered("https://x.example/whole".into(), None).await;
    let media = ann.account.store.media_dir();
    for name in ["half", "half.part", "whole"] {
        std::fs::write(media.join(name), "x").unwrap();
    }
    let killed = ann.account.store.write(move |tx| {
        tx.media_fetching(half, "half")?;
        tx.media_here(whole, "whole", None, None, 1)?;
        tx.free_media(None, api::Millis::MAX, None).map(drop)
    });
    killed.await.unwrap();
    ann.account.store.close().await;
    drop(ann);

    let ann = Ann::at(home).await;
    assert_eq!(ann.files().len(), 3);
    let mut commits = ann.account.store.commits();
    // The loop's first step, and that of each wake.
    download::remove_files(&ann.account).await;
    assert_eq!(ann.files(), BTreeMap::new());
    assert!(commits.try_recv().is_err(), "nobody sees a change");
    let noted = ann.account.store.reader().removals().await.unwrap();
    assert_eq!(noted, [""; 0]);
}
