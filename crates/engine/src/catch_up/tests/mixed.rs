//! Five thousand messages on every way there is, in random order, with kills in between.

use std::collections::BTreeMap;

use super::*;

/// The same numbers for the same seed (xorshift).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Who says the next thing, and from where.
#[derive(Clone, Copy)]
enum By {
    Them,
    /// Another device of ours.
    Elsewhere,
    /// This one.
    Here,
}

struct World {
    dice: Dice,
    server: Server,
    ann: Ann,
    /// The newest page of this connection is here.
    is_current: bool,
    is_connected: bool,
    said: usize,
    /// Our clock differs from the server's, and from one connection to the next.
    is_astray: bool,
    /// How far our clock is ahead of the server's, in this connection.
    ahead: Millis,
    expected: BTreeMap<&'static str, Vec<String>>,
}

const MESSAGES: usize = 5_000;

impl World {
    async fn say(&mut self) {
        let number = self.said;
        self.said += 1;
        let stamp = NOON + i64::try_from(number).unwrap() * 700;
        let now = stamp + self.ahead;
        let peer = if self.dice.below(4) == 0 {
            "cy@x"
        } else {
            "bo@x"
        };
        let by = match self.dice.below(3) {
            0 => By::Elsewhere,
            1 if self.is_connected => By::Here,
            _ => By::Them,
        };
        // A tenth has no ids, as from old clients; own ones always have. People say the same again, also at once.
        let id = format!("o{number}");
        let body = match self.dice.below(4) {
            0 => "yes".to_owned(),
            _ => format!("said {number}"),
        };
        self.expected.entry(peer).or_default().push(body.clone());
        let (from, to) = match by {
            By::Them => (peer, "ann@x"),
            By::Elsewhere | By::Here => ("ann@x", peer),
        };
        let mut message = text(from, to, &id, &body);
        if matches!(by, By::Them) && self.dice.below(10) == 0 {
            message.id = None;
            message.origin_id = None;
        }
        self.server.put(message.clone(), stamp);
        if !self.is_connected {
            return;
        }
        if matches!(by, By::Here) {
            let row = self.ann.store.write(move |tx| {
                let chat = tx.ensure_chat(peer)?;
                tx.add_text(chat, &id, now, &body)
            });
            let _ = row.await.unwrap();
            let due = self.ann.store.reader().outbox_due(now).await.unwrap();
            let acked = self.dice.below(8) != 0;
            self.ann
                .store
                .write(move |tx| {
                    due.iter().try_for_each(|row| {
                        tx.outbox_try(row.id)?;
                        tx.outbox_sent(row.id)?;
                        if acked {
                            tx.outbox_acked(row.id)
                        } else {
                            Ok(())
                        }
                    })
                })
                .await
                .unwrap();
            return;
        }
        // The connection breaks before it is read.
        if self.dice.below(60) == 0 {
            return self.kill().await;
        }
        let archive_id = self.server.items.borrow()[number].archive_id.clone();
        message.stanza_ids = vec![xmpp::StanzaId {
            id: archive_id,
            by: self::ann().into(),
        }];
        let inbound = match by {
            By::Them => Inbound::Message(message),
            _ => Inbound::Carbon {
                sent: true,
                message,
            },
        };
        if self.dice.below(12) == 0 {
            live(&self.ann, inbound.clone(), now, self.is_current).await;
        }
        live(&self.ann, inbound, now, self.is_current).await;
    }

    async fn kill(&mut self) {
        (self.is_connected, self.is_current) = (false, false);
        if self.is_astray {
            self.ahead = i64::try_from(self.dice.below(8_000)).unwrap() - 4_000;
        }
        self.ann
            .store
            .write(|tx| tx.outbox_all_lost())
            .await
            .unwrap();
    }

    async fn newest(&mut self) {
        self.is_connected = true;
        self.ann.newest(&self.server).await.unwrap();
        self.is_current = true;
    }

    async fn fill(&mut self) {
        let pages = usize::try_from(self.dice.below(4)).unwrap();
        self.server.breaks_after.set(Some(pages));
        let filled = self.ann.fill(&self.server, Goal::Kept { now: NOON }).await;
        self.server.breaks_after.set(None);
        if filled.is_err() {
            self.kill().await;
        }
    }

    async fn run(mut self) {
        while self.said < MESSAGES {
            match self.dice.below(40) {
                0 => self.kill().await,
                1 | 2 => {
                    // Away for a while.
                    self.kill().await;
                    for _ in 0..self.dice.below(300) {
                        self.say().await;
                    }
                }
                // Messages come before the newest page is asked for.
                3 => self.is_connected = true,
                4 | 5 => self.newest().await,
                6 if self.is_current => self.fill().await,
                _ => {
                    for _ in 0..self.dice.below(20) {
                        self.say().await;
                    }
                }
            }
        }
        self.ann.catch_up(&self.server).await;
        for (peer, expected) in self.expected {
            let found = self.ann.texts(peer).await;
            if self.is_astray {
                assert_same(peer, &expected, &found);
            } else {
                assert_eq!(found, expected, "{peer}");
            }
        }
        let archive = self.ann.archive().await;
        assert!(archive.holes().next().is_none(), "{archive:?}");
        let reader = self.ann.store.reader();
        assert_eq!(reader.in_doubt_since().await.unwrap(), None);
    }
}

