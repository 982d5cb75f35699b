//! What becomes of messages after they were said, and getting about in a long conversation. The other side is another client.

use std::time::Duration;

use serde_json::json;
use testkit::driver::{ENTER, ESCAPE};
use testkit::slixmpp::Slixmpp;

use crate::search::say_many;
use crate::stage::{PASSWORD, Stage, id, pictures, put_notices_aside, reaches, write};

/// More than the window holds at a time.
const SAID: usize = 300;

/// A condition: a message that says `text` has something that a selector finds.
fn has(text: &str, css: &str) -> String {
    format!(
        "[...document.querySelectorAll('[data-testid=message]')]\
         .some((m) => m.textContent.includes('{text}') && m.querySelector('{css}'))"
    )
}

#[test]
fn what_is_mended_taken_back_answered_and_liked_shows() {
    let mut stage = Stage::set(&["ann", "kim"]);
    let ann = stage.person("ann");
    let window = stage.arrive(&ann);
    stage.start_chat(&window, "kim");
    let mut kim = Slixmpp::sign_in(&stage.server, "kim", PASSWORD).unwrap();
    let (anns, kims) = (stage.address("ann"), stage.address("kim"));
    kim.tell(&json!({ "do": "text", "to": anns, "id": "k1", "body": "Tea at for? 🍵" }))
        .unwrap();
    window.until(&has("Tea at for?", "p")).unwrap();
    let many: Vec<String> = (0..SAID).map(|at| format!("line {at}")).collect();
    say_many(&window, &kims, &many);
    reaches(&window, "text", "sent");
    for wish in [
        json!({ "do": "correct", "to": anns, "of": "k1", "body": "Tea at four? 四点喝茶？" }),
        json!({ "do": "react", "to": anns, "of": "k1", "emoji": ["👍"] }),
        json!({ "do": "text", "to": anns, "id": "k2", "body": "not for you" }),
        json!({ "do": "retract", "to": anns, "of": "k2" }),
        json!({ "do": "reply", "to": anns, "id": "k3", "of": "k1", "by": kims, "body": "What do you say?",
                "quote": "Tea at for?" }),
        json!({ "do": "react", "to": anns, "of": "k3", "emoji": ["🎉", "👍"] }),
    ] {
        kim.tell(&wish).unwrap();
    }
    window
        .until(&has("What do you say?", "[data-testid=quote]"))
        .unwrap();
    window
        .until(&has("What do you say?", "[data-testid=reactions]"))
        .unwrap();
    window.shown(&id("removed", "")).unwrap();
    let page = window.text(&id("timeline", "")).unwrap();
    assert!(!page.contains("not for you"), "{page}");
    put_notices_aside(&window);
    pictures(&window, "follow-ups");

    // The answer leads to what it answers, far up; and back.
    window.click(&id("quote", "")).unwrap();
    window
        .until("document.querySelector('.message[data-flash]')?.textContent.includes('Tea at four? 四点喝茶？')")
        .unwrap();
    window
        .until(&has("Tea at four?", "[data-testid=edited]"))
        .unwrap();
    window
        .until(&has("Tea at four?", "[data-testid=reactions]"))
        .unwrap();
    pictures(&window, "follow-ups-target");
    window.click(&id("search-back", "")).unwrap();
    window
        .until(&has("What do you say?", "[data-testid=quote]"))
        .unwrap();

    // All of it is here without the server, and its words are found as they read now.
    stage.server.stop().unwrap();
    window.type_into(&id("search-input", ""), "四点").unwrap();
    window
        .until("document.querySelectorAll('[data-testid=search-hit]').length === 1")
        .unwrap();
    window.close().unwrap();
}

