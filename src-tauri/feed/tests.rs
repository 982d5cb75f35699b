//! The pace, with a clock that the tests move.

use api::{ChatPage, Connection, Content, MessageRow, MessageState};

use super::*;

fn message(id: i64, state: MessageState) -> Change {
    Change::Message(MessageRow {
        id: MessageId(id),
        chat: ChatId(1),
        author: "bo@localhost".into(),
        own: true,
        at: id,
        content: Content::Text { body: "hi".into() },
        state,
        fault: None,
        edited: None,
        retracted: false,
        reply_to: None,
        reactions: Vec::new(),
    })
}

fn commit(seq: u64, changes: Vec<Change>) -> Feed {
    Feed::Commit(Commit { seq, changes })
}

fn level(peak: u8) -> Feed {
    Feed::Signal(Signal::Level {
        draft: "d".into(),
        elapsed_ms: 0,
        peak,
    })
}

fn typing(chat: i64, on: bool) -> Feed {
    Feed::Signal(Signal::Typing {
        chat: ChatId(chat),
        on,
    })
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn the_first_after_a_quiet_time_goes_at_once() {
    let now = Instant::now();
    let mut pace = Pace::default();
    assert_eq!(pace.due(now), None);
    pace.push(commit(1, vec![]));
    assert_eq!(pace.due(now), Some(now));
    assert_eq!(pace.take(now), [commit(1, vec![])]);
    assert_eq!(pace.due(now), None);

    pace.push(commit(2, vec![]));
    let later = now + 1000 * MS;
    assert!(pace.due(later).unwrap() <= later);
}

#[test]
fn a_frame_is_one_commit() {
    let now = Instant::now();
    let mut pace = Pace::default();
    pace.push(commit(1, vec![]));
    pace.take(now);
    pace.push(commit(2, vec![message(1, MessageState::Pending)]));
    pace.push(commit(3, vec![message(2, MessageState::Pending)]));
    pace.push(commit(4, vec![message(1, MessageState::Sent)]));
    assert_eq!(pace.due(now + MS), Some(now + FRAME));
    assert_eq!(
        pace.take(now + FRAME),
        [commit(
            4,
            vec![
                message(2, MessageState::Pending),
                message(1, MessageState::Sent)
            ]
        )]
    );
}

#[test]
fn gone_is_newer_than_what_it_was() {
    let mut pace = Pace::default();
    let gone = Change::MessageGone {
        chat: ChatId(1),
        id: MessageId(1),
    };
    pace.push(commit(1, vec![message(1, MessageState::Failed)]));
    pace.push(commit(2, vec![gone.clone()]));
    assert_eq!(pace.take(Instant::now()), [commit(2, vec![gone])]);
}

#[test]
fn a_row_that_changes_for_ever_takes_no_more_memory() {
    let mut pace = Pace::default();
    for seq in 1..10_000 {
        pace.push(commit(seq, vec![message(1, MessageState::Sent)]));
    }
    assert!(pace.changes.len() < 2 * DRAIN);
    assert_eq!(
        pace.take(Instant::now()),
        [commit(9_999, vec![message(1, MessageState::Sent)])]
    );
}

#[test]
fn the_latest_signal_wins_and_the_last_arrives() {
    let start = Instant::now();
    let mut pace = Pace::default();
    let mut sent = Vec::new();
    // A second of 1 kHz levels.
    for ms in 0..1000_u32 {
        let now = start + ms * MS;
        pace.push(level((ms % 251) as u8));
        if pace.due(now).is_some_and(|due| due <= now) {
            sent.extend(pace.take(now));
        }
    }
    assert!(sent.len() <= 15, "{}", sent.len());
    let due = pace.due(start + 1000 * MS).unwrap();
    assert_eq!(pace.take(due), [level((999 % 251) as u8)]);
    assert_eq!(pace.due(due), None);
}

#[test]
fn one_key_does_not_hold_up_another() {
    let now = Instant::now();
    let mut pace = Pace::default();
    pace.push(typing(1, true));
    pace.take(now);
    pace.push(typing(1, false));
    pace.push(typing(2, true));
    let frame = now + FRAME;
    assert_eq!(pace.due(now), Some(frame));
    assert_eq!(pace.take(frame), [typing(2, true)]);
    assert_eq!(pace.due(frame), Some(now + SIGNAL_PERIOD));
    assert_eq!(pace.take(now + SIGNAL_PERIOD), [typing(1, false)]);
}

#[test]
fn commits_go_before_signals() {
    let mut pace = Pace::default();
    pace.push(typing(1, false));
    pace.push(commit(1, vec![]));
    assert_eq!(
        pace.take(Instant::now()),
        [commit(1, vec![]), typing(1, false)]
    );
}

#[test]
fn a_reset_forgets_how_it_stood_but_not_what_happened() {
    let notice = Feed::Signal(Signal::Notice {
        fault: api::FaultKind::PasswordNotKept.into(),
    });
    let mut pace = Pace::default();
    pace.push(commit(1, vec![]));
    pace.push(typing(1, true));
    pace.push(notice.clone());
    let reset = Feed::Reset(Box::new(Reset {
        seq: 9,
        chats: ChatPage::default(),
        connection: Connection::Online,
        ..Reset::default()
    }));
    pace.push(reset.clone());
    pace.push(commit(10, vec![]));
    assert_eq!(
        pace.take(Instant::now()),
        [reset, commit(10, vec![]), notice]
    );
}

#[tokio::test]
async fn delivers_the_reset_first_and_the_rest_at_the_end() {
    let (tell, items) = tokio::sync::mpsc::unbounded_channel();
    for seq in 1..=3 {
        tell.send(commit(seq, vec![message(seq as i64, MessageState::Sent)]))
            .unwrap();
    }
    tell.send(level(1)).unwrap();
    tell.send(level(2)).unwrap();
    drop(tell);
    let mut batches = Vec::new();
    deliver(Reset::default(), items, |batch| {
        batches.push(batch);
        true
    })
    .await;
    let mut batches = batches.into_iter();
    assert!(matches!(batches.next().unwrap()[..], [Feed::Reset(_)]));
    let rest: Vec<Feed> = batches.flatten().collect();
    let [Feed::Commit(only), signal] = &rest[..] else {
        panic!("{rest:?}");
    };
    assert_eq!((only.seq, only.changes.len()), (3, 3));
    assert_eq!(*signal, level(2));
}

#[tokio::test]
async fn ends_when_the_window_is_gone() {
    let (_tell, items) = tokio::sync::mpsc::unbounded_channel();
    deliver(Reset::default(), items, |_| false).await;
}
