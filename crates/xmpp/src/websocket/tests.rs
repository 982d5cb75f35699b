use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;

/// The bridge between a pipe and a WebSocket server, both ours.
#[tokio::test]
async fn carries_both_ways_and_ends_with_the_pipe() {
    let (client_socket, server_socket) = tokio::io::duplex(1024);
    let client = WebSocketStream::from_raw_socket(client_socket, Role::Client, None).await;
    let mut server = WebSocketStream::from_raw_socket(server_socket, Role::Server, None).await;
    let (mut ours, theirs) = tokio::io::duplex(16);
    let bridge = tokio::spawn(bridge(client, theirs));

    ours.write_all(b"<?xml version='1.0'?>\n<stream:stream xmlns='jabber:client' to='x' xmlns:stream='http://etherx.jabber.org/streams'>")
        .await
        .unwrap();
    let open = server.next().await.unwrap().unwrap();
    assert!(open.to_text().unwrap().starts_with("<open "), "{open}");

    let frame = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>";
    server.send(Message::text(frame)).await.unwrap();
    server
        .send(Message::text(
            "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
        ))
        .await
        .unwrap();
    let mut said = String::new();
    while !said.ends_with("</stream:stream>") {
        let mut chunk = [0; 16];
        let n = ours.read(&mut chunk).await.unwrap();
        assert!(n > 0, "{said}");
        said.push_str(std::str::from_utf8(&chunk[..n]).unwrap());
    }
    assert!(said.contains("<stream:stream "), "{said}");

    drop(ours);
    while let Some(Ok(message)) = server.next().await {
        assert!(message.is_close(), "{message}");
    }
    bridge.await.unwrap();
}

#[tokio::test]
async fn binary_messages_end_it() {
    let (client_socket, server_socket) = tokio::io::duplex(1024);
    let client = WebSocketStream::from_raw_socket(client_socket, Role::Client, None).await;
    let mut server = WebSocketStream::from_raw_socket(server_socket, Role::Server, None).await;
    let (mut ours, theirs) = tokio::io::duplex(64);
    let bridge = tokio::spawn(bridge(client, theirs));
    server.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(ours.read(&mut [0; 8]).await.unwrap(), 0);
    bridge.await.unwrap();
}

#[tokio::test]
async fn plain_text_stays_on_this_machine() {
    let url = Url::parse("http://127.0.0.1:1/ws").unwrap();
    let tracker = TaskTracker::new();
    assert!(open(&url, &tracker).await.is_err());
}
