//! Ogg pages (RFC 3533): written one by one, read one by one, found again from any byte.
//!
//! Owns the page layer only; what the packets mean is Opus's business. A page is at most 65,307 bytes, so memory is
//! bounded for any file.
//!
//! Rejected: the `ogg` crate. It hides pages, and repair after a crash (mark the last whole page as the end) and
//! seeking by bisection are about pages. It checks this module in the tests.

use std::io::{self, Read, Seek, SeekFrom};

/// Flag: the page begins with the rest of a packet.
pub(crate) const CONTINUED: u8 = 1;
/// Flag: first page of the stream.
pub(crate) const FIRST: u8 = 2;
/// Flag: last page of the stream.
pub(crate) const LAST: u8 = 4;

/// A page on which no packet ends has no position.
pub(crate) const NO_GRANULE: u64 = u64::MAX;

const HEADER: usize = 27;
const FLAGS_AT: usize = 5;
const CHECKSUM_AT: usize = 22;

/// The largest page there can be: header, 255 lacing values, 255 full segments.
pub(crate) const MAX_PAGE: usize = HEADER + 255 + 255 * 255;

/// One page as read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Byte offset in the file.
    pub(crate) at: u64,
    /// Bytes in the file, header included.
    pub(crate) len: u64,
    pub(crate) flags: u8,
    pub(crate) granule: u64,
    pub(crate) serial: u32,
    pub(crate) lacing: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

impl Page {
    /// The first byte after the page.
    pub(crate) fn end(&self) -> u64 {
        self.at + self.len
    }

    /// The parts of packets on this page, with whether each is complete here.
    pub(crate) fn segments(&self) -> Vec<(&[u8], bool)> {
        let mut parts = Vec::new();
        let mut from = 0;
        let mut to = 0;
        for (index, &length) in self.lacing.iter().enumerate() {
            to += usize::from(length);
            let ends = length < 255;
            if ends || index + 1 == self.lacing.len() {
                parts.push((self.body.get(from..to).unwrap_or_default(), ends));
                from = to;
            }
        }
        parts
    }
}

/// Appends a page with whole packets to `out`. The caller keeps to 255 lacing values: a packet takes
/// `len / 255 + 1` of them.
pub(crate) fn write_page(
    out: &mut Vec<u8>,
    flags: u8,
    granule: u64,
    serial: u32,
    sequence: u32,
    packets: &[&[u8]],
) {
    let start = out.len();
    out.extend_from_slice(b"OggS\0");
    out.push(flags);
    out.extend_from_slice(&granule.to_le_bytes());
    out.extend_from_slice(&serial.to_le_bytes());
    out.extend_from_slice(&sequence.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    let lacing: usize = packets.iter().map(|packet| packet.len() / 255 + 1).sum();
    debug_assert!(lacing <= 255, "a page holds 255 lacing values");
    out.push(lacing as u8);
    for packet in packets {
        out.extend(std::iter::repeat_n(255u8, packet.len() / 255));
        out.push((packet.len() % 255) as u8);
    }
    for packet in packets {
        out.extend_from_slice(packet);
    }
    let sum = checksum(out.get(start..).unwrap_or_default());
    let at = start + CHECKSUM_AT;
    if let Some(slot) = out.get_mut(at..at + 4) {
        slot.copy_from_slice(&sum.to_le_bytes());
    }
}

/// The header bytes of a page with other flags, and their checksum; the rest of the page stays as it is.
pub(crate) fn with_flags(page: &[u8], flags: u8) -> Vec<u8> {
    let mut page = page.to_vec();
    if let Some(slot) = page.get_mut(FLAGS_AT) {
        *slot = flags;
    }
    if let Some(slot) = page.get_mut(CHECKSUM_AT..CHECKSUM_AT + 4) {
        slot.fill(0);
    }
    let sum = checksum(&page).to_le_bytes();
    if let Some(slot) = page.get_mut(CHECKSUM_AT..CHECKSUM_AT + 4) {
        slot.copy_from_slice(&sum);
    }
    page
}

/// What stands at an offset.
#[derive(Debug)]
pub(crate) enum At {
    /// A whole page with the right checksum.
    Page(Page),
    /// The file ends here, or within a page that starts here.
    End,
    /// Something else.
    Broken,
}

/// Reads what starts at byte `at`.
pub(crate) fn read_page(file: &mut (impl Read + Seek), at: u64) -> io::Result<At> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(4096);
    if !fill(file, &mut bytes, HEADER)? {
        let known = bytes.len().min(4);
        let fits = bytes.get(..known) == b"OggS".get(..known);
        return Ok(if fits { At::End } else { At::Broken });
    }
    if !bytes.starts_with(b"OggS\0") {
        return Ok(At::Broken);
    }
    let segments = usize::from(*bytes.last().unwrap_or(&0));
    if !fill(file, &mut bytes, HEADER + segments)? {
        return Ok(At::End);
    }
    let lacing = bytes.get(HEADER..).unwrap_or_default().to_vec();
    let body_len: usize = lacing.iter().map(|&length| usize::from(length)).sum();
    if !fill(file, &mut bytes, HEADER + segments + body_len)? {
        return Ok(At::End);
    }
    let stored = le_u32(&bytes, CHECKSUM_AT);
    if let Some(slot) = bytes.get_mut(CHECKSUM_AT..CHECKSUM_AT + 4) {
        slot.fill(0);
    }
    if checksum(&bytes) != stored {
        return Ok(At::Broken);
    }
    Ok(At::Page(Page {
        at,
        len: bytes.len() as u64,
        flags: *bytes.get(FLAGS_AT).unwrap_or(&0),
        granule: u64::from(le_u32(&bytes, 6)) | (u64::from(le_u32(&bytes, 10)) << 32),
        serial: le_u32(&bytes, 14),
        lacing,
        body: bytes.split_off(HEADER + segments),
    }))
}

