//! A screen and a message bus of its own for each app.
//!
//! Two apps on one screen without a window manager fight for the focus, and a
//! window without focus does not count what it shows as read. On a screen of its
//! own the focus follows the pointer, which rests in the middle, where
//! [`super::Window::resize`] keeps the window.
//!
//! The bus has no keyring on it: passwords stay in memory, and nothing of a test
//! reaches the keyring of whoever runs it.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use super::{DriverError, Result};
use crate::guarded::Guarded;

/// In pixels: room for 1280x800 and for 390x844.
pub(super) const SIZE: (u32, u32) = (1280, 900);

/// An X server that nobody looks at, and a bus. Both end when dropped.
#[derive(Debug)]
pub struct Screen {
    display: String,
    bus: String,
    runtime: tempfile::TempDir,
    _server: Guarded,
    _daemon: Guarded,
}

impl Screen {
    /// Starts one and waits until it answers.
    ///
    /// # Errors
    ///
    /// When `Xvfb` or `dbus-daemon` is missing: `cargo xtask set-up` installs them.
    pub fn start() -> Result<Self> {
        let mut command = Command::new("Xvfb");
        // It picks a free number and tells it once it takes connections.
        command
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .args(["-screen", "0", &format!("{}x{}x24", SIZE.0, SIZE.1)]);
        let (server, number) = telling("Xvfb", command)?;
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        let (daemon, bus) = telling("dbus-daemon", command)?;
        Ok(Self {
            display: format!(":{number}"),
            bus,
            runtime: tempfile::tempdir()?,
            _server: server,
            _daemon: daemon,
        })
    }

    /// What a program needs to show its windows here, whatever desktop the test runs
    /// in: in English, with a light theme, drawn by the processor.
    #[must_use]
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        [
            ("DISPLAY", self.display.as_str().into()),
            ("DBUS_SESSION_BUS_ADDRESS", self.bus.as_str().into()),
            ("XDG_RUNTIME_DIR", self.runtime.path().into()),
            ("GDK_BACKEND", "x11".into()),
            ("GTK_THEME", "Adwaita".into()),
            ("NO_AT_BRIDGE", "1".into()),
            ("LIBGL_ALWAYS_SOFTWARE", "1".into()),
            ("LANGUAGE", "en".into()),
        ]
        .map(|(name, value): (&str, OsString)| (name.into(), value))
        .to_vec()
    }
}

/// Starts a program that prints one line when it is ready.
fn telling(program: &'static str, mut command: Command) -> Result<(Guarded, String)> {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process =
        Guarded::spawn(command).map_err(|failure| DriverError::Start(program, failure))?;
    let mut line = String::new();
    if let Some(output) = process.stdout() {
        BufReader::new(output).read_line(&mut line)?;
    }
    if line.is_empty() {
        return Err(DriverError::Odd(format!("{program} ended at once")));
    }
    Ok((process, line.trim().to_owned()))
}
