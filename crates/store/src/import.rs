//! Records from a folder, merged with what is here by the rules of `incoming`: one message,
//! one row, however often it is imported.
//!
//! What is here stays; what is missing is filled in, and a message only gets further, never
//! back. Two things differ from a message off the wire. Without any id, the same words at the
//! same moment are the same message, since both come from one store. And nothing imported
//! goes out by itself: what waited to be sent is failed with `not_sent`, because it may have
//! gone out since, or be a year old; the user can try it again.

mod drafts;
mod follow_ups;

use std::collections::BTreeSet;

use api::{ChatId, FaultKind, Media, MessageCursor, MessageId, MessageState, Millis};
use rusqlite::{OptionalExtension, params};

use crate::known::Known;
use crate::message::{self, NewMedia, NewMessage};
use crate::record::{Record, RecordContent, RecordMedia};
use crate::{Incoming, IncomingContent, Source, StoreError, WriteTx, outbox};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its row.
    pub id: MessageId,
    /// Whether it was not known before.
    pub new: bool,
    /// Whether the file that came with it is the message's now; where not, the caller deletes it.
    pub took_file: bool,
}

/// Rows that stand for records of one moment without any id, so that two equal ones stay two.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    at: Millis,
    rows: BTreeSet<MessageId>,
}

impl Moment {
    fn begin(&mut self, at: Millis) {
        if self.at != at {
            self.at = at;
            self.rows.clear();
        }
    }
}

