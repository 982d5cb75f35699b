//! The machine slept, or the network is another, and the connection of before is a black hole: open, and silent.

use std::time::{Duration, Instant};

use engine::{Change, Env, Surroundings};
use testkit::server::Cut;
use tokio::sync::broadcast;
use tokio::time::timeout;

use crate::person::{Account, Home, Person, env, mute};
use crate::place::{self, Way};
use crate::witness;

/// Ann behind a network that can become a black hole, told of changes by the test; and bo.
async fn two(network: &Cut) -> (Person, Person, broadcast::Sender<Change>) {
    let server = place::ejabberd();
    let ann = Account::new(&server, "ann").over(Way::WebSocket.behind(&server, network.port()));
    let (tell, _) = broadcast::channel(4);
    let env = Env {
        surroundings: Surroundings::Scripted(tell.clone()),
        ..env(mute())
    };
    let ann_is_in = async {
        let person = Person::open(&ann, Home::new(), env).await;
        person.ask(ann.sign_in()).await.unwrap();
        person.online().await;
        person
    };
    let (ann, bo) = tokio::join!(ann_is_in, Person::sign_up(&server, "bo"));
    (ann, bo, tell)
}

fn network() -> Cut {
    Cut::start(place::ejabberd().http_port()).unwrap()
}

/// Words go both ways, and what was said into the black hole arrives once.
async fn assert_they_talk(ann: &Person, bo: &Person) {
    ann.say(bo.address(), "after it").await;
    bo.hears("after it").await;
    bo.say(ann.address(), "and back").await;
    ann.hears("and back").await;
    let said: Vec<_> = bo.timeline(ann.address()).await;
    assert_eq!(said.len(), 3, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_link_is_replaced_within_three_seconds_of_a_change() {
    for change in [Change::Network, Change::Woke] {
        let (_server, network) = (place::ejabberd(), network());
        let (ann, bo, tell) = two(&network).await;
        let before = network.passed().connections;
        network.swallow();
        ann.say(bo.address(), "into nothing").await;
        let told = Instant::now();
        tell.send(change).unwrap();
        let again = timeout(Duration::from_secs(10), network.has_connected(before + 1));
        again.await.expect("another connection");
        ann.online().await;
        let taken = told.elapsed();
        assert!(taken < Duration::from_secs(3), "{change:?}: {taken:?}");
        bo.hears("into nothing").await;
        assert_they_talk(&ann, &bo).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_link_nobody_tells_of_is_noticed_by_its_silence() {
    let (_server, network) = (place::ejabberd(), network());
    let (ann, bo, _tell) = two(&network).await;
    let before = network.passed().connections;
    network.swallow();
    ann.say(bo.address(), "into nothing").await;
    let soon = timeout(Duration::from_secs(5), network.has_connected(before + 1)).await;
    assert!(soon.is_err(), "who told of it?");
    let late = timeout(Duration::from_secs(15), network.has_connected(before + 1));
    late.await.expect("another connection");
    bo.hears("into nothing").await;
    assert_they_talk(&ann, &bo).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_next_try_comes_back_with_the_network() {
    let (_server, network) = (place::ejabberd(), network());
    let (ann, bo, tell) = two(&network).await;
    network.cut();
    // The third wait is one of 3 s at least.
    for wait in [500, 1_400, 2_900] {
        ann.until_true(&format!("a wait of {wait} ms"), |seen| {
            seen.waits().is_some_and(|ms| ms > wait)
        })
        .await;
    }
    network.heal();
    let told = Instant::now();
    tell.send(Change::Network).unwrap();
    ann.online().await;
    let taken = told.elapsed();
    assert!(taken < Duration::from_secs(2), "{taken:?}");
    bo.say(ann.address(), "hello again").await;
    ann.hears("hello again").await;
}

/// More than the newest page, which comes in any case.
const MANY: usize = 450;

/// Through a metered network the past waits, until the user wants it or the network is another. What is new does not wait.
#[tokio::test(flavor = "multi_thread")]
async fn the_past_waits_while_the_network_is_metered() {
    let (server, network) = (place::ejabberd(), network());
    let ann = Account::new(&server, "ann").over(Way::WebSocket.behind(&server, network.port()));
    let bo = Account::new(&server, "bo");
    let home = Person::sign_in(&ann, mute()).await.close().await;
    // While somebody is there, the server keeps nothing to be delivered later, but in the archive.
    let at_desk = ann.over(server.ws_url());
    let _desk = Person::sign_in(&at_desk, mute()).await;
    let texts: Vec<_> = (0..MANY).map(|number| format!("number {number}")).collect();
    witness::say_all(&bo, &ann.address, &texts).await;
    // It answers before all of it is written down.
    while witness::texts(&at_desk).await.len() < MANY {}

    network.cut();
    let (tell, _) = broadcast::channel(4);
    let env = Env {
        surroundings: Surroundings::Scripted(tell.clone()),
        password: Some(api::Secret(ann.password.clone())),
        ..env(mute())
    };
    let ann = Person::open(&ann, home, env).await;
    while tell.send(Change::Metered(true)).is_err() {
        tokio::task::yield_now().await;
    }
    network.heal();
    ann.ask(api::Reconnect {}).await.unwrap();
    ann.until_true("it to wait", |seen| {
        seen.sync.is_some_and(|sync| sync.metered && !sync.complete)
    })
    .await;
    ann.hears(&format!("number {}", MANY - 1)).await;
    let chat = ann.look(|seen| seen.chat(&bo.address).map(|chat| chat.id).unwrap());
    let here = ann.timeline(&bo.address).await.len();
    assert!(here < MANY, "{here}");
    witness::say_all(&bo, &ann.account.address, &["live".to_owned()]).await;
    ann.hears("live").await;
    // What is scrolled to comes.
    assert!(ann.ask(api::FetchOlder { chat }).await.unwrap());
    let more = ann.timeline(&bo.address).await.len();
    assert!((here + 2..MANY).contains(&more), "{here} {more}");

    ann.ask(api::FetchAnyway {}).await.unwrap();
    ann.until_true("all of it", |seen| {
        seen.sync.is_some_and(|sync| sync.complete && !sync.metered)
    })
    .await;
    assert_eq!(ann.timeline(&bo.address).await.len(), MANY + 1);
}
