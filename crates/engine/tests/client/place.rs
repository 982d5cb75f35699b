//! The servers of these tests.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use testkit::server::{Kind, Options, Server};

/// An ejabberd for tests that leave it as it is: one for all that run at the same time. Registration is closed.
pub fn ejabberd() -> Arc<Server> {
    static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = shared.upgrade() {
        return server;
    }
    let server = Arc::new(Server::start(Kind::Ejabberd, Options::on("localhost")).unwrap());
    *shared = Arc::downgrade(&server);
    server
}

/// How a server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    WebSocket,
    StartTls,
}

impl Way {
    /// Where the server answers.
    pub fn port(self, server: &Server) -> u16 {
        match self {
            Self::WebSocket => server.http_port(),
            Self::StartTls => server.tcp_port(),
        }
    }

    /// The address where the same server answers on another port.
    pub fn behind(self, server: &Server, port: u16) -> String {
        match self {
            Self::WebSocket => format!("ws://127.0.0.1:{port}{}", server.ws_path()),
            Self::StartTls => format!("localhost:{port}"),
        }
    }
}

/// Tests share servers, so each account needs its own name.
pub fn name_of_its_own(name: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    format!("{name}{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Runs a test in a process that trusts the test authority: whom a process trusts is settled when it starts.
pub fn trusting(test: &str, body: impl FnOnce()) {
    let authority = testkit::server::Authority::shared().unwrap();
    if std::env::var_os("SSL_CERT_FILE").is_some_and(|file| file == authority.pem()) {
        return body();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env("SSL_CERT_FILE", authority.pem())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A runtime for a test that is not a `tokio::test`.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
