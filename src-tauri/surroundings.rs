//! What the process has to find in its environment before the web view starts.
//!
//! - The contract for tests names `TAURI_AUTOMATION`; Tauri itself reads `TAURI_WEBVIEW_AUTOMATION`.
//! - WebKitGTK composes a page by OpenGL. Without a graphics card that is Mesa's software renderer, which compiles shaders
//!   for the processor and keeps every layer twice: 80 MB more in the page's process, and no frame sooner. Such a machine (a
//!   virtual one, a remote desktop, a board without a driver) draws straight into the window instead. Not under automation:
//!   WebKitGTK takes a screenshot with the next frame that is composed, and for one that is not it waits for ever.
//!
//! A process that sets its own environment needs `unsafe`, so it starts itself once more instead, as the same process, which
//! costs some milliseconds. Rejected: the web view's own setting for the second one, which can only be set when the page is
//! being drawn already, and hangs it at the next change of its size.

use std::{env, ffi::OsString, io, os::unix::process::CommandExt, path::Path, process::Command};

/// Where Linux shows the cards that can draw.
const CARDS: &str = "/dev/dri";

const TAURI_AUTOMATION: &str = "TAURI_WEBVIEW_AUTOMATION";
const NO_CARD: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Starts this process afresh where its environment lacks something. Returns nothing where there is nothing to do, and does
/// not return at all where the start works.
#[must_use]
pub fn restart_where_needed() -> Option<io::Error> {
    let missing = missing(|name| env::var_os(name), has_card(Path::new(CARDS)));
    if missing.is_empty() {
        return None;
    }
    let program = match env::current_exe() {
        Ok(program) => program,
        Err(failure) => return Some(failure),
    };
    Some(
        Command::new(program)
            .args(env::args_os().skip(1))
            .envs(missing)
            .exec(),
    )
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
