//! A server, people with a screen, a microphone and a loudspeaker each, and what they do by hand.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
};

use testkit::{
    driver::{ENTER, Launch, Screen, Window},
    server::{Ejabberd, Options, Server},
    sound::Sound,
};

/// One journey at a time. A journey that failed does not spoil the next.
static TURN: Mutex<()> = Mutex::new(());

/// Waits until nobody else is on stage.
pub fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(|failed| failed.into_inner())
}

/// Everybody's password.
pub const PASSWORD: &str = "correct horse";

/// A server and the sound of all.
pub struct Stage {
    pub server: Server,
    pub sound: Sound,
    pub folder: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

/// Somebody at a screen.
pub struct Person {
    pub name: &'static str,
    pub screen: Screen,
    pub home: PathBuf,
    pub environment: Vec<(String, String)>,
}

/// A selector for a test id, with more behind it: `id("talk", "[data-state=idle]")`.
pub fn id(name: &str, more: &str) -> String {
    format!("[data-testid={name}]{more}")
}

impl Stage {
    /// Accounts for all of them exist; nobody has signed in.
    pub fn set(people: &[&str]) -> Self {
        let turn = turn();
        let server = Ejabberd::start(Options {
            registration: true,
            ..Options::on("localhost")
        })
        .unwrap();
        for person in people {
            server.register(person, PASSWORD).unwrap();
        }
        Self {
            server,
            sound: Sound::start(people).unwrap(),
            folder: tempfile::tempdir().unwrap(),
            _turn: turn,
        }
    }

    pub fn person(&self, name: &'static str) -> Person {
        self.person_at(name, Screen::start().unwrap())
    }

    pub fn person_at(&self, name: &'static str, screen: Screen) -> Person {
        Person {
            name,
            screen,
            home: self.folder.path().join(name),
            environment: self.sound.environment(name),
        }
    }

    pub fn address(&self, name: &str) -> String {
        format!("{name}@localhost")
    }

    /// Fills the form in and sends it off.
    pub fn fill_in(&self, window: &Window, name: &str, password: &str) {
        self.fill_in_for(window, &self.address(name), password, &self.server.ws_url());
    }

    pub fn fill_in_for(&self, window: &Window, address: &str, password: &str, server: &str) {
        for (field, text) in [
            ("sign-in-jid", address),
            ("sign-in-password", password),
            ("sign-in-server", server),
        ] {
            window.clear(&id(field, "")).unwrap();
            if !text.is_empty() {
                window.type_into(&id(field, ""), text).unwrap();
            }
        }
        window.click(&id("sign-in-submit", "")).unwrap();
    }

    pub fn sign_in(&self, window: &Window, name: &str) {
        self.fill_in(window, name, PASSWORD);
        window.shown(&id("chat-list", "")).unwrap();
        is_online(window);
    }

    /// Opens a window of somebody new, on a machine without a keyring, and signs them in.
    pub fn arrive(&self, person: &Person) -> Window {
        let window = person.open();
        self.sign_in(&window, person.name);
        window
            .shown(&id("fault", "[data-kind=password_not_kept]"))
            .unwrap();
        window
    }

    /// Without a keyring the password is asked for after a start, and nothing else.
    pub fn sign_in_again(&self, window: &Window, name: &str) {
        window.click(&id("sign-in-again", "")).unwrap();
        let known = |field: &str, value: &str| {
            window
                .until(&format!(
                    "document.querySelector('[data-testid={field}]').value === '{value}'"
                ))
                .unwrap();
        };
        known("sign-in-jid", &self.address(name));
        known("sign-in-server", &self.server.ws_url());
        window
            .type_into(&id("sign-in-password", ""), PASSWORD)
            .unwrap();
        window.click(&id("sign-in-submit", "")).unwrap();
        window.shown(&id("chat-list", "")).unwrap();
    }

    /// Somebody holds the talk button, says what a file holds, and lets go.
    pub fn speak(&self, window: &Window, name: &str, said: &Path) {
        self.hold_and_say(window, name, said);
        window.release().unwrap();
    }

