//! The list against scripts of the feed.

use api::{Account, Commit};

use super::*;

fn row(id: i64, sort_at: Millis) -> ChatRow {
    ChatRow {
        id: ChatId(id),
        address: format!("p{id}@x"),
        title: format!("p{id}"),
        last: None,
        unread: 0,
        sort_at,
        draft: String::new(),
        voice_drafts: Vec::new(),
        asks_presence: false,
    }
}

fn reset(rows: Vec<ChatRow>, more: bool) -> Feed {
    Feed::Reset(Box::new(Reset {
        chats: ChatPage { chats: rows, more },
        ..Reset::default()
    }))
}

fn commit(rows: Vec<ChatRow>) -> Feed {
    Feed::Commit(Commit {
        seq: 1,
        changes: rows.into_iter().map(Change::Chat).collect(),
    })
}

fn feed(chats: Rc<Chats>, items: Vec<Feed>) -> Rc<Chats> {
    chats.reduce(ChatsAction::Feed(Rc::new(items)))
}

fn ids(chats: &Chats) -> Vec<i64> {
    chats.rows.iter().map(|row| row.id.0).collect()
}

#[test]
fn a_new_message_moves_its_chat_up() {
    let chats = feed(
        Rc::default(),
        vec![reset(vec![row(3, 30), row(2, 20), row(1, 10)], false)],
    );
    let chats = feed(chats, vec![commit(vec![row(1, 40)])]);
    assert_eq!(ids(&chats), [1, 3, 2]);
}

#[test]
fn equal_times_are_ordered_by_id_newest_first() {
    let chats = feed(Rc::default(), vec![reset(vec![row(5, 10)], false)]);
    let chats = feed(chats, vec![commit(vec![row(4, 10), row(6, 10)])]);
    assert_eq!(ids(&chats), [6, 5, 4]);
}

#[test]
fn below_an_unfinished_list_a_chat_is_kept_aside() {
    let chats = feed(
        Rc::default(),
        vec![reset(vec![row(9, 90), row(8, 80)], true)],
    );
    let chats = feed(chats, vec![commit(vec![row(1, 10)])]);
    assert_eq!(ids(&chats), [9, 8]);
    assert_eq!(chats.get(ChatId(1)).unwrap().sort_at, 10);
    let page = ChatPage {
        chats: vec![row(8, 80), row(5, 50), row(1, 10)],
        more: false,
    };
    let turn = chats.turn;
    let late = Rc::clone(&chats).reduce(ChatsAction::Page(turn - 1, page.clone()));
    assert_eq!(ids(&late), [9, 8], "asked for before all started over");
    let chats = chats.reduce(ChatsAction::Page(turn, page));
    assert_eq!(ids(&chats), [9, 8, 5, 1]);
    assert_eq!(chats.next_page(), None);
}

#[test]
fn a_reset_does_not_forget_the_title_of_an_open_chat() {
    let chats = feed(
        Rc::default(),
        vec![reset(vec![row(9, 90), row(1, 10)], false)],
    );
    let chats = feed(chats, vec![reset(vec![row(9, 90)], true)]);
    assert_eq!(ids(&chats), [9]);
    assert_eq!(chats.get(ChatId(1)).unwrap().title, "p1");
}

#[test]
fn nothing_new_is_the_same_state() {
    let chats = feed(Rc::default(), vec![reset(vec![row(1, 1)], false)]);
    let offline = Feed::Signal(Signal::Presence {
        chat: ChatId(1),
        presence: Presence::Offline,
    });
    assert!(Rc::ptr_eq(&feed(Rc::clone(&chats), vec![offline]), &chats));
}

#[test]
fn a_change_leaves_the_other_rows_untouched() {
    let before = feed(
        Rc::default(),
        vec![reset(vec![row(2, 20), row(1, 10)], false)],
    );
    let after = feed(Rc::clone(&before), vec![commit(vec![row(2, 30)])]);
    assert!(Rc::ptr_eq(
        before.get(ChatId(1)).unwrap(),
        after.get(ChatId(1)).unwrap()
    ));
}

#[test]
fn neighbours_end_at_the_ends() {
    let chats = feed(
        Rc::default(),
        vec![reset(vec![row(2, 20), row(1, 10)], false)],
    );
    assert_eq!(chats.neighbour(None, 1), Some(ChatId(2)));
    assert_eq!(chats.neighbour(Some(ChatId(2)), 1), Some(ChatId(1)));
    assert_eq!(chats.neighbour(Some(ChatId(1)), 1), None);
    assert_eq!(chats.neighbour(Some(ChatId(2)), -1), None);
}

#[test]
fn another_account_knows_nothing_of_the_chats_before() {
    let of = |name: Option<&str>, rows: Vec<ChatRow>| {
        Feed::Reset(Box::new(Reset {
            account: name.map(|name| Account {
                address: name.into(),
                server: None,
                password_kept: true,
            }),
            chats: ChatPage {
                chats: rows,
                more: true,
            },
            ..Reset::default()
        }))
    };
    let first = feed(Rc::default(), vec![of(Some("ann@x"), vec![row(9, 90)])]);
    let first = feed(first, vec![commit(vec![row(1, 10)])]);
    let again = feed(Rc::clone(&first), vec![of(Some("ann@x"), vec![])]);
    assert!(again.get(ChatId(9)).is_some() && again.get(ChatId(1)).is_some());
    for other in [Some("bo@x"), None] {
        let other = feed(Rc::clone(&first), vec![of(other, vec![row(3, 30)])]);
        assert_eq!(ids(&other), [3]);
        assert!(other.get(ChatId(9)).is_none() && other.get(ChatId(1)).is_none());
    }
}
