//! For tests only: a scripted server, real servers, personas, a scripted microphone

#[cfg(unix)]
pub mod server;
#[cfg(target_os = "linux")]
pub mod driver;
