use super::*;

fn check(typed: &str, expected: &str) {
    let got = match typed.parse::<ServerAddress>() {
        Ok(ServerAddress::WebSocket(url)) => format!("ws {url}"),
        Ok(ServerAddress::Host { host, port }) => format!("tcp {host} {port}"),
        Err(error) => format!("{error:?}"),
    };
    assert_eq!(got, expected, "typed: {typed:?}");
}

#[test]
fn what_a_person_types() {
    check("wss://chat.example/ws", "ws wss://chat.example/ws");
    check(" ws://127.0.0.1:5443/ws ", "ws ws://127.0.0.1:5443/ws");
    check("ws://localhost:5443/ws", "ws ws://localhost:5443/ws");
    check("ws://[::1]:5443/ws", "ws ws://[::1]:5443/ws");
    check("chat.example", "tcp chat.example 5222");
    check("chat.example:5223", "tcp chat.example 5223");
    check("127.0.0.1:5222", "tcp 127.0.0.1 5222");
    check("::1", "tcp ::1 5222");
    check("[::1]:15222", "tcp ::1 15222");
    check("例子.中国", "tcp 例子.中国 5222");
}

#[test]
fn refused() {
    check("", "Empty");
    check("ws://chat.example/ws", "PlaintextRefused");
    check("ws://127.0.0.1.evil.example/ws", "PlaintextRefused");
    check("ws://localhost.evil.example/ws", "PlaintextRefused");
    check("https://chat.example", "UnknownScheme");
    check("chat.example:0", "Malformed");
    check("chat.example:99999", "Malformed");
    check("ann@chat.example", "Malformed");
    check("chat.example/ws", "Malformed");
    check("[::1", "Malformed");
    check(&"a".repeat(5000), "Malformed");
}
