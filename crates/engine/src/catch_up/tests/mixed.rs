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
        // A tenth has no ids, as from old clients; own ones always have.
        let (id, body) = (format!("o{number}"), format!("said {number}"));
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
        self.ahead = i64::try_from(self.dice.below(8_000)).unwrap() - 4_000;
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
            let different = expected.iter().zip(&found).find(|(a, b)| a != b);
            assert_eq!(different, None, "{peer}");
            assert_eq!(found.len(), expected.len(), "{peer}");
        }
        let archive = self.ann.archive().await;
        assert!(archive.holes().next().is_none(), "{archive:?}");
        let reader = self.ann.store.reader();
        assert_eq!(reader.in_doubt_since().await.unwrap(), None);
    }
}

#[tokio::test]
async fn five_thousand_messages_on_every_way() {
    for seed in [1, 77, 4_242] {
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
