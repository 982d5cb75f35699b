//! An account on a scripted server whose archive refuses, while something of ours may have gone out.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use api::{MessageId, MessageState};
use futures::FutureExt;
use store::{Job, Store};
use tempfile::TempDir;
use testkit::wire::Wire;
use tokio_util::task::TaskTracker;
use xmpp::{Login, Password, Patience, Software, Transport};

use super::*;
use crate::chimes::Chimes;
use crate::hub::Hub;
use crate::playing::Playing;
use crate::settings::Preferences;
use crate::{Env, Keyring};

const NOON: Millis = 1_767_268_800_000;

/// Ann, who said "mine" to bo, which was lost on its way, and then "next"; and a clock.
struct Ann {
    account: Arc<Account>,
    mine: MessageId,
    now: Arc<AtomicI64>,
    _home: TempDir,
}

impl Ann {
    async fn new() -> Self {
        let mut ann = Self::silent().await;
        let store = &ann.account.store;
        ann.mine = say(store, "bo@x.example", "mine").await;
        let lost = store.reader().outbox_due(NOON).await.unwrap();
        let lose = store.write(move |tx| {
            for row in &lost {
                tx.outbox_try(row.id)?;
                tx.outbox_sent(row.id)?;
            }
            tx.outbox_all_lost()
        });
        lose.await.unwrap();
        say(store, "bo@x.example", "next").await;
        ann
    }

    /// Before she said anything.
    async fn silent() -> Self {
        let home = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(NOON));
        let clock = Arc::clone(&now);
        let env = Env {
            now: Arc::new(move || clock.load(Ordering::Relaxed)),
            keyring: Keyring::None,
            sounds: false,
            surroundings: crate::Surroundings::Silent,
            ..Env::system()
        };
        let hub = Arc::new(Hub::default());
        let playing = Arc::new(Playing::new(Arc::clone(&hub)));
        let preferences = Arc::new(Preferences::open(home.path()));
        let chimes = Chimes::new(playing, Arc::clone(&preferences), false);
        let address = "ann@x.example".parse().unwrap();
        let account = Account::open(home.path(), address, env, hub, chimes, preferences)
            .await
            .unwrap();
        Self {
            account,
            mine: MessageId(0),
            now,
            _home: home,
        }
    }

    fn later(&self, seconds: Millis) {
        self.now.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }

    async fn state(&self, message: MessageId) -> (MessageState, Option<FaultKind>) {
        let row = self.account.store.reader().message(message).await;
        let row = row.unwrap().unwrap();
        (row.state, row.fault)
    }

    /// Waits until the acknowledgement of a message was taken in.
    async fn sent(&self, message: MessageId) {
        let mut commits = self.account.store.commits();
        while self.state(message).await != (MessageState::Sent, None) {
            commits.recv().await.unwrap();
        }
    }

    /// The ids of what could go out.
    async fn due(&self) -> Vec<String> {
        let due = self.account.store.reader().outbox_due(NOON).await.unwrap();
        let jobs = due.into_iter().map(|row| row.job);
        jobs.map(|job| match job {
            Job::Message { origin_id, .. } => origin_id,
            other => panic!("{other:?}"),
        })
        .collect()
    }
}

async fn say(store: &Store, to: &'static str, body: &'static str) -> MessageId {
    let add = store.write(move |tx| {
        let chat = tx.ensure_chat(to)?;
        tx.add_text(chat, body, NOON, body)
    });
    add.await.unwrap()
}

/// A session that meets these servers, one after the other, and then nobody.
fn open(
    tracker: &TaskTracker,
    pipes: impl IntoIterator<Item = tokio::io::DuplexStream>,
) -> (Session, mpsc::Receiver<SessionEvent>) {
    let mut pipes: Vec<_> = pipes.into_iter().collect();
    pipes.reverse();
    let pipes = Mutex::new(pipes);
    let dial = move || pipes.lock().unwrap().pop();
    let login = Login {
        jid: "ann@x.example".parse().unwrap(),
        password: Password::new("pw"),
        server: None,
        resource: "millet-1".into(),
        software: Software {
            name: "Millet".into(),
            version: "1".into(),
            os: None,
        },
    };
    let transport = Transport::Pipe(Arc::new(dial));
    Session::open_over(transport, login, Patience::Forever, tracker)
}

