//! An open microphone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, SampleFormat, StreamConfig};
use rtrb::{Consumer, RingBuffer};

#[cfg(target_os = "linux")]
use super::pulse;
use super::system::{self, quiet};
use super::{Flow, STALL, is_fatal, wishes};
use crate::VoiceError;

/// Sound that fits between a callback and its thread. The recorder's thread may wait this long for the disk.
const RING: Duration = Duration::from_secs(4);
/// A device that delivers nothing for so long is asked whether it is there.
const DOUBT: Duration = Duration::from_millis(200);
/// It delivers so often in a second.
const PERIODS: u32 = 100;

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
    pressed: Instant,
    pub(crate) format: SampleFormat,
    pub(crate) rate: u32,
    pub(crate) channels: u16,
}

impl Microphone {
    /// Opens the chosen device, where it is there, or the default one, and lets it run.
    pub(crate) fn open(chosen: Option<&str>, pressed: Instant) -> Result<Microphone, VoiceError> {
        #[cfg(target_os = "linux")]
        if let Some(served) = Self::of_server(chosen, pressed) {
            return served;
        }
        let _quiet = quiet();
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

    /// None: there is no sound server.
    #[cfg(target_os = "linux")]
    fn of_server(chosen: Option<&str>, pressed: Instant) -> Option<Result<Microphone, VoiceError>> {
        const KEPT: u32 = pulse::RATE * RING.as_secs() as u32;
        let server = match pulse::Server::connect()? {
            Ok(server) => server,
            Err(error) => return Some(Err(error)),
        };
        let open = |source: Option<&str>| {
            let (signs, consumer, take) = ring(size_of::<f32>(), pulse::RATE, pressed);
            let fragment = pulse::RATE / PERIODS;
            let capture = pulse::Capture::open(&server, source, fragment, KEPT, take)?;
            Ok(Microphone {
                ear: Ear::Server(capture),
                consumer,
                signs,
                last_delivery: Instant::now(),
                pressed,
                format: SampleFormat::F32,
                rate: pulse::RATE,
                channels: 1,
            })
        };
        let default = pulse::asked_for("PULSE_SOURCE");
        Some(match (chosen, open(chosen.or(default.as_deref()))) {
            (Some(_), Err(VoiceError::NoMicrophone)) => open(default.as_deref()),
            (_, opened) => opened,
        })
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
            pressed,
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

    /// From the press to the first delivery, and from the press to the moment that it begins with; the first of these where the
    /// device does not tell the other.
    pub(crate) fn first(&self) -> Option<(Duration, Duration)> {
        let after = Duration::from_nanos(self.signs.first_after.load(Ordering::Relaxed));
        if after.is_zero() {
            return None;
        }
        let began = match &self.ear {
            Ear::Library(_) => None,
            #[cfg(target_os = "linux")]
            Ear::Server(capture) => capture.began(),
        };
        let missed = began.map_or(after, |began: Instant| {
            began.saturating_duration_since(self.pressed)
        });
        Some((after, missed.min(after)))
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
