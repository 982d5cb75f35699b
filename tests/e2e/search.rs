//! Something said long ago is found, opened in its place, and left again.

use serde_json::{Value, json};
use testkit::driver::{ENTER, ESCAPE, Window};

use crate::stage::{Stage, id, pictures, put_notices_aside, reaches, write};

/// Messages between what is looked for and now: more than the window holds at a time.
const BETWEEN: usize = 300;

/// Says many things at once, as fast as the backend takes them.
pub fn say_many(window: &Window, name: &str, texts: &[String]) {
    let script = "const done = arguments[2];\
        const chat = Number(document.querySelector(`[data-testid=chat][data-jid='${arguments[0]}']`).dataset.id);\
        (async () => { for (const body of arguments[1])\
          await __TAURI__.core.invoke('call', { command: { cmd: 'send_text', chat, body } });\
        })().then(() => done('said'), done)";
    let said = window.execute_async(script, json!([name, texts])).unwrap();
    assert_eq!(said, "said");
}

/// Types into the search over everything, and waits for what it finds.
fn search(window: &Window, text: &str) {
    window.clear(&id("search-input", "")).unwrap();
    window.type_into(&id("search-input", ""), text).unwrap();
    window
        .until("document.querySelector('[data-testid=search-panel]')?.getAttribute('aria-busy') === 'false'")
        .unwrap();
    window.shown(&id("search-hit", "")).unwrap();
}

/// The words of all hits, with what is marked in them in brackets.
fn hits(window: &Window) -> Vec<String> {
    let script = "return [...document.querySelectorAll('[data-testid=search-hit] .search-hit-snippet')]\
        .map((hit) => [...hit.childNodes].map((node) =>\
          node.nodeName === 'MARK' ? `[${node.textContent}]` : node.textContent).join(''))";
    let found = window.execute(script, json!([])).unwrap();
    serde_json::from_value(found).unwrap()
}

/// Where the timeline stands: its first message on screen, and how far that is from the top.
const PLACE: &str = "(() => { const list = document.querySelector('[data-testid=timeline]');\
    const top = list.getBoundingClientRect().top;\
    const first = [...list.querySelectorAll('[data-testid=message]')]\
      .find((m) => m.getBoundingClientRect().bottom > top);\
    return `${first.dataset.id} ${Math.round(first.getBoundingClientRect().top - top)}`; })()";

/// [`PLACE`] as it is painted: a page that came in above is made up for before that, and not before a script looks.
pub fn stands(window: &Window) -> Value {
    let script = format!(
        "const done = arguments[0];\
         requestAnimationFrame(() => requestAnimationFrame(() => done({PLACE})))"
    );
    window.execute_async(&script, json!([])).unwrap()
}

fn on_screen(text: &str) -> String {
    format!(
        "(() => {{ const list = document.querySelector('[data-testid=timeline]').getBoundingClientRect();\
         return [...document.querySelectorAll('[data-testid=message]')].some((m) => {{\
         const box = m.getBoundingClientRect();\
         return m.textContent.includes('{text}') && box.bottom > list.top && box.top < list.bottom; }}); }})()"
    )
}

#[test]
fn what_was_said_long_ago_is_found_in_any_script() {
    let stage = Stage::set(&["ann", "bo", "cy"]);
    let ann = stage.person("ann");
    let window = stage.arrive(&ann);
    stage.start_chat(&window, "bo");
    write(&window, "奶奶说明天喝茶");
    write(&window, "The café by the harbour closes at six");
    let many: Vec<String> = (0..BETWEEN).map(|at| format!("line {at}")).collect();
    say_many(&window, &stage.address("bo"), &many);
    stage.start_chat(&window, "cy");
    write(&window, "No tea for me");
    write(&window, "我们晚上喝茶");
    reaches(&window, "text", "sent");
    put_notices_aside(&window);

    // One character, in both chats: grouped, and marked.
    search(&window, "茶");
    window
        .until("document.querySelectorAll('[data-testid=search-hit]').length === 2")
        .unwrap();
    assert_eq!(hits(&window), ["我们晚上喝[茶]", "奶奶说明天喝[茶]"]);
    assert_eq!(window.count(".search-chat").unwrap(), 2);
    pictures(&window, "search");

    // Without accents and case, by keyboard: down to the hit, and into its place far back in the other chat.
    search(&window, "CAFE");
    assert_eq!(hits(&window), ["The [café] by the harbour closes at six"]);
    window
        .type_into(&id("search-input", ""), &format!("\u{E015}{ENTER}"))
        .unwrap();
    window
        .until("document.querySelector('.message[data-flash]')?.textContent.includes('harbour')")
        .unwrap();
    window.until(&on_screen("harbour")).unwrap();
    assert_eq!(window.count(".message[data-flash]").unwrap(), 1);
    window.gone(".message[data-flash]").unwrap();

    // Back to where one was: the newest message of the other chat.
    window.click(&id("search-back", "")).unwrap();
    window.until(&on_screen("我们晚上喝茶")).unwrap();
    window.gone(&id("search-back", "")).unwrap();

    // Esc empties, then leaves: the list is there again.
    window.type_into(&id("search-input", ""), ESCAPE).unwrap();
    window
        .until("document.querySelector('[data-testid=search-input]').value === ''")
        .unwrap();
    window.type_into(&id("search-input", ""), ESCAPE).unwrap();
    window.gone(&id("search-panel", "")).unwrap();

    // In one chat only, from the middle of it: back is the very same place.
    stage.open_chat(&window, "bo");
    window.until(&on_screen("line 299")).unwrap();
    window
        .execute(
            "document.querySelector('[data-testid=timeline]').scrollTop -= 1500",
            json!([]),
        )
        .unwrap();
    window.shown(&id("to-present", "")).unwrap();
    let before = stands(&window);
    window.click(&id("chat-search", "")).unwrap();
    let inside = "[data-scope=chat] [data-testid=search-input]";
    window.type_into(inside, "喝茶").unwrap();
    window
        .until("document.querySelectorAll('[data-testid=search-hit]').length === 1")
        .unwrap();
    window.type_into(inside, ENTER).unwrap();
    window.until(&on_screen("奶奶说明天喝茶")).unwrap();
    window.click(&id("search-back", "")).unwrap();
    window.until(&on_screen("line 2")).unwrap();
    window.click(&id("search-close", "")).unwrap();
    // The bar that is gone gave its height back, so the first that was seen need not be the first.
    window.until(&is_seen(first_of(&before))).unwrap();

    // The server is gone: all of it is still found.
    let mut stage = stage;
    stage.server.stop().unwrap();
    search(&window, "harbour");
    assert_eq!(hits(&window).len(), 1);
    window.close().unwrap();
}

/// That a message is on screen.
fn is_seen(message: String) -> String {
    format!(
        "(() => {{ const list = document.querySelector('[data-testid=timeline]').getBoundingClientRect();\
         const row = document.querySelector('[data-testid=message][data-id=\"{message}\"]')?.getBoundingClientRect();\
         return row && row.bottom > list.top && row.top < list.bottom; }})()"
    )
}

fn first_of(place: &Value) -> String {
    let place = place.as_str().unwrap_or_default();
    place.split(' ').next().unwrap_or_default().to_owned()
}
