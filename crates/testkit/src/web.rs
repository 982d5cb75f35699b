//! A web server that lies.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Answers requests on a free port of loopback, one after another, until the process ends. Making one fails where no port is
/// to be had.
pub struct Web {
    port: u16,
    asked: Arc<AtomicU32>,
}

impl Web {
    /// Every request gets the same bytes: `answer` is all of it, headers included.
    pub fn start(answer: Vec<u8>) -> io::Result<Self> {
        Self::scripted(move |_, stream| {
            let _ = stream.write_all(&answer);
        })
    }

    /// What is asked for decides: gets the path without its first slash.
    pub fn scripted(
        mut script: impl FnMut(&str, &mut TcpStream) + Send + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                count.fetch_add(1, Ordering::Relaxed);
                let mut request = [0; 4096];
                let read = stream.read(&mut request).unwrap_or_default();
                let request =
                    String::from_utf8_lossy(request.get(..read).unwrap_or_default()).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default();
                script(path.trim_start_matches('/'), &mut stream);
            }
        });
        Ok(Self { port, asked })
    }

    /// A file, told to be of this length.
    pub fn serving(body: &[u8], length: Option<usize>) -> io::Result<Self> {
        Self::start(file(body, length))
    }

    /// A file that never ends, told to be of this length.
    pub fn endless(length: Option<usize>) -> io::Result<Self> {
        Self::scripted(move |_, stream| {
            let _ = stream.write_all(&file(&[], length));
            while stream.write_all(&[b'x'; 16 * 1024]).is_ok() {}
        })
    }

    /// Of what lies there under this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// How many requests came.
    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }
}

/// An answer with a file, told to be of this length.
pub fn file(body: &[u8], length: Option<usize>) -> Vec<u8> {
    let length = length.map_or(String::new(), |length| {
        format!("Content-Length: {length}\r\n")
    });
    let mut answer =
        format!("HTTP/1.1 200 OK\r\nContent-Type: audio/ogg\r\n{length}Connection: close\r\n\r\n")
            .into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// An answer that says to go elsewhere.
pub fn redirect(to: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}
