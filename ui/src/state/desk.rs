//! The listening desk: what waits to be heard, as last read, and what was put away and can still be had back.
//!
//! What is put away disappears before the backend says so. It can be had back for a while, which the backend knows of: nothing
//! of it follows what plays meanwhile.

use std::rc::Rc;

use api::{Change, Content, DeskOrder, Feed, MessageId, UnheardPage, UnheardRow};
use yew::Reducible;

/// What was put away at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// Tells it from others.
    pub number: u32,
    /// Which.
    pub messages: Rc<Vec<MessageId>>,
}

/// The queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desk {
    /// In which order.
    pub order: DeskOrder,
    /// What waits; nothing before it was read.
    pub page: Option<Rc<UnheardPage>>,
    /// What is not shown any more, oldest first. Few: each is there for seconds.
    pub away: Rc<Vec<Away>>,
    next: u32,
    /// Grows whenever it has to be read again.
    pub stale: u32,
    /// What `stale` was when what is shown was asked for.
    read: u32,
    account: Option<String>,
}

/// What changes a [`Desk`].
pub enum DeskAction {
    /// Items of the feed.
    Feed(Rc<Vec<Feed>>),
    /// Another order is wanted.
    Order(DeskOrder),
    /// These are put away.
    PutAway(Vec<MessageId>),
    /// They could not be.
    NotPutAway(Vec<MessageId>),
    /// They are back, or can no longer be had back.
    Settled(u32),
    /// It was read when it was this stale.
    Loaded(u32, UnheardPage),
}

impl Desk {
    /// What waits and was not put away.
    pub fn rows(&self) -> impl Iterator<Item = &UnheardRow> {
        let rows = self.page.iter().flat_map(|page| &page.rows);
        rows.filter(|row| !self.is_away(row.message.id))
    }

    /// How much waits, also of what was not read.
    pub fn total(&self) -> u32 {
        let Some(page) = &self.page else { return 0 };
        let away = page.rows.iter().filter(|row| self.is_away(row.message.id));
        let away = u32::try_from(away.count()).unwrap_or(u32::MAX);
        page.total.saturating_sub(away)
    }

    fn is_away(&self, message: MessageId) -> bool {
        self.away
            .iter()
            .any(|away| away.messages.contains(&message))
    }

    /// What waits for one account is nothing for another.
    fn belong(&mut self, item: &Feed) {
        if let Feed::Reset(reset) = item {
            let account = reset
                .account
                .as_ref()
                .map(|account| account.address.clone());
            if account != self.account {
                self.account = account;
                self.page = None;
                self.away = Rc::default();
                self.read = self.stale;
            }
        }
    }
}

impl Reducible for Desk {
    type Action = DeskAction;

    fn reduce(self: Rc<Self>, action: DeskAction) -> Rc<Self> {
        let mut next = self;
        match action {
            DeskAction::Feed(items) => {
                if items.iter().any(concerns) {
                    let desk = Rc::make_mut(&mut next);
                    desk.stale = desk.stale.wrapping_add(1);
                    for item in items.iter() {
                        desk.belong(item);
                    }
                }
            }
            DeskAction::Order(order) if order != next.order => {
                let desk = Rc::make_mut(&mut next);
                desk.order = order;
                desk.stale = desk.stale.wrapping_add(1);
            }
            DeskAction::Order(_) => {}
            DeskAction::PutAway(messages) => {
                let desk = Rc::make_mut(&mut next);
                Rc::make_mut(&mut desk.away).push(Away {
                    number: desk.next,
                    messages: Rc::new(messages),
                });
                desk.next = desk.next.wrapping_add(1);
            }
            DeskAction::NotPutAway(messages) => {
                let desk = Rc::make_mut(&mut next);
                Rc::make_mut(&mut desk.away).retain(|away| *away.messages != messages);
            }
            DeskAction::Settled(number) => {
                let desk = Rc::make_mut(&mut next);
                Rc::make_mut(&mut desk.away).retain(|away| away.number != number);
                desk.stale = desk.stale.wrapping_add(1);
            }
            // Answers overtake each other.
            DeskAction::Loaded(stale, _) if stale < next.read => {}
            DeskAction::Loaded(stale, page) => {
                let desk = Rc::make_mut(&mut next);
                desk.read = stale;
                if desk.page.as_deref() != Some(&page) {
                    desk.page = Some(Rc::new(page));
                }
            }
        }
        next
    }
}

