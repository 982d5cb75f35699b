//! Which microphones and loudspeakers there are, which one is meant, and the moment that changes.
//!
//! A choice is the system's own id of a device, so that it holds when names are translated. Whoever chose nothing
//! follows the system's default, and so does, for as long as it is missing, whoever chose a device that is not there:
//! a headset left at work is no reason not to record.
//!
//! On Linux the sound server is asked where one answers: it knows people's names for things, and tells when something is unplugged.
//! `PULSE_SOURCE` and `PULSE_SINK` count there as they do for its own library.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait};

#[cfg(target_os = "linux")]
use super::pulse;

/// Where nothing tells of a change, the devices are looked at so often while somebody watches.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A microphone or a loudspeaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The system's own name for it, which stays.
    pub id: String,
    /// The name it shows to people.
    pub name: String,
    /// Whether the system takes it for those who chose none.
    pub is_default: bool,
}

/// What somebody can speak into, in the system's order. Opens nothing where the system can be asked.
#[must_use]
pub fn microphones() -> Vec<Device> {
    #[cfg(target_os = "linux")]
    if let Some(server) = pulse::Server::connect() {
        return server.map_or_else(|_| Vec::new(), |server| server.microphones());
    }
    let _quiet = quiet();
    let host = cpal::default_host();
    let default = host.default_input_device();
    listed(host.input_devices().ok(), default.as_ref())
}

/// What sound can come out of, in the system's order.
#[must_use]
pub fn loudspeakers() -> Vec<Device> {
    #[cfg(target_os = "linux")]
    if let Some(server) = pulse::Server::connect() {
        return server.map_or_else(|_| Vec::new(), |server| server.loudspeakers());
    }
    let _quiet = quiet();
    let host = cpal::default_host();
    let default = host.default_output_device();
    listed(host.output_devices().ok(), default.as_ref())
}

/// The microphone that is meant, where no server is asked: the chosen one where it is there, else the default.
pub(super) fn microphone(chosen: Option<&str>) -> Option<cpal::Device> {
    let host = cpal::default_host();
    chosen
        .and_then(|id| find(host.input_devices().ok(), id))
        .or_else(|| host.default_input_device())
}

/// The loudspeaker that is meant, likewise.
pub(super) fn loudspeaker(chosen: Option<&str>) -> Option<cpal::Device> {
    let host = cpal::default_host();
    chosen
        .and_then(|id| find(host.output_devices().ok(), id))
        .or_else(|| host.default_output_device())
}

fn find(devices: Option<impl Iterator<Item = cpal::Device>>, wanted: &str) -> Option<cpal::Device> {
    devices?.find(|device| device.id().is_ok_and(|id| id.id() == wanted))
}

fn listed(
    devices: Option<impl Iterator<Item = cpal::Device>>,
    default: Option<&cpal::Device>,
) -> Vec<Device> {
    let id = |device: &cpal::Device| device.id().ok().map(|id| id.id().to_owned());
    let default = default.and_then(id);
    let mut shown = Vec::<Device>::new();
    for device in devices.into_iter().flatten() {
        let (Some(id), Ok(description)) = (id(&device), device.description()) else {
            continue;
        };
        let is_default = default.as_ref() == Some(&id);
        let is_new = shown.iter().all(|known| known.id != id);
        if is_new && (is_default || is_whole_card(&id)) {
            let name = description.name().to_owned();
            shown.push(Device {
                id,
                name,
                is_default,
            });
        }
    }
    shown
}

/// ALSA lists two dozen plugins and each card a dozen times; of a card the name with conversions is enough.
fn is_whole_card(id: &str) -> bool {
    !cfg!(target_os = "linux") || id.starts_with("sysdefault:")
}

/// Tells of devices that come, go or become the default, until it is dropped.
#[derive(Debug)]
pub struct DeviceWatch {
    #[cfg(target_os = "linux")]
    _served: Option<pulse::Subscription>,
    _looks: Option<Sender<()>>,
}

/// Calls `on_change`, from a thread of its own, whenever [`microphones`] or [`loudspeakers`] may have changed. It may be called without need.
pub fn watch_devices(on_change: impl FnMut() + Send + 'static) -> DeviceWatch {
    #[cfg(target_os = "linux")]
    if pulse::Server::connect().is_some() {
        return DeviceWatch {
            _served: pulse::Subscription::open(on_change),
            _looks: None,
        };
    }
    DeviceWatch {
        #[cfg(target_os = "linux")]
        _served: None,
        _looks: look_often(on_change),
    }
}

/// Looks at the devices until what it gives is dropped.
fn look_often(mut on_change: impl FnMut() + Send + 'static) -> Option<Sender<()>> {
    let (alive, ended) = mpsc::channel();
    let look = move || {
        let mut known = (microphones(), loudspeakers());
        while ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
            let now = (microphones(), loudspeakers());
            if now != known {
                known = now;
                on_change();
            }
        }
    };
    let started = thread::Builder::new()
        .name("voice-devices".to_owned())
        .spawn(look);
    started.ok().map(|_| alive)
}

/// While this lives, ALSA keeps its remarks about missing devices out of our standard error on this thread.
pub(super) struct Quiet;

pub(super) fn quiet() -> Quiet {
    keep_remarks();
    Quiet
}

impl Drop for Quiet {
    /// A fresh buffer replaces the one with remarks; it stays, for the next opening on this thread.
    fn drop(&mut self) {
        keep_remarks();
    }
}

#[cfg(target_os = "linux")]
fn keep_remarks() {
    let _ = alsa::Output::local_error_handler();
}

#[cfg(not(target_os = "linux"))]
fn keep_remarks() {}
