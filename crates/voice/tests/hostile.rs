//! What strangers send: the seeds of the fuzz targets, each cut off anywhere, and each changed in thousands of ways, always
//! the same ones. The bodies are the fuzzers' own; this runs on every machine, with no more than cargo.
// An allocator that counts cannot be written without it.
#![allow(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test: failing is how it speaks"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::Path;

use voice::VoiceError;

use self::bodies::{Folder, Outcome};

#[path = "../../../fuzz/bodies/voice.rs"]
mod bodies;

type Body = fn(&Folder, &[u8]) -> Outcome;

const TARGETS: [(&str, Body); 3] = [
    ("ogg_reader", bodies::ogg_reader),
    ("opus_packets", bodies::opus_packets),
    ("foreign", bodies::foreign),
];

/// What one case may hold at once. The largest honest one is a decoder with its tables.
const MOST_MEMORY: usize = 48 << 20;

/// The system's allocator, and how much each thread holds of it: libtest runs one test a thread.
struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

fn count(gained: usize, lost: usize) {
    // A thread that ends frees after its counters are gone.
    let _ = HELD.try_with(|held| {
        held.set((held.get() + gained).saturating_sub(lost));
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.get())));
    });
}

// SAFETY: everything is passed on as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // While it moves there are both.
        count(size, 0);
        count(0, layout.size());
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Keeps panics of libraries to themselves: they are expected, and what prints them needs more memory than they do.
fn quiet() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let place = info.location().map_or("", |place| place.file());
            if !place.contains("/symphonia") && !place.starts_with("/rustc/") {
                told(info);
            }
        }));
    });
}

/// Runs one case and tells which one it was where it fails.
fn run(name: &str, body: Body, folder: &Folder, bytes: &[u8]) -> Outcome {
    let before = HELD.get();
    PEAK.set(before);
    let found = std::panic::catch_unwind(|| body(folder, bytes));
    let peak = PEAK.get() - before;
    let outcome = found.unwrap_or_else(|_| {
        let kept = std::env::temp_dir().join("millet-hostile-case");
        let _ = std::fs::write(&kept, bytes);
        panic!("{name}: kept as {}", kept.display())
    });
    assert!(peak <= MOST_MEMORY, "{name}: {peak} bytes at once");
    outcome
}

/// The seeds of a target by name, in order.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let mut found: Vec<_> = std::fs::read_dir(folder.join(target))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect();
    found.sort();
    assert!(found.len() > 5, "seeds of {target}");
    found
}

fn seed(target: &str, name: &str) -> Vec<u8> {
    let mut all = seeds(target).into_iter();
    all.find(|(found, _)| found == name).unwrap().1
}

/// A generator whose numbers are the same everywhere and always (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let rolled = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        rolled as usize % sides.max(1)
    }
}

/// A change as a fuzzer makes them: single bits, lengths that are extreme, pieces that are doubled, lost or exchanged.
fn change(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    let length = bytes.len();
    let at = dice.roll(length);
    // Structure is at the beginning.
    let early = dice.roll(length.min(400));
    match dice.roll(7) {
        0 => bytes[at] ^= 1 << dice.roll(8),
        1 => bytes[early] ^= 1 << dice.roll(8),
        2 => bytes[early] = [0, 1, 0x7f, 0x80, 0xff][dice.roll(5)],
        3 => {
            let width = [2, 4, 8][dice.roll(3)];
            let value = [0, 1, 0xff, 0x7f][dice.roll(4)];
            for byte in bytes.iter_mut().skip(early).take(width) {
                *byte = value;
            }
        }
        4 => {
            let until = (at + dice.roll(64)).min(length);
            let piece = bytes[at..until].to_vec();
            let to = dice.roll(length);
            bytes.splice(to..to, piece);
        }
        5 => {
            let until = (at + dice.roll(64)).min(length);
            bytes.drain(at..until);
        }
        _ => {
            let until = (at + dice.roll(200)).min(length);
            let from = dice.roll(other.len());
            let piece = other[from..].iter().take(until - at).copied();
            bytes.splice(at..until, piece);
        }
    }
}

#[test]
fn whole_files_are_sounds() {
    quiet();
    for (target, body) in TARGETS {
        let folder = Folder::new("whole");
        for (name, bytes) in seeds(target) {
            let outcome = run(&name, body, &folder, &bytes);
            let Some(kind) = name.strip_prefix("ok-") else {
                continue;
            };
            let Outcome::Sound(probe, samples) = outcome else {
                panic!("{target}/{name}: {outcome:?}");
            };
            assert!(samples > 0 && probe.peaks.len() == 100, "{name}");
            let expected = match kind {
                _ if target == "opus_packets" => continue,
                "f32.wav" => 100,
                "u8.wav" | "alaw.wav" => 200,
                "chain.ogg" => 600,
                "own.ogg" => 700,
                _ => 300,
            };
            // What is not told is padding: at most two packets of AAC or layer 3 at 16 kHz.
            let off = probe.duration_ms.abs_diff(expected);
            assert!(off <= 140, "{name}: {} ms", probe.duration_ms);
        }
    }
}

