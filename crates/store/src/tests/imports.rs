//! Records of another store: merged by the same rules, never back, never out.

use api::{FaultKind, Media, MessageCursor, MessageId};

use super::*;
use crate::{
    Came, FollowUpContent, Imported, Moment, Record, RecordContent, RecordFollowUp, RecordMedia,
};

fn record(origin_id: &str, at: Millis, body: &str) -> Record {
    Record {
        id: MessageId(1),
        author: BO.into(),
        own: false,
        at,
        state: MessageState::Received,
        fault: None,
        unread: false,
        markable: false,
        came: Came {
            live: true,
            ..Came::default()
        },
        origin_id: origin_id.into(),
        stanza_id: String::new(),
        server_id: String::new(),
        content: RecordContent::Text { body: body.into() },
        first: None,
        retracted: false,
        reply: None,
        follow_ups: Vec::new(),
    }
}

fn own(state: MessageState) -> Record {
    Record {
        author: ANN.into(),
        own: true,
        state,
        ..record("o1", NOON, "hi")
    }
}

fn voice(file: &str) -> Record {
    Record {
        content: RecordContent::Voice(RecordMedia {
            state: Media::Here,
            file: file.into(),
            url: "https://localhost/v.ogg".into(),
            name: "v.ogg".into(),
            media_type: "audio/ogg".into(),
            size: Some(5),
            sha256: Some([1; 32]),
            duration_ms: 20,
            peaks: vec![1],
            heard: true,
        }),
        ..record("v", NOON, "")
    }
}

