//! `archive.json`: how far the server's archive was read, and what waits for messages that are not there yet.
//!
//! It says what was so before the messages were read, so whatever a range covers is among the lines. A folder that lost
//! lines since must not hide that: an import believes the ranges only if it found as many messages as the folder counts.

use api::{MessageState, Millis};
use serde::{Deserialize, Serialize};
use store::{ArchiveRange, ExportArchive, ExportMark};

use super::folder;
use super::said::FollowUpLine;
use super::write::{ExportError, Writing};

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ArchiveFile {
    #[serde(default)]
    ranges: Vec<RangeLine>,
    #[serde(default)]
    marks: Vec<MarkLine>,
    #[serde(default)]
    waiting: Vec<WaitingLine>,
}

/// A stretch without holes, by the archive's ids of its ends.
#[derive(Debug, Serialize, Deserialize)]
struct RangeLine {
    oldest: String,
    oldest_at: Millis,
    newest: String,
    newest_at: Millis,
    /// The archive holds nothing older.
    complete: bool,
    items: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct MarkLine {
    chat: String,
    own: bool,
    id: String,
    state: MessageState,
}

#[derive(Debug, Serialize, Deserialize)]
struct WaitingLine {
    chat: String,
    #[serde(flatten)]
    said: FollowUpLine,
}

impl From<ExportArchive> for ArchiveFile {
    fn from(archive: ExportArchive) -> Self {
        let range = |range: ArchiveRange| RangeLine {
            oldest: range.oldest,
            oldest_at: range.oldest_at,
            newest: range.newest,
            newest_at: range.newest_at,
            complete: range.complete,
            items: range.items,
        };
        let mark = |mark: ExportMark| MarkLine {
            chat: mark.address,
            own: mark.own,
            id: mark.id,
            state: mark.state,
        };
        Self {
            ranges: archive.ranges.into_iter().map(range).collect(),
            marks: archive.marks.into_iter().map(mark).collect(),
            waiting: archive
                .waiting
                .iter()
                .map(|(chat, said)| WaitingLine {
                    chat: chat.clone(),
                    said: FollowUpLine::new(said),
                })
                .collect(),
        }
    }
}

impl From<ArchiveFile> for ExportArchive {
    fn from(file: ArchiveFile) -> Self {
        let range = |range: RangeLine| ArchiveRange {
            oldest: range.oldest,
            oldest_at: range.oldest_at,
            newest: range.newest,
            newest_at: range.newest_at,
            complete: range.complete,
            items: range.items,
        };
        let mark = |mark: MarkLine| ExportMark {
            address: mark.chat,
            own: mark.own,
            id: mark.id,
            state: mark.state,
        };
        Self {
            ranges: file.ranges.into_iter().map(range).collect(),
            marks: file.marks.into_iter().map(mark).collect(),
            waiting: file
                .waiting
                .into_iter()
                .filter_map(|line| Some((line.chat, line.said.into_follow_up()?)))
                .collect(),
        }
    }
}

impl Writing<'_> {
    pub(super) fn write_archive(&mut self) -> Result<(), ExportError> {
        let file = ArchiveFile::from(std::mem::take(&mut self.archive));
        folder::write_json(&self.task.path(folder::ARCHIVE), &file)?;
        Ok(())
    }
}
