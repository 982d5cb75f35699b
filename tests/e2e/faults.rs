//! What goes wrong at sign-in is said in words, each its own, and the form stays.

use crate::stage::{PASSWORD, Stage, id, pictures};

#[test]
fn each_failure_to_sign_in_has_its_words() {
    let stage = Stage::set(&["ann"]);
    let ann = stage.person("ann");
    let window = ann.open();
    pictures(&window, "sign-in");

    let ws = stage.server.ws_url();
    let nobody = "ws://127.0.0.1:1/ws";
    let mut sentences = Vec::new();
    for (address, password, server, kind) in [
        ("ann@localhost", "wrong", ws.as_str(), "wrong_password"),
        ("ann", PASSWORD, ws.as_str(), "bad_address"),
        ("ann@localhost", PASSWORD, nobody, "offline"),
        ("ann@localhost", PASSWORD, "no such server", "bad_server"),
        ("ann@nowhere.invalid", PASSWORD, "", "unknown_host"),
        (
            "ann@example.org",
            PASSWORD,
            "ws://192.0.2.1/ws",
            "plaintext_refused",
        ),
    ] {
        stage.fill_in_for(&window, address, password, server);
        let fault = id("fault", &format!("[data-kind={kind}]"));
        let words = window.text(&fault).unwrap();
        assert!(!words.contains(kind), "{kind}: {words}");
        sentences.push(words);
    }
    pictures(&window, "sign-in-fault");
    let all = sentences.len();
    sentences.sort();
    sentences.dedup();
    assert_eq!(sentences.len(), all, "{sentences:?}");

    stage.sign_in(&window, "ann");
    pictures(&window, "list-empty");
    window.close().unwrap();
}

#[test]
fn a_new_account_is_made_in_the_window() {
    let stage = Stage::set(&["ann"]);
    let cleo = stage.person("ann");
    let window = cleo.open();
    window.click(&id("sign-in-register", "")).unwrap();
    pictures(&window, "register");
    stage.fill_in(&window, "ann", PASSWORD);
    window
        .shown(&id("fault", "[data-kind=name_taken]"))
        .unwrap();
    stage.sign_in(&window, "cleo");
    window.close().unwrap();
}

#[test]
fn two_windows_do_not_share_a_folder() {
    let stage = Stage::set(&["ann"]);
    let ann = stage.person("ann");
    let first = stage.arrive(&ann);
    let second = ann.open();
    second
        .shown(&id("fault", "[data-kind=store_in_use]"))
        .unwrap();
    pictures(&second, "broken");
    first.close().unwrap();
    // The way is free, and asking again is enough.
    second.click(&id("try-again", "")).unwrap();
    second.shown(&id("chat-list", "")).unwrap();
    second.close().unwrap();
}
