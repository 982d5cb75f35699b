//! Arbitrary packets in a sound container.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/hook.rs"]
mod hook;
#[allow(dead_code)]
#[path = "../bodies/voice.rs"]
mod voice_bodies;

static FOLDER: OnceLock<voice_bodies::Folder> = OnceLock::new();

fuzz_target!(
    init: {
        hook::ours_only();
    },
    |bytes: &[u8]| {
        let folder = FOLDER.get_or_init(|| voice_bodies::Folder::new("opus_packets"));
        voice_bodies::opus_packets(folder, bytes);
    }
);