/// Bytes that are looked through for a page, and bytes whose checksum is taken in vain: more than any file has between two
/// of its pages, and what a file that was made to be slow can cost.
const LOOKED: u64 = 8 * MAX_PAGE as u64;
const IN_VAIN: u64 = 4 * MAX_PAGE as u64;

/// The first whole page of stream `serial`, or of any, that starts in `from..to`, and not so far off that nobody would look for it there.
pub(crate) fn find_page(
    file: &mut (impl Read + Seek),
    from: u64,
    to: u64,
    serial: Option<u32>,
) -> io::Result<Option<Page>> {
    let mut window = vec![0; MAX_PAGE];
    let mut at = from;
    let to = to.min(from.saturating_add(LOOKED));
    let mut in_vain = 0;
    while at < to {
        file.seek(SeekFrom::Start(at))?;
        let got = read_up_to(file, &mut window)?;
        let seen = window.get(..got).unwrap_or_default();
        for offset in seen
            .windows(4)
            .enumerate()
            .filter(|(_, four)| four == b"OggS")
            .map(|(offset, _)| at + offset as u64)
        {
            if offset >= to {
                return Ok(None);
            }
            match read_page(file, offset)? {
                At::Page(page) if serial.is_none_or(|serial| serial == page.serial) => {
                    return Ok(Some(page));
                }
                At::Page(page) => in_vain += page.len,
                At::Broken | At::End => in_vain += MAX_PAGE as u64,
            }
            if in_vain > IN_VAIN {
                return Ok(None);
            }
        }
        if got < 4 {
            return Ok(None);
        }
        at += got as u64 - 3;
    }
    Ok(None)
}

/// How a file ends.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// The last whole page of the stream in question on which a packet ends.
    pub(crate) page: Option<Page>,
    /// The stream of the last whole page of all.
    pub(crate) serial: Option<u32>,
}

/// What the last pages before byte `length` say of stream `serial`.
pub(crate) fn ending(
    file: &mut (impl Read + Seek),
    serial: u32,
    length: u64,
) -> io::Result<Ending> {
    // A page that ends a packet is normally the last one, but a foreign stream or a cut may follow it.
    const REACH: u64 = 4 * MAX_PAGE as u64;
    let mut from = length.saturating_sub(REACH);
    let mut ending = Ending::default();
    while from < length {
        // Pages follow each other; a search reads much more than a page.
        let page = match read_page(file, from)? {
            At::Page(page) => page,
            At::Broken | At::End => match find_page(file, from, length, None)? {
                Some(page) => page,
                None => break,
            },
        };
        from = page.end();
        ending.serial = Some(page.serial);
        if page.serial == serial && page.granule != NO_GRANULE {
            ending.page = Some(page);
        }
    }
    Ok(ending)
}

pub(crate) fn le_u32(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .and_then(|four| four.try_into().ok())
        .map_or(0, u32::from_le_bytes)
}

/// Grows `bytes` to `target` from the file; false where the file ends before.
fn fill(file: &mut impl Read, bytes: &mut Vec<u8>, target: usize) -> io::Result<bool> {
    let missing = target.saturating_sub(bytes.len()) as u64;
    file.take(missing).read_to_end(bytes)?;
    Ok(bytes.len() == target)
}

fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = buffer.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// CRC-32 with the polynomial 0x04c11db7, neither reflected nor inverted (RFC 3533 §6).
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, &byte| {
        let index = usize::from((sum >> 24) as u8 ^ byte);
        (sum << 8) ^ TABLE.get(index).copied().unwrap_or(0)
    })
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = (index as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            value = (value << 1)
                ^ (if value & 0x8000_0000 != 0 {
                    0x04c1_1db7
                } else {
                    0
                });
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests;
