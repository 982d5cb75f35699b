//! Corrections, retractions, answers and reactions as another client makes them: as they come, and out of the archive.

use api::{Content, MessageRow};
use serde_json::json;
use testkit::slixmpp::Slixmpp;

use crate::foreign::slixmpp;
use crate::person::{Account, Home, Person, mute};
use crate::place;
use crate::sound::speech_file;

/// A row with its marks.
fn line(row: &MessageRow) -> String {
    let mut line = match &row.content {
        Content::Text { body } => body.clone(),
        other => format!("{other:?}"),
    };
    if row.edited.is_some() {
        line += " (edited)";
    }
    if row.retracted {
        line += "(removed)";
    }
    for one in &row.reactions {
        let mine = if one.mine { " mine" } else { "" };
        line += &format!(" [{}{}{mine}]", one.emoji, one.count);
    }
    if let Some(to) = &row.reply_to {
        let known = if to.id.is_some() { "" } else { "?" };
        line += &format!(" <{known}{}>", to.snippet);
    }
    line
}

async fn lines(person: &Person, with: &str) -> Vec<String> {
    person.timeline(with).await.iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_merge_live_and_from_the_archive() {
    let server = place::ejabberd();
    let account = Account::new(&server, "ann");
    let ann = Person::sign_in(&account, mute()).await;
    let mut kim = slixmpp(&server, "kim");
    let kims = kim.address().to_owned();
    let anns = account.address.clone();
    // Another device of hers, of another make.
    let (name, _) = anns.split_once('@').unwrap();
    let mut tablet = Slixmpp::sign_in(&server, name, &account.password).unwrap();

    for wish in [
        json!({ "do": "text", "to": anns, "id": "k1", "body": "tea at for?" }),
        json!({ "do": "correct", "to": anns, "of": "k1", "body": "tea at five?" }),
        json!({ "do": "correct", "to": anns, "of": "k1", "body": "tea at four?" }),
        json!({ "do": "text", "to": anns, "id": "k2", "body": "an accident" }),
        json!({ "do": "correct", "to": anns, "of": "k2", "body": "a worse one" }),
        json!({ "do": "react", "to": anns, "of": "k2", "emoji": ["🎉"] }),
        json!({ "do": "retract", "to": anns, "of": "k2" }),
        json!({ "do": "text", "to": anns, "body": "kim is done" }),
    ] {
        kim.tell(&wish).unwrap();
    }
    ann.hears("kim is done").await;
    for wish in [
        json!({ "do": "reply", "to": kims, "id": "a1", "of": "k1", "by": kims, "body": "yes pleas",
                "quote": "tea at for?\nor so" }),
        json!({ "do": "correct", "to": kims, "of": "a1", "body": "yes please" }),
        json!({ "do": "react", "to": kims, "of": "k1", "emoji": ["👍", "🐢"] }),
        json!({ "do": "react", "to": kims, "of": "k1", "emoji": ["🍵", "👍"] }),
        json!({ "do": "text", "to": kims, "body": "the tablet is done" }),
    ] {
        tablet.tell(&wish).unwrap();
    }
    ann.hears("the tablet is done").await;
    for wish in [
        // Not hers to change.
        json!({ "do": "correct", "to": anns, "of": "a1", "body": "forged" }),
        json!({ "do": "retract", "to": anns, "of": "a1" }),
        json!({ "do": "react", "to": anns, "of": "a1", "emoji": ["🎉"] }),
        json!({ "do": "react", "to": anns, "of": "k1", "emoji": ["👍"] }),
        json!({ "do": "text", "to": anns, "body": "the end" }),
    ] {
        kim.tell(&wish).unwrap();
    }
    ann.hears("the end").await;
    let expected = [
        "tea at four? (edited) [🍵1 mine] [👍2 mine]",
        "(removed)",
        "kim is done",
        "yes please (edited) [🎉1] <tea at four?>",
        "the tablet is done",
        "the end",
    ];
    assert_eq!(lines(&ann, &kims).await, expected);
    // A new device knows only what the archive tells.
    let phone = Person::sign_in(&account, mute()).await;
    phone.hears("the end").await;
    assert_eq!(lines(&phone, &kims).await, expected);
    // One that slept while the last word was said, and asks the archive again.
    let home = ann.close().await;
    kim.tell(&json!({ "do": "retract", "to": anns, "of": "k1" }))
        .unwrap();
    kim.tell(&json!({ "do": "text", "to": anns, "body": "good night" }))
        .unwrap();
    phone.hears("good night").await;
    let ann = Person::start(&account, home).await;
    ann.hears("good night").await;
    for person in [&ann, &phone] {
        let lines = lines(person, &kims).await;
        assert_eq!(lines[0], "(removed)");
        assert_eq!(lines[3], "yes please (edited) [🎉1] <>");
        assert_eq!(lines.len(), expected.len() + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn voice_that_is_taken_back_is_gone_from_the_disk() {
    let server = place::ejabberd();
    let account = Account::new(&server, "ann");
    let home = Home::new();
    let ann = Person::open(&account, home.clone(), crate::person::env(mute())).await;
    ann.ask(account.sign_in()).await.unwrap();
    ann.online().await;
    let mut kim = slixmpp(&server, "kim");
    kim.tell(&json!({ "do": "upload", "path": speech_file(), "type": "audio/wav" }))
        .unwrap();
    let url = kim
        .until("the upload", |event| {
            event["url"].as_str().map(str::to_owned)
        })
        .unwrap();
    let xml = format!(
        "<message xmlns='jabber:client' to='{}' type='chat' id='v1'><body>{url}</body>\
         <x xmlns='jabber:x:oob'><url>{url}</url></x></message>",
        ann.address()
    );
    kim.tell(&json!({ "do": "raw", "xml": xml })).unwrap();
    let row = ann.hears_voices(1).await.remove(0);
    let file = ann.client.media(row.id).await.unwrap().path;
    assert!(file.exists());
    kim.tell(&json!({ "do": "retract", "to": ann.address(), "of": "v1" }))
        .unwrap();
    ann.until_true("the tombstone", |seen| {
        seen.messages.get(&row.id).is_some_and(|row| row.retracted)
    })
    .await;
    assert!(ann.client.media(row.id).await.is_err());
    // Nobody tells of it, so it is looked for.
    let gone = async {
        while file.exists() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, gone).await.unwrap();
}
