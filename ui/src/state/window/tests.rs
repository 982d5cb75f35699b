//! The stretch against scripts of commits.

use api::{Commit, Content, MessageState};

use super::*;

const CHAT: ChatId = ChatId(1);

fn message(id: i64, at: i64, own: bool) -> MessageRow {
    MessageRow {
        id: MessageId(id),
        chat: CHAT,
        author: if own { "ann@x" } else { "bo@x" }.into(),
        own,
        at,
        content: Content::Text {
            body: id.to_string(),
        },
        state: if own {
            MessageState::Pending
        } else {
            MessageState::Received
        },
        fault: None,
        edited: None,
        retracted: false,
        reply_to: None,
        reactions: Vec::new(),
    }
}

fn stretch(ids: std::ops::Range<i64>, has_older: bool, has_newer: bool) -> Window {
    Window {
        chat: CHAT,
        rows: ids.map(|id| message(id, id * 1000, false)).collect(),
        has_older,
        has_newer,
        first_unread: None,
        gaps: Vec::new(),
        older_missing: false,
        left: None,
    }
}

const UNREAD: Purpose = Purpose::Show(WindowAnchor::Unread);

fn asked(read: u32, purpose: Purpose, timeline: Rc<Timeline>) -> Rc<Timeline> {
    timeline.reduce(TimelineAction::Reading(read, CHAT, purpose))
}

fn opening() -> Rc<Timeline> {
    let timeline = Rc::new(Timeline::default()).reduce(TimelineAction::Open(Some(CHAT)));
    asked(1, UNREAD, timeline)
}

fn opened(window: Window) -> Rc<Timeline> {
    opening().reduce(TimelineAction::Loaded(1, UNREAD, window))
}

fn paged(timeline: Rc<Timeline>, anchor: WindowAnchor, window: Window) -> Rc<Timeline> {
    let purpose = Purpose::Show(anchor);
    asked(2, purpose, timeline).reduce(TimelineAction::Loaded(2, purpose, window))
}

fn reset(timeline: Rc<Timeline>) -> Rc<Timeline> {
    timeline.reduce(TimelineAction::Feed(Rc::new(vec![Feed::Reset(
        Box::default(),
    )])))
}

fn commit(timeline: Rc<Timeline>, changes: Vec<Change>) -> Rc<Timeline> {
    let feed = Feed::Commit(Commit { seq: 1, changes });
    timeline.reduce(TimelineAction::Feed(Rc::new(vec![feed])))
}

fn ids(timeline: &Timeline) -> Vec<i64> {
    timeline.items.iter().map(|item| item.row.id.0).collect()
}

#[test]
fn at_the_present_a_new_row_enters_at_the_end() {
    let timeline = opened(stretch(1..3, false, false));
    let timeline = commit(timeline, vec![Change::Message(message(3, 9000, false))]);
    assert_eq!(ids(&timeline), [1, 2, 3]);
    assert_eq!(timeline.arrived, 1);
}

#[test]
fn away_from_the_present_a_new_row_is_counted() {
    let timeline = opened(stretch(1..3, false, true));
    let timeline = commit(timeline, vec![Change::Message(message(9, 9000, false))]);
    assert_eq!(ids(&timeline), [1, 2]);
    assert_eq!(timeline.arrived, 1);
}

#[test]
fn a_late_row_enters_inside() {
    let mut window = stretch(1..4, true, true);
    window.rows.remove(1);
    let timeline = commit(
        opened(window),
        vec![Change::Message(message(7, 1500, false))],
    );
    assert_eq!(ids(&timeline), [1, 7, 3]);
    assert_eq!(timeline.arrived, 0);
}

#[test]
fn a_row_older_than_the_stretch_stays_out() {
    let timeline = opened(stretch(5..7, true, false));
    let timeline = commit(timeline, vec![Change::Message(message(1, 10, false))]);
    assert_eq!(ids(&timeline), [5, 6]);
}

#[test]
fn the_first_message_of_an_empty_chat_enters() {
    let timeline = opened(stretch(0..0, false, false));
    let timeline = commit(timeline, vec![Change::Message(message(1, 10, true))]);
    assert_eq!(ids(&timeline), [1]);
}

