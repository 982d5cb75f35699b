//! Mono 48 kHz samples become Opus packets, and packets become a file (RFC 7845).
//!
//! The two halves are apart: [`Encoder`] hands each packet to a function, and [`OggWriter`] is one such function's
//! state. A second consumer of the packets (live voice) needs no change here.
//!
//! A page holds 200 ms, for 6 bytes in a hundred of overhead. It is handed to the system one packet after it is full,
//! so a killed program loses 220 ms at most; the disk is synced once, at the end.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;

use crate::recorder::Bitrate;
use crate::{VoiceError, ogg};

/// Opus counts in samples at 48 kHz, whatever the input was.
pub(crate) const RATE: u32 = 48_000;
/// Samples in a packet: 20 ms.
pub(crate) const FRAME: usize = 960;
/// Packets on a page: 200 ms.
pub(crate) const PAGE_PACKETS: usize = 10;
/// The largest packet libopus makes for one 20 ms frame (RFC 6716 §3.2.1).
const MAX_PACKET: usize = 1275;

/// Collects samples and gives a packet for every 20 ms.
pub(crate) struct Encoder {
    inner: opus::Encoder,
    waiting: Vec<f32>,
    packet: [u8; MAX_PACKET],
    pre_skip: u16,
    samples: u64,
    packets: u64,
}

impl Encoder {
    pub(crate) fn new(bitrate: Bitrate) -> Result<Encoder, VoiceError> {
        let mut inner = opus::Encoder::new(RATE, opus::Channels::Mono, opus::Application::Voip)?;
        inner.set_bitrate(opus::Bitrate::Bits(bitrate.bits_per_second()))?;
        inner.set_vbr(true)?;
        inner.set_vbr_constraint(true)?;
        let lookahead = inner.get_lookahead()?;
        Ok(Encoder {
            inner,
            waiting: Vec::with_capacity(FRAME * 4),
            packet: [0; MAX_PACKET],
            pre_skip: u16::try_from(lookahead).map_err(|_| VoiceError::Opus("lookahead"))?,
            samples: 0,
            packets: 0,
        })
    }

    /// Samples that a decoder gives before the first one that went in.
    pub(crate) fn pre_skip(&self) -> u16 {
        self.pre_skip
    }

    /// Samples taken so far.
    pub(crate) fn samples(&self) -> u64 {
        self.samples
    }

    /// Takes samples; every packet that gets full goes to `sink`.
    pub(crate) fn push(
        &mut self,
        samples: &[f32],
        sink: &mut impl FnMut(&[u8]) -> Result<(), VoiceError>,
    ) -> Result<(), VoiceError> {
        self.samples += samples.len() as u64;
        self.waiting.extend_from_slice(samples);
        self.encode_waiting(sink)
    }

    /// Gives the packets without which a decoder would not reach the last sample.
    pub(crate) fn finish(
        &mut self,
        sink: &mut impl FnMut(&[u8]) -> Result<(), VoiceError>,
    ) -> Result<(), VoiceError> {
        let reach = u64::from(self.pre_skip) + self.samples;
        while self.packets * (FRAME as u64) < reach {
            self.waiting.resize(FRAME, 0.0);
            self.encode_waiting(sink)?;
        }
        Ok(())
    }

    fn encode_waiting(
        &mut self,
        sink: &mut impl FnMut(&[u8]) -> Result<(), VoiceError>,
    ) -> Result<(), VoiceError> {
        let mut done = 0;
        while let Some(frame) = self.waiting.get(done..done + FRAME) {
            let length = self.inner.encode_float(frame, &mut self.packet)?;
            done += FRAME;
            self.packets += 1;
            sink(self.packet.get(..length).unwrap_or_default())?;
        }
        self.waiting.drain(..done);
        Ok(())
    }
}

/// Writes packets of 20 ms into a file as Ogg Opus.
pub(crate) struct OggWriter {
    file: File,
    serial: u32,
    sequence: u32,
    packets: u64,
    page: Vec<Vec<u8>>,
    buffer: Vec<u8>,
    bytes: u64,
    pre_skip: u16,
}

impl OggWriter {
    /// Writes the two header pages (RFC 7845 §5). `input_rate` is information for people, players ignore it.
    pub(crate) fn new(file: File, pre_skip: u16, input_rate: u32) -> Result<OggWriter, VoiceError> {
        let serial = RandomState::new().hash_one(std::process::id()) as u32;
        let mut writer = OggWriter {
            file,
            serial,
            sequence: 2,
            packets: 0,
            page: Vec::with_capacity(PAGE_PACKETS),
            buffer: Vec::new(),
            bytes: 0,
            pre_skip,
        };
        let mut head = b"OpusHead\x01\x01".to_vec();
        head.extend_from_slice(&pre_skip.to_le_bytes());
        head.extend_from_slice(&input_rate.to_le_bytes());
        head.extend_from_slice(&[0, 0, 0]);
        let mut tags = b"OpusTags".to_vec();
        tags.extend_from_slice(&6u32.to_le_bytes());
        tags.extend_from_slice(b"Millet");
        tags.extend_from_slice(&0u32.to_le_bytes());
        ogg::write_page(&mut writer.buffer, ogg::FIRST, 0, serial, 0, &[&head]);
        ogg::write_page(&mut writer.buffer, 0, 0, serial, 1, &[&tags]);
        writer.write_buffer()?;
        Ok(writer)
    }

    /// Takes one packet of 20 ms. A full page is written when the next packet comes: only then is it known that it
    /// is not the last one, whose position says more than how many packets there are.
    pub(crate) fn packet(&mut self, packet: &[u8]) -> Result<(), VoiceError> {
        if self.page.len() == PAGE_PACKETS {
            self.write_page(0, self.packets * FRAME as u64)?;
        }
        self.page.push(packet.to_vec());
        self.packets += 1;
        Ok(())
    }

    /// Writes the last page, whose position says where the sound ends, and syncs. Returns the size of the file.
    ///
    pub(crate) fn finish(mut self, samples: u64) -> Result<u64, VoiceError> {
        let end = u64::from(self.pre_skip) + samples;
        self.write_page(ogg::LAST, end)?;
        self.file.sync_all()?;
        Ok(self.bytes)
    }

    fn write_page(&mut self, flags: u8, granule: u64) -> Result<(), VoiceError> {
        let packets: Vec<&[u8]> = self.page.iter().map(Vec::as_slice).collect();
        ogg::write_page(
            &mut self.buffer,
            flags,
            granule,
            self.serial,
            self.sequence,
            &packets,
        );
        self.sequence += 1;
        self.page.clear();
        self.write_buffer()
    }

    fn write_buffer(&mut self) -> Result<(), VoiceError> {
        self.file.write_all(&self.buffer)?;
        self.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
