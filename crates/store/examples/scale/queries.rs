//! Two hundred searches, ten of each kind: what people type.

use crate::corpus::{Corpus, Dice, START, STEP};

/// A kind of search and one of it.
pub type Query = (&'static str, String);

fn nth(words: &[String], at: usize) -> &str {
    words
        .get(at % words.len().max(1))
        .map_or("", String::as_str)
}

/// Words of about this length, at about this rank.
fn of_length(words: &[String], length: usize, rank: usize) -> &str {
    let fitting = words.iter().skip(rank);
    let mut fitting = fitting.filter(|word| word.chars().count() == length);
    fitting.next().map_or("", String::as_str)
}

pub fn queries(corpus: &Corpus, messages: u64) -> Vec<Query> {
    let mut all: Vec<Query> = Vec::new();
    let mut dice = Dice::new(77);
    let (en, zh, ko, ja) = (
        &corpus.english.words,
        &corpus.chinese.words,
        &corpus.korean.words,
        &corpus.japanese.words,
    );
    for n in 0..10 {
        let rank = 40 * n;
        let friend = Corpus::peer(dice.below(40) as usize);
        let friend = friend.split('@').next().unwrap_or_default().to_owned();
        let year = 2023 + n % 3;
        let month = 1 + n;
        let common = nth(en, n * 3);
        let beginning: String = common.chars().take(1 + n % 4).collect();
        let absent = format!("zzqx{n}");
        let four = format!("{}{}", of_length(zh, 2, rank), of_length(zh, 2, rank + 7));
        let said = said_at(corpus, messages, n as u64);
        let mut add = |kind, text: String| all.push((kind, text));
        add("common", common.into());
        add("as typed", beginning);
        add("rare", nth(en, 9000 + 111 * n).into());
        add("absent", absent);
        add("1 han", of_length(zh, 1, n * 2).into());
        add("2 han", of_length(zh, 2, rank).into());
        add("3 han", of_length(zh, 3, rank).into());
        add("4 han, said", said);
        add("4 han, unlikely", four);
        add("2 hangul", of_length(ko, 2, rank).into());
        add("3 hangul", of_length(ko, 3, rank).into());
        add("japanese", of_length(ja, 2, rank).into());
        add("two common", format!("{common} {}", nth(en, n * 5 + 1)));
        add(
            "two scripts",
            format!("{} {}", of_length(zh, 1, n), nth(en, n * 7)),
        );
        add("common and rare", format!("{common} {}", nth(en, 7000 + n)));
        add("digits", format!("{}", 138 + 1000 * n));
        add("in a chat", format!("in:{friend} {}", nth(en, n)));
        add(
            "has",
            format!("has:{} from:{friend}", ["voice", "image", "link"][n % 3]),
        );
        add(
            "dates",
            format!(
                "{common} after:{year}-{month:02} before:{year}-{:02}",
                month + 2
            ),
        );
        add(
            "before and absent",
            format!("before:{year} {} {}", nth(zh, n), nth(en, 11_000 + n)),
        );
    }
    all
}

/// Four characters that stand in a text.
fn said_at(corpus: &Corpus, messages: u64, n: u64) -> String {
    (n * messages / 11..messages)
        .find_map(|n| match corpus.message(n).content {
            store::IncomingContent::Text { body } => {
                let run: String = body
                    .chars()
                    .take_while(|c| *c > '\u{4E00}')
                    .take(4)
                    .collect();
                (run.chars().count() == 4).then_some(run)
            }
            _ => None,
        })
        .unwrap_or_default()
}

/// Some time in the middle of it all.
pub fn some_time(dice: &mut Dice, messages: u64) -> i64 {
    START + STEP * dice.below(messages).cast_signed()
}
