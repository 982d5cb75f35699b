//! Starts Millet.

// Windows opens a console beside the window otherwise.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    if let Some(failure) = millet::restart_where_needed() {
        eprintln!("millet: cannot start afresh: {failure}");
        return ExitCode::FAILURE;
    }
    match millet::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("millet: the window cannot be opened: {failure}");
            ExitCode::FAILURE
        }
    }
}
