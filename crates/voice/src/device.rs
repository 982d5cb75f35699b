//! The devices: opening a microphone or a loudspeaker quickly, and what runs in their callbacks.
//!
//! **Invariant:** a callback copies between the device and a lock-free ring and stores numbers. It does not lock,
//! allocate, log or wait; sample formats of a microphone are converted on the recorder's thread.
//!
//! On Linux the wanted configuration is tried directly, because asking a device of ALSA what it can do opens it once
//! more. Only a device that refuses is asked. Elsewhere asking is cheap and the device's own configuration is the fast one.
//! [`system`] says which device is meant. Where a sound server answers there, `pulse` speaks to it: that opens a microphone in a third of the
//! time that ALSA's way to the same server takes.
//!
//! Rejected: keeping the microphone open between recordings. It would save the opening, but the system shows the
//! microphone as in use, and people rightly distrust that.

use std::time::Duration;

use cpal::{BufferSize, ErrorKind, SampleFormat, StreamConfig};

mod loudspeaker;
mod microphone;
#[cfg(target_os = "linux")]
mod pulse;
pub mod system;

pub(crate) use loudspeaker::Loudspeaker;
pub(crate) use microphone::Microphone;

/// A device that delivers nothing for so long is gone, whether it said so or not.
pub(crate) const STALL: Duration = Duration::from_secs(5);

/// Whether a source goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Open,
    /// It has said all it will say.
    Ended,
    Lost,
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
