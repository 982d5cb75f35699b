//! The keys of the system: a media key, a headset's button, the lock screen.

use std::{
    process::{Command, Stdio},
    time::Instant,
};

use testkit::{driver::PATIENCE, sound};

use crate::stage::{Person, Stage, id, reaches};

const PREFIX: &str = "org.mpris.MediaPlayer2.millet.";
const PATH: &str = "/org/mpris/MediaPlayer2";
const PLAYER: &str = "org.mpris.MediaPlayer2.Player";

/// Asks the session bus of a person's screen.
fn ask(person: &Person, arguments: &[&str]) -> String {
    let asked = Command::new("dbus-send")
        .args(["--session", "--print-reply=literal"])
        .args(arguments)
        .envs(person.screen.environment())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        asked.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&asked.stderr)
    );
    String::from_utf8(asked.stdout).unwrap()
}

fn players(person: &Person) -> Vec<String> {
    let names = ask(
        person,
        &[
            "--dest=org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.ListNames",
        ],
    );
    let names = names.split_whitespace();
    names
        .filter(|name| name.starts_with(PREFIX))
        .map(str::to_owned)
        .collect()
}

struct Keys<'a> {
    person: &'a Person,
    player: String,
}

impl Keys<'_> {
    fn press(&self, key: &str) {
        let (to, key) = (format!("--dest={}", self.player), format!("{PLAYER}.{key}"));
        ask(self.person, &[&to, PATH, &key]);
    }

    fn read(&self, property: &str) -> String {
        let to = format!("--dest={}", self.player);
        let (of, property) = (format!("string:{PLAYER}"), format!("string:{property}"));
        let get = "org.freedesktop.DBus.Properties.Get";
        ask(self.person, &[&to, PATH, get, &of, &property])
    }

    fn reads(&self, property: &str, words: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = self.read(property);
            if now.contains(words) {
                return;
            }
            assert!(Instant::now() < deadline, "{property} is {now}");
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_media_key_holds_and_goes_on() {
    let stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let (annes, bos) = (stage.arrive(&ann), stage.arrive(&bo));
    stage.start_chat(&annes, "bo");
    let said = stage.folder.path().join("said.wav");
    let words = "Press the key beside the loudspeaker, and press it once more. ".repeat(5);
    sound::speech(&words, &said).unwrap();
    stage.speak(&annes, "ann", &said);
    reaches(&annes, "voice", "delivered");
    stage.open_chat(&bos, "ann");
    let voice = id("message", "[data-kind=voice][data-own=false]");
    bos.shown(&format!("{voice} [data-media=here]")).unwrap();
    // Nothing is told before something plays.
    assert_eq!(players(&bo), Vec::<String>::new());

    let playing = format!("{voice} [data-testid=voice-play][data-state=playing]");
    bos.click(&format!("{voice} [data-testid=voice-play]"))
        .unwrap();
    bos.shown(&playing).unwrap();
    let deadline = Instant::now() + PATIENCE;
    let player = loop {
        if let Some(player) = players(&bo).pop() {
            break player;
        }
        assert!(Instant::now() < deadline, "nobody is on the bus");
        std::thread::yield_now();
    };
    let keys = Keys {
        person: &bo,
        player,
    };
    keys.reads("PlaybackStatus", "Playing");
    keys.reads("Metadata", "ann");
    keys.press("PlayPause");
    bos.gone(&playing).unwrap();
    keys.reads("PlaybackStatus", "Paused");
    let stands = keys.read("Position");
    assert_eq!(keys.read("Position"), stands);
    keys.press("Play");
    bos.shown(&playing).unwrap();
    keys.reads("PlaybackStatus", "Playing");
    // Back to the beginning.
    let stood = "Number(document.querySelector(`[data-own=false] [data-testid=voice-seek]`).getAttribute('aria-valuenow'))";
    bos.until(&format!("{stood} > 1500")).unwrap();
    keys.press("Pause");
    bos.gone(&playing).unwrap();
    keys.press("Previous");
    bos.until(&format!("{stood} === 0")).unwrap();
    annes.close().unwrap();
    bos.close().unwrap();
}
