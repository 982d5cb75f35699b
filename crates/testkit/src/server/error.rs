//! What can go wrong with a server on this machine.

use std::io;
use std::path::PathBuf;

/// Why a server did not do as asked. Made to be read in the words of a failing test.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The program is not installed or not executable.
    #[error("starting {program}: {error}; `cargo xtask set-up --for test` installs it")]
    Program {
        /// As it was looked for.
        program: String,
        /// What the system said.
        error: io::Error,
    },
    /// It started and does not answer.
    #[error("the server {why}\n{log}")]
    NotStarted {
        /// "ended with …" or "did not answer in …".
        why: String,
        /// The end of its log.
        log: String,
    },
    /// It answers and refuses.
    #[error("{what}: {answer}")]
    Refused {
        /// What was asked of it.
        what: String,
        /// Its words.
        answer: String,
    },
    /// A file or folder of the server.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, #[source] io::Error),
    /// A connection to it.
    #[error("talking to the server: {0}")]
    Connection(#[source] io::Error),
    /// The test certificates.
    #[error("making a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// All ports of the range are in use.
    #[error("no free ports between {first} and {last}")]
    NoPorts {
        /// The first tried.
        first: u16,
        /// The last tried.
        last: u16,
    },
}
