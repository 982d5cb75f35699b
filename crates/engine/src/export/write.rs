//! One writing of an exported folder, from what the store holds: whole the first time, then what changed.
//!
//! New messages are appended to the lines of their chat. What changed, or belongs in between, is appended too and takes
//! the place of the line before it (`loose`), until there is so much of it that the chat's lines are written anew; or
//! until somebody asks for an export, after which every file is in order and as a first export would have written it.
//! Pages are cut by month, so a message costs the pages of one month.
//!
//! Blocks, on a thread of its own. It may end at any point: `state.json` tells the next one where to go on, the store
//! keeps noting what the folder lacks, and what lies in between is cut off or written again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use api::{ChatId, MessageId, Millis};
use store::{ExportArchive, ExportChat, ExportTurn, Record, Store, StoreError, WriteTx};
use tokio::runtime::Handle;

use super::folder::{self, Holds};
use super::line::{self, ChatState, StateFile};
use super::{names, overview};

/// Records a read.
pub(super) const BATCH: u32 = 500;

/// With more loose lines than this, and than a quarter of the messages, the lines of a chat are written anew.
const LOOSE: u64 = 1000;

/// Why an export ended before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    #[error("stopped")]
    Stopped,
    #[error("something else is in the folder")]
    NotEmpty,
    #[error("write the folder")]
    Disk(#[from] std::io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("write a line")]
    Line(#[from] serde_json::Error),
}

/// What is to be written, and where.
pub(crate) struct Task {
    pub(crate) store: Store,
    pub(crate) runtime: Handle,
    pub(crate) root: PathBuf,
    pub(crate) address: String,
    pub(crate) now: Millis,
    /// What a folder is called that begins now.
    pub(crate) name: String,
    /// What this history is called ([`store::key::EXPORTER`]).
    pub(crate) writer: String,
    /// Whether the folder learns of every change from now on; else it is written whole.
    pub(crate) follows: bool,
    /// Whether every file is to be in order in the end.
    pub(crate) orderly: bool,
}

/// Hears how far it is, in messages done and in all, and says whether to go on.
pub(crate) type GoOn<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

/// Writes the folder.
///
/// # Errors
/// [`ExportError::NotEmpty`] where something else is in it; it stays untouched.
pub(crate) fn run(task: &Task, go_on: GoOn<'_>) -> Result<(), ExportError> {
    match folder::holds(&task.root, &task.address)? {
        Holds::Other => return Err(ExportError::NotEmpty),
        Holds::Ours { .. } => {}
        // Before anything else, so that whatever a kill leaves is known to be ours.
        Holds::Nothing => {
            fs::create_dir_all(&task.root)?;
            overview::write_account(task, None)?;
        }
    }
    fs::create_dir_all(task.root.join(folder::CHATS_FOLDER))?;
    // Before the turn, so that all of what it covers belongs to that.
    let archive = task
        .runtime
        .block_on(task.store.reader().export_archive())?;
    let (turn, before) = task.begin()?;
    let chats = task.runtime.block_on(task.store.reader().export_chats())?;
    let total = match &before {
        Some(_) => turn.due + (turn.upto.0 - turn.reached.0).unsigned_abs(),
        None => {
            task.runtime
                .block_on(task.store.reader().counts())?
                .messages
        }
    };
    let mut writing = Writing {
        task,
        turn,
        chats: chats.into_iter().map(|chat| (chat.id, chat)).collect(),
        state: StateFile {
            name: task.name.clone(),
            turn: turn.turn,
            chats: BTreeMap::new(),
        },
        archive,
        done: 0,
        total,
        go_on,
    };
    match before {
        Some(before) => writing.changes(before)?,
        None => writing.whole()?,
    }
    writing.finish()
}

impl Task {
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.runtime.block_on(self.store.write(job))
    }

    /// The turn, and what the folder says of the turn before where it can go on from there.
    fn begin(&self) -> Result<(ExportTurn, Option<StateFile>), ExportError> {
        let path = self.path(folder::STATE);
        if self.follows
            && let Some(known) = self.runtime.block_on(self.store.reader().export_state())?
            && let Ok(state) = folder::read_json::<StateFile>(&path)
            && state.name == known.name
            && state.turn >= known.settled
            && let Some(turn) = self.write(|tx| tx.export_turn())?
        {
            return Ok((turn, Some(state)));
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let (name, follows) = (self.name.clone(), self.follows);
        let turn = match follows {
            true => self.write(move |tx| tx.export_begin(&name))?,
            false => self.runtime.block_on(self.store.reader().export_all())?,
        };
        Ok((turn, None))
    }
}

/// An export under way.
pub(super) struct Writing<'a> {
    pub(super) task: &'a Task,
    pub(super) turn: ExportTurn,
    pub(super) chats: BTreeMap<ChatId, ExportChat>,
    /// As it will be.
    pub(super) state: StateFile,
    pub(super) archive: ExportArchive,
    pub(super) done: u64,
    total: u64,
    go_on: GoOn<'a>,
}

