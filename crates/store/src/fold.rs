//! Text as the search compares it: what people take for the same reads the same.
//!
//! Owns what is folded, and into which classes characters fall:
//!
//! - compatibility forms (NFKC): full-width Latin, half-width kana, ligatures;
//! - case, and the accents of Latin, Greek, Cyrillic, Hebrew and Arabic;
//! - traditional, simplified and new Japanese forms of Han characters, one for all
//!   (`fold/han.txt`, by character: what needs the context of a word is beyond it);
//! - everything that is neither letter, digit nor emoji is a space, and what cannot
//!   be seen (joiners, variation and direction marks, skin tones) is nothing.
//!
//! Every folded character knows the bytes it came from, so that a hit can be marked
//! in the text as it was written. Pure.
//!
//! Rejected: FTS5's own `unicode61` (knows neither NFKC nor Han variants, and what it
//! does cannot be repeated for marking); conversion by phrases, which needs a
//! dictionary twenty times the size to tell 發 from 髮, where a search wants both; and
//! hiragana as katakana, which are different words to their readers.

use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{
    canonical_combining_class, decompose_canonical, is_combining_mark,
};

/// What a folded character is to the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Between words.
    Space,
    /// Of a script that writes spaces between words.
    Letter,
    /// Of a number.
    Digit,
    /// Of a script that does not.
    Dense,
    /// An emoji.
    Symbol,
}

/// The class of a folded character.
pub(crate) fn class(c: char) -> Class {
    match c {
        'a'..='z' => Class::Letter,
        '0'..='9' => Class::Digit,
        '\0'..='\u{9F}' => Class::Space,
        _ if is_dense(c) => Class::Dense,
        _ if c.is_numeric() => Class::Digit,
        _ if c.is_alphanumeric() => Class::Letter,
        '\u{203C}'
        | '\u{2049}'
        | '\u{2190}'..='\u{21FF}'
        | '\u{2300}'..='\u{23FF}'
        | '\u{25A0}'..='\u{27BF}'
        | '\u{2934}'..='\u{2935}'
        | '\u{2B00}'..='\u{2BFF}'
        | '\u{1F000}'..='\u{1FAFF}' => Class::Symbol,
        _ => Class::Space,
    }
}

/// Han, kana, bopomofo, Hangul and the marks among them; Thai, Lao, Burmese, Khmer.
fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17D3}'
        | '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}'
        | '\u{3031}'..='\u{3035}' | '\u{3040}'..='\u{30FA}' | '\u{30FC}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FFDC}'
        | '\u{20000}'..='\u{323AF}')
}

/// Accents, and the vowel points that people leave out.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05C7}' | '\u{0610}'..='\u{061A}'
        | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06DC}'
        | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{FE20}'..='\u{FE2F}')
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}'
        | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{1F3FB}'..='\u{1F3FF}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether it changes the character before it.
fn joins(c: char) -> bool {
    !c.is_ascii()
        && (matches!(c, '\u{FF9E}' | '\u{FF9F}' | '\u{1160}'..='\u{11FF}')
            || canonical_combining_class(c) != 0
            || is_combining_mark(c))
}

/// How many characters are folded as one; more marks on a letter are a game.
const CLUSTER: usize = 16;

/// Gives each folded character with the bytes of `text` it stands for. A space is
/// given for each character that is none of a word's, whatever it is.
pub(crate) fn each(text: &str, mut give: impl FnMut(char, Range<usize>)) {
    let mut rest = text.char_indices().peekable();
    let mut cluster = String::new();
    while let Some((start, c)) = rest.next() {
        if c.is_ascii() && !rest.peek().is_some_and(|(_, next)| joins(*next)) {
            give(ascii(c), start..start + 1);
            continue;
        }
        let mut end = start + c.len_utf8();
        let plain = matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}'
            | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}');
        if plain && !rest.peek().is_some_and(|(_, next)| joins(*next)) {
            give(han(c), start..end);
            continue;
        }
        cluster.clear();
        cluster.push(c);
        for _ in 1..CLUSTER {
            let Some((at, next)) = rest.next_if(|(_, next)| joins(*next)) else {
                break;
            };
            cluster.push(next);
            end = at + next.len_utf8();
        }
        fold_cluster(&cluster, |c| give(c, start..end));
    }
}

