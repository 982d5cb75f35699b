//! Starts Millet.

// Windows opens a console beside the window otherwise.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    millet::complete_environment();
    match millet::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("millet: the window cannot be opened: {failure}");
            ExitCode::FAILURE
        }
    }
}
