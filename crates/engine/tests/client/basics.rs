//! What two people do all day, on each server and over each transport.

use std::sync::Arc;

use api::{
    Connection, Content, FaultKind, MarkRead, MessageState, Reconnect, Register, SetDraft, SignIn,
    SignOut, StartChat,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use testkit::server::{Cut, Kind, Options, Server};

use crate::person::{Account, Home, Person, env, mute};
use crate::place::{self, Way};
use crate::seen::text_of;
use crate::sound::{SPEECH, assert_about, examine};

/// A server and how to reach it.
struct Scene {
    server: Server,
    way: Way,
}

impl Scene {
    fn address(&self) -> String {
        self.behind(self.port())
    }

    fn port(&self) -> u16 {
        self.way.port(&self.server)
    }

    /// The address where the same server answers on another port.
    fn behind(&self, port: u16) -> String {
        self.way.behind(&self.server, port)
    }

    fn account(&self, name: &str) -> Account {
        Account::new(&self.server, name).over(self.address())
    }

    async fn person(&self, name: &str) -> Person {
        Person::sign_in(&self.account(name), mute()).await
    }
}

#[test]
fn ejabberd_over_websocket() {
    place::run(all(Kind::Ejabberd, Way::WebSocket));
}

#[test]
fn prosody_over_websocket() {
    place::run(all(Kind::Prosody, Way::WebSocket));
}

#[test]
fn ejabberd_over_starttls() {
    place::trusting("basics::ejabberd_over_starttls", || {
        place::run(all(Kind::Ejabberd, Way::StartTls));
    });
}

#[test]
fn prosody_over_starttls() {
    place::trusting("basics::prosody_over_starttls", || {
        place::run(all(Kind::Prosody, Way::StartTls));
    });
}

/// Runs every check at the same time on one server, and names those that fail.
async fn all(kind: Kind, way: Way) {
    let options = Options {
        registration: true,
        ..Options::on("localhost")
    };
    let server = Server::start(kind, options).unwrap();
    let scene = Arc::new(Scene { server, way });
    let checks: [(&str, BoxFuture<'static, ()>); 7] = [
        ("text", text_goes_both_ways(scene.clone()).boxed()),
        ("sent", sent_is_not_delivered(scene.clone()).boxed()),
        ("voice", voice_goes_both_ways(scene.clone()).boxed()),
        (
            "password",
            a_wrong_password_is_told_once(scene.clone()).boxed(),
        ),
        ("register", an_account_is_made_once(scene.clone()).boxed()),
        ("drafts", a_draft_outlives_the_app(scene.clone()).boxed()),
        (
            "sign out",
            signing_out_and_in_keeps_everything(scene.clone()).boxed(),
        ),
    ];
    let running = checks.map(|(name, check)| (name, tokio::spawn(check)));
    let mut failed = Vec::new();
    for (name, check) in running {
        if check.await.is_err() {
            failed.push(name);
        }
    }
    assert!(
        failed.is_empty(),
        "failed: {failed:?}; their words are above"
    );
}

async fn text_goes_both_ways(scene: Arc<Scene>) {
    let (ann, bo) = tokio::join!(scene.person("ann"), scene.person("bo"));
    let words = "你好, bo! <b>&amp;</b> 👋🏽\n안녕";
    let said = ann.say(bo.address(), words).await;
    let heard = bo.hears(words).await;
    assert_eq!(heard.author, ann.address());
    assert!(!heard.own);
    assert_eq!(heard.state, MessageState::Received);
    ann.reaches(said, MessageState::Delivered).await;

    let unread = bo.until("a chat with ann", |seen| {
        seen.chat(ann.address())
            .filter(|chat| chat.unread > 0)
            .cloned()
    });
    let chat = unread.await;
    assert_eq!(chat.unread, 1);
    assert_eq!(chat.last.unwrap().preview, words);
    bo.ask(MarkRead {
        chat: chat.id,
        upto: heard.id,
    })
    .await
    .unwrap();
    bo.until_true("nothing unread", |seen| seen.chats[&chat.id].unread == 0)
        .await;
    ann.reaches(said, MessageState::Read).await;
    let states = ann.look(|seen| seen.states[&said].clone());
    assert_eq!(states.first(), Some(&MessageState::Pending), "{states:?}");
    assert!(states.is_sorted(), "{states:?}");

    // Back, several, of which the last is read: that stands for those before.
    let mut answers = Vec::new();
    for number in 0..5 {
        answers.push(bo.say_in(chat.id, &format!("answer {number}")).await);
    }
    let last = ann.hears("answer 4").await;
    ann.until_true("five unread", |seen| seen.chats[&last.chat].unread == 5)
        .await;
    ann.ask(MarkRead {
        chat: last.chat,
        upto: last.id,
    })
    .await
    .unwrap();
    for answer in answers {
        bo.reaches(answer, MessageState::Read).await;
    }
    for (person, peer) in [(&ann, &bo), (&bo, &ann)] {
        let timeline = person.timeline(peer.address()).await;
        let texts: Vec<_> = timeline.iter().filter_map(text_of).collect();
        assert_eq!(
            texts,
            [
                words, "answer 0", "answer 1", "answer 2", "answer 3", "answer 4"
            ]
        );
    }
}

async fn sent_is_not_delivered(scene: Arc<Scene>) {
    let ann = scene.person("ann").await;
    let never_there = scene.account("cy");
    let said = ann.say(&never_there.address, "are you there?").await;
    ann.reaches(said, MessageState::Sent).await;
    let nobody = scene.server.address("nobody-of-that-name");
    let lost = ann.say(&nobody, "and you?").await;
    ann.reaches(lost, MessageState::Failed).await;
    ann.until_true("the reason", |seen| {
        seen.messages[&lost].fault == Some(FaultKind::Undeliverable)
    })
    .await;
    assert_eq!(ann.look(|seen| seen.state(said)), Some(MessageState::Sent));
}

async fn voice_goes_both_ways(scene: Arc<Scene>) {
    let (ann, bo) = (scene.account("ann"), scene.account("bo"));
    let (ann, bo) = tokio::join!(
        Person::sign_in(&ann, SPEECH.fast()),
        Person::sign_in(&bo, SPEECH.fast())
    );
    for (from, to) in [(&ann, &bo), (&bo, &ann)] {
        let said = from.speak(to.address()).await;
        from.reaches(said, MessageState::Delivered).await;
        let heard = to
            .until("a voice message of theirs, with sound", |seen| {
                let voices = seen.voices();
                let theirs = voices.into_iter().find(|row| !row.own)?;
                (crate::person::media_of(theirs) == Some(api::Media::Here)).then(|| theirs.clone())
            })
            .await;
        let Content::Voice {
            duration_ms,
            peaks,
            heard: listened,
            ..
        } = &heard.content
        else {
            panic!("{heard:?}")
        };
        assert_about(*duration_ms, SPEECH.ms());
        assert!(!listened);
        assert!(peaks.iter().any(|peak| *peak > 60), "{peaks:?}");
        let (mine, theirs) = (
            from.client.media(said).await.unwrap(),
            to.client.media(heard.id).await.unwrap(),
        );
        assert_about(examine(&theirs.path), SPEECH.ms());
        let (mine, theirs) = (std::fs::read(mine.path), std::fs::read(theirs.path));
        assert!(mine.unwrap() == theirs.unwrap(), "the files differ");
        from.until_true("progress", |seen| seen.transfers.contains_key(&said))
            .await;
    }
}

async fn a_wrong_password_is_told_once(scene: Arc<Scene>) {
    let network = Cut::start(scene.port()).unwrap();
    let right = scene.account("ann").over(scene.behind(network.port()));
    let wrong = Account {
        password: "not hers".into(),
        ..right.clone()
    };
    let home = Home::new();
    let ann = Person::open(&wrong, home.clone(), env(mute())).await;
    let fault = ann.ask(wrong.sign_in()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::WrongPassword, "{fault}");
    assert_eq!(network.passed().connections, 1);
    ann.ask(right.sign_in()).await.unwrap();
    ann.online().await;
    let home = ann.close().await;
    let before = network.passed().connections;

    // A stored account whose password was changed elsewhere: told, and not tried again.
    let ann = Person::start(&wrong, home).await;
    ann.until_true("the fault", |seen| {
        matches!(&seen.connection, Connection::Error { fault } if fault.kind == FaultKind::WrongPassword)
    })
    .await;
    ann.close().await;
    assert_eq!(network.passed().connections, before + 1);
}

async fn an_account_is_made_once(scene: Arc<Scene>) {
    let name = place::name_of_its_own("new");
    let account = Account {
        address: scene.server.address(&name),
        password: "a fine password".into(),
        server: scene.address(),
    };
    let register = |account: &Account| {
        let SignIn {
            address,
            password,
            server,
        } = account.sign_in();
        Register {
            address,
            password,
            server,
        }
    };
    let ann = Person::open(&account, Home::new(), env(mute())).await;
    let told = ann.ask(register(&account)).await.unwrap();
    assert_eq!(told.address, account.address);
    assert!(!told.password_kept);
    ann.online().await;
    let second = Person::open(&account, Home::new(), env(mute())).await;
    let fault = second.ask(register(&account)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NameTaken, "{fault}");
    assert!(second.look(|seen| seen.account.is_none()));
}

async fn a_draft_outlives_the_app(scene: Arc<Scene>) {
    let ann = Person::sign_in(&scene.account("ann"), SPEECH.fast()).await;
    let bo = scene.account("bo");
    let chat = ann.chat(&bo.address).await;
    let text = "not quite fini".to_owned();
    ann.ask(SetDraft { chat, text }).await.unwrap();
    let draft = ann.ask(api::VoiceStart { chat }).await.unwrap().id;
    let draft = ann.ask(api::VoiceStop { draft }).await.unwrap();
    assert_about(draft.duration_ms, SPEECH.ms());
    let account = ann.account.clone();
    let ann = Person::start(&account, ann.close().await).await;
    ann.online().await;
    let row = ann.look(|seen| seen.chats[&chat].clone());
    assert_eq!(row.draft, "not quite fini");
    assert_eq!(row.voice_drafts, [draft]);
    // What is sent is no draft any more.
    ann.say_in(chat, "finished").await;
    ann.until_true("no draft", |seen| seen.chats[&chat].draft.is_empty())
        .await;
    let draft = row.voice_drafts[0].id.clone();
    ann.ask(api::VoiceDiscard { draft }).await.unwrap();
    ann.until_true("no voice draft", |seen| {
        seen.chats[&chat].voice_drafts.is_empty()
    })
    .await;
}

async fn signing_out_and_in_keeps_everything(scene: Arc<Scene>) {
    let (ann, bo) = tokio::join!(scene.person("ann"), scene.person("bo"));
    let said = ann.say(bo.address(), "before").await;
    ann.reaches(said, MessageState::Delivered).await;
    ann.ask(SignOut {}).await.unwrap();
    ann.until_true("being signed out", |seen| seen.account.is_none())
        .await;
    let address = bo.address().to_owned();
    let fault = ann.ask(StartChat { address }).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotSignedIn);
    bo.say(ann.address(), "meanwhile").await;
    ann.ask(ann.account.sign_in()).await.unwrap();
    ann.online().await;
    ann.ask(Reconnect {}).await.unwrap();
    ann.hears("meanwhile").await;
    let timeline = ann.timeline(bo.address()).await;
    let texts: Vec<_> = timeline.iter().filter_map(text_of).collect();
    assert_eq!(texts, ["before", "meanwhile"]);
}
