//! The window: Yew components over the backend's feed.
//!
//! Owns what is seen and touched. It knows the types of `api` and the words of `locale`, and nothing else of the product:
//! no addresses as anything but text, no XML, no SQL. What it shows comes from the store by the feed, never from what it
//! sent itself, so that a restart, offline and online look the same.
//!
//! - [`backend`]: the only way out;
//! - [`state`]: what the window knows, as reducers in plain Rust;
//! - [`app`]: the root, which joins both; [`act`]: what the user can do;
//! - [`screens`] and [`components`]: markup, as planned in `ui/styles/README.md`.

mod act;
mod app;
mod backend;
mod clock;
mod components;
mod format;
mod hooks;
mod person;
mod screens;
mod state;
mod talk;
mod waveform;
mod way;

use wasm_bindgen::prelude::wasm_bindgen;

/// Puts the app into `#app`. Called once, by the module that `boot.js` loads.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("app"));
    if let Some(root) = root {
        yew::Renderer::<app::App>::with_root(root).render();
    }
}
