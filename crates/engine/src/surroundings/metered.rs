//! Whether the network is paid for by what goes through it, as NetworkManager knows or guesses. Where it is not there, and
//! on systems other than Linux, nobody tells.

use std::time::Duration;

use futures::StreamExt;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::{Connection, Proxy};

const SERVICE: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";

/// A bus that takes longer is not there.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells whenever it may have changed, for as long as somebody knows.
pub(super) async fn watch(tell: impl Fn(bool)) {
    match tokio::time::timeout(PATIENCE, Connection::system()).await {
        Ok(Ok(bus)) => {
            if let Err(error) = follow(&bus, tell).await {
                tracing::info!(%error, "nobody tells whether the network is metered");
            }
        }
        Ok(Err(error)) => tracing::info!(%error, "there is no system bus"),
        Err(_) => tracing::info!("the system bus does not answer"),
    }
}

pub(super) async fn follow(bus: &Connection, tell: impl Fn(bool)) -> zbus::Result<()> {
    // Asking for its properties might start it, where it is installed and not wanted.
    let names = DBusProxy::new(bus).await?;
    if !names.name_has_owner(BusName::try_from(SERVICE)?).await? {
        return Ok(());
    }
    let manager = Proxy::new(bus, SERVICE, PATH, SERVICE).await?;
    let mut changes = manager.receive_property_changed::<u32>("Metered").await;
    tell(is_metered(manager.get_property("Metered").await?));
    while let Some(change) = changes.next().await {
        if let Ok(known) = change.get().await {
            tell(is_metered(known));
        }
    }
    Ok(())
}

/// `NMMetered`: 1 and 3 are "yes" and "guessed, yes".
fn is_metered(known: u32) -> bool {
    matches!(known, 1 | 3)
}
