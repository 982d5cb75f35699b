//! A recording whose program was killed becomes a whole file again.
//!
//! In place, and in an order that a second crash cannot spoil: the tail after the last whole page is cut, then that
//! page is marked as the last one. Rejected: copying to a new file; it needs room, and a full disk is one of the
//! reasons to be here.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::decode::probe;
use crate::ogg::{self, At, Page};
use crate::{Codec, Take, VoiceError};

/// Finishes a file that a crash left without an end: cuts it after the last whole page, marks that page as the last
/// one, syncs it and gives the take. A finished file is left as it is. At most the last page (220 ms) is lost.
///
/// Only for files that [`Recorder`](crate::Recorder) wrote.
///
/// # Errors
/// `NotAudio` where not even the header pages and one page of sound are whole (nothing was kept yet: remove the
/// file), `Disk`, `DiskFull`.
pub fn recover(path: &Path) -> Result<Take, VoiceError> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let last = last_whole(&file)?.ok_or(VoiceError::NotAudio)?;
    let length = file.metadata()?.len();
    if length > last.end() {
        file.set_len(last.end())?;
    }
    if last.flags & ogg::LAST == 0 {
        let mut page = vec![0; usize::try_from(last.len).unwrap_or(ogg::MAX_PAGE)];
        file.seek(SeekFrom::Start(last.at))?;
        file.read_exact(&mut page)?;
        let marked = ogg::with_flags(&page, last.flags | ogg::LAST);
        file.seek(SeekFrom::Start(last.at))?;
        file.write_all(&marked)?;
    }
    file.sync_all()?;
    drop(file);
    let found = probe(path)?;
    if found.codec != Codec::Opus {
        return Err(VoiceError::NotAudio);
    }
    Ok(Take {
        duration_ms: found.duration_ms,
        peaks: found.peaks,
        bytes: last.end(),
    })
}

/// The last page of the unbroken run from the start of the file, if it holds sound.
fn last_whole(file: &File) -> Result<Option<Page>, VoiceError> {
    let mut reader = BufReader::new(file);
    let mut at = 0;
    let mut pages = 0;
    let mut last = None;
    while let At::Page(page) = ogg::read_page(&mut reader, at)? {
        at = page.end();
        pages += 1;
        let ends = page.flags & ogg::LAST != 0;
        last = Some(page);
        if ends {
            break;
        }
    }
    Ok(if pages > 2 { last } else { None })
}

#[cfg(test)]
mod tests;