async fn import(ann: &Ann, records: Vec<Record>, file: Option<&'static str>) -> Vec<Imported> {
    ann.store
        .write(move |tx| {
            let chat = tx.import_chat(BO, "Bo", "typed", 0)?;
            let mut moment = Moment::default();
            records
                .iter()
                .map(|record| tx.import_record(chat, record, file, &mut moment))
                .collect()
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn twice_is_once_and_two_equal_ones_stay_two() {
    let ann = Ann::new().await;
    let records = vec![
        record("a", NOON, "one"),
        record("", NOON + 1, "ok"),
        record("", NOON + 1, "ok"),
        record("", NOON + 2, "ok"),
    ];
    let first = import(&ann, records.clone(), None).await;
    let again = import(&ann, records, None).await;
    assert!(first.iter().all(|imported| imported.new));
    assert!(again.iter().all(|imported| !imported.new));
    assert_eq!(ann.timeline().await.len(), 4);
    let chat = ann.chat().await;
    let chat = ann.store.reader().chat(chat).await.unwrap().unwrap();
    assert_eq!((chat.title.as_str(), chat.draft.as_str()), ("Bo", "typed"));
}

#[tokio::test]
async fn what_is_here_stays_and_only_gets_further() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    ann.store
        .write(move |tx| tx.add_text(chat, "o1", NOON, "hi"))
        .await
        .unwrap();
    for (state, expected) in [
        (MessageState::Pending, "ann|pending|hi\n"),
        (MessageState::Sent, "ann|sent|hi\n"),
        (MessageState::Read, "ann|read|hi\n"),
        (MessageState::Sent, "ann|read|hi\n"),
        (MessageState::Failed, "ann|read|hi\n"),
    ] {
        import(&ann, vec![own(state)], None).await;
        assert_eq!(ann.dump().await, expected);
    }
    assert_eq!(ann.store.reader().counts().await.unwrap().outbox, 0);
}

#[tokio::test]
async fn nothing_imported_goes_out_by_itself() {
    let ann = Ann::new().await;
    let id = import(&ann, vec![own(MessageState::Pending)], None).await[0].id;
    let row = ann.store.reader().message(id).await.unwrap().unwrap();
    assert_eq!(row.state, MessageState::Failed);
    assert_eq!(row.fault, Some(FaultKind::NotSent));
    assert!(ann.store.reader().outbox_is_empty().await.unwrap());
    ann.store
        .write(move |tx| tx.retry_message(id, "o2"))
        .await
        .unwrap();
    assert_eq!(ann.dump().await, "ann|pending|hi\n");
}

#[tokio::test]
async fn a_file_is_taken_once() {
    let ann = Ann::new().await;
    ann.merge(voice_from_bo("v", NOON)).await;
    let wanted = |record: Record| {
        let store = ann.store.clone();
        async move {
            let job = move |tx: &mut crate::WriteTx<'_>| {
                let chat = tx.ensure_chat(BO)?;
                tx.import_wants(chat, &[record])
            };
            store.write(job).await.unwrap()
        }
    };
    assert_eq!(wanted(voice("x")).await, [true]);
    let took = import(&ann, vec![voice("x")], Some("x")).await;
    assert!(took[0].took_file && !took[0].new);
    assert_eq!(ann.dump().await, "bo|received|voice Here heard=true\n");
    assert_eq!(wanted(voice("x")).await, [false]);
    assert!(!import(&ann, vec![voice("x")], Some("y")).await[0].took_file);
}

#[tokio::test]
async fn an_id_of_another_archive_steals_no_message() {
    let ann = Ann::new().await;
    ann.merge(archived("7", from_bo("a", NOON, "hi"))).await;
    let other = ann
        .store
        .write(|tx| {
            let chat = tx.import_chat("cy@localhost", "", "", 0)?;
            let record = Record {
                author: "cy@localhost".into(),
                server_id: "7".into(),
                ..record("", NOON, "hi")
            };
            let first = tx.import_record(chat, &record, None, &mut Moment::default())?;
            let again = tx.import_record(chat, &record, None, &mut Moment::default())?;
            Ok((first, again))
        })
        .await
        .unwrap();
    assert!(other.0.new && !other.1.new);
    assert_eq!(ann.timeline().await.len(), 1);
}

#[tokio::test]
async fn what_was_read_anywhere_is_read() {
    let ann = Ann::new().await;
    ann.merge(from_bo("a", NOON, "one")).await;
    ann.merge(from_bo("b", NOON + 1, "two")).await;
    let unread = Record {
        unread: true,
        ..record("c", NOON + 2, "three")
    };
    import(&ann, vec![record("a", NOON, "one"), unread], None).await;
    assert_eq!(ann.unread().await, 2);
    let chat = ann.chat().await;
    let upto = MessageCursor {
        at: NOON + 2,
        id: MessageId(9),
    };
    ann.store
        .write(move |tx| tx.import_read(chat, upto))
        .await
        .unwrap();
    let late = Record {
        unread: true,
        ..record("d", NOON + 1, "late")
    };
    import(&ann, vec![late], None).await;
    assert_eq!(ann.unread().await, 2);
}

#[tokio::test]
async fn only_the_author_corrects_and_takes_back_also_in_a_folder() {
    let ann = Ann::new().await;
    let said = |content, author: &str, name: &str| RecordFollowUp {
        author: author.into(),
        own: author == ANN,
        target: "o1".into(),
        name: name.into(),
        at: NOON + 1,
        archived: false,
        content,
    };
    let correction = |body: &str| FollowUpContent::Correction { body: body.into() };
    let by_others = Record {
        follow_ups: vec![
            said(correction("never said"), BO, "c1"),
            said(FollowUpContent::Retraction, BO, "r1"),
        ],
        ..own(MessageState::Sent)
    };
    import(&ann, vec![by_others], None).await;
    assert_eq!(ann.dump().await, "ann|sent|hi\n");
    let by_author = Record {
        follow_ups: vec![said(correction("hi!"), ANN, "c2")],
        ..own(MessageState::Sent)
    };
    import(&ann, vec![by_author], None).await;
    assert_eq!(ann.dump().await, "ann|sent|hi!\n");
    let taken_back = Record {
        follow_ups: vec![said(FollowUpContent::Retraction, ANN, "r2")],
        ..own(MessageState::Sent)
    };
    let id = import(&ann, vec![taken_back], None).await[0].id;
    let row = ann.store.reader().message(id).await.unwrap().unwrap();
    assert!(row.retracted);
    // What is here stays taken back, whatever an older folder says.
    import(&ann, vec![own(MessageState::Sent)], None).await;
    let row = ann.store.reader().message(id).await.unwrap().unwrap();
    assert!(row.retracted);
}
