//! Why a command stopped, and what to do about it.
//!
//! Everything `xtask` refuses ends here, so that every failure is printed in one shape: what happened, then what
//! to do next. There is no tree of error types: nothing in `xtask` branches on a failure, people read it.

use std::fmt;
use std::io;
use std::path::Path;

/// What every command returns.
pub type Outcome<T = ()> = Result<T, Failure>;

/// What happened, and what the reader can do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    message: String,
    next: Option<String>,
}

impl Failure {
    /// A failure that explains itself: lower case, no full stop, names the culprit.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            next: None,
        }
    }

    /// The same failure, with the next step for the reader.
    #[must_use]
    pub fn next(mut self, step: impl Into<String>) -> Self {
        self.next = Some(step.into());
        self
    }

    /// An input or output error at `path`, while doing `what` ("reading", "creating").
    pub fn at(what: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!("{what} {}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed: {}", self.message)?;
        if let Some(next) = &self.next {
            write!(f, "\n  next: {next}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
