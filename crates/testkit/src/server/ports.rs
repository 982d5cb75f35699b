//! Ports on loopback that nobody else gets while we hold them, even between a stop and the next start.
//!
//! Asking the system for a free port and giving it back leaves a moment in which another test, or any outgoing
//! connection, takes it. So: blocks below the range of outgoing connections, each claimed by listening on its first
//! port for as long as the claim lives. That excludes other processes too, and ends with us however we end.

use std::net::{Ipv4Addr, TcpListener};

use super::ServerError;

const FIRST: u16 = 21_000;
const LAST: u16 = 31_990;
const BLOCK: u16 = 5;

/// Four ports on 127.0.0.1, ours until dropped.
#[derive(Debug)]
pub struct Ports {
    /// XMPP with STARTTLS.
    pub tcp: u16,
    /// XMPP with direct TLS.
    pub tls: u16,
    /// HTTP and WebSocket.
    pub http: u16,
    /// The same with TLS.
    pub https: u16,
    _claim: TcpListener,
}

impl Ports {
    /// Claims four free ports.
    pub fn claim() -> Result<Self, ServerError> {
        for base in (FIRST..LAST).step_by(usize::from(BLOCK)) {
            let Ok(claim) = listen(base) else { continue };
            if (base + 1..base + BLOCK).all(|port| listen(port).is_ok()) {
                let (tcp, tls, http, https) = (base + 1, base + 2, base + 3, base + 4);
                return Ok(Self {
                    tcp,
                    tls,
                    http,
                    https,
                    _claim: claim,
                });
            }
        }
        Err(ServerError::NoPorts {
            first: FIRST,
            last: LAST,
        })
    }
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}
