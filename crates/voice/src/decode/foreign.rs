//! Every other codec, by symphonia; and Opus in another container than Ogg, which symphonia takes apart and libopus decodes.

use std::fs::File;
use std::path::Path;

use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_FLAC, CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_VORBIS,
};
use symphonia::core::codecs::audio::{AudioCodecId, AudioDecoder, AudioDecoderOptions};
use symphonia::core::common::Limit;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::{Time, TimeBase, Timestamp};

use super::{Codec, MAX_HOURS};
use crate::VoiceError;
use crate::encode::RATE;

/// Decoded and dropped before a position that was sought, as a part of a second.
const PRE_ROLL_PART: u32 = 8;

/// The longest Opus packet, 120 ms.
const LONGEST_OPUS: usize = 5_760;

enum Decoder {
    Library(Box<dyn AudioDecoder>),
    /// The samples that are dropped at the beginning (RFC 7845 §4.2), and room for a packet's.
    Opus {
        decoder: opus::Decoder,
        pre_skip: u64,
        room: Vec<f32>,
    },
}

pub(crate) struct Foreign {
    format: Box<dyn FormatReader>,
    decoder: Decoder,
    track: u32,
    time_base: TimeBase,
    start: Timestamp,
    codec: Codec,
    channels: u8,
    rate: u32,
    frames: u64,
    /// Frames before this one are decoded and dropped, after a seek.
    from: u64,
    given: u64,
    interleaved: Vec<f32>,
}

impl Foreign {
    pub(crate) fn open(path: &Path) -> Result<Foreign, VoiceError> {
        let mut foreign = Foreign::begin(path)?;
        if foreign.frames == 0 {
            // The file does not say: its packets are counted, not decoded. Then it is opened again from the start.
            let frames = foreign.count()?;
            foreign = Foreign::begin(path)?;
            foreign.frames = frames;
        }
        Ok(foreign)
    }

