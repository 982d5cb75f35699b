//! The devices: opening a microphone or a loudspeaker quickly, and what runs in their callbacks.
//!
//! **Invariant:** a callback copies between the device and a lock-free ring and stores numbers. It does not lock,
//! allocate, log or wait; sample formats of a microphone are converted on the recorder's thread.
//!
//! On Linux the wanted configuration is tried directly, because asking a device of ALSA what it can do opens it once
//! more. Only a device that refuses is asked. Elsewhere asking is cheap and the device's own configuration is the fast one.
//! [`system`] says which device is meant.
//!
//! Rejected: keeping the microphone open between recordings. It would save the opening, but the system shows the
//! microphone as in use, and people rightly distrust that.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, SampleFormat, StreamConfig};
use rtrb::{Consumer, Producer, RingBuffer};

use self::system::quiet;
use crate::VoiceError;

#[cfg(target_os = "linux")]
mod pulse;
pub mod system;

/// Sound that fits between a callback and its thread. The recorder's thread may wait this long for the disk.
const RING: Duration = Duration::from_secs(4);
/// A device that delivers nothing for so long is gone, whether it said so or not.
pub(crate) const STALL: Duration = Duration::from_secs(5);

/// A device that delivers nothing for so long is asked whether it is there.
const DOUBT: Duration = Duration::from_millis(200);
/// A microphone delivers so often in a second.
const PERIODS: u32 = 100;

/// Whether a source goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Open,
    /// It has said all it will say.
    Ended,
    Lost,
}

/// Numbers that a callback leaves for its thread.
#[derive(Default)]
struct Signs {
    dropped_bytes: AtomicU64,
    /// Nanoseconds from the press to the first delivery; 0 before it.
    first_after: AtomicU64,
    gone: AtomicBool,
}

/// What keeps a microphone open.
enum Ear {
    Library(#[expect(dead_code, reason = "it hears until it is dropped")] cpal::Stream),
    #[cfg(target_os = "linux")]
    Server(pulse::Capture),
}

/// An open microphone.
pub(crate) struct Microphone {
    ear: Ear,
    consumer: Consumer<u8>,
    signs: Arc<Signs>,
    last_delivery: Instant,
    pub(crate) format: SampleFormat,
    pub(crate) rate: u32,
    pub(crate) channels: u16,
}

impl Microphone {
    /// Opens the chosen device, where it is there, or the default one, and lets it run.
    pub(crate) fn open(chosen: Option<&str>, pressed: Instant) -> Result<Microphone, VoiceError> {
        let _quiet = quiet();
        #[cfg(target_os = "linux")]
        if let Some(served) = Self::of_server(chosen, pressed) {
            return served;
        }
        let device = system::microphone(chosen).ok_or(VoiceError::NoMicrophone)?;
        let mut last = None;
        for (config, format) in wishes(1, PERIODS) {
            match Self::try_open(&device, config, format, pressed) {
                Ok(microphone) => return Ok(microphone),
                Err(error) if error.kind() == ErrorKind::UnsupportedConfig => last = Some(error),
                Err(error) => return Err(VoiceError::capture(&error)),
            }
        }
        let own = device
            .default_input_config()
            .map_err(|error| VoiceError::capture(last.as_ref().unwrap_or(&error)))?;
        let mut config = own.config();
        config.buffer_size = BufferSize::Fixed(config.sample_rate / 50);
        Self::try_open(&device, config, own.sample_format(), pressed)
            .or_else(|_| Self::try_open(&device, own.config(), own.sample_format(), pressed))
            .map_err(|error| VoiceError::capture(&error))
    }

    /// None: no sound server answers.
    #[cfg(target_os = "linux")]
    fn of_server(chosen: Option<&str>, pressed: Instant) -> Option<Result<Microphone, VoiceError>> {
        const KEPT: u32 = pulse::RATE * RING.as_secs() as u32;
        let open = |source: Option<&str>| {
            let (signs, consumer, take) = ring(size_of::<f32>(), pulse::RATE, pressed);
            let capture = pulse::Capture::open(source, pulse::RATE / PERIODS, KEPT, take)?;
            Some(capture.map(|capture| Microphone {
                ear: Ear::Server(capture),
                consumer,
                signs,
                last_delivery: Instant::now(),
                format: SampleFormat::F32,
                rate: pulse::RATE,
                channels: 1,
            }))
        };
        let asked = std::env::var("PULSE_SOURCE").ok();
        let default = asked.as_deref().filter(|name| !name.is_empty());
        match (chosen, open(chosen.or(default))?) {
            (Some(_), Err(VoiceError::NoMicrophone)) => open(default),
            (_, opened) => Some(opened),
        }
    }

