//! Whole sessions against a scripted server: what goes over the wire, and what the caller is told.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use testkit::wire::Wire;

use super::*;
use crate::{ChatState, MessageKind, Password, Software};

mod displayed;
mod doubts;
mod resumption;

/// Sign-in with PLAIN (SCRAM's nonces cannot be scripted), up to the features after it.
const SIGN_IN: &str = "
    C: open
    S: open
    S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism>
       <mechanism>PLAIN</mechanism></mechanisms></stream:features>
    C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFubgBwdw==</auth>
    S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
    C: open
    S: open";
const COUNTED: &str = "
    S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>";
const UNCOUNTED: &str = "
    S: <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>";
const BIND: &str = "
    C: <iq type='set' id='{{BIND}}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>millet-1</resource></bind></iq>
    S: <iq type='result' id='{{BIND}}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>
       <jid>ann@x.example/millet-1</jid></bind></iq>";
const ENABLE: &str = "
    C: <enable xmlns='urn:xmpp:sm:3' resume='true'/>
    S: <enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true'/>";
const RESUMED: &str = "Online { jid: FullJid(\"ann@x.example/millet-1\"), resumed: true }";
const ONLINE: &str = "Online { jid: FullJid(\"ann@x.example/millet-1\"), resumed: false }";

/// A session, its events as text, and the servers it will meet.
struct Bench {
    session: Session,
    events: mpsc::Receiver<SessionEvent>,
    tracker: TaskTracker,
}

/// Opens a session that meets so many servers, one after the other, and then nobody.
fn bench<const N: usize>(patience: Patience) -> (Bench, [Wire; N]) {
    bench_over(Transport::Pipe, patience)
}

fn bench_over<const N: usize>(
    transport: fn(Arc<dyn Fn() -> Option<DuplexStream> + Send + Sync>) -> Transport,
    patience: Patience,
) -> (Bench, [Wire; N]) {
    let pairs: Vec<_> = (0..N).map(|_| Wire::pair()).collect();
    let (pipes, wires): (VecDeque<_>, Vec<_>) = pairs.into_iter().unzip();
    let pipes = Mutex::new(pipes);
    let dial = move || {
        pipes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    let login = Login {
        jid: "ann@x.example".parse().unwrap(),
        password: Password::new("pw"),
        server: None,
        resource: "millet-1".to_owned(),
        software: Software {
            name: "Millet".to_owned(),
            version: "1".to_owned(),
            os: None,
        },
    };
    let tracker = TaskTracker::new();
    let (session, events) =
        Session::open_over(transport(Arc::new(dial)), login, patience, &tracker);
    let bench = Bench {
        session,
        events,
        tracker,
    };
    let Ok(wires) = wires.try_into() else {
        unreachable!("as many wires as pairs");
    };
    (bench, wires)
}

impl Bench {
    /// The next events are these, in this order. Of `Retrying` only the reason counts.
    #[track_caller]
    fn sees(&mut self, expected: &[&str]) -> impl Future<Output = ()> + use<'_> {
        let caller = std::panic::Location::caller();
        let expected: Vec<String> = expected.iter().map(|e| (*e).to_owned()).collect();
        async move {
            for expected in expected {
                let event = self.events.recv().await;
                let got = match event {
                    Some(SessionEvent::Retrying { error, .. }) => format!("Retrying {error:?}"),
                    Some(event) => format!("{event:?}"),
                    None => "nothing more".to_owned(),
                };
                assert_eq!(got, expected, "{caller}");
            }
        }
    }

    /// No task is left behind.
    async fn ends(mut self) {
        while self.events.recv().await.is_some() {}
        self.tracker.close();
        self.tracker.wait().await;
    }

    async fn text(&self, key: u64) {
        let text = Outbound::Text {
            to: "bo@x.example".parse().unwrap(),
            origin_id: format!("o{key}"),
            body: format!("text {key}"),
        };
        self.session.send(&text, SendKey(key)).await.unwrap();
    }
}

fn joined(parts: &[&str]) -> String {
    parts.concat()
}

