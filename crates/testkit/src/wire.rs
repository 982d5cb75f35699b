//! A scripted XMPP server over a pipe: a conversation written down, line by line, and held to it.
//!
//! ```text
//! C: open                                          the client's stream header (any)
//! S: open                                          the server's
//! C: <iq type='get' id='{{ID}}'><ping xmlns='urn:xmpp:ping'/></iq>
//! S: <iq type='result' id='{{ID}}'/>
//! S: </stream:stream>
//! S: cut                                           the connection breaks
//! ```
//!
//! A `C:` line waits for the next element and demands that it has at least what is written: name, namespace, these
//! attributes, this text, these children in this order. `{{NAME}}` as a whole attribute or text takes what is there the
//! first time and demands it afterwards; in `S:` lines it is filled in. A `C:` or `S:` line goes on in lines indented
//! below it. Failures name the test's file and line, and the script's line.
//!
//! It knows no XMPP beyond the stream header: everything a server would say is in the script.

use std::collections::{BTreeMap, VecDeque};
use std::panic::Location;
use std::time::Duration;

use minidom::Element;
use minidom::rxml::{Event, Parse, Parser};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::timeout;

const HEADER: &str =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const PATIENCE: Duration = Duration::from_secs(120);

/// The server's end of a pipe.
pub struct Wire {
    pipe: Option<DuplexStream>,
    unread: Vec<u8>,
    vars: BTreeMap<String, String>,
}

impl Wire {
    /// A pipe: the client's end, and a server at the other.
    pub fn pair() -> (DuplexStream, Self) {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let wire = Self {
            pipe: Some(ours),
            unread: Vec::new(),
            vars: BTreeMap::new(),
        };
        (theirs, wire)
    }

    /// Plays a script; panics where the client departs from it.
    #[track_caller]
    #[expect(clippy::panic, reason = "a test's assertion")]
    pub fn play(&mut self, script: &str) -> impl Future<Output = ()> + Send + use<'_> {
        let caller = Location::caller();
        let script = script.to_owned();
        async move {
            for (number, line) in steps(&script) {
                let played = timeout(PATIENCE, self.step(&line)).await;
                let result = played.unwrap_or_else(|_| Err("the client stayed silent".to_owned()));
                if let Err(why) = result {
                    panic!("{caller}, line {number} of the script: {line}\n{why}");
                }
            }
        }
    }

    /// Plays scripts that each begin with a `C:` line, side by side: of each the lines in order, between them in whatever
    /// order the client has. Panics where it goes on with none of them.
    #[track_caller]
    #[expect(clippy::panic, reason = "a test's assertion")]
    pub fn play_side_by_side(
        &mut self,
        scripts: &[&str],
    ) -> impl Future<Output = ()> + Send + use<'_> {
        let caller = Location::caller();
        let mut left: Vec<VecDeque<_>> =
            scripts.iter().map(|script| steps(script).into()).collect();
        async move {
            while left.iter().any(|script| !script.is_empty()) {
                let played = timeout(PATIENCE, self.step_of_any(&mut left)).await;
                let result = played.unwrap_or_else(|_| Err("the client stayed silent".to_owned()));
                if let Err(why) = result {
                    panic!("{caller}, with none of the scripts:\n{why}");
                }
            }
        }
    }

    async fn step_of_any(&mut self, left: &mut [VecDeque<(usize, String)>]) -> Result<(), String> {
        let actual = self.read_element().await?;
        let mut refusals = String::new();
        for script in left {
            let expected = script
                .front()
                .and_then(|(_, line)| line.strip_prefix("C: "));
            let Some(expected) = expected else {
                continue;
            };
            let vars = self.vars.clone();
            if let Err(why) = self.matches(&element(expected)?, &actual) {
                self.vars = vars;
                refusals += &format!("{why}\n");
                continue;
            }
            script.pop_front();
            while let Some((_, line)) = script.pop_front_if(|(_, line)| line.starts_with("S: ")) {
                self.step(&line).await?;
            }
            return Ok(());
        }
        Err(format!("{refusals}got: {}", String::from(&actual)))
    }

    async fn step(&mut self, line: &str) -> Result<(), String> {
        match line.split_once(": ").map(|(who, what)| (who, what.trim())) {
            Some(("C", "open")) => self.read_header().await,
            Some(("C", "close")) => self.read_until("</stream:stream>").await.map(drop),
            Some(("C", expected)) => {
                let expected = element(expected)?;
                let actual = self.read_element().await?;
                self.matches(&expected, &actual)
                    .map_err(|why| format!("{why}\ngot: {}", String::from(&actual)))
            }
            Some(("S", "open")) => {
                let header = HEADER.replace('>', " id='w' version='1.0'>");
                self.write(&format!("<?xml version='1.0'?>{header}")).await
            }
            Some(("S", "cut")) => {
                self.pipe = None;
                Ok(())
            }
            Some(("S", text)) => {
                let mut text = text.to_owned();
                for (name, value) in &self.vars {
                    text = text.replace(&format!("{{{{{name}}}}}"), value);
                }
                self.write(&text).await
            }
            _ => Err("neither C: nor S:".to_owned()),
        }
    }

    async fn write(&mut self, text: &str) -> Result<(), String> {
        let pipe = self.pipe.as_mut().ok_or("the connection is cut")?;
        pipe.write_all(text.as_bytes())
            .await
            .map_err(|e| e.to_string())
    }

    async fn more(&mut self) -> Result<(), String> {
        let pipe = self.pipe.as_mut().ok_or("the connection is cut")?;
        let n = pipe
            .read_buf(&mut self.unread)
            .await
            .map_err(|e| e.to_string())?;
        if n == 0 {
            Err("the client hung up".to_owned())
        } else {
            Ok(())
        }
    }

    async fn read_header(&mut self) -> Result<(), String> {
        let before = self.read_until("<stream:stream").await?;
        if before.trim_start().starts_with('<') && !before.starts_with("<?xml") {
            return Err(format!("instead: {before}"));
        }
        self.read_until(">").await.map(drop)
    }

    /// Takes everything up to and with `mark`; returns what was before it.
    async fn read_until(&mut self, mark: &str) -> Result<String, String> {
        loop {
            let text = String::from_utf8_lossy(&self.unread).into_owned();
            if let Some((before, after)) = text.split_once(mark) {
                self.unread = after.as_bytes().to_vec();
                return Ok(before.to_owned());
            }
            self.more()
                .await
                .map_err(|e| format!("{e}; unread: {text}"))?;
        }
    }

    async fn read_element(&mut self) -> Result<Element, String> {
        loop {
            if let Some(length) = complete(&self.unread)? {
                let rest = self.unread.split_off(length);
                let text = std::mem::replace(&mut self.unread, rest);
                return element(&String::from_utf8_lossy(&text));
            }
            self.more().await?;
        }
    }

    fn matches(&mut self, expected: &Element, actual: &Element) -> Result<(), String> {
        if expected.name() != actual.name() || expected.ns() != actual.ns() {
            return Err(format!(
                "expected <{} xmlns='{}'>",
                expected.name(),
                expected.ns()
            ));
        }
        for ((_, name), value) in expected.attrs() {
            let found = actual.attr(name.as_str()).unwrap_or_default();
            self.agrees(value, found)
                .map_err(|why| format!("attribute {name}: {why}"))?;
        }
        let text = expected.text();
        if !text.trim().is_empty() {
            self.agrees(text.trim(), actual.text().trim())?;
        }
        let mut children = actual.children();
        for child in expected.children() {
            let mut why = format!("no <{} xmlns='{}'>", child.name(), child.ns());
            let found = children.by_ref().any(|candidate| {
                let result = self.matches(child, candidate);
                if let (Err(e), true) = (&result, candidate.name() == child.name()) {
                    why.clone_from(e);
                }
                result.is_ok()
            });
            if !found {
                return Err(why);
            }
        }
        Ok(())
    }

    fn agrees(&mut self, expected: &str, actual: &str) -> Result<(), String> {
        let name = expected
            .strip_prefix("{{")
            .and_then(|e| e.strip_suffix("}}"));
        let expected = match name {
            Some(name) => self
                .vars
                .entry(name.to_owned())
                .or_insert_with(|| actual.to_owned())
                .as_str(),
            None => expected,
        };
        if expected == actual {
            Ok(())
        } else {
            Err(format!("expected {expected:?}, got {actual:?}"))
        }
    }
}

