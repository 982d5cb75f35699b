//! `tidy`: the repository's rules as tests.
//!
//! Each check returns what it found, all of it, as lines of `path:line: what`. The same checks run as a test of this
//! package. Rules that a compiler or clippy can hold are theirs, not here.

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::repository;

mod edges;
mod files;
mod migrations;

/// Runs every check and prints what it found.
pub fn tidy() -> Outcome {
    let faults = faults(&repository::root())?;
    for fault in &faults {
        println!("{fault}");
    }
    match faults.len() {
        0 => {
            println!("tidy: all is well");
            Ok(())
        }
        count => Err(
            Failure::new(format!("{count} breaches of the repository's rules")).next(
                "correct them; the rules are explained in ARCHITECTURE.md and xtask/src/tidy/",
            ),
        ),
    }
}

fn faults(root: &Path) -> Outcome<Vec<String>> {
    let mut faults = edges::check(root)?;
    faults.extend(files::check(root)?);
    faults.extend(migrations::check(&root.join("crates/store/migrations"))?);
    Ok(faults)
}

#[cfg(test)]
mod tests;
