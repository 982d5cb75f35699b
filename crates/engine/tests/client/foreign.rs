//! Somebody with a client that has nothing to do with Millet.

use std::path::Path;

use api::{Content, MarkRead, Media, MessageState, Presence};
use serde_json::{Value, json};
use testkit::server::Server;
use testkit::slixmpp::Slixmpp;

use crate::person::{Account, Person, mute};
use crate::place;
use crate::seen::text_of;
use crate::sound::{SPEECH, assert_about, examine, speech_file};

/// A new account, signed in with slixmpp.
pub fn slixmpp(server: &Server, name: &str) -> Slixmpp {
    let name = place::name_of_its_own(name);
    server.register(&name, "a fine password").unwrap();
    Slixmpp::sign_in(server, &name, "a fine password").unwrap()
}

/// Waits for a message that says this.
fn says(foreign: &Slixmpp, text: &str) -> Value {
    foreign
        .until(text, |event| {
            (event["event"] == "message" && event["body"] == text).then(|| event.clone())
        })
        .unwrap()
}

/// Waits for a message with this set.
fn with(foreign: &Slixmpp, field: &str) -> Value {
    foreign
        .until(field, |event| {
            (!event[field].is_null()).then(|| event.clone())
        })
        .unwrap()
}

fn download(url: &str, name: &str) -> std::path::PathBuf {
    let file =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    let fetched = std::process::Command::new("python3")
        .args([
            "-c",
            "import sys, urllib.request as r; r.urlretrieve(*sys.argv[1:])",
            url,
        ])
        .arg(&file)
        .status()
        .unwrap();
    assert!(fetched.success());
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn words_both_ways() {
    let server = place::ejabberd();
    let ann = Person::sign_up(&server, "ann").await;
    let mut kim = slixmpp(&server, "kim");
    let kims = kim.address().to_owned();

    let said = ann.say(&kims, "can you read <this> & 这个?").await;
    let read = says(&kim, "can you read <this> & 这个?");
    assert_eq!(read["sender"], ann.address());
    assert_eq!(read["type"], "chat");
    assert_eq!(read["wants_receipt"], true);
    assert_eq!(read["markable"], true);
    assert_eq!(read["origin_id"], read["id"]);
    // slixmpp answers the receipt request by itself.
    ann.reaches(said, MessageState::Delivered).await;
    let marker = format!(
        "<message xmlns='jabber:client' to='{}' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='{}'/></message>",
        ann.address(),
        read["id"].as_str().unwrap()
    );
    kim.tell(&json!({ "do": "raw", "xml": marker })).unwrap();
    ann.reaches(said, MessageState::Read).await;

    // As the oldest clients send: no id, no receipt, no marker. Twice the same is two messages.
    for body in ["plain", "plain", "end"] {
        let xml = format!(
            "<message xmlns='jabber:client' to='{}'><body>{body}</body></message>",
            ann.address()
        );
        kim.tell(&json!({ "do": "raw", "xml": xml })).unwrap();
    }
    ann.hears("end").await;
    kim.tell(&json!({ "do": "text", "to": ann.address(), "body": "with slixmpp's own id" }))
        .unwrap();
    let last = ann.hears("with slixmpp's own id").await;
    let timeline = ann.timeline(&kims).await;
    let texts: Vec<_> = timeline
        .iter()
        .filter(|row| !row.own)
        .filter_map(text_of)
        .collect();
    assert_eq!(texts, ["plain", "plain", "end", "with slixmpp's own id"]);
    assert_eq!(ann.look(|seen| seen.chats[&last.chat].unread), 4);
    let (chat, upto) = (last.chat, last.id);
    ann.ask(MarkRead { chat, upto }).await.unwrap();
    ann.until_true("nothing unread", |seen| seen.chats[&chat].unread == 0)
        .await;
    // Nobody asked for receipts or markers, so the end comes without any before it.
    ann.say(&kims, "the end").await;
    says(&kim, "the end");
    let unasked = |event: &Value| !event["receipt"].is_null() || !event["displayed"].is_null();
    assert!(!kim.events().iter().any(unasked), "{:?}", kim.events());
    // After a restart the archive holds the same messages, and they are found again.
    let account = ann.account.clone();
    let ann = Person::start(&account, ann.close().await).await;
    ann.online().await;
    assert_eq!(ann.timeline(&kims).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_for_receipts_and_markers_are_given_once() {
    let server = place::ejabberd();
    let ann = Person::sign_up(&server, "ann").await;
    let mut kim = slixmpp(&server, "kim");
    let xml = format!(
        "<message xmlns='jabber:client' to='{}' type='chat' id='k1'><body>tick?</body>\
         <request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>",
        ann.address()
    );
    kim.tell(&json!({ "do": "raw", "xml": xml })).unwrap();
    let heard = ann.hears("tick?").await;
    assert_eq!(with(&kim, "receipt")["receipt"], "k1");
    let (chat, upto) = (heard.chat, heard.id);
    ann.ask(MarkRead { chat, upto }).await.unwrap();
    ann.ask(MarkRead { chat, upto }).await.unwrap();
    assert_eq!(with(&kim, "displayed")["displayed"], "k1");
    ann.say(kim.address(), "the end").await;
    says(&kim, "the end");
    for field in ["receipt", "displayed"] {
        let events = kim.events();
        let times = events.iter().filter(|event| event[field] == "k1").count();
        assert_eq!(times, 1, "{field}: {events:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_voice_is_a_file_that_plays() {
    let server = place::ejabberd();
    let ann = Person::sign_in(&Account::new(&server, "ann"), SPEECH.fast()).await;
    let mut kim = slixmpp(&server, "kim");
    let said = ann.speak(kim.address()).await;
    let voice = with(&kim, "voice");
    let url = voice["body"].as_str().unwrap();
    assert_eq!(voice["oob"], url);
    let shared = &voice["shared"];
    assert_eq!(shared["url"], url);
    assert!(
        shared["media_type"]
            .as_str()
            .unwrap()
            .starts_with("audio/ogg"),
        "{shared}"
    );
    let ms: u32 = voice["voice"]["duration"]
        .as_str()
        .unwrap_or_else(|| panic!("{voice}"))
        .parse()
        .unwrap();
    assert_about(ms, SPEECH.ms());
    let file = download(url, "our.ogg");
    assert_about(examine(&file), SPEECH.ms());
    let size = std::fs::metadata(&file).unwrap().len();
    assert_eq!(
        shared["size"].to_string().trim_matches('"'),
        size.to_string()
    );
    std::fs::remove_file(file).unwrap();
    ann.reaches(said, MessageState::Delivered).await;
    let heard = format!(
        "<message xmlns='jabber:client' to='{}' type='chat'><heard xmlns='urn:millet:voice:0' id='{}'/></message>",
        ann.address(),
        voice["id"].as_str().unwrap()
    );
    kim.tell(&json!({ "do": "raw", "xml": heard })).unwrap();
    ann.reaches(said, MessageState::Heard).await;
}

/// As Conversations sends it: an upload, its URL as body, and the same in jabber:x:oob; nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn their_voice_plays_here() {
    let server = place::ejabberd();
    let ann = Person::sign_up(&server, "ann").await;
    let mut kim = slixmpp(&server, "kim");
    let recordings = [
        ("m4a", "audio/mp4", "aac"),
        ("ogg", "audio/ogg", "libopus"),
        ("mp3", "audio/mpeg", "libmp3lame"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (count, (extension, kind, codec)) in recordings.into_iter().enumerate() {
        let file = folder.path().join(format!("voice message.{extension}"));
        let made = std::process::Command::new("ffmpeg")
            .args(["-v", "error", "-i"])
            .arg(speech_file())
            .args(["-c:a", codec])
            .arg(&file)
            .status()
            .unwrap();
        assert!(made.success());
        kim.tell(&json!({ "do": "upload", "path": file, "type": kind }))
            .unwrap();
        let url = kim
            .until("the upload", |event| {
                let url = event["url"]
                    .as_str()
                    .filter(|_| event["event"] == "uploaded");
                url.filter(|url| url.ends_with(extension))
                    .map(str::to_owned)
            })
            .unwrap();
        let xml = format!(
            "<message xmlns='jabber:client' to='{}' type='chat' id='v{count}'><body>{url}</body>\
             <x xmlns='jabber:x:oob'><url>{url}</url></x></message>",
            ann.address()
        );
        kim.tell(&json!({ "do": "raw", "xml": xml })).unwrap();
        let voices = ann.hears_voices(count + 1).await;
        let row = &voices[count];
        let Content::Voice {
            duration_ms, peaks, ..
        } = &row.content
        else {
            panic!("{row:?}")
        };
        // Encoders pad: mp3 and AAC by up to two frames of theirs at each end.
        assert!(
            duration_ms.abs_diff(SPEECH.ms()) < 160,
            "{extension}: {duration_ms}"
        );
        assert!(
            peaks.iter().any(|peak| *peak > 30),
            "{extension}: {peaks:?}"
        );
        let here = ann.client.media(row.id).await.unwrap();
        assert_eq!(
            std::fs::read(here.path).unwrap(),
            std::fs::read(&file).unwrap()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_files_wait_to_be_asked_for() {
    let server = place::ejabberd();
    let ann = Person::sign_up(&server, "ann").await;
    let mut kim = slixmpp(&server, "kim");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.pdf");
    std::fs::write(&file, "%PDF-1.4 bread, milk").unwrap();
    kim.tell(&json!({ "do": "upload", "path": file, "type": "application/pdf" }))
        .unwrap();
    let url = with(&kim, "url")["url"].as_str().unwrap().to_owned();
    let xml = format!(
        "<message xmlns='jabber:client' to='{}' type='chat'><body>{url}</body>\
         <x xmlns='jabber:x:oob'><url>{url}</url></x></message>",
        ann.address()
    );
    kim.tell(&json!({ "do": "raw", "xml": xml })).unwrap();
    let row = ann
        .until("the file", |seen| {
            let mut rows = seen.messages.values();
            rows.find(|row| matches!(row.content, Content::File { .. }))
                .cloned()
        })
        .await;
    assert!(
        matches!(
            &row.content,
            Content::File { name, media: Media::Remote, .. } if name == "list.pdf"
        ),
        "{row:?}"
    );
    ann.ask(api::Fetch { message: row.id }).await.unwrap();
    let here = ann.client.media(row.id).await.unwrap();
    assert_eq!(
        std::fs::read(here.path).unwrap(),
        std::fs::read(&file).unwrap()
    );
}

/// As Dino sends it: an upload, and what it is (XEP-0447) beside the URL.
#[tokio::test(flavor = "multi_thread")]
async fn files_come_by_themselves_up_to_a_size() {
    let server = place::ejabberd();
    let ann = Person::sign_up(&server, "ann").await;
    let settings = api::Settings {
        download_up_to_mb: 1,
        ..api::Settings::default()
    };
    ann.ask(api::SetSettings { settings }).await.unwrap();
    let mut kim = slixmpp(&server, "kim");
    let folder = tempfile::tempdir().unwrap();
    // The large one first: by the time that the small one is here, it would have been begun.
    for (name, size) in [("large.jpg", 1_200_000), ("small.jpg", 300_000)] {
        let file = folder.path().join(name);
        std::fs::write(&file, vec![7; size]).unwrap();
        kim.tell(&json!({ "do": "upload", "path": file, "type": "image/jpeg" }))
            .unwrap();
        let url = kim
            .until("the upload", |event| {
                let url = event["url"].as_str().filter(|url| url.ends_with(name));
                url.map(str::to_owned)
            })
            .unwrap();
        let xml = format!(
            "<message xmlns='jabber:client' to='{}' type='chat' id='{name}'><body>{url}</body>\
             <x xmlns='jabber:x:oob'><url>{url}</url></x>\
             <file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'>\
             <file xmlns='urn:xmpp:file:metadata:0'><media-type>image/jpeg</media-type><name>{name}</name>\
             <size>{size}</size><width>1600</width><height>1200</height></file><sources>\
             <url-data xmlns='http://jabber.org/protocol/url-data' target='{url}'/></sources></file-sharing></message>",
            ann.address()
        );
        kim.tell(&json!({ "do": "raw", "xml": xml })).unwrap();
    }
    let is = |row: &api::MessageRow, wanted: &str, state: Media| {
        matches!(
            &row.content,
            Content::File { name, media, dimensions: Some((1600, 1200)), .. }
                if name == wanted && *media == state
        )
    };
    let becomes = async |name: &str, state: Media| {
        let what = format!("{name} being {state:?}");
        let found = ann.until(&what, |seen| {
            let mut rows = seen.messages.values();
            rows.find(|row| is(row, name, state)).cloned()
        });
        found.await.id
    };
    let content = async |id| std::fs::read(ann.client.media(id).await.unwrap().path).unwrap();
    let small = becomes("small.jpg", Media::Here).await;
    assert_eq!(content(small).await, vec![7; 300_000]);
    let large = becomes("large.jpg", Media::Remote).await;
    ann.ask(api::Fetch { message: large }).await.unwrap();
    assert_eq!(content(large).await, vec![7; 1_200_000]);

    // Room is made, and what was there comes when it is asked for.
    let (chat, older_than_days) = (None, None);
    let could = ann
        .ask(api::Freeable {
            chat,
            older_than_days,
        })
        .await;
    let freed = ann
        .ask(api::FreeSpace {
            chat,
            older_than_days,
        })
        .await;
    let both = api::FileSpace {
        files: 2,
        bytes: 1_500_000,
    };
    assert_eq!((could.unwrap(), freed.unwrap()), (both, both));
    assert_eq!(ann.ask(api::History {}).await.unwrap().media_bytes, 0);
    let small = becomes("small.jpg", Media::Remote).await;
    ann.ask(api::Fetch { message: small }).await.unwrap();
    assert_eq!(content(small).await, vec![7; 300_000]);
    becomes("large.jpg", Media::Remote).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_presence_and_typing() {
    let server = place::ejabberd();
    let ann = Person::sign_in(&Account::new(&server, "ann"), mute()).await;
    let mut kim = slixmpp(&server, "kim");
    let kims = kim.address().to_owned();
    // Opening a chat asks to see their presence; slixmpp allows, and asks back, which whoever asked first allows unasked.
    let chat = ann.chat(&kims).await;
    ann.until_true("kim online", |seen| {
        seen.presence.get(&chat) == Some(&Presence::Online)
    })
    .await;
    let from_ann = |event: &Value| event["event"] == "presence" && event["sender"] == ann.address();
    let shown = kim
        .until("ann's presence", |event| {
            from_ann(event).then(|| event.clone())
        })
        .unwrap();
    assert_eq!(shown["caps"], true, "{shown}");
    ann.until_true("no question", |seen| !seen.chats[&chat].asks_presence)
        .await;
    for (show, presence) in [
        ("away", Presence::Away),
        ("dnd", Presence::Busy),
        ("chat", Presence::Online),
    ] {
        kim.tell(&json!({ "do": "show", "show": show })).unwrap();
        ann.until_true(show, |seen| seen.presence.get(&chat) == Some(&presence))
            .await;
    }
    for on in [true, false] {
        kim.tell(&json!({ "do": "typing", "to": ann.address(), "on": on }))
            .unwrap();
        ann.until_true("kim typing", |seen| seen.typing.get(&chat) == Some(&on))
            .await;
    }
    let on = true;
    ann.ask(api::Typing { chat, on }).await.unwrap();
    kim.until("ann typing", |event| {
        (event["state"] == "composing").then_some(())
    })
    .unwrap();
    drop(kim);
    ann.until_true("kim gone", |seen| {
        seen.presence.get(&chat) == Some(&Presence::Offline)
    })
    .await;
}