impl WriteTx<'_> {
    /// The chat of imported records, made where needed. An existing one keeps its title and its draft; a contact's
    /// name goes before a title.
    ///
    /// # Errors
    /// Those of the database.
    pub fn import_chat(
        &mut self,
        address: &str,
        title: &str,
        draft: &str,
        raised_at: Millis,
    ) -> Result<ChatId, StoreError> {
        let is_new = crate::chat::id_by_address(self.connection(), address)?.is_none();
        let chat = self.ensure_chat(address)?;
        let named = crate::contact::read(self.connection(), address)?
            .is_some_and(|contact| contact.name.is_some());
        if is_new && !named && !title.trim().is_empty() {
            self.connection()
                .prepare_cached("UPDATE chat SET title = ?2 WHERE id = ?1")?
                .execute(params![chat.0, title])?;
        }
        let drafted = self
            .connection()
            .prepare_cached("UPDATE chat SET draft = ?2 WHERE id = ?1 AND draft = '' AND ?2 <> ''")?
            .execute(params![chat.0, draft])?;
        if drafted > 0 {
            self.touch_chat(chat);
        }
        if raised_at > 0 {
            self.raise_chat(chat, raised_at)?;
        }
        Ok(chat)
    }

    /// Everything up to here was read, where that is further than was known. For when all records of the chat are in:
    /// each says for itself whether it is unread.
    ///
    /// # Errors
    /// Those of the database.
    pub fn import_read(&mut self, chat: ChatId, upto: MessageCursor) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached(
                "UPDATE chat SET read_at = ?2, read_id = ?3
                 WHERE id = ?1 AND (read_at, read_id) < (?2, ?3)",
            )?
            .execute(params![chat.0, upto.at, upto.id.0])?;
        Ok(())
    }

    /// Which of these records have a file that is not here: worth bringing along.
    ///
    /// # Errors
    /// Those of the database.
    pub fn import_wants(
        &mut self,
        chat: ChatId,
        records: &[Record],
    ) -> Result<Vec<bool>, StoreError> {
        records
            .iter()
            .map(|record| {
                if record.media().is_none() {
                    return Ok(false);
                }
                match self.find_record(chat, record, &Moment::default())? {
                    Some(known) => Ok(!self.has_file(known.id)?),
                    None => Ok(true),
                }
            })
            .collect()
    }

    /// Takes a record in, with the name of its file in [`crate::Store::media_dir`] where one was brought along.
    ///
    /// # Errors
    /// [`StoreError::WrongState`] for a name that could leave the folder, and those of the database.
    pub fn import_record(
        &mut self,
        chat: ChatId,
        record: &Record,
        file: Option<&str>,
        moment: &mut Moment,
    ) -> Result<Imported, StoreError> {
        if file.is_some_and(|file| !crate::media::is_plain(file)) {
            return Err(StoreError::WrongState("file name"));
        }
        moment.begin(record.at);
        let address = self.address_of(chat)?;
        let (imported, without_id) = match self.find_record(chat, record, moment)? {
            Some(known) => {
                let took_file = self.import_known(&address, &known, record, file)?;
                let imported = Imported {
                    id: known.id,
                    new: false,
                    took_file,
                };
                (
                    imported,
                    known.origin_id.is_empty() && known.stanza_id.is_empty(),
                )
            }
            None => {
                let imported = Imported {
                    id: self.import_new(chat, &address, record, file)?,
                    new: true,
                    took_file: file.is_some(),
                };
                let without_id = record.origin_id.is_empty() && record.stanza_id.is_empty();
                (imported, without_id)
            }
        };
        if without_id {
            moment.rows.insert(imported.id);
        }
        // A copy that was let go of under the same name may not have been deleted yet.
        if let Some(file) = file.filter(|_| imported.took_file) {
            self.removed(&[file.to_owned()])?;
        }
        Ok(imported)
    }

    fn find_record(
        &self,
        chat: ChatId,
        record: &Record,
        moment: &Moment,
    ) -> Result<Option<Known>, StoreError> {
        let incoming = incoming("", record, self.is_free(chat, record)?);
        let has_id = !record.origin_id.is_empty() || !record.stanza_id.is_empty();
        if has_id {
            return self.find(chat, &incoming);
        }
        if let Some(server_id) = &incoming.server_id
            && let Some(known) = self.known(crate::known::BY_SERVER_ID, params![server_id])?
        {
            return Ok(Some(known));
        }
        let (body, url) = incoming.content.identity();
        let same_moment = self
            .connection()
            .prepare_cached(crate::known::BY_MOMENT)?
            .query_and_then(
                params![
                    chat.0,
                    record.at,
                    record.own,
                    record.author,
                    body,
                    url,
                    incoming.server_id.as_deref().unwrap_or_default(),
                ],
                Known::from_row,
            )?
            .find(|known| match known {
                Ok(known) => !moment.rows.contains(&known.id),
                Err(_) => true,
            })
            .transpose()?;
        match same_moment {
            Some(known) => Ok(Some(known)),
            // One of a store that it came from by itself: its clock may differ.
            None => self
                .find_by_content(chat, &incoming, record.came.bits())
                .map(|known| known.filter(|known| !moment.rows.contains(&known.id))),
        }
    }

    /// Whether its archive id names no message of another chat or by somebody else: two archives may count alike.
    fn is_free(&self, chat: ChatId, record: &Record) -> Result<bool, StoreError> {
        let taken = self
            .connection()
            .prepare_cached(
                "SELECT chat <> ?2 OR own <> ?3 FROM message
                 WHERE server_id = ?1 AND server_id <> ''",
            )?
            .query_row(params![record.server_id, chat.0, record.own], |row| {
                row.get::<_, bool>(0)
            })
            .optional()?;
        Ok(taken != Some(true))
    }

    fn import_new(
        &mut self,
        chat: ChatId,
        address: &str,
        record: &Record,
        file: Option<&str>,
    ) -> Result<MessageId, StoreError> {
        let (state, fault) = settled(record);
        let (kind, body) = match &record.content {
            RecordContent::Text { body } => (message::TEXT, body.as_str()),
            RecordContent::Voice(_) => (message::VOICE, ""),
            RecordContent::File(_) => (message::FILE, ""),
        };
        let server_id = match self.is_free(chat, record)? {
            true => record.server_id.as_str(),
            false => "",
        };
        let id = self.insert_message(&NewMessage {
            chat,
            author: &record.author,
            own: record.own,
            at: record.at,
            kind,
            state,
            unread: record.unread && !record.own && record.at >= self.read_until(chat)?,
            markable: record.markable,
            sources: record.came.bits(),
            origin_id: &record.origin_id,
            stanza_id: &record.stanza_id,
            server_id,
            body,
        })?;
        if fault.is_some() {
            self.set_state(id, state, fault.as_ref())?;
        }
        if let Some(media) = record.media() {
            self.insert_media(&NewMedia {
                dimensions: None,
                message: id,
                state: state_of(media, file),
                voice: kind == message::VOICE,
                file: file.unwrap_or_default(),
                url: &media.url,
                name: &media.name,
                media_type: &media.media_type,
                size: media.size,
                sha256: media.sha256.as_ref(),
                duration_ms: media.duration_ms,
                peaks: &media.peaks,
            })?;
            if media.heard {
                self.connection()
                    .prepare_cached("UPDATE media SET heard = 1 WHERE message = ?1")?
                    .execute([id.0])?;
            }
        }
        let incoming = incoming(address, record, !server_id.is_empty());
        self.insert_reply(chat, id, &incoming)?;
        self.import_changed(id, record)?;
        self.import_follow_ups(id, address, record)?;
        self.take_follow_ups(id, &incoming)?;
        let here = MessageCursor { at: record.at, id };
        self.take_early_marks(&incoming, here)?;
        self.take_displayed(address, server_id)?;
        self.take_heard(address, server_id)?;
        Ok(id)
    }

    /// Returns whether the file is the message's now.
    fn import_known(
        &mut self,
        address: &str,
        known: &Known,
        record: &Record,
        file: Option<&str>,
    ) -> Result<bool, StoreError> {
        let filled = |known: &str, new: &str| known.is_empty() && !new.is_empty();
        let origin_id = match known.origin_id.is_empty() {
            true => &record.origin_id,
            false => &known.origin_id,
        };
        let stanza_id = match known.stanza_id.is_empty() && record.stanza_id != *origin_id {
            true => &record.stanza_id,
            false => &known.stanza_id,
        };
        let server_id = match filled(&known.server_id, &record.server_id)
            && !self.is_known_to_archive(&record.server_id)?
        {
            true => &record.server_id,
            false => &known.server_id,
        };
        let changed = self
            .connection()
            .prepare_cached(
                "UPDATE message SET sources = sources | ?2, markable = max(markable, ?3),
                    origin_id = ?4, stanza_id = ?5, server_id = ?6, unread = min(unread, ?7)
                 WHERE id = ?1 AND (sources | ?2, max(markable, ?3), ?4, ?5, ?6, min(unread, ?7))
                    <> (sources, markable, origin_id, stanza_id, server_id, unread)",
            )?
            .execute(params![
                known.id.0,
                record.came.bits(),
                record.markable,
                origin_id,
                stanza_id,
                server_id,
                record.unread,
            ])?;
        if changed > 0 {
            self.touch_message(known.id);
            self.touch_summary(self.chat_of(known.id)?);
        }
        if record.own {
            self.get_further(known, record)?;
        }
        if record.reply.is_some() {
            self.import_reply(known.id, address, record)?;
        }
        self.import_follow_ups(known.id, address, record)?;
        if (origin_id, stanza_id) != (&known.origin_id, &known.stanza_id) {
            self.take_follow_ups(known.id, &incoming(address, record, false))?;
        }
        match record.media() {
            Some(media) => self.import_media(known.id, media, file),
            None => Ok(false),
        }
    }

    fn get_further(&mut self, known: &Known, record: &Record) -> Result<(), StoreError> {
        let they_have_it = [
            MessageState::Delivered,
            MessageState::Read,
            MessageState::Heard,
        ];
        // Of a bounced try: it says nothing of this one.
        let of_this_try = known.origin_id.is_empty()
            || [&record.origin_id, &record.stanza_id].contains(&&known.origin_id);
        if !of_this_try {
            return Ok(());
        }
        if they_have_it.contains(&record.state) && known.state < record.state {
            outbox::forget_message(self.connection(), known.id)?;
            self.set_state(known.id, record.state, None)
        } else if record.state == MessageState::Sent {
            self.arrived(known)
        } else {
            Ok(())
        }
    }

    fn import_media(
        &mut self,
        message: MessageId,
        media: &RecordMedia,
        file: Option<&str>,
    ) -> Result<bool, StoreError> {
        let heard = self
            .connection()
            .prepare_cached("UPDATE media SET heard = 1 WHERE message = ?1 AND heard < ?2")?
            .execute(params![message.0, media.heard])?;
        if heard > 0 {
            self.touch_message(message);
        }
        let Some(file) = file else {
            return Ok(false);
        };
        let took = self
            .connection()
            .prepare_cached(
                "UPDATE media SET state = 0, file = ?2, size = ?3, sha256 = ?4,
                    duration_ms = iif(?5 > 0, ?5, duration_ms), peaks = iif(length(?6) > 0, ?6, peaks)
                 WHERE message = ?1 AND state <> 0",
            )?
            .execute(params![
                message.0,
                file,
                message::size_to(media.size),
                message::hash_to(media.sha256.as_ref()),
                media.duration_ms,
                message::bounded_peaks(&media.peaks),
            ])?;
        if took > 0 {
            self.touch_message(message);
        }
        Ok(took > 0)
    }

    fn has_file(&self, message: MessageId) -> Result<bool, StoreError> {
        Ok(self
            .connection()
            .prepare_cached("SELECT 1 FROM media WHERE message = ?1 AND state = 0")?
            .exists([message.0])?)
    }

    fn is_known_to_archive(&self, server_id: &str) -> Result<bool, StoreError> {
        let known = self.known(crate::known::BY_SERVER_ID, params![server_id])?;
        Ok(known.is_some())
    }

    fn address_of(&self, chat: ChatId) -> Result<String, StoreError> {
        self.connection()
            .prepare_cached("SELECT address FROM chat WHERE id = ?1")?
            .query_row([chat.0], |row| row.get(0))
            .optional()?
            .ok_or(StoreError::NotFound("chat"))
    }

    fn chat_of(&self, message: MessageId) -> Result<ChatId, StoreError> {
        Ok(self
            .connection()
            .prepare_cached("SELECT chat FROM message WHERE id = ?1")?
            .query_row([message.0], |row| Ok(ChatId(row.get(0)?)))?)
    }
}

