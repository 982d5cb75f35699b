//! What is done with a stranger's bytes as sound, and what must hold whatever they are. Shared by the fuzz targets and by
//! `crates/voice/tests/hostile.rs`, which runs it over the seeds and what becomes of them, on every machine.
//!
//! Owns the promises: a typed error or a sound that is one, work and numbers bounded. Refuses to know what is fuzzing.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use voice::{PEAK_BUCKETS, Probe, VoiceError};

/// No file is decoded further by a body, in samples: enough for every seed, little enough for thousands of cases.
const ENOUGH: usize = 1_000_000;
/// What `probe` may decode: ten minutes and, of a file that is longer than it claims, a second.
const LONGEST_MS: u32 = 6 * 3_600_000;

/// A place for the files of one thread: memory where the system has it, since a case is a file and some are synced.
pub struct Folder(PathBuf);

impl Folder {
    /// A folder of this process and `name`.
    pub fn new(name: &str) -> Folder {
        let memory = Path::new("/dev/shm");
        let parent = match memory.is_dir() {
            true => memory.to_path_buf(),
            false => std::env::temp_dir(),
        };
        let folder = parent.join(format!("millet-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for the cases");
        Folder(folder)
    }

    /// Writes a case as a file.
    pub fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.0.join("case");
        std::fs::write(&path, bytes).expect("room for a case");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What came of a file.
#[derive(Debug)]
pub enum Outcome {
    /// It is a sound: what `probe` said, and how many samples were decoded.
    Sound(Probe, usize),
    /// It is refused.
    Refused(VoiceError),
}

/// Arbitrary bytes as a file, as they are and with the checksums of their Ogg pages made right, since a checksum keeps
/// out nobody who can count it. Then as a recording that a crash left behind.
pub fn ogg_reader(folder: &Folder, bytes: &[u8]) -> Outcome {
    let outcome = listen(&folder.file(bytes));
    recover(folder, bytes);
    let summed = with_checksums(bytes);
    if summed != bytes {
        listen(&folder.file(&summed));
        recover(folder, &summed);
    }
    outcome
}

/// Any other file.
pub fn foreign(folder: &Folder, bytes: &[u8]) -> Outcome {
    listen(&folder.file(bytes))
}

/// A sound container with packets of the fuzzer's: six bytes of header (family and channels, pre-skip, gain, and a byte
/// by which the positions lie), then packets, each after its length in two bytes.
pub fn opus_packets(folder: &Folder, bytes: &[u8]) -> Outcome {
    let (head, mut rest) = bytes.split_at(bytes.len().min(6));
    let byte = |at: usize| head.get(at).copied().unwrap_or(0);
    let channels = byte(0) & 15;
    let mut opus_head = b"OpusHead\x01".to_vec();
    opus_head.push(channels);
    opus_head.extend([byte(1), byte(2) & 31, 0x80, 0xbb, 0, 0, byte(3), byte(4)]);
    opus_head.push(byte(0) >> 7);
    if byte(0) >> 7 == 1 {
        opus_head.extend([channels.div_ceil(2), channels / 2]);
        opus_head.extend(0..channels);
    }
    let mut file = Vec::new();
    page(&mut file, 2, 0, 0, &[&opus_head]);
    page(&mut file, 0, 0, 1, &[b"OpusTags\0\0\0\0\0\0\0\0"]);
    let mut packets = Vec::new();
    while let [low, high, after @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high]) & 0x7ff);
        let (packet, after) = after.split_at(length.min(after.len()));
        packets.push(packet);
        rest = after;
    }
    let mut position = 0;
    let pages = packets.chunks(20).count();
    for (index, packets) in packets.chunks(20).enumerate() {
        position += packets.len() as u64 * 960;
        let lie = u64::from(byte(5)) << 12;
        let last = u8::from(index + 1 == pages) * 4;
        page(&mut file, last, position + lie, index as u32 + 2, packets);
    }
    listen(&folder.file(&file))
}

/// Everything a player and a bubble ask of a file.
fn listen(path: &Path) -> Outcome {
    let probe = voice::probe(path);
    let mut samples = 0;
    let decoded = decode(path, 0, &mut samples);
    let mut later = 0;
    // Into the file, and far beyond its end.
    for from_ms in [130, 40_000_000] {
        let _ = decode(path, from_ms, &mut later);
    }
    match probe {
        Ok(probe) => {
            assert!(probe.duration_ms <= LONGEST_MS + 60_000, "{probe:?}");
            assert!(matches!(probe.peaks.len(), 0 | PEAK_BUCKETS), "{probe:?}");
            // A fault in the middle is told by both; what can be probed can be opened.
            assert!(
                !matches!(
                    decoded,
                    Err(VoiceError::NotAudio | VoiceError::UnsupportedCodec)
                ) || samples > 0,
                "{decoded:?} after {probe:?}"
            );
            Outcome::Sound(probe, samples)
        }
        Err(error) => {
            assert!(is_of_files(&error), "{error:?}");
            Outcome::Refused(error)
        }
    }
}

