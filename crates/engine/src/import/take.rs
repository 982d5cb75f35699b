//! Taking an exported folder in, chat by chat, in transactions that others do not have to wait long for.

use std::io;
use std::path::PathBuf;

use api::{ChatId, MessageCursor, MessageId, VoiceDraft};
use sha2::{Digest, Sha256};
use store::{Moment, Record, Store, StoreError, WriteTx};
use tokio::runtime::Handle;
use xmpp::BareJid;

use super::source::{Lines, Next, Source, is_bounded};
use crate::export::line::{ChatLine, DraftLine, Exported, hash as hash_of};
use crate::export::names;

/// Messages a transaction.
const BATCH: usize = 250;

/// Bytes of lines a transaction, about.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Recordings of one chat that were not sent.
const MOST_DRAFTS: usize = 1000;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 1000;

/// The longest text that was typed and not sent, in characters. It goes to the window with the list of chats.
const LONGEST_DRAFT: usize = 100_000;

/// Why an import ended otherwise than with everything.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    #[error("stopped")]
    Stopped,
    #[error("not an exported history")]
    NotAnExport,
    #[error("of a newer version: {0}")]
    TooNew(u32),
    /// All else was taken in.
    #[error("{lines} lines and {files} files could not be read")]
    Damaged { lines: u64, files: u64 },
    #[error("read the folder")]
    Folder(#[source] io::Error),
    #[error("copy a file")]
    Disk(#[source] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is to be taken in, and by whom.
pub(crate) struct Task {
    pub(crate) store: Store,
    pub(crate) runtime: Handle,
    pub(crate) source: Source,
    /// Of the account that it becomes part of.
    pub(crate) address: String,
}

/// Hears how far it is, in messages done and in all, and says whether to go on.
pub(crate) type GoOn<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

/// Takes the folder in.
///
/// # Errors
/// [`ImportError::Damaged`] where something could not be read; everything else is in then.
pub(crate) fn run(mut task: Task, go_on: GoOn<'_>) -> Result<(), ImportError> {
    let chats = std::mem::take(&mut task.source.chats);
    let total = chats
        .iter()
        .fold(0_u64, |total, chat| total.saturating_add(chat.messages));
    let mut taking = Taking {
        task: &task,
        done: 0,
        total,
        lines: 0,
        files: 0,
        go_on,
    };
    for chat in chats {
        taking.chat(chat)?;
    }
    let counted = taking.lines == 0 && taking.done == total;
    taking.archive(counted)?;
    taking.step(0)?;
    match (taking.lines, taking.files) {
        (0, 0) => Ok(()),
        (lines, files) => Err(ImportError::Damaged { lines, files }),
    }
}

pub(super) struct Taking<'a> {
    pub(super) task: &'a Task,
    done: u64,
    total: u64,
    /// That could not be read.
    lines: u64,
    files: u64,
    go_on: GoOn<'a>,
}

/// A chat while its messages come in.
struct Chat {
    id: ChatId,
    address: String,
    moment: Moment,
    /// The place up to which was read, as the folder says it, and what that is here.
    read: MessageCursor,
    read_here: Option<MessageId>,
}

impl Taking<'_> {
    pub(super) fn step(&mut self, messages: usize) -> Result<(), ImportError> {
        self.done += messages as u64;
        let total = self.total.max(self.done);
        match (self.go_on)(self.done, total) {
            true => Ok(()),
            false => Err(ImportError::Stopped),
        }
    }

    pub(super) fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ImportError> {
        Ok(self.task.runtime.block_on(self.task.store.write(job))?)
    }

    fn chat(&mut self, line: ChatLine) -> Result<(), ImportError> {
        self.step(0)?;
        if !is_address(&line.address) {
            self.lines += 1;
            return Ok(());
        }
        let read = line.read();
        let address = line.address.clone();
        let drafts = line.voice_drafts.clone();
        let id = self.write(move |tx| {
            let title: String = line.title.chars().take(LONGEST_TITLE).collect();
            let draft: String = line.draft.chars().take(LONGEST_DRAFT).collect();
            tx.import_chat(&line.address, &title, &draft, line.raised_at)
        })?;
        let mut chat = Chat {
            id,
            address,
            moment: Moment::default(),
            read,
            read_here: None,
        };
        let lines = self.task.source.lines(&chat.address);
        if let Some(lines) = lines.map_err(ImportError::Folder)? {
            self.messages(&mut chat, lines)?;
        }
        for draft in drafts.into_iter().take(MOST_DRAFTS) {
            self.draft(&chat, draft)?;
        }
        if read.at > 0 {
            let upto = MessageCursor {
                at: read.at,
                id: chat.read_here.unwrap_or(MessageId(0)),
            };
            self.write(move |tx| tx.import_read(id, upto))?;
        }
        Ok(())
    }

    fn messages(&mut self, chat: &mut Chat, mut lines: Lines) -> Result<(), ImportError> {
        let mut batch = Vec::with_capacity(BATCH);
        let mut bytes = 0;
        loop {
            match lines.next().map_err(ImportError::Folder)? {
                Next::End => break,
                Next::Damaged => self.lines += 1,
                Next::Message(exported, length) => {
                    let exported = *exported;
                    if !exported.record.own && !is_address(&exported.record.author) {
                        self.lines += 1;
                        continue;
                    }
                    batch.push(self.ours(exported));
                    bytes += length;
                }
            }
            if batch.len() >= BATCH || bytes >= BATCH_BYTES {
                self.batch(chat, std::mem::take(&mut batch))?;
                bytes = 0;
            }
        }
        self.batch(chat, batch)
    }

    /// What was ours there is ours here. An archive's ids mean something in that archive only.
    fn ours(&self, mut exported: Exported) -> Exported {
        let record = &mut exported.record;
        if record.own {
            record.author.clone_from(&self.task.address);
        }
        record
            .follow_ups
            .retain(|said| said.own || is_address(&said.author));
        for said in record.follow_ups.iter_mut().filter(|said| said.own) {
            said.author.clone_from(&self.task.address);
        }
        let there = &self.task.source.address;
        let quoted = record
            .reply
            .as_mut()
            .and_then(|reply| reply.author.as_mut());
        if let Some(author) = quoted.filter(|author| *author == there) {
            author.clone_from(&self.task.address);
        }
        if *there != self.task.address {
            record.server_id.clear();
        }
        exported
    }

    fn batch(&mut self, chat: &mut Chat, batch: Vec<Exported>) -> Result<(), ImportError> {
        let count = batch.len();
        let mut brought = self.bring(chat, &batch)?;
        let records: Vec<Record> = batch.into_iter().map(|exported| exported.record).collect();
        let (id, mut moment) = (chat.id, std::mem::take(&mut chat.moment));
        let read = chat.read;
        let files = brought.clone();
        let (imported, moment, read_here) = self.write(move |tx| {
            let mut imported = Vec::with_capacity(records.len());
            let mut read_here = None;
            for (record, file) in records.iter().zip(&files) {
                let taken = tx.import_record(id, record, file.as_deref(), &mut moment)?;
                if (record.at, record.id) == (read.at, read.id) {
                    read_here = Some(taken.id);
                }
                imported.push(taken);
            }
            Ok((imported, moment, read_here))
        })?;
        chat.moment = moment;
        chat.read_here = read_here.or(chat.read_here);
        for (imported, file) in imported.iter().zip(&mut brought) {
            if let Some(file) = file.take().filter(|_| !imported.took_file) {
                remove(&self.task.store.media_dir().join(file))?;
            }
        }
        self.step(count)
    }

    /// Copies the files that are wanted. What they are called here follows from the message, so that an import that was
    /// killed in between does not leave them twice.
    fn bring(
        &mut self,
        chat: &Chat,
        batch: &[Exported],
    ) -> Result<Vec<Option<String>>, ImportError> {
        if batch.iter().all(|exported| exported.file.is_none()) {
            return Ok(vec![None; batch.len()]);
        }
        let id = chat.id;
        let records: Vec<Record> = batch
            .iter()
            .map(|exported| exported.record.clone())
            .collect();
        let wanted = self.write(move |tx| tx.import_wants(id, &records))?;
        let media_dir = self.task.store.media_dir();
        let mut brought = Vec::with_capacity(batch.len());
        for (exported, wanted) in batch.iter().zip(wanted) {
            let record = &exported.record;
            let (Some(file), Some(media), true) = (&exported.file, record.media(), wanted) else {
                brought.push(None);
                continue;
            };
            self.step(0)?;
            let name = self.name_of(chat, record);
            let to: PathBuf = media_dir.join(&name);
            let source = &self.task.source;
            let is_it = source.copy(&chat.address, file, media.sha256, &to);
            if is_it.map_err(ImportError::Disk)? {
                brought.push(Some(name));
            } else {
                self.files += 1;
                brought.push(None);
            }
        }
        Ok(brought)
    }

    /// A recording that was not sent. Its file is there before it is known, as one that is being made.
    fn draft(&mut self, chat: &Chat, line: DraftLine) -> Result<(), ImportError> {
        self.step(0)?;
        let of = format!(
            "{}\n{}\n{}",
            self.task.source.address, chat.address, line.id
        );
        let hash = names::hex(&Sha256::digest(of.as_bytes()));
        let id = format!("imported-{}", hash.get(..32).unwrap_or_default());
        let known = [line.id, id.clone()];
        let is_known = self.write(move |tx| {
            let [there, here] = &known;
            tx.has_draft([there, here])
        })?;
        if is_known {
            return Ok(());
        }
        let to = self.task.store.drafts_dir().join(format!("{id}.ogg"));
        let source = &self.task.source;
        let copied = source.copy(&chat.address, &line.file, hash_of(&line.sha256), &to);
        if !is_bounded(line.at) || !copied.map_err(ImportError::Disk)? {
            self.files += 1;
            return Ok(());
        }
        let (chat, at) = (chat.id, line.at);
        let draft = VoiceDraft {
            id,
            duration_ms: line.duration_ms,
            peaks: line.peaks,
            recording: false,
        };
        self.write(move |tx| tx.import_draft(chat, at, &draft))
    }

    fn name_of(&self, chat: &Chat, record: &Record) -> String {
        let of = format!(
            "{}\n{}\n{}\n{}",
            self.task.source.address, chat.address, record.id.0, record.at
        );
        let hash = names::hex(&Sha256::digest(of.as_bytes()));
        format!("imported-{}", hash.get(..32).unwrap_or_default())
    }
}

/// A bare address in the form in which addresses are compared.
pub(super) fn is_address(text: &str) -> bool {
    text.parse::<BareJid>()
        .is_ok_and(|address| address.as_str() == text)
}

fn remove(path: &std::path::Path) -> Result<(), ImportError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ImportError::Disk(error)),
        _ => Ok(()),
    }
}
