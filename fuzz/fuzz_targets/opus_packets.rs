//! Packets in an Ogg file that is right but for them.

#![no_main]

#[path = "../bodies/sound.rs"]
mod sound;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

fuzz_target!(|bytes: &[u8]| {
    let _ = sound::packets(FOLDER.path(), bytes);
});
