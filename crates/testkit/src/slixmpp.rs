//! A foreign client: slixmpp, scripted from a test. What it does and tells is written in `python/foreign.py`.
//!
//! Its library is pinned and lies in a virtual environment in `target/venv/`, made from PyPI at first use. Rejected:
//! Debian's `python3-slixmpp`, which is another version on every release.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::{Server, ServerError};

const REQUIREMENTS: &str = include_str!("../python/requirements.txt");
const PATIENCE: Duration = Duration::from_secs(45);

/// One account, signed in with slixmpp over STARTTLS. Ended when dropped.
#[derive(Debug)]
pub struct Slixmpp {
    address: String,
    child: Child,
    input: Option<ChildStdin>,
    heard: Arc<Heard>,
}

/// What it told so far.
#[derive(Debug, Default)]
struct Heard {
    events: Mutex<Vec<Value>>,
    more: Condvar,
}

impl Slixmpp {
    /// Signs in as `user`, who is registered, and waits until that is done.
    ///
    /// # Errors
    /// Where python, its packages or the server do not serve.
    pub fn sign_in(server: &Server, user: &str, password: &str) -> Result<Self, ServerError> {
        let address = server.address(user);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/foreign.py");
        let mut child = Command::new(python()?)
            .arg(script)
            .args([&address, password, &server.tcp_port().to_string()])
            .arg(server.ca_pem())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(program_error)?;
        let heard = Arc::new(Heard::default());
        let (output, kept) = (child.stdout.take(), Arc::clone(&heard));
        std::thread::spawn(move || {
            let lines = output
                .into_iter()
                .flat_map(|output| BufReader::new(output).lines());
            for line in lines.map_while(Result::ok) {
                let event = serde_json::from_str(&line)
                    .unwrap_or_else(|_| json!({ "event": "noise", "line": line }));
                kept.lock().push(event);
                kept.more.notify_all();
            }
        });
        let client = Self {
            address,
            input: child.stdin.take(),
            child,
            heard,
        };
        client
            .until("signing in", |event| {
                (event["event"] == "online").then_some(())
            })
            .map_err(|problem| refused("signing in with slixmpp", problem))?;
        Ok(client)
    }

    /// The bare address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Gives a command, an object with `do`.
    ///
    /// # Errors
    /// Where it has ended.
    pub fn tell(&mut self, command: &Value) -> Result<(), ServerError> {
        let input = self
            .input
            .as_mut()
            .ok_or_else(|| program_error(io::ErrorKind::BrokenPipe.into()))?;
        writeln!(input, "{command}").map_err(program_error)
    }

    /// Waits until an event, of those told already or to come, is what `found` looks for. Blocks.
    ///
    /// # Errors
    /// Words for a failing test: what was waited for, and what came instead.
    pub fn until<T>(
        &self,
        what: &str,
        mut found: impl FnMut(&Value) -> Option<T>,
    ) -> Result<T, String> {
        let deadline = Instant::now() + PATIENCE;
        let mut events = self.heard.lock();
        let mut looked_at = 0;
        loop {
            if let Some(there) = events.iter().skip(looked_at).find_map(&mut found) {
                return Ok(there);
            }
            looked_at = events.len();
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let mut words = format!(
                    "{}: {PATIENCE:?} in vain for {what}; it told\n",
                    self.address
                );
                for event in events.iter() {
                    let _ = writeln!(words, "{event}");
                }
                return Err(words);
            }
            (events, _) = self
                .heard
                .more
                .wait_timeout(events, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Everything it told so far.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.heard.lock().clone()
    }
}

impl Heard {
    fn lock(&self) -> MutexGuard<'_, Vec<Value>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slixmpp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The python of the virtual environment. Tests make it at the same time, in several processes: each makes its own
/// aside, it appears by one rename, and whoever comes second uses the first one's.
fn python() -> Result<PathBuf, ServerError> {
    static MAKING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), |folder| root.join(folder));
    let name = REQUIREMENTS
        .lines()
        .next()
        .unwrap_or_default()
        .replace("==", "-");
    let folder = target.join("venv").join(name);
    let python = folder.join("bin/python");
    if python.exists() {
        return Ok(python);
    }
    let parent = target.join("venv");
    let file = |error| ServerError::File(parent.clone(), error);
    fs::create_dir_all(&parent).map_err(file)?;
    let aside = tempfile::tempdir_in(&parent).map_err(file)?;
    let made = aside.path().join("made");
    run(Command::new("python3").args(["-m", "venv"]).arg(&made))?;
    let requirements = aside.path().join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS).map_err(file)?;
    run(Command::new(made.join("bin/python"))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "-r",
        ])
        .arg(&requirements))?;
    match fs::rename(&made, &folder) {
        Err(error) if !python.exists() => Err(file(error)),
        _ => Ok(python),
    }
}

fn run(command: &mut Command) -> Result<(), ServerError> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(program_error)?;
    if output.status.success() {
        return Ok(());
    }
    let words = [output.stdout, output.stderr].concat();
    Err(refused(
        "making the virtual environment",
        String::from_utf8_lossy(&words).into_owned(),
    ))
}

fn program_error(error: io::Error) -> ServerError {
    ServerError::Program {
        program: "python3".to_owned(),
        error,
    }
}

fn refused(what: &str, answer: String) -> ServerError {
    ServerError::Refused {
        what: what.to_owned(),
        answer,
    }
}
