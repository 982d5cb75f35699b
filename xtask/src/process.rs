//! Running other programs: loudly, quietly, with a deadline.
//!
//! No program is run through a shell, and none may outlive its deadline: it is killed with its whole process
//! group, because `rustup` and `apt-get` have children of their own.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};

/// How a program with a deadline ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It ended with success.
    Done,
    /// It ended with a failure.
    Refused,
    /// It was killed at the deadline.
    TimedOut,
}

/// Runs `command` with our own input and output; a failure status is a [`Failure`] that names the program.
pub fn run(command: &mut Command) -> Outcome {
    let shown = shown(command);
    let status = command
        .status()
        .map_err(|error| not_started(&shown, &error))?;
    succeeded(&shown, status)
}

/// Runs `command` and returns what it printed on its standard output; its errors go to ours.
pub fn output(command: &mut Command) -> Outcome<String> {
    let shown = shown(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| not_started(&shown, &error))?;
    succeeded(&shown, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Like [`output`], but a program that is missing or fails is an answer too.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs `command` without its output for at most `limit`.
pub fn within(limit: Duration, command: &mut Command) -> Outcome<Ended> {
    let shown = shown(command);
    own_group(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| not_started(&shown, &error))?;
    let deadline = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(Ended::Done),
            Ok(Some(_)) => return Ok(Ended::Refused),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(50)),
            Ok(None) => {
                kill_group(&mut child);
                return Ok(Ended::TimedOut);
            }
            Err(error) => return Err(Failure::new(format!("waiting for {shown}: {error}"))),
        }
    }
}

/// Whether a program of this name is on the path.
pub fn is_installed(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    })
}

/// The program and its arguments as a reader would type them.
pub fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

/// What `command` printed, both streams as they came, and whether it succeeded; each line is also printed.
pub fn echoed(command: &mut Command) -> Outcome<(bool, String)> {
    let shown = shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(&shown, &error))?;
    let mut printed = Vec::new();
    if let Some(mut out) = child.stdout.take() {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = out.read(&mut piece) {
            let piece = piece.get(..length).unwrap_or_default();
            // A closed output of ours must not stop the program half-way.
            let _ = std::io::Write::write_all(&mut std::io::stdout(), piece);
            printed.extend_from_slice(piece);
        }
    }
    let status = child
        .wait()
        .map_err(|error| Failure::new(format!("waiting for {shown}: {error}")))?;
    Ok((
        status.success(),
        String::from_utf8_lossy(&printed).into_owned(),
    ))
}

fn succeeded(shown: &str, status: ExitStatus) -> Outcome {
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{shown}` ended with {status}")))
    }
}

fn not_started(shown: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{shown}` did not start: {error}"))
}

fn own_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

fn kill_group(child: &mut Child) {
    #[cfg(unix)]
    let _ = Command::new("kill")
        .args(["-KILL", "--", &format!("-{}", child.id())])
        .stderr(Stdio::null())
        .status();
    // Both may fail only because it has just ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests;
