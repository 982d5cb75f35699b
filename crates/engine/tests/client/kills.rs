//! The app dies on the way of a voice message, as by a power failure. What was said is there: one message at the
//! other side, or a draft that plays.

use api::{
    ChatId, Content, MessageState, ReadWindow, SendText, SendVoice, StartChat, VoiceDraft,
    VoiceStart, VoiceStop, WindowAnchor,
};
use testkit::server::{Cut, Direction, Kind, Options, Ports, Server};

use crate::headless::Headless;
use crate::person::{Account, Home, Person, mute};
use crate::seen::is_voice;
use crate::sound::{assert_about, examine};
use crate::witness;

/// Ann in a process of her own; her connection and everybody's uploads go through networks that can be stalled.
struct Scene {
    wire: Cut,
    uploads: Cut,
    ann: Account,
    home: Home,
    app: Headless,
    chat: ChatId,
    bo: Person,
    _server: Server,
}

impl Scene {
    async fn new() -> Self {
        let ports = Ports::claim().unwrap();
        let uploads = Cut::start(ports.http).unwrap();
        let options = Options {
            ports: Some(ports),
            public_http_port: Some(uploads.port()),
            ..Options::on("localhost")
        };
        let server = Server::start(Kind::Ejabberd, options).unwrap();
        let wire = Cut::start(server.http_port()).unwrap();
        let way = format!("ws://127.0.0.1:{}{}", wire.port(), server.ws_path());
        let ann = Account::new(&server, "ann").over(way);
        let bo = Person::sign_in(&Account::new(&server, "bo"), mute()).await;
        let home = Home::new();
        let mut app = Headless::start(&ann, &home, &[]);
        app.ask(ann.sign_in()).await;
        let address = bo.address().to_owned();
        let chat = app.ask(StartChat { address }).await;
        Self {
            wire,
            uploads,
            ann,
            home,
            app,
            chat,
            bo,
            _server: server,
        }
    }

    /// Presses the button, and waits until a second was said.
    async fn record(&mut self) -> VoiceDraft {
        let draft = self.app.ask(VoiceStart { chat: self.chat }).await;
        self.app
            .until_true("a second of speech", |seen| seen.recorded_ms >= 1_000)
            .await;
        draft
    }

    async fn record_and_stop(&mut self) -> VoiceDraft {
        let draft = self.record().await.id;
        self.app.ask(VoiceStop { draft }).await
    }

    /// Records and sends, with uploads that do not get through.
    async fn send_into_stalled_upload(&mut self) -> VoiceDraft {
        let draft = self.record_and_stop().await;
        self.uploads.stall();
        let id = draft.id.clone();
        let message = self
            .app
            .ask(SendVoice {
                chat: self.chat,
                draft: id,
            })
            .await;
        self.app
            .until_true("the upload to begin", |seen| {
                seen.transfers.get(&message).is_some_and(|done| *done > 0)
            })
            .await;
        draft
    }

    /// Kills the app and starts it again, with networks that work.
    async fn kill_and_restart(&mut self) {
        // The process is gone before its connections move on.
        self.app.kill();
        self.wire.heal();
        self.uploads.heal();
        self.app = Headless::start(&self.ann, &self.home, &[]);
        self.app
            .until_true("being online again", crate::seen::Seen::is_online)
            .await;
    }

    /// The only draft there is, checked to play.
    fn draft(&self) -> VoiceDraft {
        let drafts = self
            .app
            .look(|seen| seen.chats[&self.chat].voice_drafts.clone());
        let [draft] = drafts.as_slice() else {
            panic!("{drafts:?}")
        };
        assert!(!draft.recording);
        let accounts = self.home.path().join("accounts");
        let account = std::fs::read_dir(accounts)
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        let file = account.path().join(format!("drafts/{}.ogg", draft.id));
        assert_about(examine(&file), draft.duration_ms);
        assert!(
            draft.peaks.iter().any(|peak| *peak > 30),
            "{:?}",
            draft.peaks
        );
        draft.clone()
    }

