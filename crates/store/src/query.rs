//! What a person typed into the search, taken apart.
//!
//! Words, phrases in quotes, and operators: `from:` `in:` `has:` `before:` `after:`,
//! their values in quotes where they hold spaces. An operator that is not known, or
//! whose value makes no sense, is a word like any other; one without a value yet is
//! nothing. What is typed never becomes syntax of the index: it is folded first, and
//! what is left are letters. Pure.

use api::Millis;

use crate::fold::Folded;
use crate::terms::{self, Has};

/// How many terms of the index a search is looked up by; further words are compared
/// with the texts only.
const TERMS: usize = 16;
/// How much of what was typed is read, in bytes.
const LONGEST: usize = 1024;
/// How many words count.
const WORDS: usize = 32;

/// A search, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Folded words and phrases that all have to be there.
    pub(crate) words: Vec<String>,
    /// Who said it: a part of a name or address.
    pub(crate) from: Vec<String>,
    /// In which chat: the same.
    pub(crate) within: Vec<String>,
    /// What it holds; any of them.
    pub(crate) has: Vec<Has>,
    /// Said at this time or later.
    pub(crate) since: Option<Millis>,
    /// Said before this time.
    pub(crate) until: Option<Millis>,
}

/// A piece between spaces, with where it stands.
struct Piece<'a> {
    /// `from`, where it is `from:bo`.
    operator: Option<&'a str>,
    value: &'a str,
    quoted: bool,
    whole: &'a str,
}

impl Query {
    /// Takes apart; dates are days of the clock that is `utc_offset_min` ahead of UTC.
    pub(crate) fn new(text: &str, utc_offset_min: i32) -> Self {
        let text = text
            .get(..text.floor_char_boundary(LONGEST))
            .unwrap_or_default();
        let offset = Millis::from(utc_offset_min) * 60_000;
        let mut query = Self::default();
        for piece in pieces(text) {
            if !query.operator(&piece, offset) {
                query.word(&piece);
            }
        }
        query.words.truncate(WORDS);
        query
    }

    /// Whether nothing was asked for.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The words as terms of the index, all of which a hit has.
    pub(crate) fn terms(&self) -> Vec<String> {
        let mut needed: Vec<String> = Vec::new();
        for term in self.words.iter().flat_map(|word| terms::needed(word)) {
            if needed.len() < TERMS && !needed.contains(&term) {
                needed.push(term);
            }
        }
        needed
    }

    fn operator(&mut self, piece: &Piece<'_>, offset: Millis) -> bool {
        let Some(name) = piece.operator else {
            return false;
        };
        let value = piece.value.trim();
        match name.to_ascii_lowercase().as_str() {
            "from" | "in" | "has" | "before" | "after" if value.is_empty() => true,
            "from" => {
                self.from.push(value.to_owned());
                true
            }
            "in" => {
                self.within.push(value.to_owned());
                true
            }
            "has" => {
                let value = value.to_ascii_lowercase();
                let known = Has::ALL.iter().find(|(name, _)| *name == value);
                self.has.extend(known.map(|(_, has)| *has));
                known.is_some()
            }
            "before" => match day(value) {
                Some(start) => {
                    let start = start - offset;
                    self.until = Some(self.until.map_or(start, |until| until.min(start)));
                    true
                }
                None => false,
            },
            "after" => match day(value) {
                Some(start) => {
                    let start = start - offset;
                    self.since = Some(self.since.map_or(start, |since| since.max(start)));
                    true
                }
                None => false,
            },
            _ => false,
        }
    }

    fn word(&mut self, piece: &Piece<'_>) {
        let source = match piece.quoted && piece.operator.is_none() {
            true => piece.value,
            false => piece.whole,
        };
        let folded = Folded::new(source).text;
        if piece.quoted {
            if !folded.is_empty() {
                self.words.push(folded);
            }
        } else {
            self.words.extend(
                folded
                    .split(' ')
                    .filter(|w| !w.is_empty())
                    .map(str::to_owned),
            );
        }
    }
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        if is_quote(first) {
            let (value, after) = quoted(rest);
            let whole = rest.get(..rest.len() - after.len()).unwrap_or_default();
            rest = after;
            return Some(Piece {
                operator: None,
                value,
                quoted: true,
                whole,
            });
        }
        let space = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (chunk, after) = rest.split_at(space);
        let Some((name, value)) = chunk.split_once([':', '：']) else {
            rest = after;
            return Some(Piece {
                operator: None,
                value: chunk,
                quoted: false,
                whole: chunk,
            });
        };
        let from = rest.get(chunk.len() - value.len()..).unwrap_or_default();
        if value.starts_with(is_quote) {
            let (value, after) = quoted(from);
            let whole = rest.get(..rest.len() - after.len()).unwrap_or_default();
            rest = after;
            return Some(Piece {
                operator: Some(name),
                value,
                quoted: true,
                whole,
            });
        }
        rest = after;
        Some(Piece {
            operator: Some(name),
            value,
            quoted: false,
            whole: chunk,
        })
    })
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '＂' | '「' | '」')
}

/// What stands between the quote that `text` begins with and the next, and the rest.
/// A quote that is not closed yet goes to the end.
fn quoted(text: &str) -> (&str, &str) {
    let inner = text.strip_prefix(is_quote).unwrap_or(text);
    match inner.split_once(is_quote) {
        Some((value, after)) => (value, after),
        None => (inner, ""),
    }
}

/// The first millisecond of a day, month or year in UTC: `2024-03-05`, `2024-03`, `2024`.
fn day(text: &str) -> Option<Millis> {
    let mut parts = text.split(['-', '/', '.']);
    let year: i64 = number(parts.next()?, 4)?;
    let month: i64 = parts.next().map_or(Some(1), |part| number(part, 2))?;
    let day: i64 = parts.next().map_or(Some(1), |part| number(part, 2))?;
    let fits = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && parts.next().is_none();
    fits.then(|| days_since_1970(year, month, day) * 86_400_000)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let plain = text.len() <= digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn days_of(year: i64, month: i64) -> i64 {
    let next = match month {
        12 => days_since_1970(year + 1, 1, 1),
        _ => days_since_1970(year, month + 1, 1),
    };
    next - days_since_1970(year, month, 1)
}

/// Days of the proleptic Gregorian calendar, counted from March so that the leap day
/// is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests;
