//! Files up and down over HTTP: uploads of the outbox (XEP-0363), and the audio and files of what came in.
//!
//! Everything from a URL is hostile: only https (and http to this machine, for accounts whose server runs here), no
//! redirect that leaves that rule, never more bytes than announced or allowed, a name of ours on the disk. Voice is
//! fetched unasked, whoever sent it, so that it plays when there is no network any more: up to 16 MiB, in bounded time. So
//! are other files whose announced size is within the user's limit; one that turns out longer is cut off and not kept.

mod copy;
mod download;
mod space;
mod upload;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::{Fault, FaultKind, Millis};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

pub(crate) use copy::save as save_copy;
pub(crate) use download::{fetch_loop, fetch_now};
pub(crate) use space::{free as free_space, freeable};
pub(crate) use upload::start as start_upload;

/// A transfer that moves nothing for this long is given up and tried again.
const STALLED: Duration = Duration::from_secs(30);

/// The same after the network changed: what moved over the one before will not move again.
const SHAKEN: Duration = Duration::from_secs(3);

/// What is on its way, so that nothing is transferred twice at once.
#[derive(Default)]
pub(crate) struct Transfers {
    /// Counts the changes of the network.
    shakes: watch::Sender<u64>,
    uploads: Mutex<BTreeSet<i64>>,
    downloads: Mutex<BTreeMap<i64, Arc<tokio::sync::Mutex<()>>>>,
}

/// Ends with the transfer, however it ends.
struct Claim<'a> {
    set: &'a Mutex<BTreeSet<i64>>,
    id: i64,
}

impl<'a> Claim<'a> {
    /// `None` where somebody else is at it.
    fn new(set: &'a Mutex<BTreeSet<i64>>, id: i64) -> Option<Self> {
        lock(set).insert(id).then(|| Self { set, id })
    }
}

impl Transfers {
    /// Connections that stand may be dead: what does not move within 3 s is tried again at once.
    pub(crate) fn shake(&self) {
        self.shakes.send_modify(|shakes| *shakes += 1);
    }

    /// Waits for one step of a transfer, but not longer than one that moves may take.
    async fn moves<T>(&self, step: impl Future<Output = T>) -> Result<T, Failure> {
        let mut shakes = self.shakes.subscribe();
        let mut step = std::pin::pin!(step);
        let mut deadline = Instant::now() + STALLED;
        let mut is_shaken = false;
        loop {
            tokio::select! {
                done = &mut step => return Ok(done),
                Ok(()) = shakes.changed() => {
                    is_shaken = true;
                    deadline = deadline.min(Instant::now() + SHAKEN);
                }
                () = sleep_until(deadline) => return Err(if is_shaken {
                    Failure::Shaken
                } else {
                    Failure::passing(FaultKind::Timeout, "the transfer stalled")
                }),
            }
        }
    }

    /// One download of a file at a time: whoever comes second waits, and then looks at what the first one did.
    async fn downloading(&self, id: i64) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = {
            let mut downloads = lock(&self.downloads);
            downloads.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(downloads.entry(id).or_default())
        };
        turn.lock_owned().await
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        lock(self.set).remove(&self.id);
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a transfer failed.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    /// It may work later.
    Passing(Fault),
    /// The network under it is gone. It may work now.
    Shaken,
    /// It will not, unless the user changes something.
    Final(Fault),
}

impl Failure {
    /// When a failure that may pass is tried again; `Err` where it does not pass.
    fn again(self, now: Millis, attempts: u32) -> Result<(Fault, Millis), Fault> {
        match self {
            Self::Passing(fault) => {
                let spread = u8::try_from(now & 0xff).unwrap_or_default();
                Ok((fault, next_try(now, attempts, spread)))
            }
            Self::Shaken => Ok((
                Fault::new(FaultKind::Timeout, "the network changed".to_owned()),
                now,
            )),
            Self::Final(fault) => Err(fault),
        }
    }

    fn passing(kind: FaultKind, detail: impl std::fmt::Display) -> Self {
        Self::Passing(Fault::new(kind, detail.to_string()))
    }

    fn lasting(kind: FaultKind, detail: impl std::fmt::Display) -> Self {
        Self::Final(Fault::new(kind, detail.to_string()))
    }

    /// A URL may carry a key, so it is taken out of what is logged.
    fn http(error: reqwest::Error) -> Self {
        let kind = if error.is_timeout() {
            FaultKind::Timeout
        } else {
            FaultKind::Offline
        };
        Self::passing(kind, error.without_url())
    }
}

/// When a try is repeated: 2 s, doubling up to 10 min, spread by a quarter so that clients do not return together.
fn next_try(now: Millis, attempts: u32, spread: u8) -> Millis {
    let base = 2_000_i64 << attempts.saturating_sub(1).min(12);
    let wait = base.min(600_000);
    now + wait + wait / 4 * i64::from(spread) / 255
}

/// The client for all transfers: certificates are verified by the platform. `local` where the account's own server
/// is this machine. There is no limit of time on the whole: both ways watch that something moves.
///
/// # Errors
/// Where the system's certificates cannot be loaded.
pub(crate) fn http_client(local: bool) -> Result<reqwest::Client, reqwest::Error> {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let redirects = reqwest::redirect::Policy::custom(move |attempt| {
        if attempt.previous().len() > 3 || !is_allowed(attempt.url(), local) {
            attempt.stop()
        } else {
            attempt.follow()
        }
    });
    let builder = reqwest::Client::builder();
    // reqwest's own judge of certificates is not to be had there; without one of ours it would panic.
    #[cfg(target_os = "android")]
    let builder = match xmpp::tls_config() {
        Ok(config) => {
            let mut config = rustls::ClientConfig::clone(&config);
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            builder.tls_backend_preconfigured(config)
        }
        Err(_) => builder.https_only(true).tls_certs_only([]),
    };
    builder
        .user_agent(concat!("Millet/", env!("CARGO_PKG_VERSION")))
        .redirect(redirects)
        .connect_timeout(Duration::from_secs(15))
        .build()
}

/// https anywhere; http to this machine only, and only where the account's server runs there: otherwise a stranger's
/// message could make us call services of this machine.
fn is_allowed(url: &reqwest::Url, local: bool) -> bool {
    match url.scheme() {
        "https" => true,
        "http" if local => match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        },
        _ => false,
    }
}

fn parse_url(text: &str, local: bool) -> Result<reqwest::Url, Failure> {
    let url =
        reqwest::Url::parse(text).map_err(|error| Failure::lasting(FaultKind::FileGone, error))?;
    if is_allowed(&url, local) {
        Ok(url)
    } else {
        Err(Failure::lasting(
            FaultKind::PlaintextRefused,
            "not an encrypted address",
        ))
    }
}

#[cfg(test)]
mod tests;
