//! What was said about a message, out of a folder: taken in by the rules of `follow_up`.
//!
//! A folder may say anything, so who may correct and take back is asked here too. What it says of a corrected message
//! besides its corrections (the words now, the first ones) is taken for a new one only; a known one works it out itself.

use api::MessageId;
use rusqlite::params;

use super::incoming;
use crate::record::{Record, RecordFollowUp};
use crate::{StoreError, WriteTx};

impl WriteTx<'_> {
    /// What a new message became before it was exported.
    pub(super) fn import_changed(
        &mut self,
        id: MessageId,
        record: &Record,
    ) -> Result<(), StoreError> {
        if record.first.is_none() && !record.retracted {
            return Ok(());
        }
        let (body, edited_at) = match &record.first {
            Some(first) if !record.retracted => (first.body.as_str(), first.edited_at),
            _ => ("", 0),
        };
        self.connection()
            .prepare_cached(
                "UPDATE message SET first_body = ?2, edited_at = ?3, retracted = ?4 WHERE id = ?1",
            )?
            .execute(params![id.0, body, edited_at, record.retracted])?;
        Ok(())
    }

    /// What a known message answers, where that is not known.
    pub(super) fn import_reply(
        &mut self,
        id: MessageId,
        address: &str,
        record: &Record,
    ) -> Result<(), StoreError> {
        let known = self
            .connection()
            .prepare_cached(
                "SELECT 1 FROM message AS m LEFT JOIN reply AS r ON r.message = m.id
                 WHERE m.id = ?1 AND (m.retracted = 1 OR r.message IS NOT NULL)",
            )?
            .exists([id.0])?;
        if known {
            return Ok(());
        }
        self.insert_reply(self.chat_of(id)?, id, &incoming(address, record, false))?;
        self.touch_message(id);
        Ok(())
    }

    /// What is not known yet of what was said about a message.
    pub(super) fn import_follow_ups(
        &mut self,
        id: MessageId,
        address: &str,
        record: &Record,
    ) -> Result<(), StoreError> {
        let mut changed = 0;
        for said in &record.follow_ups {
            if !may(record, said) {
                continue;
            }
            let (kind, body) = said.content.row();
            changed += self
                .connection()
                .prepare_cached(
                    "INSERT INTO follow_up
                        (message, address, author, own, kind, target, name, at, archived, body)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                     ON CONFLICT (name, kind, target, address, author) DO UPDATE SET
                        message = iif(message = 0, excluded.message, message),
                        at = iif(excluded.archived > archived, excluded.at, at),
                        archived = max(archived, excluded.archived)
                     WHERE message = 0 OR excluded.archived > archived",
                )?
                .execute(params![
                    id.0,
                    address,
                    said.author,
                    said.own,
                    kind,
                    said.target,
                    said.name,
                    said.at,
                    said.archived,
                    body,
                ])?;
        }
        match changed {
            0 => Ok(()),
            _ => self.settle(id),
        }
    }
}

fn may(record: &Record, said: &RecordFollowUp) -> bool {
    let by_author = said.own == record.own && (said.own || said.author == record.author);
    !said.target.is_empty()
        && !said.name.is_empty()
        && (by_author || !said.content.is_the_authors())
}
