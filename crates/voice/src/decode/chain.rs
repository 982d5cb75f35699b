//! Ogg Opus files one after the other in one file (chained streams, RFC 3533 §4): what `cat` makes of two recordings.
//!
//! Nearly every file has one link, and then this costs one look at its end. Where the last page belongs to another stream
//! than the first, the pages are gone through once.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::ogg_opus::OggOpus;
use crate::VoiceError;
use crate::ogg::{self, At, FIRST};

/// More pieces than anybody speaks in; each costs a decoder while it is measured.
const MOST: usize = 64;

pub(crate) struct Chain {
    path: PathBuf,
    links: Vec<Link>,
    /// Which of them is open.
    at: usize,
    open: OggOpus,
}

struct Link {
    begin: u64,
    end: u64,
    frames: u64,
}

impl Chain {
    /// `None` where the file is something else.
    pub(crate) fn open(path: &Path, file: File, length: u64) -> Result<Option<Chain>, VoiceError> {
        let Some(first) = OggOpus::open(file, 0, length)? else {
            return Ok(None);
        };
        let mut chain = Chain {
            path: path.to_owned(),
            links: Vec::new(),
            at: 0,
            open: first,
        };
        let begins = match chain.open.ends_in_another() {
            true => begins(&mut BufReader::new(File::open(path)?))?,
            false => Vec::new(),
        };
        if begins.len() < 2 {
            let frames = chain.open.frames();
            chain.links.push(Link {
                begin: 0,
                end: length,
                frames,
            });
            return Ok(Some(chain));
        }
        let ends = begins.iter().copied().skip(1).chain([length]);
        for (&begin, end) in begins.iter().zip(ends) {
            if let Some(opus) = OggOpus::open(File::open(path)?, begin, end)? {
                let frames = opus.frames();
                chain.links.push(Link { begin, end, frames });
            }
        }
        chain.turn_to(0)?;
        Ok(Some(chain))
    }

    pub(crate) fn channels(&self) -> u8 {
        self.open.channels()
    }

    pub(crate) fn frames(&self) -> u64 {
        self.links
            .iter()
            .fold(0, |all, link| all.saturating_add(link.frames))
    }

    /// How many frames the packets make, whatever the positions claim. Reading begins anew after this.
    pub(crate) fn counted(&mut self) -> Result<u64, VoiceError> {
        let mut frames = 0u64;
        for index in 0..self.links.len() {
            self.turn_to(index)?;
            frames = frames.saturating_add(self.open.counted()?);
        }
        self.turn_to(0)?;
        Ok(frames)
    }

    pub(crate) fn seek(&mut self, frame: u64) -> Result<(), VoiceError> {
        let mut frame = frame;
        let mut index = 0;
        while let Some(link) = self.links.get(index)
            && frame >= link.frames
            && index + 1 < self.links.len()
        {
            frame -= link.frames;
            index += 1;
        }
        if index != self.at {
            self.turn_to(index)?;
        }
        self.open.seek(frame)
    }

    pub(crate) fn read(&mut self, out: &mut Vec<f32>) -> Result<bool, VoiceError> {
        while !self.open.read(out)? {
            if self.at + 1 >= self.links.len() {
                return Ok(false);
            }
            self.turn_to(self.at + 1)?;
        }
        Ok(true)
    }

    /// Opens a link at its beginning.
    fn turn_to(&mut self, index: usize) -> Result<(), VoiceError> {
        let damaged = VoiceError::Damaged { at: 0 };
        let Some(link) = self.links.get(index) else {
            return Err(damaged);
        };
        let file = File::open(&self.path)?;
        self.open = OggOpus::open(file, link.begin, link.end)?.ok_or(damaged)?;
        self.at = index;
        Ok(())
    }
}

/// Byte offsets at which streams of Opus begin. Several that begin together are one: the first of them is heard.
fn begins(file: &mut BufReader<File>) -> Result<Vec<u64>, VoiceError> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut together = false;
    while let At::Page(page) = ogg::read_page(file, at)? {
        at = page.end();
        if page.flags & FIRST == 0 {
            together = false;
        } else if page.body.starts_with(b"OpusHead") && !together {
            together = true;
            found.push(page.at);
            if found.len() > MOST {
                return Err(VoiceError::UnsupportedCodec);
            }
        }
    }
    Ok(found)
}