fn ascii(c: char) -> char {
    match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => ' ',
    }
}

fn fold_cluster(cluster: &str, mut give: impl FnMut(char)) {
    for c in cluster.nfkc() {
        if is_dense(c) {
            give(han(c));
            continue;
        }
        decompose_canonical(c, |part| {
            if is_accent(part) || is_invisible(part) {
                return;
            }
            for lower in part.to_lowercase() {
                match spelt(lower) {
                    Some(letters) => letters.chars().for_each(&mut give),
                    None if is_accent(lower) => {}
                    None if class(lower) != Class::Space => give(lower),
                    // A sign inside a word, as Devanagari's virama.
                    None if is_combining_mark(lower) => {}
                    None => give(' '),
                }
            }
        });
    }
}

/// Letters that have no accent to take off, and are typed without.
fn spelt(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ı' => "i",
        'þ' => "th",
        'ħ' => "h",
        'ŧ' => "t",
        'ς' => "σ",
        _ => return None,
    })
}

/// The Han characters of the first two blocks; further ones are in `RARE`.
const BLOCKS: Range<u32> = 0x3400..0xA000;

struct Variants {
    common: Box<[char]>,
    rare: Vec<(char, char)>,
}

static VARIANTS: LazyLock<Variants> = LazyLock::new(|| {
    let mut common: Box<[char]> = BLOCKS
        .map(|code| char::from_u32(code).unwrap_or(' '))
        .collect();
    let mut rare = Vec::new();
    let lines = include_str!("fold/han.txt").lines();
    for pair in lines
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
    {
        let mut chars = pair.chars();
        let (Some(variant), Some(standard)) = (chars.next(), chars.next()) else {
            continue;
        };
        match slot(variant).and_then(|slot| common.get_mut(slot)) {
            Some(place) => *place = standard,
            None => rare.push((variant, standard)),
        }
    }
    rare.sort_unstable();
    Variants { common, rare }
});

fn slot(c: char) -> Option<usize> {
    let code = u32::from(c);
    let slot = BLOCKS.contains(&code).then(|| code - BLOCKS.start)?;
    usize::try_from(slot).ok()
}

/// The one that stands for all its variants.
fn han(c: char) -> char {
    match slot(c) {
        Some(slot) => VARIANTS.common.get(slot).copied().unwrap_or(c),
        None if c >= '\u{20000}' => {
            let rare = &VARIANTS.rare;
            let found = rare.binary_search_by_key(&c, |(variant, _)| *variant);
            found
                .ok()
                .and_then(|at| rare.get(at))
                .map_or(c, |pair| pair.1)
        }
        None => c,
    }
}

/// A text folded, with spaces at neither end and never two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Folded {
    /// The folded text.
    pub(crate) text: String,
    /// Of each byte of `text`, where in the original its character begins and ends.
    spans: Vec<(u32, u32)>,
}

/// How much of a text is folded, in bytes; a longer one is not searched to its end.
pub(crate) const LONGEST: usize = 64 * 1024;

/// The beginning of a text, at most [`LONGEST`] bytes of it.
pub(crate) fn bounded(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST))
        .unwrap_or(text)
}

impl Folded {
    pub(crate) fn new(text: &str) -> Self {
        let text = bounded(text);
        let mut folded = Self {
            text: String::with_capacity(text.len()),
            spans: Vec::with_capacity(text.len()),
        };
        each(text, |c, range| {
            if c == ' ' && (folded.text.is_empty() || folded.text.ends_with(' ')) {
                return;
            }
            folded.text.push(c);
            let span = (
                u32::try_from(range.start).unwrap_or(u32::MAX),
                u32::try_from(range.end).unwrap_or(u32::MAX),
            );
            folded.spans.resize(folded.text.len(), span);
        });
        if folded.text.ends_with(' ') {
            folded.text.pop();
            folded.spans.pop();
        }
        folded
    }

    /// The bytes of the original that a stretch of the folded text stands for.
    pub(crate) fn original(&self, folded: Range<usize>) -> Range<u32> {
        let stretch = self.spans.get(folded).unwrap_or_default();
        match (stretch.first(), stretch.last()) {
            (Some(first), Some(last)) => first.0..last.1,
            _ => 0..0,
        }
    }
}

#[cfg(test)]
mod tests;
