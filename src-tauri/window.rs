//! The window: how it opens, where it was, and where it may never go.
//!
//! The page gets the settings with its first script, before anything is painted: asked for, they would come after
//! a frame of the wrong theme. The content policy is not concerned, since the script is the shell's and not the page's.
//!
//! Its place is kept as plain JSON in the data folder: a database row would tie
//! the window to a store that may not open. What the file says is checked
//! against the monitors of today.

use std::path::{Path, PathBuf};

use api::Settings;
use serde::{Deserialize, Serialize};
use tauri::{
    AppHandle, Manager, Theme, Url, WebviewUrl, WebviewWindowBuilder, Window,
    webview::{NewWindowResponse, PermissionResponse},
    window::Color,
};

/// The only window there is; the capability names it.
const LABEL: &str = "main";

/// Beside the accounts, in the data folder.
const FILE: &str = "window.json";

/// What the web view keeps for itself, one per data folder. Nothing of ours: it writes when it likes.
const WEB_STORAGE: &str = "webview";

/// In logical pixels.
const SIZE: (f64, f64) = (1100.0, 760.0);

/// In logical pixels: the narrowest phone, and room for a keyboard.
const SMALLEST: (f64, f64) = (360.0, 560.0);

/// The page's ground, so that nothing flashes before its first frame
/// (`ui/styles/tokens.css`).
const LIGHT: Color = Color(0xFB, 0xF9, 0xF5, 0xFF);
const DARK: Color = Color(0x14, 0x16, 0x1A, 0xFF);

/// Opens the window where it was.
///
/// # Errors
///
/// When there is no display or no web view.
pub fn open(app: &AppHandle, home: &Path) -> tauri::Result<()> {
    let file = home.join(FILE);
    let place = Place::read(&file);
    app.manage(File(file));
    let settings = engine::read_settings(home);
    let dark = is_dark(settings.theme, place.dark);

    let mut window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Millet")
        .inner_size(place.width, place.height)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .background_color(if dark { DARK } else { LIGHT })
        .initialization_script(first_script(&settings)?)
        .data_directory(home.join(WEB_STORAGE))
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        // Voice is recorded by the backend; a page has no business with any device.
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .on_download(|_, _| false);
    // On a phone there is nothing else.
    #[cfg(desktop)]
    {
        window = window.maximized(place.maximized);
    }
    if let Some((x, y)) = place.position.filter(|(x, y)| is_on_a_monitor(app, *x, *y)) {
        window = window.position(x, y);
    }
    let window = window.build()?;
    // The guess by the last time was wrong where the theme changed in between.
    let now = is_dark(settings.theme, matches!(window.theme(), Ok(Theme::Dark)));
    if now != dark {
        window.set_background_color(Some(if now { DARK } else { LIGHT }))?;
    }
    Ok(())
}

/// Whether the page is dark, where the system is `system_dark`.
fn is_dark(chosen: api::Theme, system_dark: bool) -> bool {
    match chosen {
        api::Theme::System => system_dark,
        api::Theme::Light => false,
        api::Theme::Dark => true,
    }
}

/// What `ui/boot.js` and `ui/src/state/settings.rs` read.
fn first_script(settings: &Settings) -> serde_json::Result<String> {
    let settings = serde_json::to_string(settings)?;
    Ok(format!(
        "Object.defineProperty(window, '__MILLET__', {{ value: Object.freeze({{ settings: {settings} }}) }});"
    ))
}

/// Writes down where a window is. A failure costs the place, and nothing else.
pub fn remember(window: &Window) {
    let Some(file) = window.try_state::<File>() else {
        return;
    };
    let Some(place) = Place::of(window, Place::read(&file.0)) else {
        return;
    };
    if let Err(failure) = place.write(&file.0) {
        tracing::debug!(%failure, "the window's place is not kept");
    }
}

/// Where [`FILE`] is, managed by Tauri.
struct File(PathBuf);

/// Where the window was, in logical pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    width: f64,
    height: f64,
    position: Option<(f64, f64)>,
    maximized: bool,
    dark: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            width: SIZE.0,
            height: SIZE.1,
            position: None,
            maximized: false,
            dark: false,
        }
    }
}

impl Place {
    /// What the file says, corrected; the default where it says nothing.
    fn read(file: &Path) -> Self {
        std::fs::read(file)
            .ok()
            .and_then(|json| serde_json::from_slice::<Self>(&json).ok())
            .unwrap_or_default()
            .corrected()
    }

    fn corrected(mut self) -> Self {
        let within = |length: f64, smallest: f64| length.clamp(smallest, 16_384.0);
        self.width = within(self.width, SMALLEST.0);
        self.height = within(self.height, SMALLEST.1);
        self
    }

    /// Where the window is now. A maximized or hidden one keeps the place it returns to.
    fn of(window: &Window, before: Self) -> Option<Self> {
        let dark = matches!(window.theme(), Ok(Theme::Dark));
        if window.is_maximized().ok()? || !window.is_visible().ok()? {
            return Some(Self {
                maximized: window.is_maximized().ok()?,
                dark,
                ..before
            });
        }
        let scale = window.scale_factor().ok()?;
        let size = window.inner_size().ok()?.to_logical::<f64>(scale);
        let position = window.outer_position().ok()?.to_logical::<f64>(scale);
        Some(Self {
            width: size.width,
            height: size.height,
            position: Some((position.x, position.y)),
            maximized: false,
            dark,
        })
    }

    fn write(&self, file: &Path) -> std::io::Result<()> {
        // Beside, then over it: a crash in between leaves the old one whole.
        let fresh = file.with_extension("json.new");
        std::fs::write(&fresh, serde_json::to_vec_pretty(self)?)?;
        std::fs::rename(fresh, file)
    }
}

/// Whether a title bar at this place could be taken hold of.
fn is_on_a_monitor(app: &AppHandle, x: f64, y: f64) -> bool {
    app.available_monitors().is_ok_and(|monitors| {
        monitors.iter().any(|monitor| {
            let scale = monitor.scale_factor();
            let corner = monitor.position().to_logical::<f64>(scale);
            let size = monitor.size().to_logical::<f64>(scale);
            (corner.x - 1.0..corner.x + size.width - 64.0).contains(&x)
                && (corner.y - 1.0..corner.y + size.height - 64.0).contains(&y)
        })
    })
}

/// Whether a URL is a page of the app: `tauri://localhost`, or
/// `http://tauri.localhost` on Windows and Android.
fn is_ours(url: &Url) -> bool {
    let host = if cfg!(any(windows, target_os = "android")) {
        ("http", "tauri.localhost")
    } else {
        ("tauri", "localhost")
    };
    (url.scheme(), url.host_str().unwrap_or_default()) == host && url.port().is_none()
}

#[cfg(test)]
mod tests;
