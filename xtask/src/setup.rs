//! `set-up`: what this machine lacks, from the distribution's packages.
//!
//! Asked quickly (one `dpkg-query`) and changed only where something is missing, so every other command can begin
//! with it. Only Debian and its relatives are changed; elsewhere the needs are named and the command goes on, because
//! they may well be met in another way. Servers that come with a package are neither started nor enabled: tests and
//! demo start their own, on their own ports.

use std::collections::BTreeSet;
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;

/// What a group of packages is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Building and running the app.
    Build,
    /// The wasm32 compiler where rustup cannot have it.
    Wasm,
    /// The demo: a server, speech, and letters for every script.
    Demo,
    /// A display, sound devices and a driver for windows nobody sits in front of.
    Headless,
    /// What only tests need.
    Test,
}

impl Group {
    /// Debian's names.
    pub fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Build => &[
                "build-essential",
                "cmake",
                "libasound2-dev",
                "libwebkit2gtk-4.1-dev",
                "pkg-config",
            ],
            Self::Wasm => &["cargo-web", "rust-web-src", "rustc-web"],
            Self::Demo => &[
                "dbus-daemon",
                "dbus-x11",
                "ejabberd",
                "erlang-p1-sqlite3",
                "espeak-ng",
                "ffmpeg",
                "fonts-noto-cjk",
                "fonts-noto-color-emoji",
                "sqlite3",
            ],
            // Apart from the demo's, because Debian's desktops have PipeWire instead of PulseAudio and cannot have both.
            Self::Headless => &[
                "libasound2-plugins",
                "pulseaudio",
                "pulseaudio-utils",
                "webkit2gtk-driver",
                "xvfb",
            ],
            Self::Test => &[
                "git",
                "gnome-keyring",
                "lua-sec",
                "opus-tools",
                "prosody",
                "python3-venv",
            ],
        }
    }
}

/// What each command needs.
pub const RUN: &[Group] = &[Group::Build];
/// The demo in front of a person. See [`RUN`].
pub const SEEN_DEMO: &[Group] = &[Group::Build, Group::Demo];
/// The demo that walks by itself. See [`RUN`].
pub const DEMO: &[Group] = &[Group::Build, Group::Demo, Group::Headless];
/// See [`RUN`].
pub const TEST: &[Group] = &[Group::Build, Group::Demo, Group::Headless, Group::Test];

/// Whether this machine has a display that windows can be shown on.
pub fn has_display() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

const INSTALL: &str = include_str!("setup/install.sh");

/// Prints the packages of `groups`, one a line, and changes nothing.
pub fn print(groups: &[Group]) {
    for package in packages(groups) {
        println!("{package}");
    }
}

/// Makes sure that everything in `groups` is here.
pub fn install(groups: &[Group]) -> Outcome {
    if !cfg!(target_os = "linux") {
        println!("set-up: {}", elsewhere());
        return Ok(());
    }
    let wanted = packages(groups);
    if !process::is_installed("dpkg-query") || !process::is_installed("apt-get") {
        println!("set-up: not a Debian; install what these packages stand for, if you have not:");
        println!("  {}", wanted.iter().copied().collect::<Vec<_>>().join(" "));
        return Ok(());
    }
    let missing = missing(&wanted)?;
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.iter().copied().collect::<Vec<_>>().join(" ");
    println!("set-up: installing {list}");
    let mut command = as_root()?;
    command
        .args(["sh", "-c", INSTALL, "install"])
        .args(&missing);
    process::run(&mut command)
        .map_err(|_| Failure::new("apt-get could not install the packages").next(by_hand(&list)))?;
    Ok(())
}

fn packages(groups: &[Group]) -> BTreeSet<&'static str> {
    groups
        .iter()
        .flat_map(|group| group.packages())
        .copied()
        .collect()
}

fn missing(wanted: &BTreeSet<&'static str>) -> Outcome<BTreeSet<&'static str>> {
    // Fails when one of them is unknown, and still prints the others.
    let asked = Command::new("dpkg-query")
        .args([
            "--show",
            "--showformat",
            "${Package} ${db:Status-Status}\\n",
        ])
        .args(wanted)
        .output()
        .map_err(|error| Failure::new(format!("`dpkg-query` did not start: {error}")))?;
    let installed = installed(&String::from_utf8_lossy(&asked.stdout));
    Ok(wanted
        .iter()
        .copied()
        .filter(|package| !installed.contains(*package))
        .collect())
}

/// The names with the status `installed` in what dpkg-query printed.
fn installed(printed: &str) -> BTreeSet<String> {
    printed
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .map(str::to_owned)
        .collect()
}

/// A command that goes on with root's rights; the person may be asked for a password.
fn as_root() -> Outcome<Command> {
    let is_root = process::answer(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    if is_root {
        return Ok(Command::new("env"));
    }
    if process::is_installed("sudo") {
        return Ok(Command::new("sudo"));
    }
    Err(
        Failure::new("packages are missing, and there is neither root nor sudo to install them")
            .next("run as root: cargo xtask set-up"),
    )
}

fn by_hand(list: &str) -> String {
    format!("look at apt-get's words above; by hand: sudo apt-get install {list}")
}

fn elsewhere() -> &'static str {
    if cfg!(target_os = "macos") {
        "needs Xcode's command line tools (xcode-select --install) and CMake (brew install cmake)"
    } else if cfg!(windows) {
        "needs Visual Studio's C++ build tools, CMake and WebView2 (part of Windows 11)"
    } else {
        "needs a C compiler, CMake, WebKitGTK 4.1 and the system's audio headers"
    }
}

#[cfg(test)]
mod tests;
