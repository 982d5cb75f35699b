//! `bench`: the figures of `docs/performance.md`, as whole numbers by key.
//!
//! Sizes are read off what is built. What varies is measured by the programs that know how, each of which gives the
//! medians of at least five runs as a JSON object on its last line: `crates/voice/examples/figures.rs`,
//! `crates/store/examples/scale`, `crates/engine/examples/sync.rs` and `tests/figures.rs`. Keys are stable: they are compared
//! between releases. The one that is no whole number is a ratio.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Number;

use crate::failure::{Failure, Outcome};
use crate::{build_ui, process, repository, setup};

/// What is known of sound alone.
const VOICE: &[&str] = &[
    "encode_x_realtime",
    "decode_x_realtime",
    "denoise_x_realtime",
    "stretch_x_realtime",
    "measure_x_realtime",
    "denoise_snr_db",
    "denoise_pauses_db",
    "bytes_per_minute",
    "front_loss_ms",
    "record_cpu_pct",
];

/// What a window shows.
const WINDOW: &[&str] = &[
    "cold_start_ms",
    "cold_start_ms_1m",
    "scroll_script_p95_ms",
    "press_to_capture_ms",
    "play_start_ms",
    "release_to_shown_ms",
    "text_send_to_shown_ms",
    "rss_pss_mb",
    "empty_window_pss_mb",
    "idle_cpu_pct",
];

/// What a million messages cost, in the store alone.
const SCALE: &[&str] = &[
    "open_chat_p95_ms_1m",
    "page_older_p95_ms_1m",
    "search_p95_ms_1m",
    "search_worst_ms_1m",
    "db_bytes_per_message",
    "merge_per_s",
];

/// What the whole archive of an account costs on a new machine.
const SYNC: &[&str] = &[
    "sync_50k_s",
    "sync_vs_floor",
    "ingest_per_s",
    "sync_extra_mb",
];

/// What is built.
const SIZES: &[&str] = &["app_binary_mb", "ui_wasm_kb"];

/// Measures every figure, or `only` one, prints them and writes them to `json`.
pub fn bench(json: Option<&Path>, only: Option<&str>) -> Outcome {
    let wanted = |keys: &[&'static str]| -> Vec<&'static str> {
        let chosen = keys.iter().copied();
        chosen
            .filter(|key| only.is_none_or(|only| only == *key))
            .collect()
    };
    let (voice, window, sizes) = (wanted(VOICE), wanted(WINDOW), wanted(SIZES));
    let (scale, sync) = (wanted(SCALE), wanted(SYNC));
    if [&voice, &window, &scale, &sync, &sizes]
        .iter()
        .all(|keys| keys.is_empty())
    {
        let known = [VOICE, WINDOW, SCALE, SYNC, SIZES].concat().join(", ");
        let problem = format!("no such figure: {}", only.unwrap_or_default());
        return Err(Failure::new(problem).next(format!("choose one of: {known}")));
    }
    let needs_servers = !window.is_empty() || !sync.is_empty() || !voice.is_empty();
    setup::install(if needs_servers {
        setup::TEST
    } else {
        setup::RUN
    })?;
    build_ui::build()?;
    let mut results = BTreeMap::new();
    if !window.is_empty() || sizes.contains(&"app_binary_mb") {
        process::run(&mut cargo(&["build", "--release", "--package", "millet"]))?;
    }
    if !window.is_empty() {
        // The history that a cold start opens.
        process::run(&mut example("build", "store", "corpus"))?;
        let mut command = cargo(&["bench", "--package", "millet", "--bench", "figures", "--"]);
        results.extend(measured(command.args(&window), &window)?);
    }
    if !voice.is_empty() {
        let mut command = example("run", "voice", "figures");
        results.extend(measured(&mut command, &voice)?);
    }
    if !scale.is_empty() {
        let mut command = example("run", "store", "scale");
        // Written once, which takes a minute or two, and used again.
        command
            .args(["--", "--folder"])
            .arg(repository::target().join("scale"));
        results.extend(measured(&mut command, &scale)?);
    }
    if !sync.is_empty() {
        let mut command = example("run", "engine", "sync");
        results.extend(measured(&mut command, &sync)?);
    }
    for key in sizes {
        let value = match key {
            "app_binary_mb" => app_binary_mb()?,
            _ => build_ui::wasm_kb()?,
        };
        results.insert(key.to_owned(), value.into());
    }
    println!();
    for (key, value) in &results {
        println!("{key:24} {value}");
    }
    if let Some(path) = json {
        let mut text = serde_json::to_string_pretty(&results)
            .map_err(|error| Failure::new(format!("the figures: {error}")))?;
        text.push('\n');
        fs::write(path, text).map_err(|error| Failure::at("writing", path, &error))?;
    }
    Ok(())
}

/// Runs a program whose last line is an object of figures, and keeps the wanted ones.
fn measured(command: &mut Command, wanted: &[&str]) -> Outcome<BTreeMap<String, Number>> {
    let (succeeded, printed) = process::echoed(command)?;
    let figures = succeeded.then(|| figures_in(&printed)).flatten();
    let mut figures = figures.ok_or_else(|| {
        Failure::new(format!("no figures from: {}", process::shown(command)))
            .next("read what it printed above")
    })?;
    figures.retain(|key, _| wanted.contains(&key.as_str()));
    Ok(figures)
}

/// The numbers of the object on the last line.
fn figures_in(printed: &str) -> Option<BTreeMap<String, Number>> {
    let last = printed.lines().rev().find(|line| !line.trim().is_empty())?;
    let object: BTreeMap<String, serde_json::Value> = serde_json::from_str(last).ok()?;
    let whole = object.into_iter();
    Some(
        whole
            .filter_map(|(key, value)| match value {
                serde_json::Value::Number(number) => Some((key, number)),
                _ => None,
            })
            .collect(),
    )
}

/// The size of the shipped program in MB (1,000,000 bytes), rounded up.
fn app_binary_mb() -> Outcome<u64> {
    let path = repository::target()
        .join("release")
        .join(format!("millet{}", std::env::consts::EXE_SUFFIX));
    let length = fs::metadata(&path)
        .map_err(|error| Failure::at("measuring", &path, &error))?
        .len();
    Ok(length.div_ceil(1_000_000))
}

/// An example as it would be shipped, to be built or run.
fn example(task: &str, package: &str, name: &str) -> Command {
    cargo(&[task, "--release", "--package", package, "--example", name])
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(repository::cargo());
    command.current_dir(repository::root()).args(arguments);
    command
}

#[cfg(test)]
mod tests;
