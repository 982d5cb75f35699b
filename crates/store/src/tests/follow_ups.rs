//! Corrections, retractions, reactions and answers: in whatever order they come, the same is shown.

use api::{Kind, MessageId};

use super::*;
use crate::{FollowUp, FollowUpContent, IncomingReply};

fn about(target: &str, id: &str, at: Millis, content: FollowUpContent) -> FollowUp {
    FollowUp {
        chat: BO.into(),
        author: BO.into(),
        own: false,
        at,
        id: Some(id.into()),
        target: target.into(),
        content,
        wants_receipt: false,
        source: Source::Live,
        reply_address: format!("{BO}/phone"),
    }
}

fn correction(target: &str, id: &str, at: Millis, body: &str) -> FollowUp {
    let body = body.into();
    about(target, id, at, FollowUpContent::Correction { body })
}

fn retraction(target: &str, id: &str, at: Millis) -> FollowUp {
    about(target, id, at, FollowUpContent::Retraction)
}

fn reactions(target: &str, id: &str, at: Millis, emoji: &[&str]) -> FollowUp {
    let emoji = emoji.iter().map(|one| (*one).to_owned()).collect();
    about(target, id, at, FollowUpContent::Reactions { emoji })
}

fn by_ann(what: FollowUp) -> FollowUp {
    FollowUp {
        author: ANN.into(),
        own: true,
        ..what
    }
}

fn by_archive(what: FollowUp) -> FollowUp {
    FollowUp {
        source: Source::Archive,
        ..what
    }
}

fn answer(id: &str, at: Millis, body: &str, to: &str) -> Incoming {
    Incoming {
        reply: Some(IncomingReply {
            id: to.into(),
            author: Some(BO.into()),
            quote: "what was quoted".into(),
        }),
        ..from_bo(id, at, body)
    }
}

/// One thing that comes.
#[derive(Clone, Debug)]
enum Comes {
    Said(Box<Incoming>),
    About(FollowUp),
}

impl From<Incoming> for Comes {
    fn from(incoming: Incoming) -> Self {
        Self::Said(Box::new(incoming))
    }
}

impl From<FollowUp> for Comes {
    fn from(what: FollowUp) -> Self {
        Self::About(what)
    }
}

impl Ann {
    async fn gets(&self, what: impl Into<Comes>) {
        let what = what.into();
        self.store
            .write(move |tx| match &what {
                Comes::Said(incoming) => tx.merge(incoming).map(drop),
                Comes::About(what) => tx.follow_up(what),
            })
            .await
            .unwrap();
    }

    /// What is shown, a line a message: words, marks, quote.
    async fn shown(&self) -> String {
        let mut out = String::new();
        for row in self.timeline().await {
            let Content::Text { body } = &row.content else {
                out += "voice\n";
                continue;
            };
            out += body;
            for (is, mark) in [
                (row.edited.is_some(), " (edited)"),
                (row.retracted, "(removed)"),
            ] {
                out += if is { mark } else { "" };
            }
            for one in &row.reactions {
                let mine = if one.mine { " mine" } else { "" };
                out += &format!(" [{}{}{mine}]", one.emoji, one.count);
            }
            if let Some(to) = &row.reply_to {
                let here = if to.id.is_some() { "" } else { "?" };
                let gone = if to.retracted { "(removed)" } else { "" };
                out += &format!(" <{here}{}{gone}>", to.snippet);
            }
            out += "\n";
        }
        out
    }

    async fn finds(&self, word: &str) -> usize {
        let reader = self.store.reader();
        let page = reader.search(word.into(), None, None, 0).await.unwrap();
        page.hits.len()
    }

    async fn files_to_go(&self) -> Vec<String> {
        self.store.reader().removals().await.unwrap()
    }
}

/// All orders of these (Heap's algorithm).
fn orders<T: Clone>(items: &mut Vec<T>, count: usize, out: &mut Vec<Vec<T>>) {
    if count <= 1 {
        return out.push(items.clone());
    }
    for n in 0..count {
        orders(items, count - 1, out);
        let other = if count.is_multiple_of(2) { n } else { 0 };
        items.swap(other, count - 1);
    }
}

/// Whatever the order, with all of it again out of the archive and a restart in between: this is shown.
#[track_caller]
fn check(mut what: Vec<Comes>, expected: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut all, count) = (Vec::new(), what.len());
    orders(&mut what, count, &mut all);
    runtime.block_on(async {
        for (n, order) in all.into_iter().enumerate() {
            let mut ann = Ann::new().await;
            for one in &order {
                ann.gets(one.clone()).await;
            }
            assert_eq!(ann.shown().await, expected, "{order:?}");
            if n % 7 == 0 {
                ann = ann.crashed();
                for (place, one) in order.iter().rev().enumerate() {
                    ann.gets(match one.clone() {
                        Comes::Said(incoming) => archived(&format!("s{place}"), *incoming).into(),
                        Comes::About(what) => Comes::from(by_archive(what)),
                    })
                    .await;
                }
                assert_eq!(ann.shown().await, expected, "again {order:?}");
            }
        }
    });
}