/// What a writing of changes has touched.
#[derive(Default)]
struct Touched {
    /// Appended to.
    lines: BTreeSet<ChatId>,
    /// Whose pages are to be made anew.
    months: BTreeMap<ChatId, BTreeSet<i64>>,
    /// To be written as for the first time.
    whole: BTreeSet<ChatId>,
    /// Whose lines are to be written anew, since what was taken back must not stay in an earlier one.
    taken_back: BTreeSet<ChatId>,
}

impl Writing<'_> {
    pub(super) fn step(&mut self, messages: usize) -> Result<(), ExportError> {
        self.done += messages as u64;
        let total = self.total.max(self.done);
        match (self.go_on)(self.done, total) {
            true => Ok(()),
            false => Err(ExportError::Stopped),
        }
    }

    pub(super) fn folder_of(&self, chat: ChatId) -> Option<(String, PathBuf)> {
        let slug = names::chat_folder(&self.chats.get(&chat)?.address);
        let path = self.task.path(folder::CHATS_FOLDER).join(&slug);
        Some((slug, path))
    }

    /// For the first time. The folder says at once whose it is, so that the next try knows it again and an import can
    /// read what is there.
    fn whole(&mut self) -> Result<(), ExportError> {
        overview::write_account(self.task, None)?;
        folder::write_read_me(&self.task.root)?;
        self.write_chats(BTreeMap::new())?;
        let chats: Vec<ChatId> = self.chats.keys().copied().collect();
        for chat in chats {
            self.write_whole(chat)?;
        }
        Ok(())
    }

    fn changes(&mut self, before: StateFile) -> Result<(), ExportError> {
        self.state.name.clone_from(&before.name);
        self.state.chats.clone_from(&before.chats);
        let mut touched = Touched::default();
        let chats: Vec<ChatId> = self.chats.keys().copied().collect();
        for chat in &chats {
            let Some((slug, path)) = self.folder_of(*chat) else {
                continue;
            };
            let Some(known) = self.state.chats.get(&slug) else {
                // New, or a kill came while it was written anew.
                if !self.has_none(*chat)? {
                    touched.whole.insert(*chat);
                }
                continue;
            };
            if !folder::cut(&path.join(folder::MESSAGES), known.bytes)? {
                self.state.chats.remove(&slug);
                touched.whole.insert(*chat);
            } else if self
                .chats
                .get(chat)
                .is_some_and(|chat| chat.title != known.title)
            {
                let months = known.months.keys().copied();
                touched.months.entry(*chat).or_default().extend(months);
            }
        }
        self.append_changed(&mut touched)?;
        self.append_new(&mut touched)?;
        for chat in &touched.lines {
            if let Some((_, path)) = self.folder_of(*chat) {
                folder::sync(&path.join(folder::MESSAGES))?;
            }
        }
        let anew: BTreeSet<ChatId> = chats
            .iter()
            .copied()
            .filter(|chat| !touched.whole.contains(chat))
            .filter(|chat| touched.taken_back.contains(chat) || self.is_too_loose(*chat))
            .collect();
        if !anew.is_empty() || !touched.whole.is_empty() {
            self.forget_meanwhile(before, anew.iter().chain(&touched.whole))?;
        }
        for chat in &anew {
            self.write_lines(*chat)?;
        }
        for (chat, months) in std::mem::take(&mut touched.months) {
            if !touched.whole.contains(&chat) {
                self.write_months(chat, months)?;
            }
        }
        for chat in touched.whole {
            self.write_whole(chat)?;
        }
        Ok(())
    }

    /// Until the end, the folder says of these chats that nothing is known: their files are replaced, and a kill in
    /// between must not have the next export go on from the middle of other ones.
    fn forget_meanwhile<'c>(
        &self,
        mut before: StateFile,
        chats: impl Iterator<Item = &'c ChatId>,
    ) -> Result<(), ExportError> {
        for chat in chats {
            if let Some((slug, _)) = self.folder_of(*chat) {
                before.chats.remove(&slug);
            }
        }
        folder::write_json(&self.task.path(folder::STATE), &before)?;
        Ok(())
    }

    fn is_too_loose(&self, chat: ChatId) -> bool {
        let known = self
            .folder_of(chat)
            .and_then(|(slug, _)| self.state.chats.get(&slug));
        known.is_some_and(|known| {
            let many = known.loose > LOOSE && known.loose > known.messages() / 4;
            many || (self.task.orderly && known.loose > 0)
        })
    }

    fn append_changed(&mut self, touched: &mut Touched) -> Result<(), ExportError> {
        let mut after = MessageId(0);
        loop {
            let reader = self.task.store.reader();
            let due = reader.export_due(self.turn, after, BATCH);
            let due = self.task.runtime.block_on(due)?;
            let Some(last) = due.last() else {
                return Ok(());
            };
            after = last.message;
            let count = due.len();
            let mut lines: BTreeMap<ChatId, Vec<u8>> = BTreeMap::new();
            for due in due {
                let months = touched.months.entry(due.chat).or_default();
                months.insert(names::month_of(due.at));
                if due.record.as_ref().is_some_and(|record| record.retracted) {
                    touched.taken_back.insert(due.chat);
                }
                let line = match due.record {
                    // It comes with what is new.
                    Some(record) if record.id > self.turn.reached => continue,
                    Some(record) => self.line_of(due.chat, &record)?,
                    None => line::gone(due.message)?,
                };
                if let Some(known) = self.known(due.chat) {
                    known.loose += 1;
                    lines.entry(due.chat).or_default().extend(line);
                } else {
                    touched.whole.insert(due.chat);
                }
            }
            self.append(lines, touched)?;
            self.step(count)?;
        }
    }

    fn append_new(&mut self, touched: &mut Touched) -> Result<(), ExportError> {
        let mut after = self.turn.reached;
        loop {
            let reader = self.task.store.reader();
            let new = reader.export_new(self.turn, after, BATCH);
            let new = self.task.runtime.block_on(new)?;
            let Some((_, last)) = new.last() else {
                return Ok(());
            };
            after = last.id;
            let count = new.len();
            let mut lines: BTreeMap<ChatId, Vec<u8>> = BTreeMap::new();
            for (chat, record) in new {
                if self.known(chat).is_none() {
                    touched.whole.insert(chat);
                    continue;
                }
                let months = touched.months.entry(chat).or_default();
                months.insert(names::month_of(record.at));
                let line = self.line_of(chat, &record)?;
                lines.entry(chat).or_default().extend(line);
                if let Some(known) = self.known(chat) {
                    if (record.at, record.id.0) > (known.at, known.id) {
                        (known.at, known.id) = (record.at, record.id.0);
                    } else {
                        known.loose += 1;
                    }
                }
            }
            self.append(lines, touched)?;
            self.step(count)?;
        }
    }

    pub(super) fn title_of(&self, chat: ChatId) -> String {
        self.chats
            .get(&chat)
            .map(|chat| chat.title.clone())
            .unwrap_or_default()
    }

    fn known(&mut self, chat: ChatId) -> Option<&mut ChatState> {
        let slug = names::chat_folder(&self.chats.get(&chat)?.address);
        self.state.chats.get_mut(&slug)
    }

    fn append(
        &mut self,
        lines: BTreeMap<ChatId, Vec<u8>>,
        touched: &mut Touched,
    ) -> Result<(), ExportError> {
        for (chat, lines) in lines {
            if let Some((_, path)) = self.folder_of(chat) {
                folder::append(&path.join(folder::MESSAGES), &lines)?;
                touched.lines.insert(chat);
            }
            if let Some(known) = self.known(chat) {
                known.bytes += lines.len() as u64;
            }
        }
        Ok(())
    }

    fn line_of(&self, chat: ChatId, record: &Record) -> Result<Vec<u8>, ExportError> {
        let here = match self.folder_of(chat) {
            Some((_, path)) => self.media_of(&path, record)?,
            None => None,
        };
        Ok(line::message(record, here.as_ref())?)
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        self.step(0)?;
        folder::write_read_me(&self.task.root)?;
        let drafts = self.write_drafts()?;
        self.write_chats(drafts)?;
        self.write_index()?;
        self.write_archive()?;
        overview::write_account(self.task, Some(self.task.now))?;
        if self.task.follows {
            folder::write_json(&self.task.path(folder::STATE), &self.state)?;
        }
        self.step(0)?;
        let (name, turn) = (self.state.name.clone(), self.turn);
        let (follows, now) = (self.task.follows, self.task.now.to_string());
        self.task.write(move |tx| {
            if follows {
                tx.export_settled(&name, &turn)?;
            }
            tx.set_meta(store::key::EXPORTED_AT, Some(&now))
        })?;
        Ok(())
    }
}
