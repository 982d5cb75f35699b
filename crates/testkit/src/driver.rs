//! A real window of the app, driven from outside by the WebDriver protocol.
//!
//! One [`Window`] is one app: its own `WebKitWebDriver` starts the binary and
//! speaks to its web view. Everything blocks, so a test reads top-down. Waiting
//! is for a condition that the page itself watches (a `MutationObserver`, no
//! polling from here), with a deadline.
//!
//! A web-driver crate was rejected: each brings an asynchronous HTTP stack for
//! the dozen requests that are needed.
//!
//! Linux only: there is no web-driver for the web view of macOS, and the one of
//! Windows is another program.

mod http;
mod process;
mod screen;

use std::{
    ffi::OsString,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::guarded::Guarded;

pub use process::{pss_kb, tree};
pub use screen::Screen;

/// How long a condition is waited for, unless a test says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The name of the program, from Debian's `webkit2gtk-driver`.
const PROGRAM: &str = "WebKitWebDriver";

/// How WebDriver marks an element in JSON (WebDriver §12.4).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The Escape key (WebDriver §17.4.2).
pub const ESCAPE: &str = "\u{E00C}";
/// The Backspace key.
pub const BACKSPACE: &str = "\u{E003}";
/// The Enter key.
pub const ENTER: &str = "\u{E007}";

/// What stands in the way. A test has nothing to do but fail with it.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// A program cannot be started: `cargo xtask set-up` installs it.
    #[error("{0} cannot be started: {1}")]
    Start(&'static str, std::io::Error),
    /// The driver is gone or speaks no HTTP.
    #[error("no answer from {PROGRAM}: {0}")]
    Transport(#[from] std::io::Error),
    /// The driver refused a request.
    #[error("{0}: {1}")]
    Refused(String, String),
    /// A condition did not come true in time.
    #[error("waited {waited:?} in vain for: {condition}\non the page: {page}")]
    InVain {
        /// What was waited for.
        condition: String,
        /// How long.
        waited: Duration,
        /// What the page showed instead: its elements with a test id.
        page: String,
    },
    /// The app did not end in time.
    #[error("the app did not end")]
    StillRunning,
    /// The driver answered something else than the protocol says.
    #[error("an answer that is not understood: {0}")]
    Odd(String),
}

type Result<T> = std::result::Result<T, DriverError>;

/// How an app is started.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The app.
    pub program: PathBuf,
    /// Its `MILLET_HOME`.
    pub home: PathBuf,
    /// Further environment.
    pub environment: Vec<(OsString, OsString)>,
}

impl Launch {
    /// Starts `program` on `home`.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>, home: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            home: home.into(),
            environment: Vec::new(),
        }
    }

    /// Adds variables to its environment.
    #[must_use]
    pub fn envs<N: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let variables = variables.into_iter();
        self.environment
            .extend(variables.map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Adds a variable to its environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }
}

/// A window of the app with its driver. Dropping it ends both at once, and the
/// processes of the web view with them.
#[derive(Debug)]
pub struct Window {
    driver: Guarded,
    port: u16,
    session: String,
    app: u32,
}

