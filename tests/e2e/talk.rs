//! Two people write and talk.

use serde_json::json;
use testkit::{
    driver::{ESCAPE, Window},
    sound,
};

use crate::{
    ears,
    stage::{Stage, id, newest, picture, pictures, reaches, records, theme, write},
};

const WORDS: &str = "Good morning Bo. The millet is ripe, and the evenings are long.";

/// Keeps every state that the newest own message of a kind passes through.
fn watch_states(window: &Window, kind: &str) {
    let script = format!(
        "window.states = []; const before = {0};\
         new MutationObserver(() => {{ const m = {0}; if (m && m !== before && states.at(-1) !== m.dataset.state)\
         states.push(m.dataset.state); }}).observe(document,\
         {{ subtree: true, childList: true, attributes: true }})",
        newest(kind, true)
    );
    window.execute(&script, json!([])).unwrap();
}

fn states(window: &Window) -> Vec<String> {
    let states = window.execute("return states", json!([])).unwrap();
    serde_json::from_value(states).unwrap()
}

#[test]
fn two_people_talk() {
    let stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let annes = stage.arrive(&ann);
    let bos = stage.arrive(&bo);

    // Words, and what becomes of them.
    stage.start_chat(&annes, "bo");
    pictures(&annes, "chat-empty");
    watch_states(&annes, "text");
    write(&annes, "Hello Bo, 早上好, 안녕, おはよう");
    reaches(&annes, "text", "delivered");
    bos.shown(&id("chat", "[data-jid='ann@localhost'][data-unread='1']"))
        .unwrap();
    pictures(&bos, "list-unread");
    stage.open_chat(&bos, "ann");
    let words = bos
        .text(&id("message", "[data-kind=text][data-own=false]"))
        .unwrap();
    assert!(
        words.contains("Hello Bo, 早上好, 안녕, おはよう"),
        "{words}"
    );
    reaches(&annes, "text", "read");
    let seen = states(&annes);
    let way = ["pending", "sent", "delivered", "read"];
    let steps: Vec<_> = seen
        .iter()
        .map(|state| way.iter().position(|step| step == state))
        .collect();
    assert!(
        // A server this near answers within the frame that would have shown "pending".
        steps.is_sorted() && seen.last().is_some_and(|state| state == "read"),
        "{seen:?}"
    );
    bos.shown(&id("chat", "[data-jid='ann@localhost'][data-unread='0']"))
        .unwrap();

    // Being online is nobody's business until it is allowed.
    annes
        .shown(&id("presence", "[data-state=offline]"))
        .unwrap();
    bos.click(&id("request-allow", "")).unwrap();
    annes.shown(&id("presence", "[data-state=online]")).unwrap();

    // Several at once keep their order.
    for number in 1..=5 {
        write(&bos, &format!("answer {number}"));
    }
    annes
        .until(
            "[...document.querySelectorAll('[data-testid=message][data-own=false]')]\
             .map((m) => m.textContent.match(/answer (\\d)/)?.[1]).join('') === '12345'",
        )
        .unwrap();

    // A voice, from a mouth to an ear.
    let said = stage.folder.path().join("said.wav");
    sound::speech(WORDS, &said).unwrap();
    stage.hold_and_say(&annes, "ann", &said);
    annes.shown(&id("talk", "[data-state=recording]")).unwrap();
    annes.release().unwrap();
    reaches(&annes, "voice", "delivered");
    pictures(&annes, "conversation");
    let voice = id("message", "[data-kind=voice][data-own=false]");
    ears::assert_plays(&stage, &bos, "bo", &said);
    reaches(&annes, "voice", "heard");
    pictures(&bos, "conversation-other");
    let sent = bos.count(&voice).unwrap();
    assert_eq!(sent, 1);

    // A tap records hands-free. A pause leaves a draft in its place, which goes on and can be thrown away.
    let locked = id("talk", "[data-state=locked]");
    annes.click(&id("talk", "")).unwrap();
    annes.shown(&locked).unwrap();
    stage.sound.say("ann", &said).unwrap();
    pictures(&annes, "recorder-locked");
    annes.click(&id("recorder-pause", "")).unwrap();
    annes.shown(&id("paused", "")).unwrap();
    annes.shown(&id("talk", "[data-state=paused]")).unwrap();
    pictures(&annes, "paused");
    annes.click(&id("draft-continue", "")).unwrap();
    annes.shown(&locked).unwrap();
    annes.click(&id("recorder-discard", "")).unwrap();
    annes.shown(&id("talk", "[data-state=idle]")).unwrap();
    annes.gone(&id("draft", "")).unwrap();

    // Esc keeps what was said as a draft, which can be heard and thrown away.
    record_some(&annes, &stage);
    // As it is: a window that changes its size under a finger is a slip, which is another test.
    picture(&annes, "recording-wide-light");
    annes.strike(ESCAPE).unwrap();
    annes.shown(&id("draft", "")).unwrap();
    annes.release().unwrap();
    annes.shown(&id("talk", "[data-state=idle]")).unwrap();
    pictures(&annes, "draft");
    annes.click(&id("draft-discard", "")).unwrap();
    annes.gone(&id("draft", "")).unwrap();

    // So does sliding off; and a draft can be sent after all.
    record_some(&annes, &stage);
    annes.drag(-240, 0).unwrap();
    annes.release().unwrap();
    annes.shown(&id("draft", "")).unwrap();
    assert_eq!(bos.count(&voice).unwrap(), sent);
    annes.click(&id("draft-send", "")).unwrap();
    annes.gone(&id("draft", "")).unwrap();
    bos.until(&format!(
        "document.querySelectorAll('{voice}').length === {}",
        sent + 1
    ))
    .unwrap();

    annes.close().unwrap();
    bos.close().unwrap();
}

