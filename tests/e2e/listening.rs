//! Listening: what follows by itself, how fast, where it was left, and the desk where all that was not heard waits.

use std::{path::Path, time::Duration};

use serde_json::json;
use testkit::{driver::Window, sound};

use crate::{
    ears::Envelope,
    stage::{Stage, id, pictures, put_notices_aside, reaches, write},
};

const FIRST: &str = "the first thing that I have to say is rather long";
const SECOND: &str = "and this is the second, which nobody has to ask for";

/// Two voice messages from ann to bo with words in between, as files.
fn two_said(stage: &Stage, annes: &Window) -> [std::path::PathBuf; 2] {
    stage.start_chat(annes, "bo");
    let said = [("first", FIRST), ("second", SECOND)].map(|(name, words)| {
        let file = stage.folder.path().join(format!("{name}.wav"));
        sound::speech(words, &file).unwrap();
        file
    });
    for (number, file) in said.iter().enumerate() {
        stage.speak(annes, "ann", file);
        annes
            .until(&format!(
                "document.querySelectorAll('[data-testid=message][data-kind=voice]').length === {}",
                number + 1
            ))
            .unwrap();
        reaches(annes, "voice", "delivered");
        write(annes, &format!("words after {number}"));
        reaches(annes, "text", "delivered");
    }
    said
}

/// Waits until so many voice messages of others were not heard.
fn waiting(window: &Window, count: usize) {
    window
        .until_within(
            Duration::from_secs(60),
            &format!("Number(document.querySelector('[data-testid=desk-count]')?.textContent ?? 0) === {count}"),
        )
        .unwrap();
}

fn nothing_plays(window: &Window) {
    window
        .until_within(
            Duration::from_secs(60),
            "!document.querySelector('[data-testid=voice-play][data-state=playing], [data-testid=mini-player]')",
        )
        .unwrap();
}

/// Both were heard, one after the other.
fn assert_both_heard(said: &[std::path::PathBuf; 2], heard: &Path) {
    let all = Envelope::of(heard);
    let places = said.each_ref().map(|file| {
        let said = Envelope::of(file).trimmed();
        let (at, alike) = said.found_in(&all);
        println!("found at {at}, alike {alike:.3}");
        assert!(alike >= 0.9, "correlation {alike}");
        at
    });
    assert!(places[0] < places[1], "{places:?}");
}

/// The next one follows across words, while another place is looked at.
#[test]
fn what_was_not_heard_follows() {
    let stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let (annes, bos) = (stage.arrive(&ann), stage.arrive(&bo));
    put_notices_aside(&bos);
    let said = two_said(&stage, &annes);
    waiting(&bos, 2);
    stage.open_chat(&bos, "ann");
    bos.until(
        "document.querySelectorAll('[data-testid=voice-play][data-media=here]').length === 2",
    )
    .unwrap();
    let heard = stage.folder.path().join("heard.wav");
    let recording = stage.sound.listen("bo", &heard).unwrap();
    bos.click("[data-testid=message][data-kind=voice] [data-testid=voice-play]")
        .unwrap();
    bos.shown("[data-testid=voice-play][data-state=playing]")
        .unwrap();
    bos.click(&id("settings", "")).unwrap();
    bos.shown(&id("mini-player", "")).unwrap();
    pictures(&bos, "mini-player");
    waiting(&bos, 0);
    nothing_plays(&bos);
    recording.stop().unwrap();
    assert_both_heard(&said, &heard);
    annes.shown("[data-state=heard]").unwrap();

    // At twice the speed it takes half the time, and that is remembered of her.
    stage.open_chat(&bos, "ann");
    let fast = stage.folder.path().join("fast.wav");
    bos.click("[data-testid=message][data-kind=voice] [data-testid=voice-play]")
        .unwrap();
    bos.shown(&id("speed", "")).unwrap();
    bos.execute(
        "const s = document.querySelector('[data-testid=speed]'); s.value = '200';\
         s.dispatchEvent(new Event('change', { bubbles: true }))",
        json!([]),
    )
    .unwrap();
    nothing_plays(&bos);
    let recording = stage.sound.listen("bo", &fast).unwrap();
    bos.click("[data-testid=message][data-kind=voice] [data-testid=voice-play]")
        .unwrap();
    bos.until("document.querySelector('[data-testid=speed]')?.value === '200'")
        .unwrap();
    pictures(&bos, "listening-speed");
    nothing_plays(&bos);
    recording.stop().unwrap();
    let (slow, fast) = (
        Envelope::of(&said[0]).trimmed().millis() as f64,
        Envelope::of(&fast).trimmed().millis() as f64,
    );
    assert!((0.45..0.58).contains(&(fast / slow)), "{fast} of {slow} ms");
    annes.close().unwrap();
    bos.close().unwrap();
}