    fn try_open(
        device: &cpal::Device,
        config: StreamConfig,
        format: SampleFormat,
        pressed: Instant,
    ) -> Result<Microphone, cpal::Error> {
        let frame = format.sample_size() * usize::from(config.channels);
        let (signs, consumer, mut take) = ring(frame, config.sample_rate, pressed);
        let failed = Arc::clone(&signs);
        let stream = device.build_input_stream_raw(
            config,
            format,
            move |data: &cpal::Data, _: &cpal::InputCallbackInfo| take(data.bytes()),
            move |error: cpal::Error| {
                if is_fatal(error.kind()) {
                    failed.gone.store(true, Ordering::Relaxed);
                }
            },
            None,
        )?;
        stream.play()?;
        Ok(Microphone {
            ear: Ear::Library(stream),
            consumer,
            signs,
            last_delivery: Instant::now(),
            format,
            rate: config.sample_rate,
            channels: config.channels,
        })
    }

    /// Appends what was captured since the last call.
    pub(crate) fn read(&mut self, out: &mut Vec<u8>) -> Flow {
        // Read before the ring: what came before the loss is still taken.
        let gone = self.signs.gone.load(Ordering::Relaxed);
        let available = self.consumer.slots();
        if let Ok(chunk) = self.consumer.read_chunk(available) {
            let (first, second) = chunk.as_slices();
            out.extend_from_slice(first);
            out.extend_from_slice(second);
            chunk.commit_all();
        }
        if available > 0 {
            self.last_delivery = Instant::now();
        }
        let silence = self.last_delivery.elapsed();
        if gone || silence > STALL || (silence > DOUBT && self.was_taken()) {
            Flow::Lost
        } else {
            Flow::Open
        }
    }

    fn was_taken(&self) -> bool {
        match &self.ear {
            Ear::Library(_) => false,
            #[cfg(target_os = "linux")]
            Ear::Server(capture) => capture.is_gone(),
        }
    }

    /// From the press to the first delivery, once there was one.
    pub(crate) fn first_after(&self) -> Option<Duration> {
        match self.signs.first_after.load(Ordering::Relaxed) {
            0 => None,
            nanos => Some(Duration::from_nanos(nanos)),
        }
    }

