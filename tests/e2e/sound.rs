//! Microphone and loudspeaker are chosen, tried out, pulled out and missed.

use std::time::Instant;

use serde_json::json;
use testkit::{
    driver::{PATIENCE, Window},
    sound,
};

use crate::{
    ears::Envelope,
    stage::{Stage, id, pictures, reaches},
};

const WORDS: &str = "One two three, this is how I sound.";

/// Chooses what a person would choose in a list.
fn choose(window: &Window, list: &str, value: &str) {
    let script = "const field = document.querySelector(`[data-testid=${arguments[0]}]`);\
        field.value = arguments[1];\
        field.dispatchEvent(new Event('change', { bubbles: true }))";
    window.execute(script, json!([list, value])).unwrap();
}

/// A script that says what a list shows for a device.
fn shows(list: &str, value: &str, words: &str) -> String {
    format!(
        "[...document.querySelectorAll('[data-testid={list}] option')]\
         .some((o) => o.value === '{value}' && o.textContent.includes('{words}'))"
    )
}

fn lists(list: &str, value: &str) -> String {
    shows(list, value, "")
}

#[test]
fn a_headset_is_chosen_tried_and_missed() {
    let stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let window = stage.arrive(&ann);
    window.click(&id("settings", "")).unwrap();
    window.click(&id("sound-open", "")).unwrap();
    window.shown(&id("sound-screen", "")).unwrap();
    window
        .until(&lists("sound-loudspeaker", "ann_speaker"))
        .unwrap();
    assert!(!lists_headset(&window));

    // It appears by itself.
    stage.sound.plug_in_headset("ann").unwrap();
    window
        .until(&shows(
            "sound-microphone",
            "ann_headset_microphone",
            "Headset",
        ))
        .unwrap();
    window
        .until(&shows("sound-loudspeaker", "ann_headset", "Headset"))
        .unwrap();
    choose(&window, "sound-microphone", "ann_headset_microphone");
    choose(&window, "sound-loudspeaker", "ann_headset");
    pictures(&window, "sound");

    // What is said is seen while it is said, and heard after it.
    let said = stage.folder.path().join("said.wav");
    sound::speech(WORDS, &said).unwrap();
    window.click(&id("sound-test", "")).unwrap();
    window.shown(&id("sound-meter", "")).unwrap();
    stage.sound.say("ann", &said).unwrap();
    window
        .until("Number(document.querySelector('[data-testid=sound-meter]')?.dataset.peak) > 40")
        .unwrap();
    pictures(&window, "sound-meter");
    let heard = stage.folder.path().join("heard.wav");
    let listening = stage.sound.listen_at("ann_headset", &heard).unwrap();
    window.click(&id("sound-stop", "")).unwrap();
    window.shown(&id("sound-heard", "")).unwrap();
    window
        .shown(&id("sound-play-sent", "[data-state=playing]"))
        .unwrap();
    is_loud(&heard);
    pictures(&window, "sound-heard");
    listening.stop().unwrap();

    // Nothing of it stays.
    window.click(&id("sound-back", "")).unwrap();
    window.shown(&id("settings-screen", "")).unwrap();
    let left = ann.home.join("sound-check");
    let deadline = Instant::now() + PATIENCE;
    while left.exists() {
        assert!(Instant::now() < deadline, "the test is still there");
        std::thread::yield_now();
    }

    // Without it the system's own takes its place, and the choice is kept for its return.
    stage.sound.unplug_headset("ann").unwrap();
    window.click(&id("sound-open", "")).unwrap();
    window
        .until(&shows(
            "sound-microphone",
            "ann_headset_microphone",
            "Not connected",
        ))
        .unwrap();
    pictures(&window, "sound-missing");
    let bos = stage.arrive(&bo);
    window.click(&id("sound-untouched", "")).unwrap();
    assert_eq!(window.count(&id("untouched-kept", "")).unwrap(), 0);
    window.click(&id("sound-back", "")).unwrap();
    window.click(&id("chats", "")).unwrap();
    stage.start_chat(&window, "bo");
    stage.hold_and_say(&window, "ann", &said);
    window.release().unwrap();
    reaches(&window, "voice", "delivered");
    bos.shown(&id("chat", "[data-jid='ann@localhost'][data-unread='1']"))
        .unwrap();
    bos.close().unwrap();

    // As the microphone heard it, until it is let go of.
    window.click(&id("settings", "")).unwrap();
    window.click(&id("sound-open", "")).unwrap();
    window
        .shown(&id("untouched-kept", "[data-files='1']"))
        .unwrap();
    pictures(&window, "sound-kept");
    window.click(&id("untouched-delete", "")).unwrap();
    window.click(&id("untouched-confirm", "")).unwrap();
    window.gone(&id("untouched-kept", "")).unwrap();
    window.close().unwrap();
}

fn lists_headset(window: &Window) -> bool {
    let script = format!("return {}", lists("sound-loudspeaker", "ann_headset"));
    window.execute(&script, json!([])).unwrap() == json!(true)
}

fn is_loud(heard: &std::path::Path) {
    let deadline = Instant::now() + PATIENCE;
    while Envelope::of(heard).loudest() < 500.0 {
        assert!(Instant::now() < deadline, "nothing is heard");
        std::thread::yield_now();
    }
}
