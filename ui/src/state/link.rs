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
    /// The backend cannot start at all.
    pub broken: Option<Fault>,
    /// How often the feed started over: what was read before may be old.
    pub resets: u32,
}

/// What changes a [`Link`].
pub enum LinkAction {
    /// Items of the feed.
    Feed(Rc<Vec<Feed>>),
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
            LinkAction::Feed(items) => {
                let mut next = self;
                for item in items.iter() {
                    match item {
                        Feed::Reset(reset) => {
                            next = Rc::new(Self {
                                started: true,
                                account: reset.account.clone(),
                                connection: reset.connection.clone(),
                                broken: None,
                                resets: next.resets.wrapping_add(1),
                            });
                        }
                        Feed::Signal(Signal::Connection { connection }) => {
                            Rc::make_mut(&mut next).connection = connection.clone();
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