#[test]
fn a_change_of_state_keeps_the_place_and_the_others() {
    let before = opened(stretch(1..4, false, false));
    let mut row = message(2, 2000, false);
    row.state = MessageState::Read;
    let after = commit(Rc::clone(&before), vec![Change::Message(row)]);
    assert_eq!(ids(&after), [1, 2, 3]);
    assert!(Rc::ptr_eq(&before.items[0].row, &after.items[0].row));
    assert_eq!(after.items[1].row.state, MessageState::Read);
    assert_eq!(after.arrived, 0);
}

#[test]
fn a_discarded_message_goes() {
    let timeline = opened(stretch(1..4, false, false));
    let gone = Change::MessageGone {
        chat: CHAT,
        id: MessageId(2),
    };
    assert_eq!(ids(&commit(timeline, vec![gone])), [1, 3]);
}

#[test]
fn paging_up_evicts_the_far_end() {
    let mut timeline = opened(stretch(1000..1060, true, false));
    for start in [940, 880, 820, 760] {
        let anchor = WindowAnchor::Before {
            cursor: timeline.oldest().unwrap(),
        };
        let page = stretch(start..start + 60, true, true);
        timeline = paged(timeline, anchor, page);
    }
    assert_eq!(timeline.items.len(), MOST);
    assert!(timeline.has_newer);
    assert_eq!(timeline.oldest().unwrap().id, MessageId(760));
}

#[test]
fn a_stale_page_is_dropped() {
    let timeline = opened(stretch(10..20, true, false));
    let stale = WindowAnchor::Before {
        cursor: MessageCursor {
            at: 12_000,
            id: MessageId(12),
        },
    };
    let timeline = paged(timeline, stale, stretch(1..5, false, true));
    assert_eq!(timeline.oldest().unwrap().id, MessageId(10));
}

#[test]
fn another_chats_answer_is_dropped() {
    let mut window = stretch(1..3, false, false);
    window.chat = ChatId(2);
    assert!(!opened(window).loaded);
}

#[test]
fn runs_break_at_the_other_side_a_pause_and_a_day() {
    let day = 24 * 3600 * 1000;
    let mut window = stretch(0..0, false, false);
    window.rows = vec![
        message(1, 0, false),
        message(2, 1000, false),
        message(3, 2000, true),
        message(4, 2000 + RUN + 1, true),
        message(5, day + 5, true),
    ];
    let timeline = opened(window);
    let shape: Vec<_> = timeline
        .items
        .iter()
        .map(|item| (item.first, item.last, item.new_day))
        .collect();
    assert_eq!(
        shape,
        [
            (true, false, true),
            (false, true, false),
            (true, true, false),
            (true, true, false),
            (true, true, true)
        ]
    );
}

#[test]
fn the_unread_line_is_where_reading_stopped() {
    let mut window = stretch(1..5, false, false);
    window.first_unread = Some(MessageId(3));
    let timeline = opened(window);
    assert!(timeline.items[2].unread && timeline.items[2].first && timeline.items[1].last);
    assert_eq!(timeline.intent.1, Intent::ToMessage(MessageId(3)));
    let timeline = commit(timeline, vec![Change::Message(message(9, 9000, false))]);
    assert_eq!(timeline.items.iter().filter(|item| item.unread).count(), 1);
}

#[test]
fn what_does_not_concern_the_chat_is_the_same_state() {
    let timeline = opened(stretch(1..3, false, false));
    let mut other = message(9, 9000, false);
    other.chat = ChatId(2);
    let after = commit(Rc::clone(&timeline), vec![Change::Message(other)]);
    assert!(Rc::ptr_eq(&timeline, &after));
}

#[test]
fn what_is_committed_while_the_first_stretch_is_read_is_there() {
    let timeline = commit(opening(), vec![Change::Message(message(3, 3000, false))]);
    assert!(timeline.items.is_empty());
    let answer = TimelineAction::Loaded(1, UNREAD, stretch(1..3, false, false));
    let timeline = timeline.reduce(answer);
    assert_eq!(ids(&timeline), [1, 2, 3]);
    assert_eq!(timeline.arrived, 1);
    assert!(timeline.pending.is_empty());
}

#[test]
fn an_answer_older_than_a_commit_does_not_undo_it() {
    let timeline = opened(stretch(1..4, false, false));
    let latest = Purpose::Show(WindowAnchor::Latest);
    let mut read = message(2, 2000, false);
    read.state = MessageState::Read;
    let gone = Change::MessageGone {
        chat: CHAT,
        id: MessageId(1),
    };
    let timeline = commit(
        asked(2, latest, timeline),
        vec![Change::Message(read), gone],
    );
    assert_eq!(ids(&timeline), [2, 3]);
    let answer = TimelineAction::Loaded(2, latest, stretch(1..4, false, false));
    let timeline = timeline.reduce(answer);
    assert_eq!(ids(&timeline), [2, 3]);
    assert_eq!(timeline.items[0].row.state, MessageState::Read);
}

