//! What is tried on every input that may be sound. Shared by the fuzzers and by `crates/voice/tests/hostile.rs`: a body panics where something is
//! wrong, and gives what was found otherwise.

use std::fs;
use std::path::Path;

use voice::{Probe, VoiceError};

/// The longest sound that a file may claim, in ms.
const LONGEST: u32 = 6 * 60 * 60 * 1000;

/// A file of any kind: looked at, and, where it is a recording of ours, repaired after a crash.
pub fn file(folder: &Path, bytes: &[u8]) -> Result<Probe, VoiceError> {
    let path = folder.join("sound");
    fs::write(&path, bytes).expect("a folder for the input");
    let probed = voice::probe(&path);
    if let Ok(probe) = &probed {
        assert!(probe.duration_ms <= LONGEST);
        assert!(probe.peaks.len() <= voice::PEAK_BUCKETS);
    }
    // It is repaired in place, and what was repaired can be read.
    if let Ok(take) = voice::recover(&path) {
        let again = voice::probe(&path).expect("what was repaired is whole");
        assert!(again.duration_ms.abs_diff(take.duration_ms) <= 1);
        assert!(fs::metadata(&path).expect("it is there").len() <= bytes.len() as u64);
    }
    probed
}

/// Packets, each behind a byte that says its length, in a file that is right but for them.
pub fn packets(folder: &Path, bytes: &[u8]) -> Result<Probe, VoiceError> {
    let mut file = Vec::new();
    let mut writer = ogg::PacketWriter::new(&mut file);
    let head = b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0";
    let tags = b"OpusTags\0\0\0\0\0\0\0\0";
    let page = ogg::PacketWriteEndInfo::EndPage;
    writer.write_packet(&head[..], 1, page, 0).expect("memory");
    writer.write_packet(&tags[..], 1, page, 0).expect("memory");
    let mut rest = bytes;
    let mut granule = 0;
    while let [length, after @ ..] = rest {
        let (packet, after) = after.split_at(after.len().min(usize::from(*length)));
        rest = after;
        granule += 960;
        let end = match rest {
            [] => ogg::PacketWriteEndInfo::EndStream,
            _ => ogg::PacketWriteEndInfo::NormalPacket,
        };
        writer
            .write_packet(packet.to_vec(), 1, end, granule)
            .expect("memory");
    }
    drop(writer);
    self::file(folder, &file)
}