/// From nothing to the first question to the archive.
const ASKED: &str = "
    C: open
    S: open
    S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>
       </stream:features>
    C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFubgBwdw==</auth>
    S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
    C: open
    S: open
    S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>
    C: <iq type='set' id='{{BIND}}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>
    S: <iq type='result' id='{{BIND}}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>
       <jid>ann@x.example/millet-1</jid></bind></iq>
    C: <iq type='get' id='{{DISCO}}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
    C: <iq type='set' id='{{CARBONS}}'><enable xmlns='urn:xmpp:carbons:2'/></iq>
    S: <iq type='result' id='{{DISCO}}'><query xmlns='http://jabber.org/protocol/disco#info'>
       <identity category='account' type='registered'/><feature var='urn:xmpp:mam:2'/></query></iq>
    S: <iq type='result' id='{{CARBONS}}'/>
    C: <presence/>
    C: <iq type='get' id='{{PREFS}}'><prefs xmlns='urn:xmpp:mam:2'/></iq>
    C: <iq type='get' id='{{ROSTER}}'><query xmlns='jabber:iq:roster'/></iq>
    S: <iq type='result' id='{{PREFS}}'><prefs default='roster' xmlns='urn:xmpp:mam:2'><always/><never/></prefs></iq>
    C: <iq type='set' id='{{KEEP}}'><prefs default='always' xmlns='urn:xmpp:mam:2'><always/><never/></prefs></iq>
    S: <iq type='result' id='{{KEEP}}'/>
    S: <iq type='result' id='{{ROSTER}}'><query xmlns='jabber:iq:roster'>
       <item jid='bo@x.example' subscription='both'/><item jid='cy@x.example' subscription='both'/></query></iq>
    C: <iq type='set' id='{{PAGE}}'><query xmlns='urn:xmpp:mam:2' queryid='{{QUERY}}'/></iq>";

const REFUSED: &str = "
    S: <iq type='error' id='{{PAGE}}'><error type='wait'>
       <internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";

/// Once the line is open, it asks where uploads go; nowhere, here.
const NO_UPLOADS: &str = "
    C: <iq type='get' id='{{UPLOAD}}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
    S: <iq type='error' id='{{UPLOAD}}'><error type='cancel'>
       <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";

/// A text to cy, acknowledged.
fn to_cy(body: &str) -> String {
    format!(
        "C: <message to='cy@x.example' type='chat' id='{body}'><body>{body}</body></message>
         C: <iq type='get' id='{{{{PING {body}}}}}'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='{{{{PING {body}}}}}'/>\n"
    )
}

/// Where an archive refuses, what may have gone out is held, with what follows it, and everything else goes out.
#[tokio::test]
async fn what_may_have_gone_out_waits_and_the_rest_does_not() {
    let ann = Ann::new().await;
    let other = say(&ann.account.store, "cy@x.example", "other").await;
    let (pipe, mut wire) = Wire::pair();
    let tracker = TaskTracker::new();
    let (session, events) = open(&tracker, [pipe]);
    let hang_up = CancellationToken::new();
    let running = run(
        Arc::clone(&ann.account),
        session.clone(),
        events,
        hang_up.clone(),
        None,
    );
    let running = tokio::spawn(running);
    wire.play(ASKED).await;
    wire.play(REFUSED).await;
    wire.play_side_by_side(&[NO_UPLOADS, &to_cy("other")]).await;
    // More comes and more is said, so the outbox is looked through again: what is held is not among it.
    wire.play(
        "S: <message from='bo@x.example/1' to='ann@x.example' type='chat' id='b1'><body>hi</body>
            <request xmlns='urn:xmpp:receipts'/><stanza-id xmlns='urn:xmpp:sid:0' by='ann@x.example' id='s9'/></message>
         C: <message to='bo@x.example/1'><received xmlns='urn:xmpp:receipts' id='b1'/></message>
         C: <iq type='get' id='{{PING}}'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='{{PING}}'/>",
    )
    .await;
    let third = say(&ann.account.store, "cy@x.example", "third").await;
    ann.account.outbox.notify_one();
    wire.play(&to_cy("third")).await;
    for sent in [other, third] {
        ann.sent(sent).await;
    }
    session.close().await;
    running.await.unwrap();
    assert_eq!(ann.due().await, ["mine"]);
    assert_eq!(ann.state(ann.mine).await, (MessageState::Pending, None));
    let archive = ann.account.store.reader().archive().await.unwrap();
    assert_eq!(archive.ranges(), [], "what came live hides nothing");
    tracker.close();
    tracker.wait().await;
}

