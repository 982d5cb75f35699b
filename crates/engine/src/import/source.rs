//! Reading an exported folder that may have been made by anybody.
//!
//! No name in it is believed: a chat's folder follows from its address, a file has to look like one that an export
//! writes, and whatever is a link, a device or a pipe is not there. Lines and files have a size beyond which they are
//! not read. So nothing outside the folder is opened, and nothing in it can fill the memory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use api::Millis;
use sha2::{Digest, Sha256};
use store::{ExportArchive, Record};

use super::take::ImportError;
use crate::export::archive::ArchiveFile;
use crate::export::folder::{ACCOUNT, ARCHIVE, CHATS, CHATS_FOLDER, MESSAGES, read_json};
use crate::export::line::{
    AccountFile, ChatLine, ChatsFile, Exported, FORMAT, Head, MessageLine, VERSION,
};
use crate::export::names;

/// The longest line, in bytes. A message that any server takes is far shorter.
const LONGEST_LINE: usize = 4 * 1024 * 1024;

/// The largest file of a message: as from the network.
const LARGEST_FILE: u64 = 1024 * 1024 * 1024;

/// The longest id, name or media type.
pub(super) const LONGEST_NAME: usize = 4096;

/// The longest URL.
const LONGEST_URL: usize = 16 * 1024;

/// Corrections, retractions and reactions of one message.
const MOST_FOLLOW_UPS: usize = 10_000;

/// So far from 1970 calendars reach.
const FURTHEST: Millis = 8_640_000_000_000_000;

/// Lines that stand for earlier ones, of one chat. Our exports write a chat anew long before.
const MOST_LATER: usize = 1_000_000;

/// An exported folder.
pub(crate) struct Source {
    root: PathBuf,
    /// Whose it is.
    pub(crate) address: String,
    pub(crate) chats: Vec<ChatLine>,
    /// Whether it was ever written to its end.
    pub(crate) is_finished: bool,
}

/// The lines of a chat, each message once.
pub(crate) struct Lines {
    file: BufReader<File>,
    number: u64,
    /// Which line counts, of messages that have several.
    last: BTreeMap<i64, u64>,
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Next {
    Message(Box<Exported>, usize),
    /// A line that cannot be read.
    Damaged,
    End,
}

/// A line, as far as it is one.
enum Raw {
    Whole,
    /// The file ends in it.
    CutShort,
    TooLong,
    End,
}

impl Source {
    pub(crate) fn open(root: &Path) -> Result<Self, ImportError> {
        let account: AccountFile = json(&root.join(ACCOUNT))?;
        if account.format != FORMAT {
            return Err(ImportError::NotAnExport);
        }
        if account.version > VERSION {
            return Err(ImportError::TooNew(account.version));
        }
        let chats: ChatsFile = json(&root.join(CHATS))?;
        Ok(Self {
            root: root.to_path_buf(),
            address: account.address,
            chats: chats.chats,
            is_finished: account.exported_at.is_some(),
        })
    }

    /// How far the archive was read there; none where that cannot be read.
    pub(crate) fn archive(&self) -> Option<ExportArchive> {
        let file = read_json::<ArchiveFile>(&self.root.join(ARCHIVE));
        file.ok().map(ExportArchive::from)
    }

    /// The lines of a chat; none where nothing was said in it.
    pub(crate) fn lines(&self, chat: &str) -> io::Result<Option<Lines>> {
        let Some(folder) = self.chat_folder(chat)? else {
            return Ok(None);
        };
        let path = folder.join(MESSAGES);
        if !is_file(&path)? {
            return Ok(None);
        }
        let mut lines = Lines {
            file: BufReader::new(File::open(&path)?),
            number: 0,
            last: BTreeMap::new(),
        };
        lines.find_last()?;
        lines.file = BufReader::new(File::open(&path)?);
        lines.number = 0;
        Ok(Some(lines))
    }

    fn chat_folder(&self, chat: &str) -> io::Result<Option<PathBuf>> {
        let chats = self.root.join(CHATS_FOLDER);
        let folder = chats.join(names::chat_folder(chat));
        Ok((is_folder(&chats)? && is_folder(&folder)?).then_some(folder))
    }

    /// Copies the file of a message to `to`, if it is there and is what the line says. Whether it is.
    ///
    /// # Errors
    /// Only what writing meets: a file that cannot be read is as good as damaged.
    pub(crate) fn copy(
        &self,
        chat: &str,
        file: &str,
        sha256: Option<[u8; 32]>,
        to: &Path,
    ) -> io::Result<bool> {
        let Some(sha256) = sha256 else {
            return Ok(false);
        };
        let Some(from) = self.file(chat, file) else {
            return Ok(false);
        };
        let fresh = crate::export::folder::fresh(to);
        let mut copy = File::create(&fresh)?;
        let found = copied(from, &mut copy)?;
        let is_it = found == Some(sha256);
        if is_it {
            copy.sync_all()?;
            drop(copy);
            fs::rename(&fresh, to)?;
        } else {
            drop(copy);
            fs::remove_file(&fresh)?;
        }
        Ok(is_it)
    }

