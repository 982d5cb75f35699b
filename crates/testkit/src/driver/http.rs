//! As much HTTP as a web-driver on this machine needs: one request, one
//! connection, an answer with a length.

use std::{
    io::{Error, ErrorKind, Read, Write},
    net::TcpStream,
};

use serde_json::Value;

use super::{DriverError, Result};

/// A screenshot of the largest window is far below.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Sends a request and returns the `value` of the answer (WebDriver §6.3).
pub(super) fn request(port: u16, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    )?;
    let mut answer = Vec::new();
    stream.take(LARGEST).read_to_end(&mut answer)?;

    let split = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
    let (head, body) = answer.split_at(split + 4);
    let value = serde_json::from_slice::<Value>(body)
        .map_err(|failure| DriverError::Odd(format!("{method} {path}: {failure}")))?
        .get_mut("value")
        .map(Value::take)
        .unwrap_or_default();
    if head.starts_with(b"HTTP/1.1 200") {
        return Ok(value);
    }
    let said = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    Err(DriverError::Refused(
        format!("{method} {path}: {}", said("error")),
        said("message").to_owned(),
    ))
}

/// Standard base64 (RFC 4648 §4); line breaks are passed over.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'\r' | b'\n' => continue,
            b'=' => break,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