    fn begin(path: &Path) -> Result<Foreign, VoiceError> {
        let source = MediaSourceStream::new(Box::new(File::open(path)?), Default::default());
        let tags = MetadataOptions::default()
            .limit_tag_bytes(Limit::Maximum(4096))
            .limit_visual_bytes(Limit::Maximum(0));
        let format = symphonia::default::get_probe()
            .probe(&Hint::new(), source, FormatOptions::default(), tags)
            .map_err(|error| match error {
                Error::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
                    VoiceError::from(error)
                }
                Error::LimitError(_) => VoiceError::TooLong,
                _ => VoiceError::NotAudio,
            })?;
        let track = format
            .default_track(TrackType::Audio)
            .ok_or(VoiceError::NotAudio)?;
        let (id, start) = (track.id, track.start_ts);
        let parameters = track
            .codec_params
            .as_ref()
            .and_then(|parameters| parameters.audio())
            .ok_or(VoiceError::UnsupportedCodec)?;
        let codec = codec(parameters.codec)?;
        let rate = parameters
            .sample_rate
            .filter(|rate| (8_000..=192_000).contains(rate));
        let rate = rate.ok_or(VoiceError::UnsupportedCodec)?;
        let channels = parameters
            .channels
            .as_ref()
            .map_or(0, |channels| channels.count());
        let time_base = track
            .time_base
            .or_else(|| TimeBase::try_from_recip(rate))
            .ok_or(VoiceError::NotAudio)?;
        let frames = length(track, time_base, rate);
        let decoder = if codec == Codec::Opus {
            if rate != RATE {
                return Err(VoiceError::UnsupportedCodec);
            }
            Decoder::Opus {
                decoder: opus::Decoder::new(RATE, opus::Channels::Mono)?,
                pre_skip: parameters.extra_data.as_deref().map_or(0, pre_skip),
                room: vec![0.0; LONGEST_OPUS],
            }
        } else {
            let library = symphonia::default::get_codecs()
                .make_audio_decoder(parameters, &AudioDecoderOptions::default());
            Decoder::Library(library.map_err(|_| VoiceError::UnsupportedCodec)?)
        };
        Ok(Foreign {
            decoder,
            track: id,
            time_base,
            start,
            codec,
            channels: u8::try_from(channels).unwrap_or(u8::MAX),
            rate,
            frames,
            from: 0,
            given: 0,
            interleaved: Vec::new(),
            format,
        })
    }

    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    pub(crate) fn channels(&self) -> u8 {
        self.channels
    }

    pub(crate) fn rate(&self) -> u32 {
        self.rate
    }

    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    fn count(&mut self) -> Result<u64, VoiceError> {
        let mut frames = 0u64;
        while let Ok(Some(packet)) = self.format.next_packet() {
            if packet.track_id == self.track {
                let end = packet.pts.saturating_add(packet.dur);
                frames = frames.max(self.frame_at(end));
            }
            if frames > MAX_HOURS * 3600 * u64::from(self.rate) {
                return Err(VoiceError::TooLong);
            }
        }
        Ok(frames)
    }

    /// A time stamp of the track as a frame.
    fn frame_at(&self, stamp: Timestamp) -> u64 {
        let ticks = stamp.saturating_delta(self.start).get().max(0);
        let numer = i128::from(self.time_base.numer.get()) * i128::from(self.rate);
        let frame = i128::from(ticks) * numer / i128::from(self.time_base.denom.get());
        u64::try_from(frame).unwrap_or(u64::MAX)
    }

    pub(crate) fn seek(&mut self, frame: u64) -> Result<(), VoiceError> {
        let target = frame.min(self.frames);
        // Layer 3 and AAC build on the packets before.
        let early = target.saturating_sub(u64::from(self.rate / PRE_ROLL_PART));
        let Some(time) = Time::try_from_secs_f64(early as f64 / f64::from(self.rate)) else {
            return Err(VoiceError::TooLong);
        };
        let to = SeekTo::Time {
            time,
            track_id: Some(self.track),
        };
        match self.format.seek(SeekMode::Accurate, to) {
            Ok(_) => {}
            // Past the last packet: the next read says that it has ended.
            Err(Error::SeekError(_)) if target >= self.frames => {}
            Err(error) => return Err(failure(error)),
        }
        match &mut self.decoder {
            Decoder::Library(decoder) => decoder.reset(),
            Decoder::Opus { decoder, .. } => decoder.reset_state()?,
        }
        self.from = target;
        Ok(())
    }

    pub(crate) fn read(&mut self, out: &mut Vec<f32>) -> Result<bool, VoiceError> {
        loop {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(false),
                // A file that is cut short is played as far as it goes.
                Err(Error::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    return Ok(false);
                }
                Err(error) => return Err(failure(error)),
            };
            if packet.track_id != self.track {
                continue;
            }
            let begin = self.frame_at(packet.pts);
            let mut from = self.from;
            let channels = match &mut self.decoder {
                Decoder::Library(decoder) => {
                    let decoded = match decoder.decode(&packet) {
                        Ok(decoded) => decoded,
                        // The rest is worth hearing.
                        Err(Error::DecodeError(_)) => continue,
                        Err(error) => return Err(failure(error)),
                    };
                    if decoded.is_empty() {
                        continue;
                    }
                    if decoded.spec().rate() != self.rate {
                        return Err(VoiceError::UnsupportedCodec);
                    }
                    decoded.copy_to_vec_interleaved(&mut self.interleaved);
                    let channels = decoded.spec().channels().count().max(1);
                    self.channels = u8::try_from(channels).unwrap_or(u8::MAX);
                    channels
                }
                Decoder::Opus {
                    decoder,
                    pre_skip,
                    room,
                } => {
                    // A packet that cannot be read is left out here too.
                    let Ok(count) = decoder.decode_float(&packet.data, room, false) else {
                        continue;
                    };
                    from += *pre_skip;
                    self.interleaved.clear();
                    let samples = room.get(..count).unwrap_or_default();
                    self.interleaved.extend_from_slice(samples);
                    1
                }
            };
            let cut = usize::try_from(from.saturating_sub(begin)).unwrap_or(usize::MAX);
            let scale = 1.0 / channels as f32;
            let frames = self.interleaved.chunks_exact(channels);
            self.given += frames.len() as u64;
            out.extend(
                frames
                    .skip(cut)
                    .map(|frame| bounded(frame.iter().sum::<f32>() * scale)),
            );
            if self.given > 2 * MAX_HOURS * 3600 * u64::from(self.rate) {
                return Err(VoiceError::TooLong);
            }
            return Ok(true);
        }
    }
}

/// Length in frames as the container claims it; 0 where it does not.
fn length(track: &Track, time_base: TimeBase, rate: u32) -> u64 {
    if let Some(frames) = track.num_frames {
        return frames;
    }
    track
        .duration
        .and_then(|duration| time_base.calc_duration(duration))
        .map_or(0, |time| {
            (time.as_secs_f64() * f64::from(rate)).round() as u64
        })
}

fn codec(id: AudioCodecId) -> Result<Codec, VoiceError> {
    Ok(match id {
        CODEC_ID_AAC => Codec::Aac,
        CODEC_ID_MP3 => Codec::Mp3,
        CODEC_ID_FLAC => Codec::Flac,
        CODEC_ID_VORBIS => Codec::Vorbis,
        CODEC_ID_OPUS => Codec::Opus,
        // Only PCM is left of what is built in; anything else has no decoder.
        _ => Codec::Pcm,
    })
}

/// Of an `OpusHead` (RFC 7845 §5.1).
fn pre_skip(head: &[u8]) -> u64 {
    match head.get(10..12) {
        Some(&[low, high]) => u64::from(u16::from_le_bytes([low, high])),
        _ => 0,
    }
}

/// A file of floats may hold anything; a loudspeaker is given nothing but sound.
fn bounded(sample: f32) -> f32 {
    if sample.is_nan() {
        0.0
    } else {
        sample.clamp(-1.0, 1.0)
    }
}

fn failure(error: Error) -> VoiceError {
    match error {
        Error::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            VoiceError::from(error)
        }
        Error::Unsupported(_) => VoiceError::UnsupportedCodec,
        Error::LimitError(_) => VoiceError::TooLong,
        _ => VoiceError::Damaged { at: 0 },
    }
}