#[test]
fn the_last_page_takes_in_what_came_meanwhile_and_counts_it_once() {
    let timeline = opened(stretch(1..3, false, true));
    let anchor = WindowAnchor::After {
        cursor: timeline.newest().unwrap(),
    };
    let purpose = Purpose::Show(anchor);
    let timeline = asked(2, purpose, timeline);
    let timeline = commit(timeline, vec![Change::Message(message(5, 5000, false))]);
    let page = TimelineAction::Loaded(2, purpose, stretch(3..5, true, false));
    let timeline = timeline.reduce(page);
    assert_eq!(ids(&timeline), [1, 2, 3, 4, 5]);
    assert_eq!(timeline.arrived, 1);
}

#[test]
fn an_answer_to_an_earlier_opening_is_dropped() {
    let timeline = opening()
        .reduce(TimelineAction::Open(Some(ChatId(2))))
        .reduce(TimelineAction::Open(Some(CHAT)));
    let timeline = asked(2, UNREAD, timeline);
    let late = TimelineAction::Loaded(1, UNREAD, stretch(1..3, false, false));
    let timeline = timeline.reduce(late);
    assert!(!timeline.loaded && timeline.is_reading());
}

#[test]
fn what_is_kept_during_a_read_is_bounded() {
    let mut timeline = opening();
    for id in 0..=PENDING as i64 {
        let row = message(id, id * 1000, false);
        timeline = commit(timeline, vec![Change::Message(row)]);
    }
    assert!(timeline.pending.len() <= PENDING && timeline.stale);
    let failed = timeline.reduce(TimelineAction::ReadFailed(1));
    assert!(failed.pending.is_empty() && !failed.is_reading());
}

#[test]
fn after_a_reset_the_reader_stays_and_the_rows_are_fresh() {
    let timeline = reset(opened(stretch(5..9, true, true)));
    assert!(timeline.stale);
    assert_eq!(ids(&timeline), [5, 6, 7, 8]);
    let intent = timeline.intent;
    let timeline = asked(2, Purpose::Refresh, timeline);
    assert!(!timeline.stale);
    let mut window = stretch(4..9, true, true);
    window.rows[2].state = MessageState::Read;
    let timeline = timeline.reduce(TimelineAction::Loaded(2, Purpose::Refresh, window));
    assert_eq!(ids(&timeline), [4, 5, 6, 7, 8]);
    assert_eq!(timeline.items[2].row.state, MessageState::Read);
    assert_eq!(timeline.intent, intent);
}

#[test]
fn a_reset_during_a_refresh_asks_for_another() {
    let timeline = reset(opened(stretch(5..9, true, true)));
    let timeline = reset(asked(2, Purpose::Refresh, timeline));
    let answer = TimelineAction::Loaded(2, Purpose::Refresh, stretch(5..9, true, true));
    assert!(timeline.reduce(answer).stale);
}

#[test]
fn a_full_stretch_goes_along_with_a_reader_at_the_newest_only() {
    for following in [true, false] {
        let full = opened(stretch(0..MOST as i64, false, false));
        let full = full.reduce(TimelineAction::Following(following));
        let row = message(MOST as i64, 1_000_000, false);
        let after = commit(full, vec![Change::Message(row)]);
        assert_eq!(after.items.len(), MOST);
        assert_eq!(after.has_newer, !following);
        assert_eq!(after.has_older, following);
    }
}

fn shown(purpose: Purpose, timeline: Rc<Timeline>, window: Window) -> Rc<Timeline> {
    asked(3, purpose, timeline).reduce(TimelineAction::Loaded(3, purpose, window))
}

