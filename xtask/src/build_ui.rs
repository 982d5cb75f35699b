//! `build-ui`: the window, as the app embeds it, in `ui/dist/`.
//!
//! `ui/` is compiled for wasm32, wasm-bindgen runs as a library, and the page, styles and assets are laid beside:
//!
//! ```text
//! ui/dist/index.html  boot.js  ui.js  ui_bg.wasm  styles/…  assets/{icons,sounds,fonts}/…
//! ```
//!
//! Cargo is the only tool a newcomer needs for it (`trunk` and the `wasm-bindgen` program take minutes to install).
//! Nothing is done when no input changed, and a file of `dist` is written only when its bytes differ: the app is
//! rebuilt when `dist` changes, and that must not happen for nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::failure::{Failure, Outcome};
use crate::repository;

mod files;
mod wasm;

pub use wasm::{Choice, debian, has_debian, has_target};

/// Folders and files, below the root, whose bytes decide what `dist` holds.
const INPUTS: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "assets",
    "crates/api/Cargo.toml",
    "crates/api/src",
    "crates/locale/Cargo.toml",
    "crates/locale/build.rs",
    "crates/locale/src",
    "ui/Cargo.toml",
    "ui/boot.js",
    "ui/build.rs",
    "ui/index.html",
    "ui/src",
    "ui/styles",
];

/// What is copied: from below the root, to below `dist`.
const COPIES: &[(&str, &str)] = &[
    ("ui/index.html", "index.html"),
    ("ui/boot.js", "boot.js"),
    ("ui/styles", "styles"),
    ("assets/icons", "assets/icons"),
    ("assets/sounds", "assets/sounds"),
    ("assets/fonts", "assets/fonts"),
];

/// Builds `ui/dist` if anything it is made of has changed.
pub fn build() -> Outcome {
    build_with(Choice::Auto)
}

/// As [`build`], with a certain compiler.
pub fn build_with(choice: Choice) -> Outcome {
    let root = repository::root();
    let stamp_path = repository::target().join("ui.stamp");
    let fingerprint = fingerprint(&root)?;
    let dist = repository::dist();
    if fs::read_to_string(&stamp_path).is_ok_and(|stamp| stamp == fingerprint)
        && dist.join("index.html").is_file()
        && dist.join("ui_bg.wasm").is_file()
    {
        println!("ui: up to date");
        return Ok(());
    }
    if !root.join("ui/index.html").is_file() {
        return Err(Failure::new("ui/index.html is missing")
            .next("restore it: it is the page the app opens"));
    }

    let module = wasm::compile(choice)?;
    let bound = bind(&module)?;

    let mut wanted = files::below(&bound)?;
    for (from, to) in COPIES {
        let source = root.join(from);
        if source.is_file() {
            wanted.insert(PathBuf::from(to), source);
        } else if source.is_dir() {
            wanted.extend(
                files::below(&source)?
                    .into_iter()
                    .filter(|(name, _)| is_shown(name))
                    .map(|(name, path)| (Path::new(to).join(name), path)),
            );
        }
    }
    files::mirror(&wanted, &dist)?;
    fs::write(&stamp_path, fingerprint)
        .map_err(|error| Failure::at("writing", &stamp_path, &error))?;
    println!(
        "ui: {} files in ui/dist, of which the program is {} kB",
        wanted.len(),
        wasm_kb()?
    );
    Ok(())
}

/// The size of the window's program in kB (1,000 bytes), rounded up.
pub fn wasm_kb() -> Outcome<u64> {
    let path = repository::dist().join("ui_bg.wasm");
    let length = fs::metadata(&path)
        .map_err(|error| Failure::at("measuring", &path, &error))?
        .len();
    Ok(length.div_ceil(1_000))
}

/// Runs wasm-bindgen on `module` and returns the folder with its result.
fn bind(module: &Path) -> Outcome<PathBuf> {
    let folder = repository::wasm_target().join("bound");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failure::at("emptying", &folder, &error))?;
    }
    Bindgen::new()
        .input_path(module)
        .out_name("ui")
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .remove_name_section(true)
                .remove_producers_section(true)
                .generate(&folder)
        })
        .map_err(|error| Failure::new(format!("wasm-bindgen: {error:#}")))?;
    Ok(folder)
}

/// Whether the page can use such a file; scripts and sources of drawings lie in the same folders.
fn is_shown(name: &Path) -> bool {
    let endings = ["css", "js", "png", "svg", "txt", "wav", "woff2"];
    name.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| endings.contains(&ending))
}

/// One hash over the names and bytes of everything in [`INPUTS`]. Times are not asked: a checkout changes them all.
fn fingerprint(root: &Path) -> Outcome<String> {
    let mut inputs = BTreeMap::new();
    for input in INPUTS {
        let path = root.join(input);
        if path.is_dir() {
            inputs.extend(
                files::below(&path)?
                    .into_iter()
                    .map(|(name, path)| (Path::new(input).join(name), path)),
            );
        } else if path.is_file() {
            inputs.insert(PathBuf::from(input), path);
        }
    }
    let mut hash = Sha256::new();
    for (name, path) in inputs {
        let bytes = fs::read(&path).map_err(|error| Failure::at("reading", &path, &error))?;
        hash.update(name.to_string_lossy().as_bytes());
        hash.update([0]);
        hash.update(bytes.len().to_le_bytes());
        hash.update(&bytes);
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
