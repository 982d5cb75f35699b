//! `test` and `ci`: every check, in the order that tells soonest.

use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::{build_ui, process, repository, setup, tidy};

/// Sets up and runs every test of the workspace; `fast` leaves out those that open windows (`tests/` at the root).
pub fn test(fast: bool) -> Outcome {
    setup::install(setup::TEST)?;
    build_ui::build()?;
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    // Real servers, windows and sound share few processors: one test at a time, so that none is judged by another's load.
    command.env("RUST_TEST_THREADS", "1");
    if fast {
        command.args(["--exclude", "millet"]);
    } else {
        // Windows are driven by tests through the program itself, so it has to be there, and to be this one.
        process::run(&mut cargo(&["build", "--package", "millet"]))?;
    }
    let (succeeded, printed) = process::echoed(&mut command)?;
    println!("\ntest: what the runners said at the end");
    for line in printed
        .lines()
        .filter(|line| line.starts_with("test result:"))
    {
        println!("  {line}");
    }
    let tally = Tally::of(&printed);
    println!("test: {} passed, {} failed", tally.passed, tally.failed);
    if succeeded {
        Ok(())
    } else {
        Err(Failure::new("tests failed").next("read the first failure above"))
    }
}

/// Everything a change must pass; `.ci/run` asks for the tests by themselves.
pub fn ci(with_tests: bool) -> Outcome {
    setup::install(setup::TEST)?;
    step("fmt", &mut cargo(&["fmt", "--all", "--check"]))?;
    println!("ci: tidy");
    tidy::tidy()?;
    // The app embeds ui/dist when it is compiled, so that comes before anything that compiles the app.
    println!("ci: build-ui");
    build_ui::build()?;
    step(
        "clippy",
        &mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ]),
    )?;
    if with_tests {
        println!("ci: test");
        test(false)?;
    }
    println!("ci: all is well");
    Ok(())
}

fn step(name: &str, command: &mut Command) -> Outcome {
    println!("ci: {name}");
    process::run(command)
        .map_err(|failure| failure.next(format!("correct it, then: {}", process::shown(command))))
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(repository::cargo());
    command.current_dir(repository::root()).args(arguments);
    command
}

/// What libtest's closing lines add up to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    fn of(printed: &str) -> Self {
        let mut tally = Self::default();
        for line in printed
            .lines()
            .filter(|line| line.starts_with("test result:"))
        {
            tally.passed += count(line, " passed");
            tally.failed += count(line, " failed");
        }
        tally
    }
}

/// The number in front of `word`.
fn count(line: &str, word: &str) -> u64 {
    line.split_once(word)
        .and_then(|(before, _)| before.rsplit([' ', '.']).find(|part| !part.is_empty()))
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests;
