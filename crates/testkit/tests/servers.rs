//! Both real servers: they start, know an account, and know it again after a stop and after a kill.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use testkit::server::{Cut, Kind, Options, Ports, Server};

/// What the server's first answer on a WebSocket or a TCP stream contains.
fn stream_features(port: u16, domain: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let open = format!(
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{domain}' version='1.0'>"
    );
    stream.write_all(open.as_bytes()).unwrap();
    let mut text = String::new();
    let mut piece = [0; 4096];
    while !text.contains("</stream:features>") {
        let length = stream.read(&mut piece).unwrap();
        assert!(length > 0, "the stream ended: {text}");
        text.push_str(&String::from_utf8_lossy(&piece[..length]));
    }
    text
}

/// The status line after asking for a WebSocket.
fn upgrade(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut piece = [0; 4096];
    let length = stream.read(&mut piece).unwrap();
    String::from_utf8_lossy(&piece[..length])
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Whether the account can be made again, which says whether it is there.
fn knows(server: &Server, user: &str) -> bool {
    match server.kind() {
        Kind::Ejabberd => server.register(user, "another").is_err(),
        // Prosody's tool overwrites; its file is its word.
        Kind::Prosody => server
            .folder()
            .join("data/localhost/accounts")
            .join(format!("{user}.dat"))
            .is_file(),
    }
}

fn check(kind: Kind) {
    let mut server = Server::start(kind, Options::on("localhost")).unwrap();
    server.register("ann", "it's \"secret\"").unwrap();
    assert!(knows(&server, "ann"));
    assert!(
        stream_features(server.tcp_port(), "localhost").contains("urn:ietf:params:xml:ns:xmpp-tls")
    );
    assert!(upgrade(server.http_port(), server.ws_path()).contains("101"));
    assert_eq!(
        server.ws_url(),
        format!("ws://127.0.0.1:{}{}", server.http_port(), server.ws_path())
    );
    assert!(server.ca_pem().is_file());

    server.stop().unwrap();
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, server.tcp_port())).is_err());
    server.start_again().unwrap();
    assert!(knows(&server, "ann"));

    server.kill();
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, server.http_port())).is_err());
    server.start_again().unwrap();
    assert!(knows(&server, "ann"));
    assert!(upgrade(server.http_port(), server.ws_path()).contains("101"));
}

#[test]
fn ejabberd_keeps_its_accounts_through_a_stop_and_a_kill() {
    check(Kind::Ejabberd);
}

#[test]
fn prosody_keeps_its_accounts_through_a_stop_and_a_kill() {
    check(Kind::Prosody);
}

#[test]
fn two_servers_of_a_kind_live_side_by_side_and_behind_a_cut() {
    let ports = Ports::claim().unwrap();
    let cut = Cut::start(ports.http).unwrap();
    let options = Options {
        ports: Some(ports),
        public_http_port: Some(cut.port()),
        ..Options::on("localhost")
    };
    let first = Server::start(Kind::Ejabberd, options).unwrap();
    let second = Server::start(Kind::Ejabberd, Options::on("elsewhere.test")).unwrap();
    assert!(stream_features(second.tcp_port(), "elsewhere.test").contains("from='elsewhere.test'"));
    assert!(upgrade(cut.port(), first.ws_path()).contains("101"));
    assert!(cut.passed().up > 0);
}