impl Window {
    /// Starts the app and waits until its page can be asked.
    ///
    /// # Errors
    ///
    /// When the driver or the app does not start.
    pub fn open(launch: &Launch) -> Result<Self> {
        // Between here and the driver's own bind another process could take the port;
        // then the driver ends at once and says so.
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = Command::new(PROGRAM);
        command
            .arg(format!("--port={port}"))
            .env("TAURI_AUTOMATION", "true")
            .env("MILLET_HOME", &launch.home)
            .envs(launch.environment.iter().map(|(name, value)| (name, value)));
        let driver =
            Guarded::spawn(command).map_err(|failure| DriverError::Start(PROGRAM, failure))?;
        let mut window = Self {
            driver,
            port,
            session: String::new(),
            app: 0,
        };
        window.await_driver()?;

        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "webkitgtk:browserOptions": { "binary": launch.program, "args": [] },
            "timeouts": { "script": 600_000 },
        } } });
        let answer = http::request(port, "POST", "/session", Some(&capabilities))?;
        window.session = text(&answer, "sessionId")?;
        window.app = process::children(window.driver.id())
            .into_iter()
            .next()
            .ok_or_else(|| DriverError::Odd("the driver started no app".into()))?;
        Ok(window)
    }

    /// The driver has no way to tell that it listens.
    fn await_driver(&mut self) -> Result<()> {
        let port = self.port;
        let listens = || http::request(port, "GET", "/status", None).is_ok();
        self.driver
            .wait_until(PATIENCE, listens)
            .map_err(|why| DriverError::Odd(format!("{PROGRAM} {why}")))
    }

    /// The number of the app's process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.app
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let path = format!("/session/{}{path}", self.session);
        http::request(self.port, method, &path, body)
    }

    /// Runs a function body in the page; `arguments` holds what is given.
    ///
    /// # Errors
    ///
    /// When the script throws.
    pub fn execute(&self, script: &str, arguments: Value) -> Result<Value> {
        let body = json!({ "script": script, "args": arguments });
        self.ask("POST", "/execute/sync", Some(&body))
    }

    /// As [`Window::execute`], for a script that ends by calling its last argument.
    ///
    /// # Errors
    ///
    /// When the script throws.
    pub fn execute_async(&self, script: &str, arguments: Value) -> Result<Value> {
        let body = json!({ "script": script, "args": arguments });
        self.ask("POST", "/execute/async", Some(&body))
    }

    /// Waits until a JavaScript expression is true, and returns its value.
    ///
    /// # Errors
    ///
    /// When it is not within [`PATIENCE`]; the error tells what the page showed.
    pub fn until(&self, expression: &str) -> Result<Value> {
        self.until_within(PATIENCE, expression)
    }

    /// As [`Window::until`], with a deadline.
    ///
    /// # Errors
    ///
    /// As for [`Window::until`].
    pub fn until_within(&self, patience: Duration, expression: &str) -> Result<Value> {
        let script = WAIT.replace("EXPRESSION", expression);
        let answer = self.execute_async(&script, json!([patience.as_millis() as u64]))?;
        match answer.get("held") {
            Some(held) => Ok(held.clone()),
            None => Err(DriverError::InVain {
                condition: expression.to_owned(),
                waited: patience,
                page: self.describe(),
            }),
        }
    }

    /// The elements with a test id, their state and their words, one a line.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.execute(DESCRIBE, json!([])) {
            Ok(Value::String(page)) => page,
            Ok(other) => other.to_string(),
            Err(failure) => failure.to_string(),
        }
    }

    /// Waits until something on screen matches a CSS selector.
    ///
    /// # Errors
    ///
    /// As for [`Window::until`].
    pub fn shown(&self, css: &str) -> Result<()> {
        self.until(&shown(css)).map(drop)
    }

    /// Waits until nothing on screen matches a CSS selector.
    ///
    /// # Errors
    ///
    /// As for [`Window::until`].
    pub fn gone(&self, css: &str) -> Result<()> {
        self.until(&format!("!({})", shown(css))).map(drop)
    }

    /// The text of the first element that matches, once there is one.
    ///
    /// # Errors
    ///
    /// As for [`Window::until`].
    pub fn text(&self, css: &str) -> Result<String> {
        self.shown(css)?;
        let text = self.execute(
            "return document.querySelector(arguments[0]).textContent",
            json!([css]),
        )?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// How many elements match, now.
    ///
    /// # Errors
    ///
    /// When the page cannot be asked.
    pub fn count(&self, css: &str) -> Result<u64> {
        let count = self.execute(
            "return document.querySelectorAll(arguments[0]).length",
            json!([css]),
        )?;
        count
            .as_u64()
            .ok_or_else(|| DriverError::Odd(count.to_string()))
    }

    fn find(&self, css: &str) -> Result<Value> {
        self.shown(css)?;
        let body = json!({ "using": "css selector", "value": css });
        let found = self.ask("POST", "/element", Some(&body))?;
        let id = text(&found, ELEMENT)?;
        Ok(json!({ ELEMENT: id }))
    }

    /// Clicks the middle of an element, once it is on screen.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn click(&self, css: &str) -> Result<()> {
        self.press(css)?;
        self.release()
    }

    /// Types into an element as a keyboard would, after what it holds.
    ///
    /// # Errors
    ///
    /// When there is none, or it takes no keys.
    pub fn type_into(&self, css: &str, keys: &str) -> Result<()> {
        let element = self.find(css)?;
        let id = text(&element, ELEMENT)?;
        let body = json!({ "text": keys });
        self.ask("POST", &format!("/element/{id}/value"), Some(&body))?;
        Ok(())
    }

    /// Empties a text field, as select-all and delete would.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn clear(&self, css: &str) -> Result<()> {
        self.shown(css)?;
        // The driver's own "clear" changes the value behind the page's back.
        let script = "const field = document.querySelector(arguments[0]); field.focus();\
            field.select(); return field.value !== ''";
        if self.execute(script, json!([css]))? == json!(true) {
            self.strike(BACKSPACE)?;
        }
        Ok(())
    }

    /// Presses the mouse button in the middle of an element, once it stands still and nothing is above it, and holds it.
    ///
    /// # Errors
    ///
    /// When there is none, or it cannot be hit.
    pub fn press(&self, css: &str) -> Result<()> {
        let arguments = json!([css, PATIENCE.as_millis() as u64]);
        if self.execute_async(STILL, arguments)? != json!(true) {
            return Err(DriverError::InVain {
                condition: format!("{css} stands still and can be hit"),
                waited: PATIENCE,
                page: self.describe(),
            });
        }
        let element = self.find(css)?;
        self.pointer(json!([
            { "type": "pointerMove", "duration": 0, "origin": element, "x": 0, "y": 0 },
            { "type": "pointerDown", "button": 0 },
        ]))
    }

    /// Moves the mouse from where it is, in CSS pixels, over 200 ms.
    ///
    /// # Errors
    ///
    /// When that leads out of the page.
    pub fn drag(&self, x: i32, y: i32) -> Result<()> {
        self.pointer(json!([
            { "type": "pointerMove", "duration": 200, "origin": "pointer", "x": x, "y": y },
        ]))
    }

    /// Lets the mouse button go.
    ///
    /// # Errors
    ///
    /// When the page is gone.
    pub fn release(&self) -> Result<()> {
        self.pointer(json!([{ "type": "pointerUp", "button": 0 }]))
    }

    fn pointer(&self, actions: Value) -> Result<()> {
        let body = json!({ "actions": [{
            "type": "pointer", "id": "mouse",
            "parameters": { "pointerType": "mouse" },
            "actions": actions,
        }] });
        self.ask("POST", "/actions", Some(&body)).map(drop)
    }

    /// Presses or releases a key, wherever the focus is.
    ///
    /// # Errors
    ///
    /// When the page is gone.
    pub fn key(&self, key: &str, down: bool) -> Result<()> {
        let action = if down { "keyDown" } else { "keyUp" };
        let body = json!({ "actions": [{
            "type": "key", "id": "keyboard",
            "actions": [{ "type": action, "value": key }],
        }] });
        self.ask("POST", "/actions", Some(&body)).map(drop)
    }

    /// Presses and releases a key.
    ///
    /// # Errors
    ///
    /// When the page is gone.
    pub fn strike(&self, key: &str) -> Result<()> {
        self.key(key, true)?;
        self.key(key, false)
    }

    /// Makes the page this large, in CSS pixels, in the middle of a [`Screen`],
    /// and waits until it is.
    ///
    /// The middle, since without a window manager the focus follows the pointer, which
    /// rests there; and a page without focus does not count what it shows as read.
    ///
    /// # Errors
    ///
    /// When it does not become so.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        let middle = |room: u32, size: u32| room.saturating_sub(size) / 2;
        let body = json!({
            "x": middle(screen::SIZE.0, width), "y": middle(screen::SIZE.1, height),
            "width": width, "height": height,
        });
        self.ask("POST", "/window/rect", Some(&body))?;
        self.until(&format!(
            "innerWidth === {width} && innerHeight === {height}"
        ))
        .map(drop)
    }

    /// Keeps what the page shows as a PNG.
    ///
    /// # Errors
    ///
    /// When the picture cannot be taken or written.
    pub fn screenshot(&self, file: &Path) -> Result<()> {
        self.execute_async(SETTLE, json!([]))?;
        let answer = self.ask("GET", "/screenshot", None)?;
        let png = answer
            .as_str()
            .and_then(http::base64)
            .ok_or_else(|| DriverError::Odd("a screenshot that is not base64".into()))?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, png)?;
        Ok(())
    }

    /// Asks the app to end, as a system does that shuts down, and waits until it has.
    ///
    /// # Errors
    ///
    /// When it does not within [`PATIENCE`].
    pub fn close(self) -> Result<()> {
        process::terminate(self.app)?;
        let deadline = Instant::now() + PATIENCE;
        while process::runs(self.app) {
            if Instant::now() > deadline {
                return Err(DriverError::StillRunning);
            }
            // Only a parent could wait for it, and that is the driver.
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Ends the app without asking, as a crash or a power cut does.
    ///
    /// # Errors
    ///
    /// When it cannot be reached.
    pub fn kill(self) -> Result<()> {
        process::kill(self.app)?;
        Ok(())
    }
}

/// A JavaScript expression: whether something on screen matches. What is there but
/// hidden, or has no size, does not count.
fn shown(css: &str) -> String {
    let css = Value::String(css.to_owned());
    format!(
        "[...document.querySelectorAll({css})].some(e => \
         e.checkVisibility({{ visibilityProperty: true, opacityProperty: true }}) && e.getClientRects().length > 0)"
    )
}

fn text(value: &Value, key: &str) -> Result<String> {
    value
        .get(key)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| DriverError::Odd(format!("no {key} in an answer")))
}

