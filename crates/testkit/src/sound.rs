//! Sound devices that do not exist: each person has a microphone one can play into and a speaker one can listen to.
//!
//! A private PulseAudio with null sinks, so several tests live side by side and the machine's own devices are left
//! alone. Blocking, and ready when a constructor returns.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::guarded::Guarded;
use crate::server::ServerError;

const START_LIMIT: Duration = Duration::from_secs(20);

/// A device that hears what it is given.
const MODULE: &str = "module-null-sink";

/// What everybody has.
const DEVICES: [&str; 2] = ["microphone", "speaker"];

/// A PulseAudio of its own, ended when dropped.
#[derive(Debug)]
pub struct Sound {
    folder: tempfile::TempDir,
    people: Vec<String>,
    server: Guarded,
}

impl Sound {
    /// Starts it with a microphone and a speaker for each of `people` (short names of letters).
    pub fn start(people: &[&str]) -> Result<Self, ServerError> {
        let folder = tempfile::tempdir().map_err(file_error)?;
        let socket = folder.path().join("native");
        // ALSA's default device, which is what the app opens, leads here; whatever the machine has set up.
        let alsa = "</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n";
        fs::write(folder.path().join("asound.conf"), alsa).map_err(file_error)?;

        let mut command = Command::new("pulseaudio");
        command
            .args([
                "-n",
                "--daemonize=no",
                "--use-pid-file=no",
                "--exit-idle-time=-1",
                "--disallow-exit=yes",
            ])
            .arg(format!(
                "--load=module-native-protocol-unix auth-anonymous=1 socket={}",
                socket.display()
            ));
        for person in people {
            for device in DEVICES {
                command.arg(format!("--load={MODULE} {}", options(person, device)));
            }
        }
        command
            .env("HOME", folder.path())
            .env("XDG_RUNTIME_DIR", folder.path())
            .env("PULSE_RUNTIME_PATH", folder.path())
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut server = Guarded::spawn(command).map_err(program_error("pulseaudio"))?;
        let answers = || {
            let mut asked = Command::new("pactl");
            asked
                .args(["info"])
                .env("PULSE_SERVER", address(&socket))
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            socket.exists() && asked.status().is_ok_and(|status| status.success())
        };
        server
            .wait_until(START_LIMIT, answers)
            .map_err(|why| program_error("pulseaudio")(io::Error::other(why)))?;
        Ok(Self {
            folder,
            people: people.iter().map(|person| (*person).to_owned()).collect(),
            server,
        })
    }

    /// The same for a program that follows the system's default devices.
    pub fn default_environment(&self) -> Vec<(String, String)> {
        let mut all = self.environment("");
        all.retain(|(name, _)| name != "PULSE_SOURCE" && name != "PULSE_SINK");
        all
    }

    /// It stands still: its connections stay, and nothing answers.
    pub fn freeze(&self) -> Result<(), ServerError> {
        self.server.signal(Signal::STOP).map_err(file_error)
    }

    /// It goes on.
    pub fn thaw(&self) -> Result<(), ServerError> {
        self.server.signal(Signal::CONT).map_err(file_error)
    }

