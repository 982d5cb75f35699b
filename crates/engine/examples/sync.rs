//! How long a new device takes for the whole archive of an account, and what of that is the server's.
//!
//! `cargo run --release -p engine --example sync -- [messages [runs]]` starts an ejabberd with that many messages in the
//! archive (50,000), reads them by turns with a client that pages and throws away (the floor) and with Millet, and gives the
//! medians as a JSON object on its last line:
//!
//! - `sync_50k_s`: seconds from signing in until all of it is here, indexed;
//! - `sync_vs_floor`: the same divided by the floor's;
//! - `ingest_per_s`: messages for each second of processor time that Millet took, from the socket to the index;
//! - `sync_extra_mb`: how much more memory it takes meanwhile, at the most, than idle before it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement may fail, and prints"
)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use api::{Call, Connection, Feed, Secret, SignIn, Signal};
use engine::{Client, Env, Keyring};
use testkit::server::{Kind, Options, Server};
use tokio_util::task::TaskTracker;
use xmpp::{ArchiveQuery, Login, Password, Patience, Session, SessionEvent, Software};

const PASSWORD: &str = "secret";
const CHATS: usize = 200;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| {
        arguments
            .next()
            .map_or(default, |argument| argument.parse().unwrap())
    };
    let (messages, runs) = (number(50_000), number(5));
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        folder: Some(folder.path().to_path_buf()),
        ..Options::on("localhost")
    };
    let server = Server::start(Kind::Ejabberd, options).unwrap();
    server.register("ann", PASSWORD).unwrap();
    fill(&folder.path().join("archive.db"), messages);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (mut floors, mut syncs, mut rates, mut extras) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for run in 0..runs {
        let begin = processor_time();
        let floor = runtime.block_on(floor(&server, messages));
        let before = processor_time();
        let wire = before.saturating_sub(begin);
        let (sync, extra) = runtime.block_on(sync(&server, messages));
        let taken = processor_time().saturating_sub(before);
        println!(
            "run {run}: floor {floor:?} (processor {wire:?}), sync {sync:?} (processor {taken:?})"
        );
        extras.push(extra);
        floors.push(floor.as_secs_f64());
        syncs.push(sync.as_secs_f64());
        rates.push(messages as f64 / taken.as_secs_f64());
    }
    let (floor, sync, rate) = (median(floors), median(syncs), median(rates));
    println!(
        "{}",
        serde_json::json!({
            "sync_50k_s": sync.ceil() as u64,
            "sync_extra_mb": median(extras).ceil() as u64,
            "sync_vs_floor": (sync / floor * 100.0).round() / 100.0,
            "ingest_per_s": rate.round() as u64,
        })
    );
}

/// Puts messages into ann's archive as ejabberd keeps them: two minutes apart, in many chats and four languages.
fn fill(database: &Path, messages: usize) {
    let sql = format!(
        ".timeout 20000
         WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {messages}),
         said (i, peer, body) AS (
            SELECT i, 'bo' || (i * 7919 % {CHATS}) || '@localhost',
                CASE i % 4
                    WHEN 0 THEN 'Shall we meet at the station at half past six, or is that too early? ' || i
                    WHEN 1 THEN '明天早上我们一起去喝茶吧，你觉得怎么样？' || i
                    WHEN 2 THEN '내일 아침에 같이 차 마시러 갈까요? ' || i
                    ELSE '明日の朝、一緒にお茶を飲みに行きませんか。' || i
                END
            FROM n
         )
         INSERT INTO archive (username, timestamp, peer, bare_peer, xml, txt, kind, nick)
         SELECT 'ann', 1700000000000000 + i * 120000000, peer || '/x', peer,
            '<message xmlns=''jabber:client'' type=''chat'' id=''o' || i || ''' from=''' ||
            CASE i % 3 WHEN 0 THEN 'ann@localhost/y'' to=''' || peer ELSE peer || '/x'' to=''ann@localhost' END ||
            '''><body>' || body || '</body><origin-id xmlns=''urn:xmpp:sid:0'' id=''o' || i || '''/>' ||
            '<request xmlns=''urn:xmpp:receipts''/><markable xmlns=''urn:xmpp:chat-markers:0''/></message>',
            body, 'chat', ''
         FROM said;"
    );
    let mut sqlite = Command::new("sqlite3")
        .arg(database)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    sqlite
        .stdin
        .take()
        .unwrap()
        .write_all(sql.as_bytes())
        .unwrap();
    assert!(sqlite.wait().unwrap().success());
}

/// A client that asks for page after page and keeps nothing.
async fn floor(server: &Server, messages: usize) -> Duration {
    let login = Login {
        jid: server.address("ann").parse().unwrap(),
        password: Password::new(PASSWORD),
        server: Some(server.ws_url().parse().unwrap()),
        resource: "floor".into(),
        software: Software {
            name: "floor".into(),
            version: "1".into(),
            os: None,
        },
    };
    let begin = Instant::now();
    let tracker = TaskTracker::new();
    let (session, mut events) = Session::open(login, Patience::Once, &tracker);
    while !matches!(
        events.recv().await.expect("a session"),
        SessionEvent::Online { .. }
    ) {}
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    let (mut before, mut count) = (Some(String::new()), 0);
    loop {
        let query = ArchiveQuery {
            before: before.take(),
            max: 250,
            ..ArchiveQuery::default()
        };
        let page = session.archive_page(&query).await.unwrap();
        count += page.messages.len();
        before = page.first;
        if page.complete || before.is_none() {
            break;
        }
    }
    assert_eq!(count, messages);
    let taken = begin.elapsed();
    session.close().await;
    taken
}

/// Millet on a new machine: how long, and how many megabytes more than idle.
async fn sync(server: &Server, messages: usize) -> (Duration, f64) {
    let home = tempfile::tempdir().unwrap();
    let env = Env {
        keyring: Keyring::None,
        sounds: false,
        ..Env::system()
    };
    let client = Client::start(home.path().to_path_buf(), env).await.unwrap();
    let (_, mut feed) = client.subscribe().await.unwrap();
    let idle = forget_peak();
    let begin = Instant::now();
    let sign_in = SignIn {
        address: server.address("ann"),
        password: Secret(PASSWORD.into()),
        server: Some(server.ws_url()),
    };
    Box::pin(client.call(sign_in.into_command())).await.unwrap();
    loop {
        match feed.recv().await.expect("a feed") {
            Feed::Signal(Signal::Sync {
                complete: true,
                held,
                ..
            }) => {
                assert!(held >= messages as u64, "{held}");
                break;
            }
            Feed::Signal(Signal::Connection {
                connection: Connection::Error { fault },
            }) => assert_eq!(fault.to_string(), "none"),
            _ => {}
        }
    }
    let taken = begin.elapsed();
    let extra = memory_mb("VmHWM:") - idle;
    client.shutdown().await;
    (taken, extra)
}

/// Begins a new peak (proc(5), `clear_refs`); the memory now, in megabytes.
fn forget_peak() -> f64 {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    memory_mb("VmRSS:")
}

fn memory_mb(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<f64>().unwrap() / 1024.0
}

/// What this process took of the processors so far. ejabberd is another one.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    // Linux counts in hundredths of a second, whatever it does inside.
    Duration::from_millis(ticks * 10)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
