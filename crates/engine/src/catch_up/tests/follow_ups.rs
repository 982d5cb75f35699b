//! Corrections, retractions, reactions and answers on every way there is: live, as carbons, doubled, from the archive
//! backwards, with kills in between. What is shown is what the archive's order makes of them.

use super::mixed::Dice;
use super::*;

const STANZAS: usize = 2_500;
const PEERS: [&str; 2] = ["bo@x", "cy@x"];
const EMOJI: [&str; 4] = ["👍", "🐢", "🎉", "❤️"];

/// A message as it ought to be shown.
struct Said {
    peer: &'static str,
    own: bool,
    /// Its own id, and those of its corrections.
    ids: Vec<String>,
    body: String,
    edited: bool,
    retracted: bool,
    /// Ours, theirs.
    reactions: [Vec<&'static str>; 2],
    answers: Option<usize>,
}

struct World {
    dice: Dice,
    server: Server,
    ann: Ann,
    is_current: bool,
    is_connected: bool,
    /// The archive stamps whole seconds, as some servers do.
    is_coarse: bool,
    count: usize,
    said: Vec<Said>,
}

impl World {
    fn chance(&mut self, one_in: u64) -> bool {
        self.dice.below(one_in) == 0
    }

    fn index(&mut self, below: usize) -> usize {
        usize::try_from(self.dice.below(below as u64)).unwrap()
    }

    /// What the next stanza says, and by whom: the peer, whether it is ours, and what is in it.
    fn next(&mut self) -> (&'static str, bool, String) {
        let id = format!("o{}", self.count);
        // The near past, mostly.
        let recent = self.said.len().saturating_sub(60);
        let about = match self.said.is_empty() {
            true => None,
            false => Some(recent + self.index(self.said.len() - recent)),
        };
        let kind = self.dice.below(12);
        let Some(about) = about.filter(|_| kind < 7) else {
            return self.message(about.filter(|_| kind < 9), id);
        };
        let name = self.index(self.said[about].ids.len());
        let peer = self.said[about].peer;
        let target = self.said[about].ids[name].clone();
        match kind {
            // A stranger to it tries.
            0 => {
                let own = !self.said[about].own;
                let inside = format!(
                    "<body>forged</body><replace id='{target}' xmlns='urn:xmpp:message-correct:0'/>"
                );
                (peer, own, inside)
            }
            1 if self.chance(2) => {
                let said = &mut self.said[about];
                said.retracted = true;
                let inside = format!(
                    "<retract id='{target}' xmlns='urn:xmpp:message-retract:1'/><body>taken back</body>"
                );
                (peer, said.own, inside)
            }
            1..=3 => {
                let said = &mut self.said[about];
                said.edited = true;
                said.body = format!("corrected {id}");
                said.ids.push(id);
                let inside = format!(
                    "<body>{}</body><replace id='{target}' xmlns='urn:xmpp:message-correct:0'/>",
                    said.body
                );
                (peer, said.own, inside)
            }
            _ => {
                let own = self.chance(2);
                let first = self.index(EMOJI.len());
                let count = self.index(3);
                let chosen: Vec<_> = EMOJI.into_iter().cycle().skip(first).take(count).collect();
                let inside: String = chosen
                    .iter()
                    .map(|one| format!("<reaction>{one}</reaction>"))
                    .collect();
                self.said[about].reactions[usize::from(!own)] = chosen;
                let inside = format!(
                    "<reactions id='{target}' xmlns='urn:xmpp:reactions:0'>{inside}</reactions>"
                );
                (peer, own, inside)
            }
        }
    }