/// All of it as one queue, by the keyboard alone; and what is stopped goes on where it was left, after a restart too.
#[test]
fn the_listening_desk() {
    let stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let (annes, bos) = (stage.arrive(&ann), stage.arrive(&bo));
    put_notices_aside(&bos);
    bos.click(&id("desk", "")).unwrap();
    bos.shown(&id("desk-empty", "")).unwrap();
    pictures(&bos, "desk-empty");
    let said = two_said(&stage, &annes);
    bos.until("document.querySelectorAll('[data-testid=desk-row]').length === 2")
        .unwrap();
    pictures(&bos, "desk");
    let heard = stage.folder.path().join("heard.wav");
    let recording = stage.sound.listen("bo", &heard).unwrap();
    bos.execute(
        "document.querySelector('[data-testid=desk-listen]').focus()",
        json!([]),
    )
    .unwrap();
    bos.strike(testkit::driver::ENTER).unwrap();
    bos.shown(&id("mini-player", "")).unwrap();
    pictures(&bos, "desk-playing");
    bos.shown(&id("desk-empty", "")).unwrap();
    nothing_plays(&bos);
    recording.stop().unwrap();
    assert_both_heard(&said, &heard);

    // Left in the middle, there is more of it tomorrow.
    stage.open_chat(&bos, "ann");
    let voice = "[data-testid=message][data-kind=voice]";
    bos.click(&format!("{voice} [data-testid=voice-play]"))
        .unwrap();
    let at = format!(
        "Number(document.querySelector('{voice} [role=slider]').getAttribute('aria-valuenow'))"
    );
    bos.until(&format!("{at} > 500")).unwrap();
    bos.click(&format!("{voice} [data-testid=voice-play]"))
        .unwrap();
    bos.shown(&format!("{voice} [data-state=paused]")).unwrap();
    let left = bos.execute(&format!("return {at}"), json!([])).unwrap();
    bos.close().unwrap();
    let bos = bo.open();
    stage.sign_in_again(&bos, "bo");
    stage.open_chat(&bos, "ann");
    bos.shown(voice).unwrap();
    let kept = bos.execute(&format!("return {at}"), json!([])).unwrap();
    let apart = left.as_f64().unwrap() - kept.as_f64().unwrap();
    assert!(apart.abs() < 200.0, "left at {left}, found at {kept}");

    // What nobody wants to hear is put away, by a key, and can be had back.
    stage.speak(&annes, "ann", &said[0]);
    waiting(&bos, 1);
    bos.click(&id("desk", "")).unwrap();
    bos.shown(&id("desk-row", "")).unwrap();
    bos.execute(
        "document.querySelector('[data-testid=desk-play]').focus()",
        json!([]),
    )
    .unwrap();
    bos.strike("\u{E017}").unwrap();
    bos.shown(&id("desk-empty", "")).unwrap();
    waiting(&bos, 0);
    pictures(&bos, "desk-put-away");
    bos.click(&id("undo", "")).unwrap();
    bos.shown(&id("desk-row", "")).unwrap();
    waiting(&bos, 1);
    bos.click(&id("desk-put-away", "")).unwrap();
    bos.shown(&id("desk-empty", "")).unwrap();
    // Nobody wanted it back in time.
    bos.gone(&id("undo", "")).unwrap();
    bos.gone(".chat-row-dot").unwrap();
    bos.close().unwrap();
    let bos = bo.open();
    stage.sign_in_again(&bos, "bo");
    waiting(&bos, 0);
    annes.close().unwrap();
    bos.close().unwrap();
}
