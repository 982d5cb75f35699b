//! `run` and `bundle`: the app alone, started or packed.

use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::{build_ui, process, repository, setup};

/// The Tauri command line, which packs installers. A program from npm, because building it takes many minutes.
const TAURI_CLI: &str = "@tauri-apps/cli@2.12.5";

/// Sets up, builds and starts the app.
pub fn run(release: bool) -> Outcome {
    setup::install(setup::RUN)?;
    build_ui::build()?;
    let mut command = Command::new(repository::cargo());
    command
        .current_dir(repository::root())
        .args(["run", "--package", "millet"]);
    if release {
        command.arg("--release");
    }
    process::run(&mut command)
}

/// Builds an installer for this platform below `target/release/bundle/`.
pub fn bundle() -> Outcome {
    setup::install(setup::RUN)?;
    build_ui::build()?;
    let npx = if cfg!(windows) { "npx.cmd" } else { "npx" };
    if !process::is_installed(npx) {
        return Err(
            Failure::new("packing needs npx").next("install Node.js, then run: cargo xtask bundle")
        );
    }
    process::run(
        Command::new(npx)
            .current_dir(repository::root())
            .args(["--yes", TAURI_CLI, "build", "--ci"]),
    )?;
    println!(
        "bundle: see {}",
        repository::target().join("release/bundle").display()
    );
    Ok(())
}
