//! Lets a web-driver in.
//!
//! The contract for tests names `TAURI_AUTOMATION`; Tauri itself reads
//! `TAURI_WEBVIEW_AUTOMATION`. A process that sets its own environment needs
//! `unsafe`, so it starts itself once more instead, as the same process.

use std::{env, io, os::unix::process::CommandExt, process::Command};

/// Starts this process afresh where automation is asked for by the contract's
/// name only. Returns nothing where there is nothing to do, and does not return
/// at all where the start works.
#[must_use]
pub fn restart_for_automation() -> Option<io::Error> {
    let asked = env::var_os("TAURI_AUTOMATION").is_some_and(|value| value == "true");
    if !asked || env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some() {
        return None;
    }
    let program = match env::current_exe() {
        Ok(program) => program,
        Err(failure) => return Some(failure),
    };
    Some(
        Command::new(program)
            .args(env::args_os().skip(1))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .exec(),
    )
}