/// An archive that answers and does not hold what may have gone out is asked again before that is sent once more. Meanwhile
/// the line is open for everybody else.
#[tokio::test]
async fn the_line_opens_while_what_may_have_gone_out_is_looked_for() {
    let ann = Ann::new().await;
    let (pipe, mut wire) = Wire::pair();
    let tracker = TaskTracker::new();
    let (session, events) = open(&tracker, [pipe]);
    let running = run(
        Arc::clone(&ann.account),
        session.clone(),
        events,
        CancellationToken::new(),
        None,
    );
    let running = tokio::spawn(running);
    wire.play(ASKED).await;
    let asked = std::time::Instant::now();
    wire.play(&page("PAGE", "QUERY", 1, true)).await;
    wire.play(
        "C: <iq type='get' id='{{UPLOAD}}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
         C: <iq type='get' id='{{READ}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>
         C: <iq type='get' id='{{HEARD}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>
         S: <iq type='error' id='{{UPLOAD}}'><error type='cancel'>
            <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         S: <iq type='error' id='{{READ}}'><error type='cancel'>
            <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         S: <iq type='error' id='{{HEARD}}'><error type='cancel'>
            <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    )
    .await;
    let other = say(&ann.account.store, "cy@x.example", "other").await;
    ann.account.outbox.notify_one();
    wire.play(&to_cy("other")).await;
    ann.sent(other).await;
    let shown = ann.account.reset().await.unwrap().connection;
    assert_eq!(shown, Connection::Online);
    for question in ["ONCE", "TWICE"] {
        wire.play(&format!(
            "C: <iq type='set' id='{{{{{question}}}}}'><query xmlns='urn:xmpp:mam:2' queryid='{{{{OF {question}}}}}'/></iq>"
        ))
        .await;
        assert_eq!(ann.due().await, ["mine"]);
        wire.play(&page(question, &format!("OF {question}"), 1, true))
            .await;
    }
    assert!(asked.elapsed() >= Duration::from_secs(3));
    wire.play("C: <message to='bo@x.example' type='chat' id='mine'><body>mine</body></message>")
        .await;
    session.close().await;
    running.await.unwrap();
    tracker.close();
    tracker.wait().await;
}

/// A page of one message.
fn page(question: &str, query: &str, number: u32, complete: bool) -> String {
    format!(
        "S: <message><result xmlns='urn:xmpp:mam:2' queryid='{{{{{query}}}}}' id='s{number}'>
            <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T12:00:0{number}Z'/>
            <message xmlns='jabber:client' from='bo@x.example/1' to='ann@x.example' type='chat' id='b{number}'>
            <body>{number}</body></message></forwarded></result></message>
         S: <iq type='result' id='{{{{{question}}}}}'><fin xmlns='urn:xmpp:mam:2' complete='{complete}'>
            <set xmlns='http://jabber.org/protocol/rsm'><first>s{number}</first><last>s{number}</last>
            <count>2</count></set></fin></iq>\n"
    )
}

/// A server that finds the archive asked too often is asked again later, for the page that it refused.
#[tokio::test]
async fn an_archive_may_limit_the_rate() {
    let ann = Ann::silent().await;
    let (pipe, mut wire) = Wire::pair();
    let tracker = TaskTracker::new();
    let (session, events) = open(&tracker, [pipe]);
    let hang_up = CancellationToken::new();
    let running = run(
        Arc::clone(&ann.account),
        session.clone(),
        events,
        hang_up.clone(),
        None,
    );
    let running = tokio::spawn(running);
    let mut commits = ann.account.store.commits();
    wire.play(ASKED).await;
    wire.play(&page("PAGE", "QUERY", 2, false)).await;
    // It asks where uploads go, and how far was read and what was heard elsewhere, too.
    wire.play(
        "C: <iq type='get' id='{{UPLOAD}}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
         S: <iq type='error' id='{{UPLOAD}}'><error type='cancel'>
            <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         C: <iq type='get' id='{{READ}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>
         C: <iq type='get' id='{{HEARD}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>
         S: <iq type='error' id='{{READ}}'><error type='cancel'>
            <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         S: <iq type='error' id='{{HEARD}}'><error type='cancel'>
            <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    )
    .await;
    // Older ones, the newest page once more, and then again what was refused.
    for (question, before) in [("OLDER", "s2"), ("NEWEST", ""), ("AGAIN", "s2")] {
        wire.play(&format!(
            "C: <iq type='set' id='{{{{{question}}}}}'><query xmlns='urn:xmpp:mam:2' queryid='{{{{OF {question}}}}}'>
                <set xmlns='http://jabber.org/protocol/rsm'><before>{before}</before></set></query></iq>"
        ))
        .await;
        let query = format!("OF {question}");
        match question {
            "OLDER" => {
                wire.play(
                    "S: <iq type='error' id='{{OLDER}}'><error type='wait'>
                        <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
                )
                .await;
            }
            "NEWEST" => wire.play(&page(question, &query, 2, false)).await,
            _ => wire.play(&page(question, &query, 1, true)).await,
        }
    }
    let archive = async || ann.account.store.reader().archive().await.unwrap();
    while archive().await.holes().next().is_some() {
        commits.recv().await.unwrap();
    }
    assert_eq!(archive().await.items(), 2);
    session.close().await;
    running.await.unwrap();
    tracker.close();
    tracker.wait().await;
}

