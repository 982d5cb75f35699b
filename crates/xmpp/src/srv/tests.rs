use std::net::SocketAddr;

use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ProtocolConfig, ResolverConfig,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{Record as Answer, RecordType};
use tokio::net::UdpSocket;

use super::*;

fn record(priority: u16, weight: u16, host: &str, tls: bool) -> Record {
    let target = Target {
        host: host.to_owned(),
        port: 1,
        tls,
    };
    Record {
        priority,
        weight,
        target,
    }
}

fn hosts(targets: &[Target]) -> Vec<&str> {
    targets.iter().map(|target| target.host.as_str()).collect()
}

#[test]
fn by_priority_then_direct_tls_then_weight() {
    let records = vec![
        record(20, 0, "last", true),
        record(10, 0, "starttls", false),
        record(10, 1, "light", true),
        record(10, 9, "heavy", true),
        record(5, 0, "first", false),
    ];
    let most = arranged(records.clone(), |below| below - 1);
    assert_eq!(
        hosts(&most),
        ["first", "heavy", "light", "starttls", "last"]
    );
    let least = arranged(records, |_| 0);
    assert_eq!(
        hosts(&least),
        ["first", "light", "heavy", "starttls", "last"]
    );
}

#[test]
fn weights_are_chances() {
    let mut next = 0_u32;
    let mut first = [0_u32; 3];
    for _ in 0..1_000 {
        let records = vec![
            record(1, 0, "0", true),
            record(1, 10, "1", true),
            record(1, 30, "2", true),
        ];
        let order = arranged(records, |below| {
            next += 1;
            (next * 7_919) % below
        });
        assert_eq!(order.len(), 3);
        let index: usize = order[0].host.parse().unwrap();
        first[index] += 1;
    }
    let [none, one, three] = first;
    assert!(none < 100 && one > 150 && three > 2 * one, "{first:?}");
}

/// A name server that knows these.
async fn knows(zone: Vec<(&'static str, SRV)>) -> TokioResolver {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let SocketAddr::V4(own) = socket.local_addr().unwrap() else {
        unreachable!("an IPv4 address");
    };
    tokio::spawn(async move {
        let mut buffer = [0; 1_500];
        loop {
            let (length, peer) = socket.recv_from(&mut buffer).await.unwrap();
            let query = Message::from_vec(&buffer[..length]).unwrap();
            let mut answer = query.into_response();
            let asked = answer.queries[0].clone();
            for (name, srv) in &zone {
                let name = Name::from_ascii(name).unwrap();
                if asked.query_type() == RecordType::SRV && *asked.name() == name {
                    answer.add_answer(Answer::from_rdata(name, 60, RData::SRV(srv.clone())));
                }
            }
            if answer.answers.is_empty() {
                answer.metadata.response_code = ResponseCode::NXDomain;
            }
            socket
                .send_to(&answer.to_vec().unwrap(), peer)
                .await
                .unwrap();
        }
    });
    let mut connection = ConnectionConfig::new(ProtocolConfig::Udp);
    connection.port = own.port();
    let server = NameServerConfig::new((*own.ip()).into(), true, vec![connection]);
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        .build()
        .unwrap()
}

fn srv(priority: u16, port: u16, target: &str) -> SRV {
    SRV::new(priority, 0, port, Name::from_ascii(target).unwrap())
}

#[tokio::test]
async fn what_dns_says() {
    const STARTTLS: &str = "_xmpp-client._tcp.x.example.";
    const TLS: &str = "_xmpps-client._tcp.x.example.";
    let ask = async |zone| {
        let found = records(&knows(zone).await, "x.example").await;
        found.map(|records| {
            let targets = arranged(records, |_| 0).into_iter();
            targets
                .map(|target| (target.host, target.port, target.tls))
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(ask(vec![]).await, None);
    let target = |host: &str, port, tls| (host.to_owned(), port, tls);
    assert_eq!(
        ask(vec![(STARTTLS, srv(5, 5222, "chat.x.example."))]).await,
        Some(vec![target("chat.x.example", 5222, false)])
    );
    assert_eq!(
        ask(vec![
            (STARTTLS, srv(5, 5222, "a.x.example.")),
            (TLS, srv(5, 443, "b.x.example.")),
            (STARTTLS, srv(1, 80, "c.x.example.")),
        ])
        .await,
        Some(vec![
            target("c.x.example", 80, false),
            target("b.x.example", 443, true),
            target("a.x.example", 5222, false)
        ])
    );
    assert_eq!(
        ask(vec![
            (TLS, srv(0, 0, ".")),
            (STARTTLS, srv(5, 5222, "a.x.example."))
        ])
        .await,
        Some(vec![target("a.x.example", 5222, false)])
    );
    assert_eq!(ask(vec![(STARTTLS, srv(0, 0, "."))]).await, Some(vec![]));
}

#[tokio::test]
async fn this_machine_and_addresses_are_not_asked_for() {
    for domain in ["localhost", "127.0.0.1", "[::1]"] {
        let found = targets(domain).await;
        assert_eq!(hosts(&found), [domain]);
        assert!(!found[0].tls);
    }
}