#[test]
fn what_was_looked_for_flashes_once() {
    let around = WindowAnchor::Around { id: MessageId(42) };
    let timeline = opened(stretch(90..99, true, false));
    let timeline = shown(Purpose::Show(around), timeline, stretch(30..60, true, true));
    assert_eq!(timeline.flash, Some(MessageId(42)));
    assert_eq!(timeline.intent.1, Intent::ToMessage(MessageId(42)));
    assert!(!timeline.following);
    // A page more is no new look.
    let cursor = timeline.oldest().unwrap();
    let before = WindowAnchor::Before { cursor };
    let timeline = paged(timeline, before, stretch(10..30, true, true));
    assert_eq!(timeline.flash, Some(MessageId(42)));
    let timeline = timeline.reduce(TimelineAction::Flashed);
    assert_eq!(timeline.flash, None);
}

#[test]
fn a_place_is_returned_to_as_it_was_left() {
    let spot = Spot {
        id: MessageId(42),
        offset: -7,
    };
    let timeline = opened(stretch(90..99, true, false));
    let timeline = shown(Purpose::Return(spot), timeline, stretch(30..60, true, true));
    assert_eq!(ids(&timeline), (30..60).collect::<Vec<_>>());
    assert_eq!(timeline.intent.1, Intent::ToSpot(spot));
    assert_eq!(timeline.flash, None);
}

#[test]
fn the_beginning_of_what_is_unread_is_known_until_all_was_read() {
    let mut window = stretch(1..9, false, false);
    window.first_unread = Some(MessageId(4));
    let timeline = opened(window);
    assert_eq!(timeline.unread_from(), Some(MessageId(4)));
    let read = api::ChatRow {
        id: CHAT,
        address: String::new(),
        title: String::new(),
        last: None,
        unread: 0,
        sort_at: 0,
        draft: String::new(),
        voice_drafts: Vec::new(),
        asks_presence: false,
    };
    let timeline = commit(timeline, vec![Change::Chat(read)]);
    assert_eq!(timeline.unread_from(), None);
    // The line itself stays where it was.
    assert!(timeline.items[3].unread);
}

fn gap(after: i64, before: i64) -> Gap {
    Gap {
        after: after * 1000,
        before: before * 1000,
    }
}

fn gaps(timeline: &Timeline) -> Vec<i64> {
    let items = timeline.items.iter();
    items
        .filter(|item| item.gap)
        .map(|item| item.row.id.0)
        .collect()
}

#[test]
fn a_gap_at_a_border_of_two_stretches_is_one() {
    let mut newer = stretch(10..13, true, false);
    newer.gaps = vec![gap(5, 10)];
    let timeline = opened(newer);
    // Whether the gap begins in the rows above is not known yet.
    assert_eq!(gaps(&timeline), [0; 0]);
    let cursor = timeline.oldest().unwrap();
    let mut older = stretch(3..6, false, true);
    older.gaps = vec![gap(5, 9)];
    let timeline = paged(timeline, WindowAnchor::Before { cursor }, older);
    assert_eq!(ids(&timeline), [3, 4, 5, 10, 11, 12]);
    assert_eq!(gaps(&timeline), [10]);
    // What fills it comes below its row.
    let timeline = commit(timeline, vec![Change::Message(message(9, 9000, false))]);
    assert_eq!(gaps(&timeline), [9]);
}

#[test]
fn what_is_missing_behind_everything_is_told_at_the_end() {
    for has_newer in [false, true] {
        let mut window = stretch(5..9, false, has_newer);
        window.gaps = vec![gap(8, 20)];
        let timeline = opened(window);
        // Newer ones that are here may come before the gap's end.
        assert_eq!(timeline.gap_at_end, !has_newer);
        assert_eq!(gaps(&timeline), [0; 0]);
    }
}

#[test]
fn a_gap_that_is_filled_goes_and_the_reader_stays() {
    let mut window = stretch(5..9, false, false);
    window.gaps = vec![gap(6, 7)];
    let timeline = opened(window);
    assert_eq!(gaps(&timeline), [7]);
    let intent = timeline.intent;
    let timeline = asked(2, Purpose::Refresh, timeline);
    let answer = TimelineAction::Loaded(2, Purpose::Refresh, stretch(5..9, false, false));
    let timeline = timeline.reduce(answer);
    assert_eq!(gaps(&timeline), [0; 0]);
    assert_eq!(timeline.intent, intent);
}

