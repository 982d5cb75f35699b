//! What strangers may send in the place of sound: the fuzzers' bodies (`fuzz/`) over their seeds, cut and changed, the same ones at each run; and
//! each kind of lie by its name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test: failing is how it speaks"
)]

#[path = "../../../fuzz/bodies/sound.rs"]
mod sound;

use std::fs;
use std::path::{Path, PathBuf};

use voice::{Probe, VoiceError};

/// Changes of each seed.
const CHANGES: usize = 120;

fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/seeds")
        .join(target);
    let mut seeds: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty());
    seeds
}

/// The same numbers at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Flips, sets, repeats, removes and swaps bytes.
fn changed(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(6) {
        if bytes.is_empty() {
            break;
        }
        let at = dice.below(bytes.len());
        let length = 1 + dice.below((bytes.len() - at).min(16));
        match dice.below(5) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at..at + length].fill([0, 0xff, 0x7f, 0x80][dice.below(4)]),
            2 => {
                let piece = bytes[at..at + length].to_vec();
                let to = dice.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            3 => {
                bytes.drain(at..at + length);
            }
            _ => {
                let other = dice.below(bytes.len());
                bytes.swap(at, other);
            }
        }
    }
    bytes
}

fn try_all(target: &str, body: impl Fn(&Path, &[u8]) -> Result<Probe, VoiceError>) {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for (_, seed) in seeds(target) {
        let _ = body(folder.path(), &seed);
        // Every cut of a small one, every so many of a large one.
        for cut in (0..seed.len()).step_by(seed.len() / 100 + 1) {
            let _ = body(folder.path(), &seed[..cut]);
        }
        for _ in 0..CHANGES {
            let _ = body(folder.path(), &changed(&seed, &mut dice));
        }
    }
    let most = most_memory_mb();
    assert!(most < 400, "{most} MB at the most");
}

/// What this program needed at the worst moment, in MB.
fn most_memory_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |kb| kb / 1024)
}

#[test]
fn ogg_opus() {
    try_all("ogg_reader", sound::file);
}

#[test]
fn opus_packets() {
    try_all("opus_packets", sound::packets);
}

#[test]
fn other_formats() {
    try_all("foreign", sound::file);
}

#[test]
fn the_seeds_are_what_they_are_called() {
    let folder = tempfile::tempdir().unwrap();
    for target in ["ogg_reader", "foreign"] {
        for (name, seed) in seeds(target) {
            if name == "head_only" {
                continue;
            }
            let probe = sound::file(folder.path(), &seed).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(probe.duration_ms.abs_diff(250) <= 60, "{name}: {probe:?}");
        }
    }
}

/// A WAV file with a header that says so many bytes of sound, 8 kHz, mono.
fn wav(format: u16, bits: u16, claimed: u32, sound: &[u8]) -> Vec<u8> {
    let mut file = b"RIFF".to_vec();
    file.extend(claimed.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0");
    file.extend(format.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(8_000_u32.to_le_bytes());
    file.extend((8_000 * u32::from(bits) / 8).to_le_bytes());
    file.extend((bits / 8).to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend(claimed.to_le_bytes());
    file.extend(sound);
    file
}

#[test]
fn lies_have_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = |bytes: &[u8]| sound::file(folder.path(), bytes);

    // Nothing, and nothing that is sound.
    assert!(matches!(file(b""), Err(VoiceError::NotAudio)));
    assert!(matches!(file(&[0x41; 5_000]), Err(VoiceError::NotAudio)));

    // A header that promises four gigabytes gives what is there.
    let second = [0_u8; 16_000];
    let lying = file(&wav(1, 16, u32::MAX - 100, &second));
    match lying {
        Ok(probe) => assert!(probe.duration_ms <= 1_000, "{probe:?}"),
        Err(VoiceError::TooLong | VoiceError::Damaged { .. }) => {}
        Err(error) => panic!("{error:?}"),
    }

    // Numbers that are none are silence, and harm nobody's ears.
    let mut nan = Vec::new();
    for at in 0..8_000 {
        let sample = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30][at % 4];
        nan.extend(sample.to_le_bytes());
    }
    let bytes = wav(3, 32, nan.len() as u32, &nan);
    fs::write(folder.path().join("nan.wav"), &bytes).unwrap();
    if let Ok(given) = voice::render(
        &folder.path().join("nan.wav"),
        &voice::PlayOptions {
            even_loudness: true,
            ..voice::PlayOptions::default()
        },
        48_000,
    ) {
        assert!(
            given.iter().all(|sample| sample.is_finite()),
            "a device gets no number that is none"
        );
    }

    // Ten hours are refused, whoever says so: the header of a WAV, or the positions of an Ogg.
    let long = wav(1, 8, 8_000 * 36_000, &[0x80; 1_000]);
    assert!(!matches!(file(&long), Ok(probe) if probe.duration_ms > 1_000));

    // A recording that goes on in another (chained), or is cut anywhere, is read as far as it goes.
    let (_, one) = seeds("ogg_reader").pop().unwrap();
    let chained = [one.as_slice(), one.as_slice()].concat();
    match file(&chained) {
        Ok(probe) => assert!(probe.duration_ms >= 200, "{probe:?}"),
        Err(error) => assert!(matches!(error, VoiceError::Damaged { .. }), "{error:?}"),
    }
}
