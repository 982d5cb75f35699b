//! History goes into a folder of the user's and comes back on a new machine, where there is no server any more.

use serde_json::json;
use testkit::{driver::Window, sound};

use crate::search::say_many;
use crate::stage::{Person, Stage, id, pictures, put_notices_aside, reaches};

/// Long enough for a bar to be seen.
const SAID: usize = 500;

fn open_history(window: &Window) {
    window.click(&id("settings", "")).unwrap();
    window.click(&id("history-open", "")).unwrap();
    window.shown(&id("history-screen", "")).unwrap();
}

/// Watches for a progress bar that may be gone sooner than a driver looks.
fn watch_for(window: &Window, name: &str) {
    window
        .execute(
            &format!(
                "window.barSeen = false;\
                 new MutationObserver(() => {{ if (document.querySelector('[data-testid={name}] progress'))\
                   window.barSeen = true }}).observe(document.body, {{ subtree: true, childList: true }})"
            ),
            json!([]),
        )
        .unwrap();
}

#[test]
fn a_folder_outlives_the_machine_and_the_server() {
    let mut stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let (window, bos) = (stage.arrive(&ann), stage.arrive(&bo));
    stage.start_chat(&window, "bo");
    let many: Vec<String> = (0..SAID).map(|at| format!("line {at}")).collect();
    say_many(&window, &stage.address("bo"), &many);
    let said = stage.folder.path().join("said.wav");
    sound::speech("this is not lost either", &said).unwrap();
    stage.speak(&window, "ann", &said);
    reaches(&window, "voice", "delivered");
    bos.close().unwrap();

    let folder = stage.folder.path().join("kept");
    let kept = folder.to_str().unwrap();
    open_history(&window);
    let (field, bar) = (id("export-folder", ""), id("export-progress", ""));
    window.clear(&field).unwrap();
    window.type_into(&field, kept).unwrap();
    watch_for(&window, "export-progress");
    window.click(&id("export-now", "")).unwrap();
    let page = folder.join("index.html");
    window.until("window.barSeen").unwrap();
    window.gone(&bar).unwrap();
    pictures(&window, "exported");
    assert!(page.exists());
    assert_eq!(window.count(&id("fault", "")).unwrap(), 0);
    window.close().unwrap();

    // Another machine of hers; the folder was carried there, under another name. The server is up for the time it takes to
    // sign in, and has forgotten everything that was said.
    let carried = stage.folder.path().join("carried over");
    std::fs::rename(&folder, &carried).unwrap();
    let other = Person {
        home: stage.folder.path().join("new-machine"),
        environment: stage.sound.environment("ann"),
        ..stage.person("cy")
    };
    stage.server.register("cy", crate::stage::PASSWORD).unwrap();
    let window = stage.arrive(&other);
    put_notices_aside(&window);
    stage.server.stop().unwrap();
    open_history(&window);
    let field = id("import-folder", "");
    window.clear(&field).unwrap();
    window.type_into(&field, carried.to_str().unwrap()).unwrap();
    watch_for(&window, "import-progress");
    window.click(&id("import-start", "")).unwrap();
    window.until("window.barSeen").unwrap();
    window.gone(&id("import-progress", "")).unwrap();
    let note = window.text(&id("import-note", "")).unwrap();
    assert!(note.contains(&(SAID + 1).to_string()), "{note}");
    pictures(&window, "imported");

    // Words and voice are there, and play.
    window.click(&id("chats", "")).unwrap();
    stage.open_chat(&window, "bo");
    let voice = id("message", "[data-kind=voice][data-own=true]");
    window.shown(&format!("{voice} [data-media=here]")).unwrap();
    let heard = stage.folder.path().join("heard.wav");
    let recording = stage.sound.listen("ann", &heard).unwrap();
    window
        .click(&format!("{voice} [data-testid=voice-play]"))
        .unwrap();
    window
        .shown(&format!("{voice} [data-state=playing]"))
        .unwrap();
    window
        .gone(&format!("{voice} [data-state=playing]"))
        .unwrap();
    recording.stop().unwrap();
    crate::ears::assert_heard(&said, &heard);
    window.close().unwrap();
}
