//! The app is killed and its network cut at random points, many times in a row. In the end everything that was said is
//! there once and in its order: on both machines and in the server's archive.
//!
//! `MILLET_DISTURBANCES=200 cargo test -p engine --test client endurance -- --nocapture` takes a long walk,
//! `MILLET_SEED=…` another one.

use std::time::Duration;

use api::{ChatId, Reconnect, SendText, SendVoice, StartChat, VoiceStart};
use testkit::server::{Cut, Direction};

use crate::headless::Headless;
use crate::person::{Account, Home, Person};
use crate::place::{self, Way};
use crate::seen::{Seen, is_voice, text_of};
use crate::witness;

/// What stands for a voice message among what was said.
const SPOKEN: &str = "(voice)";

/// Of each run of the tests.
const USUAL: u64 = 12;

/// Numbers that look random and are the same for a seed (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

fn given(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |value| value.parse().unwrap())
}

/// Ann, who is disturbed, and what she has said.
struct Walk {
    chance: Chance,
    network: Cut,
    ann: Account,
    home: Home,
    app: Headless,
    chat: ChatId,
    said: Vec<String>,
}

impl Walk {
    /// Some messages, each of which the app has taken before the next.
    async fn say(&mut self) {
        for _ in 0..=self.chance.below(5) {
            let body = format!("said {}", self.said.len());
            let chat = self.chat;
            let text = body.clone();
            self.app.ask(SendText { chat, body }).await;
            self.said.push(text);
        }
        if self.chance.below(8) == 0 {
            let draft = self.app.ask(VoiceStart { chat: self.chat }).await.id;
            // What is shown may be of the one before.
            self.app
                .until_true("a new recording", |seen| seen.recorded_ms < 500)
                .await;
            self.app
                .until_true("half a second of speech", |seen| seen.recorded_ms >= 500)
                .await;
            let chat = self.chat;
            self.app.ask(SendVoice { chat, draft }).await;
            self.said.push(SPOKEN.to_owned());
        }
    }

    /// The power fails a little later, whatever is under way then.
    async fn kill(&mut self) {
        let later = Duration::from_micros(self.chance.below(80_000));
        tokio::time::sleep(later).await;
        self.app.kill();
    }

    fn start(&mut self) {
        self.app = Headless::start(&self.ann, &self.home, &[]);
    }

    /// The network breaks some bytes later, in one of its directions.
    fn cut_soon(&mut self) {
        let direction = match self.chance.below(2) {
            0 => Direction::Up,
            _ => Direction::Down,
        };
        let bytes = self.chance.below(6_000) + 1;
        self.network.cut_after(direction, bytes);
    }

    async fn disturbed(&mut self) {
        match self.chance.below(3) {
            0 => {
                self.say().await;
                self.kill().await;
                self.start();
            }
            1 => {
                self.cut_soon();
                self.say().await;
                // It may not come to that many bytes.
                let _ =
                    tokio::time::timeout(Duration::from_millis(300), self.network.is_cut()).await;
                self.network.heal();
                self.app.ask(Reconnect {}).await;
            }
            _ => {
                self.cut_soon();
                self.say().await;
                self.kill().await;
                self.network.heal();
                self.start();
            }
        }
        // What comes next may meet it on the way to being online.
        if self.chance.below(2) == 0 {
            self.app.until_true("being online", Seen::is_online).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_whenever() {
    let (disturbances, seed) = (given("MILLET_DISTURBANCES", USUAL), given("MILLET_SEED", 7));
    let server = place::ejabberd();
    let network = Cut::start(server.http_port()).unwrap();
    let ann = Account::new(&server, "ann").over(Way::WebSocket.behind(&server, network.port()));
    let bo = Person::sign_up(&server, "bo").await;
    let home = Home::new();
    let mut app = Headless::start(&ann, &home, &[]);
    app.ask(ann.sign_in()).await;
    let address = bo.address().to_owned();
    let chat = app.ask(StartChat { address }).await;
    let bos_chat = bo.chat(&ann.address).await;
    let mut walk = Walk {
        chance: Chance(seed),
        network,
        ann,
        home,
        app,
        chat,
        said: Vec::new(),
    };
    let mut answered = Vec::new();
    for number in 0..disturbances {
        let answer = format!("answered {number}");
        bo.say_in(bos_chat, &answer).await;
        answered.push(answer);
        walk.disturbed().await;
    }

    let Walk {
        ann,
        home,
        mut app,
        said,
        ..
    } = walk;
    app.until_true("being online", Seen::is_online).await;
    let (body, end) = ("the end".to_owned(), "the end".to_owned());
    app.ask(SendText { chat, body }).await;
    bo.hears(&end).await;
    let expected: Vec<String> = said.into_iter().chain([end]).collect();
    app.until_true("everything to be here", Seen::is_whole)
        .await;
    app.close();
    let ann = Person::start(&ann, home).await;
    ann.online().await;
    ann.until_true("everything to be here", Seen::is_whole)
        .await;
    println!(
        "{disturbances} disturbances (seed {seed}): {} said, of which {} voices, {} answered",
        expected.len(),
        expected.iter().filter(|said| *said == SPOKEN).count(),
        answered.len()
    );

    // What a connection still held when its app was killed may reach the server long after it was sent again: the same
    // message under the same id, which stands twice in an archive and once on every machine.
    let mut ids = std::collections::HashSet::new();
    let archived = witness::archive(&bo.account).await.into_iter();
    let archived: Vec<String> = archived
        .filter(|item| item.message.body.is_some())
        .filter(|item| ids.insert(item.message.origin_id.clone().unwrap()))
        .filter_map(|item| item.message.body)
        .collect();
    // A voice message stands there as its address.
    let archived = archived
        .into_iter()
        .map(|text| match text.starts_with("http") {
            true => SPOKEN.to_owned(),
            false => text,
        });
    assert_same(archived, &expected, &answered, "bo's archive");
    // What came in while her session was being replaced is the server's to keep.
    let hers = witness::texts(&ann.account).await.into_iter();
    let kept: Vec<String> = hers.filter(|text| is_answer(text)).collect();
    println!(
        "of {} answers the server kept {}",
        answered.len(),
        kept.len()
    );
    for (person, peer, answers) in [(&ann, &bo, &kept), (&bo, &ann, &answered)] {
        let timeline = person.timeline(peer.address()).await;
        let shown = timeline.iter().filter_map(|row| match is_voice(row) {
            true => Some(SPOKEN.to_owned()),
            false => text_of(row).map(str::to_owned),
        });
        assert_same(shown, &expected, answers, person.address());
    }
}

/// What each of the two said, once and in order. How the two mix is the server's to say.
fn assert_same(
    found: impl Iterator<Item = String>,
    expected: &[String],
    answered: &[String],
    place: &str,
) {
    let (hers, his): (Vec<_>, Vec<_>) = found.partition(|text| !is_answer(text));
    assert_eq!(hers, expected, "{place}");
    assert_eq!(his, answered, "{place}");
}

fn is_answer(text: &str) -> bool {
    text.starts_with("answered")
}
