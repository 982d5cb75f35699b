//! Parts and sums of recordings, without decoding them: packets are carried over as they are.
//!
//! Only for files that [`Recorder`](crate::Recorder) or this module wrote: every packet is 20 ms. A part begins with the
//! packets that a decoder needs before it, and its pre-skip hides them, so that it begins at its very sample. Rejected:
//! decoding and encoding again; each trim would cost a little of the voice.

use std::fs::{File, OpenOptions};
use std::io::BufReader;
use std::path::Path;

use crate::encode::{FRAME, OggWriter, RATE};
use crate::ogg::{self, At, FIRST, NO_GRANULE};
use crate::recorder::milliseconds;
use crate::{Take, VoiceError, probe};

/// What a part brings along from before it: a second. RFC 7845 §4.6 asks for 80 ms, after which a decoder that knew nothing
/// is still half as loud as it should be; a part would begin with a fade.
const PRE_ROLL: u64 = 48_000;
/// Samples of a packet.
const STEP: u64 = FRAME as u64;

/// The packets of a recording.
struct Packets {
    all: Vec<Vec<u8>>,
    pre_skip: u64,
    /// Where the sound ends, pre-skip included.
    end: u64,
}

/// Writes the part of a recording between two moments, in ms, to a new file, and syncs it.
///
/// # Errors
/// `NotAudio` where nothing would be left, `UnsupportedCodec` for files of others, `Damaged`, `Disk`, `DiskFull`. No
/// file is left behind.
pub fn cut(from: &Path, to: &Path, from_ms: u32, until_ms: u32) -> Result<Take, VoiceError> {
    let source = read(from)?;
    let samples = |ms: u32| u64::from(ms) * u64::from(RATE) / 1_000;
    let begin = source.pre_skip + samples(from_ms);
    let end = source.end.min(source.pre_skip + samples(until_ms));
    if begin >= end {
        return Err(VoiceError::NotAudio);
    }
    let first = begin.saturating_sub(PRE_ROLL) / STEP;
    let pre_skip = begin - first * STEP;
    let last = end.div_ceil(STEP);
    let packets = source
        .all
        .get(first as usize..last as usize)
        .ok_or(VoiceError::Damaged { at: 0 })?;
    write(to, packets.iter(), pre_skip, end - begin)
}

/// Writes recordings one after the other to a new file, and syncs it. Where one follows another, up to 20 ms of its end
/// and its pre-skip are heard, both silence after a recorder.
///
/// # Errors
/// As [`cut`].
pub fn join(pieces: &[&Path], to: &Path) -> Result<Take, VoiceError> {
    let mut all = Vec::new();
    let mut pre_skip = None;
    let mut end = 0;
    for piece in pieces {
        let piece = read(piece)?;
        pre_skip = pre_skip.or(Some(piece.pre_skip));
        end = all.len() as u64 * STEP + piece.end;
        all.extend(piece.all);
    }
    let pre_skip = pre_skip.filter(|skip| end > *skip);
    let pre_skip = pre_skip.ok_or(VoiceError::NotAudio)?;
    write(to, all.iter(), pre_skip, end - pre_skip)
}

fn read(path: &Path) -> Result<Packets, VoiceError> {
    let mut file = BufReader::new(File::open(path)?);
    let At::Page(head) = ogg::read_page(&mut file, 0)? else {
        return Err(VoiceError::NotAudio);
    };
    let pre_skip = match head.body.get(10..12) {
        Some(&[low, high]) if head.flags & FIRST != 0 && head.body.starts_with(b"OpusHead") => {
            u64::from(u16::from_le_bytes([low, high]))
        }
        _ => return Err(VoiceError::NotAudio),
    };
    let At::Page(tags) = ogg::read_page(&mut file, head.end())? else {
        return Err(VoiceError::NotAudio);
    };
    let mut found = Packets {
        all: Vec::new(),
        pre_skip,
        end: 0,
    };
    let mut at = tags.end();
    while let At::Page(page) = ogg::read_page(&mut file, at)? {
        if page.serial != head.serial || page.granule == NO_GRANULE {
            return Err(VoiceError::UnsupportedCodec);
        }
        for (packet, is_whole) in page.segments() {
            let is_ours =
                is_whole && opus::packet::get_nb_samples(packet, RATE).is_ok_and(|n| n == FRAME);
            if !is_ours {
                return Err(VoiceError::UnsupportedCodec);
            }
            found.all.push(packet.to_vec());
        }
        found.end = page.granule;
        at = page.end();
    }
    // A claim, like all positions.
    found.end = found.end.min(found.all.len() as u64 * STEP);
    if found.end <= found.pre_skip {
        return Err(VoiceError::NotAudio);
    }
    found.all.truncate(found.end.div_ceil(STEP) as usize);
    Ok(found)
}

fn write<'a>(
    to: &Path,
    packets: impl Iterator<Item = &'a Vec<u8>>,
    pre_skip: u64,
    samples: u64,
) -> Result<Take, VoiceError> {
    let file = OpenOptions::new().write(true).create_new(true).open(to)?;
    let written = (|| {
        let pre_skip = u16::try_from(pre_skip).map_err(|_| VoiceError::UnsupportedCodec)?;
        let mut writer = OggWriter::new(file, pre_skip, RATE)?;
        for packet in packets {
            writer.packet(packet)?;
        }
        let bytes = writer.finish(samples)?;
        Ok(Take {
            duration_ms: milliseconds(samples),
            peaks: probe(to)?.peaks,
            bytes,
        })
    })();
    if written.is_err() {
        // Half a file is nothing; where it cannot be removed either, the next one under this name says so.
        let _ = std::fs::remove_file(to);
    }
    written
}

#[cfg(test)]
mod tests;
