//! The sound server of a Linux desktop: PulseAudio, or PipeWire in its place.
//!
//! Owns what is asked of it: which devices there are, streams to and from them, and the moment something is plugged in or out. The audio library
//! has a way to it too, but its streams lose sound on a busy machine and hang when their device is pulled out, and it tells neither of
//! events nor of a card's sockets, which headphones are plugged into.
//!
//! Rejected: PipeWire's own protocol. It needs its C library where we are built, and speaks this one everywhere.

use std::io::BufReader;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::sync::mpsc::{self, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use pulseaudio::protocol::{self, Command, SampleFormat, SampleSpec, SubscriptionMask};
use pulseaudio::{Client, ClientError};
use socket2::{Domain, SockAddr, Socket, Type};

use super::system::Device;
use crate::VoiceError;

mod capture;
mod outlet;

pub(crate) use capture::Capture;
pub(crate) use outlet::Outlet;

/// Samples a second of every stream.
pub(crate) const RATE: u32 = 48_000;
/// Bytes of a frame of every stream: one mono float.
const FRAME: u32 = 4;
/// Who we are in the system's mixer.
const NAME: &std::ffi::CStr = c"Millet";
/// The longest it may take to let us in, and to answer anything.
const PATIENCE: Duration = Duration::from_secs(2);
/// A server that went is looked for again so often.
const AGAIN: Duration = Duration::from_secs(2);

/// A server that answers. Its connection ends with the last clone.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    client: Client,
    _line: Arc<Line>,
}

/// The library's own thread is not told that nobody wants it any more; the end of its socket it notices.
#[derive(Debug)]
struct Line(UnixStream);

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl Server {
    /// None where there is none that lets us in. One that stands still is an error: the audio library would go to the same,
    /// and wait for it for ever.
    pub(crate) fn connect() -> Option<Result<Self, VoiceError>> {
        let began = Instant::now();
        let socket = match socket()? {
            Ok(socket) => socket,
            Err(_) if began.elapsed() < PATIENCE => return None,
            Err(error) => return Some(Err(VoiceError::Device(error.to_string()))),
        };
        let line = Arc::new(Line(socket.try_clone().ok()?));
        match Client::new_unix(NAME, socket, cookie()) {
            Ok(client) => Some(Ok(Self {
                client,
                _line: line,
            })),
            Err(_) if began.elapsed() < PATIENCE => None,
            Err(error) => Some(Err(VoiceError::Device(error.to_string()))),
        }
    }

    /// What can be spoken into. A monitor hears what a loudspeaker plays, and is no microphone unless it was made the default.
    pub(crate) fn microphones(&self) -> Vec<Device> {
        let default = asked_for("PULSE_SOURCE").or_else(|| {
            let info = within(self.client.server_info()).ok()?;
            info.default_source_name.map(lossless)
        });
        let sources = within(self.client.list_sources()).unwrap_or_default();
        let listed = sources.into_iter().filter_map(|source| {
            let id = lossless(source.name);
            let is_default = default.as_ref() == Some(&id);
            let is_monitor = source.monitor_of_sink_index.is_some();
            (is_default || !is_monitor).then(|| Device {
                name: source.description.map_or_else(|| id.clone(), lossless),
                id,
                is_default,
            })
        });
        listed.collect()
    }

    /// What sound can come out of.
    pub(crate) fn loudspeakers(&self) -> Vec<Device> {
        let default = asked_for("PULSE_SINK").or_else(|| {
            let info = within(self.client.server_info()).ok()?;
            info.default_sink_name.map(lossless)
        });
        let sinks = within(self.client.list_sinks()).unwrap_or_default();
        let listed = sinks.into_iter().map(|sink| {
            let id = lossless(sink.name);
            Device {
                name: sink.description.map_or_else(|| id.clone(), lossless),
                is_default: default.as_ref() == Some(&id),
                id,
            }
        });
        listed.collect()
    }
}

/// Waits for an answer. A server that gives none for so long is gone: a thread that owns sound must not stand with it.
fn within<T>(answer: impl Future<Output = Result<T, ClientError>>) -> Result<T, ClientError> {
    struct Unpark(thread::Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut answer = pin!(answer);
    let until = Instant::now() + PATIENCE;
    loop {
        if let Poll::Ready(answer) = answer.as_mut().poll(&mut context) {
            return answer;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ClientError::Disconnected);
        }
        thread::park_timeout(left);
    }
}

