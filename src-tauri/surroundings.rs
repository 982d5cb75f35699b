//! What the process has to find in its environment before the web view starts.
//!
//! - The contract for tests names `TAURI_AUTOMATION`; Tauri itself reads `TAURI_WEBVIEW_AUTOMATION`.
//! - WebKitGTK composes a page by OpenGL. Without a graphics card that is Mesa's software renderer, which compiles shaders
//!   for the processor and keeps every layer twice: 80 MB more in the page's process, and no frame sooner. Such a machine (a
//!   virtual one, a remote desktop, a board without a driver) draws straight into the window instead. Not under automation:
//!   WebKitGTK takes a screenshot with the next frame that is composed, and for one that is not it waits for ever.
//!
//! Set through GLib, whose function is safe to call as long as nothing else runs: a start by `exec` with another environment
//! was tried, and takes 45 ms of loading libraries once more. Rejected: the web view's own setting for the second one, which
//! can only be set when the page is being drawn already, and hangs it at the next change of its size; and GTK told to leave
//! OpenGL alone (`GDK_GL`), which is no better than the second and also keeps screenshots waiting.

use std::{env, ffi::OsString, path::Path};

/// Where Linux shows the cards that can draw.
const CARDS: &str = "/dev/dri";

const TAURI_AUTOMATION: &str = "TAURI_WEBVIEW_AUTOMATION";
const NO_CARD: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Adds what the environment lacks. To be called before there is a second thread: who reads the environment meanwhile reads
/// what is being moved.
pub fn complete() {
    for (name, value) in missing(|name| env::var_os(name), has_card(Path::new(CARDS))) {
        if let Err(failure) = glib::setenv(name, value, true) {
            eprintln!("millet: {name} cannot be set: {failure}");
        }
    }
}

/// The variables to add to an environment. What is set there already is its owner's will, whatever it says.
fn missing(
    environment: impl Fn(&str) -> Option<OsString>,
    has_card: bool,
) -> Vec<(&'static str, &'static str)> {
    let is_asked = environment("TAURI_AUTOMATION").is_some_and(|value| value == "true");
    let is_automated = is_asked || environment(TAURI_AUTOMATION).is_some();
    let wanted = [
        (TAURI_AUTOMATION, "true", is_asked),
        (NO_CARD, "1", !has_card && !is_automated),
    ];
    wanted
        .into_iter()
        .filter(|(name, _, needed)| *needed && environment(name).is_none())
        .map(|(name, value, _)| (name, value))
        .collect()
}

/// Whether a folder of devices names one that renders.
fn has_card(devices: &Path) -> bool {
    std::fs::read_dir(devices).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            name.to_str()
                .is_some_and(|name| name.starts_with("renderD"))
        })
    })
}

#[cfg(test)]
mod tests;
