//! What strangers may send in the place of a voice element: the fuzzer's body (`fuzz/`) over its seeds, cut and changed, the same at each run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test: failing is how it speaks"
)]

#[path = "../../../fuzz/bodies/element.rs"]
mod element;

use std::fs;

#[test]
fn voice_elements() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fuzz/seeds/peaks_element"
    );
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % limit.max(1) as u64) as usize
    };
    for entry in fs::read_dir(folder).unwrap() {
        let seed = fs::read(entry.unwrap().path()).unwrap();
        for cut in (0..=seed.len()).step_by(seed.len() / 200 + 1) {
            element::peaks(&seed[..cut]);
        }
        for _ in 0..2_000 {
            let mut bytes = seed.clone();
            for _ in 0..=below(4) {
                let at = below(bytes.len());
                bytes[at] = below(256) as u8;
            }
            element::peaks(&bytes);
        }
    }
}
