//! The search index, kept in the transaction that writes the message.
//!
//! FTS5 splits words at spaces, which Chinese and Japanese do not write, and
//! Korean writes around words with endings. So runs of those scripts are cut here
//! into overlapping pairs, each character starting exactly one term:
//!
//! ```text
//! 你好世界 ok  ->  你好 好世 世界 界 ok
//! ```
//!
//! A search for two characters or more is a phrase of pairs, which finds exactly
//! that text anywhere in a run; a search for one is a prefix, since every
//! character starts a term. Other words go to unicode61 without diacritics and
//! are found by their beginnings.
//!
//! The index keeps terms, not text (`content = ''`): the text is in the message.
//! Rejected: FTS5's trigram tokenizer (misses words of two characters), `LIKE`
//! (walks everything), a tokenizer in C (unsafe code), and pairs with all single
//! characters between them (half as large again, and breaks phrases).

use api::{MessageId, MessageRow};
use rusqlite::{Connection, params};

use crate::message::{self, select_message};
use crate::{Reader, StoreError};

/// How many terms of a search count.
const TERMS: usize = 16;

pub(crate) const SEARCH: &str = select_message!(
    "WHERE m.id IN (SELECT rowid FROM message_search WHERE message_search MATCH ?1)
     ORDER BY m.at DESC, m.id DESC LIMIT ?2"
);

pub(crate) fn insert(
    connection: &Connection,
    message: MessageId,
    words: &str,
) -> Result<(), StoreError> {
    if words.is_empty() {
        return Ok(());
    }
    connection
        .prepare_cached("INSERT INTO message_search (rowid, terms) VALUES (?1, ?2)")?
        .execute(params![message.0, terms(words)])?;
    Ok(())
}

pub(crate) fn remove(connection: &Connection, message: MessageId) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM message_search WHERE rowid = ?1")?
        .execute([message.0])?;
    Ok(())
}

/// A stretch of text that is indexed in one way.
enum Run<'a> {
    /// Written without spaces between words.
    Dense(&'a str),
    /// Everything else, up to the next space.
    Word(&'a str),
}

fn runs(text: &str) -> impl Iterator<Item = Run<'_>> {
    text.split_whitespace().flat_map(|chunk| {
        let mut rest = chunk;
        std::iter::from_fn(move || {
            let dense = is_dense(rest.chars().next()?);
            let end = rest.find(|c| is_dense(c) != dense).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            rest = after;
            Some(match dense {
                true => Run::Dense(run),
                false => Run::Word(run),
            })
        })
    })
}

/// Han, kana, bopomofo, Hangul, and the marks written among them.
fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}'
        | '\u{3031}'..='\u{3035}' | '\u{3040}'..='\u{30FA}' | '\u{30FC}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FFDC}'
        | '\u{20000}'..='\u{323AF}')
}

/// The pairs of a run; with `end`, its last character alone, too.
fn push_pairs(out: &mut String, run: &str, end: bool) {
    let mut next = run.chars();
    next.next();
    for first in run.chars() {
        let second = next.next();
        if second.is_none() && !end {
            break;
        }
        out.push(first);
        out.extend(second);
        out.push(' ');
    }
}

fn terms(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for run in runs(text) {
        match run {
            Run::Dense(run) => push_pairs(&mut out, run, true),
            Run::Word(word) => {
                out.push_str(word);
                out.push(' ');
            }
        }
    }
    out
}

/// What a person typed, as quoted terms that all have to be there. `None` where
/// nothing in it can be searched for.
fn expression(text: &str) -> Option<String> {
    let quoted = runs(text).filter_map(|run| match run {
        Run::Dense(run) if run.chars().nth(1).is_none() => Some(format!("\"{run}\" *")),
        Run::Dense(run) => {
            let mut pairs = String::new();
            push_pairs(&mut pairs, run, false);
            Some(format!("\"{}\"", pairs.trim_end()))
        }
        Run::Word(word) if word.contains(char::is_alphanumeric) => {
            Some(format!("\"{}\" *", word.replace('"', " ")))
        }
        Run::Word(_) => None,
    });
    let terms: Vec<String> = quoted.take(TERMS).collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}

impl Reader {
    /// Messages that hold the text, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn search(&self, text: String, limit: u32) -> Result<Vec<MessageRow>, StoreError> {
        let Some(expression) = expression(&text) else {
            return Ok(Vec::new());
        };
        self.read(move |connection| {
            connection
                .prepare_cached(SEARCH)?
                .query_and_then(params![expression, limit], message::from_row)?
                .collect()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_scripts_are_cut_into_pairs() {
        assert_eq!(terms("你好世界ok yes"), "你好 好世 世界 界 ok yes ");
        assert_eq!(terms("안녕 好"), "안녕 녕 好 ");
    }

    #[test]
    fn what_is_typed_is_never_syntax() {
        assert_eq!(
            expression("a\" OR b"),
            Some("\"a \" * \"OR\" * \"b\" *".into())
        );
        assert_eq!(expression("你好世"), Some("\"你好 好世\"".into()));
        assert_eq!(expression("好"), Some("\"好\" *".into()));
        assert_eq!(expression("-- \"*\" ()"), None);
    }
}
