//! A microphone that is told what it hears.
//!
//! It delivers the same bytes as a device would, in the format a device would, so that a test walks the whole path
//! from the ring to the file. It has no thread: the recorder asks it for what is due.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::device::Flow;

/// The layout of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleFormat {
    /// Signed 16 bit.
    I16,
    /// Unsigned 16 bit, silence at 32768.
    U16,
    /// Signed 32 bit.
    I32,
    /// 32-bit float, full scale at ±1.0.
    F32,
}

impl SampleFormat {
    fn bytes(self) -> usize {
        match self {
            SampleFormat::I16 | SampleFormat::U16 => 2,
            SampleFormat::I32 | SampleFormat::F32 => 4,
        }
    }

    /// Appends a sample as a device would deliver it: in the machine's byte order.
    fn push(self, sample: f32, out: &mut Vec<u8>) {
        let sample = sample.clamp(-1.0, 1.0);
        match self {
            SampleFormat::I16 => out.extend_from_slice(&((sample * 32767.0) as i16).to_ne_bytes()),
            SampleFormat::U16 => {
                out.extend_from_slice(&((sample * 32767.0 + 32768.0) as u16).to_ne_bytes());
            }
            SampleFormat::I32 => {
                let value = (f64::from(sample) * 2_147_483_647.0) as i32;
                out.extend_from_slice(&value.to_ne_bytes());
            }
            SampleFormat::F32 => out.extend_from_slice(&sample.to_ne_bytes()),
        }
    }

    pub(crate) fn as_device(self) -> cpal::SampleFormat {
        match self {
            SampleFormat::I16 => cpal::SampleFormat::I16,
            SampleFormat::U16 => cpal::SampleFormat::U16,
            SampleFormat::I32 => cpal::SampleFormat::I32,
            SampleFormat::F32 => cpal::SampleFormat::F32,
        }
    }
}

/// How fast a script is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// By the clock, as a microphone. After its end it hears digital silence until it is stopped.
    RealTime,
    /// As fast as the encoder takes it. The recorder's `stop()` waits until the whole script has been taken, and
    /// there is neither tail nor silence after it; the take is the same on every run.
    Fast,
}

/// What a scripted microphone hears.
#[derive(Clone)]
pub struct Script {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) format: SampleFormat,
    pub(crate) rate: u32,
    pub(crate) channels: u16,
    pub(crate) pace: Pace,
    pub(crate) unplug_after: Option<Duration>,
}

impl Script {
    /// Mono samples (full scale ±1.0) at `rate` Hz, delivered as 32-bit floats.
    pub fn mono(samples: &[f32], rate: u32, pace: Pace) -> Script {
        Script::interleaved(samples, rate, 1, SampleFormat::F32, pace)
    }

    /// Interleaved samples (full scale ±1.0) at `rate` Hz, delivered in `format`.
    pub fn interleaved(
        samples: &[f32],
        rate: u32,
        channels: u16,
        format: SampleFormat,
        pace: Pace,
    ) -> Script {
        let mut bytes = Vec::with_capacity(samples.len() * 4);
        for &sample in samples {
            format.push(sample, &mut bytes);
        }
        Script {
            bytes: bytes.into(),
            format,
            rate,
            channels,
            pace,
            unplug_after: None,
        }
    }

    /// The device disappears after this much sound, as if its cable was pulled.
    #[must_use]
    pub fn unplug_after(mut self, sound: Duration) -> Script {
        self.unplug_after = Some(sound);
        self
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Script")
            .field("bytes", &self.bytes.len())
            .field("format", &self.format)
            .field("rate", &self.rate)
            .field("channels", &self.channels)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

/// How much a fast script gives at once, in seconds.
const FAST_CHUNK: f64 = 0.1;

/// A script being heard.
pub(crate) struct Hearing {
    script: Script,
    started: Instant,
    /// Frames given so far, silence after the end included.
    given: u64,
}

impl Hearing {
    pub(crate) fn new(script: Script) -> Hearing {
        Hearing {
            script,
            started: Instant::now(),
            given: 0,
        }
    }

    pub(crate) fn script(&self) -> &Script {
        &self.script
    }

    /// Appends what is due now.
    pub(crate) fn read(&mut self, out: &mut Vec<u8>) -> Flow {
        let rate = f64::from(self.script.rate);
        let frame = self.script.format.bytes() * usize::from(self.script.channels.max(1));
        let written = (self.script.bytes.len() / frame) as u64;
        let plug = self
            .script
            .unplug_after
            .map_or(u64::MAX, |sound| (sound.as_secs_f64() * rate) as u64);
        let wanted = match self.script.pace {
            Pace::RealTime => (self.started.elapsed().as_secs_f64() * rate) as u64,
            Pace::Fast => (self.given + (FAST_CHUNK * rate) as u64).min(written),
        };
        let due = wanted.min(plug);
        let from = self.given.min(written) as usize * frame;
        let to = due.min(written) as usize * frame;
        out.extend_from_slice(self.script.bytes.get(from..to).unwrap_or_default());
        let silence = due.saturating_sub(self.given.max(written)) as usize;
        for _ in 0..silence * usize::from(self.script.channels.max(1)) {
            self.script.format.push(0.0, out);
        }
        self.given = self.given.max(due);
        if self.given >= plug {
            Flow::Lost
        } else if self.script.pace == Pace::Fast && self.given >= written {
            Flow::Ended
        } else {
            Flow::Open
        }
    }
}