/// An archive that never answers keeps nothing in doubt for ever.
#[tokio::test]
async fn what_the_archive_never_tells_is_the_users_to_decide() {
    let ann = Ann::new().await;
    let tracker = TaskTracker::new();
    let (session, _events) = open(&tracker, []);
    let mut running = Running::new(Arc::clone(&ann.account), session, None);
    let refusal = || Fault::from(FaultKind::Refused);
    for seconds in [0, 10, 20, 40] {
        ann.later(seconds);
        running.not_prepared(refusal()).await;
        assert!(running.is_ready && running.is_behind);
        assert_eq!(ann.state(ann.mine).await, (MessageState::Pending, None));
    }
    // A lost connection is no answer either way.
    ann.later(60);
    running.not_prepared(Fault::from(FaultKind::Offline)).await;
    assert_eq!(ann.due().await, ["mine"]);
    ann.later(20);
    running.not_prepared(refusal()).await;
    let given_up = (MessageState::Failed, Some(FaultKind::Unconfirmed));
    assert_eq!(ann.state(ann.mine).await, given_up);
    assert_eq!(ann.due().await, ["next"], "and it holds nothing up");

    // The user sends it again, under the same id, whatever the archive says.
    let mine = ann.mine;
    let again = ann
        .account
        .store
        .write(move |tx| tx.retry_message(mine, "unused"));
    again.await.unwrap();
    let due = ann.account.store.reader().outbox_due(NOON).await.unwrap();
    assert_eq!(ann.due().await, ["mine"]);
    assert!(!due.iter().any(outbox::may_have_gone_out));
}

/// What the server takes in late for the stream before is hidden by nothing that comes live on this one.
#[tokio::test]
async fn live_ids_count_after_the_second_look() {
    let ann = Ann::new().await;
    let tracker = TaskTracker::new();
    let (session, _events) = open(&tracker, []);
    let mut running = Running::new(Arc::clone(&ann.account), session, None);
    running
        .write(|tx| {
            tx.outbox_wedge_doubts(&FaultKind::Unconfirmed)?;
            let mut archive = tx.archive()?;
            archive.cover(&store::Covered {
                asked: store::Asked::Newest,
                ids: vec![("s0".into(), NOON)],
                complete: true,
                total: None,
            });
            tx.set_archive(&archive)
        })
        .await;
    running.prepared(Prepared {
        has_carbons: true,
        has_archive: true,
        in_doubt: false,
    });
    let reached = |id: &str| {
        vec![Effect::Reached {
            id: id.to_owned(),
            at: NOON,
        }]
    };
    let archive = async || ann.account.store.reader().archive().await.unwrap();
    running.take_in(reached("s1")).await;
    assert_eq!(archive().await.ranges()[0].newest, "s0");
    assert!(!running.second_look.is_empty());
    running.backfill.shutdown().await;
    running.settled();
    running.take_in(reached("s2")).await;
    assert_eq!(archive().await.ranges()[0].newest, "s2");
    // What came between the two looks may be more than a page.
    let told = ann.account.history.changed.notified().now_or_never();
    assert!(told.is_some(), "holes are looked for");
}

/// What is missed while doubts are being settled may come behind what that finds: it is looked for once more, and once only.
#[tokio::test]
async fn what_is_missed_during_a_look_has_a_look_of_its_own() {
    let ann = Ann::new().await;
    let tracker = TaskTracker::new();
    let (session, _events) = open(&tracker, []);
    let mut running = Running::new(Arc::clone(&ann.account), session, None);
    let prepared = |in_doubt| Prepared {
        has_carbons: true,
        has_archive: true,
        in_doubt,
    };
    running.prepared(prepared(true));
    running.fall_behind();
    running.fall_behind();
    assert_eq!(running.preparing.len(), 1, "the doubts are being settled");
    running.preparing.shutdown().await;
    running.prepared(prepared(false));
    assert_eq!((running.preparing.len(), running.is_behind), (1, true));
    running.preparing.shutdown().await;
    running.prepared(prepared(false));
    assert_eq!((running.preparing.len(), running.is_behind), (0, false));
}
