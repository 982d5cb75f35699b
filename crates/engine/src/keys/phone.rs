//! The phone's own keyring: Android's Keystore, the protected data of iOS. `keyring` picks a store on desktops only.

use std::sync::{Mutex, PoisonError};

#[cfg(target_os = "android")]
use android_native_keyring_store::Store;
#[cfg(target_os = "ios")]
use apple_native_keyring_store::protected::Store;
use keyring_core::Result;

/// Makes the phone's keyring the one that entries are in. A failure is asked again the next time.
///
/// # Errors
/// Where the phone has none, or the app is not running in one yet.
pub(super) fn open() -> Result<()> {
    static IS_OPEN: Mutex<bool> = Mutex::new(false);
    let mut is_open = IS_OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if !*is_open {
        keyring_core::set_default_store(Store::new()?);
        *is_open = true;
    }
    Ok(())
}
