//! What an exported folder says of itself: whose it is, its chats, and the page they are found by.

use std::collections::BTreeMap;

use api::{ChatId, Millis};

use super::chat::pages_of;
use super::folder;
use super::line::{self, AccountFile, ChatLine, ChatState, ChatsFile, DraftLine};
use super::names;
use super::page::{self, Entry};
use super::write::{ExportError, Task, Writing};

pub(super) fn write_account(task: &Task, exported_at: Option<Millis>) -> Result<(), ExportError> {
    let account = AccountFile {
        format: line::FORMAT.into(),
        version: line::VERSION,
        address: task.address.clone(),
        exported_at,
        written_by: task.writer.clone(),
    };
    folder::write_json(&task.path(folder::ACCOUNT), &account)?;
    Ok(())
}

impl Writing<'_> {
    pub(super) fn write_chats(
        &self,
        mut drafts: BTreeMap<ChatId, Vec<DraftLine>>,
    ) -> Result<(), ExportError> {
        let mut chats: Vec<ChatLine> = self
            .chats
            .values()
            .map(|chat| {
                let state = self.state.chats.get(&names::chat_folder(&chat.address));
                let drafts = drafts.remove(&chat.id).unwrap_or_default();
                ChatLine::new(chat, state.map_or(0, ChatState::messages), drafts)
            })
            .collect();
        chats.sort_by(|a, b| a.address.cmp(&b.address));
        folder::write_json(&self.task.path(folder::CHATS), &ChatsFile { chats })?;
        Ok(())
    }

    pub(super) fn write_index(&self) -> Result<(), ExportError> {
        let mut entries: Vec<Entry> = self
            .chats
            .values()
            .map(|chat| {
                let slug = names::chat_folder(&chat.address);
                let state = self.state.chats.get(&slug).cloned().unwrap_or_default();
                let newest = pages_of(&state.months).pop_last();
                let folder = folder::CHATS_FOLDER;
                Entry {
                    title: chat.title.clone(),
                    address: chat.address.clone(),
                    page: newest.map(|(month, part)| {
                        format!("{folder}/{slug}/{}", names::page_file(month, part))
                    }),
                    messages: state.messages(),
                    at: state.at,
                }
            })
            .collect();
        entries.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.address.cmp(&b.address)));
        let html = page::chats(&self.task.address, &entries);
        folder::replace_page(&self.task.path("index.html"), html.as_bytes())?;
        Ok(())
    }
}