/// Whether voice of others came, was heard, or went.
fn concerns(item: &Feed) -> bool {
    match item {
        Feed::Reset(_) => true,
        Feed::Commit(commit) => commit.changes.iter().any(|change| match change {
            Change::Message(row) => !row.own && matches!(row.content, Content::Voice { .. }),
            Change::MessageGone { .. } => true,
            Change::Chat(_) => false,
        }),
        Feed::Signal(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use api::{ChatId, MessageRow, MessageState};

    use super::*;

    fn page(total: u32) -> UnheardPage {
        UnheardPage {
            rows: Vec::new(),
            total,
        }
    }

    #[test]
    fn an_answer_that_was_overtaken_is_not_shown() {
        let desk = Rc::<Desk>::default().reduce(DeskAction::Loaded(0, page(2)));
        assert_eq!(desk.page.as_ref().unwrap().total, 2);
        let desk = desk.reduce(DeskAction::Order(DeskOrder::Person));
        let stale = desk.stale;
        let desk = desk.reduce(DeskAction::Loaded(stale, page(3)));
        let desk = desk.reduce(DeskAction::Loaded(0, page(4)));
        assert_eq!(desk.page.as_ref().unwrap().total, 3);
    }

    #[test]
    fn what_is_put_away_is_hidden_and_can_be_had_back() {
        let row = |id: i64| UnheardRow {
            message: MessageRow {
                id: MessageId(id),
                chat: ChatId(1),
                author: "bo@x".into(),
                own: false,
                at: id,
                content: Content::Text {
                    body: String::new(),
                },
                state: MessageState::Received,
                fault: None,
                edited: None,
                retracted: false,
                reply_to: None,
                reactions: Vec::new(),
            },
            title: String::new(),
        };
        let of = |ids: &[i64]| UnheardPage {
            rows: ids.iter().map(|id| row(*id)).collect(),
            total: 10 + ids.len() as u32,
        };
        let shown = |desk: &Desk| {
            let ids: Vec<_> = desk.rows().map(|row| row.message.id.0).collect();
            (ids, desk.total())
        };
        let ids = |ids: &[i64]| ids.iter().copied().map(MessageId).collect();
        let desk = Rc::<Desk>::default().reduce(DeskAction::Loaded(0, of(&[1, 2, 3])));
        let desk = desk.reduce(DeskAction::PutAway(ids(&[1])));
        let desk = desk.reduce(DeskAction::PutAway(ids(&[2, 3])));
        assert_eq!(shown(&desk), (vec![], 10));
        // The backend has done it, then it is wanted back.
        let desk = desk.reduce(DeskAction::Loaded(0, of(&[1])));
        assert_eq!(shown(&desk), (vec![], 10));
        let desk = desk.reduce(DeskAction::Settled(1));
        assert_eq!(shown(&desk), (vec![], 10));
        let desk = desk.reduce(DeskAction::Loaded(1, of(&[1, 2, 3])));
        assert_eq!(shown(&desk), (vec![2, 3], 12));

        // Nobody wanted the other one back.
        let desk = desk.reduce(DeskAction::Loaded(1, of(&[2, 3])));
        let desk = desk.reduce(DeskAction::Settled(0));
        assert_eq!((shown(&desk), desk.away.len()), ((vec![2, 3], 12), 0));
    }

    #[test]
    fn everything_that_starts_over_is_read_again() {
        let items = Rc::new(vec![Feed::Reset(Box::default())]);
        assert_eq!(
            Rc::<Desk>::default().reduce(DeskAction::Feed(items)).stale,
            1
        );
    }
}
