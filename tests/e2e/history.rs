//! How much of the history is here is told, and it is all of it: also on a machine where nothing was before, and
//! without a server.

use serde_json::json;
use testkit::driver::Window;

use crate::stage::{Stage, id, is_online, pictures, put_notices_aside, reaches, say_many, write};

/// More than a page of the archive, and more than a window of the timeline.
const SAID: usize = 180;

/// The settings say that everything is here, and since when, and how much room it takes.
fn is_told_whole(window: &Window) {
    window.click(&id("settings", "")).unwrap();
    window
        .shown(&id("history-status", "[data-complete=true]"))
        .unwrap();
    let status = window.text(&id("history-status", "")).unwrap();
    assert!(status.contains(|c: char| c.is_ascii_digit()), "{status}");
    let sizes = window.text(&id("history-sizes", "")).unwrap();
    assert!(sizes.contains(|c: char| c.is_ascii_digit()), "{sizes}");
    assert_eq!(window.count(&id("gap", "")).unwrap(), 0);
}

/// Scrolls up until the first thing that was said is there, and nothing is missing above it.
fn is_read_back_to_the_beginning(window: &Window) {
    window
        .until(
            "(() => { const list = document.querySelector('[data-testid=timeline]');\
             list.scrollTop = 0;\
             return [...list.querySelectorAll('[data-testid=message]')]\
               .some((m) => m.textContent.includes('the very first')); })()",
        )
        .unwrap();
    window.gone(&id("older", "")).unwrap();
    assert_eq!(window.count(&id("gap", "")).unwrap(), 0);
}

#[test]
fn the_whole_history_comes_and_is_told_to_be_here() {
    let mut stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    // Somebody is there, or the server keeps the messages apart as well, and refuses too many.
    let bos = stage.arrive(&bo);
    let window = stage.arrive(&ann);
    stage.start_chat(&window, "bo");
    write(&window, "the very first");
    let many: Vec<String> = (0..SAID).map(|at| format!("line {at}")).collect();
    say_many(&window, &stage.address("bo"), &many);
    reaches(&window, "text", "delivered");
    window.close().unwrap();

    // Another machine, which has none of it.
    let mut elsewhere = stage.person("ann");
    elsewhere.home = stage.folder.path().join("elsewhere");
    let window = stage.arrive(&elsewhere);
    put_notices_aside(&window);
    is_told_whole(&window);
    pictures(&window, "history");
    stage.open_chat(&window, "bo");
    is_read_back_to_the_beginning(&window);

    // How much is wanted is kept. What is here already stays, whatever is wanted.
    window.click(&id("settings", "")).unwrap();
    window.shown(&id("history-span", "")).unwrap();
    let choose = "const field = document.querySelector('[data-testid=history-span]');\
                  field.value = 'month';\
                  field.dispatchEvent(new Event('change', { bubbles: true }))";
    window.execute(choose, json!([])).unwrap();
    let kept = "const done = arguments[0];\
        const history = () => __TAURI__.core.invoke('call', { command: { cmd: 'history' } });\
        (async () => { for (let asked = 0; asked < 200; asked += 1)\
          if ((await history()).value.span === 'month') return 'kept';\
        })().then(done, done)";
    let kept = window.execute_async(kept, json!([])).unwrap();
    assert_eq!(kept, "kept");
    window.close().unwrap();

    // Without a server the settings still know, and all of it is still there.
    stage.server.stop().unwrap();
    let window = elsewhere.open();
    stage.open_chat(&window, "bo");
    is_read_back_to_the_beginning(&window);
    is_told_whole(&window);
    let span = "document.querySelector('[data-testid=history-span]').value === 'month'";
    window.until(span).unwrap();

    stage.server.start_again().unwrap();
    stage.sign_in_again(&window, "ann");
    is_online(&window);
    window.close().unwrap();
    bos.close().unwrap();
}
