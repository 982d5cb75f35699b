//! A web server that lies.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Answers every request on a free port of loopback with the same bytes, until the process ends.
pub struct Web {
    port: u16,
    asked: Arc<AtomicU32>,
}

impl Web {
    /// `answer` is all of it, headers included.
    pub fn start(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                count.fetch_add(1, Ordering::Relaxed);
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let _ = stream.write_all(&answer);
            }
        });
        Self { port, asked }
    }

    /// A file, told to be of this length.
    pub fn serving(body: &[u8], length: Option<usize>) -> Self {
        let length = length.map_or(String::new(), |length| {
            format!("Content-Length: {length}\r\n")
        });
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: audio/ogg\r\n{length}Connection: close\r\n\r\n"
        )
        .into_bytes();
        answer.extend_from_slice(body);
        Self::start(answer)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }
}
