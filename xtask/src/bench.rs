//! `bench`: the figures of `docs/performance.md`, as whole numbers by key.
//!
//! One entry of [`FIGURES`] per key. A figure that varies is the median of at least [`RUNS`] runs; a size is measured
//! once. Keys are stable: they are compared between releases.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::{build_ui, process, repository, setup};

/// Runs behind each median.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the figures that vary need the app's windows")
)]
pub const RUNS: usize = 5;

/// A key and how it is measured.
struct Figure {
    key: &'static str,
    measure: fn() -> Outcome<u64>,
}

const FIGURES: &[Figure] = &[
    Figure {
        key: "app_binary_mb",
        measure: app_binary_mb,
    },
    Figure {
        key: "ui_wasm_kb",
        measure: build_ui::wasm_kb,
    },
];

/// Measures every figure, or `only` one, prints them and writes them to `json`.
pub fn bench(json: Option<&Path>, only: Option<&str>) -> Outcome {
    let chosen: Vec<_> = FIGURES
        .iter()
        .filter(|figure| only.is_none_or(|key| figure.key == key))
        .collect();
    if chosen.is_empty() {
        let known: Vec<_> = FIGURES.iter().map(|figure| figure.key).collect();
        return Err(
            Failure::new(format!("no such figure: {}", only.unwrap_or_default()))
                .next(format!("choose one of: {}", known.join(", "))),
        );
    }
    setup::install(setup::RUN)?;
    build_ui::build()?;
    let mut results = Vec::new();
    for figure in chosen {
        let value = (figure.measure)()?;
        println!("{:24} {value}", figure.key);
        results.push((figure.key, value));
    }
    if let Some(path) = json {
        fs::write(path, as_json(&results)).map_err(|error| Failure::at("writing", path, &error))?;
    }
    Ok(())
}

/// The middle of `values`, the lower one of two; nothing of nothing.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the figures that vary need the app's windows")
)]
pub fn median(values: &mut [u64]) -> Option<u64> {
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

/// The size of the shipped program in MB (1,000,000 bytes), rounded up.
fn app_binary_mb() -> Outcome<u64> {
    process::run(
        Command::new(repository::cargo())
            .current_dir(repository::root())
            .args(["build", "--release", "--package", "millet"]),
    )?;
    let path = repository::target()
        .join("release")
        .join(format!("millet{}", std::env::consts::EXE_SUFFIX));
    let length = fs::metadata(&path)
        .map_err(|error| Failure::at("measuring", &path, &error))?
        .len();
    Ok(length.div_ceil(1_000_000))
}

fn as_json(results: &[(&str, u64)]) -> String {
    let mut json = String::from("{");
    for (index, (key, value)) in results.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(json, "{comma}\n  \"{key}\": {value}");
    }
    json.push_str("\n}\n");
    json
}

#[cfg(test)]
mod tests;
