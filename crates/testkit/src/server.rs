//! Real servers on loopback, each in its own folder, on its own ports, with its own data.
//!
//! ```no_run
//! # fn main() -> Result<(), testkit::server::ServerError> {
//! use testkit::server::{Ejabberd, Options};
//!
//! let mut server = Ejabberd::start(Options::on("localhost"))?;
//! server.register("ann", "secret")?;
//! // … sign in to server.ws_url() as ann@localhost …
//! server.stop()?;
//! server.start_again()?; // the same ports, the same accounts, the same archive
//! # Ok(()) }
//! ```
//!
//! Debian's ejabberd and Prosody are started directly, as whoever runs the test: their own start scripts change to a
//! system user, which an ordinary user may not and root need not. No Erlang name service is involved: the node has no
//! name, so any number of them live side by side. Starting returns when the server answers, and not before; nothing
//! of it outlives the [`Server`], nor the process that holds it, however that ends.
//!
//! The interface is blocking (starting a server takes 1-3 seconds and happens before the test proper), needs no
//! runtime, and is made for tests: it is not bounded against hostile input.
//!
//! [`Cut`] is the broken network in front of such a server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub use authority::Authority;
pub use cut::{Cut, Direction, Passed};
pub use error::ServerError;
pub use ports::Ports;

mod authority;
mod cut;
mod ejabberd;
mod error;
mod http;
pub(crate) mod ports;
mod prosody;

use crate::guarded::Guarded;

/// How long a server may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a server may take to end by itself when asked to.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// The reference server.
#[derive(Debug)]
pub struct Ejabberd;

impl Ejabberd {
    /// Starts an ejabberd and waits until it answers.
    pub fn start(options: Options) -> Result<Server, ServerError> {
        Server::start(Kind::Ejabberd, options)
    }
}

/// The second server of the test matrix.
#[derive(Debug)]
pub struct Prosody;

impl Prosody {
    /// Starts a Prosody and waits until it answers.
    pub fn start(options: Options) -> Result<Server, ServerError> {
        Server::start(Kind::Prosody, options)
    }
}

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// See [`Ejabberd`].
    Ejabberd,
    /// See [`Prosody`].
    Prosody,
}

impl Kind {
    /// Both, for tests that run against each.
    pub const ALL: [Self; 2] = [Self::Ejabberd, Self::Prosody];
}

/// Whose word the server's certificate stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// [`Authority::shared`]'s: trusted by whoever trusts [`Server::ca_pem`].
    Trusted,
    /// Nobody's that a client could know.
    Untrusted,
}

/// How a server is set up. Always on: archive, carbons, stream management, upload, personal eventing,
/// client state, blocking; no rate limits; no federation (a message to another domain fails at once).
#[derive(Debug)]
pub struct Options {
    /// The domain it serves; clients that do not find it by name are given [`Server::ws_url`] or [`Server::tcp_port`].
    pub domain: String,
    /// Whether strangers may register (XEP-0077). [`Server::register`] works either way.
    pub registration: bool,
    /// What its certificate is worth.
    pub certificate: Certificate,
    /// The largest upload, in bytes (XEP-0363).
    pub upload_limit: u64,
    /// Whether the archive keeps every message of whoever did not ask for anything else; nothing otherwise (XEP-0441).
    pub keeps_all: bool,
    /// For how long a lost stream can be resumed (XEP-0198).
    pub resume: Duration,
    /// Where its data lies; `None`: a temporary folder. A folder that exists is used as it is, accounts and all.
    pub folder: Option<PathBuf>,
    /// Its ports; `None`: free ones. Claimed beforehand by tests that put a [`Cut`] in front.
    pub ports: Option<Ports>,
    /// The port in upload and download addresses, when it is not the server's own: that of a [`Cut`].
    pub public_http_port: Option<u16>,
}

impl Options {
    /// The usual server: registration closed, trusted, uploads up to 100 MB, everything archived, streams resumable for a
    /// minute.
    pub fn on(domain: &str) -> Self {
        Self {
            domain: domain.to_owned(),
            registration: false,
            certificate: Certificate::Trusted,
            upload_limit: 100_000_000,
            keeps_all: true,
            resume: Duration::from_secs(60),
            folder: None,
            ports: None,
            public_http_port: None,
        }
    }
}

/// A server, running or stopped. Killed and, unless a folder was given, forgotten when dropped.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    setting: Setting,
    running: Option<Guarded>,
    /// Removed with the server.
    _temporary: Option<tempfile::TempDir>,
}

/// What both kinds write their configuration from.
#[derive(Debug)]
struct Setting {
    options: Options,
    folder: PathBuf,
    ports: Ports,
    authority: Authority,
}

impl Setting {
    /// The HTTP port that clients are told.
    fn public_http_port(&self) -> u16 {
        self.options.public_http_port.unwrap_or(self.ports.http)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), ServerError> {
        let path = self.path(name);
        fs::write(&path, text).map_err(|error| ServerError::File(path, error))
    }
}

impl Server {
    /// Starts a server of this kind and waits until it answers.
    pub fn start(kind: Kind, mut options: Options) -> Result<Self, ServerError> {
        let temporary = match options.folder {
            Some(_) => None,
            None => Some(
                tempfile::tempdir()
                    .map_err(|error| ServerError::File(std::env::temp_dir(), error))?,
            ),
        };
        let folder = match (&options.folder, &temporary) {
            (Some(folder), _) => folder.clone(),
            (None, Some(temporary)) => temporary.path().to_path_buf(),
            (None, None) => std::env::temp_dir(),
        };
        fs::create_dir_all(&folder).map_err(|error| ServerError::File(folder.clone(), error))?;
        let folder = folder
            .canonicalize()
            .map_err(|error| ServerError::File(folder.clone(), error))?;
        let authority = match options.certificate {
            Certificate::Trusted => Authority::shared()?,
            Certificate::Untrusted => Authority::in_folder(&folder.join("authority"))?,
        };
        let ports = match options.ports.take() {
            Some(ports) => ports,
            None => Ports::claim()?,
        };
        let setting = Setting {
            options,
            folder,
            ports,
            authority,
        };
        let mut server = Self {
            kind,
            setting,
            running: None,
            _temporary: temporary,
        };
        server.configure()?;
        server.start_again()?;
        Ok(server)
    }

