//! Ogg Opus by pages (RFC 7845).
//!
//! Positions: a granule position counts 48 kHz samples including the pre-skip, from where the stream was cut out of
//! a longer one. `raw` here counts from the first decodable sample of the file; sound is `raw - pre_skip`.

use std::collections::VecDeque;
use std::fs::File;
use std::io::BufReader;

use crate::VoiceError;
use crate::encode::RATE;
use crate::ogg::{self, At, CONTINUED, FIRST, LAST, NO_GRANULE, Page};

/// A decoder needs this much before a position to be right at it (RFC 7845 §4.6): 80 ms.
const PRE_ROLL: u64 = 3_840;
/// The longest packet: 120 ms.
const MAX_FRAMES: usize = 5_760;
/// A packet of 120 ms at the highest rate has 7.7 kB; more than eight times that is not Opus.
const MAX_PACKET: usize = 61_440;

pub(crate) struct OggOpus {
    file: BufReader<File>,
    length: u64,
    serial: u32,
    channels: u8,
    pre_skip: u64,
    /// Byte offset of the first page with sound.
    start: u64,
    /// Granule position of raw 0.
    origin: u64,
    /// Raw position at which sound ends.
    end: u64,
    decoder: opus::Decoder,
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
    buffer: Vec<f32>,
}

impl OggOpus {
    /// `None` where the file is something else.
    pub(crate) fn open(file: File, length: u64) -> Result<Option<OggOpus>, VoiceError> {
        let mut file = BufReader::new(file);
        let At::Page(first) = ogg::read_page(&mut file, 0)? else {
            return Ok(None);
        };
        let head = first.body.as_slice();
        if first.flags & FIRST == 0 || !head.starts_with(b"OpusHead") {
            return Ok(None);
        }
        let damaged = VoiceError::Damaged { at: 0 };
        let (Some(&version), Some(&channels)) = (head.get(8), head.get(9)) else {
            return Err(damaged);
        };
        let (Some(pre_skip), Some(gain), Some(&family)) =
            (le_u16(head, 10), le_u16(head, 16), head.get(18))
        else {
            return Err(damaged);
        };
        if version > 15 || family != 0 || channels > 2 {
            return Err(VoiceError::UnsupportedCodec);
        }
        if channels == 0 {
            return Err(damaged);
        }
        // The decoder mixes stereo down by itself.
        let mut decoder = opus::Decoder::new(RATE, opus::Channels::Mono)?;
        decoder.set_gain(i32::from(gain as i16))?;
        let mut opus = OggOpus {
            file,
            length,
            serial: first.serial,
            channels,
            pre_skip: u64::from(pre_skip),
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
            from: u64::from(pre_skip),
            buffer: vec![0.0; MAX_FRAMES],
        };
        opus.skip_tags()?;
        opus.measure()?;
        Ok(Some(opus))
    }

    pub(crate) fn channels(&self) -> u8 {
        self.channels
    }

    pub(crate) fn frames(&self) -> u64 {
        self.end.saturating_sub(self.pre_skip)
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
        let last = ogg::last_page(&mut self.file, self.serial, self.length)?;
        let end = last.map_or(first.granule, |page| page.granule);
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
        self.decoder.reset_state()?;
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
            let page = ogg::find_page(&mut self.file, middle, high, self.serial)?;
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
            let Some(page) = ogg::find_page(&mut self.file, low, high, self.serial)? else {
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
        let frames = match self.decoder.decode_float(&packet, &mut self.buffer, false) {
            Ok(frames) => frames,
            // A packet that makes no sense is silence of its length: the rest is worth hearing.
            Err(_) => {
                let frames = (frames_in(&packet) as usize).min(MAX_FRAMES);
                self.buffer.get_mut(..frames).unwrap_or_default().fill(0.0);
                frames
            }
        };
        let begin = self.raw;
        self.raw += frames as u64;
        let cut = self.from.saturating_sub(begin).min(frames as u64) as usize;
        let keep = self.end.saturating_sub(begin).min(frames as u64) as usize;
        out.extend_from_slice(self.buffer.get(cut..keep).unwrap_or_default());
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

/// Samples at 48 kHz in a packet by its first bytes; 0 for nonsense.
fn frames_in(packet: &[u8]) -> u64 {
    opus::packet::get_nb_samples(packet, RATE).unwrap_or(0) as u64
}

fn le_u16(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_le_bytes(two))
}
