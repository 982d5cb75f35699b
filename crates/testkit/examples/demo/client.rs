//! The app without a window (`docs/headless.md`), as somebody to talk with.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Outcome;

const PATIENCE: Duration = Duration::from_secs(30);

/// A headless client; ended in order by [`end`](Self::end).
pub struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    items: Receiver<Value>,
    /// Told while an answer was waited for.
    kept: VecDeque<Value>,
}

impl Client {
    /// Starts `program` on `home`, with a microphone that hears `speech`.
    pub fn start(program: &Path, home: &Path, speech: &Path) -> Outcome<Self> {
        let mut child = Command::new(program)
            .arg("--home")
            .arg(home)
            .arg("--microphone")
            .arg(speech)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("starting {}: {error}", program.display()))?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().ok_or("no output")?;
        let (sender, items) = channel();
        // Ends with the client's output.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Ok(item) = serde_json::from_str(&line)
                    && sender.send(item).is_err()
                {
                    break;
                }
            }
        });
        Ok(Self {
            child,
            stdin,
            items,
            kept: VecDeque::new(),
        })
    }

    /// Gives a command and returns its answer.
    pub fn ask(&mut self, command: Value) -> Outcome<Value> {
        let name = command
            .get("cmd")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let stdin = self.stdin.as_mut().ok_or("ended")?;
        writeln!(stdin, "{command}")?;
        stdin.flush()?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let item = self
                .next(deadline)
                .ok_or_else(|| format!("no answer to {name}"))?;
            match item.get("feed").and_then(Value::as_str) {
                Some("answer") => return Ok(item.get("value").cloned().unwrap_or_default()),
                Some("fault") => return Err(format!("{name}: {item}").into()),
                _ => self.kept.push_back(item),
            }
        }
    }

    /// Waits until the feed tells of a message in a state such as `sent`, `read` or `received`, of this kind.
    pub fn wait_for(&mut self, kind: &str, states: &[&str]) -> Outcome {
        self.wait_until(&format!("{kind}: {states:?}"), |row| {
            let state = row.get("state").and_then(Value::as_str).unwrap_or_default();
            row.pointer("/content/kind").and_then(Value::as_str) == Some(kind)
                && states.contains(&state)
        })
        .map(drop)
    }

    /// Waits until somebody asks to see when we are online, and says yes. Returns the chat with them.
    pub fn allow(&mut self) -> Outcome<Value> {
        let asks = |row: &Value| row.get("asks_presence") == Some(&Value::Bool(true));
        let row = self.wait_until("a request", asks)?;
        let chat = row.get("id").cloned().unwrap_or_default();
        self.ask(json!({ "cmd": "answer_presence", "chat": chat, "allow": true }))?;
        Ok(chat)
    }

    /// Waits until the feed tells of such a row.
    fn wait_until(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Outcome<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let item = match self.kept.pop_front() {
                Some(item) => item,
                None => self
                    .next(deadline)
                    .ok_or_else(|| format!("waited in vain for {what}"))?,
            };
            let changes = item
                .get("changes")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            let mut rows = changes.filter_map(|change| change.get("row"));
            if let Some(row) = rows.find(|row| is_it(row)) {
                return Ok(row.clone());
            }
        }
    }

    /// Says something and waits until the server has it.
    pub fn say(&mut self, chat: &Value, body: &str) -> Outcome {
        self.kept.clear();
        self.ask(json!({ "cmd": "send_text", "chat": chat, "body": body }))?;
        self.wait_for("text", &["sent", "delivered", "read"])
    }

    /// Ends it in order.
    pub fn end(mut self) -> Outcome {
        self.stdin = None;
        let status = self.child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the client ended with {status}").into())
        }
    }

    fn next(&self, deadline: Instant) -> Option<Value> {
        self.items
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            .ok()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It ends by itself at end of input; this is for when it does not.
        self.stdin = None;
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
