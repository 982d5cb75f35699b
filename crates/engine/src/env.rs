//! What the engine takes from its surroundings, so that tests can give their own.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use api::{Millis, Secret};

use crate::surroundings::Surroundings;

/// Clock, ids, keyring, microphone and network.
#[derive(Clone)]
pub struct Env {
    /// The time now.
    pub now: Arc<dyn Fn() -> Millis + Send + Sync>,
    /// A fresh id, unique for good: origin ids and file names are made of these.
    pub id: Arc<dyn Fn() -> String + Send + Sync>,
    /// Where passwords are kept.
    pub keyring: Keyring,
    /// Where recordings come from.
    pub microphone: voice::Source,
    /// A password to sign in with at start where the keyring has none. For unattended starts.
    pub password: Option<Secret>,
    /// Whether somebody is there to hear the app's own short sounds, which the settings turn on and off.
    pub sounds: bool,
    /// Who tells that the machine slept or that the network is another.
    pub surroundings: Surroundings,
}

/// Where passwords are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyring {
    /// The system's: Secret Service, Keychain, Credential Manager.
    System,
    /// Nowhere: in memory until the end.
    None,
}

impl Env {
    /// The real surroundings. `MILLET_PASSWORD` is the unattended password.
    #[must_use]
    pub fn system() -> Self {
        Self {
            now: Arc::new(system_now),
            id: Arc::new(|| uuid::Uuid::new_v4().to_string()),
            keyring: Keyring::System,
            microphone: voice::Source::Default,
            password: std::env::var("MILLET_PASSWORD").ok().map(Secret),
            sounds: true,
            surroundings: Surroundings::System,
        }
    }

    pub(crate) fn now(&self) -> Millis {
        (self.now)()
    }

    pub(crate) fn id(&self) -> String {
        (self.id)()
    }
}

impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Env")
            .field("keyring", &self.keyring)
            .finish_non_exhaustive()
    }
}

fn system_now() -> Millis {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| Millis::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}
