use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

#[test]
fn the_most_telling_failure_is_told() {
    let tells = |a: ConnectError, b: ConnectError| telling(&a) > telling(&b);
    let unreachable = || ConnectError::Unreachable("connection refused".to_owned());
    assert!(tells(unreachable(), ConnectError::UnknownHost));
    assert!(tells(ConnectError::Timeout, unreachable()));
    assert!(tells(
        ConnectError::Tls(TlsFault::Untrusted),
        ConnectError::NotXmpp(String::new())
    ));
    assert!(tells(ConnectError::WrongServer, ConnectError::Timeout));
}

#[test]
fn certificates() {
    use rustls::CertificateError::{Expired, NotValidForName, UnknownIssuer};
    let fault = |reason| tls_fault(&rustls::Error::InvalidCertificate(reason));
    assert_eq!(fault(Expired), ConnectError::Tls(TlsFault::Expired));
    assert_eq!(
        fault(NotValidForName),
        ConnectError::Tls(TlsFault::NameMismatch)
    );
    assert_eq!(fault(UnknownIssuer), ConnectError::Tls(TlsFault::Untrusted));
    let wrapped = io::Error::new(
        io::ErrorKind::InvalidData,
        rustls::Error::InvalidCertificate(Expired),
    );
    assert_eq!(io_fault(&wrapped), ConnectError::Tls(TlsFault::Expired));
}

/// A listener that hears whoever comes, says one thing and nothing more.
async fn says(greeting: impl Into<String>) -> ServerAddress {
    let greeting = greeting.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        tcp.read_u8().await.unwrap();
        tcp.write_all(greeting.as_bytes()).await.unwrap();
        tcp.shutdown().await.unwrap();
        let _ = tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await;
    });
    ServerAddress::Host {
        host: "127.0.0.1".to_owned(),
        port,
    }
}

async fn refused(server: ServerAddress) -> ConnectError {
    let jid = "ann@x.example".parse().unwrap();
    match reach(&jid, Some(&server), &TaskTracker::new()).await {
        Ok(_) => unreachable!("it was not a server"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn what_is_not_a_server_is_told_apart() {
    let http = says("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    assert!(matches!(refused(http).await, ConnectError::NotXmpp(_)));
    let other = says(
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         id='1' version='1.0'><stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    )
    .await;
    assert_eq!(refused(other).await, ConnectError::WrongServer);
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let host = "127.0.0.1".to_owned();
    assert!(matches!(
        refused(ServerAddress::Host { host, port }).await,
        ConnectError::Unreachable(_)
    ));
}

/// Before TLS, and where there is none, the guard is in the way as well.
#[tokio::test]
async fn plain_text_is_guarded() {
    const DEEP: usize = 6000;
    let greeting = format!(
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
         xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'><stream:features/>\
         <message>{}{}</message><message id='2'><body>hi</body></message>",
        "<a>".repeat(DEEP),
        "</a>".repeat(DEEP)
    );
    let ServerAddress::Host { host, port } = says(greeting).await else {
        unreachable!("a host");
    };
    let tcp = tcp(&host, port).await.unwrap();
    let jid = "ann@x.example".parse().unwrap();
    let mut reached = start_tls(tcp, &jid, true).await.ok().unwrap();
    for expected in ["id: None", "id: Some(Id(\"2\"))"] {
        let element = reached.stream.next().await.unwrap().unwrap();
        let element = format!("{element:?}");
        assert!(element.contains(expected), "{element:.300}");
    }
}

#[tokio::test]
async fn no_encryption_is_fine_on_this_machine_only() {
    const FEATURES: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
        xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'><stream:features/>";
    let jid: BareJid = "ann@x.example".parse().unwrap();
    let ServerAddress::Host { host, port } = says(FEATURES).await else {
        unreachable!("a host");
    };
    let tcp = tcp(&host, port).await.unwrap();
    assert!(start_tls(tcp, &jid, true).await.is_ok());
    let ServerAddress::Host { host, port } = says(FEATURES).await else {
        unreachable!("a host");
    };
    let tcp = super::tcp(&host, port).await.unwrap();
    let remote = start_tls(tcp, &jid, false).await.err();
    assert_eq!(remote, Some(ConnectError::Tls(TlsFault::NotOffered)));
}
