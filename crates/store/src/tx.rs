//! A write transaction and the deltas born in it.
//!
//! Methods note which chats and messages they touch. Their rows are read once, at
//! the end and still inside the transaction, so a delta is never older than what
//! it was committed with, and ten changes to a chat make one. File moves are noted
//! likewise and done last, right before `COMMIT`; where that fails they are undone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use api::{Change, ChatId, MessageId, MessageRow};
use rusqlite::{Connection, Transaction};

use crate::{StoreError, chat, message, search, summary, terms};

/// One write transaction. What its methods change is published after `COMMIT`:
/// each chat and message touched once, as it is in the end.
pub struct WriteTx<'a> {
    transaction: Transaction<'a>,
    folder: &'a Path,
    chats: BTreeSet<ChatId>,
    summaries: BTreeSet<ChatId>,
    messages: BTreeSet<MessageId>,
    /// What the search index has to learn at the end, by what it holds of it now.
    unindexed: BTreeMap<MessageId, Indexed>,
    gone: BTreeMap<MessageId, ChatId>,
    moves: Vec<(PathBuf, PathBuf)>,
}

impl<'a> WriteTx<'a> {
    pub(crate) fn new(transaction: Transaction<'a>, folder: &'a Path) -> Self {
        Self {
            transaction,
            folder,
            chats: BTreeSet::new(),
            summaries: BTreeSet::new(),
            messages: BTreeSet::new(),
            unindexed: BTreeMap::new(),
            gone: BTreeMap::new(),
            moves: Vec::new(),
        }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.transaction
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder
    }

    pub(crate) fn touch_chat(&mut self, chat: ChatId) {
        self.chats.insert(chat);
    }

    /// The newest message, the unread count or the place in the list may have changed.
    pub(crate) fn touch_summary(&mut self, chat: ChatId) {
        self.summaries.insert(chat);
    }

    pub(crate) fn touch_message(&mut self, message: MessageId) {
        self.messages.insert(message);
    }

    /// The search index learns of a new message at this place.
    pub(crate) fn index_message(&mut self, message: MessageId, place: i64) {
        self.unindexed.insert(message, Indexed::No { place });
        self.messages.insert(message);
    }

    /// The search index learns what a message says now: for whatever changes its text or
    /// the name of its file.
    pub fn index_again(&mut self, message: MessageId) {
        self.unindexed.entry(message).or_insert(Indexed::Before);
        self.messages.insert(message);
    }

    pub(crate) fn message_gone(&mut self, chat: ChatId, message: MessageId) {
        self.messages.remove(&message);
        self.unindexed.remove(&message);
        self.gone.insert(message, chat);
        self.summaries.insert(chat);
    }

    /// Moves a file right before the commit.
    pub(crate) fn move_file(&mut self, from: PathBuf, to: PathBuf) {
        self.moves.push((from, to));
    }

    pub(crate) fn commit(mut self) -> Result<Vec<Change>, StoreError> {
        let changes = self.changes()?;
        let moves = std::mem::take(&mut self.moves);
        for (n, (from, to)) in moves.iter().enumerate() {
            if let Err(error) = std::fs::rename(from, to) {
                undo(moves.iter().take(n));
                return Err(error.into());
            }
        }
        if let Err(error) = self.transaction.commit() {
            undo(moves.iter());
            return Err(error.into());
        }
        Ok(changes)
    }

    /// Messages first, then the chats that show them.
    fn changes(&mut self) -> Result<Vec<Change>, StoreError> {
        for chat in std::mem::take(&mut self.summaries) {
            if summary::refresh(&self.transaction, chat)? {
                self.chats.insert(chat);
            }
        }
        let mut changes = Vec::with_capacity(self.messages.len() + self.chats.len());
        for (id, chat) in &self.gone {
            changes.push(Change::MessageGone {
                chat: *chat,
                id: *id,
            });
        }
        let mut entries = Vec::with_capacity(self.unindexed.len());
        for id in &self.messages {
            if let Some(row) = message::read(&self.transaction, *id)? {
                entries.extend(self.entry(&row)?);
                if summary::shows(&self.transaction, row.chat, row.id)? {
                    self.chats.insert(row.chat);
                }
                changes.push(Change::Message(row));
            }
        }
        search::write(&self.transaction, entries)?;
        for chat in chat::read_all(&self.transaction, &self.chats)? {
            changes.push(Change::Chat(chat));
        }
        Ok(changes)
    }

    fn entry(&self, row: &MessageRow) -> Result<Option<search::Entry>, StoreError> {
        let place = match self.unindexed.get(&row.id) {
            None => None,
            Some(Indexed::No { place }) => Some((*place, false)),
            Some(Indexed::Before) => {
                search::indexed_at(&self.transaction, row.id)?.map(|place| (place, true))
            }
        };
        Ok(place.map(|(place, known)| search::Entry {
            place,
            terms: terms::of_message(row),
            known,
        }))
    }
}

/// What the search index holds of a message at the beginning of the transaction.
enum Indexed {
    /// Nothing.
    No { place: i64 },
    /// What it said then, unless its turn in a rebuild is still to come.
    Before,
}

fn undo<'m>(moves: impl DoubleEndedIterator<Item = &'m (PathBuf, PathBuf)>) {
    for (from, to) in moves.rev() {
        if let Err(error) = std::fs::rename(to, from) {
            // Opening the folder again finds the file by its draft's row.
            tracing::error!(%error, "move a file back");
        }
    }
}
