//! Somebody with Millet in a process of its own, which can be killed.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use api::Call;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::person::{Account, Home};
use crate::seen::Watch;

pub struct Headless {
    child: Child,
    input: Option<ChildStdin>,
    answers: mpsc::UnboundedReceiver<Value>,
    watch: Watch,
}

impl std::ops::Deref for Headless {
    type Target = Watch;

    fn deref(&self) -> &Watch {
        &self.watch
    }
}

impl Headless {
    /// Starts it; where somebody was signed in, it signs in by itself.
    pub fn start(account: &Account, home: &Home, environment: &[(String, String)]) -> Self {
        let mut child = Command::new(program())
            .arg("--home")
            .arg(home.path())
            .arg("--microphone")
            .arg(crate::sound::speech_file())
            .env("MILLET_PASSWORD", &account.password)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let watch = Watch::new(&format!("headless {}", account.address));
        let (sender, answers) = mpsc::unbounded_channel();
        let (output, fed) = (child.stdout.take().unwrap(), watch.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // A kill may cut the last line short.
                let Ok(value) = serde_json::from_str::<Value>(&line) else {
                    break;
                };
                match value["feed"].as_str() {
                    Some("answer" | "fault") => drop(sender.send(value)),
                    _ => fed.take(serde_json::from_value(value).unwrap()),
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            answers,
            watch,
        }
    }

    /// Writes a command without waiting for its answer.
    pub fn tell<C: Call>(&mut self, call: C) {
        let mut line = serde_json::to_string(&call.into_command()).unwrap();
        line.push('\n');
        self.input
            .as_mut()
            .unwrap()
            .write_all(line.as_bytes())
            .unwrap();
    }

    pub async fn ask<C: Call>(&mut self, call: C) -> C::Reply {
        self.tell(call);
        let answer = tokio::time::timeout(std::time::Duration::from_secs(45), self.answers.recv())
            .await
            .expect("an answer in time")
            .expect("the process to be there");
        assert_eq!(answer["feed"], "answer", "{answer}");
        serde_json::from_value(answer["value"].clone()).unwrap()
    }

    /// As a power failure would end it.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it in order.
    pub fn close(mut self) {
        self.input.take();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Headless {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `target/…/examples/headless`, beside `target/…/deps/` where this test lies. `cargo test` builds it with the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("examples/headless");
    assert!(
        program.is_file(),
        "{} is missing: cargo build -p engine --example headless",
        program.display()
    );
    program
}
