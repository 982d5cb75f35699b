//! What strangers send: the seeds of the fuzz targets, each cut off anywhere, and each changed in thousands of ways, always
//! the same ones. The bodies are the fuzzers' own; this runs on every machine, with no more than cargo.

// An allocator that counts cannot be written without it.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
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

#[test]
fn debug_outcomes() {
    for (target, body) in TARGETS {
        let folder = Folder::new("dbg");
        for (name, bytes) in seeds(target) {
            let before = HELD.get();
            PEAK.set(before);
            let t = std::time::Instant::now();
            let o = std::panic::catch_unwind(|| body(&folder, &bytes));
            let s = match o { Ok(Outcome::Sound(p, s)) => format!("{} ms {:?} {}ch {s}", p.duration_ms, p.codec, p.channels), Ok(Outcome::Refused(e)) => format!("{e:?}"), Err(_) => "PANIC".into() };
            println!("{target}/{name}: {s} peak {} {:?}", PEAK.get() - before, t.elapsed());
        }
    }
}
