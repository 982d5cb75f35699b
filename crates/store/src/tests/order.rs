//! Whatever order the wire chooses: one row per message, in order, in its state.

use proptest::prelude::*;

use super::*;

/// What may happen to a message, in any order and more than once.
#[derive(Clone, Copy, Debug)]
enum Step {
    Live,
    Carbon,
    Archive,
    Acked,
    Lost,
    Delivered,
    Read,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Live),
        Just(Step::Carbon),
        Just(Step::Archive),
        Just(Step::Acked),
        Just(Step::Lost),
        Just(Step::Delivered),
        Just(Step::Read),
    ]
}

/// Four messages written here, four by bo. Bo's first two have no ids.
const COUNT: usize = 8;

fn incoming(n: usize, step: Step) -> Incoming {
    let at = NOON + i64::try_from(n).unwrap() * 1000;
    let body = format!("m{n}");
    let id = format!("id{n}");
    let source = match step {
        Step::Live => Source::Live,
        Step::Carbon => Source::Carbon,
        _ => Source::Archive,
    };
    let message = match n % 2 {
        0 => from_ann(&id, at, &body, source),
        _ => from_bo(&id, at, &body),
    };
    let server_id = matches!(source, Source::Archive).then(|| format!("s{n}"));
    let bare = n == 1 || n == 3;
    Incoming {
        source,
        server_id,
        stanza_id: message.stanza_id.filter(|_| !bare),
        origin_id: message.origin_id.filter(|_| !bare),
        ..message
    }
}

/// What the state of an own message has to be, told step by step.
fn model(states: &mut [MessageState; COUNT], n: usize, step: Step) {
    let rise = |state: &mut MessageState, to| {
        if *state < to {
            *state = to;
        }
    };
    if !n.is_multiple_of(2) {
        return;
    }
    match step {
        Step::Live | Step::Carbon | Step::Archive | Step::Acked => {
            rise(&mut states[n], MessageState::Sent);
        }
        Step::Lost => {}
        Step::Delivered => rise(&mut states[n], MessageState::Delivered),
        Step::Read => {
            rise(&mut states[n], MessageState::Read);
            for earlier in (0..n).step_by(2) {
                if states[earlier] >= MessageState::Sent {
                    rise(&mut states[earlier], MessageState::Read);
                }
            }
        }
    }
}

async fn play(steps: Vec<(usize, Step)>) {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    let mut states = [MessageState::Received; COUNT];
    let mut here = [false; COUNT];
    // What is written here is there from the start, in the order of its time.
    for n in (0..COUNT).step_by(2) {
        let (id, at) = (format!("id{n}"), NOON + i64::try_from(n).unwrap() * 1000);
        ann.store
            .write(move |tx| tx.add_text(chat, &id, at, &format!("m{n}")))
            .await
            .unwrap();
        states[n] = MessageState::Pending;
        here[n] = true;
    }
    let rows: Vec<i64> = (1..=4).collect();
    // A bare copy counts once per source: a second one would be a second message.
    let mut seen = std::collections::BTreeSet::new();
    for (n, step) in steps {
        let own = n % 2 == 0;
        let bare = n == 1 || n == 3;
        match step {
            Step::Live | Step::Carbon | Step::Archive => {
                let live = matches!(step, Step::Live | Step::Carbon);
                if bare && live && !seen.insert(n) {
                    continue;
                }
                let merged = ann.merge(incoming(n, step)).await;
                assert_eq!(merged.new, !here[n], "m{n} {step:?}");
                here[n] = true;
            }
            Step::Acked if own => {
                let row = rows[n / 2];
                ann.store
                    .write(move |tx| {
                        tx.outbox_sent(row)?;
                        tx.outbox_acked(row)
                    })
                    .await
                    .unwrap();
            }
            Step::Lost => {
                ann.store.write(|tx| tx.outbox_all_lost()).await.unwrap();
            }
            Step::Delivered | Step::Read if own => {
                let state = match step {
                    Step::Read => MessageState::Read,
                    _ => MessageState::Delivered,
                };
                ann.store
                    .write(move |tx| tx.receipt(BO, &format!("id{n}"), state))
                    .await
                    .unwrap();
            }
            _ => continue,
        }
        model(&mut states, n, step);
    }
    let expected: Vec<(String, MessageState)> = (0..COUNT)
        .filter(|n| here[*n])
        .map(|n| (format!("m{n}"), states[n]))
        .collect();
    let found: Vec<(String, MessageState)> = ann
        .timeline()
        .await
        .into_iter()
        .map(|row| match row.content {
            Content::Text { body } => (body, row.state),
            _ => panic!("not a text"),
        })
        .collect();
    assert_eq!(found, expected);
    // What waits in the outbox is exactly what nobody has confirmed.
    let pending = states
        .iter()
        .filter(|state| **state == MessageState::Pending);
    let mut waiting = 0;
    loop {
        let due = ann.store.reader().outbox_due(NOON * 2).await.unwrap();
        let messages: Vec<i64> = due
            .iter()
            .filter(|row| matches!(row.job, crate::Job::Message { .. }))
            .map(|row| row.id)
            .collect();
        let Some(row) = messages.first().copied() else {
            break;
        };
        waiting += 1;
        ann.store
            .write(move |tx| tx.outbox_acked(row))
            .await
            .unwrap();
    }
    assert_eq!(waiting, pending.count());
    // The summary is what a recount says.
    let row = ann.store.reader().chat(chat).await.unwrap().unwrap();
    let newest = ann.timeline().await.pop().unwrap();
    assert_eq!(row.last.unwrap().id, newest.id);
    assert_eq!(row.sort_at, newest.at);
    let counts = ann.store.reader().counts().await.unwrap();
    assert_eq!(u64::from(row.unread), counts.unread);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn one_row_per_message_in_order_in_its_state(
        steps in prop::collection::vec((0..COUNT, step()), 0..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(play(steps));
    }
}
