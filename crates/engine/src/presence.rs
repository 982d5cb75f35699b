//! Who is there: presence of every device, folded into one per contact (RFC 6121 §4.7.2).

use std::collections::BTreeMap;

use api::Presence;
use xmpp::{Jid, PresenceKind, Show};

/// Every device of every contact that is available now.
#[derive(Default)]
pub(crate) struct Roll {
    devices: BTreeMap<String, BTreeMap<String, Presence>>,
}

impl Roll {
    /// Takes a presence in; the contact's bare address and new presence where that changed.
    pub(crate) fn take(&mut self, from: &Jid, kind: &PresenceKind) -> Option<(String, Presence)> {
        let address = from.to_bare().to_string();
        let resource = from.resource().map(ToString::to_string).unwrap_or_default();
        let before = self.of(&address);
        match kind {
            PresenceKind::Available { show, .. } => {
                let presence = match show {
                    Show::Online | Show::Chat => Presence::Online,
                    Show::Away | Show::ExtendedAway => Presence::Away,
                    Show::DoNotDisturb => Presence::Busy,
                };
                // A server that floods us with resources of one contact gains nothing after these.
                const MOST_DEVICES: usize = 64;
                let devices = self.devices.entry(address.clone()).or_default();
                if devices.len() < MOST_DEVICES || devices.contains_key(&resource) {
                    devices.insert(resource, presence);
                }
            }
            PresenceKind::Unavailable | PresenceKind::Error if resource.is_empty() => {
                self.devices.remove(&address);
            }
            PresenceKind::Unavailable | PresenceKind::Error => {
                if let Some(devices) = self.devices.get_mut(&address) {
                    devices.remove(&resource);
                    if devices.is_empty() {
                        self.devices.remove(&address);
                    }
                }
            }
            _ => {}
        }
        let after = self.of(&address);
        (before != after).then_some((address, after))
    }

    /// How present a contact is: the best of their devices.
    pub(crate) fn of(&self, address: &str) -> Presence {
        let devices = self.devices.get(address);
        devices
            .and_then(|devices| devices.values().max().copied())
            .unwrap_or_default()
    }

    /// Everyone who is there.
    pub(crate) fn present(&self) -> Vec<(String, Presence)> {
        self.devices
            .keys()
            .map(|address| (address.clone(), self.of(address)))
            .collect()
    }

    /// Nobody is known to be there: the stream was lost. Gives who was.
    pub(crate) fn clear(&mut self) -> Vec<String> {
        std::mem::take(&mut self.devices).into_keys().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn available(show: Show) -> PresenceKind {
        PresenceKind::Available { show, status: None }
    }

    #[test]
    fn the_best_device_counts() {
        let mut roll = Roll::default();
        let phone: Jid = "bo@x/phone".parse().unwrap();
        let desk: Jid = "bo@x/desk".parse().unwrap();
        let changed = |presence| Some(("bo@x".to_owned(), presence));
        assert_eq!(
            roll.take(&phone, &available(Show::Away)),
            changed(Presence::Away)
        );
        assert_eq!(
            roll.take(&desk, &available(Show::Online)),
            changed(Presence::Online)
        );
        assert_eq!(roll.take(&phone, &PresenceKind::Unavailable), None);
        assert_eq!(
            roll.take(&desk, &PresenceKind::Unavailable),
            changed(Presence::Offline)
        );
        assert!(roll.present().is_empty());
    }
}
