//! What was said while we were away: newest first, whole in the end, and nothing twice.

use api::{FetchOlder, History, ReadWindow, WindowAnchor};
use testkit::server::{Cut, Direction, Kind, Options, Server};

use crate::headless::Headless;
use crate::person::{Account, Home, Person, mute};
use crate::place;
use crate::seen::{Seen, text_of};
use crate::witness;

fn numbered(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| format!("number {number}")).collect()
}

/// Thousands of lines are no words for a failure.
#[track_caller]
fn assert_same(found: &[String], expected: &[String]) {
    let first = found.iter().zip(expected).position(|(a, b)| a != b);
    let around = first.map(|at| &found[at.saturating_sub(3)..(at + 4).min(found.len())]);
    assert_eq!((around, found.len()), (None, expected.len()));
}

async fn texts(person: &Person, with: &str) -> Vec<String> {
    let timeline = person.timeline(with).await;
    let texts = timeline.iter().filter_map(text_of);
    texts.map(str::to_owned).collect()
}

/// Killed again and again while 2,500 messages come.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_absence_with_kills() {
    let server = place::ejabberd();
    let ann = Account::new(&server, "ann");
    // Somebody is there, or the server keeps the messages apart as well, and refuses too many.
    let bo = Person::sign_up(&server, "bo").await;
    let words = numbered(0..2_540);
    witness::say_all(&ann, bo.address(), &words[..40]).await;
    let home = Home::new();
    let mut phone = Headless::start(&bo.account, &home, &[]);
    phone.ask(bo.account.sign_in()).await;
    phone.until_true("all of it", Seen::is_whole).await;
    phone.close();
    for batch in words[40..].chunks(250) {
        witness::say_all(&ann, bo.address(), batch).await;
    }
    bo.hears("number 2539").await;
    assert_same(&witness::texts(&bo.account).await, &words);
    let mut held = 0;
    for _ in 0..4 {
        let mut phone = Headless::start(&bo.account, &home, &[]);
        phone
            .until_true("more than before", |seen| {
                seen.sync.is_some_and(|sync| sync.held > held)
            })
            .await;
        held = phone.look(|seen| seen.sync.unwrap().held);
        phone.kill();
    }
    let phone = Person::start(&bo.account, home).await;
    phone.until_true("all of it", Seen::is_whole).await;
    assert_same(&texts(&phone, &ann.address).await, &words);
    let state = phone.ask(History {}).await.unwrap();
    assert!(
        state.complete && state.gaps.is_empty() && state.db_bytes > 0,
        "{state:?}"
    );
    // The receipts are items too.
    assert!(
        state.held >= 2_540 && state.total == Some(state.held),
        "{state:?}"
    );
}

/// The connection breaks behind the newest page: the window says where something is missing, and so does nothing of what
/// comes live.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_says_what_is_missing() {
    let server = place::ejabberd();
    let network = Cut::start(server.http_port()).unwrap();
    let way = format!("ws://127.0.0.1:{}{}", network.port(), server.ws_path());
    let ann = Account::new(&server, "ann");
    let bo = Person::sign_up(&server, "bo").await;
    let words = numbered(0..1_500);
    witness::say_all(&ann, bo.address(), &words[..10]).await;
    bo.hears("number 9").await;
    let phone = Person::sign_in(&bo.account.over(&way), mute()).await;
    phone.until_true("all of it", Seen::is_whole).await;
    let home = phone.close().await;
    for batch in words[10..].chunks(250) {
        witness::say_all(&ann, bo.address(), batch).await;
    }
    bo.hears("number 1499").await;

    // About 700 bytes a message.
    network.cut_after(Direction::Down, 300_000);
    let phone = Person::start(&bo.account.over(&way), home).await;
    phone.hears("number 1499").await;
    tokio::time::timeout(std::time::Duration::from_secs(20), network.is_cut())
        .await
        .expect("that many bytes to pass");
    let chat = phone.chat(&ann.address).await;
    let anchor = WindowAnchor::Latest;
    let latest = phone.ask(ReadWindow { chat, anchor }).await.unwrap();
    assert_eq!(text_of(latest.rows.last().unwrap()), Some("number 1499"));
    let state = phone.ask(History {}).await.unwrap();
    let [gap] = state.gaps[..] else {
        panic!("{state:?}")
    };
    let timeline = phone.timeline(&ann.address).await;
    let at = timeline
        .iter()
        .rposition(|row| row.at <= gap.after)
        .unwrap();
    assert_eq!(text_of(&timeline[at]), Some("number 9"));
    let anchor = WindowAnchor::Around {
        id: timeline[at].id,
    };
    let around = phone.ask(ReadWindow { chat, anchor }).await.unwrap();
    assert_eq!(around.gaps, [gap]);

    network.heal();
    phone.ask(api::Reconnect {}).await.unwrap();
    phone.until_true("all of it", Seen::is_whole).await;
    assert_same(&texts(&phone, &ann.address).await, &words);
    let anchor = WindowAnchor::Latest;
    let latest = phone.ask(ReadWindow { chat, anchor }).await.unwrap();
    assert!(latest.gaps.is_empty() && !latest.older_missing);
    assert!(!phone.ask(FetchOlder { chat }).await.unwrap());
}

