//! Whose certificates count: the platform decides.
//!
//! On Android its judge is in Java, and a Rust library reaches it only by `unsafe` and with a class of its own in the app's
//! package; not initialised, it panics. There the system's own list of authorities is read from its files instead.
//! Lost by that: authorities that the phone's owner or employer added or took away, and revocation.
//!
//! Rejected: a list that is built in, which would trust today's authorities for as long as a phone is not updated.

use rustls::client::WantsClientCert;
use rustls::{ClientConfig, ConfigBuilder, Error, WantsVerifier};

/// The judge for a configuration.
///
/// # Errors
/// Where the platform has none.
#[cfg(not(target_os = "android"))]
pub(crate) fn by_platform(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, Error> {
    rustls_platform_verifier::BuilderVerifierExt::with_platform_verifier(builder)
}

/// The judge for a configuration. Without a readable list nobody is trusted.
///
/// # Errors
/// None; other platforms have some.
#[cfg(target_os = "android")]
pub(crate) fn by_platform(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, Error> {
    Ok(builder.with_root_certificates(authorities()))
}

/// Updated by themselves since Android 14; with the system before.
#[cfg(target_os = "android")]
const LISTS: [&str; 2] = [
    "/apex/com.android.conscrypt/cacerts",
    "/system/etc/security/cacerts",
];

#[cfg(target_os = "android")]
fn authorities() -> rustls::RootCertStore {
    let mut authorities = rustls::RootCertStore::empty();
    for list in LISTS {
        let read = rustls_native_certs::load_certs_from_paths(None, Some(list.as_ref()));
        authorities.add_parsable_certificates(read.certs);
        // The older list would bring back whom the newer one has dropped.
        if !authorities.is_empty() {
            break;
        }
    }
    if authorities.is_empty() {
        tracing::error!("the system's certificate authorities cannot be read");
    }
    authorities
}
