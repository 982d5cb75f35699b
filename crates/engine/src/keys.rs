//! Passwords in the system's keyring. A keyring that is absent, locked or slow is the same as none.

use std::time::Duration;

use api::Secret;
use tokio::sync::oneshot;

use crate::Keyring;

#[cfg(not(any(target_os = "android", target_os = "ios")))]
use keyring::{Entry, Result};
#[cfg(any(target_os = "android", target_os = "ios"))]
use keyring_core::{Entry, Result};

#[cfg(any(target_os = "android", target_os = "ios"))]
mod phone;

const SERVICE: &str = "im.millet.messenger";

/// A locked keyring asks the user and answers when they do; nobody waits for that longer than this with nothing to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps a password. Whether the keyring took it.
pub(crate) async fn remember(keyring: Keyring, address: String, password: Secret) -> bool {
    ask(keyring, address, PATIENCE, move |entry| {
        entry.set_password(&password.0)
    })
    .await
    .is_some()
}

/// The password of an address, where the keyring has it. Waits for as long as the keyring takes.
pub(crate) async fn recall(keyring: Keyring, address: String) -> Option<Secret> {
    let answer = answer(keyring, address, |entry| entry.get_password())?;
    answer.await.ok()?.map(Secret)
}

/// Forgets a password.
pub(crate) async fn forget(keyring: Keyring, address: String) {
    ask(keyring, address, PATIENCE, |entry| {
        entry.delete_credential()
    })
    .await;
}

async fn ask<T: Send + 'static>(
    keyring: Keyring,
    address: String,
    patience: Duration,
    question: impl FnOnce(Entry) -> Result<T> + Send + 'static,
) -> Option<T> {
    let answer = answer(keyring, address, question)?;
    tokio::time::timeout(patience, answer).await.ok()?.ok()?
}

fn answer<T: Send + 'static>(
    keyring: Keyring,
    address: String,
    question: impl FnOnce(Entry) -> Result<T> + Send + 'static,
) -> Option<oneshot::Receiver<Option<T>>> {
    if keyring == Keyring::None {
        return None;
    }
    // The keyring's calls block; a keyring daemon that hangs must not hold a thread of the runtime.
    let (answer, wait) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("keyring".into())
        .spawn(move || {
            let result = entry(&address).and_then(question);
            if let Err(error) = &result {
                tracing::info!(%error, "the keyring did not serve");
            }
            let _ = answer.send(result.ok());
        });
    thread.ok()?;
    Some(wait)
}

#[cfg(not(any(target_os = "android", target_os = "ios")))]
fn entry(address: &str) -> Result<Entry> {
    Entry::new(SERVICE, address)
}

#[cfg(any(target_os = "android", target_os = "ios"))]
fn entry(address: &str) -> Result<Entry> {
    phone::open()?;
    Entry::new(SERVICE, address)
}
