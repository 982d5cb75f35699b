//! Recordings that were not sent, in an exported folder: beside the voice of their chat, named in `chats.json`.
//!
//! They are few and come and go, so they are looked at whole each time and not followed by turns.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use api::ChatId;
use store::DraftRow;

use super::chat::remove;
use super::folder;
use super::line::DraftLine;
use super::names;
use super::write::{ExportError, Writing};

impl Writing<'_> {
    /// Brings what was recorded into the folders of the chats, and takes away what was sent or thrown away since.
    pub(super) fn write_drafts(&self) -> Result<BTreeMap<ChatId, Vec<DraftLine>>, ExportError> {
        let mut lines = BTreeMap::new();
        for chat in self.chats.values() {
            let Some((_, path)) = self.folder_of(chat.id) else {
                continue;
            };
            let mut of_chat = Vec::new();
            for row in chat.drafts.iter().filter(|row| !row.draft.recording) {
                of_chat.extend(self.write_draft(&path, row)?);
            }
            remove_others(&path, &of_chat)?;
            if !of_chat.is_empty() {
                lines.insert(chat.id, of_chat);
            }
        }
        Ok(lines)
    }

    fn write_draft(&self, path: &Path, row: &DraftRow) -> Result<Option<DraftLine>, ExportError> {
        let file = names::draft_file(&row.draft.id, row.at);
        let to = path.join(&file);
        let recording = format!("{}.ogg", row.draft.id);
        let from = self.task.store.drafts_dir().join(recording);
        // Sent or thrown away meanwhile: the next turn knows.
        let Some(size) = folder::copy(&from, &to)? else {
            return Ok(None);
        };
        Ok(Some(DraftLine {
            id: row.draft.id.clone(),
            at: row.at,
            file,
            sha256: names::hex(&folder::sha256(&to)?),
            size,
            duration_ms: row.draft.duration_ms,
            peaks: row.draft.peaks.clone(),
        }))
    }
}

fn remove_others(path: &Path, lines: &[DraftLine]) -> Result<(), ExportError> {
    let folder = path.join(names::DRAFTS);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let files: BTreeSet<&str> = lines.iter().map(|line| line.file.as_str()).collect();
    for entry in entries {
        let entry = entry?;
        let name = format!("{}/{}", names::DRAFTS, entry.file_name().to_string_lossy());
        let ours = name.strip_suffix(".new").unwrap_or(&name);
        if names::is_media_file(ours) && !files.contains(name.as_str()) {
            remove(&entry.path())?;
        }
    }
    if files.is_empty() {
        for folder in [folder.as_path(), path] {
            if let Err(error) = fs::remove_dir(folder) {
                tracing::debug!(%error, "a folder of the export stays");
            }
        }
    }
    Ok(())
}
