//! A microphone that is told what it hears.
//!
//! It delivers the same bytes as a device would, in the format a device would, so that a test walks the whole path
//! from the ring to the file. It has no thread: the recorder asks it for what is due.

use std::sync::Arc;
use std::time::Duration;

/// The layout of one sample, little-endian where it has more than one byte.
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
            let sample = sample.clamp(-1.0, 1.0);
            match format {
                SampleFormat::I16 => {
                    bytes.extend_from_slice(&((sample * 32767.0) as i16).to_le_bytes());
                }
                SampleFormat::U16 => {
                    let value = (sample * 32767.0 + 32768.0) as u16;
                    bytes.extend_from_slice(&value.to_le_bytes());
                }
                SampleFormat::I32 => {
                    let value = (f64::from(sample) * 2_147_483_647.0) as i32;
                    bytes.extend_from_slice(&value.to_le_bytes());
                }
                SampleFormat::F32 => bytes.extend_from_slice(&sample.to_le_bytes()),
            }
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
