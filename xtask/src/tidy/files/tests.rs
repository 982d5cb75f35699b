//! Each rule: one file that keeps it, one that does not.

use super::*;

fn check(name: &str, text: &str, expected: &[&str]) {
    assert_eq!(faults_of(name, text), expected);
}

#[test]
fn a_module_says_what_it_is() {
    check("crates/api/src/lib.rs", "//! Types.\n", &[]);
    check(
        "crates/api/src/lib.rs",
        "use std::fs;\n",
        &["crates/api/src/lib.rs:1: a module opens with `//!`: what it owns, what it refuses"],
    );
}

#[test]
fn length_counts_code_and_not_tests() {
    let long = format!("//! Long.\n{}", "\n".repeat(LINES));
    check("crates/api/src/tests.rs", &long, &[]);
    check("tests/two_people.rs", &long, &[]);
    check(
        "crates/api/src/lib.rs",
        &long,
        &["crates/api/src/lib.rs: 601 lines, 600 at most; give one of its nouns a file"],
    );
    check(
        "ARCHITECTURE.md",
        &"\n".repeat(201),
        &["ARCHITECTURE.md: 201 lines, 200 at most"],
    );
}

#[test]
fn words_that_tell_of_unfinished_work() {
    let text = format!("//! A.\nfn a() {{ {}) }}\n", concat!("todo", "!("));
    check(
        "ui/src/a.rs",
        &text,
        &[concat!("ui/src/a.rs:2: todo", "!(: unfinished")],
    );
}

#[test]
fn inline_styles() {
    check(
        "ui/src/a.rs",
        "//! A.\n<p class=\"a\"> // no style= here\n",
        &["ui/src/a.rs:2: the content policy blocks `style=`; use a class or a custom property"],
    );
    check(
        "ui/src/a.rs",
        "//! A.\n// never style= in html\nlet style = 1;\n",
        &[],
    );
    check("crates/api/src/a.rs", "//! A.\n<p style=\"a\">\n", &[]);
}

#[test]
fn extensions_are_numbered() {
    check(
        "crates/xmpp/src/xep0184.rs",
        "//! XEP-0184: receipts.\n",
        &[],
    );
    check("crates/xmpp/src/xep0184/tests.rs", "//! Receipts.\n", &[]);
    check(
        "crates/xmpp/src/xep0184.rs",
        "//! Receipts.\n",
        &["crates/xmpp/src/xep0184.rs:1: the first line names XEP-0184"],
    );
    check(
        "crates/xmpp/src/xep184.rs",
        "//! XEP-0184.\n",
        &["crates/xmpp/src/xep184.rs: an extension's file is named by its number: xepNNNN.rs"],
    );
}