/// Decodes from a moment on, and holds every piece against what a loudspeaker can play.
fn decode(path: &Path, from_ms: u32, samples: &mut usize) -> Result<u32, VoiceError> {
    let (mut pieces, mut empty) = (0, 0);
    let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let decoded = voice::decode(path, from_ms, |piece| {
        assert!(piece.iter().all(|sample| (-1.0..=1.0).contains(sample)));
        *samples += piece.len();
        pieces += 1;
        empty += u64::from(piece.is_empty());
        match *samples > ENOUGH {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    // The time of a case: a piece is a packet, and no file has more packets than bytes.
    assert!(pieces <= bytes + 2_000, "{pieces} pieces of {bytes} bytes");
    match &decoded {
        Ok(rate) => assert!((8_000..=192_000).contains(rate), "{rate}"),
        Err(error) => assert!(is_of_files(error), "{error:?}"),
    }
    decoded
}

/// Whether an error is one that a file can be at fault for. A panic of a library is `Damaged`; an error of the codec
/// library, or of the disk, would be ours.
fn is_of_files(error: &VoiceError) -> bool {
    matches!(
        error,
        VoiceError::NotAudio
            | VoiceError::UnsupportedCodec
            | VoiceError::Damaged { .. }
            | VoiceError::TooLong
    )
}

/// A recording after a crash: what is recovered stays so, and the second time nothing is left to do.
fn recover(folder: &Folder, bytes: &[u8]) {
    let path = folder.file(bytes);
    match voice::recover(&path) {
        Ok(take) => {
            let whole = std::fs::read(&path).expect("what was recovered");
            assert_eq!(take.bytes, whole.len() as u64);
            let again = voice::recover(&path).expect("what was recovered is whole");
            assert_eq!(again.duration_ms, take.duration_ms);
            assert_eq!(std::fs::read(&path).expect("still there"), whole);
        }
        Err(error) => assert!(is_of_files(&error), "{error:?}"),
    }
}

/// The bytes with every Ogg page's checksum right, where its lengths are within them.
pub fn with_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while let Some(found) = bytes
        .get(at..)
        .and_then(|rest| rest.windows(4).position(|four| four == b"OggS"))
    {
        at += found;
        let Some(length) = page_length(&bytes[at..]) else {
            at += 4;
            continue;
        };
        let page = &mut bytes[at..at + length];
        page[22..26].fill(0);
        let sum = checksum(page);
        page[22..26].copy_from_slice(&sum.to_le_bytes());
        at += length;
    }
    bytes
}

fn page_length(bytes: &[u8]) -> Option<usize> {
    let segments = usize::from(*bytes.get(26)?);
    let lacing = bytes.get(27..27 + segments)?;
    let length = 27 + segments + lacing.iter().map(|&one| usize::from(one)).sum::<usize>();
    (length <= bytes.len()).then_some(length)
}

/// Writes a page of whole packets, as far as its 255 lacing values go.
pub fn page(out: &mut Vec<u8>, flags: u8, position: u64, sequence: u32, packets: &[&[u8]]) {
    let start = out.len();
    let (mut lacing, mut body) = (Vec::new(), Vec::new());
    for packet in packets {
        if lacing.len() + packet.len() / 255 + 1 > 255 {
            break;
        }
        lacing.resize(lacing.len() + packet.len() / 255, 255);
        lacing.push((packet.len() % 255) as u8);
        body.extend_from_slice(packet);
    }
    out.extend_from_slice(b"OggS\0");
    out.push(flags);
    out.extend(position.to_le_bytes());
    out.extend(7u32.to_le_bytes());
    out.extend(sequence.to_le_bytes());
    out.extend([0; 4]);
    out.push(lacing.len() as u8);
    out.extend(lacing);
    out.extend(body);
    let sum = checksum(&out[start..]);
    out[start + 22..start + 26].copy_from_slice(&sum.to_le_bytes());
}

/// CRC-32 of RFC 3533 §6, written down a second time: the reader's own is under test.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0u32, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte) << 24, |sum, _| {
            (sum << 1) ^ ((sum >> 31) * 0x04c1_1db7)
        })
    })
}
