//! One request to a server on loopback, and its answer. Not a client: no redirects, no chunks, no keep-alive.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(10);

/// A status and a body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// `GET`s `path`.
pub fn get(port: u16, path: &str) -> io::Result<Answer> {
    ask(
        port,
        &format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n"),
    )
}

/// `POST`s `json` to `path`.
pub fn post(port: u16, path: &str, json: &str) -> io::Result<Answer> {
    let length = json.len();
    ask(
        port,
        &format!(
            "POST {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"
        ),
    )
}

/// Whether something listens.
pub fn listens(port: u16) -> bool {
    connect(port).is_ok()
}

fn connect(port: u16) -> io::Result<TcpStream> {
    TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), LIMIT)
}

fn ask(port: u16, request: &str) -> io::Result<Answer> {
    let mut stream = connect(port)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.take(1_000_000).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let (Some(status), Some((_, body))) = (status, text.split_once("\r\n\r\n")) else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "not an HTTP answer",
        ));
    };
    Ok(Answer {
        status,
        body: body.to_owned(),
    })
}
