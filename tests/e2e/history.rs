//! What was said is here whole, the person can see that it is, and reads on where they were.

use serde_json::{Value, json};
use testkit::{
    driver::Window,
    server::{Cut, Direction},
};

use crate::search::{say_many, stands};
use crate::stage::{
    PASSWORD, Person, Stage, id, is_online, pictures, put_notices_aside, reaches, write,
};

/// More messages than the window holds at a time.
const SAID: usize = 300;

/// The first message on screen, and how far it is from the top.
fn place(window: &Window) -> (String, i64) {
    let place = stands(window);
    let place = place.as_str().unwrap();
    let (message, offset) = place.split_once(' ').unwrap();
    (message.to_owned(), offset.parse().unwrap())
}

/// Waits until the backend knows where the reader left the chat with somebody.
fn left_at(window: &Window, address: &str) -> Value {
    let script = "const done = arguments[1];\
        const chat = Number(document.querySelector(`[data-testid=chat][data-jid='${arguments[0]}']`).dataset.id);\
        const command = { cmd: 'read_window', chat, anchor: { at: 'left' } };\
        const look = () => __TAURI__.core.invoke('call', { command })\
          .then(({ value }) => value.left ? done(value.left.id) : requestAnimationFrame(look), done);\
        look()";
    window.execute_async(script, json!([address])).unwrap()
}

/// Opens the page about the history, from wherever one is.
fn open_history(window: &Window) {
    window.click(&id("settings", "")).unwrap();
    window.click(&id("history-open", "")).unwrap();
    window.shown(&id("history-screen", "")).unwrap();
}

/// Waits until the page says that all is here, of the account and of a chat.
fn shows_whole(window: &Window, address: &str) {
    window
        .shown(&id("history-status", "[data-complete=true]"))
        .unwrap();
    window
        .shown(&id(
            "history-chat",
            &format!("[data-jid='{address}'][data-whole=true]"),
        ))
        .unwrap();
}

#[test]
fn history_is_here_whole_and_read_on_where_it_was_left() {
    let mut stage = Stage::set(&["ann", "bo"]);
    let ann = stage.person("ann");
    let bo = stage.address("bo");
    // Somebody is there, or the server keeps the messages apart as well, and refuses too many.
    let reader = stage.person("bo");
    let bos = stage.arrive(&reader);
    let window = stage.arrive(&ann);
    stage.start_chat(&window, "bo");
    let many: Vec<String> = (0..SAID).map(|at| format!("line {at}")).collect();
    say_many(&window, &bo, &many);
    write(&window, "the last line");
    reaches(&window, "text", "sent");
    bos.close().unwrap();

    // Up into what was said before; then away at once.
    window
        .execute(
            "document.querySelector('[data-testid=timeline]').scrollTop -= 2345",
            json!([]),
        )
        .unwrap();
    window.shown(&id("to-present", "")).unwrap();
    let (before, offset) = place(&window);
    let kept = left_at(&window, &bo);
    assert_eq!(kept.to_string(), before);
    window.close().unwrap();

    // The next day, before there is a connection.
    let window = ann.open();
    stage.open_chat(&window, "bo");
    window.shown(&id("to-present", "")).unwrap();
    let (after, moved) = place(&window);
    assert_eq!(after, before);
    assert!((moved - offset).abs() <= 2, "{offset} became {moved}");
    // Read to the end, it opens at the end.
    window.click(&id("to-present", "")).unwrap();
    window.gone(&id("to-present", "")).unwrap();
    stage.sign_in_again(&window, "ann");
    is_online(&window);
    open_history(&window);
    shows_whole(&window, &bo);
    pictures(&window, "history");
    window.click(&id("history-back", "")).unwrap();
    window.shown(&id("settings-screen", "")).unwrap();
    window.close().unwrap();

    // Another device of hers: all of it comes, down to the first line, and stays when the server is gone.
    let other = Person {
        home: stage.folder.path().join("ann-elsewhere"),
        ..stage.person("ann")
    };
    let window = stage.arrive(&other);
    put_notices_aside(&window);
    open_history(&window);
    shows_whole(&window, &bo);
    stage.server.stop().unwrap();
    window.click(&id("chats", "")).unwrap();
    stage.open_chat(&window, "bo");
    window
        .until(
            "(() => { document.querySelector('[data-testid=timeline]').scrollTop = 0;\
             return document.querySelector('[data-testid=beginning]') !== null; })()",
        )
        .unwrap();
    let first = window
        .until("document.querySelector('[data-testid=message]')?.textContent.includes('line 0')")
        .unwrap();
    assert_eq!(first, json!(true));
    window.close().unwrap();
}

/// Where something is missing between what is here, the timeline says so, until it came.
#[test]
fn a_gap_is_shown_and_filled() {
    let stage = Stage::set(&["ann", "bo"]);
    let network = Cut::start(stage.server.http_port()).unwrap();
    let server = format!(
        "ws://127.0.0.1:{}{}",
        network.port(),
        stage.server.ws_path()
    );
    let ann = stage.person("ann");
    let window = ann.open();
    stage.fill_in_for(&window, &stage.address("ann"), PASSWORD, &server);
    window.shown(&id("chat-list", "")).unwrap();
    is_online(&window);
    stage.start_chat(&window, "bo");
    write(&window, "the very first");
    reaches(&window, "text", "sent");
    window.close().unwrap();

    // She is there elsewhere, or the server would keep it all for her and send it at once.
    let other = Person {
        home: stage.folder.path().join("ann-elsewhere"),
        ..stage.person("ann")
    };
    let elsewhere = stage.arrive(&other);
    let bo = stage.person("bo");
    let bos = stage.arrive(&bo);
    bos.shown(&id("chat", "[data-jid='ann@localhost']"))
        .unwrap();
    let many: Vec<String> = (0..SAID).map(|at| format!("line {at}")).collect();
    say_many(&bos, &stage.address("ann"), &many);
    let all_said = format!(
        "document.querySelector('[data-testid=chat]')?.textContent.includes('line {}')",
        SAID - 1
    );
    elsewhere.until(&all_said).unwrap();
    elsewhere.close().unwrap();

    // The newest page comes, and then the network breaks.
    network.cut_after(Direction::Down, 110_000);
    let window = ann.open();
    window.click(&id("sign-in-again", "")).unwrap();
    window
        .type_into(&id("sign-in-password", ""), PASSWORD)
        .unwrap();
    window.click(&id("sign-in-submit", "")).unwrap();
    window.until(&all_said).unwrap();
    stage.open_chat(&window, "bo");
    window
        .until(
            "(() => { document.querySelector('[data-testid=timeline]').scrollTop = 0;\
             return document.querySelector('[data-testid=gap]') !== null; })()",
        )
        .unwrap();
    // Between what was said before and what came after.
    let order = "return [...document.querySelectorAll('[data-testid=gap], [data-testid=message]')]\
        .map((row) => row.dataset.testid === 'gap' ? 'gap' : row.dataset.own).slice(0, 3).join()";
    assert_eq!(
        window.execute(order, json!([])).unwrap(),
        json!("true,gap,false")
    );
    pictures(&window, "gap");
    network.heal();
    let whole = "(() => { const timeline = document.querySelector('[data-testid=timeline]');\
         timeline.scrollTop = 0; return timeline.textContent.includes('the very first')\
         && !document.querySelector('[data-testid=gap]'); })()";
    window
        .until_within(std::time::Duration::from_secs(90), whole)
        .unwrap();
    window.close().unwrap();
    bos.close().unwrap();
}
