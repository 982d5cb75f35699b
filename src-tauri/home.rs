//! Where the data folder is.
//!
//! On a desktop it is known before Tauri is, so that the store opens while the window does, and a person or a test may
//! name another. A phone gives each app a folder of its own and tells only the running app where that is; there `HOME`
//! is nobody's, or the sandbox itself.

use std::path::PathBuf;

#[cfg(desktop)]
use crate::StartError;

/// `MILLET_HOME`, else where the platform keeps an app's data.
///
/// # Errors
///
/// When neither is known, or `MILLET_HOME` is no path on this system.
#[cfg(desktop)]
pub fn find() -> Result<PathBuf, StartError> {
    match std::env::var_os("MILLET_HOME").filter(|home| !home.is_empty()) {
        Some(home) => Ok(std::path::absolute(home)?),
        None => Ok(directories::ProjectDirs::from("im", "millet", "Millet")
            .ok_or(StartError::NoHome)?
            .data_dir()
            .to_owned()),
    }
}

/// The folder that the system gave the app.
///
/// # Errors
///
/// When the system does not say.
#[cfg(mobile)]
pub fn ask(app: &tauri::App) -> tauri::Result<PathBuf> {
    use tauri::Manager;

    app.path().app_data_dir()
}
