//! Every other file: containers and most codecs by symphonia, Opus packets in them by libopus.
//!
//! Refuses to believe a file: how many packets it may give is bounded by its bytes, since a table of a few bytes can claim
//! four thousand million empty ones, and how long that may take by how long they sound, since readers go through other
//! tables from the beginning for each packet.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_FLAC, CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_VORBIS,
};
use symphonia::core::codecs::audio::{
    AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
};
use symphonia::core::common::Limit;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Time, TimeBase, Timestamp};

use super::opus_packets::{OpusPackets, frames_in};
use super::{Codec, MAX_HOURS, downmix, vorbis_books};
use crate::VoiceError;
use crate::encode::RATE;

/// Decoded and dropped before a position that was sought, as a part of a second.
const PRE_ROLL_PART: u32 = 8;
/// Packets that a file may give beyond one for each of its bytes.
const SPARE_PACKETS: u64 = 1_000;
/// A file may take this much longer to take apart than to hear. Six hours in a hundred megabytes take a tenth of it.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Foreign {
    path: PathBuf,
    format: Box<dyn FormatReader>,
    decoder: Decoder,
    track: u32,
    time_base: TimeBase,
    start: Timestamp,
    /// Time stamps of Opus are counted in samples.
    is_exact: bool,
    codec: Codec,
    channels: u8,
    rate: u32,
    frames: u64,
    /// Frames before this one are decoded and dropped, after a seek.
    from: u64,
    given: u64,
    /// There are no more packets.
    ended: bool,
    /// Packets that may still come before the file is called damaged.
    packets_left: u64,
    packets_at_most: u64,
    /// Time that went into finding packets since the last seek, and how much of it is borne.
    spent: Duration,
    pub(super) patience: Duration,
    interleaved: Vec<f32>,
    mono: Vec<f32>,
}

enum Decoder {
    Theirs(Box<dyn AudioDecoder>),
    Opus(OpusPackets),
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

    /// How many frames the packets of a file make, whatever it claims.
    pub(crate) fn counted(path: &Path) -> Result<u64, VoiceError> {
        Foreign::begin(path)?.count()
    }

