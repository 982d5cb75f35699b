//! One search: what was typed, what was found, and where the keyboard is in it.
//!
//! Has no timers and asks nobody: [`Search::ask`] says what should be asked now, and whoever shows the search asks it.
//! An answer counts only while it is what should be asked, so one that comes late, for other words or for another page,
//! changes nothing. What was found before stays on screen until the answer for the new words is there.
//!
//! Hits come newest first. They are grouped by chat within a page of [`BATCH`], and not over all of them: a page more
//! would push rows into groups that are already being looked at.

use std::rc::Rc;

use api::{ChatId, Completion, Fault, MessageId, SearchCursor, SearchHit, SearchPage};
use yew::Reducible;

/// Hits asked for at a time, and grouped together.
pub const BATCH: usize = 50;
/// Hits held at most. Whoever needs more than these needs another word.
pub const MOST: usize = 1000;

/// The search of one box.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// As typed.
    pub text: String,
    /// Where the cursor stands, in bytes of the text.
    pub cursor: usize,
    /// Grows when the program moved the cursor, which the box then has to follow.
    pub placed: u32,
    /// What was found, in the order in which it is shown.
    pub groups: Rc<Vec<Group>>,
    /// Whether the index was being made when it was asked.
    pub indexing: bool,
    /// Why the search failed, if it did.
    pub fault: Option<Fault>,
    /// How the word at the cursor may go on.
    pub completions: Rc<Vec<Completion>>,
    /// Where the arrow keys are.
    pub active: Option<Active>,
    hits: Rc<Vec<Rc<SearchHit>>>,
    generation: u32,
    attempt: u32,
    answered: bool,
    next: Option<SearchCursor>,
    wanted: usize,
}

/// Hits of one chat that stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The chat.
    pub chat: ChatId,
    /// Its title.
    pub title: String,
    /// Newest first; never empty.
    pub hits: Vec<Rc<SearchHit>>,
}

/// What the arrow keys are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Active {
    /// A completion, by its place.
    Completion(usize),
    /// A hit.
    Hit(MessageId),
}

/// What Enter does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enter {
    /// Takes a completion, by its place.
    Complete(usize),
    /// Opens a hit.
    Open(Rc<SearchHit>),
}

/// A question to the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    generation: u32,
    attempt: u32,
    /// Where the page before ended; the first page without.
    pub after: Option<SearchCursor>,
}

impl Ask {
    /// Whether it waits for nothing: a further page of the same words.
    pub fn is_eager(&self) -> bool {
        self.after.is_some() && self.attempt == 0
    }
}

/// What changes a [`Search`].
pub enum SearchAction {
    /// The text, and the cursor in bytes.
    Typed(String, usize),
    /// An answer.
    Answered(Ask, SearchPage),
    /// No answer.
    Failed(Ask, Fault),
    /// How the word may go on, for this text and cursor.
    Completions(String, usize, Vec<Completion>),
    /// A completion is taken, by its place.
    Complete(usize),
    /// The end of what was found comes near.
    More,
    /// The arrow keys go down, or up where negative.
    Walk(isize),
    /// The index is complete now.
    Again,
}

impl Search {
    /// What should be asked now.
    pub fn ask(&self) -> Option<Ask> {
        if self.is_blank() || self.fault.is_some() {
            return None;
        }
        let after = match (self.answered, self.next) {
            (false, _) => None,
            (true, Some(next)) if self.hits.len() < self.wanted.min(MOST) => Some(next),
            (true, _) => return None,
        };
        Some(Ask {
            generation: self.generation,
            attempt: self.attempt,
            after,
        })
    }

    /// Whether nothing was typed.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Whether what is shown belongs to what was typed before.
    pub fn is_behind(&self) -> bool {
        self.ask().is_some_and(|ask| ask.after.is_none())
    }

    /// Whether nothing was found, and nothing more will be.
    pub fn is_empty(&self) -> bool {
        self.answered && self.hits.is_empty() && self.ask().is_none()
    }

    /// How many are held.
    pub fn found(&self) -> usize {
        self.hits.len()
    }

    /// Whether there are more than those that are held.
    pub fn has_more(&self) -> bool {
        self.next.is_some()
    }

    /// All hits in the order in which they are shown.
    pub fn shown(&self) -> impl Iterator<Item = &Rc<SearchHit>> {
        self.groups.iter().flat_map(|group| &group.hits)
    }

