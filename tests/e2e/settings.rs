//! Theme and language change at once. That they are kept is up to the web view, which writes its storage when it likes.

use serde_json::json;

use crate::stage::{Stage, id, picture, pictures};

#[test]
fn settings_take_effect() {
    let stage = Stage::set(&["ann"]);
    let ann = stage.person("ann");
    let window = stage.arrive(&ann);
    window.click(&id("settings", "")).unwrap();
    window.shown(&id("settings-screen", "")).unwrap();
    pictures(&window, "settings");
    let choose = |setting: &str, value: &str| {
        let script = "const select = document.querySelector(`[data-testid=${arguments[0]}]`);\
            select.value = arguments[1];\
            select.dispatchEvent(new Event('change', { bubbles: true }))";
        window.execute(script, json!([setting, value])).unwrap();
    };
    choose("settings-theme", "dark");
    choose("settings-language", "zh-CN");
    let chosen = "document.documentElement.dataset.theme === 'dark' \
                  && document.documentElement.lang === 'zh-CN'";
    window.until(chosen).unwrap();
    let title = window.text(".settings-title").unwrap();
    assert!(!title.is_ascii(), "{title}");
    picture(&window, "settings-chinese");
    window.close().unwrap();
}