/// Said, and the acknowledgement lost; 400 messages later the app comes back. It stands below a hole then.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_doubt_lies_below_a_hole() {
    let server = place::ejabberd();
    let network = Cut::start(server.http_port()).unwrap();
    let way = format!("ws://127.0.0.1:{}{}", network.port(), server.ws_path());
    let bo = Person::sign_up(&server, "bo").await;
    let account = Account::new(&server, "ann");
    let desk = Person::sign_in(&account, mute()).await;
    let phone = Person::sign_in(&account.over(&way), mute()).await;
    let before = phone.say(bo.address(), "before").await;
    phone.reaches(before, api::MessageState::Delivered).await;
    network.stall_one_way(Direction::Down);
    phone.say(bo.address(), "in doubt").await;
    bo.hears("in doubt").await;
    network.cut();
    let home = phone.close().await;
    witness::say_all(&bo.account, &account.address, &numbered(0..400)).await;
    desk.hears("number 399").await;

    network.heal();
    let phone = Person::start(&account.over(&way), home).await;
    phone.online().await;
    let last = phone.say(bo.address(), "after").await;
    phone.reaches(last, api::MessageState::Delivered).await;
    phone.until_true("all of it", Seen::is_whole).await;
    let mut words = vec!["before".to_owned(), "in doubt".to_owned()];
    words.extend(numbered(0..400));
    words.push("after".to_owned());
    assert_eq!(witness::texts(&bo.account).await, words);
    for person in [&phone, &desk] {
        assert_eq!(
            texts(person, bo.address()).await,
            words,
            "{}",
            person.address()
        );
    }
}

/// A new device: a chat that is looked at comes before the rest of the archive.
#[tokio::test(flavor = "multi_thread")]
async fn the_chat_that_is_looked_at_comes_first() {
    let server = place::ejabberd();
    let (ann, cy) = (Account::new(&server, "ann"), Account::new(&server, "cy"));
    let bo = Person::sign_up(&server, "bo").await;
    let words = numbered(0..151);
    witness::say_all(&ann, bo.address(), &words[..150]).await;
    for batch in numbered(0..1_000).chunks(250) {
        witness::say_all(&cy, bo.address(), batch).await;
    }
    bo.hears("number 999").await;
    let new = Account::new(&server, "ann");
    witness::say_all(&new, bo.address(), &words[150..]).await;
    let device = Person::sign_in(&bo.account, mute()).await;
    let chat = device.chat(&ann.address).await;
    while device.ask(FetchOlder { chat }).await.unwrap() {}
    assert_eq!(texts(&device, &ann.address).await, words[..150]);
    device.until_true("all of it", Seen::is_whole).await;
    assert_eq!(texts(&device, &ann.address).await, words[..150]);
    assert_eq!(texts(&device, &cy.address).await.len(), 1_000);
}

/// Where an archive keeps nothing until it is asked to, it is: what is said from then on is there for the next device, also
/// what another client of ours says.
#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_keeps_nothing_is_asked_to() {
    for kind in Kind::ALL {
        let options = Options {
            keeps_all: false,
            ..Options::on("localhost")
        };
        let server = Server::start(kind, options).unwrap();
        let (ann, bo) = (Account::new(&server, "ann"), Account::new(&server, "bo"));
        let before = numbered(0..2);
        let bos = Person::sign_in(&bo, mute()).await;
        witness::say_all(&ann, &bo.address, &before).await;
        bos.hears("number 1").await;
        let empty = witness::texts(&ann).await;
        assert!(empty.is_empty(), "{kind:?} kept {empty:?} unasked");

        let desk = Person::sign_in(&ann, mute()).await;
        desk.say(&bo.address, "from my desk").await;
        bos.hears("from my desk").await;
        bos.say(&ann.address, "an answer").await;
        desk.hears("an answer").await;
        desk.close().await;
        witness::say_all(&ann, &bo.address, &["by another client".to_owned()]).await;
        bos.hears("by another client").await;

        let phone = Person::sign_in(&ann, mute()).await;
        phone.until_true("all of it", Seen::is_whole).await;
        let words = ["from my desk", "an answer", "by another client"];
        assert_eq!(texts(&phone, &bo.address).await, words, "{kind:?}");
    }
}
