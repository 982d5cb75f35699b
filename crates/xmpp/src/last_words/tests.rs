use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

async fn reason_after(said: &str) -> ConnectError {
    let (mut server, ours) = tokio::io::duplex(64);
    let words = LastWords::default();
    let mut reader = Listening::new(ours, words.clone());
    let said = said.to_owned();
    let server = async move {
        server.write_all(said.as_bytes()).await.unwrap();
        drop(server);
    };
    let mut all = Vec::new();
    let (read, ()) = tokio::join!(reader.read_to_end(&mut all), server);
    read.unwrap();
    words.reason()
}

#[tokio::test]
async fn the_error_that_ends_a_stream() {
    let error = |condition: &str| {
        format!(
            "{}<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
            "x".repeat(5000)
        )
    };
    assert_eq!(
        reason_after(&error("conflict")).await,
        ConnectError::ResourceConflict
    );
    assert_eq!(
        reason_after(&error("policy-violation")).await,
        ConnectError::PolicyViolation
    );
    assert_eq!(
        reason_after(&error("system-shutdown")).await,
        ConnectError::ServerUnavailable
    );
    assert_eq!(reason_after(&error("bad-format")).await, ConnectError::Lost);
    assert_eq!(reason_after("<message/>").await, ConnectError::Lost);
    assert_eq!(
        reason_after("<message><body>&lt;stream:error>&lt;conflict </body></message>").await,
        ConnectError::Lost
    );
}

#[tokio::test]
async fn a_cut_wakes_the_reader() {
    let (_server, ours) = tokio::io::duplex(64);
    let words = LastWords::default();
    let mut reader = Listening::new(ours, words.clone());
    let reading = tokio::spawn(async move { reader.read_u8().await });
    tokio::task::yield_now().await;
    words.cut();
    assert_eq!(
        reading.await.unwrap().unwrap_err().kind(),
        io::ErrorKind::TimedOut
    );
}
