//! `check-targets`: whether the app compiles for the platforms that this machine is not.
//!
//! `cargo check` links nothing, so no SDK is needed; the target's `std` is rustup's where its target is installed, else
//! Debian's compiler builds it from its sources. C in build scripts is not compiled either: [`stand_in`] takes the place
//! of its compilers, and leaves empty files where objects would be. So this finds Rust that does not compile, features
//! that exclude each other and wrong `cfg`s; it does not find C that does not compile, nor anything at run time.
//!
//! Not part of `ci`: the first run takes minutes for each target. A target that this machine cannot check is printed with
//! the reason, and is no failure unless it was asked for by name.

use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::{build_ui, process, repository};

mod stand_ins;

pub use stand_ins::stand_in;

/// One for each platform, in the order people have them.
const TARGETS: &[&str] = &[
    "x86_64-pc-windows-msvc",
    "aarch64-apple-darwin",
    "aarch64-linux-android",
    "aarch64-apple-ios",
];

/// Who has the target's `std`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Library {
    Rustup,
    /// Built by Debian's compiler from its sources.
    Debian,
}

/// Checks each of `asked`, or every target of [`TARGETS`] where nothing is asked for.
pub fn check(asked: &[String]) -> Outcome {
    let targets: Vec<&str> = if asked.is_empty() {
        TARGETS.to_vec()
    } else {
        asked.iter().map(String::as_str).collect()
    };
    let tools = repository::check_target().join("stand-ins");
    stand_ins::lay_out(&tools)?;
    let mut lines = Vec::new();
    let mut is_well = true;
    for target in targets {
        let said = match library(target) {
            None => {
                is_well &= asked.is_empty();
                format!(
                    "not checked: neither rustup's target nor Debian's rustc-web with rust-web-src is here; \
                     run: rustup target add {target}"
                )
            }
            Some(library) => {
                println!("check-targets: {target}");
                match process::run(&mut command(target, library, &tools)) {
                    Ok(()) => "compiles".to_owned(),
                    Err(failure) => {
                        is_well = false;
                        format!("{failure}")
                    }
                }
            }
        };
        lines.push(format!("  {target}: {said}"));
    }
    println!("\ncheck-targets: what compiles, unlinked and without its C");
    for line in &lines {
        println!("{line}");
    }
    if is_well {
        Ok(())
    } else {
        Err(Failure::new("not every target was checked with success")
            .next("correct what the compiler names above"))
    }
}

fn library(target: &str) -> Option<Library> {
    if build_ui::has_target(target) {
        Some(Library::Rustup)
    } else {
        build_ui::has_debian().then_some(Library::Debian)
    }
}

/// The check of the app, with tools that do nothing for everything that is not Rust.
fn command(target: &str, library: Library, tools: &Path) -> Command {
    let mut command = match library {
        Library::Rustup => Command::new(repository::cargo()),
        Library::Debian => build_ui::debian(),
    };
    command
        .current_dir(repository::root())
        .args([
            "check",
            "--package",
            "millet",
            "--locked",
            "--target",
            target,
        ])
        .arg("--target-dir")
        .arg(repository::check_target());
    if library == Library::Debian {
        command.arg("-Zbuild-std=std,panic_abort,panic_unwind");
    }
    for (variable, tool) in stand_ins::VARIABLES {
        // Named by the target: build scripts themselves, and their C, are for this machine.
        command.env(
            format!("{variable}_{}", target.replace('-', "_")),
            tools.join(stand_ins::file_name(tool)),
        );
    }
    // Without a name for one, cmake's front end looks for an installed Visual Studio.
    command.env(
        format!("CMAKE_GENERATOR_{}", target.replace('-', "_")),
        "Ninja",
    );
    if target.contains("-apple-") {
        command.env("SDKROOT", tools);
    }
    command
}

#[cfg(test)]
mod tests;
