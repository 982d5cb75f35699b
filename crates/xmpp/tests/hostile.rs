//! What strangers send for a voice message: the seeds of the fuzz target, each cut off anywhere, and each changed in
//! thousands of ways, always the same ones. The body is the fuzzer's own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test: failing is how it speaks"
)]

use std::path::Path;

#[path = "../../../fuzz/bodies/xmpp.rs"]
mod bodies;

fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/peaks_element");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect();
    found.sort();
    found
}

fn text(name: &str) -> String {
    let (_, bytes) = seeds()
        .into_iter()
        .find(|(found, _)| found == name)
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn each_seed_is_what_it_says() {
    // What is read of the voice message, and whether there was one to listen to.
    for (name, voice, heard) in [
        ("ok", Some((4_100, 3)), None),
        ("ok-heard", None, Some("o1")),
        ("ok-all", Some((4_100, 3)), Some("o1")),
        ("bad-duration", None, None),
        ("bad-day", None, None),
        ("bad-peaks", Some((5, 0)), None),
        ("bad-many", Some((5, 0)), None),
        ("bad-nested", Some((5, 0)), None),
    ] {
        let message = bodies::as_xml(&text(name)).unwrap();
        let found = message.voice.map(|v| (v.duration_ms, v.peaks.len()));
        assert_eq!((found, message.heard.as_deref()), (voice, heard), "{name}");
    }
    assert!(bodies::as_xml(&text("bad-cut")).is_none());
    let message = bodies::as_values(&text("ok-values")).unwrap();
    assert_eq!(message.voice.unwrap().peaks, [0, 90, 255]);
    assert_eq!(message.heard.as_deref(), Some("o1"));
    let message = bodies::as_values(&text("bad-values")).unwrap();
    assert_eq!((message.voice, message.heard), (None, None));
}

#[test]
fn every_cut_and_change_is_nothing_or_a_message() {
    let seeds = seeds();
    // A generator whose numbers are the same everywhere and always (xorshift64).
    let mut state = 0x6d69_6c6c_6574_u64;
    let mut dice = |sides: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % sides.max(1)
    };
    for (_, bytes) in &seeds {
        for cut in 0..bytes.len() {
            bodies::peaks_element(&bytes[..cut]);
        }
        for _ in 0..300 {
            let mut changed = bytes.clone();
            for _ in 0..=dice(4) {
                let (at, early) = (dice(changed.len()), dice(changed.len().min(60)));
                let other = &seeds[dice(seeds.len())].1;
                let from = dice(other.len());
                match dice(5) {
                    0 => changed[early] ^= 1 << dice(7),
                    1 => changed[at] = b"<>/='\"&;:\n-+.0 "[dice(15)],
                    2 => drop(changed.splice(at..at, other[from..].iter().copied())),
                    3 => drop(changed.splice(at..at, changed.clone())),
                    _ => drop(changed.drain(early..(early + dice(9)).min(changed.len()))),
                }
                if changed.is_empty() {
                    break;
                }
            }
            bodies::peaks_element(&changed);
        }
    }
}