#[test]
fn the_last_correction_counts() {
    check(
        vec![
            from_bo("m", NOON, "frist").into(),
            correction("m", "c1", NOON + 1, "first").into(),
            correction("m", "c2", NOON + 3, "last").into(),
            correction("m", "c3", NOON + 2, "middle").into(),
        ],
        "last (edited)\n",
    );
}

#[test]
fn a_chain_leads_to_its_message() {
    check(
        vec![
            from_bo("m", NOON, "one").into(),
            correction("m", "c1", NOON + 1, "two").into(),
            correction("c1", "c2", NOON + 2, "three").into(),
            correction("c2", "c3", NOON + 3, "four").into(),
            by_ann(reactions("c1", "r", NOON + 4, &["👍"])).into(),
        ],
        "four (edited) [👍1 mine]\n",
    );
}

#[test]
fn only_the_author_corrects_and_takes_back() {
    check(
        vec![
            from_bo("m", NOON, "mine").into(),
            by_ann(correction("m", "c1", NOON + 1, "yours")).into(),
            by_ann(retraction("m", "c2", NOON + 2)).into(),
            from_ann("x", NOON + 3, "hers", Source::Carbon).into(),
            correction("x", "c3", NOON + 4, "his").into(),
        ],
        "mine\nhers\n",
    );
}

#[test]
fn a_retraction_beats_everything() {
    check(
        vec![
            from_bo("m", NOON, "secret").into(),
            correction("m", "c1", NOON + 1, "still secret").into(),
            retraction("m", "c2", NOON + 2).into(),
            correction("m", "c3", NOON + 3, "never seen").into(),
            reactions("m", "c4", NOON + 4, &["👍"]).into(),
        ],
        "(removed)\n",
    );
}

#[test]
fn the_newest_reactions_of_each_count() {
    check(
        vec![
            from_bo("m", NOON, "hi").into(),
            by_ann(reactions("m", "r1", NOON + 1, &["👍", "🐢"])).into(),
            by_ann(reactions("m", "r2", NOON + 3, &["🎉", "👍"])).into(),
            by_ann(reactions("m", "r3", NOON + 2, &[])).into(),
            reactions("m", "r4", NOON + 2, &["👍"]).into(),
        ],
        "hi [🎉1 mine] [👍2 mine]\n",
    );
}

#[test]
fn a_quote_shows_what_its_message_says_now() {
    check(
        vec![
            from_bo("m", NOON, "tee?").into(),
            answer("a", NOON + 5, "yes", "m").into(),
            correction("m", "c1", NOON + 1, "tea?").into(),
            answer("b", NOON + 6, "two sugars", "c1").into(),
        ],
        "tea? (edited)\nyes <tea?>\ntwo sugars <tea?>\n",
    );
    check(
        vec![
            from_bo("m", NOON, "secret").into(),
            answer("a", NOON + 5, "what?", "m").into(),
            retraction("m", "c1", NOON + 6).into(),
        ],
        "(removed)\nwhat? <(removed)>\n",
    );
}

#[tokio::test]
async fn an_answer_to_what_is_not_here_shows_its_quote() {
    let ann = Ann::new().await;
    ann.gets(answer("a", NOON, "yes", "m")).await;
    assert_eq!(ann.shown().await, "yes <?what was quoted>\n");
    ann.gets(voice_from_bo("m", NOON - 1)).await;
    let to = ann.timeline().await[1].reply_to.clone().unwrap();
    assert_eq!((to.kind, to.id.is_some()), (Kind::Voice, true));
}

#[tokio::test]
async fn the_archive_puts_the_time_right() {
    let ann = Ann::new().await;
    ann.gets(from_bo("m", NOON, "one")).await;
    // Our clock is a minute ahead.
    ann.gets(correction("m", "c1", NOON + 60_000, "two")).await;
    ann.gets(by_archive(correction("m", "c2", NOON + 9_000, "three")))
        .await;
    assert_eq!(ann.shown().await, "two (edited)\n");
    ann.gets(by_archive(correction("m", "c1", NOON + 1_000, "two")))
        .await;
    assert_eq!(ann.shown().await, "three (edited)\n");
}