    /// One voice message has arrived, of this length, before what is said now; nothing is left to send.
    async fn assert_arrived_once(&mut self, duration_ms: u32) {
        let (chat, body) = (self.chat, "the end".to_owned());
        let end = self.app.ask(SendText { chat, body }).await;
        self.app
            .until_true("the last ticks", |seen| {
                seen.state(end) == Some(MessageState::Delivered)
            })
            .await;
        self.bo.hears("the end").await;
        let voices = self.bo.hears_voices(1).await;
        let [voice] = voices.as_slice() else {
            panic!("{voices:?}")
        };
        let Content::Voice {
            duration_ms: heard, ..
        } = voice.content
        else {
            panic!("{voice:?}")
        };
        assert_about(heard, duration_ms);
        let file = self.bo.client.media(voice.id).await.unwrap().path;
        assert_about(examine(&file), duration_ms);
        assert_eq!(
            witness::voices(&self.bo.account).await.len(),
            1,
            "in bo's archive"
        );

        let anchor = WindowAnchor::Latest;
        let window = self.app.ask(ReadWindow { chat, anchor }).await;
        let own: Vec<_> = window.rows.iter().filter(|row| is_voice(row)).collect();
        assert_eq!(own.len(), 1, "{own:?}");
        assert!(own[0].state >= MessageState::Sent, "{own:?}");
        assert_eq!(
            self.app.look(|seen| seen.chats[&chat].voice_drafts.len()),
            0
        );
    }

    async fn send(&mut self, draft: VoiceDraft) {
        let (chat, draft) = (self.chat, draft.id);
        self.app.ask(SendVoice { chat, draft }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_recording() {
    let mut scene = Scene::new().await;
    scene.record().await;
    let recorded = scene.app.look(|seen| seen.recorded_ms);
    scene.kill_and_restart().await;
    let draft = scene.draft();
    // A page of 200 ms, the packet that shows it is full, and a busy machine's wake-up.
    assert!(
        draft.duration_ms + 300 >= recorded,
        "{draft:?} of {recorded} ms"
    );
    scene.send(draft.clone()).await;
    scene.assert_arrived_once(draft.duration_ms).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_release_and_before_sending() {
    let mut scene = Scene::new().await;
    let stopped = scene.record_and_stop().await;
    scene.kill_and_restart().await;
    let draft = scene.draft();
    assert_eq!(draft, stopped);
    scene.send(draft.clone()).await;
    scene.assert_arrived_once(draft.duration_ms).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_uploading() {
    let mut scene = Scene::new().await;
    let draft = scene.send_into_stalled_upload().await;
    scene.kill_and_restart().await;
    scene.assert_arrived_once(draft.duration_ms).await;
}

/// The file is on the server, and the message has not left this machine.
#[tokio::test(flavor = "multi_thread")]
async fn after_the_upload_and_before_the_message() {
    let mut scene = Scene::new().await;
    let draft = scene.send_into_stalled_upload().await;
    scene.wire.stall();
    let before = scene.uploads.passed().down;
    scene.uploads.heal();
    scene.uploads.has_passed(Direction::Down, before + 12).await;
    scene.kill_and_restart().await;
    scene.assert_arrived_once(draft.duration_ms).await;
}

/// The message is with bo, and the app does not know.
#[tokio::test(flavor = "multi_thread")]
async fn after_the_message_and_before_the_ack() {
    let mut scene = Scene::new().await;
    let draft = scene.send_into_stalled_upload().await;
    scene.wire.stall_one_way(Direction::Down);
    scene.uploads.heal();
    scene.bo.hears_voices(1).await;
    let sent = |seen: &crate::seen::Seen| {
        seen.voices()
            .iter()
            .any(|row| row.state >= MessageState::Sent)
    };
    assert!(!scene.app.look(sent));
    scene.kill_and_restart().await;
    scene.assert_arrived_once(draft.duration_ms).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_ack() {
    let mut scene = Scene::new().await;
    let draft = scene.record_and_stop().await;
    scene.send(draft.clone()).await;
    scene
        .app
        .until_true("the ack", |seen| {
            seen.voices()
                .iter()
                .any(|row| row.state >= MessageState::Sent)
        })
        .await;
    scene.kill_and_restart().await;
    scene.assert_arrived_once(draft.duration_ms).await;
}