/// The device that the environment asks for, as the server's own library reads it.
pub(crate) fn asked_for(variable: &str) -> Option<String> {
    let name = std::env::var(variable).ok();
    name.filter(|name| !name.is_empty())
}

/// What every stream carries.
fn spec() -> SampleSpec {
    SampleSpec {
        format: match cfg!(target_endian = "little") {
            true => SampleFormat::Float32Le,
            false => SampleFormat::Float32Be,
        },
        channels: 1,
        sample_rate: RATE,
    }
}

fn lossless(name: std::ffi::CString) -> String {
    name.to_string_lossy().into_owned()
}

/// A way to the server; `None` where the environment names none.
///
/// A server that stands still takes a few connections, which the kernel keeps for it; the next would wait for ever.
fn socket() -> Option<std::io::Result<UnixStream>> {
    let path = pulseaudio::socket_path_from_env()?;
    let connect = || {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.connect(&SockAddr::unix(&path)?)?;
        Ok(UnixStream::from(OwnedFd::from(socket)))
    };
    Some(connect())
}

fn cookie() -> Option<Vec<u8>> {
    std::fs::read(pulseaudio::cookie_path_from_env()?).ok()
}

/// A connection on which the server says that its devices changed. Dropping it ends that.
#[derive(Debug)]
pub(crate) struct Subscription {
    socket: Arc<Mutex<Option<UnixStream>>>,
    _alive: Sender<()>,
}

impl Subscription {
    /// Calls `on_event` from a thread of its own, also when the server itself goes or comes. None: there is no thread to be had.
    pub(crate) fn open(mut on_event: impl FnMut() + Send + 'static) -> Option<Self> {
        let socket = Arc::new(Mutex::new(None));
        let shared = Arc::clone(&socket);
        let (alive, ended) = mpsc::channel::<()>();
        let listen = move || {
            loop {
                // Kept before the look at whether anybody still wants it: a drop in between finds it.
                let subscribed = subscribe(&shared);
                if ended.try_recv() == Err(TryRecvError::Disconnected) {
                    return;
                }
                if let Some((mut reader, version)) = subscribed {
                    while let Ok((_, command)) =
                        protocol::read_command_message(&mut reader, version)
                    {
                        if matches!(command, Command::SubscribeEvent(_)) {
                            on_event();
                        }
                    }
                }
                if ended.recv_timeout(AGAIN) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                on_event();
            }
        };
        let started = thread::Builder::new()
            .name("voice-devices".to_owned())
            .spawn(listen);
        started.ok().map(|_| Self {
            socket,
            _alive: alive,
        })
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(socket) = &*socket {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// A connection that tells of sinks, sources, cards and the defaults, and the protocol's version on it.
fn subscribe(shared: &Mutex<Option<UnixStream>>) -> Option<(BufReader<UnixStream>, u16)> {
    let socket = socket()?.ok()?;
    *shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(socket.try_clone().ok()?);
    let mut reader = BufReader::new(socket);
    let auth = Command::Auth(protocol::AuthParams {
        version: protocol::MAX_VERSION,
        supports_shm: false,
        supports_memfd: false,
        cookie: cookie().unwrap_or_default(),
    });
    let newest = protocol::MAX_VERSION;
    protocol::write_command_message(reader.get_mut(), 0, &auth, newest).ok()?;
    let (_, reply) =
        protocol::read_reply_message::<protocol::AuthReply>(&mut reader, newest).ok()?;
    let version = reply.version.min(newest);
    let mut named = protocol::Props::new();
    named.set(protocol::Prop::ApplicationName, NAME);
    let named = Command::SetClientName(named);
    protocol::write_command_message(reader.get_mut(), 1, &named, version).ok()?;
    protocol::read_reply_message::<protocol::SetClientNameReply>(&mut reader, version).ok()?;
    let all = SubscriptionMask::SINK
        | SubscriptionMask::SOURCE
        | SubscriptionMask::SERVER
        | SubscriptionMask::CARD;
    protocol::write_command_message(reader.get_mut(), 2, &Command::Subscribe(all), version).ok()?;
    protocol::read_ack_message(&mut reader).ok()?;
    // From here on silence is what is hoped for.
    reader.get_ref().set_read_timeout(None).ok()?;
    Some((reader, version))
}
