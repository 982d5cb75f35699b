//! Real recording and playback through the audio library, on devices that do not exist: a private PulseAudio.
//!
//! Which device the audio library opens is decided by the environment of the process, so each test starts this
//! program again as a child with its own; `child` is what runs there, and does nothing otherwise.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test: failing is how it speaks"
)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use testkit::sound::{Sound, speech};
use voice::{PlayEvent, PlayOptions, Player, RecordEvent, RecordOptions, Recorder, VoiceError};

const ROLE: &str = "VOICE_TEST_ROLE";
const FILE: &str = "VOICE_TEST_FILE";
/// Frames of an envelope: 10 ms.
const STEP: usize = 480;

#[test]
fn child() {
    let (Ok(role), Ok(file)) = (std::env::var(ROLE), std::env::var(FILE)) else {
        return;
    };
    match role.as_str() {
        "record" => record(Path::new(&file)),
        "play" => play(Path::new(&file)),
        "play by choice" => play_by_choice(Path::new(&file)),
        "list" => list(),
        other => panic!("no role {other}"),
    }
}

fn record(file: &Path) {
    // A device that slept until now wakes: that is the device's time, and not ours.
    for slip in ["one", "two"] {
        let slip = file.with_extension(slip);
        if let Ok(recorder) = Recorder::start(&slip, RecordOptions::default(), |_| {}) {
            recorder.halt().unwrap();
        }
    }
    let (sender, events) = mpsc::channel();
    let began = Instant::now();
    let recorder = match Recorder::start(file, RecordOptions::default(), move |event| {
        let _ = sender.send(event);
    }) {
        Ok(recorder) => recorder,
        Err(error) => {
            println!("\n>failed {} {error:?}", began.elapsed().as_millis());
            return;
        }
    };
    loop {
        match events.recv().unwrap() {
            RecordEvent::Capturing {
                after_press,
                missed,
            } => {
                println!(
                    "\n>capturing {} {}",
                    after_press.as_millis(),
                    missed.as_millis()
                );
                break;
            }
            RecordEvent::Lost(error) => panic!("{error:?}"),
            _ => {}
        }
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let take = recorder.stop().unwrap();
    let dropped = events
        .try_iter()
        .any(|event| matches!(event, RecordEvent::Dropped { .. }));
    println!("\n>take {} {dropped}", take.duration_ms);
}

fn play(file: &Path) {
    let (sender, events) = mpsc::channel();
    let player = Player::new(move |event| {
        let _ = sender.send(event);
    });
    player.play(7, file.to_owned(), PlayOptions::default());
    let mut last = 0;
    loop {
        match events.recv().unwrap() {
            PlayEvent::Playing {
                id: 7, position_ms, ..
            } => {
                assert!(position_ms >= last, "{position_ms} after {last}");
                last = position_ms;
            }
            PlayEvent::Ended { id: 7 } => break,
            PlayEvent::Failed { error, .. }
            | PlayEvent::Paused {
                error: Some(error), ..
            } => {
                println!("\n>failed 0 {error:?}");
                return;
            }
            other => panic!("{other:?}"),
        }
    }
    println!("\n>ended {last}");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
}

/// Says the devices now, and again at each word of a change.
fn list() {
    let (sender, changes) = mpsc::channel();
    let _watch = voice::watch_devices(move || {
        let _ = sender.send(());
    });
    loop {
        let ids = |devices: Vec<voice::Device>| {
            let shown = |device: voice::Device| {
                let mark = if device.is_default { "*" } else { "" };
                format!("{}{mark}={}", device.id, device.name.replace(' ', "_"))
            };
            devices.into_iter().map(shown).collect::<Vec<_>>().join(",")
        };
        println!(
            "\n>devices [{}] [{}]",
            ids(voice::microphones()),
            ids(voice::loudspeakers())
        );
        if changes.recv().is_err() {
            return;
        }
    }
}

/// Plays, and tells of every pause; each line that comes is a loudspeaker to go to, or `on`.
fn play_by_choice(file: &Path) {
    let (sender, events) = mpsc::channel();
    let player = Player::new(move |event| {
        let _ = sender.send(event);
    });
    player.play(7, file.to_owned(), PlayOptions::default());
    std::thread::spawn(move || {
        let mut told = false;
        for event in events {
            match event {
                PlayEvent::Playing { position_ms, .. } if position_ms > 100 && !told => {
                    told = true;
                    println!("\n>playing {position_ms}");
                }
                PlayEvent::Paused {
                    error, position_ms, ..
                } => {
                    told = false;
                    println!("\n>paused {position_ms} {error:?}");
                }
                PlayEvent::Failed { error, .. } => println!("\n>failed 0 {error:?}"),
                _ => {}
            }
        }
    });
    for line in std::io::stdin().lines() {
        match line.unwrap().as_str() {
            "on" => player.resume(),
            id => player.set_speaker(Some(id.to_owned())),
        }
    }
}

struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    fn start(role: &str, file: &Path, environment: &[(String, String)]) -> Running {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(ROLE, role)
            .env(FILE, file)
            .envs(environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Running { child, lines }
    }

    /// The words of the next remark, which must be of this kind.
    fn expect(&mut self, kind: &str) -> Vec<String> {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(
                self.lines.read_line(&mut line).unwrap() > 0,
                "ended before {kind}"
            );
            if let Some(remark) = line.strip_prefix('>') {
                let words: Vec<String> = remark.split_whitespace().map(str::to_owned).collect();
                assert_eq!(words[0], kind, "{remark}");
                return words;
            }
        }
    }

    fn proceed(&mut self) {
        self.say("");
    }

    fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Reads remarks of this kind until one holds.
    fn expect_until(&mut self, kind: &str, holds: impl Fn(&[String]) -> bool) -> Vec<String> {
        loop {
            let words = self.expect(kind);
            if holds(&words) {
                return words;
            }
        }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end; gives what was written to standard error.
    fn end(self) -> String {
        let output = self.child.wait_with_output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

/// Any sound file as mono samples at 48 kHz, by another program.
fn samples(file: &Path) -> Vec<f32> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(["-ac", "1", "-ar", "48000", "-f", "s16le", "-"])
        .output()
        .unwrap();
    output
        .stdout
        .chunks_exact(2)
        .map(|two| f32::from(i16::from_le_bytes([two[0], two[1]])) / 32_768.0)
        .collect()
}

fn envelope(samples: &[f32]) -> Vec<f32> {
    samples
        .chunks(STEP)
        .map(|step| (step.iter().map(|s| s * s).sum::<f32>() / step.len() as f32).sqrt())
        .collect()
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let count = a.len().min(b.len()).max(1) as f32;
    let (mean_a, mean_b) = (a.iter().sum::<f32>() / count, b.iter().sum::<f32>() / count);
    let (mut top, mut left, mut right) = (0.0, 1e-12, 1e-12);
    for (x, y) in a.iter().zip(b) {
        top += (x - mean_a) * (y - mean_b);
        left += (x - mean_a).powi(2);
        right += (y - mean_b).powi(2);
    }
    top / f32::sqrt(left * right)
}

/// Whether `heard` holds all of `said`: its first and last 150 ms included.
fn assert_holds(said: &Path, heard: &Path) {
    let said = envelope(&samples(said));
    let heard = envelope(&samples(heard));
    let loud = said.iter().copied().fold(0.0, f32::max) * 0.05;
    let first = said.iter().position(|&step| step > loud).unwrap();
    let last = said.iter().rposition(|&step| step > loud).unwrap();
    let said = &said[first..=last];
    assert!(
        heard.len() >= said.len(),
        "{} steps of {}",
        heard.len(),
        said.len()
    );
    let (lag, best) = (0..=heard.len() - said.len())
        .map(|lag| (lag, correlation(said, &heard[lag..lag + said.len()])))
        .fold(
            (0, -1.0),
            |best, next| if next.1 > best.1 { next } else { best },
        );
    assert!(best >= 0.9, "correlation {best} at {lag}");
    let heard = &heard[lag..lag + said.len()];
    for range in [0..15, said.len() - 15..said.len()] {
        let energy = |steps: &[f32]| steps.iter().map(|s| s * s).sum::<f32>().sqrt();
        let ratio = energy(&heard[range.clone()]) / energy(&said[range.clone()]);
        assert!(
            (0.5..2.0).contains(&ratio),
            "{ratio} of the sound in {range:?}"
        );
    }
}

#[test]
fn what_is_said_is_recorded_and_what_is_played_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said.wav");
    speech(
        "Please bring the yellow umbrella. It stands beside the door",
        &said,
    )
    .unwrap();
    let sound = Sound::start(&["ann", "bo"]).unwrap();

    let recorded = folder.path().join("recorded.ogg");
    let mut recorder = Running::start("record", &recorded, &sound.environment("ann"));
    let capturing = recorder.expect("capturing");
    sound.say("ann", &said).unwrap();
    recorder.proceed();
    let take = recorder.expect("take");
    assert_eq!(take[2], "false", "sound was dropped");
    println!(
        "press to capture {} ms, missed {} ms",
        capturing[1], capturing[2]
    );
    // The word that is spoken with the press is whole. Twice what it may be where it is measured: this build is slow, and so may be the machine.
    assert!(capturing[2].parse::<u64>().unwrap() <= 40, "{capturing:?}");
    recorder.end();
    assert_holds(&said, &recorded);

    let heard = folder.path().join("heard.wav");
    let listening = sound.listen("bo", &heard).unwrap();
    let mut player = Running::start("play", &recorded, &sound.environment("bo"));
    player.expect("ended");
    // What ended for the player must reach the file of another program: 200 ms of 16 bit at 48 kHz more.
    let enough = fs::metadata(&heard).unwrap().len() + 19_200;
    let deadline = Instant::now() + Duration::from_secs(10);
    while fs::metadata(&heard).unwrap().len() < enough {
        assert!(Instant::now() < deadline, "the speaker stands still");
        std::thread::yield_now();
    }
    listening.stop().unwrap();
    player.proceed();
    player.end();
    assert_holds(&recorded, &heard);
    assert_holds(&said, &heard);
}

#[test]
fn without_a_device_it_says_so_at_once_and_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = folder.path().join("none.conf");
    fs::write(
        &nothing,
        "</usr/share/alsa/alsa.conf>\npcm.!default { type hw card 31 }\n",
    )
    .unwrap();
    let refusing = folder.path().join("pulse.conf");
    fs::write(
        &refusing,
        "</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\n",
    )
    .unwrap();
    let own = folder.path().join("own.wav");
    speech("hello", &own).unwrap();
    for (name, configuration) in [("none", &nothing), ("refusing", &refusing)] {
        let environment = [
            ("ALSA_CONFIG_PATH", configuration.to_str().unwrap()),
            ("PULSE_SERVER", "unix:/nonexistent/native"),
            ("HOME", folder.path().to_str().unwrap()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let file = folder.path().join(name);
        let mut recorder = Running::start("record", &file, &environment);
        let failed = recorder.expect("failed");
        assert_eq!(
            failed[2],
            format!("{:?}", VoiceError::NoMicrophone),
            "{name}"
        );
        assert!(
            failed[1].parse::<u64>().unwrap() < 1_000,
            "{name} took {} ms",
            failed[1]
        );
        let remarks = recorder.end();
        assert!(!remarks.contains("ALSA"), "{name}: {remarks}");
        assert!(!file.exists());

        let mut player = Running::start("play", &own, &environment);
        assert_eq!(
            player.expect("failed")[2],
            format!("{:?}", VoiceError::NoSpeaker),
            "{name}"
        );
        let remarks = player.end();
        assert!(!remarks.contains("ALSA"), "{name}: {remarks}");
    }
}

/// A sound server that stands still keeps nobody waiting: what was said until then is a recording, and the next one is refused.
#[test]
fn a_server_that_stands_still_holds_nobody_up() {
    const SOON: Duration = Duration::from_secs(8);
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said.wav");
    speech("this much was said", &said).unwrap();
    let sound = Sound::start(&["ann"]).unwrap();
    let recorded = folder.path().join("recorded.ogg");
    let mut recorder = Running::start("record", &recorded, &sound.environment("ann"));
    recorder.expect("capturing");
    sound.say("ann", &said).unwrap();
    sound.freeze().unwrap();
    let asked = Instant::now();
    recorder.proceed();
    let take = recorder.expect("take");
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    assert!(take[1].parse::<u32>().unwrap() > 500, "{take:?}");
    recorder.end();
    assert_holds(&said, &recorded);

    // The kernel keeps a few connections for a server that takes none; after them connecting itself would wait.
    for _ in 0..8 {
        let refused = folder.path().join("refused.ogg");
        let mut recorder = Running::start("record", &refused, &sound.environment("ann"));
        let failed = recorder.expect("failed");
        let waited = Duration::from_millis(failed[1].parse().unwrap());
        assert!(waited < SOON, "{failed:?}");
        recorder.end();
    }
    sound.thaw().unwrap();
}

#[test]
fn a_headset_is_listed_as_it_comes_and_goes() {
    let sound = Sound::start(&["ann"]).unwrap();
    let mut looking = Running::start("list", Path::new("-"), &sound.default_environment());
    let words = looking.expect("devices");
    assert!(
        !words[1].contains("headset") && words[2].contains("ann_speaker"),
        "{words:?}"
    );
    sound.plug_in_headset("ann").unwrap();
    looking.expect_until("devices", |words| {
        words[1] == "[ann_headset_microphone*=Headset]" && words[2].contains("ann_headset*=Headset")
    });
    sound.unplug_headset("ann").unwrap();
    looking.expect_until("devices", |words| {
        !words[1].contains("headset") && !words[2].contains("headset")
    });
    looking.kill();
}

#[test]
fn what_came_out_of_a_headset_does_not_go_on_in_the_room() {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said.wav");
    let words = "This is for one pair of ears and not for the room. ".repeat(6);
    speech(&words, &said).unwrap();
    let sound = Sound::start(&["ann", "bo"]).unwrap();
    sound.plug_in_headset("ann").unwrap();

    let mut player = Running::start("play by choice", &said, &sound.default_environment());
    player.expect("playing");
    sound.unplug_headset("ann").unwrap();
    let paused = player.expect("paused");
    assert_eq!(
        paused[2],
        format!("Some({:?})", VoiceError::DeviceLost),
        "{paused:?}"
    );
    // Who then presses play wants to hear it, wherever it comes from.
    player.say("on");
    player.expect("playing");

    // A choice is taken up at once, and one that is not there is no reason for silence.
    let heard = folder.path().join("heard.wav");
    let listening = sound.listen_at("bo_speaker", &heard).unwrap();
    player.say("bo_speaker");
    let deadline = Instant::now() + Duration::from_secs(10);
    while samples(&heard).iter().all(|sample| sample.abs() < 0.05) {
        assert!(Instant::now() < deadline, "nothing is heard at bo's");
    }
    listening.stop().unwrap();
    player.kill();
}