/// What is expected of a file: why it is refused, or how long it is, in ms.
enum Expected {
    NotAudio,
    Unsupported,
    Damaged,
    TooLong,
    Lasts(u32),
}

fn check(name: &str, outcome: &Outcome, expected: &Expected) {
    let right = match (outcome, expected) {
        (Outcome::Refused(VoiceError::NotAudio), Expected::NotAudio)
        | (Outcome::Refused(VoiceError::UnsupportedCodec), Expected::Unsupported)
        | (Outcome::Refused(VoiceError::Damaged { .. }), Expected::Damaged)
        | (Outcome::Refused(VoiceError::TooLong), Expected::TooLong) => true,
        (Outcome::Sound(probe, _), Expected::Lasts(ms)) => probe.duration_ms == *ms,
        _ => false,
    };
    assert!(right, "{name}: {outcome:?}");
}

/// Each lie and what comes of it.
#[test]
fn hostile_files_are_told_apart() {
    quiet();
    let known: &[(&str, &str, Expected)] = &[
        ("foreign", "bad-zero-length.wav", Expected::NotAudio),
        ("foreign", "bad-ten-hours.wav", Expected::TooLong),
        // A kilobyte that claims hours, and one that claims no length at all, last as long as a kilobyte does.
        (
            "foreign",
            "bad-four-hours-claimed.wav",
            Expected::Lasts(125),
        ),
        ("foreign", "bad-endless.wav", Expected::Lasts(125)),
        // Samples that are no numbers are silence; the bodies ask for what is heard.
        ("foreign", "bad-nan.wav", Expected::Lasts(100)),
        ("foreign", "bad-no-channels.wav", Expected::NotAudio),
        ("foreign", "bad-no-rate.wav", Expected::Unsupported),
        ("foreign", "bad-fast.wav", Expected::Unsupported),
        ("foreign", "bad-wide.wav", Expected::NotAudio),
        // Two gigabytes of tables in five kilobytes.
        ("foreign", "bad-codebooks.ogg", Expected::Unsupported),
        // Four thousand million packets in two.
        ("foreign", "bad-samples.m4a", Expected::Damaged),
        ("foreign", "bad-box.m4a", Expected::NotAudio),
        ("foreign", "bad-head-only.webm", Expected::NotAudio),
        ("foreign", "bad-element.webm", Expected::NotAudio),
        ("foreign", "bad-text.mp3", Expected::NotAudio),
        ("ogg_reader", "bad-ten-hours.ogg", Expected::TooLong),
        ("ogg_reader", "bad-last-position.ogg", Expected::TooLong),
        (
            "ogg_reader",
            "bad-four-hours-claimed.ogg",
            Expected::Lasts(314),
        ),
        ("ogg_reader", "bad-headers-alone.ogg", Expected::Lasts(0)),
        ("ogg_reader", "bad-no-tags.ogg", Expected::NotAudio),
        ("ogg_reader", "bad-no-channels.ogg", Expected::Damaged),
        ("ogg_reader", "bad-family-255.ogg", Expected::Unsupported),
        ("ogg_reader", "bad-version-16.ogg", Expected::Unsupported),
        ("ogg_reader", "bad-loud.ogg", Expected::Lasts(154)),
        ("ogg_reader", "bad-endless-packet.ogg", Expected::Lasts(0)),
        ("opus_packets", "bad-lie", Expected::Lasts(154)),
        ("opus_packets", "bad-frames", Expected::Lasts(20)),
        ("opus_packets", "bad-surround", Expected::Unsupported),
    ];
    let folder = Folder::new("told");
    for (target, name, expected) in known {
        let (_, body) = TARGETS.iter().find(|(found, _)| found == target).unwrap();
        let outcome = run(name, *body, &folder, &seed(target, name));
        check(name, &outcome, expected);
    }
    let bad = TARGETS.iter().flat_map(|(target, _)| seeds(target));
    let bad = bad.filter(|(name, _)| name.starts_with("bad-"));
    assert_eq!(bad.count(), known.len(), "a lie that nobody tells of here");
}

