//! The files of one chat in an exported folder: its lines, its pages, and what was spoken and sent in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::Bound;
use std::path::Path;

use api::{ChatId, Media, MessageCursor, MessageId, Millis};
use store::Record;

use super::folder;
use super::line::{self, MediaHere};
use super::names;
use super::page::{self, PAGE, Page, Place};
use super::write::{BATCH, ExportError, Writing};

const START: MessageCursor = MessageCursor {
    at: Millis::MIN,
    id: MessageId(i64::MIN),
};

impl Writing<'_> {
    /// Brings the file of a message into the folder of its chat. A copy that this machine let go of, or never had back,
    /// stays where it was exported to: the folder is there to outlive this machine.
    pub(super) fn media_of(
        &self,
        path: &Path,
        record: &Record,
    ) -> Result<Option<MediaHere>, ExportError> {
        let Some(media) = record.media() else {
            return Ok(None);
        };
        let Some(file) = names::media_file(&record.content, record.at, record.id.0) else {
            return Ok(None);
        };
        let to = path.join(&file);
        let size = match media.state {
            Media::Here => folder::copy(&self.task.store.media_dir().join(&media.file), &to)?,
            _ => folder::length(&to).filter(|size| Some(*size) == media.size),
        };
        let Some(size) = size else {
            if media.state == Media::Here {
                tracing::warn!(message = record.id.0, "the file of a message is not there");
            }
            return Ok(None);
        };
        let sha256 = match media.sha256 {
            Some(sha256) => sha256,
            None => folder::sha256(&to)?,
        };
        Ok(Some(MediaHere { file, size, sha256 }))
    }

    /// Lines and pages of a chat, as for the first time.
    pub(super) fn write_whole(&mut self, chat: ChatId) -> Result<(), ExportError> {
        let Some((slug, path)) = self.folder_of(chat) else {
            return Ok(());
        };
        self.state.chats.remove(&slug);
        let months = self.write_lines(chat)?;
        if months.is_empty() {
            return Ok(());
        }
        self.write_months(chat, months.keys().copied().collect())?;
        let pages = pages_of(&months);
        let files = pages
            .iter()
            .map(|(month, part)| names::page_file(*month, *part));
        remove_pages(&path, &files.collect())
    }

    pub(super) fn has_none(&self, chat: ChatId) -> Result<bool, ExportError> {
        let reader = self.task.store.reader();
        let first = reader.export_of_chat(chat, START, Millis::MAX, self.turn.upto, 1);
        Ok(self.task.runtime.block_on(first)?.is_empty())
    }

    fn counts(
        &self,
        chat: ChatId,
        from: Millis,
        until: i64,
    ) -> Result<BTreeMap<i64, u64>, ExportError> {
        let reader = self.task.store.reader();
        let counts = reader.export_counts(chat, from, self.turn.upto, names::month_of, until);
        Ok(self.task.runtime.block_on(counts)?.into_iter().collect())
    }

    /// Goes through the messages of a chat from a time on and before another, oldest first.
    fn each(
        &mut self,
        chat: ChatId,
        from: Millis,
        until: Millis,
        mut take: impl FnMut(&mut Self, &Record) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let mut after = MessageCursor { at: from, ..START };
        loop {
            let reader = self.task.store.reader();
            let records = reader.export_of_chat(chat, after, until, self.turn.upto, BATCH);
            let records = self.task.runtime.block_on(records)?;
            let Some(last) = records.last() else {
                return Ok(());
            };
            after = MessageCursor {
                at: last.at,
                id: last.id,
            };
            for record in &records {
                take(self, record)?;
            }
            self.step(0)?;
        }
    }

    /// All lines of a chat, in order, in place of those before. What months they are of; the pages are another matter.
    pub(super) fn write_lines(&mut self, chat: ChatId) -> Result<BTreeMap<i64, u64>, ExportError> {
        let mut months = BTreeMap::new();
        let Some((slug, path)) = self.folder_of(chat) else {
            return Ok(months);
        };
        let lines = path.join(folder::MESSAGES);
        if self.has_none(chat)? {
            self.state.chats.remove(&slug);
            remove_chat(&path)?;
            return Ok(months);
        }
        fs::create_dir_all(&path)?;
        let fresh = folder::fresh(&lines);
        let mut file = BufWriter::new(File::create(&fresh)?);
        let mut state = self.state.chats.remove(&slug).unwrap_or_default();
        (state.bytes, state.loose) = (0, 0);
        let mut files = BTreeSet::new();
        self.each(chat, Millis::MIN, Millis::MAX, |writing, record| {
            let here = writing.media_of(&path, record)?;
            let line = line::message(record, here.as_ref())?;
            file.write_all(&line)?;
            state.bytes += line.len() as u64;
            (state.at, state.id) = (record.at, record.id.0);
            *months.entry(names::month_of(record.at)).or_default() += 1;
            files.extend(here.map(|here| here.file));
            writing.done += 1;
            Ok(())
        })?;
        file.flush()?;
        file.get_ref().sync_all()?;
        drop(file);
        folder::put(&fresh, &lines)?;
        remove_others(&path, &files)?;
        self.state.chats.insert(slug, state);
        self.step(0)?;
        Ok(months)
    }

    /// The pages of some months of a chat, and those beside them where pages came or went.
    pub(super) fn write_months(
        &mut self,
        chat: ChatId,
        mut months: BTreeSet<i64>,
    ) -> Result<(), ExportError> {
        let Some((slug, path)) = self.folder_of(chat) else {
            return Ok(());
        };
        let title = self.title_of(chat);
        let mut counts = BTreeMap::new();
        for month in &months {
            counts.extend(self.counts(chat, names::month_start(*month), month + 1)?);
        }
        let Some(state) = self.state.chats.get_mut(&slug) else {
            return Ok(());
        };
        state.title.clone_from(&title);
        let before = pages_of(&state.months);
        for month in &months {
            match counts.get(month) {
                Some(count) => state.months.insert(*month, *count),
                None => state.months.remove(month),
            };
        }
        let all_months = state.months.clone();
        let pages = pages_of(&all_months);
        for (month, part) in before.difference(&pages) {
            remove(&path.join(names::page_file(*month, *part)))?;
        }
        for page in before.symmetric_difference(&pages) {
            months.extend(pages.range(..page).next_back().map(|(month, _)| *month));
            let after = (Bound::Excluded(page), Bound::Unbounded);
            months.extend(
                pages
                    .range::<(i64, u64), _>(after)
                    .next()
                    .map(|(month, _)| *month),
            );
        }
        for month in months {
            let mut sink = Pages {
                path: &path,
                title: &title,
                pages: &pages,
                month,
                part: 0,
                messages: 0,
                page: None,
            };
            let (from, until) = (names::month_start(month), names::month_start(month + 1));
            self.each(chat, from, until, |writing, record| {
                let here = writing.media_of(&path, record)?;
                sink.take(record, here.map(|here| here.file).as_deref())
            })?;
            sink.flush()?;
        }
        let listed: Vec<(String, u64, Vec<String>)> = all_months
            .iter()
            .map(|(month, count)| {
                let parts = 0..count.div_ceil(PAGE);
                let files = parts.map(|part| names::page_file(*month, part)).collect();
                (names::month_name(*month), *count, files)
            })
            .collect();
        let index = page::months(&title, &listed);
        folder::replace_page(&path.join("index.html"), index.as_bytes())?;
        self.step(0)
    }
}

