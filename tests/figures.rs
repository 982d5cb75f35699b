//! The figures that need the window, as JSON on the last line of standard output.
//!
//! ```text
//! cargo bench -p millet --bench figures -- [KEY…]
//! ```
//!
//! What is shown on the way has a decimal; the JSON has the whole numbers that
//! `cargo xtask bench` collects. Medians of [`RUNS`] runs. Every moment is taken
//! inside the pages, on the clock that all processes of a machine share, so the
//! web-driver's own time is in no figure.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement may fail"
)]

#[cfg(target_os = "linux")]
#[path = "figures/measure.rs"]
mod measure;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "made for the end-to-end tests")]
#[path = "e2e/stage.rs"]
mod stage;

/// Runs behind each median.
#[cfg(target_os = "linux")]
const RUNS: usize = 5;

/// The argument that makes this program an empty window.
const EMPTY: &str = "--empty-window";

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if arguments.iter().any(|argument| argument == EMPTY) {
        return empty_window();
    }
    #[cfg(target_os = "linux")]
    measure::measure(&arguments);
    #[cfg(not(target_os = "linux"))]
    eprintln!("these figures are measured on Linux only");
}

/// What any app of this build costs before it does anything.
fn empty_window() {
    tauri::Builder::default()
        .run(tauri::generate_context!("tests/figures/tauri.conf.json"))
        .unwrap();
}