    /// As [`Stage::speak`], and does not let go.
    pub fn hold_and_say(&self, window: &Window, name: &str, said: &Path) {
        window.press(&id("talk", "")).unwrap();
        records(window);
        self.sound.say(name, said).unwrap();
    }

    /// Opens a chat by typing the address.
    pub fn start_chat(&self, window: &Window, name: &str) {
        window.click(&id("new-chat", "")).unwrap();
        window
            .type_into(&id("new-chat-jid", ""), &self.address(name))
            .unwrap();
        window.click(&id("new-chat-submit", "")).unwrap();
        // While the dialog is open nothing behind it takes a key.
        window.gone(&id("new-chat-dialog", "")).unwrap();
        window.shown(&id("composer", "")).unwrap();
        put_notices_aside(window);
    }

    /// Opens a chat that is in the list, whatever the width.
    pub fn open_chat(&self, window: &Window, name: &str) {
        let chat = id("chat", &format!("[data-jid='{}']", self.address(name)));
        window.click(&chat).unwrap();
        window.shown(&id("timeline", "")).unwrap();
        put_notices_aside(window);
    }
}

impl Person {
    /// How their app is started.
    pub fn launch(&self) -> Launch {
        Launch::new(env!("CARGO_BIN_EXE_millet"), &self.home)
            .envs(self.screen.environment())
            .envs(self.environment.clone())
    }

    /// Opens the app.
    pub fn open(&self) -> Window {
        let window = Window::open(&self.launch()).unwrap();
        window
            .until("document.documentElement.dataset.ready || document.querySelector('.broken')")
            .unwrap();
        window
    }
}

/// Waits until the account is.
pub fn is_online(window: &Window) {
    window
        .until("document.querySelector('[data-testid=connection]').dataset.state === 'online'")
        .unwrap();
}

/// Waits until the microphone is open.
pub fn records(window: &Window) {
    window
        .until("document.querySelector('[data-testid=recorder]')?.dataset.state === 'recording'")
        .unwrap();
}

/// Closes what floats over the page: a bus without a keyring is worth a notice.
pub fn put_notices_aside(window: &Window) {
    window
        .until(
            "(() => { const all = document.querySelectorAll('[data-testid=notice-close]');\
             all.forEach((close) => close.click()); return all.length === 0; })()",
        )
        .unwrap();
}

/// Types and sends.
pub fn write(window: &Window, text: &str) {
    window
        .type_into(&id("composer", ""), &format!("{text}{ENTER}"))
        .unwrap();
}

/// A condition: the state of the newest message of a kind, on one side or the other.
pub fn newest(kind: &str, own: bool) -> String {
    format!(
        "[...document.querySelectorAll('[data-testid=message][data-kind={kind}][data-own={own}]')].at(-1)"
    )
}

/// Waits until the newest own message of a kind got at least so far.
pub fn reaches(window: &Window, kind: &str, state: &str) {
    let way = ["pending", "sent", "delivered", "read", "heard"];
    let from = way.iter().position(|step| *step == state).unwrap();
    let enough = serde_json::to_string(&way[from..]).unwrap();
    window
        .until(&format!(
            "{enough}.includes({}.dataset.state)",
            newest(kind, true)
        ))
        .unwrap();
}

/// Keeps what a window shows, as it is.
pub fn picture(window: &Window, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts/e2e");
    window
        .screenshot(&folder.join(format!("{name}.png")))
        .unwrap();
}

/// Shows the page in a theme, until the next choice.
pub fn theme(window: &Window, theme: &str) {
    let script = "document.documentElement.dataset.theme = arguments[0]";
    window.execute(script, serde_json::json!([theme])).unwrap();
}

/// Keeps what a window shows: wide and narrow, light and dark.
pub fn pictures(window: &Window, name: &str) {
    for (size, (width, height)) in [("wide", (1280, 800)), ("phone", (390, 844))] {
        window.resize(width, height).unwrap();
        for shade in ["light", "dark"] {
            theme(window, shade);
            picture(window, &format!("{name}-{size}-{shade}"));
        }
    }
    theme(window, "system");
    window.resize(1280, 800).unwrap();
}
