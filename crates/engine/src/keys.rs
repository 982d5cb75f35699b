//! Passwords in the system's keyring. A keyring that is absent, locked or slow is the same as none.

use std::time::Duration;

use api::Secret;

use crate::Keyring;

const SERVICE: &str = "im.millet.messenger";

/// A locked keyring asks the user and answers when they do; sign-in does not wait for that longer than this.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same at a start, where nothing else can be done meanwhile but to type the password anyway, which is taken.
const START_PATIENCE: Duration = Duration::from_secs(45);

/// Keeps a password. Whether the keyring took it.
pub(crate) async fn remember(keyring: Keyring, address: String, password: Secret) -> bool {
    ask(keyring, address, PATIENCE, move |entry| {
        entry.set_password(&password.0)
    })
    .await
    .is_some()
}

/// The password of an address, where the keyring has it.
pub(crate) async fn recall(keyring: Keyring, address: String) -> Option<Secret> {
    ask(keyring, address, START_PATIENCE, |entry| {
        entry.get_password()
    })
    .await
    .map(Secret)
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
    question: impl FnOnce(keyring::Entry) -> keyring::Result<T> + Send + 'static,
) -> Option<T> {
    if keyring == Keyring::None {
        return None;
    }
    // The keyring's calls block; a keyring daemon that hangs must not hold a thread of the runtime.
    let (answer, wait) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("keyring".into())
        .spawn(move || {
            let result = keyring::Entry::new(SERVICE, &address).and_then(question);
            if let Err(error) = &result {
                tracing::info!(%error, "the keyring did not serve");
            }
            let _ = answer.send(result.ok());
        });
    thread.ok()?;
    tokio::time::timeout(patience, wait).await.ok()?.ok()?
}
