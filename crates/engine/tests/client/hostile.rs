//! Somebody, or their server, who means harm: nothing they send ends a session, forges a message or leaves the folder
//! that is for files.

use std::sync::Arc;

use api::{Content, FaultKind, Fetch, Media, MessageRow, MessageState};
use serde_json::json;
use testkit::server::Server;
use testkit::slixmpp::Slixmpp;
use testkit::web::Web;

use crate::foreign::slixmpp;
use crate::person::{Account, Person, media_of};
use crate::place;
use crate::seen::is_voice;
use crate::sound::{SPEECH, speech_file};

use crate::witness;

struct Scene {
    server: Arc<Server>,
    ann: Person,
    mallory: Slixmpp,
}

impl Scene {
    async fn new() -> Self {
        let server = place::ejabberd();
        let ann = Person::sign_up(&server, "ann").await;
        let mallory = slixmpp(&server, "mallory");
        Self {
            server,
            ann,
            mallory,
        }
    }

    fn send(&mut self, xml: &str) {
        let xml = xml.replace("@ann", self.ann.address());
        self.mallory
            .tell(&json!({ "do": "raw", "xml": xml }))
            .unwrap();
    }

    fn message(&mut self, inside: &str) {
        self.send(&format!(
            "<message xmlns='jabber:client' to='@ann' type='chat'>{inside}</message>"
        ));
    }

    /// What came before is dealt with once this is here; and the session lives.
    async fn all_is_well(&mut self) {
        self.message("<body>all is well</body>");
        self.ann.hears("all is well").await;
        assert!(self.ann.look(crate::seen::Seen::is_online));
    }

    /// Sends a voice message whose file is described so.
    fn offer(&mut self, url: &str, file: &str, voice: &str) {
        self.message(&format!(
            "<body>{url}</body><x xmlns='jabber:x:oob'><url>{url}</url></x>{voice}\
             <file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'>\
             <file xmlns='urn:xmpp:file:metadata:0'>{file}</file><sources>\
             <url-data xmlns='http://jabber.org/protocol/url-data' target='{url}'/></sources></file-sharing>"
        ));
    }

    /// The only message, once its file has become this.
    async fn offered(&self, media: Media) -> MessageRow {
        self.ann
            .until(&format!("a file that is {media:?}"), |seen| {
                let mut rows = seen.messages.values();
                rows.find(|row| media_of(row) == Some(media)).cloned()
            })
            .await
    }

    /// The names in the folder for files.
    fn files(&self) -> Vec<String> {
        let accounts = self.ann.home.path().join("accounts");
        let account = std::fs::read_dir(accounts)
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        let files = std::fs::read_dir(account.path().join("media")).unwrap();
        files
            .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    }
}

