//! Everything that is done with the repository: `cargo xtask <command>`.
//!
//! Owns set-up, building, running, testing and checking. Refuses to be clever about failures: it prints what happened
//! and what to do next, and ends with status 1. A shell script would need a shell on every platform; a task runner
//! would be one more thing to install before the first build.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Outcome;

mod bench;
mod build_ui;
mod check_targets;
mod checks;
mod demo;
mod failure;
mod process;
mod repository;
mod run;
mod setup;
mod tidy;

/// Build, run and check Millet.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Install what this machine lacks for building and running the app
    SetUp {
        /// Only print the packages, one a line
        #[arg(long)]
        print_packages: bool,
        /// What for
        #[arg(long, value_enum, default_value_t = Purpose::Run)]
        r#for: Purpose,
    },
    /// Build the window into ui/dist
    BuildUi {
        /// Whose compiler
        #[arg(long, value_enum, default_value_t)]
        compiler: build_ui::Choice,
    },
    /// Set up, build and start the app
    Run {
        /// Optimised, as it is shipped
        #[arg(long)]
        release: bool,
        /// Only print the packages it needs, one a line
        #[arg(long)]
        print_packages: bool,
    },
    /// Two people on one machine: a server of their own and two windows; without a display, a walk with screenshots
    Demo {
        /// Only print the packages it needs, one a line
        #[arg(long)]
        print_packages: bool,
        /// Walk by itself under a virtual display even where there is a real one
        #[arg(long)]
        headless: bool,
    },
    /// Set up, build and run every test
    Test {
        /// Leave out the tests that open windows
        #[arg(long)]
        fast: bool,
        /// Only print the packages it needs, one a line
        #[arg(long)]
        print_packages: bool,
    },
    /// Measure; medians of at least five runs
    Bench {
        /// Write whole numbers, by key, to this file
        #[arg(long)]
        json: Option<PathBuf>,
        /// Measure only this key
        #[arg(long)]
        only: Option<String>,
    },
    /// Everything the project's own rules ask of a change: format, lints, tidy, tests
    Ci {
        /// Leave out the tests
        #[arg(long)]
        no_test: bool,
    },
    /// Check the repository's rules: dependency edges, file lengths, forbidden words, frozen migrations
    Tidy,
    /// Check that the app compiles for the other platforms; links nothing and needs none of their SDKs
    CheckTargets {
        /// Only this target; may be given again
        #[arg(long = "target")]
        targets: Vec<String>,
    },
    /// Build an installer for this platform
    Bundle,
}

/// What a machine is set up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Purpose {
    Run,
    Demo,
    Test,
}

fn main() -> ExitCode {
    if let Some(status) = check_targets::stand_in() {
        return status;
    }
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Outcome {
    match task {
        Task::SetUp {
            print_packages,
            r#for,
        } => {
            let groups = match r#for {
                Purpose::Run => setup::RUN,
                Purpose::Demo => setup::DEMO,
                Purpose::Test => setup::TEST,
            };
            if print_packages {
                setup::print(groups);
                return Ok(());
            }
            setup::install(groups)?;
            println!("set-up: everything is here");
            Ok(())
        }
        Task::BuildUi { compiler } => build_ui::build_with(compiler),
        Task::Run {
            print_packages: true,
            ..
        } => {
            setup::print(setup::RUN);
            Ok(())
        }
        Task::Run { release, .. } => run::run(release),
        Task::Demo {
            print_packages: true,
            ..
        } => {
            setup::print(setup::DEMO);
            Ok(())
        }
        Task::Demo { headless, .. } => demo::demo(headless),
        Task::Test {
            print_packages: true,
            ..
        } => {
            setup::print(setup::TEST);
            Ok(())
        }
        Task::Test { fast, .. } => checks::test(fast),
        Task::Bench { json, only } => bench::bench(json.as_deref(), only.as_deref()),
        Task::Ci { no_test } => checks::ci(!no_test),
        Task::Tidy => tidy::tidy(),
        Task::CheckTargets { targets } => check_targets::check(&targets),
        Task::Bundle => run::bundle(),
    }
}
