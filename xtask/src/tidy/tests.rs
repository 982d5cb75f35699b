//! The repository itself, held to its rules.

use super::*;

#[test]
fn the_repository_is_tidy() {
    let faults = faults(&repository::root()).unwrap();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
