//! Coming, jumping, going back.

use api::MessageId;

use super::*;

const A: ChatId = ChatId(1);
const B: ChatId = ChatId(2);
const LEFT: Landing = Landing::Show(WindowAnchor::Left);
const UNREAD: Landing = Landing::Show(WindowAnchor::Unread);

fn spot(id: i64) -> Spot {
    Spot {
        id: MessageId(id),
        offset: -12,
    }
}

fn around(id: i64) -> WindowAnchor {
    WindowAnchor::Around { id: MessageId(id) }
}

#[test]
fn a_chat_opens_where_it_was_left_unless_something_is_unread() {
    let mut visits = Visits::default();
    // What was before the start is the backend's to know.
    assert_eq!(visits.opened(Some(A), 0), Some(LEFT));
    assert!(visits.keep(A, Some(spot(7))));
    assert!(!visits.keep(A, Some(spot(7))));
    visits.opened(None, 0);
    assert_eq!(visits.opened(Some(A), 0), Some(Landing::Return(spot(7))));
    visits.opened(None, 0);
    assert_eq!(visits.opened(Some(A), 3), Some(UNREAD));
    visits.keep(A, None);
    assert_eq!(visits.opened(Some(A), 0), Some(UNREAD));
}

#[test]
fn a_jump_within_a_chat_leads_back_to_the_place() {
    let mut visits = Visits::default();
    visits.opened(Some(A), 0);
    visits.keep(A, Some(spot(90)));
    let step = visits.jump(A, around(5));
    assert_eq!(step, Step::Here(A, Landing::Show(around(5))));
    assert_eq!(visits.came_to(), Some(A));
    visits.keep(A, Some(spot(4)));
    let back = visits.back();
    assert_eq!(back, Some(Step::Here(A, Landing::Return(spot(90)))));
    assert_eq!(visits.came_to(), None);
    assert_eq!(visits.back(), None);
}

#[test]
fn jumps_in_a_row_lead_back_to_the_first() {
    let mut visits = Visits::default();
    visits.opened(Some(A), 0);
    assert_eq!(visits.jump(B, around(5)), Step::Elsewhere(Some(B)));
    assert_eq!(visits.came_to(), None);
    let landing = visits.opened(Some(B), 2);
    assert_eq!(landing, Some(Landing::Show(around(5))));
    assert_eq!(visits.came_to(), Some(B));
    visits.keep(B, Some(spot(5)));
    assert!(matches!(visits.jump(B, around(6)), Step::Here(..)));
    assert_eq!(visits.back(), Some(Step::Elsewhere(Some(A))));
    let landing = visits.opened(Some(A), 0);
    assert_eq!(landing, Some(Landing::Show(WindowAnchor::Latest)));
    assert_eq!(visits.came_to(), None);
}

#[test]
fn from_the_list_it_leads_back_to_the_list() {
    let mut visits = Visits::default();
    visits.opened(None, 0);
    visits.jump(B, around(5));
    visits.opened(Some(B), 0);
    assert_eq!(visits.back(), Some(Step::Elsewhere(None)));
}

#[test]
fn going_elsewhere_by_hand_forgets_the_way_back() {
    let mut visits = Visits::default();
    visits.opened(Some(A), 0);
    visits.jump(B, around(5));
    visits.opened(Some(B), 0);
    assert_eq!(visits.opened(Some(A), 0), Some(LEFT));
    assert_eq!(visits.came_to(), None);
    assert_eq!(visits.back(), None);
    // A jump that never arrived is not for the next time.
    visits.jump(B, around(5));
    visits.opened(Some(ChatId(3)), 0);
    assert_eq!(visits.opened(Some(B), 0), Some(LEFT));
}

#[test]
fn the_feed_starting_over_keeps_the_way_back() {
    let mut visits = Visits::default();
    visits.opened(Some(A), 0);
    visits.jump(A, around(5));
    visits.opened(Some(A), 0);
    assert_eq!(visits.came_to(), Some(A));
}

#[test]
fn a_chat_that_was_only_looked_into_opens_as_usual() {
    let mut visits = Visits::default();
    visits.opened(Some(A), 0);
    visits.jump(B, around(5));
    visits.opened(Some(B), 0);
    let spot = Spot {
        id: MessageId(5),
        offset: 0,
    };
    visits.keep(B, Some(spot));
    visits.back();
    // Told while it is being left.
    visits.keep(B, Some(spot));
    visits.opened(Some(A), 0);
    assert_eq!(visits.opened(Some(B), 0), Some(LEFT));
    visits.keep(B, Some(spot));
    visits.opened(Some(A), 0);
    assert_eq!(visits.opened(Some(B), 0), Some(Landing::Return(spot)));
}

#[test]
fn a_look_into_a_chat_does_not_last() {
    let mut visits = Visits::default();
    visits.opened(Some(B), 0);
    visits.keep(B, Some(spot(7)));
    assert_eq!(visits.lasting(B), Some(Some(spot(7))));
    visits.opened(Some(A), 0);
    assert_eq!(visits.lasting(A), None);
    visits.keep(A, None);
    assert_eq!(visits.lasting(A), Some(None));

    visits.jump(B, around(5));
    visits.opened(Some(B), 0);
    visits.keep(B, Some(spot(5)));
    assert_eq!(visits.lasting(B), None);
    visits.jump(ChatId(3), around(9));
    visits.opened(Some(ChatId(3)), 0);
    visits.keep(ChatId(3), Some(spot(9)));
    assert_eq!(visits.lasting(ChatId(3)), None);
    visits.back();
    visits.opened(Some(A), 0);
    assert_eq!(visits.opened(Some(B), 0), Some(Landing::Return(spot(7))));
    assert_eq!(visits.opened(Some(ChatId(3)), 0), Some(LEFT));

    // Whoever stays where a jump led, and goes on from there by hand, was there.
    visits.jump(B, around(5));
    visits.opened(Some(B), 0);
    visits.keep(B, Some(spot(5)));
    visits.opened(None, 0);
    assert_eq!(visits.lasting(B), Some(Some(spot(5))));
}

#[test]
fn whoever_speaks_stays() {
    let mut visits = Visits::default();
    visits.opened(Some(A), 0);
    visits.jump(B, around(5));
    visits.opened(Some(B), 0);
    assert_eq!(visits.came_to(), Some(B));
    visits.spoke();
    assert_eq!(visits.came_to(), None);
    assert_eq!(visits.back(), None);
}
