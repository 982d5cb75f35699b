//! What clients see of a cut, a stall and a healing, against a server that echoes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::*;

/// Sends back what it gets, on a free port.
fn echo() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut reader = stream.try_clone().unwrap();
                let _ = io::copy(&mut reader, &mut &stream);
                let _ = stream.shutdown(std::net::Shutdown::Write);
            });
        }
    });
    port
}

fn connect(cut: &Cut) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, cut.port())).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    stream
}

fn echoed(stream: &mut TcpStream, text: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(text)?;
    let mut back = vec![0; text.len()];
    stream.read_exact(&mut back)?;
    Ok(back)
}

#[test]
fn fine_weather_passes_bytes_and_ends() {
    let cut = Cut::start(echo()).unwrap();
    let mut stream = connect(&cut);
    assert_eq!(echoed(&mut stream, b"hello").unwrap(), b"hello");
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    assert_eq!(
        cut.passed(),
        Passed {
            connections: 1,
            up: 5,
            down: 5
        }
    );
}

#[test]
fn a_cut_is_a_reset_for_old_and_new_until_healed() {
    let cut = Cut::start(echo()).unwrap();
    let mut old = connect(&cut);
    echoed(&mut old, b"hello").unwrap();
    cut.cut();
    assert_eq!(
        old.read(&mut [0]).unwrap_err().kind(),
        io::ErrorKind::ConnectionReset
    );
    let mut new = connect(&cut);
    assert!(echoed(&mut new, b"hello").is_err());
    cut.heal();
    let mut healed = connect(&cut);
    assert_eq!(echoed(&mut healed, b"hello").unwrap(), b"hello");
}

#[test]
fn a_cut_after_bytes_comes_at_that_byte() {
    let cut = Cut::start(echo()).unwrap();
    let mut stream = connect(&cut);
    echoed(&mut stream, b"hello").unwrap();
    cut.cut_after(Direction::Up, 1_000);
    let _ = stream.write_all(&[7; 100_000]);
    let mut rest = Vec::new();
    assert!(stream.read_to_end(&mut rest).is_err());
    assert_eq!(cut.passed().up, 1_005);
}

#[test]
fn a_stall_holds_bytes_back_and_loses_none() {
    let cut = Cut::start(echo()).unwrap();
    let mut stream = connect(&cut);
    echoed(&mut stream, b"hello").unwrap();
    cut.stall();
    stream.write_all(b"later").unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    assert!(stream.read(&mut [0]).is_err());
    cut.heal();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut back = [0; 5];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"later");
}

#[test]
fn waiting_for_bytes_and_for_the_cut() {
    let cut = Cut::start(echo()).unwrap();
    let mut stream = connect(&cut);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    stream.write_all(b"hello").unwrap();
    runtime.block_on(cut.has_passed(Direction::Down, 5));
    cut.cut_after(Direction::Down, 1);
    stream.write_all(b"hello").unwrap();
    runtime.block_on(cut.is_cut());
    assert_eq!(cut.passed().down, 6);
}

#[test]
fn what_is_swallowed_stays_open_and_silent_and_the_next_is_fine() {
    let cut = Cut::start(echo()).unwrap();
    let mut old = connect(&cut);
    assert_eq!(echoed(&mut old, b"before").unwrap(), b"before");
    cut.swallow();
    let mut new = connect(&cut);
    assert_eq!(echoed(&mut new, b"hello").unwrap(), b"hello");
    old.set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let silence = echoed(&mut old, b"anybody?").unwrap_err();
    assert_eq!(silence.kind(), io::ErrorKind::WouldBlock);
    cut.heal();
    let silence = old.read(&mut [0]).unwrap_err();
    assert_eq!(silence.kind(), io::ErrorKind::WouldBlock);
    cut.cut();
    old.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let reset = old.read(&mut [0]).unwrap_err();
    assert_eq!(reset.kind(), io::ErrorKind::ConnectionReset);
}
