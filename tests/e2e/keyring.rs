//! Where the password stays: in the system's keyring, or with its owner.

use serde_json::json;
use testkit::driver::Screen;

use crate::stage::{Stage, id, is_online, put_notices_aside};

const NOT_KEPT: &str = "[data-kind=password_not_kept]";

#[test]
fn a_keyring_keeps_the_password() {
    let stage = Stage::set(&["ann"]);
    let ann = stage.person_at("ann", Screen::with_keyring().unwrap());
    let window = ann.open();
    stage.sign_in(&window, "ann");
    window.click(&id("settings", "")).unwrap();
    let said = window.text(&id("settings-password", "")).unwrap();
    assert!(said.contains("keyring"), "{said}");
    assert_eq!(window.count(&id("fault", NOT_KEPT)).unwrap(), 0);
    window.close().unwrap();

    let window = ann.open();
    window.shown(&id("chat-list", "")).unwrap();
    is_online(&window);
    assert_eq!(window.count(&id("sign-in-again", "")).unwrap(), 0);

    // Signed out, it is forgotten.
    window.click(&id("settings", "")).unwrap();
    window.click(&id("sign-out", "")).unwrap();
    window.click(&id("sign-out-confirm", "")).unwrap();
    window.shown(&id("sign-in-jid", "")).unwrap();
    window.close().unwrap();
    let window = ann.open();
    window.shown(&id("sign-in-jid", "")).unwrap();
    window.close().unwrap();
}

#[test]
fn without_a_keyring_it_is_said_once_and_asked_for_again() {
    let stage = Stage::set(&["ann", "bo"]);
    let ann = stage.person("ann");
    let window = stage.arrive(&ann);
    put_notices_aside(&window);
    window.close().unwrap();

    let window = ann.open();
    window
        .shown(&id("connection", "[data-kind=password_needed]"))
        .unwrap();
    stage.sign_in_again(&window, "ann");
    is_online(&window);
    // What comes by the feed after a notice would have come.
    window
        .execute(
            "__TAURI__.core.invoke('call', { command: { cmd: 'start_chat', address: 'bo@localhost' } })",
            json!([]),
        )
        .unwrap();
    window
        .shown(&id("chat", "[data-jid='bo@localhost']"))
        .unwrap();
    assert_eq!(window.count(&id("fault", NOT_KEPT)).unwrap(), 0);
    window.close().unwrap();
}
