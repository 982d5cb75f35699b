//! Chats by what people call them: for `from:` and `in:`, and while these are typed.
//!
//! Walks the chats, newest first, and no more than [`LOOKED_AT`] of them: there are
//! thousands at most, they are small, and no index knows the beginnings of folded
//! names. An index for them was rejected until somebody has more.

use api::{ChatId, Completion};
use rusqlite::Connection;

use crate::fold::Folded;
use crate::terms::Has;
use crate::{Reader, StoreError};

/// How many chats are looked at.
const LOOKED_AT: i64 = 20_000;
/// How many may answer to a name.
const ANSWERING: usize = 64;
/// How many completions there are.
const COMPLETIONS: usize = 8;

pub(crate) const NAMES: &str =
    "SELECT id, address, title FROM chat ORDER BY sort_at DESC, id DESC LIMIT ?1";

/// A chat that answers to a name.
pub(crate) struct Named {
    pub(crate) chat: ChatId,
    pub(crate) address: String,
    pub(crate) title: String,
}

/// Who answers to a name: those who are called exactly this, or else those of whose
/// name or address some words begin like it.
pub(crate) fn answering(connection: &Connection, name: &str) -> Result<Vec<Named>, StoreError> {
    let name = Folded::new(name).text;
    let words: Vec<&str> = name.split(' ').collect();
    let (mut exact, mut like) = (Vec::new(), Vec::new());
    let mut statement = connection.prepare_cached(NAMES)?;
    let mut rows = statement.query([LOOKED_AT])?;
    while let Some(row) = rows.next()? {
        let (address, title): (String, String) = (row.get("address")?, row.get("title")?);
        let known = [Folded::new(&title).text, Folded::new(&address).text];
        let chat = ChatId(row.get("id")?);
        if known.contains(&name) {
            exact.push(Named {
                chat,
                address,
                title,
            });
        } else if like.len() < ANSWERING
            && words.iter().all(|word| {
                let mut names = known.iter();
                names.any(|name| begins(name, word))
            })
        {
            like.push(Named {
                chat,
                address,
                title,
            });
        }
    }
    exact.truncate(ANSWERING);
    Ok(if exact.is_empty() { like } else { exact })
}

/// Whether a word of a folded name begins like this. Names in scripts without spaces
/// are known by any part.
fn begins(name: &str, start: &str) -> bool {
    use crate::fold::{Class, class};
    let anywhere = start.chars().next().map(class) != Some(Class::Letter);
    match anywhere {
        true => name.contains(start),
        false => name.split(' ').any(|word| word.starts_with(start)),
    }
}

const OPERATORS: [&str; 5] = ["from:", "in:", "has:", "before:", "after:"];

fn completions(
    connection: &Connection,
    text: &str,
    cursor: usize,
) -> Result<Vec<Completion>, StoreError> {
    let typed = text
        .get(..text.floor_char_boundary(cursor))
        .unwrap_or_default();
    let word = typed.rsplit(char::is_whitespace).next().unwrap_or_default();
    let plain = |insert: String| Completion {
        label: insert.clone(),
        insert,
    };
    let Some((operator, value)) = word.split_once(':') else {
        let start = word.to_ascii_lowercase();
        let fitting = OPERATORS.iter().filter(|name| name.starts_with(&start));
        return Ok(fitting.map(|name| plain((*name).into())).collect());
    };
    let operator = operator.to_ascii_lowercase();
    match operator.as_str() {
        "has" => {
            let fitting = Has::ALL.iter().filter(|(name, _)| name.starts_with(value));
            Ok(fitting
                .map(|(name, _)| plain(format!("has:{name} ")))
                .collect())
        }
        "from" | "in" => {
            let value = value.trim_start_matches('"');
            let mut named = answering(connection, value)?;
            named.truncate(COMPLETIONS);
            Ok(named
                .into_iter()
                .map(|named| Completion {
                    insert: format!("{operator}:{} ", quoted(&named)),
                    label: named.title,
                })
                .collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// A title as the value of an operator; the address, where it cannot be one.
fn quoted(named: &Named) -> String {
    let title = &named.title;
    match title {
        title if title.contains('"') || title.trim().is_empty() => named.address.clone(),
        title if title.contains(char::is_whitespace) => format!("\"{title}\""),
        title => title.clone(),
    }
}

impl Reader {
    /// How the word before the cursor (in bytes of `text`) may go on: operators, what
    /// `has:` takes, and people after `from:` and `in:`, those with the newest messages
    /// first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn search_completions(
        &self,
        text: String,
        cursor: u32,
    ) -> Result<Vec<Completion>, StoreError> {
        let cursor = usize::try_from(cursor).unwrap_or(usize::MAX);
        self.read(move |connection| completions(connection, &text, cursor))
            .await
    }
}
