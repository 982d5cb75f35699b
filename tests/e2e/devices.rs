//! Microphones and loudspeakers that are not there, or not any more: a clear sentence, and nothing is lost.

use std::time::Duration;

use serde_json::json;
use testkit::{driver::Window, sound};

use crate::{
    ears,
    stage::{Stage, id, newest, pictures, put_notices_aside, reaches},
};

/// Longer than it takes to unplug something.
const WORDS: &str = "whoever pulls a plug while I speak shall find every word that I said before, \
                     and I will say it to the end as if nothing had happened";

/// Waits for a sentence about `kind`.
fn is_told(window: &Window, kind: &str) {
    let fault = id("fault", &format!("[data-kind={kind}]"));
    window.shown(&fault).unwrap();
}

#[test]
fn a_microphone_that_goes_away_leaves_a_draft() {
    let stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let (annes, bos) = (stage.arrive(&ann), stage.arrive(&bo));
    stage.start_chat(&annes, "bo");
    let said = stage.folder.path().join("said.wav");
    sound::speech("this much was said", &said).unwrap();

    // There is none.
    stage.sound.unplug().unwrap();
    annes.press(&id("talk", "")).unwrap();
    is_told(&annes, "no_microphone");
    pictures(&annes, "no-microphone");
    annes.release().unwrap();
    annes.shown(&id("talk", "[data-state=idle]")).unwrap();
    assert_eq!(annes.count(&id("draft", "")).unwrap(), 0);
    put_notices_aside(&annes);

    // It is unplugged while somebody speaks.
    stage.sound.plug_in().unwrap();
    stage.hold_and_say(&annes, "ann", &said);
    stage.sound.unplug().unwrap();
    is_told(&annes, "microphone_lost");
    annes.shown(&id("draft", "")).unwrap();
    annes.shown(&id("talk", "[data-state=idle]")).unwrap();
    pictures(&annes, "microphone-lost");
    // Letting go of what no longer records sends nothing.
    annes.release().unwrap();
    assert_eq!(annes.count(&id("message", "[data-kind=voice]")).unwrap(), 0);
    put_notices_aside(&annes);

    // What was said is all there.
    stage.sound.plug_in().unwrap();
    annes.click(&id("draft-send", "")).unwrap();
    reaches(&annes, "voice", "delivered");
    stage.open_chat(&bos, "ann");
    ears::assert_plays(&stage, &bos, "bo", &said);

    // And the next one is recorded as if nothing had happened.
    stage.speak(&annes, "ann", &said);
    let both = "document.querySelectorAll('[data-testid=message][data-kind=voice]').length === 2";
    annes.until(both).unwrap();
    reaches(&annes, "voice", "delivered");
    annes.close().unwrap();
    bos.close().unwrap();
}

/// Where the playing voice message is, by its slider, in milliseconds.
fn position(window: &Window) -> f64 {
    let script = format!(
        "return Number({}.querySelector('[role=slider]').getAttribute('aria-valuenow'))",
        newest("voice", false)
    );
    window
        .execute(&script, json!([]))
        .unwrap()
        .as_f64()
        .unwrap()
}

#[test]
fn playing_pauses_seeks_and_survives_a_pulled_plug() {
    let stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let (annes, bos) = (stage.arrive(&ann), stage.arrive(&bo));
    stage.start_chat(&annes, "bo");
    let said = stage.folder.path().join("said.wav");
    sound::speech(WORDS, &said).unwrap();
    stage.speak(&annes, "ann", &said);
    reaches(&annes, "voice", "delivered");
    stage.open_chat(&bos, "ann");
    let voice = id("message", "[data-kind=voice][data-own=false]");
    bos.shown(&format!("{voice} [data-media=here]")).unwrap();
    let play = format!("{voice} [data-testid=voice-play]");
    let playing = format!("{voice} [data-state=playing]");

    // A pause is silent, and keeps the place.
    let heard = stage.folder.path().join("heard.wav");
    let recording = stage.sound.listen("bo", &heard).unwrap();
    bos.click(&play).unwrap();
    bos.shown(&playing).unwrap();
    ears::hear_out(&heard, 700);
    bos.click(&play).unwrap();
    bos.gone(&playing).unwrap();
    let stands = position(&bos);
    assert!(stands > 300.0, "paused at {stands}");
    ears::falls_silent(&heard, 500);
    recording.stop().unwrap();
    assert_eq!(position(&bos), stands);

    // The arrow moves it on by five seconds, without a sound.
    let slider = format!("{voice} [data-testid=voice-seek]");
    bos.execute(
        &format!(
            "document.querySelector(\"{slider}\").dispatchEvent(new KeyboardEvent('keydown', {{ key: 'ArrowRight', bubbles: true }}))"
        ),
        json!([]),
    )
    .unwrap();
    bos.until(&format!(
        "Math.abs(Number(document.querySelector(\"{slider}\").getAttribute('aria-valuenow')) - {stands} - 5000) < 50"
    ))
    .unwrap();

    // Without the loudspeaker it says so and stands where it was; with one it goes on from there.
    bos.click(&play).unwrap();
    bos.shown(&playing).unwrap();
    stage.sound.unplug().unwrap();
    is_told(&bos, "no_speaker");
    bos.gone(&playing).unwrap();
    let stands = position(&bos);
    assert!(stands > 5_000.0, "stopped at {stands}");
    pictures(&bos, "no-speaker");
    put_notices_aside(&bos);
    bos.click(&play).unwrap();
    is_told(&bos, "no_speaker");
    put_notices_aside(&bos);
    stage.sound.plug_in().unwrap();
    let rest = stage.folder.path().join("rest.wav");
    let recording = stage.sound.listen("bo", &rest).unwrap();
    bos.click(&play).unwrap();
    bos.shown(&playing).unwrap();
    assert!(position(&bos) >= stands);
    bos.until_within(
        Duration::from_secs(60),
        &format!("!document.querySelector('{playing}')"),
    )
    .unwrap();
    recording.stop().unwrap();
    ears::hear_out(&rest, 500);
    annes.close().unwrap();
    bos.close().unwrap();
}