    /// What Enter does now; nothing while the words are being looked up.
    pub fn enter(&self) -> Option<Enter> {
        match self.active {
            Some(Active::Completion(at)) => return Some(Enter::Complete(at)),
            Some(Active::Hit(id)) => {
                let hit = self.shown().find(|hit| hit.message == id);
                return hit.cloned().map(Enter::Open);
            }
            None => {}
        }
        let (start, end) = word_at(&self.text, self.cursor);
        let word = self.text.get(start..end).unwrap_or_default();
        if word.contains(':') && !self.completions.is_empty() {
            return Some(Enter::Complete(0));
        }
        let first = self.shown().next().filter(|_| !self.is_behind());
        first.cloned().map(Enter::Open)
    }

    fn type_in(&mut self, text: String, cursor: usize) {
        self.cursor = text.floor_char_boundary(cursor);
        if self.text == text {
            return;
        }
        self.text = text;
        self.active = None;
        let word = word_at(&self.text, self.cursor);
        let word = self.text.get(word.0..self.cursor).unwrap_or_default();
        // Until the new ones come, those that still fit.
        if !self.completions.iter().all(|one| continues(one, word)) {
            Rc::make_mut(&mut self.completions).retain(|one| continues(one, word));
        }
        self.start();
        if self.is_blank() {
            self.hits = Rc::default();
            self.groups = Rc::default();
            self.indexing = false;
        }
    }

    fn start(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.attempt = 0;
        self.answered = false;
        self.next = None;
        self.wanted = BATCH;
        self.fault = None;
    }

    fn take(&mut self, ask: Ask, page: SearchPage) {
        if page.stale {
            // The other box searched meanwhile.
            self.attempt = self.attempt.wrapping_add(1);
            return;
        }
        let fresh = page.hits.into_iter().map(Rc::new);
        if ask.after.is_none() {
            self.hits = Rc::new(fresh.collect());
        } else {
            Rc::make_mut(&mut self.hits).extend(fresh);
        }
        self.groups = Rc::new(grouped(&self.hits));
        // A page that ends where it began would be asked for ever.
        self.next = page.next.filter(|next| ask.after != Some(*next));
        self.indexing = page.indexing;
        self.answered = true;
        self.attempt = 0;
        let gone = |active: Active| match active {
            Active::Hit(id) => !self.hits.iter().any(|hit| hit.message == id),
            Active::Completion(_) => false,
        };
        if self.active.is_some_and(gone) {
            self.active = None;
        }
    }

    fn walk(&mut self, step: isize) {
        let completions = (0..self.completions.len()).map(Active::Completion);
        let hits = self.shown().map(|hit| Active::Hit(hit.message));
        let all: Vec<Active> = completions.chain(hits).collect();
        let at = self
            .active
            .and_then(|active| all.iter().position(|one| *one == active));
        let to = match at {
            Some(at) => at.checked_add_signed(step),
            None if step > 0 => Some(0),
            None => None,
        };
        // Above the first is the text itself; below the last is nothing.
        self.active = to.and_then(|to| all.get(to.min(all.len().saturating_sub(1))).copied());
        if to.is_some_and(|to| to + BATCH / 2 > all.len()) {
            self.wanted = self.hits.len() + BATCH;
        }
    }

    fn complete(&mut self, at: usize) {
        if let Some(completion) = self.completions.get(at) {
            let (text, cursor) = completed(&self.text, self.cursor, &completion.insert);
            self.completions = Rc::default();
            self.type_in(text, cursor);
            self.placed = self.placed.wrapping_add(1);
        }
    }
}

impl Reducible for Search {
    type Action = SearchAction;