/// The lines of a script with those indented below joined on, each with its number.
fn steps(script: &str) -> Vec<(usize, String)> {
    let mut steps: Vec<(usize, String)> = Vec::new();
    for (index, line) in script.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match steps.last_mut() {
            Some((_, last)) if !line.starts_with("C: ") && !line.starts_with("S: ") => {
                last.push_str(line)
            }
            _ => steps.push((index + 1, line.to_owned())),
        }
    }
    steps
}

/// Parses an element as it stands inside a stream.
fn element(text: &str) -> Result<Element, String> {
    let stream: Element = format!("{HEADER}{text}</stream:stream>")
        .parse()
        .map_err(|e| format!("{e}: {text}"))?;
    stream
        .children()
        .next()
        .cloned()
        .ok_or_else(|| format!("no element in: {text}"))
}

/// How long the first element is, if it is all there.
fn complete(bytes: &[u8]) -> Result<Option<usize>, String> {
    let mut parser = Parser::new();
    let mut header = HEADER.as_bytes();
    let _ = parser.parse(&mut header, false);
    let (mut rest, mut depth) = (bytes, 0_usize);
    loop {
        match parser.parse(&mut rest, false) {
            Ok(Some(Event::StartElement(..))) => depth += 1,
            Ok(Some(Event::EndElement(_))) => match depth {
                0 => return Err("the client ended the stream".to_owned()),
                1 => return Ok(Some(bytes.len() - rest.len())),
                _ => depth -= 1,
            },
            Ok(Some(_)) => {}
            Ok(None) => return Ok(None),
            Err(minidom::rxml::error::EndOrError::NeedMoreData) => return Ok(None),
            Err(e) => return Err(format!("{e:?} in: {}", String::from_utf8_lossy(bytes))),
        }
    }
}

#[cfg(test)]
mod tests;
