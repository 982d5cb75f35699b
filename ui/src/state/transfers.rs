//! Files on their way, up or down.

use std::collections::BTreeMap;
use std::rc::Rc;

use api::{Change, Content, Feed, Media, MessageId, MessageState, Signal};
use yew::Reducible;

/// How far a file got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// On its way, size unknown.
    Moving,
    /// In thousandths.
    Part(u16),
}

/// How far each file got, by its message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transfers {
    /// Only those on their way.
    pub moving: Rc<BTreeMap<MessageId, Progress>>,
}

/// What changes [`Transfers`].
pub enum TransfersAction {
    /// Items of the feed.
    Feed(Rc<Vec<Feed>>),
}

impl Progress {
    fn new(done: u64, total: Option<u64>) -> Self {
        match total {
            Some(total) if total > 0 => {
                let part = done.min(total).saturating_mul(1000) / total;
                Self::Part(u16::try_from(part).unwrap_or(1000))
            }
            _ => Self::Moving,
        }
    }
}

impl Reducible for Transfers {
    type Action = TransfersAction;

    fn reduce(self: Rc<Self>, action: TransfersAction) -> Rc<Self> {
        let TransfersAction::Feed(items) = action;
        let mut next = self;
        for item in items.iter() {
            match item {
                Feed::Reset(_) if !next.moving.is_empty() => next = Rc::new(Self::default()),
                Feed::Signal(Signal::Transfer {
                    message,
                    done,
                    total,
                }) => {
                    let progress = Progress::new(*done, *total);
                    if next.moving.get(message) != Some(&progress) {
                        let transfers = Rc::make_mut(&mut next);
                        Rc::make_mut(&mut transfers.moving).insert(*message, progress);
                    }
                }
                Feed::Commit(commit) if !next.moving.is_empty() => {
                    for change in &commit.changes {
                        let over = match change {
                            Change::Message(row) => match &row.content {
                                Content::Text { .. } => None,
                                Content::Voice { media, .. } | Content::File { media, .. } => {
                                    let up = row.own && row.state == MessageState::Pending;
                                    let down = *media == Media::Fetching;
                                    (!up && !down).then_some(row.id)
                                }
                            },
                            Change::MessageGone { id, .. } => Some(*id),
                            Change::Chat(_) => None,
                        };
                        if let Some(id) = over.filter(|id| next.moving.contains_key(id)) {
                            let transfers = Rc::make_mut(&mut next);
                            Rc::make_mut(&mut transfers.moving).remove(&id);
                        }
                    }
                }
                _ => {}
            }
        }
        next
    }
}
