//! The network breaks while something goes out. Counted where no client of ours counts: in the archive of the
//! receiver's server.

use std::sync::Arc;
use std::time::Duration;

use api::{MessageState, Reconnect};
use testkit::server::{Cut, Direction, Kind, Options, Ports, Server};

use crate::person::{Account, Person, mute};
use crate::place::{self, Way};
use crate::seen::{PATIENCE, text_of};
use crate::sound::SPEECH;
use crate::witness;

const BURST: usize = 100;

/// Ann behind a network that can be cut, bo on the server's own port.
async fn two(server: &Server, network: &Cut, way: Way) -> (Person, Person) {
    let ann = Account::new(server, "ann").over(way.behind(server, network.port()));
    let bo = Account::new(server, "bo");
    tokio::join!(
        Person::sign_in(&ann, SPEECH.fast()),
        Person::sign_in(&bo, mute())
    )
}

fn numbered() -> Vec<String> {
    (0..BURST)
        .map(|number| format!("number {number}"))
        .collect()
}

async fn write_burst(ann: &Person, bo: &Person) {
    write(ann, bo, &numbered()).await;
}

async fn write(ann: &Person, bo: &Person, texts: &[String]) {
    let chat = ann.chat(bo.address()).await;
    for text in texts {
        ann.say_in(chat, text).await;
    }
}

/// Everything arrives: once, in order, as bo's server, bo and ann see it.
///
/// Ticks are asked of what ann's server kept: ejabberd loses receipts that are on their way to a session while the next
/// one takes its place. They stand in bo's archive and not in ann's, so no client of hers could know of them.
async fn assert_all_arrived(ann: &Person, bo: &Person, case: &str) {
    ann.until_true(&format!("the server to have it all ({case})"), |seen| {
        let own = seen.messages.values();
        own.filter(|row| row.state >= MessageState::Sent).count() == BURST
    })
    .await;
    bo.hears(&format!("number {}", BURST - 1)).await;
    assert_eq!(
        witness::texts(&bo.account).await,
        numbered(),
        "archive, {case}"
    );
    for (person, peer) in [(ann, bo), (bo, ann)] {
        let timeline = person.timeline(peer.address()).await;
        let texts: Vec<_> = timeline.iter().filter_map(text_of).collect();
        assert_eq!(texts, numbered(), "{}, {case}", person.address());
    }
    all_receipted(bo, case).await;
    let receipted = witness::receipted(&ann.account).await;
    ann.until_true(&format!("all ticks ({case})"), |seen| {
        receipted.iter().all(|body| {
            let row = seen.text(body);
            row.is_some_and(|row| row.state >= MessageState::Delivered)
        })
    })
    .await;
}

/// Bo's client has given a receipt for each, as bo's own archive holds them.
async fn all_receipted(bo: &Person, case: &str) {
    let all = async { while witness::receipted(&bo.account).await.len() < BURST {} };
    tokio::time::timeout(PATIENCE, all)
        .await
        .unwrap_or_else(|_| panic!("a receipt for each, {case}"));
}

async fn is_cut(network: &Cut) {
    tokio::time::timeout(Duration::from_secs(20), network.is_cut())
        .await
        .expect("that many bytes to pass");
}

/// One cut in the middle of a burst.
async fn burst_with_cut(server: Arc<Server>, way: Way, direction: Direction, bytes: u64) {
    let case = format!(
        "{:?} over {way:?} cut {direction:?} after {bytes}",
        server.kind()
    );
    let network = Cut::start(way.port(&server)).unwrap();
    let (ann, bo) = two(&server, &network, way).await;
    network.cut_after(direction, bytes);
    write_burst(&ann, &bo).await;
    is_cut(&network).await;
    network.heal();
    ann.ask(Reconnect {}).await.unwrap();
    assert_all_arrived(&ann, &bo, &case).await;
}

/// At the first message, in the middle, near the end; and where only the acknowledgements are lost.
const POSITIONS: [(Direction, u64); 6] = [
    (Direction::Up, 1),
    (Direction::Up, 2_500),
    (Direction::Up, 16_000),
    (Direction::Up, 30_000),
    (Direction::Down, 1),
    (Direction::Down, 4_000),
];

