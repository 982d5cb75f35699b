//! A program in a process group of its own that cannot outlive us.
//!
//! A second process, the guard, reads from a pipe that only we hold. When we end, whether in order, by a signal or by
//! a crash, the pipe closes and the guard kills the group. The kernel's parent-death signal would need unsafe code and
//! is bound to the thread that started the program, which in tests ends early.

use std::io;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// Killed with everything it started when dropped.
#[derive(Debug)]
pub struct Guarded {
    child: Child,
    guard: Child,
    /// Closing it is what the guard waits for.
    lifeline: Option<ChildStdin>,
}

impl Guarded {
    /// Starts `command`, whose output is already directed, with nothing to read.
    pub fn spawn(mut command: Command) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;

        let child = command.stdin(Stdio::null()).process_group(0).spawn()?;
        let guard = Command::new("sh")
            .args([
                "-c",
                "read -r word || kill -KILL -- \"-$1\"",
                "guard",
                &child.id().to_string(),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        match guard {
            Ok(mut guard) => {
                let lifeline = guard.stdin.take();
                Ok(Self {
                    child,
                    guard,
                    lifeline,
                })
            }
            Err(error) => {
                end(child);
                Err(error)
            }
        }
    }

    /// The number of the program's process, and of its group.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill_process_group(Pid::from_child(&self.child), signal)?)
    }

    /// What the program says, once, where the command pipes it.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Asks `ready` again and again until it says yes; the error says why it never will.
    pub fn wait_until(&mut self, limit: Duration, ready: impl Fn() -> bool) -> Result<(), String> {
        let deadline = Instant::now() + limit;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("ended with {status}"));
            }
            if ready() {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("did not answer in {} s", limit.as_secs()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks it to end, and waits; kills it at the limit.
    pub fn terminate(&mut self, limit: Duration) -> io::Result<()> {
        // It may have ended by itself, which is what we want.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::TERM);
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("still there after {limit:?}"),
        ))
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // The group may be gone already; then there is nothing to do.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
        if let Some(mut lifeline) = self.lifeline.take() {
            // A word instead of an end: the number may by now belong to somebody else.
            let _ = std::io::Write::write_all(&mut lifeline, b"done\n");
        }
        let _ = self.guard.wait();
    }
}

fn end(mut child: Child) {
    let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
    let _ = child.wait();
}