    fn file(&self, chat: &str, file: &str) -> Option<File> {
        if !names::is_media_file(file) {
            return None;
        }
        let folder = self.chat_folder(chat).ok().flatten()?;
        let (kind, _) = file.split_once('/')?;
        let path = folder.join(file);
        let about = fs::symlink_metadata(&path).ok()?;
        let readable =
            is_folder(&folder.join(kind)).ok()? && about.is_file() && about.len() <= LARGEST_FILE;
        readable.then(|| File::open(path).ok()).flatten()
    }
}

/// The hash of what was copied; `None` where it could not be read, or is too large.
fn copied(from: File, to: &mut File) -> io::Result<Option<[u8; 32]>> {
    let mut from = from.take(LARGEST_FILE + 1);
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let read = match from.read(&mut chunk) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return Ok(None),
        };
        let Some(read) = chunk.get(..read).filter(|read| !read.is_empty()) else {
            break;
        };
        size += read.len() as u64;
        if size > LARGEST_FILE {
            return Ok(None);
        }
        hash.update(read);
        to.write_all(read)?;
    }
    Ok(Some(hash.finalize().into()))
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ImportError> {
    read_json(path).map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied => ImportError::Folder(error),
        _ => ImportError::NotAnExport,
    })
}

fn is_folder(path: &Path) -> io::Result<bool> {
    is(path, fs::FileType::is_dir)
}

fn is_file(path: &Path) -> io::Result<bool> {
    is(path, fs::FileType::is_file)
}

fn is(path: &Path, kind: fn(&fs::FileType) -> bool) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(about) => Ok(kind(&about.file_type())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

impl Lines {
    /// Lines are oldest first. One that is not stands for an earlier one, or between others; only of those the numbers
    /// are kept.
    fn find_last(&mut self) -> io::Result<()> {
        let mut line = Vec::new();
        let mut newest = (Millis::MIN, i64::MIN);
        loop {
            match self.raw(&mut line)? {
                Raw::End => return Ok(()),
                Raw::TooLong => continue,
                Raw::Whole | Raw::CutShort => {}
            }
            let Ok(head) = serde_json::from_slice::<Head>(&line) else {
                continue;
            };
            let here = (head.at, head.id);
            if here > newest && !head.gone {
                newest = here;
            } else if !head.gone && parsed(&line).is_none() {
                // A damaged one takes no good one's place.
            } else if self.last.len() < MOST_LATER || self.last.contains_key(&head.id) {
                self.last.insert(head.id, self.number);
            }
        }
    }

    pub(crate) fn next(&mut self) -> io::Result<Next> {
        let mut line = Vec::new();
        loop {
            let raw = self.raw(&mut line)?;
            match raw {
                Raw::End => return Ok(Next::End),
                Raw::TooLong => return Ok(Next::Damaged),
                Raw::Whole | Raw::CutShort => {}
            }
            let Ok(head) = serde_json::from_slice::<Head>(&line) else {
                // The last line of an export that was killed.
                match raw {
                    Raw::CutShort => continue,
                    _ => return Ok(Next::Damaged),
                }
            };
            let is_last = self
                .last
                .get(&head.id)
                .is_none_or(|last| *last == self.number);
            if head.gone || !is_last {
                continue;
            }
            return Ok(match parsed(&line) {
                Some(exported) => Next::Message(Box::new(exported), line.len()),
                None => Next::Damaged,
            });
        }
    }

    /// The next line that is not empty, without its end.
    fn raw(&mut self, line: &mut Vec<u8>) -> io::Result<Raw> {
        loop {
            line.clear();
            let mut limited = (&mut self.file).take(LONGEST_LINE as u64 + 1);
            let read = limited.read_until(b'\n', line)?;
            self.number += 1;
            if read == 0 {
                return Ok(Raw::End);
            }
            if line.pop_if(|byte| *byte == b'\n').is_none() {
                if line.len() <= LONGEST_LINE {
                    return Ok(Raw::CutShort);
                }
                line.clear();
                self.file.skip_until(b'\n')?;
                return Ok(Raw::TooLong);
            }
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Ok(Raw::Whole);
            }
        }
    }
}

fn parsed(line: &[u8]) -> Option<Exported> {
    serde_json::from_slice::<MessageLine>(line)
        .ok()
        .and_then(MessageLine::into_exported)
        .filter(|exported| is_record_bounded(&exported.record))
}

/// Whether a calendar has this moment.
pub(super) fn is_bounded(at: Millis) -> bool {
    (-FURTHEST..=FURTHEST).contains(&at)
}

fn is_record_bounded(record: &Record) -> bool {
    let names = [
        &record.author,
        &record.origin_id,
        &record.stanza_id,
        &record.server_id,
    ];
    let media = record.media().is_none_or(|media| {
        media.name.len() <= LONGEST_NAME
            && media.media_type.len() <= LONGEST_NAME
            && media.url.len() <= LONGEST_URL
            && media.peaks.len() <= LONGEST_NAME
    });
    let reply = record.reply.as_ref().is_none_or(|reply| {
        reply.id.len() <= LONGEST_NAME
            && reply
                .author
                .as_ref()
                .is_none_or(|author| author.len() <= LONGEST_NAME)
    });
    let said = record.follow_ups.iter().all(|said| {
        let names = [&said.author, &said.target, &said.name];
        names.iter().all(|name| name.len() <= LONGEST_NAME) && is_bounded(said.at)
    });
    names.iter().all(|name| name.len() <= LONGEST_NAME)
        && media
        && reply
        && said
        && record.follow_ups.len() <= MOST_FOLLOW_UPS
        && is_bounded(record.at)
}
