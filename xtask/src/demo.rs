//! `demo`: two people on one machine.
//!
//! Only prepares: the demo itself is `crates/testkit/examples/demo.rs`, because it stands on the same server, display,
//! sound and web driver as the tests, and `xtask` must stay quick to compile.

use std::process::Command;

use crate::failure::Outcome;
use crate::{build_ui, process, repository, setup};

/// Sets up, builds everything, and hands over to the demo. With `headless`, a real display is not used.
pub fn demo(headless: bool) -> Outcome {
    setup::install(match headless || !setup::has_display() {
        true => setup::DEMO,
        false => setup::SEEN_DEMO,
    })?;
    build_ui::build()?;
    let cargo = repository::cargo();
    println!("demo: building the app");
    process::run(Command::new(&cargo).current_dir(repository::root()).args([
        "build",
        "--package",
        "millet",
    ]))?;
    process::run(Command::new(&cargo).current_dir(repository::root()).args([
        "build",
        "--package",
        "engine",
        "--example",
        "headless",
    ]))?;
    let target = repository::target().join("debug");
    let mut command = Command::new(&cargo);
    command
        .current_dir(repository::root())
        .args([
            "run",
            "--quiet",
            "--package",
            "testkit",
            "--example",
            "demo",
            "--",
        ])
        .arg("--app")
        .arg(target.join("millet"))
        .arg("--client")
        .arg(target.join("examples/headless"))
        .arg("--folder")
        .arg(repository::target().join("demo"))
        .arg("--artifacts")
        .arg(repository::root().join("artifacts/demo"));
    if headless {
        command.arg("--headless");
    }
    process::run(&mut command)
}