    /// Frames that did not fit into the ring since the last call.
    pub(crate) fn take_dropped(&self) -> u64 {
        let frame = self.format.sample_size() * usize::from(self.channels);
        self.signs.dropped_bytes.swap(0, Ordering::Relaxed) / frame.max(1) as u64
    }
}

/// A ring between a microphone whose frame takes so many bytes and the recorder's thread, and what runs in the callback.
fn ring(
    frame: usize,
    rate: u32,
    pressed: Instant,
) -> (Arc<Signs>, Consumer<u8>, impl FnMut(&[u8]) + Send + 'static) {
    let frames = rate as usize * RING.as_secs() as usize;
    let (mut producer, consumer) = RingBuffer::<u8>::new(frames * frame);
    let signs = Arc::new(Signs::default());
    let heard = Arc::clone(&signs);
    let take = move |bytes: &[u8]| {
        if heard.first_after.load(Ordering::Relaxed) == 0 {
            let nanos = pressed.elapsed().as_nanos().max(1);
            heard.first_after.store(nanos as u64, Ordering::Relaxed);
        }
        let room = producer.slots() / frame * frame;
        let (fits, rest) = bytes.split_at(bytes.len().min(room));
        let _ = producer.push_entire_slice(fits);
        if !rest.is_empty() {
            let lost = rest.len() as u64;
            heard.dropped_bytes.fetch_add(lost, Ordering::Relaxed);
        }
    };
    (signs, consumer, take)
}

/// An open loudspeaker: a ring of mono samples, and where the device is in it.
///
/// Positions count the ring's frames since the device was opened, heard or discarded.
pub(crate) struct Loudspeaker {
    _stream: cpal::Stream,
    producer: Producer<f32>,
    place: Arc<Place>,
    opened: Instant,
    pushed: u64,
    heard: Cell<u64>,
    pub(crate) rate: u32,
    #[cfg(target_os = "linux")]
    outlet: Option<pulse::WatchedOutlet>,
}

#[derive(Default)]
struct Place {
    /// Frames taken before the last callback, and by it.
    taken_before: AtomicU64,
    taken: AtomicU64,
    /// Nanoseconds after `opened` at which the first frame of the last callback leaves the loudspeaker.
    heard_at: AtomicU64,
    discard_to: AtomicU64,
    paused: AtomicBool,
    state: AtomicU8,
}

const RUNNING: u8 = 0;
const GONE: u8 = 1;

impl Loudspeaker {
    /// Opens the chosen device, where it is there, or the default one, and lets it run, silent.
    pub(crate) fn open(chosen: Option<&str>) -> Result<Loudspeaker, VoiceError> {
        let _quiet = quiet();
        let device = system::loudspeaker(chosen).ok_or(VoiceError::NoSpeaker)?;
        #[cfg_attr(
            not(target_os = "linux"),
            expect(unused_mut, reason = "watched there only")
        )]
        let mut loudspeaker = Self::open_device(&device)?;
        #[cfg(target_os = "linux")]
        {
            loudspeaker.outlet = pulse::WatchedOutlet::of(&device);
        }
        Ok(loudspeaker)
    }

    fn open_device(device: &cpal::Device) -> Result<Loudspeaker, VoiceError> {
        for (config, format) in wishes(2, 25) {
            match Self::try_open(device, config, format) {
                Ok(loudspeaker) => return Ok(loudspeaker),
                Err(error) if error.kind() == ErrorKind::UnsupportedConfig => {}
                Err(error) => return Err(VoiceError::playback(&error)),
            }
        }
        let own = device
            .default_output_config()
            .map_err(|error| VoiceError::playback(&error))?;
        let mut config = own.config();
        config.buffer_size = BufferSize::Fixed(config.sample_rate / 25);
        Self::try_open(device, config, own.sample_format())
            .or_else(|_| Self::try_open(device, own.config(), own.sample_format()))
            .map_err(|error| VoiceError::playback(&error))
    }

    fn try_open(
        device: &cpal::Device,
        config: StreamConfig,
        format: SampleFormat,
    ) -> Result<Loudspeaker, cpal::Error> {
        match format {
            SampleFormat::I16 => Self::open_as::<i16>(device, config),
            SampleFormat::U16 => Self::open_as::<u16>(device, config),
            SampleFormat::I32 => Self::open_as::<i32>(device, config),
            SampleFormat::U8 => Self::open_as::<u8>(device, config),
            SampleFormat::F64 => Self::open_as::<f64>(device, config),
            SampleFormat::F32 => Self::open_as::<f32>(device, config),
            _ => Err(ErrorKind::UnsupportedConfig.into()),
        }
    }

    fn open_as<T: cpal::SizedSample + cpal::FromSample<f32>>(
        device: &cpal::Device,
        config: StreamConfig,
    ) -> Result<Loudspeaker, cpal::Error> {
        let frames = config.sample_rate as usize;
        let (producer, mut consumer) = RingBuffer::<f32>::new(frames);
        let place = Arc::new(Place::default());
        let (shown, failed) = (Arc::clone(&place), Arc::clone(&place));
        let opened = Instant::now();
        let channels = usize::from(config.channels.max(1));
        let stream = device.build_output_stream::<T, _, _>(
            config,
            move |data: &mut [T], info: &cpal::OutputCallbackInfo| {
                let mut taken = shown.taken.load(Ordering::Relaxed);
                let discard = shown
                    .discard_to
                    .load(Ordering::Acquire)
                    .saturating_sub(taken);
                let discard = (discard as usize).min(consumer.slots());
                if let Ok(chunk) = consumer.read_chunk(discard) {
                    chunk.commit_all();
                    taken += discard as u64;
                }
                let stamp = info.timestamp();
                let delay = stamp.playback.duration_since(stamp.callback);
                let heard_at = opened.elapsed() + delay;
                let before = taken;
                let paused = shown.paused.load(Ordering::Relaxed);
                for frame in data.chunks_mut(channels) {
                    let sample = if paused { None } else { consumer.pop().ok() };
                    taken += u64::from(sample.is_some());
                    frame.fill(T::from_sample(sample.unwrap_or(0.0)));
                }
                // Silence says nothing about where the sound is.
                if taken != before {
                    shown.taken_before.store(before, Ordering::Relaxed);
                    let at = heard_at.as_nanos() as u64;
                    shown.heard_at.store(at, Ordering::Relaxed);
                }
                shown.taken.store(taken, Ordering::Release);
            },
            move |error: cpal::Error| {
                // Where the library follows the system's default by itself, it tells only this.
                if is_fatal(error.kind()) || error.kind() == ErrorKind::DeviceChanged {
                    failed.state.store(GONE, Ordering::Relaxed);
                }
            },
            None,
        )?;
        stream.play()?;
        Ok(Loudspeaker {
            _stream: stream,
            producer,
            place,
            opened,
            pushed: 0,
            heard: Cell::new(0),
            rate: config.sample_rate,
            #[cfg(target_os = "linux")]
            outlet: None,
        })
    }

    /// Puts as many samples into the ring as fit; gives how many.
    pub(crate) fn push(&mut self, samples: &[f32]) -> usize {
        let (fits, _) = self.producer.push_partial_slice(samples);
        let count = fits.len();
        self.pushed += count as u64;
        count
    }

    /// Frames put into the ring so far.
    pub(crate) fn pushed(&self) -> u64 {
        self.pushed
    }

    /// Frames in the ring that the device has not taken.
    pub(crate) fn queued(&self) -> u64 {
        self.pushed
            .saturating_sub(self.place.taken.load(Ordering::Acquire))
    }

    /// Frames that have left the loudspeaker, by the device's own account of its delay. Never goes back, though
    /// accounts differ from callback to callback.
    pub(crate) fn heard(&self) -> u64 {
        let taken = self.place.taken.load(Ordering::Acquire);
        let before = self.place.taken_before.load(Ordering::Relaxed);
        let at = self.place.heard_at.load(Ordering::Relaxed);
        let now = self.opened.elapsed().as_nanos() as u64;
        let frames = |nanos: u64| nanos / 1_000 * u64::from(self.rate) / 1_000_000;
        let heard = if now >= at {
            (before + frames(now - at)).min(taken)
        } else {
            before.saturating_sub(frames(at - now))
        };
        let heard = heard.max(self.heard.get());
        self.heard.set(heard);
        heard
    }

    /// Drops what the device has not taken yet.
    pub(crate) fn discard(&self) {
        self.place.discard_to.store(self.pushed, Ordering::Release);
    }

    pub(crate) fn set_paused(&self, paused: bool) {
        self.place.paused.store(paused, Ordering::Relaxed);
    }

    /// Whether nothing is heard any more, or it would now come out of something else than what was chosen for it:
    /// who pulls headphones out has not asked to be heard by the room.
    pub(crate) fn is_gone(&self) -> bool {
        #[cfg(target_os = "linux")]
        if self
            .outlet
            .as_ref()
            .is_some_and(pulse::WatchedOutlet::is_gone)
        {
            return true;
        }
        self.place.state.load(Ordering::Relaxed) != RUNNING
    }
}

