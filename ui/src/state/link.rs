//! The account and how it stands with its server.

use std::rc::Rc;

use api::{Account, Connection, Fault, FaultKind, Feed, Signal};
use yew::Reducible;

/// Where the window stands with the backend, and the backend with the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Whether the first reset has arrived.
    pub started: bool,
    /// Who is signed in.
    pub account: Option<Account>,
    /// How the account stands with its server.
    pub connection: Connection,
    /// When the next try comes, by the window's clock (`clock::now`), in milliseconds.
    pub retry_at: Option<u64>,
    /// The backend cannot start at all.
    pub broken: Option<Fault>,
    /// How often the feed started over: what was read before may be old.
    pub resets: u32,
}

/// What changes a [`Link`].
pub enum LinkAction {
    /// Items of the feed, and the window's clock when they came.
    Feed(Rc<Vec<Feed>>, f64),
    /// The answer to a sign-in, ahead of the reset that follows it.
    SignedIn(Account),
    /// Nobody is signed in any more.
    SignedOut,
    /// The backend cannot start.
    Broken(Fault),
}

impl Link {
    /// Whether only the password, typed again, lets the account go on.
    pub fn wants_password(&self) -> bool {
        matches!(
            &self.connection,
            Connection::Error { fault }
                if matches!(fault.kind, FaultKind::WrongPassword | FaultKind::PasswordNeeded)
        )
    }
}

impl Reducible for Link {
    type Action = LinkAction;

    fn reduce(self: Rc<Self>, action: LinkAction) -> Rc<Self> {
        match action {
            LinkAction::Feed(items, now) => {
                let mut next = self;
                for item in items.iter() {
                    match item {
                        Feed::Reset(reset) => {
                            next = Rc::new(Self {
                                started: true,
                                account: reset.account.clone(),
                                connection: reset.connection.clone(),
                                retry_at: retry_at(&reset.connection, now),
                                broken: None,
                                resets: next.resets.wrapping_add(1),
                            });
                        }
                        Feed::Signal(Signal::Connection { connection }) => {
                            let link = Rc::make_mut(&mut next);
                            link.connection = connection.clone();
                            link.retry_at = retry_at(connection, now);
                        }
                        Feed::Commit(_) | Feed::Signal(_) => {}
                    }
                }
                next
            }
            LinkAction::SignedIn(account) => {
                let connection = if self.connection.name() == "online" {
                    self.connection.clone()
                } else {
                    Connection::Connecting
                };
                Rc::new(Self {
                    started: true,
                    account: Some(account),
                    connection,
                    retry_at: None,
                    broken: None,
                    resets: self.resets,
                })
            }
            LinkAction::SignedOut => Rc::new(Self {
                started: true,
                resets: self.resets,
                ..Self::default()
            }),
            LinkAction::Broken(fault) => Rc::new(Self {
                broken: Some(fault),
                ..(*self).clone()
            }),
        }
    }
}

fn retry_at(connection: &Connection, now: f64) -> Option<u64> {
    match connection {
        // The clock counts from when the window was opened, and a cast saturates.
        Connection::Offline { retry_in_ms, .. } => retry_in_ms.map(|ms| now as u64 + ms),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(link: Rc<Link>, connection: Connection, now: f64) -> Rc<Link> {
        let items = Rc::new(vec![Feed::Signal(Signal::Connection { connection })]);
        link.reduce(LinkAction::Feed(items, now))
    }

    #[test]
    fn the_next_try_is_known_while_it_is_waited_for() {
        let waiting = Connection::Offline {
            fault: None,
            retry_in_ms: Some(4_000),
        };
        let link = signal(Rc::default(), waiting, 1_500.7);
        assert_eq!(link.retry_at, Some(5_500));
        let link = signal(link, Connection::Connecting, 5_500.0);
        assert_eq!(link.retry_at, None);
        let given_up = Connection::Offline {
            fault: None,
            retry_in_ms: None,
        };
        assert_eq!(signal(link, given_up, 6_000.0).retry_at, None);
    }
}