#[test]
fn one_gets_about_in_a_long_conversation() {
    let stage = Stage::set(&["ann", "bo", "kim"]);
    let ann = stage.person("ann");
    let window = stage.arrive(&ann);
    let mut kim = Slixmpp::sign_in(&stage.server, "kim", PASSWORD).unwrap();
    let anns = stage.address("ann");
    let kims = stage.address("kim");
    stage.start_chat(&window, "kim");
    let many: Vec<String> = (0..SAID).map(|at| format!("line {at}")).collect();
    say_many(&window, &kims, &many);
    reaches(&window, "text", "sent");

    // Reading far up, what comes is counted, and one click away.
    window
        .execute(
            "document.querySelector('[data-testid=timeline]').scrollTop -= 3000",
            json!([]),
        )
        .unwrap();
    window.shown(&id("to-present", "")).unwrap();
    for text in ["first news", "second news"] {
        kim.tell(&json!({ "do": "text", "to": anns, "body": text }))
            .unwrap();
    }
    window
        .until("document.querySelector('[data-testid=new-pill]')?.textContent.includes('2')")
        .unwrap();
    pictures(&window, "new-pill");
    window.click(&id("new-pill", "")).unwrap();
    window.gone(&id("new-pill", "")).unwrap();
    window.until(&has("second news", "p")).unwrap();

    // What came while another chat was open begins below a line.
    stage.start_chat(&window, "bo");
    kim.tell(&json!({ "do": "text", "to": anns, "body": "while you were away" }))
        .unwrap();
    window
        .shown(&id(
            "chat",
            &format!("[data-jid='{kims}'][data-unread='1']"),
        ))
        .unwrap();
    stage.open_chat(&window, "kim");
    window.shown(&id("unread-line", "")).unwrap();

    // The calendar knows the one day there is, leads to its first message, and closes by key.
    window.click(&id("calendar-open", "")).unwrap();
    let days = "[...document.querySelectorAll('[data-testid=calendar-day]')].filter((d) => d.dataset.count !== '0')";
    window.until(&format!("{days}.length >= 1")).unwrap();
    pictures(&window, "calendar");
    window
        .execute(&format!("{days}[0].click()"), json!([]))
        .unwrap();
    window.gone(&id("calendar", "")).unwrap();
    window
        .until("document.querySelector('[data-testid=message]')?.textContent.includes('line 0')")
        .unwrap();
    window.click(&id("calendar-open", "")).unwrap();
    window.until(&format!("{days}.length >= 1")).unwrap();
    window.strike(ESCAPE).unwrap();
    window.gone(&id("calendar", "")).unwrap();

    // Operators are offered while one types, and narrow the search.
    // Whoever speaks is there to stay: no way back is offered any more.
    window.shown(&id("search-back", "")).unwrap();
    write(&window, "see https://example.org/harbour/tea.html");
    reaches(&window, "text", "sent");
    window.gone(&id("search-back", "")).unwrap();
    for (typed, hits) in [
        ("in:kim news", 2),
        ("in:bo news", 0),
        ("from:kim away", 1),
        ("from:me away", 0),
        ("has:link harbour", 1),
        ("has:voice harbour", 0),
        ("before:2020-01-01 news", 0),
        ("after:2020-01-01 news", 2),
    ] {
        window.clear(&id("search-input", "")).unwrap();
        window.type_into(&id("search-input", ""), typed).unwrap();
        let found = format!(
            "document.querySelector('[data-testid=search-panel]')?.getAttribute('aria-busy') === 'false'\
             && document.querySelectorAll('[data-testid=search-hit]').length === {hits}"
        );
        window
            .until_within(Duration::from_secs(10), &found)
            .unwrap_or_else(|why| panic!("{typed}: {why}"));
    }
    window.clear(&id("search-input", "")).unwrap();
    window.type_into(&id("search-input", ""), "has:").unwrap();
    window.shown(&id("search-completion", "")).unwrap();
    pictures(&window, "search-completion");
    window.type_into(&id("search-input", ""), ENTER).unwrap();
    window
        .until("document.querySelector('[data-testid=search-input]').value.startsWith('has:voice')")
        .unwrap();
    window.close().unwrap();
}
