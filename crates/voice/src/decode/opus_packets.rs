//! Opus packets to mono samples, whatever container they came in (RFC 6716, RFC 7845 §5.1).
//!
//! Up to two channels are mixed by the decoder itself, up to eight here. Rejected: mapping families without a meaning for
//! their channels (255); nobody speaks in them.

use super::downmix;
use crate::VoiceError;
use crate::encode::RATE;

/// The longest packet: 120 ms.
const MAX_FRAMES: usize = 5_760;

/// A decoder that knows an identification header.
pub(super) struct OpusPackets {
    decoder: Decoder,
    channels: u8,
    pre_skip: u64,
    buffer: Vec<f32>,
    mono: Vec<f32>,
}

enum Decoder {
    /// Mixes stereo down by itself.
    Few(opus::Decoder),
    Many(opus::MSDecoder),
}

impl OpusPackets {
    /// By the identification header, `OpusHead` included.
    ///
    /// # Errors
    /// `UnsupportedCodec` for what is not mono, stereo or surround sound, `Damaged` for a header that makes no sense.
    pub(super) fn new(head: &[u8]) -> Result<Self, VoiceError> {
        let damaged = || VoiceError::Damaged { at: 0 };
        let (Some(&version), Some(&channels)) = (head.get(8), head.get(9)) else {
            return Err(damaged());
        };
        let (Some(pre_skip), Some(gain), Some(&family)) =
            (le_u16(head, 10), le_u16(head, 16), head.get(18))
        else {
            return Err(damaged());
        };
        let most = match family {
            0 => 2,
            1 => 8,
            _ => return Err(VoiceError::UnsupportedCodec),
        };
        if version > 15 || channels > most {
            return Err(VoiceError::UnsupportedCodec);
        }
        if channels == 0 {
            return Err(damaged());
        }
        let gain = i32::from(gain as i16);
        let decoder = if family == 0 {
            let mut decoder = opus::Decoder::new(RATE, opus::Channels::Mono)?;
            decoder.set_gain(gain)?;
            Decoder::Few(decoder)
        } else {
            let mapping = head.get(21..21 + usize::from(channels));
            let (Some(&streams), Some(&coupled), Some(mapping)) =
                (head.get(19), head.get(20), mapping)
            else {
                return Err(damaged());
            };
            let mut decoder = opus::MSDecoder::new(RATE, streams, coupled, mapping)
                .map_err(|_| VoiceError::Damaged { at: 0 })?;
            decoder.set_gain(gain)?;
            Decoder::Many(decoder)
        };
        let wide = match decoder {
            Decoder::Few(_) => 1,
            Decoder::Many(_) => usize::from(channels),
        };
        Ok(Self {
            decoder,
            channels,
            pre_skip: u64::from(pre_skip),
            buffer: vec![0.0; MAX_FRAMES * wide],
            mono: Vec::new(),
        })
    }

    pub(super) fn channels(&self) -> u8 {
        self.channels
    }

    /// What a decoder gives before the sound begins, at 48 kHz.
    pub(super) fn pre_skip(&self) -> u64 {
        self.pre_skip
    }

    /// Forgets what came before, as after a seek.
    pub(super) fn reset(&mut self) -> Result<(), VoiceError> {
        match &mut self.decoder {
            Decoder::Few(decoder) => decoder.reset_state()?,
            Decoder::Many(decoder) => decoder.reset_state()?,
        }
        Ok(())
    }

    /// The samples of a packet. One that makes no sense is silence of its length: the rest is worth hearing.
    pub(super) fn decode(&mut self, packet: &[u8]) -> &[f32] {
        let decoded = match &mut self.decoder {
            Decoder::Few(decoder) => decoder.decode_float(packet, &mut self.buffer, false),
            Decoder::Many(decoder) => decoder.decode_float(packet, &mut self.buffer, false),
        };
        let Ok(frames) = decoded else {
            self.mono.clear();
            self.mono
                .resize((frames_in(packet) as usize).min(MAX_FRAMES), 0.0);
            return &self.mono;
        };
        match self.decoder {
            Decoder::Few(_) => self.buffer.get(..frames).unwrap_or_default(),
            Decoder::Many(_) => {
                let wide = usize::from(self.channels);
                let all = self.buffer.get(..frames * wide).unwrap_or_default();
                self.mono.clear();
                downmix(all, wide, &mut self.mono);
                &self.mono
            }
        }
    }
}

/// Samples at 48 kHz in a packet by its first bytes; 0 for nonsense. Of several streams the first one tells.
pub(super) fn frames_in(packet: &[u8]) -> u64 {
    opus::packet::get_nb_samples(packet, RATE).unwrap_or(0) as u64
}

fn le_u16(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_le_bytes(two))
}
