//! The listening desk: what waits to be heard, as last read.

use std::rc::Rc;

use api::{Change, Content, DeskOrder, Feed, UnheardPage};
use yew::Reducible;

/// The queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desk {
    /// In which order.
    pub order: DeskOrder,
    /// What waits; nothing before it was read.
    pub page: Option<Rc<UnheardPage>>,
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
    /// It was read when it was this stale.
    Loaded(u32, UnheardPage),
}

impl Desk {
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
    fn everything_that_starts_over_is_read_again() {
        let items = Rc::new(vec![Feed::Reset(Box::default())]);
        assert_eq!(
            Rc::<Desk>::default().reduce(DeskAction::Feed(items)).stale,
            1
        );
    }
}