    /// Something said, as an answer where it is one.
    fn message(&mut self, about: Option<usize>, id: String) -> (&'static str, bool, String) {
        let peer = about.map_or(PEERS[self.index(2)], |about| self.said[about].peer);
        let own = self.chance(3);
        let body = format!("said {id}");
        let answer = about.map(|about| {
            let said = &self.said[about];
            let to = if said.own { "ann@x/1" } else { peer };
            format!(
                "<reply to='{to}' id='{}' xmlns='urn:xmpp:reply:0'/>",
                said.ids[0]
            )
        });
        let inside = format!("<body>{body}</body>{}", answer.unwrap_or_default());
        self.said.push(Said {
            peer,
            own,
            ids: vec![id],
            body,
            edited: false,
            retracted: false,
            reactions: [Vec::new(), Vec::new()],
            answers: about,
        });
        (peer, own, inside)
    }

    async fn say(&mut self) {
        let number = self.count;
        let now = NOON + i64::try_from(number).unwrap() * 700;
        let (peer, own, inside) = self.next();
        self.count += 1;
        let (from, to) = if own {
            ("ann@x", peer)
        } else {
            (peer, "ann@x")
        };
        let origin = match self.chance(3) {
            true => String::new(),
            false => format!("<origin-id xmlns='urn:xmpp:sid:0' id='o{number}'/>"),
        };
        let mut message = message(&format!(
            "<message xmlns='jabber:client' from='{from}/1' to='{to}' type='chat' id='o{number}'>{inside}{origin}\
             </message>"
        ));
        let stamp = now - if self.is_coarse { now % 1_000 } else { 0 };
        self.server.put(message.clone(), stamp);
        if !self.is_connected {
            return;
        }
        if self.chance(60) {
            return self.kill().await;
        }
        let archive_id = self.server.items.borrow()[number].archive_id.clone();
        message.stanza_ids = vec![xmpp::StanzaId {
            id: archive_id,
            by: self::ann().into(),
        }];
        let inbound = match own {
            false => Inbound::Message(message),
            true => Inbound::Carbon {
                sent: true,
                message,
            },
        };
        for _ in 0..=usize::from(self.chance(8)) {
            live(&self.ann, inbound.clone(), now, self.is_current).await;
        }
    }

    async fn kill(&mut self) {
        (self.is_connected, self.is_current) = (false, false);
        self.ann
            .store
            .write(|tx| tx.outbox_all_lost())
            .await
            .unwrap();
    }

    async fn fill(&mut self) {
        let pages = self.index(4);
        self.server.breaks_after.set(Some(pages));
        let filled = self.ann.fill(&self.server, Goal::Kept { now: NOON }).await;
        self.server.breaks_after.set(None);
        if filled.is_err() {
            self.kill().await;
        }
    }

    async fn run(mut self) {
        while self.count < STANZAS {
            match self.dice.below(30) {
                0 => self.kill().await,
                1 | 2 => {
                    self.kill().await;
                    for _ in 0..self.dice.below(200) {
                        self.say().await;
                    }
                }
                3 => self.is_connected = true,
                4 | 5 => {
                    self.is_connected = true;
                    self.ann.newest(&self.server).await.unwrap();
                    self.is_current = true;
                }
                6 if self.is_current => self.fill().await,
                _ => {
                    for _ in 0..self.dice.below(20) {
                        self.say().await;
                    }
                }
            }
        }
        self.ann.catch_up(&self.server).await;
        for peer in PEERS {
            let mut expected: Vec<String> = self
                .said
                .iter()
                .filter(|said| said.peer == peer)
                .map(|said| self.expected(said))
                .collect();
            let mut found = self.ann.shown(peer).await;
            // Which of two in a second was first such a server does not tell; what they say it does.
            if self.is_coarse {
                expected.sort();
                found.sort();
            }
            let different = expected.iter().zip(&found).find(|(a, b)| a != b);
            assert_eq!(different, None, "{peer}");
            assert_eq!(found.len(), expected.len(), "{peer}");
        }
    }

