//! The machine slept, or the network is another, and the connection of before is a black hole: open, and silent.

use std::time::{Duration, Instant};

use engine::{Change, Env, Surroundings};
use testkit::server::Cut;
use tokio::sync::broadcast;
use tokio::time::timeout;

use crate::person::{Account, Home, Person, env, mute};
use crate::place::{self, Way};

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