#[test]
fn no_number_is_never_heard() {
    let folder = Folder::new("nan");
    let path = folder.file(&seed("foreign", "bad-nan.wav"));
    let mut heard = Vec::new();
    voice::decode(&path, 0, |piece| {
        heard.extend_from_slice(piece);
        ControlFlow::Continue(())
    })
    .unwrap();
    // NaN, both infinities, what is far too loud, next to nothing, and two that are samples.
    let once = [0.0, 0.0, 0.0, 1.0, -1.0, 1e-42, 0.25, -0.25];
    assert_eq!(heard.len(), 800);
    assert!(heard.chunks(8).all(|eight| eight == once), "{heard:?}");
    assert_eq!(voice::probe(&path).unwrap().peaks, [255; 100]);
}

/// Ten hours that are really there: packets of two bytes and 120 ms, as a recorder writes them over a silence.
#[test]
fn ten_hours_are_refused() {
    let folder = Folder::new("hours");
    let head = b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0";
    let mut file = Vec::new();
    bodies::page(&mut file, 2, 0, 0, &[head]);
    bodies::page(&mut file, 0, 0, 1, &[b"OpusTags\0\0\0\0\0\0\0\0"]);
    // Code 3, six frames of 20 ms, all of them empty.
    let packet: &[u8] = &[0x7b, 6];
    for page in 1..=1_500 {
        let flags = u8::from(page == 1_500) * 4;
        bodies::page(
            &mut file,
            flags,
            page * 1_152_000,
            page as u32 + 1,
            &[packet; 200],
        );
    }
    let outcome = run("ten hours", bodies::foreign, &folder, &file);
    check("ten hours", &outcome, &Expected::TooLong);
    // The same packets, of which the positions admit one second: it ends there.
    let mut short = file[..file.len() / 2].to_vec();
    bodies::page(&mut short, 4, 48_000, 9_999, &[packet]);
    let outcome = run("a second", bodies::foreign, &folder, &short);
    check("a second", &outcome, &Expected::Lasts(1_000));
    // An AAC stream says nowhere how long it is: it is counted, up to six hours.
    let frame = [0xff, 0xf1, 0x6c, 0x40, 0x01, 0x1f, 0xfc, 0x01];
    let outcome = run("aac", bodies::foreign, &folder, &frame.repeat(300_000));
    check("aac", &outcome, &Expected::TooLong);
}

/// Pages that go on with one packet for ever, and a file that never ends.
#[test]
fn what_never_ends_is_given_up() {
    let folder = Folder::new("endless");
    let seed = seed("ogg_reader", "bad-endless-packet.ogg");
    let part = seed.len() - 4 * (27 + 6 + 6 * 255);
    let endless = [&seed[..part], &seed[part..].repeat(50)].concat();
    let outcome = run("endless packet", bodies::ogg_reader, &folder, &endless);
    assert!(
        matches!(outcome, Outcome::Refused(VoiceError::Damaged { at }) if at > 0)
            || matches!(&outcome, Outcome::Sound(probe, _) if probe.duration_ms == 0),
        "{outcome:?}"
    );
    let device = Path::new("/dev/zero");
    if device.exists() {
        let found = voice::probe(device);
        assert!(matches!(found, Err(VoiceError::NotAudio)), "{found:?}");
    }
}

/// A download that broke off, at any byte of the small seeds and at many of the others.
#[test]
fn every_cut_is_a_fault_or_a_shorter_sound() {
    quiet();
    let folder = Folder::new("cut");
    for (target, body) in TARGETS {
        for (name, bytes) in seeds(target) {
            let whole = match run(&name, body, &folder, &bytes) {
                Outcome::Sound(_, samples) => samples,
                Outcome::Refused(_) => continue,
            };
            // Odd, so that every alignment has its turn.
            let step = (bytes.len() / 40) | 1;
            let step = if bytes.len() < 150 { 1 } else { step };
            for cut in (0..bytes.len()).step_by(step) {
                let name = format!("{name} cut at {cut}");
                let outcome = run(&name, body, &folder, &bytes[..cut]);
                if let Outcome::Sound(_, samples) = outcome {
                    // The end of a file may be what trims its sound: a packet or two.
                    assert!(samples <= whole + 4_800, "{name}: {samples} of {whole}");
                }
            }
        }
    }
}

/// What a fuzzer does first, a few thousand times.
#[test]
fn changed_files_are_faults_or_sounds() {
    quiet();
    let folder = Folder::new("changed");
    for (target, body) in TARGETS {
        let seeds = seeds(target);
        let mut dice = Dice(0x6d69_6c6c_6574);
        for (name, bytes) in &seeds {
            if bytes.is_empty() {
                continue;
            }
            for turn in 0..100 {
                let mut changed = bytes.clone();
                let (_, other) = &seeds[dice.roll(seeds.len())];
                for _ in 0..=dice.roll(4) {
                    if changed.is_empty() || other.is_empty() {
                        break;
                    }
                    change(&mut changed, other, &mut dice);
                }
                run(&format!("{name} change {turn}"), body, &folder, &changed);
            }
        }
    }
}