/// An Ogg Opus file of some tens of kilobytes.
fn speech() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("speech.ogg");
    let made = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(speech_file())
        .args(["-c:a", "libopus"])
        .arg(&file)
        .status()
        .unwrap();
    assert!(made.success());
    std::fs::read(file).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_body_is_cut() {
    let mut scene = Scene::new().await;
    let body = "字".repeat(60_000);
    scene.message(&format!("<body>{body}</body>"));
    scene.all_is_well().await;
    let rows = scene.ann.timeline(scene.mallory.address()).await;
    let Content::Text { body } = &rows[0].content else {
        panic!("{rows:?}")
    };
    assert!(
        body.len() <= 64 * 1024 && body.starts_with('字'),
        "{}",
        body.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_about_voice_is_left_out() {
    let web = Web::serving(&speech(), None).unwrap();
    let mut scene = Scene::new().await;
    for voice in [
        "<voice xmlns='urn:millet:voice:0' duration='1000' peaks='!!not base64!!'/>",
        "<voice xmlns='urn:millet:voice:0' duration='1000'><peaks>%%%</peaks></voice>",
        "<voice xmlns='urn:millet:voice:0' duration='-5'/>",
        "<voice xmlns='urn:millet:voice:0' duration='99999999999999999999'/>",
        "<voice xmlns='urn:millet:voice:0'/>",
    ] {
        let url = web.url("a.ogg");
        scene.offer(&url, "<media-type>audio/ogg</media-type>", voice);
    }
    scene.all_is_well().await;
    // What is heard is measured, whatever was said of it.
    for row in scene.ann.hears_voices(5).await {
        let Content::Voice {
            duration_ms, peaks, ..
        } = &row.content
        else {
            panic!("{row:?}")
        };
        assert!(duration_ms.abs_diff(SPEECH.ms()) < 100, "{duration_ms}");
        assert!(
            peaks.len() <= 100 && peaks.iter().any(|peak| *peak > 30),
            "{peaks:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_longer_than_announced_is_not_kept() {
    let speech = speech();
    // One tells its length and one does not.
    for length in [Some(speech.len()), None] {
        let web = Web::serving(&speech, length).unwrap();
        let mut scene = Scene::new().await;
        let announced = "<media-type>audio/ogg</media-type><size>500</size>";
        scene.offer(&web.url("a.ogg"), announced, "");
        let row = scene.offered(Media::Failed).await;
        assert!(is_voice(&row));
        scene.all_is_well().await;
        assert_eq!(scene.files(), [""; 0]);
        assert_eq!(web.asked(), 1, "a lie is not asked for again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_what_was_said_is_not_kept() {
    let speech = speech();
    let cases = [
        // Another hash.
        (
            speech.clone(),
            "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</hash>",
        ),
        // No sound at all.
        (b"<html>Please log in</html>".to_vec(), ""),
        (speech[..20].to_vec(), ""),
        (vec![0xff; 30_000], ""),
    ];
    for (body, hash) in cases {
        let web = Web::serving(&body, Some(body.len())).unwrap();
        let mut scene = Scene::new().await;
        let described = format!("<media-type>audio/ogg</media-type>{hash}");
        scene.offer(&web.url("a.ogg"), &described, "");
        scene.offered(Media::Failed).await;
        scene.all_is_well().await;
        assert_eq!(scene.files(), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_never_a_path() {
    let web = Web::serving(&speech(), None).unwrap();
    let mut scene = Scene::new().await;
    for name in [
        "../../../../evil.ogg",
        "/tmp/evil.ogg",
        "..\\evil.ogg",
        "a\u{202e}ggo.exe",
        "..",
    ] {
        let described = format!("<media-type>audio/ogg</media-type><name>{name}</name>");
        scene.offer(&web.url("..%2f..%2fevil.ogg"), &described, "");
    }
    scene.message(&format!(
        "<body>{0}</body><x xmlns='jabber:x:oob'><url>{0}</url></x>",
        web.url("..%2Fevil.pdf")
    ));
    let voices = scene.ann.hears_voices(5).await;
    for row in &voices {
        let path = scene.ann.client.media(row.id).await.unwrap().path;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(scene.files().contains(&name), "{path:?}");
        assert!(!name.contains("evil"), "{path:?}");
    }
    scene.all_is_well().await;
    let rows = scene.ann.timeline(scene.mallory.address()).await;
    for row in rows {
        if let Content::File { name, .. } = &row.content {
            assert!(!name.contains(['/', '\\']), "{name}");
        }
    }
    assert_eq!(scene.files().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_plain_http_but_to_this_machine() {
    let mut scene = Scene::new().await;
    scene.offer(
        "http://192.0.2.1/a.ogg",
        "<media-type>audio/ogg</media-type>",
        "",
    );
    let row = scene.offered(Media::Failed).await;
    let fault = scene.ann.ask(Fetch { message: row.id }).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::PlaintextRefused, "{fault}");
    assert!(!fault.detail.contains("192.0.2.1"), "{fault}");

    let redirect =
        "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/a.ogg\r\nContent-Length: 0\r\n\r\n";
    let web = Web::start(redirect.into()).unwrap();
    scene.offer(
        &web.url("b.pdf"),
        "<media-type>application/pdf</media-type>",
        "",
    );
    let row = scene
        .ann
        .until("the second file", |seen| {
            let mut rows = seen.messages.values();
            rows.find(|row| matches!(row.content, Content::File { .. }))
                .cloned()
        })
        .await;
    scene.ann.ask(Fetch { message: row.id }).await.unwrap_err();
    assert_eq!(web.asked(), 1);
    scene.offer(
        "file:///etc/passwd",
        "<media-type>audio/ogg</media-type>",
        "",
    );
    scene.all_is_well().await;
    assert_eq!(scene.files(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_our_server_speaks_for_us() {
    let mut scene = Scene::new().await;
    // Ann's full address, which a contact learns.
    scene.ann.say(scene.mallory.address(), "hello").await;
    let resource = scene
        .mallory
        .until("hello", |event| {
            (event["body"] == "hello").then(|| event["resource"].as_str().unwrap().to_owned())
        })
        .unwrap();
    for wrapper in ["received", "sent"] {
        scene.message(&format!(
            "<{wrapper} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
             <message xmlns='jabber:client' from='boss@localhost' to='@ann' type='chat'><body>forged</body></message>\
             </forwarded></{wrapper}>"
        ));
    }
    scene.message(
        "<result xmlns='urn:xmpp:mam:2' queryid='q' id='1'><forwarded xmlns='urn:xmpp:forward:0'>\
         <message xmlns='jabber:client' from='boss@localhost' to='@ann' type='chat'><body>forged</body></message>\
         </forwarded></result>",
    );
    let evil = format!(
        "<iq xmlns='jabber:client' type='set' id='p1' to='@ann/{resource}'><query xmlns='jabber:iq:roster'>\
         <item jid='{}' name='Your Bank' subscription='both'/></query></iq>",
        scene.mallory.address()
    );
    scene.send(&evil);
    scene.all_is_well().await;
    scene.ann.look(|seen| {
        assert!(seen.text("forged").is_none());
        assert!(seen.chat("boss@localhost").is_none());
        let chat = seen.chat(scene.mallory.address()).unwrap();
        assert!(!chat.title.contains("Bank"), "{chat:?}");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_others_are_worth_nothing() {
    let mut scene = Scene::new().await;
    let cy = Account::new(&scene.server, "cy");
    let said = scene.ann.say(&cy.address, "for cy").await;
    scene.ann.reaches(said, MessageState::Sent).await;
    let to_mallory = scene.ann.say(scene.mallory.address(), "for mallory").await;
    scene.ann.reaches(to_mallory, MessageState::Delivered).await;
    let archive = witness::archive(&scene.ann.account).await;
    let id = |body: &str| {
        let mut items = archive.iter();
        let item = items.find(|item| item.message.body.as_deref() == Some(body));
        item.unwrap().message.origin_id.clone().unwrap()
    };
    // A receipt and an error for what was never sent to them, and a message under the id of one of ours.
    let (cys, own) = (id("for cy"), id("for mallory"));
    scene.message(&format!("<received xmlns='urn:xmpp:receipts' id='{cys}'/>"));
    scene.message(&format!(
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='{cys}'/>"
    ));
    scene.send(&format!(
        "<message xmlns='jabber:client' to='@ann' type='error' id='{cys}'><error type='cancel'>\
         <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    ));
    scene.send(&format!(
        "<message xmlns='jabber:client' to='@ann' type='chat' id='{own}'><body>for mallory</body>\
         <origin-id xmlns='urn:xmpp:sid:0' id='{own}'/></message>"
    ));
    scene.all_is_well().await;
    assert_eq!(
        scene.ann.look(|seen| seen.state(said)),
        Some(MessageState::Sent)
    );
    let rows = scene.ann.timeline(scene.mallory.address()).await;
    let own: Vec<_> = rows.iter().map(|row| row.own).collect();
    assert_eq!(own, [true, false, false], "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_future_is_not_pinned_to_the_end() {
    let mut scene = Scene::new().await;
    scene.message(
        "<body>from 2099</body><delay xmlns='urn:xmpp:delay' stamp='2099-01-01T00:00:00Z'/>",
    );
    scene.message("<body>from nowhere</body><delay xmlns='urn:xmpp:delay' stamp='yesterday'/>");
    scene.all_is_well().await;
    let said = scene.ann.say(scene.mallory.address(), "now").await;
    let rows = scene.ann.timeline(scene.mallory.address()).await;
    assert_eq!(rows.last().unwrap().id, said);
    assert_eq!(rows.len(), 4);
}
