//! How the web view draws where there is no graphics card.
//!
//! WebKitGTK composes a page by OpenGL. Without a card that is Mesa's software renderer, which compiles shaders for the
//! processor and keeps every layer twice: 80 MB more in the page's process, and no frame sooner. Such a machine (a virtual
//! one, a remote desktop, a board without a driver) draws straight into the window instead.
//!
//! Rejected: `WEBKIT_DISABLE_DMABUF_RENDERER` in our own environment, which would need `unsafe`.

use std::path::Path;

use tauri::WebviewWindow;
use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

/// Where Linux shows the cards that can draw.
const CARDS: &str = "/dev/dri";

/// Draws by the processor where nothing else can.
///
/// # Errors
///
/// When the window is gone.
pub fn suit_the_machine(window: &WebviewWindow) -> tauri::Result<()> {
    if has_card(Path::new(CARDS)) {
        return Ok(());
    }
    window.with_webview(|view| {
        if let Some(settings) = view.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

/// Whether a folder of devices names one that renders.
fn has_card(devices: &Path) -> bool {
    std::fs::read_dir(devices).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            entry
                .file_name()
                .to_str()
                .is_some_and(|name| name.starts_with("renderD"))
        })
    })
}

#[cfg(test)]
mod tests;
