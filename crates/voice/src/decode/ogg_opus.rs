//! Ogg Opus by pages (RFC 7845).
//!
//! Positions: a granule position counts 48 kHz samples including the pre-skip, from where the stream was cut out of
//! a longer one. `raw` here counts from the first decodable sample of the file; sound is `raw - pre_skip`.

use std::collections::VecDeque;
use std::fs::File;
use std::io::BufReader;

use super::opus_packets::{OpusPackets, frames_in};
use crate::VoiceError;
use crate::ogg::{self, At, CONTINUED, FIRST, LAST, NO_GRANULE, Page};

/// A decoder needs this much before a position to be right at it (RFC 7845 §4.6): 80 ms.
const PRE_ROLL: u64 = 3_840;
/// A packet of 120 ms at the highest rate has 7.7 kB; more than eight times that is not Opus.
const MAX_PACKET: usize = 61_440;

pub(crate) struct OggOpus {
    file: BufReader<File>,
    /// Byte offset after the last page.
    length: u64,
    serial: u32,
    /// Of the last page.
    last_serial: u32,
    pre_skip: u64,
    /// Byte offset of the first page with sound.
    start: u64,
    /// Granule position of raw 0.
    origin: u64,
    /// Raw position at which sound ends.
    end: u64,
    decoder: OpusPackets,
    /// Byte offset of the next page.
    next: u64,
    packets: VecDeque<Vec<u8>>,
    partial: Vec<u8>,
    /// Whether the packet that goes on to the next page is known from its beginning.
    joined: bool,
    finished: bool,
    /// Raw position of the next packet.
    raw: u64,
    /// Nothing before this raw position is given.
    from: u64,
}

impl OggOpus {
    /// What is between two bytes of a file. `None` where it is something else.
    pub(crate) fn open(file: File, begin: u64, length: u64) -> Result<Option<OggOpus>, VoiceError> {
        let mut file = BufReader::new(file);
        let At::Page(first) = ogg::read_page(&mut file, begin)? else {
            return Ok(None);
        };
        let head = first.body.as_slice();
        if first.flags & FIRST == 0 || !head.starts_with(b"OpusHead") {
            return Ok(None);
        }
        let decoder = OpusPackets::new(head)?;
        let pre_skip = decoder.pre_skip();
        let mut opus = OggOpus {
            file,
            length,
            serial: first.serial,
            last_serial: first.serial,
            pre_skip,
            start: 0,
            origin: 0,
            end: 0,
            decoder,
            next: first.end(),
            packets: VecDeque::new(),
            partial: Vec::new(),
            joined: true,
            finished: false,
            raw: 0,
            from: pre_skip,
        };
        opus.skip_tags()?;
        opus.measure()?;
        Ok(Some(opus))
    }

    /// Whether the last page belongs to another stream.
    pub(crate) fn ends_in_another(&self) -> bool {
        self.last_serial != self.serial
    }

    pub(crate) fn channels(&self) -> u8 {
        self.decoder.channels()
    }

    pub(crate) fn frames(&self) -> u64 {
        self.end.saturating_sub(self.pre_skip)
    }

    /// How many frames the packets make, whatever the positions claim. Reading begins anew after this.
    pub(crate) fn counted(&mut self) -> Result<u64, VoiceError> {
        self.seek(0)?;
        let mut raw = 0u64;
        loop {
            // What can be read is played, so what comes before a fault counts.
            match self.load_page() {
                Ok(true) => {}
                Ok(false) | Err(VoiceError::Damaged { .. }) => break,
                Err(error) => return Err(error),
            }
            raw += self
                .packets
                .drain(..)
                .map(|packet| frames_in(&packet))
                .sum::<u64>();
            if self.finished {
                break;
            }
        }
        self.seek(0)?;
        Ok(raw.saturating_sub(self.pre_skip))
    }

    /// The second packet is the tags, alone on its pages (RFC 7845 §3).
    fn skip_tags(&mut self) -> Result<(), VoiceError> {
        loop {
            let Some(page) = self.next_page()? else {
                return Err(VoiceError::NotAudio);
            };
            let tags_end = page.lacing.iter().any(|&length| length < 255);
            if tags_end {
                self.start = page.end();
                self.next = page.end();
                return Ok(());
            }
        }
    }