/// Whether a stream that reports this delivers nothing any more. After anything else the library goes on; where the
/// device does not, the stall is noticed.
fn is_fatal(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable | ErrorKind::StreamInvalidated
    )
}

/// Configurations worth trying before the device is asked, the best first. A callback covers one `part` of a second.
fn wishes(channels: u16, part: u32) -> Vec<(StreamConfig, SampleFormat)> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    let config = |buffer_size| StreamConfig {
        channels,
        sample_rate: 48_000,
        buffer_size,
    };
    vec![
        (config(BufferSize::Fixed(48_000 / part)), SampleFormat::F32),
        (config(BufferSize::Fixed(48_000 / part)), SampleFormat::I16),
    ]
}

/// Interleaved samples of any format to mono. Of more than two channels the first two count: the rest of an array is
/// often the loudspeaker's own signal. Unknown formats give nothing.
pub(crate) fn to_mono(bytes: &[u8], format: SampleFormat, channels: u16, out: &mut Vec<f32>) {
    let channels = usize::from(channels.max(1));
    macro_rules! mix {
        ($kind:ty, $value:ident => $float:expr) => {{
            let size = size_of::<$kind>();
            for frame in bytes.chunks_exact(size * channels) {
                let mut sum = 0.0;
                let mut heard = 0.0;
                for sample in frame.chunks_exact(size).take(2) {
                    let $value = <$kind>::from_ne_bytes(sample.try_into().unwrap_or_default());
                    sum += $float;
                    heard += 1.0;
                }
                out.push(sum / heard);
            }
        }};
    }
    const STEPS_24: f32 = 8_388_608.0;
    const STEPS_32: f32 = 2_147_483_648.0;
    match format {
        SampleFormat::I8 => mix!(i8, v => f32::from(v) / 128.0),
        SampleFormat::U8 => mix!(u8, v => f32::from(v) / 128.0 - 1.0),
        SampleFormat::I16 => mix!(i16, v => f32::from(v) / 32_768.0),
        SampleFormat::U16 => mix!(u16, v => f32::from(v) / 32_768.0 - 1.0),
        SampleFormat::I24 => mix!(i32, v => v as f32 / STEPS_24),
        SampleFormat::U24 => mix!(i32, v => v as f32 / STEPS_24 - 1.0),
        SampleFormat::I32 => mix!(i32, v => v as f32 / STEPS_32),
        SampleFormat::U32 => mix!(u32, v => v as f32 / STEPS_32 - 1.0),
        SampleFormat::F32 => mix!(f32, v => v),
        SampleFormat::F64 => mix!(f64, v => v as f32),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
