//! Recordings that are not messages yet.
//!
//! The row comes before the file is filled and goes with the transaction that
//! makes the message, which also moves the file: a crash at any point leaves a
//! draft or a message, never neither. Deleting a discarded file is the caller's,
//! after the commit.

use api::{ChatId, Media, MessageId, MessageState, Millis, VoiceDraft};
use rusqlite::{Connection, Params, Row, params};

use crate::message::{self, NewMedia, NewMessage};
use crate::outbox::{self, Stage};
use crate::{Reader, StoreError, WriteTx, chat, open};

/// What our recordings are.
const MEDIA_TYPE: &str = "audio/ogg; codecs=opus";

macro_rules! select_draft {
    ($tail:literal) => {
        concat!(
            "SELECT id, chat, at, duration_ms, peaks, recording FROM voice_draft ",
            $tail
        )
    };
}

pub(crate) const OF_CHATS: &str =
    select_draft!("WHERE chat IN (SELECT value FROM json_each(?1)) ORDER BY chat, at, id");
const BY_ID: &str = select_draft!("WHERE id = ?1");
const ALL: &str = select_draft!("ORDER BY chat, at, id");
const RECORDING: &str = select_draft!("WHERE recording = 1 ORDER BY at, id");

/// A recording and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// Its chat.
    pub chat: ChatId,
    /// When it was begun.
    pub at: Millis,
    /// As the window sees it.
    pub draft: VoiceDraft,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<DraftRow> {
    Ok(DraftRow {
        chat: ChatId(row.get("chat")?),
        at: row.get("at")?,
        draft: VoiceDraft {
            id: row.get("id")?,
            duration_ms: row.get("duration_ms")?,
            peaks: row.get("peaks")?,
            recording: row.get("recording")?,
        },
    })
}

