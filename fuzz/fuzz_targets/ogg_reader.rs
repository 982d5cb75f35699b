//! A file that may be Ogg Opus: read, drawn, repaired.

#![no_main]

#[path = "../bodies/sound.rs"]
mod sound;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

fuzz_target!(|bytes: &[u8]| {
    let _ = sound::file(FOLDER.path(), bytes);
});
