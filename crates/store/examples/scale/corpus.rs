//! A million messages, the same at every run.
//!
//! Words follow Zipf's law in each language, as people's do: a search for a common word
//! has a hundred thousand hits and one for a rare word ten. So do the chats: a few hold
//! most of what was said.

use api::Millis;
use store::{Incoming, IncomingContent, Source};

/// 2023-01-01T00:00:00Z, and the average distance of two messages: three years in all.
pub const START: Millis = 1_672_531_200_000;
pub const STEP: Millis = 95_000;

pub const ADDRESS: &str = "ann@localhost";

const COMMON_ENGLISH: &str = "the you to and it that is for in of we on be me at have this not \
    are so do with your just can was will if my what ok get out like up good time know one no \
    all see day but go home work there when from got think about how now then here today come \
    tomorrow make want late tonight dinner lunch meeting morning thanks sorry call phone train \
    please yes maybe later soon house school mother father sister brother doctor money week";
const COMMON_HAN: &str = "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高已亲其进此话常与活正感见明问力理尔点文几定本公特做外孩相西果走将月十实向声车全信重三机工物气每并别真打太新比才便夫再书部水像眼等体却加电主界门利海受听表德少克代员许先口由死安写性马光白或住难望教命花结乐色";
const ENDINGS: &str = "은는이가을를요도만에서";
const PARTICLES: &str = "はがをにでともの";

/// SplitMix64: a number for a number, the same on every machine.
pub fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A stream of numbers.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(mixed(seed))
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0) % bound.max(1)
    }
}

/// Draws the nth of some things with a weight of 1 / (n + 3).
pub struct Zipf(Vec<u64>);

impl Zipf {
    pub fn new(things: usize) -> Self {
        let mut sum = 0;
        let weights = (0..things as u64).map(|n| {
            sum += 1_000_000_000 / (n + 3);
            sum
        });
        Self(weights.collect())
    }

    pub fn draw(&self, dice: &mut Dice) -> usize {
        let point = dice.below(self.0.last().copied().unwrap_or(1));
        self.0.partition_point(|sum| *sum <= point)
    }
}

/// The words of a language, common ones first.
pub struct Language {
    pub words: Vec<String>,
    zipf: Zipf,
}

impl Language {
    fn new(words: Vec<String>) -> Self {
        let zipf = Zipf::new(words.len());
        Self { words, zipf }
    }

    fn word(&self, dice: &mut Dice) -> &str {
        let at = self.zipf.draw(dice);
        self.words.get(at).map_or("", String::as_str)
    }
}

fn of(chars: &[char], at: usize) -> char {
    chars.get(at % chars.len().max(1)).copied().unwrap_or('x')
}

fn english() -> Language {
    let mut dice = Dice::new(1);
    let mut words: Vec<String> = COMMON_ENGLISH
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let parts = [
        "ba", "con", "der", "ent", "fo", "gra", "hol", "in", "ja", "ker", "lin", "mor", "ne", "op",
        "pre", "qui", "res", "st", "tra", "un", "ver", "wi", "ex", "yo", "ze", "sh", "th",
    ];
    while words.len() < 12_000 {
        let count = 2 + dice.below(3);
        let word = (0..count).map(|_| parts[dice.below(parts.len() as u64) as usize]);
        words.push(word.collect());
    }
    Language::new(words)
}

/// Words of one to three characters.
fn words_of(chars: Vec<char>, count: usize, seed: u64, lengths: &[u64]) -> Language {
    let mut dice = Dice::new(seed);
    let zipf = Zipf::new(chars.len());
    let mut words: Vec<String> = chars.iter().take(40).map(char::to_string).collect();
    while words.len() < count {
        let length = lengths[dice.below(lengths.len() as u64) as usize];
        words.push(
            (0..length)
                .map(|_| of(&chars, zipf.draw(&mut dice)))
                .collect(),
        );
    }
    Language::new(words)
}

fn han() -> Vec<char> {
    let mut dice = Dice::new(2);
    let mut chars: Vec<char> = COMMON_HAN.chars().collect();
    while chars.len() < 3000 {
        chars.extend(char::from_u32(0x4E00 + dice.below(0x4F00) as u32));
    }
    chars
}

fn hangul() -> Vec<char> {
    let mut dice = Dice::new(3);
    (0..900)
        .filter_map(|_| char::from_u32(0xAC00 + dice.below(11_172) as u32))
        .collect()
}

/// Everything that is said.
pub struct Corpus {
    pub english: Language,
    pub chinese: Language,
    pub korean: Language,
    pub japanese: Language,
    chats: Zipf,
    endings: Vec<char>,
    particles: Vec<char>,
}

