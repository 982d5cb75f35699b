//! What the sound server of a Linux desktop tells beside the sound itself: that something was plugged in or out, and whether the outlet that
//! plays is still the one it was.
//!
//! The audio library asks this server for devices and streams, but neither subscribes to its events nor shows a card's ports, and headphones
//! in a socket are a port. Rejected: asking every second whether all is as it was; until the answer somebody's words come out of the loudspeaker.

use std::cell::Cell;
use std::ffi::{CStr, CString};
use std::io::BufReader;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use cpal::traits::DeviceTrait;
use futures::executor::block_on;
use pulseaudio::protocol::{self, Command, SubscriptionMask, port_info::PortAvailable};

mod capture;

pub(crate) use capture::{Capture, RATE};

/// Who we are in the system's mixer.
const NAME: &CStr = c"Millet";
/// The longest it may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// A server that went is looked for again so often.
const AGAIN: Duration = Duration::from_secs(2);

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
    let path = pulseaudio::socket_path_from_env()?;
    let cookie = pulseaudio::cookie_path_from_env()
        .and_then(|path| std::fs::read(path).ok())
        .unwrap_or_default();
    let socket = UnixStream::connect(path).ok()?;
    socket.set_read_timeout(Some(PATIENCE)).ok()?;
    *shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(socket.try_clone().ok()?);
    let mut reader = BufReader::new(socket);
    let auth = Command::Auth(protocol::AuthParams {
        version: protocol::MAX_VERSION,
        supports_shm: false,
        supports_memfd: false,
        cookie,
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

/// What a sound comes out of, a sink and the socket of its card, and whether it still does.
#[derive(Debug)]
pub(crate) struct WatchedOutlet {
    client: pulseaudio::Client,
    sink: CString,
    port: Option<CString>,
    /// Something changed since it was last looked at.
    changed: Arc<AtomicBool>,
    gone: Cell<bool>,
    _events: Subscription,
}

impl WatchedOutlet {
    /// None where the server does not know the device.
    pub(crate) fn of(device: &cpal::Device) -> Option<Self> {
        let id = device.id().ok()?;
        if id.host() != cpal::HostId::PulseAudio {
            return None;
        }
        let sink = CString::new(id.id()).ok()?;
        let client = pulseaudio::Client::from_env(NAME).ok()?;
        let info = block_on(client.sink_info_by_name(sink.clone())).ok()?;
        let port = info.ports.get(info.active_port);
        let port = port.map(|port| port.name.clone());
        // What happens before the events come is found by the first look.
        let changed = Arc::new(AtomicBool::new(true));
        let tell = Arc::clone(&changed);
        let events = Subscription::open(move || tell.store(true, Ordering::Relaxed))?;
        Some(Self {
            client,
            sink,
            port,
            changed,
            gone: Cell::new(false),
            _events: events,
        })
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
        let Ok(info) = block_on(self.client.sink_info_by_name(self.sink.clone())) else {
            return false;
        };
        let is_unplugged = |port: &protocol::port_info::PortInfo| {
            Some(&port.name) == self.port.as_ref() && port.available == PortAvailable::No
        };
        !info.ports.iter().any(is_unplugged)
    }
}
