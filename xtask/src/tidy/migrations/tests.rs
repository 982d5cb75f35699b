//! Steps that ship stay as they are.

use super::*;

fn check(steps: &[(&str, &str)], frozen: &str, expected: &[&str]) {
    let steps = steps
        .iter()
        .map(|(name, hash)| ((*name).to_owned(), (*hash).to_owned()))
        .collect();
    assert_eq!(faults_of(&steps, frozen), expected);
}

#[test]
fn only_shipped_steps_are_frozen() {
    check(
        &[("0001_start.sql", "aa"), ("0002_voice.sql", "bb")],
        "aa  0001_start.sql\n",
        &[],
    );
    check(
        &[("0001_start.sql", "cc")],
        "aa  0001_start.sql\n",
        &["0001_start.sql: a shipped step has changed; add a new step instead"],
    );
    check(
        &[],
        "aa  0001_start.sql\n",
        &["0001_start.sql: a shipped step is gone"],
    );
    check(
        &[("0001_start.sql", "aa"), ("0002_voice.sql", "bb")],
        "bb  0002_voice.sql\n",
        &["0002_voice.sql: the list skips a step or is out of order"],
    );
}

#[test]
fn steps_are_numbered() {
    check(
        &[("0002_voice.sql", "bb")],
        "",
        &["0002_voice.sql: steps are numbered without gaps; expected 0001_"],
    );
}
