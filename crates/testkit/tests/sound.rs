//! Sound comes out where it went in.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use std::fs;
use std::process::Command;

use testkit::sound::{Sound, speech};

#[test]
fn what_is_said_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let (said, heard) = (
        folder.path().join("said.wav"),
        folder.path().join("heard.wav"),
    );
    speech("Millet", &said).unwrap();
    let sound = Sound::start(&["ann", "bo"]).unwrap();
    let recording = sound.listen("ann", &heard).unwrap();
    // As the app plays: on the device that its environment names.
    let status = Command::new("paplay")
        .arg(&said)
        .envs(sound.environment("ann"))
        .status()
        .unwrap();
    assert!(status.success());
    sound.say("bo", &said).unwrap();
    recording.stop().unwrap();

    let bytes = fs::read(&heard).unwrap();
    let samples = bytes[44..]
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]).unsigned_abs());
    let loudest = samples.max();
    assert!(
        loudest.is_some_and(|loudest| loudest > 1_000),
        "{loudest:?}"
    );
}
