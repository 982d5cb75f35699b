//! The account and how it stands with its server.

use std::rc::Rc;

use api::{Account, Connection, Fault, FaultKind, Feed, Millis, Presence, Signal};
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
    /// How much of the server's archive is here, once that was told.
    pub sync: Option<Sync>,
}

/// How much of the server's archive is here; fields as in [`Signal::Sync`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sync {
    /// Items that are here.
    pub held: u64,
    /// Items there are; about.
    pub total: Option<u64>,
    /// From when on nothing is missing.
    pub back_to: Option<Millis>,
    /// Whether all of it is here.
    pub complete: bool,
    /// In how many places something is missing.
    pub gaps: u32,
    /// Whether more is being fetched.
    pub fetching: bool,
    /// Whether more waits for a network that is not metered.
    pub metered: bool,
}

impl Sync {
    /// A page or two is fetched before anybody has read about it.
    const SOON: u64 = 500;

    /// How many items are here and how many there are, while many are still to come.
    pub fn progress(&self) -> Option<(u64, u64)> {
        let total = self.total.filter(|_| self.fetching)?;
        (total > self.held + Self::SOON).then_some((self.held, total))
    }
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
    /// How present somebody is, as far as is known: nothing is, without a connection.
    pub fn seen(&self, presence: Presence) -> Presence {
        match self.connection {
            Connection::Online | Connection::CatchingUp => presence,
            _ => Presence::Offline,
        }
    }

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
                                sync: None,
                            });
                        }
                        Feed::Signal(Signal::Connection { connection }) => {
                            let link = Rc::make_mut(&mut next);
                            link.connection = connection.clone();
                            link.retry_at = retry_at(connection, now);
                        }
                        Feed::Signal(Signal::Sync {
                            held,
                            total,
                            back_to,
                            complete,
                            gaps,
                            fetching,
                            metered,
                        }) => {
                            Rc::make_mut(&mut next).sync = Some(Sync {
                                held: *held,
                                total: *total,
                                back_to: *back_to,
                                complete: *complete,
                                gaps: *gaps,
                                fetching: *fetching,
                                metered: *metered,
                            });
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
                    sync: None,
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
    fn nobody_is_seen_without_a_connection() {
        let here = |connection| signal(Rc::default(), connection, 0.0).seen(Presence::Away);
        assert_eq!(here(Connection::Online), Presence::Away);
        assert_eq!(here(Connection::CatchingUp), Presence::Away);
        assert_eq!(here(Connection::Connecting), Presence::Offline);
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

    #[test]
    fn how_much_is_here_is_known_until_the_feed_starts_over() {
        let told = |held, complete| {
            Feed::Signal(Signal::Sync {
                held,
                total: Some(50_000),
                back_to: Some(7),
                complete,
                gaps: 2,
                fetching: !complete,
                metered: false,
            })
        };
        let feed = |link: Rc<Link>, items| link.reduce(LinkAction::Feed(Rc::new(items), 0.0));
        let link = feed(Rc::default(), vec![told(100, false), told(12_400, false)]);
        let sync = link.sync.unwrap();
        assert_eq!((sync.held, sync.back_to, sync.gaps), (12_400, Some(7), 2));
        assert_eq!(sync.progress(), Some((12_400, 50_000)));
        let link = feed(link, vec![told(50_000, true)]);
        assert_eq!(link.sync.and_then(|sync| sync.progress()), None);
        assert!(link.sync.is_some_and(|sync| sync.complete));
        let over = feed(Rc::clone(&link), vec![Feed::Reset(Box::default())]);
        assert_eq!(over.sync, None);
        assert_eq!(link.reduce(LinkAction::SignedOut).sync, None);
    }

    #[test]
    fn many_to_come_are_told_and_few_are_not() {
        let sync = |held, fetching| Sync {
            held,
            total: Some(50_000),
            back_to: None,
            complete: false,
            gaps: 0,
            fetching,
            metered: false,
        };
        assert_eq!(sync(12_400, true).progress(), Some((12_400, 50_000)));
        assert_eq!(sync(12_400, false).progress(), None);
        assert_eq!(sync(49_800, true).progress(), None);
    }
}
