//! An open loudspeaker.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, SampleFormat, StreamConfig};
use rtrb::{Consumer, Producer, RingBuffer};

#[cfg(target_os = "linux")]
use super::pulse;
use super::system::{self, quiet};
use super::{is_fatal, wishes};
use crate::VoiceError;

/// It is asked for sound so often in a second.
const PERIODS: u32 = 25;

/// What keeps a loudspeaker open.
enum Mouth {
    Library(#[expect(dead_code, reason = "it sounds until it is dropped")] cpal::Stream),
    #[cfg(target_os = "linux")]
    Server(pulse::Outlet),
}

/// A ring of mono samples, and where the device is in it.
///
/// Positions count the ring's frames since the device was opened, heard or discarded.
pub(crate) struct Loudspeaker {
    mouth: Mouth,
    producer: Producer<f32>,
    place: Arc<Place>,
    opened: Instant,
    pushed: u64,
    heard: Cell<u64>,
    pub(crate) rate: u32,
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
    gone: AtomicBool,
}

/// The callback's end of the ring.
struct Feed {
    consumer: Consumer<f32>,
    place: Arc<Place>,
}

impl Feed {
    /// Gives so many samples, of which the first will be heard so long after the device was opened. Silence where there is nothing.
    fn give(&mut self, count: usize, heard_at: Duration, mut put: impl FnMut(f32)) {
        let place = &self.place;
        let mut taken = place.taken.load(Ordering::Relaxed);
        let discard = place
            .discard_to
            .load(Ordering::Acquire)
            .saturating_sub(taken);
        let discard = (discard as usize).min(self.consumer.slots());
        if let Ok(chunk) = self.consumer.read_chunk(discard) {
            chunk.commit_all();
            taken += discard as u64;
        }
        let before = taken;
        let paused = place.paused.load(Ordering::Relaxed);
        for _ in 0..count {
            let sample = match paused {
                true => None,
                false => self.consumer.pop().ok(),
            };
            taken += u64::from(sample.is_some());
            put(sample.unwrap_or(0.0));
        }
        // Silence says nothing about where the sound is.
        if taken != before {
            place.taken_before.store(before, Ordering::Relaxed);
            let at = heard_at.as_nanos() as u64;
            place.heard_at.store(at, Ordering::Relaxed);
        }
        place.taken.store(taken, Ordering::Release);
    }
}

impl Loudspeaker {
    /// Opens the chosen device, where it is there, or the default one, and lets it run, silent.
    pub(crate) fn open(chosen: Option<&str>) -> Result<Loudspeaker, VoiceError> {
        #[cfg(target_os = "linux")]
        if let Some(served) = Self::of_server(chosen) {
            return served;
        }
        let _quiet = quiet();
        let device = system::loudspeaker(chosen).ok_or(VoiceError::NoSpeaker)?;
        for (config, format) in wishes(2, PERIODS) {
            match Self::try_open(&device, config, format) {
                Ok(loudspeaker) => return Ok(loudspeaker),
                Err(error) if error.kind() == ErrorKind::UnsupportedConfig => {}
                Err(error) => return Err(VoiceError::playback(&error)),
            }
        }
        let own = device
            .default_output_config()
            .map_err(|error| VoiceError::playback(&error))?;
        let mut config = own.config();
        config.buffer_size = BufferSize::Fixed(config.sample_rate / PERIODS);
        Self::try_open(&device, config, own.sample_format())
            .or_else(|_| Self::try_open(&device, own.config(), own.sample_format()))
            .map_err(|error| VoiceError::playback(&error))
    }

    /// None: there is no sound server.
    #[cfg(target_os = "linux")]
    fn of_server(chosen: Option<&str>) -> Option<Result<Loudspeaker, VoiceError>> {
        let server = match pulse::Server::connect()? {
            Ok(server) => server,
            Err(error) => return Some(Err(error)),
        };
        let open = |sink: Option<&str>| {
            Self::with(pulse::RATE, |mut feed, opened| {
                let sound = move |heard_at: Instant, out: &mut [u8]| {
                    let heard_at = heard_at.saturating_duration_since(opened);
                    let mut places = out.chunks_exact_mut(size_of::<f32>());
                    feed.give(places.len(), heard_at, |sample| {
                        if let Some(place) = places.next() {
                            place.copy_from_slice(&sample.to_ne_bytes());
                        }
                    });
                };
                pulse::Outlet::open(&server, sink, sound).map(Mouth::Server)
            })
        };
        let default = pulse::asked_for("PULSE_SINK");
        Some(match (chosen, open(chosen.or(default.as_deref()))) {
            (Some(_), Err(VoiceError::NoSpeaker)) => open(default.as_deref()),
            (_, opened) => opened,
        })
    }

    /// A loudspeaker whose device is opened by `open`, with the end of the ring for its callback and the moment its times count from.
    fn with<E>(
        rate: u32,
        open: impl FnOnce(Feed, Instant) -> Result<Mouth, E>,
    ) -> Result<Loudspeaker, E> {
        let (producer, consumer) = RingBuffer::<f32>::new(rate as usize);
        let place = Arc::new(Place::default());
        let opened = Instant::now();
        let feed = Feed {
            consumer,
            place: Arc::clone(&place),
        };
        Ok(Loudspeaker {
            mouth: open(feed, opened)?,
            producer,
            place,
            opened,
            pushed: 0,
            heard: Cell::new(0),
            rate,
        })
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
        let channels = usize::from(config.channels.max(1));
        Self::with(config.sample_rate, |mut feed, opened| {
            let failed = Arc::clone(&feed.place);
            let stream = device.build_output_stream::<T, _, _>(
                config,
                move |data: &mut [T], info: &cpal::OutputCallbackInfo| {
                    let stamp = info.timestamp();
                    let delay = stamp.playback.duration_since(stamp.callback);
                    let mut frames = data.chunks_mut(channels);
                    feed.give(frames.len(), opened.elapsed() + delay, |sample| {
                        if let Some(frame) = frames.next() {
                            frame.fill(T::from_sample(sample));
                        }
                    });
                },
                move |error: cpal::Error| {
                    // Where the library follows the system's default by itself, it tells only this.
                    if is_fatal(error.kind()) || error.kind() == ErrorKind::DeviceChanged {
                        failed.gone.store(true, Ordering::Relaxed);
                    }
                },
                None,
            )?;
            stream.play()?;
            Ok(Mouth::Library(stream))
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
        #[cfg(target_os = "linux")]
        if let Mouth::Server(outlet) = &self.mouth {
            outlet.look();
        }
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
        match &self.mouth {
            Mouth::Library(_) => self.place.gone.load(Ordering::Relaxed),
            #[cfg(target_os = "linux")]
            Mouth::Server(outlet) => outlet.is_gone(),
        }
    }
}
