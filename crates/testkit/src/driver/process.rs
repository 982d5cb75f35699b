//! Processes of an app as Linux's `/proc` tells of them.

use std::{fs, io};

use rustix::process::{Pid, Signal, kill_process};

/// Asks a process to end.
pub(super) fn terminate(process: u32) -> io::Result<()> {
    send(process, Signal::TERM)
}

/// Ends a process without asking.
pub(super) fn kill(process: u32) -> io::Result<()> {
    send(process, Signal::KILL)
}

fn send(process: u32, signal: Signal) -> io::Result<()> {
    let process = i32::try_from(process)
        .ok()
        .and_then(Pid::from_raw)
        .ok_or(io::ErrorKind::InvalidInput)?;
    Ok(kill_process(process, signal)?)
}

/// Whether a process still runs; one that ended and was not yet waited for does not.
pub(super) fn runs(process: u32) -> bool {
    fields(process).is_some_and(|(state, _)| state != "Z" && state != "X")
}

/// The children of a process.
pub(super) fn children(process: u32) -> Vec<u32> {
    all()
        .into_iter()
        .filter(|other| fields(*other).is_some_and(|(_, parent)| parent == process))
        .collect()
}

/// A process and everything below it.
#[must_use]
pub fn tree(process: u32) -> Vec<u32> {
    let mut found = vec![process];
    let mut next = 0;
    while let Some(parent) = found.get(next) {
        found.extend(children(*parent));
        next += 1;
    }
    found
}

/// Proportional set size of a process in kB: shared pages count in parts.
#[must_use]
pub fn pss_kb(process: u32) -> Option<u64> {
    fs::read_to_string(format!("/proc/{process}/smaps_rollup"))
        .ok()?
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

fn all() -> Vec<u32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// State and parent, from `/proc/PID/stat` (proc(5)). The name before them is in
/// brackets and may hold anything.
fn fields(process: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}