impl Corpus {
    pub fn new(chats: usize) -> Self {
        Self {
            english: english(),
            chinese: words_of(han(), 20_000, 4, &[1, 2, 2, 2, 3]),
            korean: words_of(hangul(), 12_000, 5, &[2, 2, 3]),
            japanese: words_of(han(), 12_000, 6, &[1, 2, 2]),
            chats: Zipf::new(chats),
            endings: ENDINGS.chars().collect(),
            particles: PARTICLES.chars().collect(),
        }
    }

    pub fn peer(chat: usize) -> String {
        format!("friend{chat:04}@localhost")
    }

    /// The nth message, oldest first.
    pub fn message(&self, n: u64) -> Incoming {
        let mut dice = Dice::new(n ^ 0x5EED << 40);
        let chat = Self::peer(self.chats.draw(&mut dice));
        let own = dice.below(2) == 0;
        let id = format!(
            "{:08x}-{:04x}-4{:03x}-{:016x}",
            dice.below(1 << 32),
            dice.below(1 << 16),
            dice.below(1 << 12),
            mixed(n)
        );
        Incoming {
            author: if own { ADDRESS.into() } else { chat.clone() },
            own,
            at: START + STEP * n.cast_signed() + dice.below(60_000).cast_signed(),
            stanza_id: Some(id.clone()),
            origin_id: Some(id),
            server_id: Some(format!("{}", 1_672_531_200_000_000 + n * 95_000_000)),
            content: self.content(n, &mut dice),
            wants_receipt: false,
            markable: true,
            source: Source::Archive,
            reply_address: chat.clone(),
            reply: None,
            chat,
        }
    }

    fn content(&self, n: u64, dice: &mut Dice) -> IncomingContent {
        let url = |end: &str| format!("https://upload.localhost/{:016x}/{n}.{end}", mixed(!n));
        match dice.below(100) {
            0..10 => IncomingContent::Voice {
                url: url("ogg"),
                duration_ms: Some(1000 + dice.below(30_000) as u32),
                peaks: (0..100).map(|_| dice.below(256) as u8).collect(),
                name: "voice.ogg".into(),
                size: Some(3000 * (1 + dice.below(30))),
                media_type: "audio/ogg; codecs=opus".into(),
                sha256: Some([n as u8; 32]),
            },
            10..12 => IncomingContent::File {
                dimensions: None,
                url: url("jpg"),
                name: format!("IMG_{:04}.jpg", dice.below(10_000)),
                media_type: "image/jpeg".into(),
                size: Some(dice.below(4_000_000)),
                sha256: Some([n as u8; 32]),
            },
            _ => IncomingContent::Text {
                body: self.text(dice),
            },
        }
    }

    fn text(&self, dice: &mut Dice) -> String {
        let mut text = match dice.below(100) {
            0..32 => self.spaced(&self.english, 12, dice),
            32..66 => self.chinese_text(dice),
            66..80 => self.korean_text(dice),
            80..90 => self.japanese_text(dice),
            _ => format!(
                "{} {}",
                self.chinese_text(dice),
                self.spaced(&self.english, 3, dice)
            ),
        };
        match dice.below(100) {
            0..3 => {
                let host = self.english.word(dice);
                let path = self.english.word(dice);
                text += &format!(
                    " https://{host}.example.org/{path}?id={}",
                    dice.below(100_000)
                );
            }
            3..10 => text += &format!(" {}:{:02}", dice.below(24), dice.below(60)),
            10..12 => text += &format!(" 138{:08}", dice.below(100_000_000)),
            12..18 => text.push_str(["👍", "😂", "🎉", "❤️"][dice.below(4) as usize]),
            _ => {}
        }
        text
    }

    fn spaced(&self, language: &Language, most: u64, dice: &mut Dice) -> String {
        let count = 1 + dice.below(most) + dice.below(4);
        let words: Vec<&str> = (0..count).map(|_| language.word(dice)).collect();
        words.join(" ")
    }

    fn chinese_text(&self, dice: &mut Dice) -> String {
        let count = 1 + dice.below(9) + dice.below(4);
        let mut text = String::new();
        for n in 0..count {
            if n > 0 && dice.below(6) == 0 {
                text.push('，');
            }
            text += self.chinese.word(dice);
        }
        text
    }

    fn korean_text(&self, dice: &mut Dice) -> String {
        let count = 1 + dice.below(7);
        let words: Vec<String> = (0..count)
            .map(|_| {
                let ending = of(&self.endings, dice.below(11) as usize);
                format!("{}{ending}", self.korean.word(dice))
            })
            .collect();
        words.join(" ")
    }

    fn japanese_text(&self, dice: &mut Dice) -> String {
        let count = 1 + dice.below(7);
        let mut text = String::new();
        for _ in 0..count {
            text += self.japanese.word(dice);
            text.push(of(&self.particles, dice.below(8) as usize));
        }
        text + "です"
    }
}
