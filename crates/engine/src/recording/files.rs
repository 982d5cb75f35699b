//! The files of a draft, and the order in which several of them become one.
//!
//! | name | what it is |
//! | --- | --- |
//! | `<id>.ogg` | the draft |
//! | `<id>.1.ogg` | the piece that is spoken after it |
//! | `<id>.new.ogg` | something being written; worth nothing |
//! | `<id>.whole.ogg` | written and synced: the draft as it is to be, the piece contained |
//!
//! A kill between any two steps leaves names that say what to do: while there is a whole, it is the draft; else draft and
//! piece are what was said. Rejected: a row that tells which step was done. It would be one more write beside each
//! rename, and a kill falls between those too.

use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use api::FileSpace;
use voice::{Take, VoiceError};

/// Less sound than this is none: one packet.
const SHORTEST_MS: u32 = 20;

/// Where the files of one draft are.
#[derive(Clone)]
pub(crate) struct Files {
    folder: PathBuf,
    id: String,
}

/// What there was to save.
pub(crate) enum Saved {
    /// No sound.
    Nothing,
    /// One draft.
    Whole(Take),
    /// Draft and piece could not be joined: each is a recording of its own.
    Parted {
        /// The draft.
        take: Take,
        /// What was spoken after it.
        piece: Take,
    },
}