    /// Starts it once more after [`stop`](Self::stop) or [`kill`](Self::kill), with the same ports and data. Does
    /// nothing while it runs.
    pub fn start_again(&mut self) -> Result<(), ServerError> {
        if self.running.is_some() {
            return Ok(());
        }
        let command = match self.kind {
            Kind::Ejabberd => ejabberd::command(&self.setting)?,
            Kind::Prosody => prosody::command(&self.setting),
        };
        let mut running = self.spawn(command)?;
        let answers = || match self.kind {
            Kind::Ejabberd => ejabberd::answers(&self.setting),
            Kind::Prosody => prosody::answers(&self.setting),
        };
        running
            .wait_until(START_LIMIT, answers)
            .map_err(|why| ServerError::NotStarted {
                why,
                log: self.log(),
            })?;
        self.running = Some(running);
        Ok(())
    }

    /// Ends it in order: clients are told, data is written.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        match self.running.take() {
            Some(mut running) => running
                .terminate(STOP_LIMIT)
                .map_err(ServerError::Connection),
            None => Ok(()),
        }
    }

    /// Ends it as a power failure would.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Makes the account `user` at the server's domain. The server must run.
    pub fn register(&self, user: &str, password: &str) -> Result<(), ServerError> {
        match self.kind {
            Kind::Ejabberd => ejabberd::register(&self.setting, user, password),
            Kind::Prosody => prosody::register(&self.setting, user, password),
        }
    }

    /// Which server it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The domain it serves.
    pub fn domain(&self) -> &str {
        &self.setting.options.domain
    }

    /// The address of `user` here.
    pub fn address(&self, user: &str) -> String {
        format!("{user}@{}", self.domain())
    }

    /// XMPP over TCP with STARTTLS, on 127.0.0.1.
    pub fn tcp_port(&self) -> u16 {
        self.setting.ports.tcp
    }

    /// XMPP over direct TLS, on 127.0.0.1.
    pub fn tls_port(&self) -> u16 {
        self.setting.ports.tls
    }

    /// The port behind [`ws_url`](Self::ws_url) and, unless another is made public, uploads and downloads.
    pub fn http_port(&self) -> u16 {
        self.setting.ports.http
    }

    /// XMPP over WebSocket (RFC 7395), unencrypted: `ws://127.0.0.1:PORT/…`.
    pub fn ws_url(&self) -> String {
        format!(
            "ws://127.0.0.1:{}{}",
            self.setting.ports.http,
            self.ws_path()
        )
    }

    /// XMPP over WebSocket with TLS: `wss://localhost:PORT/…`.
    pub fn wss_url(&self) -> String {
        format!(
            "wss://localhost:{}{}",
            self.setting.ports.https,
            self.ws_path()
        )
    }

    /// The path of [`ws_url`](Self::ws_url), for an address that goes through a [`Cut`].
    pub fn ws_path(&self) -> &'static str {
        match self.kind {
            Kind::Ejabberd => "/ws",
            Kind::Prosody => "/xmpp-websocket",
        }
    }

    /// The certificate to trust, as a PEM file; give it to a program as `SSL_CERT_FILE`. The same file for every
    /// server with [`Certificate::Trusted`].
    pub fn ca_pem(&self) -> PathBuf {
        Authority::shared_pem()
    }

    /// Where its configuration, data and log lie.
    pub fn folder(&self) -> &Path {
        &self.setting.folder
    }

    /// What it wrote to its log and its output, the last 8 kB of each. For the words of a failing test.
    pub fn log(&self) -> String {
        let mut log = String::new();
        for name in ["server.log", "output.log"] {
            let bytes = fs::read(self.setting.path(name)).unwrap_or_default();
            let tail = bytes
                .get(bytes.len().saturating_sub(8_192)..)
                .unwrap_or_default();
            log.push_str(&String::from_utf8_lossy(tail));
        }
        log
    }

    fn configure(&self) -> Result<(), ServerError> {
        let setting = &self.setting;
        let domain = setting.options.domain.as_str();
        let names = [
            domain.to_owned(),
            format!("upload.{domain}"),
            "localhost".to_owned(),
            "127.0.0.1".to_owned(),
        ];
        let leaf = setting.authority.certify(&names)?;
        setting.write("server.pem", &leaf)?;
        match self.kind {
            Kind::Ejabberd => ejabberd::configure(setting),
            Kind::Prosody => prosody::configure(setting),
        }
    }

    fn spawn(&self, mut command: Command) -> Result<Guarded, ServerError> {
        let path = self.setting.path("output.log");
        let output =
            fs::File::create(&path).map_err(|error| ServerError::File(path.clone(), error))?;
        let errors = output
            .try_clone()
            .map_err(|error| ServerError::File(path, error))?;
        command
            .current_dir(&self.setting.folder)
            .stdout(output)
            .stderr(errors);
        let program = command.get_program().to_string_lossy().into_owned();
        Guarded::spawn(command).map_err(|error| ServerError::Program { program, error })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "--- {:?} on {}, as the test failed ---\n{}",
                self.kind,
                self.domain(),
                self.log()
            );
        }
        self.running = None;
    }
}
