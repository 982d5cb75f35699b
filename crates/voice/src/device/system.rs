//! Which microphones and loudspeakers there are, which one is meant, and the moment that changes.
//!
//! A choice is the system's own id of a device, so that it holds when names are translated. Whoever chose nothing
//! follows the system's default, and so does, for as long as it is missing, whoever chose a device that is not there:
//! a headset left at work is no reason not to record.
//!
//! On Linux the sound server is asked where one answers (PulseAudio, or PipeWire in its place). It opens a microphone in a third of
//! the time that ALSA's way to the same server takes, knows people's names for things, and tells when something is unplugged.
//! `PULSE_SOURCE` and `PULSE_SINK` count there as they do for its own library.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait};

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
    let _quiet = quiet();
    let host = cpal::default_host();
    let default = default_microphone(&host);
    // A monitor hears what a loudspeaker plays, and is listed among the microphones.
    let is_shown = |id: &str| !id.ends_with(".monitor") && is_hardware(&host, id);
    listed(host.input_devices().ok(), default.as_ref(), is_shown)
}

/// What sound can come out of, in the system's order.
#[must_use]
pub fn loudspeakers() -> Vec<Device> {
    let _quiet = quiet();
    let host = cpal::default_host();
    let default = default_loudspeaker(&host);
    let is_shown = |id: &str| is_hardware(&host, id);
    listed(host.output_devices().ok(), default.as_ref(), is_shown)
}

/// The microphone that is meant: the chosen one where it is there, else the default.
pub(crate) fn microphone(chosen: Option<&str>) -> Option<cpal::Device> {
    let host = cpal::default_host();
    chosen
        .and_then(|id| find(host.input_devices().ok(), id))
        .or_else(|| default_microphone(&host))
}

/// The loudspeaker that is meant, likewise.
pub(crate) fn loudspeaker(chosen: Option<&str>) -> Option<cpal::Device> {
    let host = cpal::default_host();
    chosen
        .and_then(|id| find(host.output_devices().ok(), id))
        .or_else(|| default_loudspeaker(&host))
}

fn default_microphone(host: &cpal::Host) -> Option<cpal::Device> {
    match named("PULSE_SOURCE", host) {
        Some(name) => find(host.input_devices().ok(), &name),
        None => host.default_input_device(),
    }
}

fn default_loudspeaker(host: &cpal::Host) -> Option<cpal::Device> {
    match named("PULSE_SINK", host) {
        Some(name) => find(host.output_devices().ok(), &name),
        None => host.default_output_device(),
    }
}

/// What the environment asks of a sound server. ALSA's way to it reads the environment itself.
fn named(variable: &str, host: &cpal::Host) -> Option<String> {
    if !is_server(host) {
        return None;
    }
    std::env::var(variable).ok().filter(|name| !name.is_empty())
}

#[cfg(target_os = "linux")]
fn is_server(host: &cpal::Host) -> bool {
    host.id() == cpal::HostId::PulseAudio
}

#[cfg(not(target_os = "linux"))]
fn is_server(_: &cpal::Host) -> bool {
    false
}

fn find(devices: Option<impl Iterator<Item = cpal::Device>>, wanted: &str) -> Option<cpal::Device> {
    devices?.find(|device| device.id().is_ok_and(|id| id.id() == wanted))
}

fn listed(
    devices: Option<impl Iterator<Item = cpal::Device>>,
    default: Option<&cpal::Device>,
    is_shown: impl Fn(&str) -> bool,
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
        if is_new && (is_default || is_shown(&id)) {
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
fn is_hardware(host: &cpal::Host, id: &str) -> bool {
    !cfg!(target_os = "linux") || is_server(host) || id.starts_with("sysdefault:")
}

/// Tells of devices that come, go or become the default, until it is dropped.
#[derive(Debug)]
pub struct DeviceWatch {
    #[cfg(target_os = "linux")]
    _served: Option<super::pulse::Subscription>,
    _looks: Option<Sender<()>>,
}

/// Calls `on_change`, from a thread of its own, whenever [`microphones`] or [`loudspeakers`] may have changed. It may be called without need.
pub fn watch_devices(on_change: impl FnMut() + Send + 'static) -> DeviceWatch {
    #[cfg(target_os = "linux")]
    if is_server(&cpal::default_host()) {
        return DeviceWatch {
            _served: super::pulse::Subscription::open(on_change),
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
pub(crate) struct Quiet;

pub(crate) fn quiet() -> Quiet {
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
