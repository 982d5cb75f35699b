//! Whether a text holds what was searched for, and the part of it to show.
//!
//! The index gives a superset (see `terms`); here the folded words are compared with
//! the folded text. A word of letters is found at the beginning of a word, anything
//! else anywhere. Pure.

use std::ops::Range;

use crate::fold::{self, Class, Folded};

/// How many marks an excerpt has at most.
const MARKS: usize = 32;
/// Characters shown before the first mark, and in all.
const BEFORE: usize = 30;
const LENGTH: usize = 160;

/// A part of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// With `…` where something was left out.
    pub(crate) snippet: String,
    /// Bytes of the snippet, in order, not overlapping.
    pub(crate) marks: Vec<(u32, u32)>,
}

/// `None` where the text does not hold all of the folded words.
pub(crate) fn excerpt(text: &str, words: &[String]) -> Option<Excerpt> {
    let text = fold::bounded(text);
    if words.is_empty() {
        return Some(cut(text, &[]));
    }
    let folded = Folded::new(text);
    let mut found: Vec<Range<u32>> = Vec::new();
    for word in words {
        let before = found.len();
        let places = places(&folded.text, word).take(MARKS);
        found.extend(places.map(|place| folded.original(place)));
        if found.len() == before {
            return None;
        }
    }
    found.sort_unstable_by_key(|range| (range.start, range.end));
    let mut marks: Vec<Range<u32>> = Vec::new();
    for range in found {
        match marks.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => marks.push(range),
        }
    }
    marks.truncate(MARKS);
    Some(cut(text, &marks))
}

/// Where a folded text holds a word.
fn places<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let letters = word.chars().next().map(fold::class) == Some(Class::Letter);
    text.match_indices(word)
        .filter(move |(at, _)| {
            let before = text.get(..*at).and_then(|text| text.chars().next_back());
            !letters || before.map(fold::class) != Some(Class::Letter)
        })
        .map(|(at, found)| at..at + found.len())
}

fn cut(text: &str, marks: &[Range<u32>]) -> Excerpt {
    let first = marks.first().map_or(0, |mark| mark.start as usize);
    let before = text.get(..first).unwrap_or_default();
    let start = before
        .char_indices()
        .rev()
        .take(BEFORE)
        .last()
        .map_or(first, |(at, _)| at);
    let shown = text.get(start..).unwrap_or_default();
    let end = shown
        .char_indices()
        .nth(LENGTH)
        .map_or(text.len(), |(at, _)| start + at);
    let mut snippet = String::with_capacity(end - start + 6);
    if start > 0 {
        snippet.push('…');
    }
    let moved = snippet.len();
    snippet.push_str(text.get(start..end).unwrap_or_default());
    if end < text.len() {
        snippet.push('…');
    }
    let place = |at: usize| u32::try_from(at - start + moved).unwrap_or(u32::MAX);
    let marks = marks
        .iter()
        .map(|mark| (mark.start as usize, (mark.end as usize).min(end)))
        .filter(|(from, to)| from < to)
        .map(|(from, to)| (place(from), place(to)))
        .collect();
    Excerpt { snippet, marks }
}

#[cfg(test)]
mod tests;