#[tokio::test(start_paused = true)]
async fn a_text_there_and_an_answer_back() {
    let (mut bench, [mut wire]) = bench(Patience::Once);
    wire.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    bench.text(1).await;
    wire.play(
        "C: <message to='bo@x.example' type='chat' id='o1'><body>text 1</body></message>
         C: <r xmlns='urn:xmpp:sm:3'/>
         S: <a xmlns='urn:xmpp:sm:3' h='1'/>",
    )
    .await;
    bench.sees(&["Acked(SendKey(1))"]).await;
    wire.play("S: <message from='bo@x.example/1' type='chat' id='b1'><body>hi</body></message>")
        .await;
    let Some(SessionEvent::Inbound(inbound)) = bench.events.recv().await else {
        unreachable!("a message");
    };
    let Inbound::Message(message) = *inbound else {
        unreachable!("a message");
    };
    assert_eq!(
        (message.body.as_deref(), message.kind),
        (Some("hi"), MessageKind::Chat)
    );

    let session = bench.session.clone();
    let (_, ()) = tokio::join!(
        session.close(),
        wire.play(
            "C: <presence type='unavailable'/>
             C: <r xmlns='urn:xmpp:sm:3'/>
             S: <a xmlns='urn:xmpp:sm:3' h='2'/>
             C: close
             S: </stream:stream>
             S: cut"
        )
    );
    bench.sees(&["Closed(None)", "nothing more"]).await;
    assert_eq!(bench.session.ping().await, Err(IqError::Gone(Gone)));
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_ends_it() {
    let (mut bench, [mut wire]) = bench(Patience::Forever);
    wire.play(
        "C: open
         S: open
         S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>
            </mechanisms></stream:features>
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFubgBwdw==</auth>
         S: <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
    )
    .await;
    bench
        .sees(&["Connecting", "Closed(Some(WrongPassword))", "nothing more"])
        .await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_without_a_mechanism_of_ours_ends_it() {
    let (mut bench, [mut wire]) = bench(Patience::Forever);
    wire.play(
        "C: open
         S: open
         S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism>
            </mechanisms></stream:features>",
    )
    .await;
    bench
        .sees(&["Connecting", "Closed(Some(NoMechanism))", "nothing more"])
        .await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn signing_in_fails_once_and_says_why() {
    let (mut bench, []) = bench(Patience::Once);
    bench
        .sees(&[
            "Connecting",
            "Closed(Some(Unreachable(\"no pipe\")))",
            "nothing more",
        ])
        .await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn patience_waits_and_close_ends_the_wait() {
    let (mut bench, []) = bench(Patience::Forever);
    let retrying = "Retrying Unreachable(\"no pipe\")";
    bench
        .sees(&["Connecting", retrying, retrying, retrying])
        .await;
    bench.session.close().await;
    bench.sees(&["Closed(None)", "nothing more"]).await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_cut_is_resumed_and_nothing_is_sent_twice_by_us() {
    let (mut bench, [mut first, mut second]) = bench(Patience::Once);
    first.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    bench.text(1).await;
    bench.text(2).await;
    first
        .play(
            "C: <message id='o1'/>
             C: <message id='o2'/>
             C: <r xmlns='urn:xmpp:sm:3'/>
             S: <a xmlns='urn:xmpp:sm:3' h='1'/>",
        )
        .await;
    bench.sees(&["Acked(SendKey(1))"]).await;
    first.play("S: cut").await;
    bench.sees(&["Suspended", "Retrying Lost"]).await;
    bench.text(3).await;
    bench.sees(&["Unsent(SendKey(3))"]).await;
    second.play(&joined(&[SIGN_IN, COUNTED])).await;
    second
        .play(
            "C: <resume xmlns='urn:xmpp:sm:3' previd='s1' h='0'/>
             S: <resumed xmlns='urn:xmpp:sm:3' previd='s1' h='1'/>
             C: <message id='o2'/>
             C: <r xmlns='urn:xmpp:sm:3'/>
             S: <a xmlns='urn:xmpp:sm:3' h='2'/>",
        )
        .await;
    bench.sees(&[RESUMED, "Acked(SendKey(2))"]).await;
    bench.session.close().await;
    bench.ends().await;
}

/// What would end the stream, or the process, is counted and passed over; the resumption says so too.
#[tokio::test(start_paused = true)]
async fn a_stanza_that_cannot_be_read_ends_nothing() {
    let (mut bench, [mut first, mut second]) = bench(Patience::Once);
    first.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    let deep = format!("{}{}", "<a>".repeat(6000), "</a>".repeat(6000));
    let wide = format!("<x xmlns='y' a='{}'/>", "x".repeat(9000));
    let long = format!("<body>{}</body>", "x".repeat(2 << 20));
    let mut script = String::new();
    for inside in [deep, wide, long] {
        script += &format!("S: <message from='eve@y/1' type='chat'>{inside}</message>\n");
    }
    script += "S: <message from='bo@x.example/1' type='chat' id='b1'><body>hi</body></message>
         S: <r xmlns='urn:xmpp:sm:3'/>
         C: <a xmlns='urn:xmpp:sm:3' h='4'/>";
    let heard = async {
        while let Some(event) = bench.events.recv().await {
            let event = format!("{event:?}");
            assert!(event.starts_with("Inbound"), "{event:.200}");
            if event.contains("\"b1\"") {
                return;
            }
        }
    };
    tokio::join!(first.play(&script), heard);
    first.play("S: cut").await;
    bench.sees(&["Suspended", "Retrying Lost"]).await;
    second.play(&joined(&[SIGN_IN, COUNTED])).await;
    second
        .play(
            "C: <resume xmlns='urn:xmpp:sm:3' previd='s1' h='4'/>
             S: <resumed xmlns='urn:xmpp:sm:3' previd='s1' h='0'/>",
        )
        .await;
    bench.sees(&[RESUMED]).await;
    bench.session.close().await;
    bench.ends().await;
}

/// ejabberd after a restart: `<failed/>` without `h`, which tokio-xmpp cannot read.
#[tokio::test(start_paused = true)]
async fn a_refused_resumption_loses_what_was_under_way_and_starts_anew() {
    let (mut bench, [mut first, mut second, mut third]) = bench(Patience::Once);
    first.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    bench.text(1).await;
    first
        .play("C: <message id='o1'/>\nC: <r xmlns='urn:xmpp:sm:3'/>\nS: cut")
        .await;
    bench.sees(&["Suspended", "Retrying Lost"]).await;
    second.play(&joined(&[SIGN_IN, COUNTED])).await;
    second
        .play(
            "C: <resume xmlns='urn:xmpp:sm:3' previd='s1'/>
             S: <failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
        )
        .await;
    third.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Lost(SendKey(1))", ONLINE]).await;
    // Nothing old is on the new stream: the first stanza is this one.
    bench.text(2).await;
    third.play("C: <message id='o2'/>").await;
    bench.session.close().await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_resumption_with_a_count_acknowledges_what_arrived() {
    let (mut bench, [mut first, mut second]) = bench(Patience::Once);
    first.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    bench.text(1).await;
    bench.text(2).await;
    first
        .play("C: <message id='o1'/>\nC: <message id='o2'/>\nS: cut")
        .await;
    bench.sees(&["Suspended", "Retrying Lost"]).await;
    second.play(&joined(&[SIGN_IN, COUNTED])).await;
    second
        .play(
            "C: <resume xmlns='urn:xmpp:sm:3' previd='s1'/>
             S: <failed xmlns='urn:xmpp:sm:3' h='1'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
        )
        .await;
    second.play(&joined(&[BIND, ENABLE])).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(format!("{:?}", bench.events.recv().await));
    }
    assert_eq!(told[0], "Some(Acked(SendKey(1)))");
    assert_eq!(told[1], "Some(Lost(SendKey(2)))");
    assert_eq!(told[2], format!("Some({ONLINE})"));
    bench.session.close().await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_does_not_count_is_asked_by_ping() {
    let (mut bench, [mut wire]) = bench(Patience::Once);
    wire.play(&joined(&[SIGN_IN, UNCOUNTED, BIND])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    bench.text(1).await;
    wire.play(
        "C: <message id='o1'/>
         C: <iq type='get' id='{{PING}}'><ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='{{PING}}'/>",
    )
    .await;
    bench.sees(&["Acked(SendKey(1))"]).await;
    bench.text(2).await;
    wire.play("C: <message id='o2'/>\nS: cut").await;
    bench.sees(&["Suspended", "Retrying Lost"]).await;
    bench.session.close().await;
    bench.sees(&["Lost(SendKey(2))", "Closed(None)"]).await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn replaced_by_another_sign_in_is_not_answered_by_signing_in() {
    let (mut bench, [mut wire]) = bench(Patience::Forever);
    wire.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    wire.play(
        "S: <stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>
         S: cut",
    )
    .await;
    bench
        .sees(&[
            "Suspended",
            "Closed(Some(ResourceConflict))",
            "nothing more",
        ])
        .await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_dead_link_is_noticed_by_an_acknowledgement_that_does_not_come() {
    let (mut bench, [mut wire]) = bench(Patience::Once);
    wire.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    let sent = tokio::time::Instant::now();
    bench.text(1).await;
    bench.sees(&["Suspended"]).await;
    assert!(
        sent.elapsed() <= Duration::from_secs(11),
        "{:?}",
        sent.elapsed()
    );
    bench.session.close().await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_dead_link_is_noticed() {
    let (mut bench, [mut wire]) = bench(Patience::Once);
    wire.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    let since = tokio::time::Instant::now();
    wire.play("C: <r xmlns='urn:xmpp:sm:3'/>").await;
    bench.sees(&["Suspended"]).await;
    assert!(
        since.elapsed() <= Duration::from_secs(41),
        "{:?}",
        since.elapsed()
    );
    bench.session.close().await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn others_are_answered() {
    let (mut bench, [mut wire]) = bench(Patience::Once);
    wire.play(&joined(&[SIGN_IN, UNCOUNTED, BIND])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    wire.play(
        "S: <iq type='get' from='bo@y/1' id='1'><ping xmlns='urn:xmpp:ping'/></iq>
         C: <iq type='result' to='bo@y/1' id='1'/>
         S: <iq type='get' from='bo@y/1' id='2'><query xmlns='jabber:iq:version'/></iq>
         C: <iq type='result' to='bo@y/1' id='2'><query xmlns='jabber:iq:version'><name>Millet</name></query></iq>
         S: <iq type='get' from='bo@y/1' id='3'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
         C: <iq type='result' id='3'><query xmlns='http://jabber.org/protocol/disco#info'>
            <identity category='client' type='pc' name='Millet'/><feature var='urn:millet:voice:0'/></query></iq>
         S: <iq type='get' from='bo@y/1' id='4'><query xmlns='http://jabber.org/protocol/disco#info' node='x'/></iq>
         C: <iq type='error' id='4'><error type='cancel'>
            <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         S: <iq type='set' from='bo@y/1' id='5'><x xmlns='urn:x'/></iq>
         C: <iq type='error' id='5'><error type='cancel'>
            <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         S: <iq type='set' from='eve@y' id='6'><query xmlns='jabber:iq:roster'><item jid='eve@y'/></query></iq>
         C: <iq type='error' to='eve@y' id='6'/>
         S: <iq type='set' id='7'><query xmlns='jabber:iq:roster'><item jid='cy@y' subscription='both'/></query></iq>
         C: <iq type='result' id='7'/>",
    )
    .await;
    let Some(SessionEvent::Inbound(push)) = bench.events.recv().await else {
        unreachable!("a push");
    };
    assert!(matches!(*push, Inbound::RosterPush(item) if item.jid.as_str() == "cy@y"));
    bench.session.close().await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_page_takes_only_its_own_results() {
    let (mut bench, [mut wire]) = bench(Patience::Once);
    wire.play(&joined(&[SIGN_IN, UNCOUNTED, BIND])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    let query = ArchiveQuery {
        before: Some(String::new()),
        max: 2,
        ..ArchiveQuery::default()
    };
    let result = |from: &str, queryid: &str, id: &str| {
        format!(
            "S: <message {from}><result xmlns='urn:xmpp:mam:2' queryid='{queryid}' id='{id}'>
             <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/>
             <message xmlns='jabber:client' from='bo@y/1'><body>b</body></message></forwarded></result></message>\n"
        )
    };
    let mut script = "C: <iq type='set' id='{{ID}}'><query xmlns='urn:xmpp:mam:2' queryid='{{ID}}'>
         <set xmlns='http://jabber.org/protocol/rsm'><max>2</max><before/></set></query></iq>\n"
        .to_owned();
    script += &result("", "{{ID}}", "a1");
    script += &result("from='eve@y'", "{{ID}}", "evil");
    script += &result("", "other", "stray");
    script += &result("from='ann@x.example'", "{{ID}}", "a2");
    script += "S: <iq type='result' from='eve@y' id='{{ID}}'><fin xmlns='urn:xmpp:mam:2' complete='true'>
         <set xmlns='http://jabber.org/protocol/rsm'/></fin></iq>
         S: <iq type='result' id='{{ID}}'><fin xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>
         <first>a1</first><last>a2</last><count>7</count></set></fin></iq>";
    let (page, ()) = tokio::join!(bench.session.archive_page(&query), wire.play(&script));
    let page = page.unwrap();
    let ids: Vec<_> = page
        .messages
        .iter()
        .map(|m| m.archive_id.as_str())
        .collect();
    assert_eq!(ids, ["a1", "a2"]);
    assert_eq!(page.messages[0].at, 1_278_803_305_000);
    assert_eq!(
        (page.first.as_deref(), page.last.as_deref()),
        (Some("a1"), Some("a2"))
    );
    assert_eq!((page.complete, page.count), (false, Some(7)));
    bench.session.close().await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_is_given_up() {
    let (mut bench, [mut wire]) = bench(Patience::Once);
    wire.play(&joined(&[SIGN_IN, UNCOUNTED, BIND])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    let typing = Outbound::ChatState {
        to: "bo@y".parse().unwrap(),
        state: ChatState::Composing,
    };
    bench.session.send_unkeyed(&typing).await.unwrap();
    let session = bench.session.clone();
    let of = "bo@y/1".parse().unwrap();
    let asking = session.features(Some(&of));
    // The server stays alive meanwhile: it answers the liveness probe.
    let alive = wire.play(
        "C: <message to='bo@y'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>
         C: <iq type='get' to='bo@y/1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
         S: <presence from='bo@y/1'/>",
    );
    let (answer, ()) = tokio::join!(asking, alive);
    assert!(
        matches!(answer, Err(IqError::Timeout | IqError::Disconnected)),
        "{answer:?}"
    );
    bench.session.close().await;
    bench.ends().await;
}