/// How far a record got, as it is kept: nothing imported waits to go out.
fn settled(record: &Record) -> (MessageState, Option<FaultKind>) {
    match record.state {
        MessageState::Pending => (MessageState::Failed, Some(FaultKind::NotSent)),
        state => (state, record.fault.clone()),
    }
}

/// Where its file is now. Voice that can be fetched is due.
fn state_of(media: &RecordMedia, file: Option<&str>) -> Media {
    match media.state {
        _ if file.is_some() => Media::Here,
        Media::Failed => Media::Failed,
        _ if media.url.is_empty() => Media::Failed,
        _ => Media::Remote,
    }
}

/// As the rules for messages off the wire take it: by its first words. `with_server_id`: its archive is ours.
fn incoming(address: &str, record: &Record, with_server_id: bool) -> Incoming {
    let id = |id: &str| (!id.is_empty()).then(|| id.to_owned());
    let content = match &record.content {
        RecordContent::Text { .. } => IncomingContent::Text {
            body: record.identity().0.to_owned(),
        },
        RecordContent::Voice(media) | RecordContent::File(media) => IncomingContent::File {
            dimensions: None,
            url: media.url.clone(),
            name: String::new(),
            media_type: String::new(),
            size: None,
            sha256: None,
        },
    };
    Incoming {
        chat: address.to_owned(),
        author: record.author.clone(),
        own: record.own,
        at: record.at,
        stanza_id: id(&record.stanza_id),
        origin_id: id(&record.origin_id),
        server_id: id(&record.server_id).filter(|_| with_server_id),
        content,
        wants_receipt: false,
        markable: false,
        source: Source::Archive,
        reply_address: String::new(),
        reply: record.reply.clone(),
    }
}