#[tokio::test]
async fn list_search_and_unread_follow() {
    let ann = Ann::new().await;
    let row = ann.merge(from_bo("m", NOON, "meet at the harbor")).await;
    let chat = ann.chat().await;
    ann.store
        .write(move |tx| tx.mark_read(chat, row.id))
        .await
        .unwrap();
    let mut commits = ann.store.commits();
    ann.gets(correction("m", "c1", NOON + 1, "meet at the library"))
        .await;
    assert_eq!(
        next(&mut commits),
        ["message received", "chat unread=0"],
        "the list learns of it"
    );
    let last = async || {
        let reader = ann.store.reader();
        reader.chat(chat).await.unwrap().unwrap().last.unwrap()
    };
    assert_eq!(last().await.preview, "meet at the library");
    assert_eq!(
        (ann.finds("harbor").await, ann.finds("library").await),
        (0, 1)
    );
    // A copy of the first version is still the same message, also under a bare id.
    let copy = Incoming {
        origin_id: None,
        ..archived("s1", from_bo("m", NOON, "meet at the harbor"))
    };
    assert!(!ann.merge(copy).await.new);
    ann.gets(retraction("m", "c2", NOON + 2)).await;
    assert!(last().await.retracted);
    assert_eq!(last().await.preview, "");
    assert_eq!(
        (ann.finds("library").await, ann.finds("from:bo").await),
        (0, 0)
    );
    assert_eq!(ann.unread().await, 0);
}

#[tokio::test]
async fn unread_and_taken_back_is_not_unread() {
    let ann = Ann::new().await;
    ann.gets(from_bo("m", NOON, "oops")).await;
    assert_eq!(ann.unread().await, 1);
    ann.gets(retraction("m", "c", NOON + 1)).await;
    assert_eq!(ann.unread().await, 0);
}

#[tokio::test]
async fn a_bare_id_of_what_was_taken_back_is_not_said_again() {
    let ann = Ann::new().await;
    let bare = |body: &str| Incoming {
        origin_id: None,
        ..from_bo("m", NOON, body)
    };
    ann.merge(bare("secret")).await;
    ann.gets(retraction("m", "c", NOON + 1)).await;
    let again = ann.merge(archived("s1", bare("secret"))).await;
    assert!(!again.new);
    assert_eq!(ann.shown().await, "(removed)\n");
}

#[tokio::test]
async fn voice_that_is_taken_back_leaves_the_disk() {
    let ann = Ann::new().await;
    let row: MessageId = ann.merge(voice_from_bo("v", NOON)).await.id;
    ann.store
        .write(move |tx| {
            tx.media_fetching(row, "part")?;
            tx.media_here(row, "file-1", None, None, 9)
        })
        .await
        .unwrap();
    ann.gets(retraction("v", "c", NOON + 1)).await;
    assert_eq!(ann.shown().await, "(removed)\n");
    assert_eq!(ann.store.reader().media_of(row).await.unwrap(), None);
    // Noted until it is done, also over a crash.
    let ann = ann.crashed();
    assert_eq!(ann.files_to_go().await, ["file-1"]);
    ann.store
        .write(|tx| tx.removed(&["file-1".to_owned()]))
        .await
        .unwrap();
    assert_eq!(ann.files_to_go().await, [""; 0]);
}

#[tokio::test]
async fn a_receipt_for_a_correction_is_due_once() {
    let ann = Ann::new().await;
    ann.merge(Incoming {
        wants_receipt: false,
        ..from_bo("m", NOON, "one")
    })
    .await;
    let asks = FollowUp {
        wants_receipt: true,
        ..correction("m", "c", NOON + 1, "two")
    };
    ann.gets(asks.clone()).await;
    ann.gets(asks.clone()).await;
    ann.gets(by_archive(asks)).await;
    let due = ann.store.reader().outbox_due(NOON).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].job, crate::Job::Receipt { id: "c".into() });
}

#[tokio::test]
async fn a_marker_may_name_a_correction() {
    let ann = Ann::new().await;
    let said = from_ann("m", NOON, "one", Source::Carbon);
    let row = ann.merge(said).await.id;
    ann.gets(by_ann(correction("m", "c", NOON + 1, "two")))
        .await;
    ann.store
        .write(|tx| tx.receipt(BO, "c", MessageState::Read))
        .await
        .unwrap();
    assert_eq!(ann.state_of(row).await, MessageState::Read);
}

