//! For tests only: a scripted server, real servers, personas, a scripted microphone

#[cfg(target_os = "linux")]
pub mod driver;
#[cfg(unix)]
mod guarded;
#[cfg(unix)]
pub mod server;
#[cfg(unix)]
pub mod slixmpp;
#[cfg(target_os = "linux")]
pub mod sound;
pub mod web;
pub mod wire;
