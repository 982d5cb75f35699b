//! Microphone to Ogg Opus, and back to the loudspeaker.
//!
//! Owns: the capture and playback devices, the audio threads, the encoder, the file layout of a recording
//! (RFC 7845), repair after a crash, and reading what other clients send.
//! Refuses: to know a network, a database, a chat or an async runtime. Everything is a thread, a path and a callback.
//!
//! ```text
//! device -> ring -> mono -> 48 kHz -> process -> 20 ms Opus -> Ogg pages -> file      (recorder: one thread a recording)
//! file -> Ogg Opus | symphonia -> mono -> device rate -> ring -> device    (player: one thread)
//! ```
//!
//! Rejected: encoding after the release (a crash loses the speech, and the release then waits for the encoder);
//! playing in the web view (Ogg Opus is missing from some of them); an async interface (the work is bounded by a
//! device clock, and the callers have their own way to wait for a thread).

mod decode;
mod device;
pub mod edit;
mod encode;
mod error;
mod ogg;
mod peaks;
mod player;
mod process;
mod recorder;
mod repair;
mod resample;
mod script;

pub use decode::{Codec, Probe, decode, probe};
pub use device::system::{Device, DeviceWatch, loudspeakers, microphones, watch_devices};
pub use error::VoiceError;
pub use peaks::PEAK_BUCKETS;
pub use player::{FASTEST, PlayEvent, PlayOptions, Player, SLOWEST, render};
pub use process::{Denoise, Learned, ProcessOptions, Processing};
pub use recorder::{Bitrate, RecordEvent, RecordOptions, Recorder, Source, Take};
pub use repair::recover;
pub use script::{Pace, SampleFormat, Script};
