//! The settings as the shell gave them to the page, before anything ran.
//!
//! Changed settings go to the backend (`act`); the page's own copy is only as old as the page, so it is read once.

use api::Settings;
use js_sys::Reflect;

/// From `window.__MILLET__`; the default outside the app.
pub fn given() -> Settings {
    Reflect::get(&js_sys::global(), &"__MILLET__".into())
        .and_then(|millet| Reflect::get(&millet, &"settings".into()))
        .ok()
        .and_then(|settings| serde_wasm_bindgen::from_value::<Settings>(settings).ok())
        .unwrap_or_default()
        .corrected()
}

/// Something to do to the settings.
pub type Change = Box<dyn FnOnce(&mut Settings)>;
