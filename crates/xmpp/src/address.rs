//! The server a person typed, and the rule that plain text stays on this machine.

use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;
use url::Url;

/// Where to connect, as typed into the optional server field.
///
/// Accepted: `wss://host/path`, `ws://127.0.0.1:5443/ws`, `host`, `host:5222`, `[::1]:5222`. Without encryption only
/// to this machine: a remote `ws://` does not parse; a loopback host is upgraded by STARTTLS where the server offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerAddress {
    /// RFC 7395 over `wss`, or `ws` to a loopback host.
    WebSocket(Url),
    /// TCP to a host. Without a port: 5222 with STARTTLS.
    Host {
        /// A name or an IP address, without brackets.
        host: String,
        /// The port; 5223 and 443 are spoken to with TLS from the first byte (XEP-0368).
        port: u16,
    },
}

/// Why a typed server address is not usable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Nothing was typed.
    #[error("the server address is empty")]
    Empty,
    /// `ws://` to another machine would send everything in plain text.
    #[error("plain ws:// is allowed to this machine only")]
    PlaintextRefused,
    /// A scheme other than `ws` and `wss`.
    #[error("only ws:// and wss:// addresses are known")]
    UnknownScheme,
    /// Neither an address nor a host name with an optional port.
    #[error("not a server address")]
    Malformed,
}

/// The port of RFC 6120 §14.7.
const DEFAULT_PORT: u16 = 5222;

/// Longer is no host name (RFC 1035 allows 253), and no address a person types.
const MAX_LEN: usize = 1024;

impl ServerAddress {
    /// Whether the connection cannot leave this machine.
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::WebSocket(url) => url.host_str().is_some_and(is_loopback),
            Self::Host { host, .. } => is_loopback(host),
        }
    }
}

impl FromStr for ServerAddress {
    type Err = AddressError;

    fn from_str(typed: &str) -> Result<Self, AddressError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(AddressError::Empty);
        }
        if typed.len() > MAX_LEN {
            return Err(AddressError::Malformed);
        }
        if typed.contains("://") {
            let url = Url::parse(typed).map_err(|_| AddressError::Malformed)?;
            return web_socket(url);
        }
        let (host, port) = split_port(typed)?;
        let plausible = host.parse::<IpAddr>().is_ok()
            || (host.len() <= 253
                && !host.is_empty()
                && !host.contains(|c: char| c.is_whitespace() || "/@:?#[]\\\"'<>".contains(c)));
        if !plausible {
            return Err(AddressError::Malformed);
        }
        Ok(Self::Host {
            host: host.to_owned(),
            port,
        })
    }
}

/// Checks the scheme, and that plain text stays on this machine.
pub(crate) fn web_socket(url: Url) -> Result<ServerAddress, AddressError> {
    let host = url.host_str().ok_or(AddressError::Malformed)?;
    match url.scheme() {
        "wss" => {}
        "ws" if is_loopback(host) => {}
        "ws" => return Err(AddressError::PlaintextRefused),
        _ => return Err(AddressError::UnknownScheme),
    }
    Ok(ServerAddress::WebSocket(url))
}

/// Whether a host is this machine: `localhost`, names below it (RFC 6761 §6.3), `127.0.0.0/8` and `::1`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => {
            let host = host.trim_end_matches('.').to_ascii_lowercase();
            host == "localhost" || host.ends_with(".localhost")
        }
    }
}

fn split_port(typed: &str) -> Result<(&str, u16), AddressError> {
    let port = |text: &str| match text.parse() {
        Ok(0) | Err(_) => Err(AddressError::Malformed),
        Ok(port) => Ok(port),
    };
    if let Some(rest) = typed.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or(AddressError::Malformed)?;
        return match rest.strip_prefix(':') {
            Some(text) => Ok((host, port(text)?)),
            None if rest.is_empty() => Ok((host, DEFAULT_PORT)),
            None => Err(AddressError::Malformed),
        };
    }
    if typed.parse::<IpAddr>().is_ok() {
        return Ok((typed, DEFAULT_PORT));
    }
    match typed.rsplit_once(':') {
        Some((host, text)) => Ok((host, port(text)?)),
        None => Ok((typed, DEFAULT_PORT)),
    }
}

#[cfg(test)]
mod tests;
