//! What happens around the app and no server tells: the machine slept, the network is another, or is metered.
//!
//! Either way connections may be dead while they look alive, and waits may run for a reason that is gone. This module
//! notices; what is done about it is [`Account::shaken`](crate::account::Account::shaken).
//!
//! - Sleep: a short timer, held against the clock on the wall. Where the timer stood still meanwhile (Linux, macOS) or was
//!   long overdue (Windows), the machine slept, or this process was stopped, which comes to the same. A clock that
//!   somebody set forward is taken for sleep too: that costs a ping.
//! - The network: addresses that came or went, as the system tells them (netlink, routing socket, `NotifyIpInterfaceChange`),
//!   without polling. Those of this machine alone say nothing of the way to a server: loopback, link-local.
//!
//! Rejected: `CLOCK_BOOTTIME` and its like, a different one on each system and unsafe on two, for a difference that only
//! somebody notices who sets the clock while asleep; logind's and `IORegisterForSystemPower`'s signals, a dependency each;
//! `if-watch`, which brings a netlink stack of eight crates. Not told of the network on Android, whose source needs an
//! SDK to compile; there the pause of an app in the background is noticed as sleep.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use api::Millis;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::account::Account;

mod calm;
#[cfg(target_os = "linux")]
mod metered;

use calm::Calm;

/// How often the clocks are compared. Two wakes of a few microseconds in four seconds.
const TICK: Duration = Duration::from_secs(2);

/// A pause shorter than this breaks no connection, and a busy machine has such.
const SLEPT: Duration = Duration::from_secs(4);

/// Changes come in groups: the address, the other address, the interface. Acted on when none came for so long.
const QUIET: Duration = Duration::from_millis(250);

/// Or when the first of them is this old.
const LONGEST: Duration = Duration::from_secs(1);

/// Changes nobody has looked at yet; more are the same.
const WAITING: usize = 4;

/// Something that no server tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The machine slept.
    Woke,
    /// Addresses of this machine came or went.
    Network,
    /// What goes through the network is paid for, or is not any more. Until it is told, it is not.
    Metered(bool),
}

/// Who tells of changes.
#[derive(Clone, Debug)]
pub enum Surroundings {
    /// The system.
    System,
    /// A test's script.
    Scripted(broadcast::Sender<Change>),
    /// Nobody.
    Silent,
}

/// Acts on what happens around an account until it closes.
pub(crate) async fn heed(account: Arc<Account>) {
    let (teller, mut changes) = mpsc::channel(WAITING);
    let now = Arc::clone(&account.env.now);
    let metered = |on| account.history.set_metered(on);
    let telling = tell(
        account.env.surroundings.clone(),
        move || now(),
        teller,
        metered,
    );
    let acting = async {
        let mut calm = Calm::new(Instant::now());
        let mut steadying = JoinSet::new();
        while let Some(change) = next(&mut changes).await {
            sleep(calm.wait(Instant::now())).await;
            tracing::info!(?change, "connections are looked at");
            // What came while we waited is dealt with as well.
            while changes.try_recv().is_ok() {}
            account.shaken();
            let account = Arc::clone(&account);
            steadying.abort_all();
            while steadying.try_join_next().is_some() {}
            steadying.spawn(async move { account.steadied().await });
        }
    };
    tokio::select! {
        () = account.stop.cancelled() => {}
        () = telling => {}
        () = acting => {}
    }
}

/// The next change, with those that follow close behind it.
async fn next(changes: &mut mpsc::Receiver<Change>) -> Option<Change> {
    let first = changes.recv().await?;
    let group = async { while let Ok(Some(_)) = timeout(QUIET, changes.recv()).await {} };
    let _ = timeout(LONGEST, group).await;
    Some(first)
}

/// Tells of changes for as long as it is polled.
async fn tell(
    surroundings: Surroundings,
    now: impl Fn() -> Millis,
    teller: mpsc::Sender<Change>,
    metered: impl Fn(bool),
) {
    match surroundings {
        Surroundings::System => {
            tokio::join!(sleeps(now, &teller), networks(&teller), meters(metered));
        }
        Surroundings::Scripted(script) => {
            let mut script = script.subscribe();
            while let Ok(change) = script.recv().await {
                match change {
                    Change::Metered(on) => metered(on),
                    Change::Woke | Change::Network => drop(teller.try_send(change)),
                }
            }
        }
        Surroundings::Silent => {}
    }
    pending().await
}

/// Tells when the clock on the wall went on further than a timer.
async fn sleeps(now: impl Fn() -> Millis, teller: &mpsc::Sender<Change>) {
    let limit = Millis::try_from((TICK + SLEPT).as_millis()).unwrap_or(Millis::MAX);
    let mut before = now();
    loop {
        sleep(TICK).await;
        let after = now();
        if after.saturating_sub(before) >= limit {
            let _ = teller.try_send(Change::Woke);
        }
        before = after;
    }
}

/// Tells when addresses came or went.
#[cfg(not(target_os = "android"))]
async fn networks(teller: &mpsc::Sender<Change>) {
    use netwatcher::async_adapter::Tokio;

    let mut watch = match netwatcher::watch_interfaces_async::<Tokio>() {
        Ok(watch) => watch,
        Err(error) => return tracing::info!(%error, "the system does not tell of its network"),
    };
    loop {
        let update = watch.changed().await;
        let mut changed = update.addrs_added().chain(update.addrs_removed());
        if !update.is_initial && changed.any(|(_, record)| leads_out(record.ip)) {
            let _ = teller.try_send(Change::Network);
        }
    }
}

#[cfg(target_os = "android")]
async fn networks(_: &mpsc::Sender<Change>) {}

#[cfg(target_os = "linux")]
async fn meters(tell: impl Fn(bool)) {
    metered::watch(tell).await;
}

#[cfg(not(target_os = "linux"))]
async fn meters(_: impl Fn(bool)) {}

/// Whether a server elsewhere can be reached from this address.
#[cfg(not(target_os = "android"))]
fn leads_out(address: std::net::IpAddr) -> bool {
    match address {
        std::net::IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_link_local(),
        std::net::IpAddr::V6(ip) => !ip.is_loopback() && !ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests;