    fn begin(path: &Path) -> Result<Foreign, VoiceError> {
        let file = File::open(path)?;
        let packets_at_most = file.metadata()?.len().saturating_add(SPARE_PACKETS);
        let source = MediaSourceStream::new(Box::new(file), Default::default());
        let tags = MetadataOptions::default()
            .limit_tag_bytes(Limit::Maximum(4096))
            .limit_visual_bytes(Limit::Maximum(0));
        let format = symphonia::default::get_probe()
            .probe(&Hint::new(), source, FormatOptions::default(), tags)
            .map_err(|error| match failure(error) {
                VoiceError::Damaged { .. } | VoiceError::UnsupportedCodec => VoiceError::NotAudio,
                other => other,
            })?;
        let track = format
            .default_track(TrackType::Audio)
            .ok_or(VoiceError::NotAudio)?;
        // Where nobody has begun to hear anything, stamps are below zero.
        let (id, mut start) = (track.id, track.start_ts.max(Timestamp::new(0)));
        let parameters = track
            .codec_params
            .as_ref()
            .and_then(|parameters| parameters.audio())
            .ok_or(VoiceError::UnsupportedCodec)?;
        let codec = codec(parameters.codec)?;
        let head = match codec {
            Codec::Opus => Some(opus_head(parameters)?),
            _ => None,
        };
        let opus = head.as_ref().map(|head| OpusPackets::new(&head.bytes));
        let opus = opus.transpose()?;
        // Opus knows no other clock, whatever the container says.
        let rate = match opus {
            Some(_) => Some(RATE),
            None => parameters.sample_rate,
        };
        let rate = rate.filter(|rate| (8_000..=192_000).contains(rate));
        let rate = rate.ok_or(VoiceError::UnsupportedCodec)?;
        let channels = match (&opus, &parameters.channels) {
            (Some(opus), _) => usize::from(opus.channels()),
            (None, Some(channels)) => channels.count(),
            (None, None) => 0,
        };
        let time_base = track
            .time_base
            .or_else(|| TimeBase::try_from_recip(rate))
            .ok_or(VoiceError::NotAudio)?;
        if let (Some(head), Some(opus)) = (&head, &opus)
            && head.counts_pre_skip
            && let Some(ticks) = time_base.calc_timestamp(seconds(opus.pre_skip(), RATE))
        {
            start = start.saturating_add_delta(ticks.saturating_delta(Timestamp::new(0)));
        }
        let decoder = match opus {
            Some(opus) => Decoder::Opus(opus),
            None => Decoder::Theirs(theirs(codec, parameters)?),
        };
        // Frames of Opus are counted by the container in what it takes for their rate.
        let frames = match decoder {
            Decoder::Opus(_) => 0,
            Decoder::Theirs(_) => length(track, time_base, rate),
        };
        Ok(Foreign {
            decoder,
            track: id,
            time_base,
            start,
            is_exact: head.is_some() && time_base.numer.get() == 1 && time_base.denom.get() == RATE,
            codec,
            channels: u8::try_from(channels).unwrap_or(u8::MAX),
            rate,
            frames,
            path: path.to_owned(),
            from: 0,
            given: 0,
            ended: false,
            packets_left: packets_at_most,
            packets_at_most,
            spent: Duration::ZERO,
            patience: PATIENCE,
            interleaved: Vec::new(),
            mono: Vec::new(),
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

    /// The next packet of the track. A file that is cut short ends where it is cut.
    fn next_packet(&mut self) -> Result<Option<Packet>, VoiceError> {
        loop {
            let began = Instant::now();
            let next = self.format.next_packet();
            self.spent += began.elapsed();
            let packet = match next {
                Ok(Some(packet)) => packet,
                Ok(None) => {
                    self.ended = true;
                    return Ok(None);
                }
                Err(Error::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    self.ended = true;
                    return Ok(None);
                }
                Err(error) => {
                    self.ended = true;
                    return Err(failure(error));
                }
            };
            let damaged = VoiceError::Damaged { at: 0 };
            let heard = Duration::from_secs(self.given / u64::from(self.rate));
            if self.packets_left == 0 || self.spent > self.patience + heard {
                return Err(damaged);
            }
            self.packets_left -= 1;
            if packet.track_id == self.track {
                return Ok(Some(packet));
            }
        }
    }

    fn count(&mut self) -> Result<u64, VoiceError> {
        let mut frames = 0u64;
        // What can be read is played, so what comes before a fault counts.
        while let Ok(Some(packet)) = self.next_packet() {
            let end = match &self.decoder {
                Decoder::Theirs(_) => self.frame_at(packet.pts.saturating_add(packet.dur)),
                Decoder::Opus(_) => {
                    let frames = frames_in(&packet.data).min(self.most_frames(&packet));
                    self.frame_at(packet.pts).saturating_add(frames_i64(frames))
                }
            };
            frames = frames.max(u64::try_from(end).unwrap_or(0));
            if frames > MAX_HOURS * 3600 * u64::from(self.rate) {
                return Err(VoiceError::TooLong);
            }
        }
        Ok(frames)
    }

    /// What a container that counts in samples leaves of a packet of Opus; others say too little of it or nothing.
    fn most_frames(&self, packet: &Packet) -> u64 {
        match packet.dur.get() {
            frames if self.is_exact && frames > 0 => frames,
            _ => u64::MAX,
        }
    }

    /// A time stamp of the track as a frame. Before the first one are those that a decoder needs and nobody hears.
    fn frame_at(&self, stamp: Timestamp) -> i64 {
        let ticks = stamp.saturating_delta(self.start).get();
        let numer = i128::from(self.time_base.numer.get()) * i128::from(self.rate);
        let frame = i128::from(ticks) * numer / i128::from(self.time_base.denom.get());
        let bound = i128::from(i64::MAX);
        frame.clamp(-bound, bound) as i64
    }

    pub(crate) fn seek(&mut self, frame: u64) -> Result<(), VoiceError> {
        let target = frame.min(self.frames);
        // Layer 3, AAC and Opus build on the packets before.
        let early = target.saturating_sub(u64::from(self.rate / PRE_ROLL_PART));
        let to = || SeekTo::Time {
            time: seconds(early, self.rate),
            track_id: Some(self.track),
        };
        // What a browser records has no index, and without one a reader only finds what is still to come. Readers that
        // have come to the end find nothing any more, and some say they did.
        let found = !self.ended
            && match self.format.seek(SeekMode::Accurate, to()) {
                Ok(seeked) => self.frame_at(seeked.actual_ts) <= frames_i64(target),
                Err(_) => false,
            };
        if !found {
            let mut again = Foreign::begin(&self.path)?;
            // Past the last packet: the next read says that it has ended.
            let _ = again.format.seek(SeekMode::Accurate, to());
            again.frames = self.frames;
            *self = again;
        }
        match &mut self.decoder {
            Decoder::Theirs(decoder) => decoder.reset(),
            Decoder::Opus(opus) => opus.reset()?,
        }
        self.from = target;
        self.given = 0;
        self.packets_left = self.packets_at_most;
        self.spent = Duration::ZERO;
        Ok(())
    }

    pub(crate) fn read(&mut self, out: &mut Vec<f32>) -> Result<bool, VoiceError> {
        loop {
            let Some(packet) = self.next_packet()? else {
                return Ok(false);
            };
            let mut begin = self.frame_at(packet.pts);
            let most = usize::try_from(self.most_frames(&packet)).unwrap_or(usize::MAX);
            let mono: &[f32] = match &mut self.decoder {
                Decoder::Opus(opus) => {
                    // To the sample, where the container only knows it to the millisecond.
                    if begin < 0 {
                        begin = begin.max(-frames_i64(opus.pre_skip()));
                    }
                    let samples = opus.decode(&packet.data);
                    samples.get(..most).unwrap_or(samples)
                }
                Decoder::Theirs(decoder) => {
                    let decoded = match decoder.decode(&packet) {
                        Ok(decoded) => decoded,
                        // The rest is worth hearing.
                        Err(Error::DecodeError(_) | Error::IoError(_)) => continue,
                        Err(error) => return Err(failure(error)),
                    };
                    if decoded.is_empty() {
                        continue;
                    }
                    if decoded.spec().rate() != self.rate {
                        return Err(VoiceError::UnsupportedCodec);
                    }
                    // The decoder has cut off what is before the first one.
                    begin = begin.max(0);
                    let channels = decoded.spec().channels().count().max(1);
                    self.channels = u8::try_from(channels).unwrap_or(u8::MAX);
                    decoded.copy_to_vec_interleaved(&mut self.interleaved);
                    self.mono.clear();
                    downmix(&self.interleaved, channels, &mut self.mono);
                    &self.mono
                }
            };
            let cut = frames_i64(self.from).saturating_sub(begin).max(0);
            let cut = usize::try_from(cut).unwrap_or(usize::MAX);
            self.given += mono.len() as u64;
            out.extend_from_slice(mono.get(cut.min(mono.len())..).unwrap_or_default());
            if self.given > 2 * MAX_HOURS * 3600 * u64::from(self.rate) {
                return Err(VoiceError::TooLong);
            }
            return Ok(true);
        }
    }
}

fn frames_i64(frames: u64) -> i64 {
    i64::try_from(frames).unwrap_or(i64::MAX)
}

/// A decoder of symphonia's.
fn theirs(
    codec: Codec,
    parameters: &AudioCodecParameters,
) -> Result<Box<dyn AudioDecoder>, VoiceError> {
    if codec == Codec::Vorbis {
        vorbis_books::check(parameters.extra_data.as_deref().unwrap_or_default())?;
    }
    symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|_| VoiceError::UnsupportedCodec)
}

/// The identification header of Opus in another container.
struct OpusHead {
    bytes: Vec<u8>,
    /// Time stamps begin with what nobody hears.
    counts_pre_skip: bool,
}

/// MP4 has its own form of the header: big-endian, with another version.
fn opus_head(parameters: &AudioCodecParameters) -> Result<OpusHead, VoiceError> {
    let bytes = parameters.extra_data.as_deref().unwrap_or_default();
    let mut bytes = bytes.to_vec();
    if !bytes.starts_with(b"OpusHead") {
        return Err(VoiceError::Damaged { at: 0 });
    }
    let counts_pre_skip = bytes.get(8) == Some(&0);
    if counts_pre_skip {
        for field in [10..12, 12..16, 16..18] {
            if let Some(bytes) = bytes.get_mut(field) {
                bytes.reverse();
            }
        }
    }
    Ok(OpusHead {
        bytes,
        counts_pre_skip,
    })
}

fn seconds(frames: u64, rate: u32) -> Time {
    Time::try_from_secs_f64(frames as f64 / f64::from(rate.max(1))).unwrap_or_default()
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
        // In another container than Ogg.
        CODEC_ID_OPUS => Codec::Opus,
        // Only PCM is left of what is built in; anything else has no decoder.
        _ => Codec::Pcm,
    })
}

fn failure(error: Error) -> VoiceError {
    match error {
        // The same kind also stands for bits that a decoder misses in a packet; only the system's errors have numbers.
        Error::IoError(error) if error.raw_os_error().is_some() => VoiceError::from(error),
        Error::Unsupported(_) => VoiceError::UnsupportedCodec,
        Error::LimitError(_) => VoiceError::TooLong,
        _ => VoiceError::Damaged { at: 0 },
    }
}