#[test]
fn older_ones_are_looked_up_again_after_the_server_was_asked_for_this_chat() {
    let mut window = stretch(5..9, false, false);
    window.older_missing = true;
    let timeline = opened(window);
    let other = Rc::clone(&timeline).reduce(TimelineAction::Fetched(ChatId(2)));
    assert!(!other.stale);
    let timeline = timeline.reduce(TimelineAction::Fetched(CHAT));
    assert!(timeline.stale && timeline.older_missing);
    let timeline = asked(2, Purpose::Refresh, timeline);
    let answer = TimelineAction::Loaded(2, Purpose::Refresh, stretch(1..9, false, false));
    let timeline = timeline.reduce(answer);
    assert_eq!(ids(&timeline), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert!(!timeline.stale && !timeline.older_missing);
}

#[test]
fn a_gap_that_closes_has_the_stretch_read_again() {
    let told = |timeline: Rc<Timeline>, complete, gaps| {
        timeline.reduce(TimelineAction::Feed(Rc::new(vec![Feed::Signal(
            Signal::Sync {
                held: 1,
                total: None,
                back_to: None,
                complete,
                gaps,
                fetching: !complete,
                metered: false,
            },
        )])))
    };
    let mut window = stretch(5..9, true, false);
    window.gaps = vec![gap(6, 7)];
    let timeline = told(opened(window), false, 1);
    assert!(!timeline.stale);
    assert!(told(timeline, false, 0).stale);
    let whole = told(opened(stretch(5..9, true, false)), true, 0);
    assert!(!whole.stale);
    // Whether this is the beginning, only the archive tells.
    assert!(told(opened(stretch(5..9, false, false)), false, 1).stale);
}

#[test]
fn a_place_of_the_run_before_is_returned_to() {
    const LEFT: Purpose = Purpose::Show(WindowAnchor::Left);
    let spot = Spot {
        id: MessageId(4),
        offset: -12,
    };
    let begin = || {
        let timeline = Rc::new(Timeline::default()).reduce(TimelineAction::Open(Some(CHAT)));
        asked(1, LEFT, timeline)
    };
    let mut window = stretch(1..9, true, false);
    window.left = Some(spot);
    let timeline = begin().reduce(TimelineAction::Loaded(1, LEFT, window));
    assert_eq!(timeline.intent.1, Intent::ToSpot(spot));
    assert!(!timeline.following);
    // Left at the newest message.
    let end = begin().reduce(TimelineAction::Loaded(1, LEFT, stretch(1..9, true, false)));
    assert_eq!(end.intent.1, Intent::ToBottom);
    assert!(end.following);
    // Something came meanwhile.
    let mut window = stretch(1..9, true, true);
    window.first_unread = Some(MessageId(5));
    let unread = begin().reduce(TimelineAction::Loaded(1, LEFT, window));
    assert_eq!(unread.intent.1, Intent::ToMessage(MessageId(5)));
    assert!(unread.items[4].unread);
}

#[test]
fn a_page_of_the_archive_leaves_the_reader_where_they_are() {
    let held = 1001..1061;
    let timeline = opened(stretch(held.clone(), false, false));
    let timeline = timeline.reduce(TimelineAction::Following(false));
    let page = (1..251).map(|at| Change::Message(message(5000 + at, at * 10, false)));
    let timeline = commit(timeline, page.collect());
    let shown = ids(&timeline);
    assert!(held.clone().all(|id| shown.contains(&id)));
    assert_eq!(shown.len(), MOST);
    // What did not fit is older, and can be scrolled to.
    assert!(timeline.has_older && !timeline.has_newer);
}

#[test]
fn what_is_new_is_counted_once_however_often_it_changes() {
    let mut timeline = opened(stretch(1..3, false, true));
    for state in [
        MessageState::Sent,
        MessageState::Delivered,
        MessageState::Read,
    ] {
        let mut row = message(9, 9000, false);
        row.state = state;
        timeline = commit(timeline, vec![Change::Message(row)]);
    }
    let mut edited = message(7, 7000, false);
    edited.edited = Some(8000);
    let timeline = commit(timeline, vec![Change::Message(edited)]);
    assert_eq!(timeline.arrived, 1);
}

#[test]
fn an_answer_ends_what_is_new() {
    let mut window = stretch(1..4, false, false);
    window.first_unread = Some(MessageId(2));
    let timeline = Rc::new(Timeline::default()).reduce(TimelineAction::Open(Some(CHAT)));
    let timeline = asked(1, UNREAD, timeline).reduce(TimelineAction::Loaded(1, UNREAD, window));
    assert!(timeline.items[1].unread);
    let timeline = commit(timeline, vec![Change::Message(message(9, 9000, true))]);
    assert!(timeline.items.iter().all(|item| !item.unread));
}