/// The pages of a month while its messages come by.
struct Pages<'a> {
    path: &'a Path,
    title: &'a str,
    pages: &'a BTreeSet<(i64, u64)>,
    month: i64,
    part: u64,
    messages: u64,
    page: Option<Page>,
}

impl Pages<'_> {
    fn take(&mut self, record: &Record, file: Option<&str>) -> Result<(), ExportError> {
        if self.messages == PAGE {
            self.flush()?;
            self.part += 1;
        }
        let here = (self.month, self.part);
        let file_of = |page: Option<&(i64, u64)>| page.map(|(m, part)| names::page_file(*m, *part));
        let place = Place {
            title: self.title,
            older: file_of(self.pages.range(..here).next_back()),
            newer: file_of(self.pages.range((here.0, here.1 + 1)..).next()),
        };
        self.messages += 1;
        self.page
            .get_or_insert_with(|| Page::new(&place))
            .message(record, file);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ExportError> {
        if let Some(page) = self.page.take() {
            let file = self.path.join(names::page_file(self.month, self.part));
            folder::replace_page(&file, page.finish().as_bytes())?;
        }
        self.messages = 0;
        Ok(())
    }
}

/// Every page there is, by month and part.
pub(super) fn pages_of(months: &BTreeMap<i64, u64>) -> BTreeSet<(i64, u64)> {
    months
        .iter()
        .flat_map(|(month, count)| (0..count.div_ceil(PAGE)).map(|part| (*month, part)))
        .collect()
}

/// Removes files of messages that are gone. Only what we could have put there.
fn remove_others(path: &Path, files: &BTreeSet<String>) -> Result<(), ExportError> {
    for folder in ["voice", "files"] {
        let entries = match fs::read_dir(path.join(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        for entry in entries {
            let entry = entry?;
            let file = entry.file_name();
            let name = format!("{folder}/{}", file.to_string_lossy());
            let ours = name.strip_suffix(".new").unwrap_or(&name);
            if names::is_media_file(ours) && !files.contains(&name) {
                remove(&entry.path())?;
            }
        }
    }
    Ok(())
}

/// Removes pages of months that are gone.
fn remove_pages(path: &Path, files: &BTreeSet<String>) -> Result<(), ExportError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = name.strip_suffix(".new").unwrap_or(&name);
        let is_page = ours.strip_suffix(".html").is_some_and(|month| {
            let plain = |byte: u8| byte.is_ascii_digit() || byte == b'-';
            !month.is_empty() && month.bytes().all(plain)
        });
        if is_page && !files.contains(&name) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// A chat in which nothing is said any more has no folder. What is not ours keeps it.
fn remove_chat(path: &Path) -> Result<(), ExportError> {
    remove(&path.join(folder::MESSAGES))?;
    remove(&path.join("index.html"))?;
    remove_pages(path, &BTreeSet::new())?;
    remove_others(path, &BTreeSet::new())?;
    for folder in [&path.join("voice"), &path.join("files"), path] {
        if let Err(error) = fs::remove_dir(folder) {
            tracing::debug!(%error, "a folder of the export stays");
        }
    }
    Ok(())
}

pub(super) fn remove(path: &Path) -> Result<(), ExportError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
