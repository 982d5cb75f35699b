//! A loudspeaker of the sound server, and whether it is still the one it was.
//!
//! Rejected: the audio library's own stream on this server. One whose device was pulled out can never be closed: it waits for an end that the
//! server, which has forgotten the stream, does not tell.

use std::cell::Cell;
use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use pulseaudio::protocol::port_info::{PortAvailable, PortInfo};
use pulseaudio::protocol::stream::{BufferAttr, StreamFlags};
use pulseaudio::protocol::{
    ChannelMap, ChannelPosition, PlaybackStreamParams, PulseError, SinkInfo,
};
use pulseaudio::{AsPlaybackSource, ClientError, PlaybackStream};

use super::{FRAME, RATE, Server, Subscription, spec, within};
use crate::VoiceError;

/// Frames that the server holds, and how many it asks for at a time. What is paused is heard for so much longer; what is late by less is not missed.
const HELD: u32 = RATE * 80 / 1000;
const ASKED: u32 = RATE * 20 / 1000;
/// How often the server is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// An open loudspeaker for mono floats at [`RATE`]. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct Outlet {
    server: Server,
    stream: PlaybackStream,
    clock: Arc<Clock>,
    looked: Cell<Option<Instant>>,
    /// The socket of the card that is in use.
    port: Option<CString>,
    /// Something changed since it was last looked at.
    changed: Arc<AtomicBool>,
    gone: Cell<bool>,
    _events: Option<Subscription>,
}

/// When the stream's first frame was heard, or would have been.
#[derive(Debug)]
struct Clock {
    origin: Instant,
    /// Nanoseconds after `origin`.
    zero: AtomicI64,
}

impl Clock {
    fn heard_at(&self, frame: u64) -> Instant {
        let zero = self.zero.load(Ordering::Relaxed);
        let nanos = zero + (frame * 1_000_000 / u64::from(RATE) * 1_000) as i64;
        self.origin + Duration::from_nanos(nanos.max(0) as u64)
    }

    /// At this moment of the stream, in frames that may not have been written yet, is what will be heard after `latency`.
    fn set(&self, frame: i64, latency: Duration) {
        let now = (self.origin.elapsed() + latency).as_nanos() as i64;
        let zero = now - frame * 1_000_000 / i64::from(RATE) * 1_000;
        self.zero.store(zero, Ordering::Relaxed);
    }
}

impl Outlet {
    /// Opens the sink of this name, or the server's default one. `sound` fills native floats, and is told when the first of them will be heard.
    pub(crate) fn open(
        server: &Server,
        sink: Option<&str>,
        mut sound: impl FnMut(Instant, &mut [u8]) + Send + 'static,
    ) -> Result<Self, VoiceError> {
        let clock = Arc::new(Clock {
            origin: Instant::now(),
            zero: AtomicI64::new(0),
        });
        clock.set(0, Duration::from_millis(u64::from(HELD * 1000 / RATE)));
        let shown = Arc::clone(&clock);
        let mut given = 0_u64;
        let give = move |out: &mut [u8]| {
            sound(shown.heard_at(given), out);
            given += out.len() as u64 / u64::from(FRAME);
            out.len()
        };
        let params = PlaybackStreamParams {
            sample_spec: spec(),
            channel_map: ChannelMap::new([ChannelPosition::Mono]),
            sink_name: sink.and_then(|name| CString::new(name).ok()),
            buffer_attr: BufferAttr {
                max_length: u32::MAX,
                target_length: HELD * FRAME,
                pre_buffering: 0,
                minimum_request_length: ASKED * FRAME,
                ..Default::default()
            },
            flags: StreamFlags {
                adjust_latency: true,
                ..Default::default()
            },
            ..Default::default()
        };
        let opened = server
            .client
            .create_playback_stream(params, give.as_playback_source());
        let stream = within(opened).map_err(|error| match error {
            ClientError::ServerError(PulseError::NoEntity) => VoiceError::NoSpeaker,
            error => VoiceError::Device(error.to_string()),
        })?;
        let info = within(server.client.sink_info(stream.sink()));
        let port = info
            .ok()
            .as_ref()
            .and_then(active)
            .map(|port| port.name.clone());
        // What happens before the events come is found by the first look.
        let changed = Arc::new(AtomicBool::new(true));
        let tell = Arc::clone(&changed);
        let events = Subscription::open(move || tell.store(true, Ordering::Relaxed));
        Ok(Self {
            server: server.clone(),
            stream,
            clock,
            looked: Cell::new(None),
            port,
            changed,
            gone: Cell::new(false),
            _events: events,
        })
    }

    /// Asks the server how far it is, now and then.
    pub(crate) fn look(&self) {
        let is_due = self.looked.get().is_none_or(|at| at.elapsed() > LOOK_EVERY);
        if !is_due {
            return;
        }
        self.looked.set(Some(Instant::now()));
        if let Ok(now) = within(self.stream.timing_info()) {
            let frame = now.read_offset / i64::from(FRAME);
            self.clock.set(frame, Duration::from_micros(now.sink_usec));
        }
    }

    /// Whether it was taken away: its sink is gone, or what was plugged in is not any more. One that somebody put another
    /// in place of is still there.
    pub(crate) fn is_gone(&self) -> bool {
        if self.changed.swap(false, Ordering::Relaxed) && !self.gone.get() {
            self.gone.set(!self.is_there());
        }
        self.gone.get()
    }

    fn is_there(&self) -> bool {
        let Ok(info) = within(self.server.client.sink_info(self.stream.sink())) else {
            return false;
        };
        let is_unplugged = |port: &PortInfo| {
            Some(&port.name) == self.port.as_ref() && port.available == PortAvailable::No
        };
        !info.ports.iter().any(is_unplugged)
    }
}

fn active(sink: &SinkInfo) -> Option<&PortInfo> {
    sink.ports.get(sink.active_port)
}