/// Answers when the expression holds: looked at after every change of the page, and
/// now and then for what changes without one (a size, a scroll position).
const WAIT: &str = r"
const [patience, done] = [arguments[0], arguments[1]];
const look = () => { try { return (EXPRESSION); } catch { return false; } };
const first = look();
if (first) { done({ held: first }); return; }
const end = (answer) => { watch.disconnect(); clearInterval(now_and_then); clearTimeout(limit); done(answer); };
const check = () => { const held = look(); if (held) end({ held }); };
const watch = new MutationObserver(check);
watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
const now_and_then = setInterval(check, 50);
const limit = setTimeout(() => end({}), patience);
";

/// Answers when what changed is painted and no transition is on its way.
const SETTLE: &str = r"
const done = arguments[0];
const frame = () => new Promise(requestAnimationFrame);
const settle = async () => {
  await frame();
  const ending = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime < Infinity);
  await Promise.allSettled(ending.map((a) => a.finished));
  await frame();
  await frame();
};
settle().then(done, done);
";

/// Answers whether an element came to rest, scrolled to as a person would, with nothing above its middle: a pointer that goes
/// for where it was a moment ago hits something else.
const STILL: &str = r"
const [css, patience, done] = arguments;
const frame = () => new Promise(requestAnimationFrame);
const place = () => {
  const element = document.querySelector(css);
  element?.scrollIntoView({ block: 'nearest' });
  const box = element?.getBoundingClientRect();
  const hit = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const is_hit = hit && (element.contains(hit) || hit.closest('label')?.contains(element));
  return is_hit && [box.x, box.y, box.width, box.height].join();
};
const rest = async () => {
  const limit = performance.now() + patience;
  let [last, same] = [null, 0];
  while (performance.now() < limit) {
    const now = place();
    same = now && now === last ? same + 1 : 0;
    if (same === 2) return true;
    last = now;
    await frame();
  }
  return false;
};
rest().then(done, () => done(false));
";

const DESCRIBE: &str = r"
return location.href + '\n' + [...document.querySelectorAll('[data-testid]')].slice(0, 60).map((e) => {
  const state = [...e.attributes]
    .filter((a) => a.name.startsWith('data-') && a.name !== 'data-testid')
    .map((a) => a.name + '=' + a.value);
  return [e.dataset.testid, ...state, JSON.stringify(e.textContent.slice(0, 60))].join(' ');
}).join('\n');
";
