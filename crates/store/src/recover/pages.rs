//! The rows of a damaged file, read from its pages one by one.
//!
//! SQLite finds a row from the root of its tree downwards, so one broken inner page hides some
//! hundred sound ones. Here each page that holds rows of a table is read for itself, whatever leads
//! to it. Format: <https://www.sqlite.org/fileformat2.html>, §1.6 and §2.1. Everything that is read
//! is taken for garbage until it fits; nothing is written.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use rusqlite::types::Value;

/// What is written with pages of another size is none of ours.
pub(super) const PAGE: usize = 4096;
/// A page that holds rows of a table with row ids.
const TABLE_LEAF: u8 = 0x0d;
/// The largest row that is believed in, in bytes.
const LARGEST: usize = 16 << 20;
/// Where the first page's tree begins, after the header of the file.
const HEADER: usize = 100;

/// A row as it stands in its page: row id, and columns from the first on.
pub(super) type Row = (i64, Vec<Value>);

pub(super) struct Pages {
    file: File,
    count: u32,
    free: HashSet<u32>,
}

impl Pages {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let count = u32::try_from(file.metadata()?.len() / PAGE as u64).unwrap_or(u32::MAX);
        let mut pages = Self {
            file,
            count,
            free: HashSet::new(),
        };
        pages.find_free()?;
        Ok(pages)
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The rows of a page; none where it holds something else, or is not in use.
    pub(super) fn rows(&mut self, number: u32) -> io::Result<Vec<Row>> {
        if self.free.contains(&number) {
            return Ok(Vec::new());
        }
        let page = self.read(number)?;
        let start = if number == 1 { HEADER } else { 0 };
        if page.get(start) != Some(&TABLE_LEAF) {
            return Ok(Vec::new());
        }
        let cells = usize::from(short(&page, start + 3).unwrap_or_default());
        let mut rows = Vec::new();
        for cell in 0..cells.min(PAGE / 4) {
            let Some(at) = short(&page, start + 8 + 2 * cell) else {
                break;
            };
            if let Some(row) = self.row(&page, usize::from(at))? {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    fn read(&mut self, number: u32) -> io::Result<Vec<u8>> {
        let mut page = vec![0; PAGE];
        let at = u64::from(number.saturating_sub(1)) * PAGE as u64;
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut page)?;
        Ok(page)
    }

    /// Pages that are not in use hold rows that were deleted.
    fn find_free(&mut self) -> io::Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let mut next = long(&self.read(1)?, 32).unwrap_or_default();
        while next > 1 && next <= self.count && self.free.insert(next) {
            let trunk = self.read(next)?;
            let leaves = long(&trunk, 4).unwrap_or_default() as usize;
            for leaf in 0..leaves.min(PAGE / 4 - 2) {
                self.free.extend(long(&trunk, 8 + 4 * leaf));
            }
            next = long(&trunk, 0).unwrap_or_default();
        }
        Ok(())
    }

    fn row(&mut self, page: &[u8], at: usize) -> io::Result<Option<Row>> {
        let mut cell = Bytes { all: page, at };
        let (Some(length), Some(id)) = (cell.varint(), cell.varint()) else {
            return Ok(None);
        };
        let Some(length) = usize::try_from(length).ok().filter(|n| *n <= LARGEST) else {
            return Ok(None);
        };
        let here = stays(length);
        let Some(head) = cell.take(here) else {
            return Ok(None);
        };
        let mut payload = head.to_vec();
        if here < length {
            let mut next = long(page, cell.at).unwrap_or_default();
            while payload.len() < length {
                if next < 2 || next > self.count {
                    return Ok(None);
                }
                let more = self.read(next)?;
                let wanted = (length - payload.len()).min(PAGE - 4);
                payload.extend(more.iter().skip(4).take(wanted));
                next = long(&more, 0).unwrap_or_default();
            }
        }
        Ok(record(&payload).map(|values| (id, values)))
    }
}

/// How much of a row stands in its own page.
fn stays(length: usize) -> usize {
    let most = PAGE - 35;
    if length <= most {
        return length;
    }
    let least = (PAGE - 12) * 32 / 255 - 23;
    let here = least + (length - least) % (PAGE - 4);
    if here <= most { here } else { least }
}

fn record(payload: &[u8]) -> Option<Vec<Value>> {
    let mut head = Bytes {
        all: payload,
        at: 0,
    };
    let end = usize::try_from(head.varint()?).ok()?;
    let mut body = Bytes {
        all: payload,
        at: end,
    };
    let mut values = Vec::new();
    while head.at < end {
        let kind = head.varint()?;
        values.push(match kind {
            0 => Value::Null,
            1 => Value::Integer(body.integer(1)?),
            2 => Value::Integer(body.integer(2)?),
            3 => Value::Integer(body.integer(3)?),
            4 => Value::Integer(body.integer(4)?),
            5 => Value::Integer(body.integer(6)?),
            6 => Value::Integer(body.integer(8)?),
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            12.. => {
                let bytes = body.take(usize::try_from((kind - 12) / 2).ok()?)?.to_vec();
                match kind % 2 {
                    0 => Value::Blob(bytes),
                    _ => Value::Text(String::from_utf8(bytes).ok()?),
                }
            }
            // No table of ours holds fractions, and the rest is for SQLite's own use.
            _ => return None,
        });
    }
    // A row of ours fills its length; garbage hardly does.
    (head.at == end && body.at == payload.len()).then_some(values)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(two.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

struct Bytes<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.all.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn varint(&mut self) -> Option<i64> {
        let mut value: i64 = 0;
        for _ in 0..8 {
            let byte = *self.take(1)?.first()?;
            value = (value << 7) | i64::from(byte & 0x7f);
            if byte < 0x80 {
                return Some(value);
            }
        }
        let last = *self.take(1)?.first()?;
        Some((value << 8) | i64::from(last))
    }

    fn integer(&mut self, width: usize) -> Option<i64> {
        let bytes = self.take(width)?;
        let sign = if *bytes.first()? >= 0x80 { -1 } else { 0 };
        Some(
            bytes
                .iter()
                .fold(sign, |value: i64, byte| (value << 8) | i64::from(*byte)),
        )
    }
}