impl Files {
    pub(crate) fn new(folder: &Path, id: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            id: id.to_owned(),
        }
    }

    pub(crate) fn take(&self) -> PathBuf {
        self.named("ogg")
    }

    pub(crate) fn piece(&self) -> PathBuf {
        self.named("1.ogg")
    }

    pub(super) fn fresh(&self) -> PathBuf {
        self.named("new.ogg")
    }

    pub(super) fn whole(&self) -> PathBuf {
        self.named("whole.ogg")
    }

    fn named(&self, end: &str) -> PathBuf {
        self.folder.join(format!("{}.{end}", self.id))
    }

    /// The drafts of a folder that have more files than their own.
    pub(crate) fn unsettled(folder: &Path) -> Result<Vec<String>, VoiceError> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            // An id has no dot.
            if let Some((id, "1.ogg" | "new.ogg" | "whole.ogg")) =
                name.to_str().and_then(|name| name.split_once('.'))
            {
                ids.push(id.to_owned());
            }
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// Appends the piece, which is `piece`; it is the draft where nothing of that was kept.
    pub(crate) fn append(&self, piece: Take) -> Result<Take, VoiceError> {
        if self.take().try_exists()? {
            return self.join();
        }
        fs::rename(self.piece(), self.take())?;
        Ok(piece)
    }

    /// Appends the piece. The draft is as before until all of it is on the disk.
    pub(super) fn join(&self) -> Result<Take, VoiceError> {
        remove(&self.fresh())?;
        let take = voice::edit::join(&[&self.take(), &self.piece()], &self.fresh())?;
        fs::rename(self.fresh(), self.whole())?;
        self.settle()?;
        Ok(take)
    }

    /// Writes a part of the draft as what it is to be. It is the draft after [`Files::settle`].
    pub(crate) fn cut(&self, from_ms: u32, until_ms: u32) -> Result<Take, VoiceError> {
        remove(&self.fresh())?;
        let take = voice::edit::cut(&self.take(), &self.fresh(), from_ms, until_ms)?;
        fs::rename(self.fresh(), self.whole())?;
        Ok(take)
    }

    /// Drops what lies after a place, while a piece is spoken that belongs there.
    pub(crate) fn shorten(&self, until_ms: u32) -> Result<(), VoiceError> {
        if until_ms < SHORTEST_MS {
            return remove(&self.take());
        }
        remove(&self.fresh())?;
        voice::edit::cut(&self.take(), &self.fresh(), 0, until_ms)?;
        Ok(fs::rename(self.fresh(), self.take())?)
    }

    /// Puts the whole in the place of the draft. Without one there is nothing to do.
    pub(crate) fn settle(&self) -> Result<(), VoiceError> {
        match fs::metadata(self.whole()) {
            Ok(whole) if whole.is_file() => {
                // In this order: a piece beside a draft that contains it would be said twice.
                remove(&self.piece())?;
                Ok(fs::rename(self.whole(), self.take())?)
            }
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Makes one draft of whatever is there. Nothing that holds sound is removed before another file holds it.
    pub(crate) fn save(&self) -> Result<Saved, VoiceError> {
        remove(&self.fresh())?;
        self.settle()?;
        match (sound_of(&self.take())?, sound_of(&self.piece())?) {
            (None, None) => {
                self.remove_all()?;
                Ok(Saved::Nothing)
            }
            (Some(take), None) => {
                remove(&self.piece())?;
                Ok(Saved::Whole(take))
            }
            (None, Some(piece)) => {
                fs::rename(self.piece(), self.take())?;
                Ok(Saved::Whole(piece))
            }
            (Some(take), Some(piece)) => match self.join() {
                Ok(joined) => Ok(Saved::Whole(joined)),
                Err(error) => {
                    tracing::warn!(%error, "what was recorded on becomes a draft of its own");
                    remove(&self.fresh())?;
                    Ok(Saved::Parted { take, piece })
                }
            },
        }
    }

    /// Makes the piece the draft of another id.
    pub(crate) fn part(&self, other: &Files) -> Result<(), VoiceError> {
        Ok(fs::rename(self.piece(), other.take())?)
    }

    /// Removes everything.
    pub(crate) fn remove_all(&self) -> Result<(), VoiceError> {
        remove(&self.fresh())?;
        remove(&self.piece())?;
        remove(&self.whole())?;
        remove(&self.take())?;
        self.remove_untouched()
    }

    /// What was kept of it as the microphone heard it: a file for each time it was recorded on.
    fn remove_untouched(&self) -> Result<(), VoiceError> {
        let begin = format!("{}.", self.id);
        let entries = match fs::read_dir(untouched(&self.folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&begin) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }
}

/// The folder beside that of the drafts for sound as the microphone heard it. It stays when a draft becomes a message.
pub(super) fn untouched(drafts: &Path) -> PathBuf {
    drafts.with_file_name("untouched")
}

/// How much is kept there.
pub(super) fn untouched_space(folder: &Path) -> Result<FileSpace, VoiceError> {
    let mut space = FileSpace::default();
    for entry in files_of(folder)? {
        add(&mut space, &entry?)?;
    }
    Ok(space)
}

/// Deletes what is kept there, but for that of one draft, and counts what went.
pub(super) fn delete_untouched(
    folder: &Path,
    spared: Option<&str>,
) -> Result<FileSpace, VoiceError> {
    let mut space = FileSpace::default();
    for entry in files_of(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_of = |draft: &str| {
            let rest = name.to_str().and_then(|name| name.strip_prefix(draft));
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        if !spared.is_some_and(is_of) && add(&mut space, &entry)? {
            remove(&entry.path())?;
        }
    }
    Ok(space)
}

/// What is in a folder; nothing where there is none.
fn files_of(folder: &Path) -> Result<impl Iterator<Item = io::Result<DirEntry>>, VoiceError> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(Some(entries).into_iter().flatten()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None.into_iter().flatten()),
        Err(error) => Err(error.into()),
    }
}

/// Whether it is a file, which is then counted. One that went meanwhile is none.
fn add(space: &mut FileSpace, entry: &DirEntry) -> Result<bool, VoiceError> {
    let metadata = match entry.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    if metadata.is_file() {
        space.files += 1;
        space.bytes += metadata.len();
    }
    Ok(metadata.is_file())
}

fn remove(path: &Path) -> Result<(), VoiceError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// A file that plays, finished where a crash left it without an end.
fn sound_of(path: &Path) -> Result<Option<Take>, VoiceError> {
    match voice::recover(path) {
        Ok(take) => Ok((take.duration_ms > 0).then_some(take)),
        Err(VoiceError::Disk(error)) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(VoiceError::NotAudio) => Ok(None),
        Err(error) => Err(error),
    }
}
