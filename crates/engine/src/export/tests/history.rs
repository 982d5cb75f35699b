//! Histories as people make them, in any order, and what of them has to come back.

use std::path::Path;

use api::{FaultKind, Media, MessageCursor, MessageId, MessageState, Millis};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use store::{
    ExportChat, FollowUp, FollowUpContent, Incoming, IncomingContent, IncomingReply, Record,
    RecordContent, Source, Store,
};

use super::{NOON, Person};

pub(crate) const CHATS: [&str; 3] = ["bo@localhost", "王@example.org", "list.example.org"];

/// Something that happens in a history. Numbers are taken by what there is.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// A message comes, or ours from another device.
    Comes {
        chat: usize,
        own: bool,
        minutes: i64,
        ids: u8,
        source: u8,
        what: What,
    },
    /// We say something.
    Say {
        chat: usize,
        body: String,
    },
    /// We speak.
    Speak {
        chat: usize,
    },
    /// We speak and do not send it yet.
    Record {
        chat: usize,
    },
    /// It is with the server.
    Sent {
        nth: usize,
    },
    /// It cannot be sent.
    Fails {
        nth: usize,
    },
    /// They have it, or more.
    Receipt {
        nth: usize,
        state: u8,
    },
    /// We read so far.
    Read {
        nth: usize,
    },
    /// Its file comes.
    Fetched {
        nth: usize,
    },
    /// We listen to it.
    Heard {
        nth: usize,
    },
    Draft {
        chat: usize,
        text: String,
    },
    /// Something is said about a message, or about one that is not here.
    FollowUp {
        nth: usize,
        own: bool,
        named: bool,
        archived: bool,
        content: u8,
    },
    /// A message comes that answers another.
    Answer {
        nth: usize,
        own: bool,
    },
    /// It failed, and we take it away; a word of ours that waits fails for that.
    Discard {
        nth: usize,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Words(String),
    Voice,
    File(String),
}

impl Deed {
    pub(crate) fn say(body: &str) -> Self {
        Self::Say {
            chat: 0,
            body: body.into(),
        }
    }
}

