//! The server goes away and comes back, and so does the app.

use api::{MessageState, Reconnect};
use testkit::server::{Kind, Options, Server};

use crate::person::{Account, Person, mute};
use crate::seen::text_of;
use crate::sound::SPEECH;
use crate::witness;

#[tokio::test(flavor = "multi_thread")]
async fn ejabberd_stopped_and_started() {
    stopped_and_started(Kind::Ejabberd).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prosody_stopped_and_started() {
    stopped_and_started(Kind::Prosody).await;
}

async fn stopped_and_started(kind: Kind) {
    let mut server = Server::start(kind, Options::on("localhost")).unwrap();
    let (ann, bo) = (Account::new(&server, "ann"), Account::new(&server, "bo"));
    let ann = Person::sign_in(&ann, SPEECH.fast()).await;
    let bo = Person::sign_in(&bo, mute()).await;
    ann.say(bo.address(), "while it is there").await;
    ann.speak(bo.address()).await;
    bo.hears("while it is there").await;
    bo.hears_voices(1).await;

    server.stop().unwrap();
    ann.until_true("noticing", |seen| !seen.is_online()).await;
    let mut written = vec!["while it is there".to_owned()];
    for number in 0..10 {
        written.push(format!("offline {number}"));
        ann.say(bo.address(), written.last().unwrap()).await;
    }
    let spoken = ann.speak(bo.address()).await;
    written.push("after the voice".into());
    let last = ann.say(bo.address(), "after the voice").await;
    ann.reaches(last, MessageState::Pending).await;
    assert_eq!(
        ann.look(|seen| seen.state(last)),
        Some(MessageState::Pending)
    );

    // The app is closed and opened without a server: everything is there, and plays.
    let account = ann.account.clone();
    let ann = Person::start(&account, ann.close().await).await;
    let timeline = ann.timeline(bo.address()).await;
    let texts: Vec<_> = timeline.iter().filter_map(text_of).collect();
    assert_eq!(texts, written);
    let file = ann.client.media(spoken).await.unwrap().path;
    crate::sound::examine(&file);

    server.start_again().unwrap();
    for person in [&ann, &bo] {
        person.ask(Reconnect {}).await.unwrap();
    }
    bo.hears("after the voice").await;
    bo.hears_voices(2).await;
    ann.reaches(last, MessageState::Delivered).await;
    for (person, peer) in [(&ann, &bo), (&bo, &ann)] {
        let timeline = person.timeline(peer.address()).await;
        let texts: Vec<_> = timeline.iter().filter_map(text_of).collect();
        assert_eq!(texts, written, "{}", person.address());
        // The voice message has its place among the words.
        assert!(text_of(&timeline[timeline.len() - 2]).is_none());
    }
    let archived: Vec<_> = witness::texts(&bo.account)
        .await
        .into_iter()
        .filter(|body| !body.starts_with("http"))
        .collect();
    assert_eq!(archived, written);
    assert_eq!(witness::voices(&bo.account).await.len(), 2);
}
