//! Rules that one file keeps or breaks by itself.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;

/// A file is one noun; tests lie beside it and are not counted.
const LINES: usize = 600;
/// More than that nobody reads.
const ARCHITECTURE_LINES: usize = 200;

/// Words that must not be committed, and why. Split, so that this file keeps its own rule.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("todo", "!("), "unfinished"),
    (concat!("unimplemented", "!("), "unfinished"),
    (concat!("FIX", "ME"), "unfinished"),
    (concat!("dbg", "!("), "left from debugging"),
    (
        concat!("#[ig", "nore"),
        "a test that does not run is not a test",
    ),
    (concat!("arti", "factory"), "names a private host"),
];

/// Checks every file that git knows or would add.
pub fn check(root: &Path) -> Outcome<Vec<String>> {
    let listed = process::output(Command::new("git").current_dir(root).args([
        "-c",
        "safe.directory=*",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))
    .map_err(|failure| failure.next("run it inside a git checkout"))?;
    let mut faults = Vec::new();
    for name in listed.lines() {
        let path = root.join(name);
        if !is_text(name) || !path.is_file() {
            continue;
        }
        let text =
            fs::read_to_string(&path).map_err(|error| Failure::at("reading", &path, &error))?;
        faults.extend(faults_of(name, &text));
    }
    Ok(faults)
}

fn is_text(name: &str) -> bool {
    let endings = [
        "css", "ftl", "html", "js", "json", "lua", "md", "py", "rs", "sh", "sql", "toml", "txt",
        "yml",
    ];
    Path::new(name)
        .extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| endings.contains(&ending))
}

fn is_test(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.contains("/tests/") || name.starts_with("tests/")
}

/// What is wrong with the file `name` (relative to the root) that holds `text`.
fn faults_of(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = text.lines().count();
    if name == "ARCHITECTURE.md" && lines > ARCHITECTURE_LINES {
        faults.push(format!(
            "{name}: {lines} lines, {ARCHITECTURE_LINES} at most"
        ));
    }
    if name.ends_with(".rs") {
        if lines > LINES && !is_test(name) {
            faults.push(format!(
                "{name}: {lines} lines, {LINES} at most; give one of its nouns a file"
            ));
        }
        if !text.starts_with("//!") && !is_test(name) {
            faults.push(format!(
                "{name}:1: a module opens with `//!`: what it owns, what it refuses"
            ));
        }
        faults.extend(unnumbered_extension(name, text));
    }
    for (index, line) in text.lines().enumerate() {
        let at = index + 1;
        for (word, why) in FORBIDDEN {
            // Prose may speak of what code may not do.
            if line.contains(word) && !name.ends_with(".md") {
                faults.push(format!("{name}:{at}: {word}: {why}"));
            }
        }
        if name.starts_with("ui/src/") && has_inline_style(line) {
            faults.push(format!(
                "{name}:{at}: the content policy blocks `style=`; use a class or a custom property"
            ));
        }
    }
    faults
}

/// XMPP extensions lie in `xepNNNN.rs`, and say their number in their first line.
fn unnumbered_extension(name: &str, text: &str) -> Option<String> {
    let stem = name.strip_prefix("crates/xmpp/src/")?.strip_suffix(".rs")?;
    let rest = stem.strip_prefix("xep")?;
    if rest.contains('/') {
        return None;
    }
    if rest.len() != 4 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(format!(
            "{name}: an extension's file is named by its number: xepNNNN.rs"
        ));
    }
    let first = text.lines().next().unwrap_or_default();
    (!first.contains(&format!("XEP-{rest}")))
        .then(|| format!("{name}:1: the first line names XEP-{rest}"))
}

fn has_inline_style(line: &str) -> bool {
    let code = line.trim_start();
    !code.starts_with("//") && (code.contains(" style=") || code.starts_with("style="))
}

#[cfg(test)]
mod tests;