    fn expected(&self, said: &Said) -> String {
        if said.retracted {
            return "removed".to_owned();
        }
        let mut line = said.body.clone();
        if said.edited {
            line += " edited";
        }
        let mut seen: Vec<(&str, u32)> = Vec::new();
        for one in said.reactions.iter().flatten() {
            match seen.iter_mut().find(|(emoji, _)| emoji == one) {
                Some((_, count)) => *count += 1,
                None => seen.push((one, 1)),
            }
        }
        for (emoji, count) in seen {
            line += &format!(" {emoji}{count}");
        }
        if let Some(target) = said.answers.map(|target| &self.said[target]) {
            let quote = if target.retracted { "" } else { &target.body };
            line += &format!(" <{quote}>");
        }
        line
    }
}

impl Ann {
    /// What stands in a timeline with all its marks, oldest first.
    async fn shown(&self, with: &'static str) -> Vec<String> {
        let chat = self
            .store
            .write(move |tx| tx.ensure_chat(with))
            .await
            .unwrap();
        let reader = self.store.reader();
        let (mut anchor, mut lines) = (WindowAnchor::Latest, Vec::new());
        loop {
            let window = reader.window(chat, anchor).await.unwrap();
            let page: Vec<String> = window.rows.iter().map(line).collect();
            lines.splice(0..0, page);
            match window.rows.first() {
                Some(row) if window.has_older => {
                    let cursor = row.cursor();
                    anchor = WindowAnchor::Before { cursor };
                }
                _ => return lines,
            }
        }
    }
}

fn line(row: &api::MessageRow) -> String {
    let Content::Text { body } = &row.content else {
        panic!("{row:?}")
    };
    if row.retracted {
        assert_eq!(body, "");
        return "removed".to_owned();
    }
    let mut line = body.clone();
    if row.edited.is_some() {
        line += " edited";
    }
    for one in &row.reactions {
        line += &format!(" {}{}", one.emoji, one.count);
    }
    if let Some(to) = &row.reply_to {
        assert!(to.id.is_some(), "{row:?}");
        line += &format!(" <{}>", to.snippet);
    }
    line
}

#[tokio::test]
async fn what_was_changed_is_the_same_on_every_way() {
    for (seed, is_coarse) in [(3, false), (78, false), (4_243, true), (5, true)] {
        let world = World {
            dice: Dice(0x9e37_79b9_7f4a_7c15 ^ seed),
            server: Server {
                limit: Some(40),
                ..Server::default()
            },
            ann: Ann::new().await,
            is_current: false,
            is_connected: false,
            is_coarse,
            count: 0,
            said: Vec::new(),
        };
        world.run().await;
    }
}

/// A correction whose first version nobody has any more.
#[tokio::test]
async fn an_orphan_is_shown_when_all_is_here() {
    let ann = Ann::new().await;
    let server = Server::default();
    let orphan = "<message xmlns='jabber:client' from='bo@x/1' to='ann@x' type='chat' id='o2'><body>tea at five</body>\
                  <replace id='o1' xmlns='urn:xmpp:message-correct:0'/></message>";
    server.put(message(orphan), NOON);
    ann.catch_up(&server).await;
    assert_eq!(ann.shown("bo@x").await, ["tea at five edited"]);
    // Once more, and it is still one.
    ann.catch_up(&server).await;
    assert_eq!(ann.shown("bo@x").await.len(), 1);
}

/// A correction whose first version lies before what is wanted.
#[tokio::test]
async fn an_orphan_is_shown_when_all_that_is_wanted_is_here() {
    let (ann, server) = (Ann::new().await, Server::default());
    for day in 0_i64..900 {
        let said = text("bo@x", "ann@x", &format!("o{day}"), "old");
        server.put(said, NOON - (900 - day) * DAY);
    }
    let mended = "<message xmlns='jabber:client' from='bo@x/1' to='ann@x' type='chat' id='m'><body>mended</body>\
                  <replace id='o1' xmlns='urn:xmpp:message-correct:0'/></message>";
    server.put(message(mended), NOON);
    let month = ann
        .store
        .write(|tx| tx.set_meta(key::HISTORY_SPAN, Some(HistorySpan::Month.name())));
    month.await.unwrap();
    ann.catch_up(&server).await;
    assert!(ann.archive().await.older_missing());
    let shown = ann.shown("bo@x").await;
    assert_eq!(shown.last().unwrap(), "mended edited");
}
