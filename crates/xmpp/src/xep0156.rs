//! XEP-0156: where a domain says its WebSocket is.

use std::time::Duration;

use minidom::Element;
use reqwest::redirect::Policy;
use url::Url;

use crate::{ServerAddress, address, connect};

const NS: &str = "http://docs.oasis-open.org/ns/xri/xrd-1.0";
const REL: &str = "urn:xmpp:alt-connections:websocket";
/// A host-meta file is some hundred bytes.
const MAX_FILE: usize = 64 * 1024;
const TIMEOUT: Duration = Duration::from_secs(4);

/// The WebSocket of a domain, if it announces an encrypted one. Failures are silent: there are other ways to a server.
///
/// Only the XML form is read; §2 makes it the one every domain with host-meta has.
pub(crate) async fn web_socket_of(domain: &str) -> Option<Url> {
    if address::is_loopback(domain) {
        return None;
    }
    let url = Url::parse(&format!("https://{domain}/.well-known/host-meta")).ok()?;
    let tls = rustls::ClientConfig::clone(&*connect::tls_config().ok()?);
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(true)
        .redirect(Policy::limited(3))
        .timeout(TIMEOUT)
        .build()
        .ok()?;
    let mut answer = client.get(url).send().await.ok()?.error_for_status().ok()?;
    let mut file = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if file.len() + chunk.len() > MAX_FILE {
            return None;
        }
        file.extend_from_slice(&chunk);
    }
    parse(std::str::from_utf8(&file).ok()?)
}

/// The first encrypted WebSocket in a host-meta file.
pub(crate) fn parse(xml: &str) -> Option<Url> {
    let xrd: Element = xml.trim().parse().ok()?;
    if !xrd.is("XRD", NS) {
        return None;
    }
    xrd.children()
        .filter(|link| link.is("Link", NS) && link.attr("rel") == Some(REL))
        .filter_map(|link| Url::parse(link.attr("href")?).ok())
        .filter(|url| url.scheme() == "wss")
        .find_map(|url| match address::web_socket(url) {
            Ok(ServerAddress::WebSocket(url)) => Some(url),
            _ => None,
        })
}

#[cfg(test)]
mod tests;