    fn reduce(self: Rc<Self>, action: SearchAction) -> Rc<Self> {
        let mut next = self;
        match action {
            SearchAction::Typed(text, cursor) => {
                if next.text != text || next.cursor != cursor {
                    Rc::make_mut(&mut next).type_in(text, cursor);
                }
            }
            SearchAction::Answered(ask, page) => {
                if next.ask() == Some(ask) {
                    Rc::make_mut(&mut next).take(ask, page);
                }
            }
            SearchAction::Failed(ask, fault) => {
                if next.ask() == Some(ask) {
                    Rc::make_mut(&mut next).fault = Some(fault);
                }
            }
            SearchAction::Completions(text, cursor, completions) => {
                if next.text == text && next.cursor == cursor {
                    let fitting = useful(&text, cursor, completions);
                    let search = Rc::make_mut(&mut next);
                    search.completions = Rc::new(fitting);
                    if let Some(Active::Completion(_)) = search.active {
                        search.active = None;
                    }
                }
            }
            SearchAction::Complete(at) => Rc::make_mut(&mut next).complete(at),
            SearchAction::More => {
                let search = Rc::make_mut(&mut next);
                search.wanted = search.hits.len() + BATCH;
            }
            SearchAction::Walk(step) => Rc::make_mut(&mut next).walk(step),
            SearchAction::Again => {
                if next.indexing {
                    Rc::make_mut(&mut next).start();
                }
            }
        }
        next
    }
}

fn continues(completion: &Completion, word: &str) -> bool {
    let insert = completion.insert.to_lowercase();
    insert.starts_with(&word.to_lowercase())
}

/// Completions that offer something: not what stands there already, and not every operator after every space.
fn useful(text: &str, cursor: usize, completions: Vec<Completion>) -> Vec<Completion> {
    let (start, end) = word_at(text, cursor);
    let word = text.get(start..end).unwrap_or_default();
    if word.is_empty() && !text.trim().is_empty() {
        return Vec::new();
    }
    let mut useful = completions;
    useful.retain(|one| one.insert.trim_end() != word);
    useful
}

/// Hits grouped by chat, page by page.
fn grouped(hits: &[Rc<SearchHit>]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for batch in hits.chunks(BATCH) {
        // A chat goes on from one page into the next only where it is the last of the one.
        let begin = groups.len().saturating_sub(1);
        for hit in batch {
            let mut open = groups.iter_mut().skip(begin);
            match open.find(|group| group.chat == hit.chat) {
                Some(group) => group.hits.push(Rc::clone(hit)),
                None => groups.push(Group {
                    chat: hit.chat,
                    title: hit.chat_title.clone(),
                    hits: vec![Rc::clone(hit)],
                }),
            }
        }
    }
    groups
}

/// The word that the cursor is in or behind, as a range of bytes.
fn word_at(text: &str, cursor: usize) -> (usize, usize) {
    let cursor = text.floor_char_boundary(cursor);
    let (before, after) = text.split_at(cursor);
    let start = before
        .char_indices()
        .rfind(|(_, c)| c.is_whitespace())
        .map_or(0, |(at, c)| at + c.len_utf8());
    let end = after.find(char::is_whitespace).unwrap_or(after.len());
    (start, cursor + end)
}

/// The text with a completion in the place of the word at the cursor, and the cursor behind it.
pub fn completed(text: &str, cursor: usize, insert: &str) -> (String, usize) {
    let (start, end) = word_at(text, cursor);
    let before = text.get(..start).unwrap_or_default();
    let mut after = text.get(end..).unwrap_or_default();
    if insert.ends_with(' ') {
        after = after.strip_prefix(char::is_whitespace).unwrap_or(after);
    }
    (
        format!("{before}{insert}{after}"),
        before.len() + insert.len(),
    )
}

/// A place in a text: from the page's units of UTF-16 to bytes.
pub fn bytes_of(text: &str, units: usize) -> usize {
    let mut left = units;
    for (at, c) in text.char_indices() {
        if left < c.len_utf16() {
            return at;
        }
        left -= c.len_utf16();
    }
    text.len()
}

/// And back.
pub fn units_of(text: &str, bytes: usize) -> usize {
    let before = text.get(..text.floor_char_boundary(bytes));
    before.unwrap_or_default().encode_utf16().count()
}

/// A text in pieces, each with whether it is marked. Ranges that are none are passed over.
pub fn pieces<'a>(text: &'a str, marks: &[(u32, u32)]) -> Vec<(bool, &'a str)> {
    let mut pieces = Vec::new();
    let mut reached = 0;
    for (from, to) in marks {
        let (from, to) = (*from as usize, *to as usize);
        let (Some(plain), Some(marked)) = (text.get(reached..from), text.get(from..to)) else {
            continue;
        };
        pieces.push((false, plain));
        pieces.push((true, marked));
        reached = to;
    }
    pieces.push((false, text.get(reached..).unwrap_or_default()));
    pieces.retain(|(_, piece)| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests;
