//! The terms of the index: what a message is found by.
//!
//! FTS5 is given finished terms with spaces between them, and its `ascii` tokenizer
//! only splits there. A folded text (see `fold`) is cut by the class of its
//! characters:
//!
//! ```text
//! meeting 3号 👍   ->   ¹m ¹me ¹mee meeting   3   号   👍
//! 你好世界 2024     ->   你 好 世 界 你好 好世 世界   2 0 2 4 20 02 24
//! ```
//!
//! - Words by their beginnings of one to three letters (marked ¹), and whole from four
//!   letters on. A search as one types is then one term up to three letters, and from
//!   four a short stretch of the vocabulary; FTS5's own `t*` gathers each message with
//!   a `t` before it shows the first.
//! - Scripts without spaces, and numbers, by single characters and overlapping pairs:
//!   a word of two characters is one term, a longer one several, which together are a
//!   superset of the messages that hold it. The reader of the index compares the text.
//! - Tags: chat, author, kind. They begin with control characters, which no folded
//!   text holds, so nobody can write one.
//!
//! Positions are not kept (`detail = none`): they would make phrases exact, but twice
//! the index, and the text is compared anyway to mark the hits.

use api::{ChatId, Content, Kind, MessageRow};

use crate::fold::{self, Class};

const BEGINNING: char = '\u{80}';
const CHAT: char = '\u{81}';
const AUTHOR: char = '\u{82}';
const KIND: char = '\u{83}';

/// How many letters a beginning may have.
const BEGINNINGS: usize = 3;
/// How many letters of a word count; encoded data would grow the vocabulary for ever.
const WORD: usize = 24;

/// What `has:` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Has {
    /// A voice message.
    Voice,
    /// A picture.
    Image,
    /// Any other file.
    File,
    /// An address of the web in a text.
    Link,
}

impl Has {
    pub(crate) const ALL: [(&'static str, Self); 4] = [
        ("voice", Self::Voice),
        ("image", Self::Image),
        ("file", Self::File),
        ("link", Self::Link),
    ];
}

/// The term of a chat.
pub(crate) fn of_chat(chat: ChatId) -> String {
    format!("{CHAT}{}", chat.0)
}

/// The term of who said it: an address, or ourselves. Its ASCII characters that the
/// tokenizer would split at move out of its sight.
pub(crate) fn of_author(address: &str, own: bool) -> String {
    if own {
        return AUTHOR.into();
    }
    let mut term = String::from(AUTHOR);
    term.extend(address.chars().map(|c| match c {
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => {
            char::from_u32(0xE000 + u32::from(c)).unwrap_or(c)
        }
        c => c,
    }));
    term
}

/// The term of a kind of message.
pub(crate) fn of_kind(has: Has) -> String {
    let letter = match has {
        Has::Voice => 'v',
        Has::Image => 'i',
        Has::File => 'f',
        Has::Link => 'l',
    };
    [KIND, letter].iter().collect()
}

/// What of a message is searched: its text, or the name of its file.
pub(crate) fn words(content: &Content) -> &str {
    match content {
        Content::Text { body } => body,
        Content::Voice { .. } => "",
        Content::File { name, .. } => name,
    }
}

/// Everything a message is found by, with spaces between.
pub(crate) fn of_message(row: &MessageRow) -> String {
    if row.retracted {
        return String::new();
    }
    let text = fold::bounded(words(&row.content));
    let mut terms = Terms::with_capacity(text.len() * 4 + 64);
    terms.push(&of_chat(row.chat));
    terms.push(&of_author(&row.author, row.own));
    let kind = match row.content.kind() {
        Kind::Text => has_link(text).then_some(Has::Link),
        Kind::Voice => Some(Has::Voice),
        Kind::Image => Some(Has::Image),
        Kind::File => Some(Has::File),
    };
    if let Some(kind) = kind {
        terms.push(&of_kind(kind));
    }
    fold::each(text, |c, _| terms.take(c));
    terms.finish()
}

fn has_link(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let before = text.as_bytes().get(..at).unwrap_or_default();
        [b"http".as_slice(), b"https"].into_iter().any(|scheme| {
            let from = before.len().checked_sub(scheme.len());
            let last = from.and_then(|from| before.get(from..));
            last.is_some_and(|last| last.eq_ignore_ascii_case(scheme))
        })
    })
}

/// Cuts a stream of folded characters into terms.
struct Terms {
    out: String,
    /// The word under way.
    word: String,
    letters: usize,
    /// The character before, where this one may make a pair with it.
    before: Option<(char, Class)>,
}

impl Terms {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            out: String::with_capacity(bytes),
            word: String::new(),
            letters: 0,
            before: None,
        }
    }

    fn push(&mut self, term: &str) {
        self.out.push_str(term);
        self.out.push(' ');
    }

    fn take(&mut self, c: char) {
        let class = fold::class(c);
        if class == Class::Letter {
            self.before = None;
            self.letter(c);
            return;
        }
        self.end_word();
        if class == Class::Space {
            self.before = None;
            return;
        }
        self.out.push(c);
        self.out.push(' ');
        if let Some((before, of)) = self.before
            && of == class
            && class != Class::Symbol
        {
            self.out.push(before);
            self.out.push(c);
            self.out.push(' ');
        }
        self.before = Some((c, class));
    }

    fn letter(&mut self, c: char) {
        if self.letters >= WORD {
            return;
        }
        self.word.push(c);
        self.letters += 1;
        if self.letters <= BEGINNINGS {
            self.out.push(BEGINNING);
            self.out.push_str(&self.word);
            self.out.push(' ');
        }
    }

    fn end_word(&mut self) {
        if self.letters > BEGINNINGS {
            self.out.push_str(&self.word);
            self.out.push(' ');
        }
        self.word.clear();
        self.letters = 0;
    }

    fn finish(mut self) -> String {
        self.end_word();
        self.out
    }
}

/// The terms that messages with this folded text have all of, ready for an FTS5
/// expression. Whoever has them all may still not hold it.
pub(crate) fn needed(folded: &str) -> Vec<String> {
    let mut needed = Vec::new();
    let mut word = String::new();
    let mut run: Vec<char> = Vec::new();
    let mut of = Class::Space;
    for c in folded.chars().chain([' ']) {
        let class = fold::class(c);
        if class != of {
            needed.extend(beginning(&word));
            needed.extend(pairs(&run, of));
            word.clear();
            run.clear();
            of = class;
        }
        match class {
            Class::Letter => word.push(c),
            Class::Space => {}
            _ => run.push(c),
        }
    }
    needed
}

fn beginning(word: &str) -> Option<String> {
    match word.chars().count() {
        0 => None,
        1..=BEGINNINGS => Some(format!("\"{BEGINNING}{word}\"")),
        _ => {
            let word: String = word.chars().take(WORD).collect();
            Some(format!("\"{word}\"*"))
        }
    }
}

fn pairs(run: &[char], class: Class) -> Vec<String> {
    match run {
        [] => Vec::new(),
        [single] => vec![format!("\"{single}\"")],
        _ if class == Class::Symbol => run.iter().map(|c| format!("\"{c}\"")).collect(),
        _ => {
            let pairs = run.windows(2);
            pairs
                .map(|pair| format!("\"{}\"", pair.iter().collect::<String>()))
                .collect()
        }
    }
}

#[cfg(test)]
mod tests;
