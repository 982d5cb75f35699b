//! A microphone of the sound server.
//!
//! Rejected: the audio library's own stream on this server. It lets the server keep one fragment for us and no more, so that a machine that
//! is late by 10 ms loses what was said then. Here the server may keep all that fits into our ring.

use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use std::time::{Duration, Instant};

use pulseaudio::protocol::stream::{BufferAttr, StreamFlags};
use pulseaudio::protocol::{ChannelMap, ChannelPosition, PulseError, RecordStreamParams};
use pulseaudio::{ClientError, RecordStream};

use super::{FRAME, RATE, Server, Subscription, spec, within};
use crate::VoiceError;

/// An open microphone: mono floats at [`RATE`]. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct Capture {
    stream: RecordStream,
    _server: Server,
    /// Something changed since it was last asked whether it is still there.
    changed: Arc<AtomicBool>,
    _events: Option<Subscription>,
}

impl Capture {
    /// Opens the source of this name, or the server's default one, and gives what it hears to `on_sound` in pieces of `fragment` frames;
    /// `kept` frames may wait in the server.
    pub(crate) fn open(
        server: &Server,
        source: Option<&str>,
        fragment: u32,
        kept: u32,
        on_sound: impl FnMut(&[u8]) + Send + 'static,
    ) -> Result<Self, VoiceError> {
        let params = RecordStreamParams {
            sample_spec: spec(),
            channel_map: ChannelMap::new([ChannelPosition::Mono]),
            source_name: source.and_then(|name| CString::new(name).ok()),
            buffer_attr: BufferAttr {
                max_length: kept * FRAME,
                fragment_size: fragment * FRAME,
                ..Default::default()
            },
            flags: StreamFlags {
                // Without it the device keeps its own, longer, latency.
                adjust_latency: true,
                start_corked: true,
                ..Default::default()
            },
            ..Default::default()
        };
        let stream = within(server.client.create_record_stream(params, on_sound))
            .map_err(|error| refusal(&error))?;
        within(stream.uncork()).map_err(|error| refusal(&error))?;
        // What happens before the events come is found by the first look.
        let changed = Arc::new(AtomicBool::new(true));
        let tell = Arc::clone(&changed);
        let events = Subscription::open(move || tell.store(true, Ordering::Relaxed));
        Ok(Self {
            _server: server.clone(),
            stream,
            changed,
            _events: events,
        })
    }

    /// The moment that the sound begins with, by the server's account. It may lie before the opening: some devices have heard something already.
    pub(crate) fn began(&self) -> Option<Instant> {
        let told = within(self.stream.timing_info()).ok()?;
        let frames = u64::try_from(told.write_offset).ok()? / u64::from(FRAME);
        let heard = Duration::from_micros(frames * 1_000_000 / u64::from(RATE) + told.source_usec);
        Instant::now().checked_sub(heard)
    }

    /// Whether the server took it away. Asks only where something changed: for one that delivers nothing.
    pub(crate) fn is_gone(&self) -> bool {
        self.changed.swap(false, Ordering::Relaxed) && within(self.stream.timing_info()).is_err()
    }
}

/// Why a server does not give a microphone.
fn refusal(error: &ClientError) -> VoiceError {
    match error {
        ClientError::ServerError(PulseError::AccessDenied) => VoiceError::MicrophoneDenied,
        ClientError::ServerError(PulseError::Busy) => VoiceError::MicrophoneBusy,
        ClientError::ServerError(PulseError::NoEntity) => VoiceError::NoMicrophone,
        error => VoiceError::Device(error.to_string()),
    }
}
