//! Several devices of one account, and coming late.

use api::{Content, MarkRead, MessageState, Play, PlaybackState, Sound as Played};
use testkit::sound::Sound;

use crate::headless::Headless;
use crate::person::{Account, Home, Person, mute};
use crate::place;
use crate::seen::{Seen, is_voice, text_of};
use crate::sound::{SPEECH, assert_about};
use crate::witness;

async fn texts(person: &Person, with: &Person) -> Vec<String> {
    let timeline = person.timeline(with.address()).await;
    timeline
        .iter()
        .filter_map(text_of)
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_see_the_same() {
    let server = place::ejabberd();
    let bo = Person::sign_up(&server, "bo").await;
    let account = Account::new(&server, "ann");
    let desk = Person::sign_in(&account, SPEECH.fast()).await;
    let phone = Person::sign_in(&account, mute()).await;

    desk.say(bo.address(), "from my desk").await;
    let copy = phone.hears("from my desk").await;
    assert!(copy.own);
    assert!(copy.state >= MessageState::Sent, "{copy:?}");
    bo.hears("from my desk").await;
    bo.say(&account.address, "to both").await;
    let (at_desk, on_phone) = tokio::join!(desk.hears("to both"), phone.hears("to both"));
    phone
        .until_true("one unread", |seen| seen.chats[&on_phone.chat].unread == 1)
        .await;
    desk.ask(MarkRead {
        chat: at_desk.chat,
        upto: at_desk.id,
    })
    .await
    .unwrap();
    phone
        .until_true("nothing unread", |seen| {
            seen.chats[&on_phone.chat].unread == 0
        })
        .await;
    phone.say(bo.address(), "from my phone").await;
    desk.hears("from my phone").await;
    desk.speak(bo.address()).await;
    assert!(phone.hears_voices(1).await[0].own);
    bo.hears_voices(1).await;
    let words = ["from my desk", "to both", "from my phone"];
    for device in [&desk, &phone] {
        assert_eq!(texts(device, &bo).await, words);
    }
    assert_eq!(texts(&bo, &desk).await, words);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_slept_catches_up() {
    let server = place::ejabberd();
    let bo = Person::sign_up(&server, "bo").await;
    let account = Account::new(&server, "ann");
    let desk = Person::sign_in(&account, mute()).await;
    let phone = Person::sign_in(&account, mute()).await;
    bo.say(&account.address, "before").await;
    phone.hears("before").await;
    let home = phone.close().await;

    let mut words = vec!["before".to_owned()];
    for number in 0..130 {
        let (from, to) = if number % 3 == 0 {
            (&desk, &bo)
        } else {
            (&bo, &desk)
        };
        words.push(format!("meanwhile {number}"));
        from.say(to.address(), words.last().unwrap()).await;
        // One after the other, so that the order is one for everybody.
        to.hears(words.last().unwrap()).await;
    }
    let last = desk.hears("meanwhile 128").await;
    let read = desk.ask(MarkRead {
        chat: last.chat,
        upto: last.id,
    });
    read.await.unwrap();
    desk.until_true("nothing unread", |seen| seen.chats[&last.chat].unread == 0)
        .await;
    let own = desk.hears("meanwhile 129").await;
    bo.until_true("the marker", |seen| {
        let read = seen.text("meanwhile 128");
        read.is_some_and(|row| row.state == MessageState::Read)
    })
    .await;
    desk.reaches(own.id, MessageState::Delivered).await;

    let phone = Person::start(&account, home).await;
    phone.until_true("all of it", Seen::is_whole).await;
    assert_eq!(texts(&phone, &bo).await, words);
    assert_eq!(texts(&desk, &bo).await, words);
    let unread = phone.look(|seen| seen.chat(bo.address()).map(|chat| chat.unread));
    assert_eq!(unread, Some(0), "read on the other device");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_gets_the_whole_archive() {
    let server = place::ejabberd();
    let ann = Account::new(&server, "ann");
    // Somebody is there, or the server keeps the messages apart as well, and refuses too many.
    let bo = Person::sign_up(&server, "bo").await;
    let words: Vec<_> = (0..250)
        .map(|number| format!("archived {number}"))
        .collect();
    witness::say_all(&ann, bo.address(), &words).await;
    bo.hears("archived 249").await;

    let new = Person::sign_in(&bo.account, mute()).await;
    new.until_true("250 messages", |seen| seen.messages.len() >= 250)
        .await;
    for device in [&bo, &new] {
        let timeline = device.timeline(&ann.address).await;
        let texts: Vec<_> = timeline.iter().filter_map(text_of).collect();
        assert_eq!(texts, words);
    }
    // Once more, as the app starts: nothing comes twice.
    let new = Person::start(&bo.account, new.close().await).await;
    new.online().await;
    assert_eq!(new.timeline(&ann.address).await.len(), 250);
}

/// Bo's sound comes out of a virtual speaker, so this one plays for real.
#[tokio::test(flavor = "multi_thread")]
async fn listening_is_told() {
    let server = place::ejabberd();
    let sound = Sound::start(&["bo"]).unwrap();
    let bo = Account::new(&server, "bo");
    let mut headless = Headless::start(&bo, &Home::new(), &sound.environment("bo"));
    headless.ask(bo.sign_in()).await;
    let ann = Person::sign_in(&Account::new(&server, "ann"), SPEECH.fast()).await;
    let elsewhere = Person::sign_in(&bo, mute()).await;
    let said = ann.speak(&bo.address).await;
    let there = elsewhere.hears_voices(1).await[0].id;
    let voice = headless
        .until("a voice message", |seen| {
            seen.voices().first().map(|row| row.id)
        })
        .await;
    let sound = Played::Message(voice);
    headless
        .ask(Play {
            sound,
            from_ms: 0,
            follow: api::Follow::Nothing,
        })
        .await;
    ann.reaches(said, MessageState::Heard).await;
    headless
        .until_true("its end", |seen| {
            let playback = seen.playback.as_ref();
            playback.is_some_and(|playback| playback.state == PlaybackState::Ended)
        })
        .await;
    headless.look(|seen| {
        let row = &seen.messages[&voice];
        assert!(is_voice(row) && matches!(row.content, Content::Voice { heard: true, .. }));
        let playback = seen.playback.as_ref().unwrap();
        assert!(playback.fault.is_none(), "{playback:?}");
        assert_about(playback.duration_ms, SPEECH.ms());
    });
    headless.close();
    elsewhere
        .until_true("that it was heard elsewhere", |seen| {
            let row = &seen.messages[&there];
            matches!(row.content, Content::Voice { heard: true, .. })
        })
        .await;
    // A device that comes later reads it backwards, the mark before the message.
    let late = Person::sign_in(&bo, mute()).await;
    let voices = late.hears_voices(1).await;
    assert!(matches!(
        voices[0].content,
        Content::Voice { heard: true, .. }
    ));
}
