//! A screen and a message bus of its own for each app.
//!
//! Two apps on one screen without a window manager fight for the focus, and a
//! window without focus does not count what it shows as read. On a screen of its
//! own the focus follows the pointer, which rests in the middle, where
//! [`super::Window::resize`] keeps the window.
//!
//! The bus starts no services by itself, whatever is installed: passwords stay in
//! memory, and nothing of a test reaches the keyring of whoever runs it. A keyring is
//! on it only where a test asks for one, and that one lives in a folder of its own.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use super::{DriverError, PATIENCE, Result};
use crate::guarded::Guarded;

/// In pixels: room for 1280x800 and for 390x844.
pub(super) const SIZE: (u32, u32) = (1280, 900);

/// A bus for one user without any service that could be started on it (dbus-daemon(1)).
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// Starts the keyring with a word that unlocks it, which it reads from its input.
const KEYRING: &str =
    "printf word | exec gnome-keyring-daemon --foreground --components=secrets --unlock";

/// An X server that nobody looks at, and a bus. Both end when dropped.
#[derive(Debug)]
pub struct Screen {
    display: String,
    bus: String,
    runtime: tempfile::TempDir,
    _server: Guarded,
    _daemon: Guarded,
    _keyring: Option<Guarded>,
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
        let runtime = tempfile::tempdir()?;
        // What is in it belongs to nobody else (XDG Base Directory).
        fs::set_permissions(runtime.path(), fs::Permissions::from_mode(0o700))?;
        let config = runtime.path().join("bus.conf");
        fs::write(&config, BUS)?;
        let mut command = Command::new("dbus-daemon");
        command
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--nopidfile", "--print-address=1"]);
        let (daemon, bus) = telling("dbus-daemon", command)?;
        Ok(Self {
            display: format!(":{number}"),
            bus,
            runtime,
            _server: server,
            _daemon: daemon,
            _keyring: None,
        })
    }

    /// As [`Screen::start`], with a keyring on the bus: a real one, unlocked and empty, as
    /// a desktop has it after its user has signed in.
    ///
    /// # Errors
    ///
    /// When `gnome-keyring-daemon` or `dbus-send` is missing as well.
    pub fn with_keyring() -> Result<Self> {
        let mut screen = Self::start()?;
        let mut command = Command::new("sh");
        command
            .args(["-c", KEYRING])
            .env("HOME", screen.runtime.path())
            .env("XDG_DATA_HOME", screen.runtime.path().join("data"))
            .envs(screen.environment())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut keyring = Guarded::spawn(command)
            .map_err(|failure| DriverError::Start("gnome-keyring-daemon", failure))?;
        keyring
            .wait_until(PATIENCE, || screen.has_open_keyring())
            .map_err(|why| DriverError::Odd(format!("gnome-keyring-daemon {why}")))?;
        screen._keyring = Some(keyring);
        Ok(screen)
    }

    /// Whether there is a collection for passwords (Secret Service, "Aliases"): without one
    /// the keyring would ask its user to make one.
    fn has_open_keyring(&self) -> bool {
        let asked = Command::new("dbus-send")
            .args(["--session", "--print-reply=literal"])
            .args(["--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"])
            .args(["org.freedesktop.Secret.Service.ReadAlias", "string:default"])
            .envs(self.environment())
            .stderr(Stdio::null())
            .output();
        asked.is_ok_and(|answer| {
            String::from_utf8_lossy(&answer.stdout).contains("/org/freedesktop/secrets/collection/")
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