    /// What a program needs to hear with this person's microphone and speak with their speaker.
    pub fn environment(&self, person: &str) -> Vec<(String, String)> {
        [
            ("PULSE_SERVER", address(&self.socket())),
            ("PULSE_SOURCE", format!("{person}_microphone.monitor")),
            ("PULSE_SINK", format!("{person}_speaker")),
            (
                "ALSA_CONFIG_PATH",
                self.folder
                    .path()
                    .join("asound.conf")
                    .to_string_lossy()
                    .into_owned(),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Plays a file that PulseAudio's tools can read (WAV, FLAC) into the person's microphone; returns when it has ended.
    pub fn say(&self, person: &str, file: &Path) -> Result<(), ServerError> {
        let status = Command::new("paplay")
            .arg(format!("--device={person}_microphone"))
            .arg(file)
            .env("PULSE_SERVER", address(&self.socket()))
            .stdin(Stdio::null())
            .status()
            .map_err(program_error("paplay"))?;
        if status.success() {
            Ok(())
        } else {
            Err(refused(format!("paplay ended with {status}")))
        }
    }

    /// Records what comes out of the person's speaker, as WAV (48 kHz, mono, 16 bit), until the value is dropped.
    pub fn listen(&self, person: &str, file: &Path) -> Result<Recording, ServerError> {
        self.listen_at(&format!("{person}_speaker"), file)
    }

    /// The same of any loudspeaker, named as PulseAudio names it.
    pub fn listen_at(&self, sink: &str, file: &Path) -> Result<Recording, ServerError> {
        let mut command = Command::new("parec");
        command
            .arg(format!("--device={sink}.monitor"))
            .args([
                "--rate=48000",
                "--channels=1",
                "--format=s16le",
                "--file-format=wav",
                "--latency-msec=20",
            ])
            .arg(file)
            .env("PULSE_SERVER", address(&self.socket()))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut recorder = Guarded::spawn(command).map_err(program_error("parec"))?;
        recorder
            .wait_until(START_LIMIT, || {
                fs::metadata(file).is_ok_and(|file| file.len() > 44)
            })
            .map_err(|why| program_error("parec")(io::Error::other(why)))?;
        Ok(Recording { recorder })
    }

    /// Takes all devices away, with whatever runs on them: PulseAudio moves a stream to another device while there is one.
    pub fn unplug(&self) -> Result<(), ServerError> {
        self.pactl(&["unload-module", MODULE])
    }

    /// Plugs all in again.
    pub fn plug_in(&self) -> Result<(), ServerError> {
        for person in &self.people {
            for device in DEVICES {
                let options = options(person, device);
                let mut arguments = vec!["load-module", MODULE];
                arguments.extend(options.split(' '));
                self.pactl(&arguments)?;
            }
        }
        Ok(())
    }

    /// Plugs in a headset, which the system then takes for the default: its microphone `{person}_headset_microphone` hears
    /// what is said to the person, and its speaker is `{person}_headset`.
    pub fn plug_in_headset(&self, person: &str) -> Result<(), ServerError> {
        self.pactl(&[
            "load-module",
            MODULE,
            &format!("sink_name={person}_headset"),
            "rate=48000",
            "norewinds=1",
            "sink_properties=device.description=Headset",
        ])?;
        self.pactl(&[
            "load-module",
            "module-remap-source",
            &format!("master={person}_microphone.monitor"),
            &format!("source_name={person}_headset_microphone"),
            "source_properties=device.description=Headset",
        ])?;
        self.pactl(&["set-default-sink", &format!("{person}_headset")])?;
        self.pactl(&[
            "set-default-source",
            &format!("{person}_headset_microphone"),
        ])
    }

    /// Pulls it out.
    pub fn unplug_headset(&self, person: &str) -> Result<(), ServerError> {
        let listed = Command::new("pactl")
            .args(["list", "short", "modules"])
            .env("PULSE_SERVER", address(&self.socket()))
            .stdin(Stdio::null())
            .output()
            .map_err(program_error("pactl"))?;
        let name = format!("_name={person}_headset");
        for line in String::from_utf8_lossy(&listed.stdout).lines() {
            if let Some(module) = line.split_whitespace().next()
                && line.contains(&name)
            {
                self.pactl(&["unload-module", module])?;
            }
        }
        Ok(())
    }

    fn pactl(&self, arguments: &[&str]) -> Result<(), ServerError> {
        let status = Command::new("pactl")
            .args(arguments)
            .env("PULSE_SERVER", address(&self.socket()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .map_err(program_error("pactl"))?;
        if status.success() {
            Ok(())
        } else {
            Err(refused(format!("pactl ended with {status}")))
        }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("native")
    }
}

/// A recording under way.
#[derive(Debug)]
pub struct Recording {
    recorder: Guarded,
}

impl Recording {
    /// Ends it; the file is whole then.
    pub fn stop(mut self) -> Result<(), ServerError> {
        self.recorder.terminate(START_LIMIT).map_err(file_error)
    }
}

/// Makes a WAV file of `text`, spoken.
pub fn speech(text: &str, file: &Path) -> Result<(), ServerError> {
    let status = Command::new("espeak-ng")
        .args(["-v", "en", "-s", "150", "-w"])
        .arg(file)
        .arg(text)
        .stdin(Stdio::null())
        .status()
        .map_err(program_error("espeak-ng"))?;
    if status.success() {
        Ok(())
    } else {
        Err(refused(format!("espeak-ng ended with {status}")))
    }
}

/// How one is loaded.
fn options(person: &str, device: &str) -> String {
    // Without rewinds a null sink moves every 50 ms; with them an idle one sleeps for 2 s before it notices a listener.
    format!("sink_name={person}_{device} rate=48000 channels=2 norewinds=1")
}

fn address(socket: &Path) -> String {
    format!("unix:{}", socket.display())
}

fn file_error(error: io::Error) -> ServerError {
    ServerError::File(PathBuf::from("sound"), error)
}

fn program_error(program: &'static str) -> impl FnOnce(io::Error) -> ServerError {
    move |error| ServerError::Program {
        program: program.to_owned(),
        error,
    }
}

fn refused(answer: String) -> ServerError {
    ServerError::Refused {
        what: "sound".to_owned(),
        answer,
    }
}