fn read(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<DraftRow>, StoreError> {
    Ok(connection
        .prepare_cached(sql)?
        .query_map(params, from_row)?
        .collect::<Result<_, _>>()?)
}

pub(crate) fn of_chats(
    connection: &Connection,
    chats: impl Iterator<Item = ChatId>,
) -> Result<Vec<DraftRow>, StoreError> {
    read(connection, OF_CHATS, [chat::id_list(chats)])
}

/// Every recording with its row.
pub(crate) fn all(connection: &Connection) -> Result<Vec<DraftRow>, StoreError> {
    read(connection, ALL, [])
}

/// Every recording there is.
pub(crate) fn ids(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT id FROM voice_draft ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !id.is_empty() && id.len() <= 64 && id.bytes().all(plain)
}

impl WriteTx<'_> {
    /// A recording begins; its file will be `drafts/<id>.ogg`. The id is ours:
    /// letters, digits, `-` and `_`, at most 64.
    ///
    /// # Errors
    /// [`StoreError::WrongState`] for an id that could leave the folder, and those of the database.
    pub fn draft_begin(&mut self, id: &str, chat: ChatId, at: Millis) -> Result<(), StoreError> {
        if !is_plain(id) {
            return Err(StoreError::WrongState("draft id"));
        }
        self.check_chat(chat)?;
        self.connection()
            .prepare_cached("INSERT INTO voice_draft (id, chat, at) VALUES (?1, ?2, ?3)")?
            .execute(params![id, chat.0, at])?;
        self.touch_chat(chat);
        Ok(())
    }

    /// The recording ended and is this long.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn draft_finish(
        &mut self,
        id: &str,
        duration_ms: u32,
        peaks: &[u8],
    ) -> Result<(), StoreError> {
        let row = self.known_draft(id)?;
        self.connection()
            .prepare_cached(
                "UPDATE voice_draft SET duration_ms = ?2, peaks = ?3, recording = 0 WHERE id = ?1",
            )?
            .execute(params![id, duration_ms, message::bounded_peaks(peaks)])?;
        self.touch_chat(row.chat);
        Ok(())
    }

    /// A finished recording goes on; [`WriteTx::draft_finish`] ends it again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::WrongState`] while it is recorded, and those of the database.
    pub fn draft_resume(&mut self, id: &str) -> Result<(), StoreError> {
        let row = self.known_draft(id)?;
        if row.draft.recording {
            return Err(StoreError::WrongState("still recording"));
        }
        self.connection()
            .prepare_cached("UPDATE voice_draft SET recording = 1 WHERE id = ?1")?
            .execute([id])?;
        self.touch_chat(row.chat);
        Ok(())
    }

    /// Forgets a recording. Its file is noted to be deleted ([`crate::Reader::removals`]).
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn draft_gone(&mut self, id: &str) -> Result<(), StoreError> {
        self.forget_draft(id)?;
        self.remove_later(&open::recording(id))
    }

    fn forget_draft(&mut self, id: &str) -> Result<(), StoreError> {
        let row = self.known_draft(id)?;
        self.connection()
            .prepare_cached("DELETE FROM voice_draft WHERE id = ?1")?
            .execute([id])?;
        self.touch_chat(row.chat);
        Ok(())
    }

    /// Turns a finished recording into a pending message with its upload due, and
    /// moves `drafts/<id>.ogg` to `media/<id>.ogg` as the last thing before the commit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::WrongState`] while it is recorded,
    /// [`StoreError::Disk`] where the file cannot be moved.
    pub fn send_draft(
        &mut self,
        id: &str,
        chat: ChatId,
        origin_id: &str,
        at: Millis,
    ) -> Result<MessageId, StoreError> {
        let row = self.known_draft(id)?;
        if row.draft.recording {
            return Err(StoreError::WrongState("still recording"));
        }
        if row.chat != chat {
            return Err(StoreError::WrongState("draft of another chat"));
        }
        let file = open::recording(id);
        let from = open::drafts_dir(self.folder()).join(&file);
        let size = std::fs::metadata(&from)?.len();
        let author = self.own_address()?;
        let message = self.insert_message(&NewMessage {
            chat,
            author: &author,
            own: true,
            at: self.at_the_end(chat, at)?,
            kind: message::VOICE,
            state: MessageState::Pending,
            unread: false,
            markable: false,
            sources: 0,
            origin_id,
            stanza_id: "",
            server_id: "",
            body: "",
        })?;
        self.insert_media(&NewMedia {
            dimensions: None,
            message,
            state: Media::Here,
            voice: true,
            file: &file,
            url: "",
            name: &file,
            media_type: MEDIA_TYPE,
            size: Some(size),
            sha256: None,
            duration_ms: row.draft.duration_ms,
            peaks: &row.draft.peaks,
        })?;
        outbox::insert_message(self.connection(), chat, message, Stage::Upload)?;
        self.forget_draft(id)?;
        let to = open::media_dir(self.folder()).join(&file);
        self.move_file(from, to);
        Ok(message)
    }

    fn known_draft(&self, id: &str) -> Result<DraftRow, StoreError> {
        read(self.connection(), BY_ID, [id])?
            .pop()
            .ok_or(StoreError::NotFound("draft"))
    }
}

impl Reader {
    /// One recording.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn draft(&self, id: String) -> Result<Option<DraftRow>, StoreError> {
        self.read(move |connection| Ok(read(connection, BY_ID, [id])?.pop()))
            .await
    }

    /// The recordings of a chat, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drafts_of(&self, chat: ChatId) -> Result<Vec<DraftRow>, StoreError> {
        self.read(move |connection| of_chats(connection, std::iter::once(chat)))
            .await
    }

    /// Recordings that no [`WriteTx::draft_finish`] ended: after opening, those that
    /// a crash interrupted.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drafts_recording(&self) -> Result<Vec<DraftRow>, StoreError> {
        self.read(|connection| read(connection, RECORDING, []))
            .await
    }
}