/// What a clock may be off from one connection to the next, in messages of 700 ms.
const ASTRAY: usize = 8_000 / 700 + 1;

/// Nothing is lost and nothing is here twice. What came live has the time of our clock, and what was missed that of the
/// server's: where a page begins just between the two, they may stand interleaved for as long as the clocks differ.
#[track_caller]
fn assert_same(peer: &str, expected: &[String], found: &[String]) {
    let sorted = |texts: &[String]| {
        let mut texts = texts.to_vec();
        texts.sort();
        texts
    };
    let (all, here) = (sorted(expected), sorted(found));
    let different = all.iter().zip(&here).find(|(a, b)| a != b);
    assert_eq!((different, here.len()), (None, all.len()), "{peer}");
    let number = |text: &String| text.strip_prefix("said ")?.parse::<usize>().ok();
    let mut newest = 0;
    let mut astray = 0;
    for number in found.iter().filter_map(number) {
        assert!(number + ASTRAY > newest, "{peer}: {number} after {newest}");
        astray += usize::from(number < newest);
        newest = newest.max(number);
    }
    assert!(
        astray * 200 < found.len(),
        "{peer}: {astray} of {}",
        found.len()
    );
}

#[tokio::test]
async fn five_thousand_messages_on_every_way() {
    for (seed, is_astray) in [(1, true), (77, true), (4_242, true), (5, false)] {
        let world = World {
            dice: Dice(0x9e37_79b9_7f4a_7c15 ^ seed),
            server: Server {
                limit: Some(40),
                ..Server::default()
            },
            ann: Ann::new().await,
            is_current: false,
            is_connected: false,
            said: 0,
            is_astray,
            ahead: 0,
            expected: BTreeMap::new(),
        };
        world.run().await;
    }
}

/// What waited to go out stands in the archive long after it was said, and drags nothing of what came meanwhile to its place.
#[tokio::test]
async fn what_waited_to_go_out_tells_nothing_of_the_others() {
    let (server, ann) = (Server::default(), Ann::new().await);
    let said = ann.store.write(|tx| {
        let chat = tx.ensure_chat("bo@x")?;
        tx.add_text(chat, "o1", NOON, "waits")
    });
    said.await.unwrap();
    let first = text("bo@x", "ann@x", "b1", "first");
    server.put(first.clone(), NOON + 5_000);
    let mut first = first;
    first.stanza_ids = vec![xmpp::StanzaId {
        id: server.items.borrow()[0].archive_id.clone(),
        by: super::ann().into(),
    }];
    ann.newest(&server).await.unwrap();
    live(&ann, Inbound::Message(first), NOON + 5_001, true).await;
    server.put(text("bo@x", "ann@x", "b2", "second"), NOON + 20_000);
    server.put(text("bo@x", "ann@x", "b3", "third"), NOON + 21_000);
    server.put(text("ann@x", "bo@x", "o1", "waits"), NOON + 30_000);
    ann.newest(&server).await.unwrap();
    assert_eq!(
        ann.texts("bo@x").await,
        ["waits", "first", "second", "third"]
    );
}

/// What was missed comes after what came live, whatever our clock says, also where no page holds both.
#[tokio::test]
async fn what_was_missed_stands_behind_what_is_held() {
    let server = Server {
        limit: Some(3),
        ..Server::default()
    };
    let ann = Ann::new().await;
    server.put(text("bo@x", "ann@x", "b1", "1"), NOON);
    ann.newest(&server).await.unwrap();
    let mut second = text("bo@x", "ann@x", "b2", "2");
    server.put(second.clone(), NOON + 1_000);
    second.stanza_ids = vec![xmpp::StanzaId {
        id: server.items.borrow()[1].archive_id.clone(),
        by: super::ann().into(),
    }];
    live(&ann, Inbound::Message(second), NOON + 5_000, true).await;
    // Exactly a page of them.
    for number in 3..6 {
        let said = text("bo@x", "ann@x", &format!("b{number}"), &number.to_string());
        server.put(said, NOON + i64::from(number) * 1_000);
    }
    ann.newest(&server).await.unwrap();
    assert_eq!(ann.texts("bo@x").await, ["1", "2", "3", "4", "5"]);
}

/// Of what was missed within the lead of our clock, later pages are read first and do not end up before earlier ones.
#[tokio::test]
async fn pages_of_one_hole_keep_their_order() {
    let server = Server {
        limit: Some(3),
        ..Server::default()
    };
    let ann = Ann::new().await;
    server.put(text("bo@x", "ann@x", "b1", "1"), NOON);
    ann.newest(&server).await.unwrap();
    let mut second = text("bo@x", "ann@x", "b2", "2");
    server.put(second.clone(), NOON + 300);
    second.stanza_ids = vec![xmpp::StanzaId {
        id: server.items.borrow()[1].archive_id.clone(),
        by: super::ann().into(),
    }];
    live(&ann, Inbound::Message(second), NOON + 4_300, true).await;
    for number in 3..9 {
        let said = text("bo@x", "ann@x", &format!("b{number}"), &number.to_string());
        server.put(said, NOON + i64::from(number) * 300);
    }
    ann.catch_up(&server).await;
    let mut texts = ann.texts("bo@x").await;
    texts.retain(|text| text != "2");
    assert_eq!(texts, ["1", "3", "4", "5", "6", "7", "8"]);
}
