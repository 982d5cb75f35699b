//! Where a domain's DNS says its servers are (RFC 6120 §3.2, RFC 2782, XEP-0368).
//!
//! tokio-xmpp's own lookup was rejected: it takes the records in whatever order they come, and knows direct TLS where no
//! record offers it, which costs ten seconds behind a firewall that swallows what goes to its port.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::{Name, RData};
use tokio::time::timeout;
use url::Host;

use crate::address;

const TIMEOUT: Duration = Duration::from_secs(5);

/// More are somebody's joke: each may take ten seconds.
const MAX_RECORDS: usize = 16;

/// Where to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// TLS from the first byte rather than STARTTLS.
    pub(crate) tls: bool,
}

#[derive(Debug, Clone)]
struct Record {
    priority: u16,
    weight: u16,
    target: Target,
}

/// The servers of a domain, in the order in which to try them: none if the domain says that it has none.
pub(crate) async fn targets(domain: &str) -> Vec<Target> {
    let fallback = || {
        vec![Target {
            host: domain.to_owned(),
            port: 5222,
            tls: false,
        }]
    };
    // Names of this machine and addresses have no records.
    let Ok(Host::Domain(name)) = Host::parse(domain) else {
        return fallback();
    };
    if address::is_loopback(domain) {
        return fallback();
    }
    let Ok(Ok(resolver)) = TokioResolver::builder_tokio().map(|builder| builder.build()) else {
        return fallback();
    };
    let seed = RandomState::new();
    let mut drawn = 0_u64;
    let random = move |below: u32| {
        drawn += 1;
        u32::try_from(seed.hash_one(drawn) % u64::from(below)).unwrap_or_default()
    };
    match records(&resolver, &name).await {
        Some(records) => arranged(records, random),
        None => fallback(),
    }
}

/// Both kinds together. `None`: there are none of either (RFC 6120 §3.2.2).
async fn records(resolver: &TokioResolver, domain: &str) -> Option<Vec<Record>> {
    let (tls, starttls) = tokio::join!(
        of_service(resolver, "_xmpps-client._tcp", domain, true),
        of_service(resolver, "_xmpp-client._tcp", domain, false),
    );
    if tls.is_none() && starttls.is_none() {
        return None;
    }
    Some(tls.into_iter().chain(starttls).flatten().collect())
}

/// The records of one service, `None` if there are none. Without those that say that it is not there (RFC 2782: ".").
async fn of_service(
    resolver: &TokioResolver,
    service: &str,
    domain: &str,
    tls: bool,
) -> Option<Vec<Record>> {
    let name = Name::from_ascii(format!("{service}.{domain}.")).ok()?;
    let found = timeout(TIMEOUT, resolver.srv_lookup(name))
        .await
        .ok()?
        .ok()?;
    let records = found.answers().iter().filter_map(|answer| {
        let RData::SRV(srv) = &answer.data else {
            return None;
        };
        Some(Record {
            priority: srv.priority,
            weight: srv.weight,
            target: Target {
                host: srv.target.to_ascii().trim_end_matches('.').to_owned(),
                port: srv.port,
                tls,
            },
        })
    });
    let records: Vec<_> = records.take(MAX_RECORDS).collect();
    (!records.is_empty()).then(|| {
        let mut there = records;
        there.retain(|record| !record.target.host.is_empty());
        there
    })
}

/// By priority; of one priority those with direct TLS first (XEP-0368 §3 lets us), and then drawn by weight.
/// `random` draws a number below the one it is given.
fn arranged(mut records: Vec<Record>, mut random: impl FnMut(u32) -> u32) -> Vec<Target> {
    let class = |record: &Record| (record.priority, !record.target.tls);
    // Those of no weight stand first among their like, and so have a small chance.
    records.sort_by_key(|record| (class(record), record.weight));
    let mut out = Vec::with_capacity(records.len());
    while let Some(first) = records.first() {
        let like = records.partition_point(|record| class(record) <= class(first));
        let among = records.get(..like).unwrap_or_default();
        let sum: u32 = among.iter().map(|record| u32::from(record.weight)).sum();
        let drawn = random(sum + 1);
        let mut reached = 0;
        let chosen = among.iter().position(|record| {
            reached += u32::from(record.weight);
            reached >= drawn
        });
        out.push(records.remove(chosen.unwrap_or_default()).target);
    }
    out
}

#[cfg(test)]
mod tests;
