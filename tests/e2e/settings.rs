//! What is chosen holds at once, and after the app was closed in the same moment.

use serde_json::json;

use crate::stage::{Stage, id, is_online, picture, pictures};

#[test]
fn settings_take_effect_and_stay() {
    let stage = Stage::set(&["ann"]);
    let ann = stage.person("ann");
    let window = stage.arrive(&ann);
    window.click(&id("settings", "")).unwrap();
    window.shown(&id("settings-screen", "")).unwrap();
    pictures(&window, "settings");
    let choose = |setting: &str, value: &str, event: &str| {
        let script = "const field = document.querySelector(`[data-testid=${arguments[0]}]`);\
            field.value = arguments[1];\
            field.dispatchEvent(new Event(arguments[2], { bubbles: true }))";
        window
            .execute(script, json!([setting, value, event]))
            .unwrap();
    };
    choose("settings-scale", "120", "input");
    choose("settings-theme", "dark", "change");
    choose("settings-language", "zh-CN", "change");
    let chosen = "document.documentElement.dataset.theme === 'dark' \
                  && document.documentElement.lang === 'zh-CN' \
                  && document.documentElement.style.getPropertyValue('--scale') === '1.2'";
    window.until(chosen).unwrap();
    let title = window.text(".settings-title").unwrap();
    assert!(!title.is_ascii(), "{title}");
    picture(&window, "settings-chinese");
    window.close().unwrap();

    let window = ann.open();
    // The page had them before the program could ask for them.
    let given = window
        .execute("return __MILLET__.settings", json!([]))
        .unwrap();
    assert_eq!(given["theme"], "dark");
    assert_eq!(given["language"], "zh-CN");
    assert_eq!(given["text_size"], 120);
    window.until(chosen).unwrap();
    stage.sign_in_again(&window, "ann");
    is_online(&window);
    window.close().unwrap();

    // A file that is no settings costs the settings, and nothing else.
    std::fs::write(ann.home.join("settings.json"), "{").unwrap();
    let window = ann.open();
    window
        .until("document.documentElement.dataset.theme === 'system' && document.documentElement.lang === 'en'")
        .unwrap();
    window.shown(&id("chat-list", "")).unwrap();
    window.close().unwrap();
}