async fn at_every_position(kind: Kind, way: Way, resume: Duration) {
    let options = Options {
        resume,
        ..Options::on("localhost")
    };
    let server = Arc::new(Server::start(kind, options).unwrap());
    let mut failed = Vec::new();
    for pair in POSITIONS.chunks(2) {
        let running: Vec<_> = pair
            .iter()
            .map(|(direction, bytes)| {
                tokio::spawn(burst_with_cut(server.clone(), way, *direction, *bytes))
            })
            .collect();
        for (position, running) in pair.iter().zip(running) {
            if running.await.is_err() {
                failed.push(position);
            }
        }
    }
    assert!(
        failed.is_empty(),
        "failed: {failed:?}; their words are above"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_cut_and_resumed_on_ejabberd() {
    at_every_position(Kind::Ejabberd, Way::WebSocket, Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_cut_and_resumed_on_prosody() {
    at_every_position(Kind::Prosody, Way::WebSocket, Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_cut_and_not_resumed_on_ejabberd() {
    at_every_position(Kind::Ejabberd, Way::WebSocket, Duration::ZERO).await;
}

#[test]
fn a_burst_over_starttls_is_cut_and_resumed_on_ejabberd() {
    place::trusting(
        "cuts::a_burst_over_starttls_is_cut_and_resumed_on_ejabberd",
        || {
            place::run(at_every_position(
                Kind::Ejabberd,
                Way::StartTls,
                Duration::from_secs(60),
            ));
        },
    );
}

#[test]
fn a_burst_over_starttls_is_cut_and_not_resumed_on_prosody() {
    place::trusting(
        "cuts::a_burst_over_starttls_is_cut_and_not_resumed_on_prosody",
        || {
            place::run(at_every_position(
                Kind::Prosody,
                Way::StartTls,
                Duration::ZERO,
            ));
        },
    );
}

/// Every 6 kB, as in a train: whatever is done after a cut may be cut itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_cut_again_and_again() {
    let server = place::ejabberd();
    let network = Cut::start(server.http_port()).unwrap();
    let (ann, bo) = two(&server, &network, Way::WebSocket).await;
    network.cut_after(Direction::Up, 6_000);
    write_burst(&ann, &bo).await;
    for _ in 0..5 {
        is_cut(&network).await;
        network.heal();
        network.cut_after(Direction::Up, 6_000);
        ann.ask(Reconnect {}).await.unwrap();
    }
    is_cut(&network).await;
    network.heal();
    ann.ask(Reconnect {}).await.unwrap();
    assert_all_arrived(&ann, &bo, "again and again").await;
}

/// Waits until the server has worked off what came before the cut, which is something. What it has read and not routed when it is told to
/// stop, ejabberd keeps in the sender's archive alone: lost, and nobody is told.
async fn routed(server: &Server, ann: &Person, bo: &Person) {
    // Hers leads over the network that is cut.
    let own = format!("ws://127.0.0.1:{}{}", server.http_port(), server.ws_path());
    let account = ann.account.over(own);
    let settled = async {
        loop {
            let sent = witness::texts(&account).await;
            if let Some(last) = sent.last() {
                bo.hears(last).await;
                // Asked for before and after: nothing more came meanwhile.
                if witness::receipted(&bo.account).await.len() == sent.len() {
                    return;
                }
            }
        }
    };
    tokio::time::timeout(PATIENCE, settled)
        .await
        .expect("the server to work off what it has");
}

/// The server restarts behind the cut, so nothing can be resumed and nobody remembers what was acknowledged.
async fn burst_with_restart(kind: Kind) {
    let mut server = Server::start(kind, Options::on("localhost")).unwrap();
    let network = Cut::start(server.http_port()).unwrap();
    let (ann, bo) = two(&server, &network, Way::WebSocket).await;
    let texts = numbered();
    let (first, rest) = texts.split_at(1);
    write(&ann, &bo, first).await;
    bo.hears(&texts[0]).await;
    // From here on all of it may be lost: a reset takes away what the server had not read yet.
    network.cut_after(Direction::Up, 12_000);
    write(&ann, &bo, rest).await;
    is_cut(&network).await;
    routed(&server, &ann, &bo).await;
    server.stop().unwrap();
    server.start_again().unwrap();
    network.heal();
    for person in [&ann, &bo] {
        person.ask(Reconnect {}).await.unwrap();
    }
    assert_all_arrived(&ann, &bo, &format!("{kind:?} restarted")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_cut_and_ejabberd_restarted() {
    burst_with_restart(Kind::Ejabberd).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_cut_and_prosody_restarted() {
    burst_with_restart(Kind::Prosody).await;
}

/// The upload's own connection breaks: before, in and at the end of the file, and before the answer.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_cut() {
    let ports = Ports::claim().unwrap();
    let network = Cut::start(ports.http).unwrap();
    let options = Options {
        ports: Some(ports),
        public_http_port: Some(network.port()),
        ..Options::on("localhost")
    };
    let server = Server::start(Kind::Ejabberd, options).unwrap();
    for (direction, bytes) in [
        (Direction::Up, 1),
        (Direction::Up, 3_000),
        (Direction::Up, 9_000),
        (Direction::Down, 1),
    ] {
        let ann = Account::new(&server, "ann");
        let bo = Person::sign_up(&server, "bo").await;
        let ann = Person::sign_in(&ann, SPEECH.fast()).await;
        network.cut_after(direction, bytes);
        let before = ann.say(bo.address(), "before").await;
        let spoken = ann.speak(bo.address()).await;
        let after = ann.say(bo.address(), "after").await;
        is_cut(&network).await;
        ann.reaches(spoken, MessageState::Pending).await;
        assert_eq!(
            ann.look(|seen| seen.state(spoken)),
            Some(MessageState::Pending)
        );
        network.heal();
        for message in [before, spoken, after] {
            ann.reaches(message, MessageState::Delivered).await;
        }
        let voices = bo.hears_voices(1).await;
        crate::sound::examine(&bo.client.media(voices[0].id).await.unwrap().path);
        let archived = witness::archive(&bo.account).await;
        let kinds: Vec<_> = archived
            .iter()
            .filter(|item| item.message.body.is_some())
            .map(|item| item.message.voice.is_some())
            .collect();
        assert_eq!(kinds, [false, true, false], "{direction:?} {bytes}");
    }
}