pub(crate) fn deeds(many: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Deed>> {
    let chat = 0..CHATS.len();
    let nth = 0..40_usize;
    let words = prop_oneof![
        "[a-z<>&\"' \n]{1,12}",
        Just("好的，明天见".to_owned()),
        Just("ok".to_owned()),
        "\\PC{1,8}",
    ];
    let what = prop_oneof![
        3 => words.clone().prop_map(What::Words),
        1 => Just(What::Voice),
        1 => prop_oneof![Just("a.png".to_owned()), Just("../x.html".to_owned()), Just(String::new())]
            .prop_map(What::File),
    ];
    let comes = (
        chat.clone(),
        any::<bool>(),
        -90_000..9_i64,
        0..5_u8,
        0..3_u8,
        what,
    )
        .prop_map(|(chat, own, minutes, ids, source, what)| Deed::Comes {
            chat,
            own,
            minutes,
            ids,
            source,
            what,
        });
    let deed = prop_oneof![
        8 => comes,
        3 => (chat.clone(), words.clone()).prop_map(|(chat, body)| Deed::Say { chat, body }),
        2 => chat.clone().prop_map(|chat| Deed::Speak { chat }),
        1 => chat.clone().prop_map(|chat| Deed::Record { chat }),
        2 => nth.clone().prop_map(|nth| Deed::Sent { nth }),
        1 => nth.clone().prop_map(|nth| Deed::Fails { nth }),
        2 => (nth.clone(), 0..3_u8).prop_map(|(nth, state)| Deed::Receipt { nth, state }),
        1 => nth.clone().prop_map(|nth| Deed::Read { nth }),
        3 => nth.clone().prop_map(|nth| Deed::Fetched { nth }),
        1 => nth.clone().prop_map(|nth| Deed::Heard { nth }),
        1 => (chat, words).prop_map(|(chat, text)| Deed::Draft { chat, text }),
        4 => (nth.clone(), any::<bool>(), any::<bool>(), any::<bool>(), 0..9_u8)
            .prop_map(|(nth, own, named, archived, content)| Deed::FollowUp { nth, own, named, archived, content }),
        2 => (nth.clone(), any::<bool>()).prop_map(|(nth, own)| Deed::Answer { nth, own }),
        1 => nth.prop_map(|nth| Deed::Discard { nth }),
    ];
    proptest::collection::vec(deed, many)
}

impl Person {
    pub(crate) async fn lives(&mut self, deeds: &[Deed]) {
        for deed in deeds {
            self.next += 1;
            self.does(deed.clone()).await;
        }
    }

    /// Somebody takes back what has this id.
    pub(crate) async fn retract(&self, chat: &str, target: &str, own: bool) {
        let what = FollowUp {
            chat: chat.into(),
            author: if own {
                self.address.clone()
            } else {
                chat.into()
            },
            own,
            at: NOON,
            id: Some(format!("taken back {target}")),
            target: target.into(),
            content: FollowUpContent::Retraction,
            wants_receipt: false,
            source: Source::Live,
            reply_address: String::new(),
        };
        let done = self.store.write(move |tx| tx.follow_up(&what)).await;
        done.unwrap();
    }

    async fn does(&self, deed: Deed) {
        let n = self.next;
        let at = NOON + i64::try_from(n).unwrap() * 1000;
        let address = self.address.clone();
        let (drafts, media) = (self.store.drafts_dir(), self.store.media_dir());
        // What does not apply to what there is changes nothing.
        let _does_not_apply = self
            .store
            .write(move |tx| {
                match deed {
                    Deed::Comes {
                        chat,
                        own,
                        minutes,
                        ids,
                        source,
                        what,
                    } => {
                        let incoming = incoming(n, &address, chat, own, ids, source, what);
                        let at = at + minutes * 60_000;
                        tx.merge(&Incoming { at, ..incoming })?;
                    }
                    Deed::Say { chat, body } => {
                        let chat = tx.ensure_chat(CHATS[chat])?;
                        tx.add_text(chat, &format!("own{n}"), at, &body)?;
                    }
                    Deed::Speak { chat } => {
                        let chat = tx.ensure_chat(CHATS[chat])?;
                        let id = format!("spoken{n}");
                        std::fs::write(drafts.join(format!("{id}.ogg")), sound(n))?;
                        tx.draft_begin(&id, chat, at)?;
                        tx.draft_finish(&id, 1200, &[1, 200, 3])?;
                        tx.send_draft(&id, chat, &format!("own{n}"), at)?;
                    }
                    Deed::Record { chat } => {
                        let chat = tx.ensure_chat(CHATS[chat])?;
                        let id = format!("kept{n}");
                        std::fs::write(drafts.join(format!("{id}.ogg")), sound(n))?;
                        tx.draft_begin(&id, chat, at)?;
                        tx.draft_finish(&id, 700, &[4, 5])?;
                    }
                    Deed::Sent { nth } => tx.outbox_acked(row(nth))?,
                    Deed::Fails { nth } => {
                        tx.outbox_wedge(row(nth), &FaultKind::TooLarge { max: 7 })?;
                    }
                    Deed::Receipt { nth, state } => {
                        let states = [
                            MessageState::Delivered,
                            MessageState::Read,
                            MessageState::Heard,
                        ];
                        let state = states[usize::from(state)];
                        tx.receipt(CHATS[nth % 3], &format!("own{nth}"), state)?;
                    }
                    Deed::Read { nth } => {
                        for chat in CHATS {
                            let chat = tx.ensure_chat(chat)?;
                            if tx.mark_read(chat, MessageId(row(nth))).is_ok() {
                                break;
                            }
                        }
                    }
                    Deed::Fetched { nth } => {
                        let (name, sound) = (format!("file{nth}"), sound(nth as u64));
                        tx.media_fetching(MessageId(row(nth)), "part")?;
                        std::fs::write(media.join(&name), &sound)?;
                        let id = MessageId(row(nth));
                        tx.media_here(id, &name, Some(900), Some(&[9]), sound.len() as u64)?;
                    }
                    Deed::Heard { nth } => tx.heard(MessageId(row(nth)), store::Tell::Them)?,
                    Deed::Draft { chat, text } => {
                        let chat = tx.ensure_chat(CHATS[chat])?;
                        tx.set_draft(chat, &text)?;
                    }
                    Deed::FollowUp {
                        nth,
                        own,
                        named,
                        archived,
                        content,
                    } => {
                        let chat = CHATS[nth % 3];
                        let what = FollowUp {
                            chat: chat.into(),
                            author: if own { address } else { chat.into() },
                            own,
                            at: at + i64::from(content) * 1000 - 4000,
                            id: named.then(|| format!("own{}", n + 100)),
                            // Nobody says anything about a message of ours before we do.
                            target: match (nth as u64) < n {
                                true => format!("own{nth}"),
                                false => format!("elsewhere{nth}"),
                            },
                            content: follow_up(content),
                            wants_receipt: false,
                            source: if archived {
                                Source::Archive
                            } else {
                                Source::Live
                            },
                            reply_address: String::new(),
                        };
                        tx.follow_up(&what)?;
                    }
                    Deed::Answer { nth, own } => {
                        let words = What::Words("yes".into());
                        let answer = incoming(n, &address, nth % 3, own, 3, 0, words);
                        let reply = IncomingReply {
                            id: format!("own{nth}"),
                            author: own.then(|| CHATS[nth % 3].into()),
                            quote: "was it so?".into(),
                        };
                        tx.merge(&Incoming {
                            at,
                            reply: Some(reply),
                            ..answer
                        })?;
                    }
                    Deed::Discard { nth } => {
                        let _may_be_gone = tx.outbox_wedge(row(nth), &FaultKind::Refused);
                        tx.discard_message(MessageId(row(nth)))?;
                    }
                }
                Ok(())
            })
            .await;
    }
}

fn follow_up(content: u8) -> FollowUpContent {
    match content {
        0..4 => FollowUpContent::Correction {
            body: format!("no, {content}"),
        },
        4 => FollowUpContent::Retraction,
        5 => FollowUpContent::Reactions { emoji: Vec::new() },
        _ => FollowUpContent::Reactions {
            emoji: vec!["👍".into(), format!("{content}")],
        },
    }
}

fn row(nth: usize) -> i64 {
    i64::try_from(nth).unwrap() + 1
}

fn sound(n: u64) -> Vec<u8> {
    format!("not really a sound {n}").repeat(3).into_bytes()
}

fn incoming(
    n: u64,
    address: &str,
    chat: usize,
    own: bool,
    ids: u8,
    source: u8,
    what: What,
) -> Incoming {
    let source = [Source::Live, Source::Carbon, Source::Archive][usize::from(source)];
    let url = format!("https://example.org/{n}");
    let content = match what {
        What::Words(body) => IncomingContent::Text { body },
        What::Voice => IncomingContent::Voice {
            url,
            duration_ms: Some(1000),
            peaks: vec![1, 2, 255],
            name: "voice.ogg".into(),
            size: Some(9),
            media_type: "audio/ogg; codecs=opus".into(),
            sha256: None,
        },
        What::File(name) => IncomingContent::File {
            dimensions: None,
            url,
            name,
            media_type: "image/png".into(),
            size: None,
            sha256: None,
        },
    };
    Incoming {
        chat: CHATS[chat].into(),
        author: if own {
            address.into()
        } else {
            CHATS[chat].into()
        },
        own,
        at: 0,
        stanza_id: (ids == 1 || ids == 4).then(|| format!("st{n}")),
        origin_id: (ids >= 3).then(|| format!("own{n}")),
        server_id: (source == Source::Archive || ids == 2).then(|| format!("s{n}")),
        content,
        wants_receipt: !own,
        markable: !own,
        source,
        reply_address: format!("{}/phone", CHATS[chat]),
        reply: None,
    }
}

/// A store without its numbers: chats with their records as an import has to bring them, and what was read.
#[derive(Debug, PartialEq)]
pub(crate) struct Normal {
    pub(crate) address: String,
    pub(crate) title: String,
    pub(crate) draft: String,
    pub(crate) unread: u32,
    pub(crate) voice_drafts: Vec<(Millis, u32, Vec<u8>, Vec<u8>)>,
    /// The place of the message up to which was read.
    pub(crate) read: Option<usize>,
    pub(crate) records: Vec<(Record, Vec<u8>)>,
}

/// `own`: who is put in the place of us. `exported`: as it is after the way through a folder.
pub(crate) async fn normal(store: &Store, own: &str, exported: bool) -> Vec<Normal> {
    let reader = store.reader();
    let mut chats = Vec::new();
    for chat in reader.export_chats().await.unwrap() {
        let start = MessageCursor {
            at: Millis::MIN,
            id: MessageId(i64::MIN),
        };
        let upto = MessageId(i64::MAX);
        let records = reader.export_of_chat(chat.id, start, Millis::MAX, upto, 100_000);
        let records = records.await.unwrap();
        chats.push(Normal {
            read: read_place(&chat, &records),
            voice_drafts: voice_drafts(store, &chat),
            address: chat.address,
            title: chat.title,
            draft: chat.draft,
            unread: chat.unread,
            records: records
                .into_iter()
                .map(|record| normal_record(record, &store.media_dir(), own, exported))
                .collect(),
        });
    }
    chats
}

fn voice_drafts(store: &Store, chat: &ExportChat) -> Vec<(Millis, u32, Vec<u8>, Vec<u8>)> {
    let whole = |row: &store::DraftRow| {
        let file = store.drafts_dir().join(format!("{}.ogg", row.draft.id));
        let sound = std::fs::read(file).unwrap();
        (
            row.at,
            row.draft.duration_ms,
            row.draft.peaks.clone(),
            sound,
        )
    };
    chat.drafts.iter().map(whole).collect()
}

fn read_place(chat: &ExportChat, records: &[Record]) -> Option<usize> {
    let at = |record: &Record| (record.at, record.id) == (chat.read.at, chat.read.id);
    records.iter().position(at)
}

fn normal_record(
    mut record: Record,
    media_dir: &Path,
    own: &str,
    exported: bool,
) -> (Record, Vec<u8>) {
    record.id = MessageId(0);
    if record.own {
        record.author = own.into();
    }
    for said in record.follow_ups.iter_mut().filter(|said| said.own) {
        said.author = own.into();
    }
    if exported && record.state == MessageState::Pending {
        (record.state, record.fault) = (MessageState::Failed, Some(FaultKind::NotSent));
    }
    let mut content = Vec::new();
    if let RecordContent::Voice(media) | RecordContent::File(media) = &mut record.content {
        if media.state == Media::Here {
            content = std::fs::read(media_dir.join(&media.file)).unwrap();
            media.sha256 = Some(Sha256::digest(&content).into());
            media.size = Some(content.len() as u64);
        } else if exported && media.state == Media::Fetching {
            media.state = Media::Remote;
        }
        media.file = String::new();
    }
    (record, content)
}