#[tokio::test]
async fn what_waits_in_vain_is_bounded_and_corrections_show() {
    let ann = Ann::new().await;
    ann.store
        .write(|tx| {
            tx.follow_up(&correction("never", "c", NOON, "an orphan"))?;
            for n in 0..4_200 {
                let id = format!("r{n}");
                tx.follow_up(&retraction("nor this", &id, NOON + n))?;
            }
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(ann.shown().await, "an orphan (edited)\n");
    // Should its message come after all, it is the same one.
    ann.gets(from_bo("never", NOON - 5, "the first version"))
        .await;
    assert_eq!(ann.shown().await, "an orphan (edited)\n");
    let late = retraction("nor that", "late", NOON + 91 * 86_400_000);
    ann.gets(late).await;
    ann.gets(from_bo("nor this", NOON, "still said")).await;
    assert!(ann.shown().await.contains("still said\n"));
}

#[tokio::test]
async fn nobody_can_flush_what_takes_words_back() {
    let ann = Ann::new().await;
    ann.store
        .write(|tx| {
            tx.follow_up(&retraction("o1", "back", NOON + 1))?;
            for n in 0..5_000 {
                let id = format!("r{n}");
                tx.follow_up(&reactions(&id, &id, NOON + n, &["!"]))?;
                let stranger = FollowUp {
                    chat: "eve@x".into(),
                    author: "eve@x".into(),
                    ..reactions(&id, &format!("e{n}"), NOON + n, &["!"])
                };
                tx.follow_up(&stranger)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    ann.gets(from_bo("o1", NOON, "never to be seen")).await;
    assert!(!ann.shown().await.contains("never to be seen"));
}

#[tokio::test]
async fn voice_that_was_taken_back_before_it_came_is_never_fetched() {
    let ann = Ann::new().await;
    ann.gets(retraction("v", "c", NOON + 1)).await;
    ann.gets(voice_from_bo("v", NOON)).await;
    assert_eq!(ann.shown().await, "(removed)\n");
    let due = ann.store.reader().media_due(NOON, None, 9).await.unwrap();
    assert_eq!(due, []);
    assert_eq!(ann.files_to_go().await, [""; 0]);
}

#[tokio::test]
async fn words_do_not_replace_what_was_spoken() {
    let ann = Ann::new().await;
    ann.gets(voice_from_bo("v", NOON)).await;
    ann.gets(correction("v", "c", NOON + 1, "only a caption"))
        .await;
    assert_eq!(ann.shown().await, "voice\n");
}

#[tokio::test]
async fn an_own_message_that_another_device_took_back_is_not_sent() {
    let ann = Ann::new().await;
    let chat = ann.chat().await;
    ann.store
        .write(move |tx| tx.add_text(chat, "o", NOON, "too late"))
        .await
        .unwrap();
    ann.gets(by_ann(retraction("o", "c", NOON + 1))).await;
    assert_eq!(ann.dump().await, "ann|sent|\n");
    assert_eq!(ann.store.reader().counts().await.unwrap().outbox, 0);
}

impl Ann {
    /// A number out of the database itself.
    async fn counted(&self, sql: &'static str) -> i64 {
        let count = self.store.write(move |tx| {
            let mut statement = tx.connection().prepare(sql)?;
            Ok(statement.query_row([], |row| row.get(0))?)
        });
        count.await.unwrap()
    }
}

/// An answer may come after what it quotes was taken back, and know it by a correction that comes later still.
#[tokio::test]
async fn no_quote_keeps_what_was_taken_back() {
    let mut what: Vec<Comes> = vec![
        from_bo("m", NOON, "secret").into(),
        correction("m", "c1", NOON + 1, "still secret").into(),
        retraction("m", "c2", NOON + 2).into(),
        answer("a", NOON + 5, "what?", "m").into(),
        answer("b", NOON + 6, "really?", "c1").into(),
    ];
    let (mut all, count) = (Vec::new(), what.len());
    orders(&mut what, count, &mut all);
    for order in all {
        let ann = Ann::new().await;
        for one in order.clone() {
            ann.gets(one).await;
        }
        let shown = ann.shown().await;
        let expected = "(removed)\nwhat? <(removed)>\nreally? <(removed)>\n";
        assert_eq!(shown, expected, "{order:?}");
        let quotes = ann.counted("SELECT count(*) FROM reply WHERE quote <> ''");
        assert_eq!(quotes.await, 0, "{order:?}");
        let words = ann.counted("SELECT count(*) FROM follow_up WHERE body <> ''");
        assert_eq!(words.await, 0, "{order:?}");
    }
}

/// One cannot hide behind the other's, which are newer.
#[tokio::test]
async fn the_reactions_kept_of_each_are_bounded() {
    let ann = Ann::new().await;
    ann.gets(from_bo("m", NOON, "hi")).await;
    ann.gets(by_ann(reactions("m", "mine", NOON + 9_000, &["🎉"])))
        .await;
    // Newest first, as the archive gives them.
    for n in (0..40).rev() {
        let emoji = if n % 2 == 0 { "👍" } else { "🐢" };
        let one = reactions("m", &format!("r{n}"), NOON + n, &[emoji]);
        ann.gets(by_archive(one)).await;
    }
    assert_eq!(ann.shown().await, "hi [🎉1 mine] [🐢1]\n");
    let kept = ann.counted("SELECT count(*) FROM follow_up WHERE kind = 2");
    assert_eq!(kept.await, 9);
}
