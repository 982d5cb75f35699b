//! Signing in where it cannot work: each its own fault, once, and nothing left behind.

use api::{Fault, FaultKind, Register, Secret, SignIn};
use testkit::server::{Certificate, Kind, Options, Ports, Server};

use crate::person::{Account, Home, Person, env, mute};
use crate::place;

/// Tries to sign in; the fault, after looking that nothing is left.
async fn refused(address: &str, server: Option<String>) -> Fault {
    let account = Account {
        address: address.to_owned(),
        password: "a fine password".into(),
        server: server.clone().unwrap_or_default(),
    };
    let home = Home::new();
    let ann = Person::open(&account, home.clone(), env(mute())).await;
    let sign_in = SignIn {
        address: account.address.clone(),
        password: Secret(account.password.clone()),
        server,
    };
    let fault = ann.ask(sign_in).await.unwrap_err();
    assert!(ann.look(|seen| seen.account.is_none()));
    ann.close().await;
    let accounts = std::fs::read_dir(home.path().join("accounts"));
    let left = accounts.map_or(0, |folders| folders.count());
    assert_eq!(left, 0, "a folder of an account that never was");
    fault
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_is_told() {
    for (address, server) in [
        ("ann@millet-test.invalid", None),
        ("ann@localhost", Some("millet-test.invalid:5222")),
        ("ann@localhost", Some("wss://millet-test.invalid/ws")),
    ] {
        let fault = refused(address, server.map(str::to_owned)).await;
        assert_eq!(
            fault.kind,
            FaultKind::UnknownHost,
            "{address} {server:?}: {fault}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_have_the_domain_is_told() {
    let server = place::ejabberd();
    let fault = refused("ann@millet-test.invalid", Some(server.ws_url())).await;
    assert_eq!(fault.kind, FaultKind::UnknownHost, "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_listening_is_being_offline() {
    let ports = Ports::claim().unwrap();
    for server in [
        format!("localhost:{}", ports.tcp),
        format!("ws://127.0.0.1:{}/ws", ports.http),
    ] {
        let fault = refused("ann@localhost", Some(server.clone())).await;
        assert_eq!(fault.kind, FaultKind::Offline, "{server}: {fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn something_else_listening_is_told() {
    let server = place::ejabberd();
    for wrong in [
        format!("localhost:{}", server.http_port()),
        format!("ws://127.0.0.1:{}/upload", server.http_port()),
    ] {
        let fault = refused("ann@localhost", Some(wrong.clone())).await;
        assert_eq!(fault.kind, FaultKind::NotXmpp, "{wrong}: {fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_is_told() {
    for address in [
        "",
        "ann",
        "@localhost",
        "ann@",
        "a b@localhost",
        "localhost",
    ] {
        assert_eq!(
            refused(address, None).await.kind,
            FaultKind::BadAddress,
            "{address}"
        );
    }
    let fault = refused("ann@localhost", Some("ws://example.org/ws".into())).await;
    assert_eq!(fault.kind, FaultKind::PlaintextRefused);
    let fault = refused("ann@localhost", Some("not a server".into())).await;
    assert_eq!(fault.kind, FaultKind::BadServer);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untrusted_certificate_is_refused() {
    for kind in Kind::ALL {
        let options = Options {
            certificate: Certificate::Untrusted,
            ..Options::on("localhost")
        };
        let server = Server::start(kind, options).unwrap();
        server.register("ann", "a fine password").unwrap();
        for way in [format!("localhost:{}", server.tcp_port()), server.wss_url()] {
            let fault = refused("ann@localhost", Some(way.clone())).await;
            assert_eq!(fault.kind, FaultKind::TlsRefused, "{kind:?} {way}: {fault}");
        }
    }
}

/// The certificate is the server's, and trusted, and not this domain's.
#[test]
fn a_certificate_of_another_domain_is_refused() {
    place::trusting(
        "refusals::a_certificate_of_another_domain_is_refused",
        || {
            place::run(async {
                let server = place::ejabberd();
                let way = format!("localhost:{}", server.tcp_port());
                let fault = refused("ann@millet-test.invalid", Some(way)).await;
                let kinds = [FaultKind::TlsRefused, FaultKind::UnknownHost];
                assert!(kinds.contains(&fault.kind), "{fault}");
                Person::sign_in(&Account::new(&server, "ann").over(server.wss_url()), mute()).await;
            });
        },
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_may_be_closed() {
    let mut servers = vec![place::ejabberd()];
    servers.push(std::sync::Arc::new(
        Server::start(Kind::Prosody, Options::on("localhost")).unwrap(),
    ));
    for server in servers {
        let account = Account {
            address: server.address("stranger"),
            password: "a fine password".into(),
            server: server.ws_url(),
        };
        let ann = Person::open(&account, Home::new(), env(mute())).await;
        let SignIn {
            address,
            password,
            server: at,
        } = account.sign_in();
        let register = Register {
            address,
            password,
            server: at,
        };
        let fault = ann.ask(register).await.unwrap_err();
        assert_eq!(
            fault.kind,
            FaultKind::RegistrationClosed,
            "{:?}: {fault}",
            server.kind()
        );
    }
}