/// Holds the talk button and says something.
fn record_some(window: &Window, stage: &Stage) {
    let some = stage.folder.path().join("some.wav");
    sound::speech("one moment", &some).unwrap();
    stage.hold_and_say(window, "ann", &some);
}

/// Outside a text field the space bar is the talk button; in one it is a space.
#[test]
fn the_space_bar_talks() {
    let stage = Stage::set(&["ann", "bo"]);
    let ann = stage.person("ann");
    let window = stage.arrive(&ann);
    stage.start_chat(&window, "bo");
    let some = stage.folder.path().join("some.wav");
    sound::speech("one moment", &some).unwrap();

    write(&window, "a b");
    reaches(&window, "text", "sent");
    assert!(window.text(&id("message", "")).unwrap().contains("a b"));
    assert_eq!(window.count(&id("recorder", "")).unwrap(), 0);

    for (size, shade, (width, height)) in [
        ("wide", "light", (1280, 800)),
        ("phone", "dark", (390, 844)),
    ] {
        window.resize(width, height).unwrap();
        theme(&window, shade);
        window
            .execute("document.activeElement.blur()", json!([]))
            .unwrap();
        window.key(" ", true).unwrap();
        records(&window);
        stage.sound.say("ann", &some).unwrap();
        picture(&window, &format!("recording-space-{size}-{shade}"));
        window.key(" ", false).unwrap();
        window.shown(&id("talk", "[data-state=idle]")).unwrap();
    }
    window
        .until(
            "[...document.querySelectorAll('[data-testid=message][data-kind=voice]')]\
             .filter((m) => m.dataset.state === 'sent').length === 2",
        )
        .unwrap();
    window.close().unwrap();
}

/// A burst, faster than anybody types, keeps its order on both sides and arrives once.
#[test]
fn a_hundred_at_once_keep_their_order() {
    let stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let annes = stage.arrive(&ann);
    let bos = stage.arrive(&bo);
    stage.start_chat(&annes, "bo");
    stage.start_chat(&bos, "ann");
    for window in [&annes, &bos] {
        window.shown(".timeline-start").unwrap();
    }
    annes
        .execute(
            "for (let n = 0; n < 100; n++)\
             __TAURI__.core.invoke('call', { command: { cmd: 'send_text', chat: 1, body: `burst ${n}.` } })",
            json!([]),
        )
        .unwrap();
    let numbers = "[...document.querySelectorAll('[data-testid=message]')]\
                   .map((m) => m.textContent.match(/burst (\\d+)\\./)?.[1]).filter(Boolean).join()";
    let expected: Vec<_> = (0..100).map(|n| n.to_string()).collect();
    for window in [&annes, &bos] {
        let waited = window.until(&format!("{numbers}.split(',').length >= 100"));
        let shown = window
            .execute(&format!("return {numbers}"), json!([]))
            .unwrap();
        assert_eq!(shown, expected.join(","));
        waited.unwrap();
    }
    annes.close().unwrap();
    bos.close().unwrap();
}