    /// Finds where the sound begins and ends.
    fn measure(&mut self) -> Result<(), VoiceError> {
        let Some(first) = self.next_page()? else {
            // Headers alone: nothing was said.
            self.finished = true;
            return Ok(());
        };
        let mut inside = 0u64;
        for (packet, ends) in first.segments() {
            if ends {
                inside += frames_in(packet);
            }
        }
        if first.granule != NO_GRANULE {
            // On a first page that is the last one too the position may be cut short by end trimming.
            let cut = first.flags & LAST != 0;
            self.origin = if cut {
                0
            } else {
                first.granule.saturating_sub(inside)
            };
        }
        let ending = ogg::ending(&mut self.file, self.serial, self.length)?;
        let end = ending.page.map_or(first.granule, |page| page.granule);
        self.last_serial = ending.serial.unwrap_or(self.serial);
        self.end = if end == NO_GRANULE {
            0
        } else {
            end.saturating_sub(self.origin)
        };
        self.next = self.start;
        Ok(())
    }

    /// The next page of this stream; pages of other streams are passed over.
    fn next_page(&mut self) -> Result<Option<Page>, VoiceError> {
        loop {
            if self.next >= self.length {
                return Ok(None);
            }
            match ogg::read_page(&mut self.file, self.next)? {
                At::Page(page) => {
                    self.next = page.end();
                    if page.serial == self.serial {
                        return Ok(Some(page));
                    }
                }
                // A file that is cut short is played as far as it goes.
                At::End => return Ok(None),
                At::Broken => return Err(VoiceError::Damaged { at: self.next }),
            }
        }
    }

    pub(crate) fn seek(&mut self, frame: u64) -> Result<(), VoiceError> {
        let target = frame.saturating_add(self.pre_skip).min(self.end);
        let early = target.saturating_sub(PRE_ROLL);
        let (next, raw) = self.page_before(early)?;
        self.decoder.reset()?;
        self.packets.clear();
        self.partial.clear();
        self.joined = false;
        self.finished = false;
        self.next = next;
        self.raw = raw;
        self.from = target.max(self.pre_skip);
        Ok(())
    }

    /// Byte offset and raw position after the last page that ends at or before `raw`, by bisection.
    fn page_before(&mut self, raw: u64) -> Result<(u64, u64), VoiceError> {
        let mut best = (self.start, 0);
        let (mut low, mut high) = (self.start, self.length);
        while high.saturating_sub(low) > ogg::MAX_PAGE as u64 {
            let middle = low + (high - low) / 2;
            let page = ogg::find_page(&mut self.file, middle, high, Some(self.serial))?;
            match page {
                Some(page) if page.granule == NO_GRANULE => low = page.end(),
                Some(page) if page.granule.saturating_sub(self.origin) <= raw => {
                    best = (page.end(), page.granule.saturating_sub(self.origin));
                    low = page.end();
                }
                _ => high = middle,
            }
        }
        // What is left is walked; it is two pages of the largest size at most.
        while low < high {
            let Some(page) = ogg::find_page(&mut self.file, low, high, Some(self.serial))? else {
                break;
            };
            low = page.end();
            if page.granule == NO_GRANULE {
                continue;
            }
            let position = page.granule.saturating_sub(self.origin);
            if position > raw {
                break;
            }
            best = (page.end(), position);
        }
        Ok(best)
    }

    pub(crate) fn read(&mut self, out: &mut Vec<f32>) -> Result<bool, VoiceError> {
        while self.packets.is_empty() {
            if self.finished || self.raw >= self.end || !self.load_page()? {
                return Ok(false);
            }
        }
        let Some(packet) = self.packets.pop_front() else {
            return Ok(false);
        };
        let samples = self.decoder.decode(&packet);
        let frames = samples.len() as u64;
        let begin = self.raw;
        self.raw += frames;
        let cut = self.from.saturating_sub(begin).min(frames) as usize;
        let keep = self.end.saturating_sub(begin).min(frames) as usize;
        out.extend_from_slice(samples.get(cut..keep).unwrap_or_default());
        Ok(true)
    }

    /// Queues the packets that end on the next page; false at the end of the stream.
    fn load_page(&mut self) -> Result<bool, VoiceError> {
        let at = self.next;
        let Some(page) = self.next_page()? else {
            self.finished = true;
            return Ok(false);
        };
        if page.flags & CONTINUED == 0 {
            self.partial.clear();
        }
        let mut skip = page.flags & CONTINUED != 0 && !self.joined;
        self.joined = true;
        for (part, ends) in page.segments() {
            if self.partial.len() + part.len() > MAX_PACKET {
                return Err(VoiceError::Damaged { at });
            }
            self.partial.extend_from_slice(part);
            if ends {
                let packet = std::mem::take(&mut self.partial);
                // The rest of a packet whose beginning is before a seek cannot be decoded.
                if !skip && !packet.is_empty() {
                    self.packets.push_back(packet);
                }
                skip = false;
            }
        }
        self.joined = !skip;
        if page.flags & LAST != 0 {
            self.finished = true;
        }
        Ok(true)
    }
}
