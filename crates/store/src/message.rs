//! A message: its row, and how it is put into one.

use api::{
    ChatId, Content, FaultKind, Media, MessageId, MessageRow, MessageState, Millis, Reaction,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{StoreError, WriteTx, place, reply};

/// What [`from_row`] reads of a message `m` and what is joined to it.
macro_rules! message_columns {
    () => {
        "m.id, m.chat, m.author, m.own, m.at, m.kind, m.state, m.fault, m.fault_limit, m.body, m.edited_at, m.retracted,
         d.state AS media_state, d.name, d.media_type, d.size, d.duration_ms, d.peaks, d.heard, d.place_ms,
         d.width, d.height,
         (SELECT group_concat(own || emoji, char(10)) FROM reaction WHERE message = m.id) AS reactions,
         r.id AS reply_id, r.author AS reply_author, r.quote AS reply_quote, t.id AS target_id,
         t.author AS target_author, t.kind AS target_kind, substr(t.body, 1, 200) AS target_body,
         t.retracted AS target_retracted, td.name AS target_name, td.media_type AS target_media_type"
    };
}
pub(crate) use message_columns;

/// Its file, and what it answers with that one's file: each by its key.
macro_rules! message_joins {
    () => {
        "LEFT JOIN media AS d ON d.message = m.id LEFT JOIN reply AS r ON r.message = m.id
         LEFT JOIN message AS t ON t.id = r.target LEFT JOIN media AS td ON td.message = t.id"
    };
}
pub(crate) use message_joins;

/// What a message row is read from, in one indexed read. Ends open for a `WHERE`.
macro_rules! select_message {
    ($tail:literal) => {
        concat!(
            "SELECT ",
            $crate::message::message_columns!(),
            " FROM message AS m ",
            $crate::message::message_joins!(),
            " ",
            $tail
        )
    };
}
pub(crate) use select_message;

pub(crate) const BY_ID: &str = select_message!("WHERE m.id = ?1");

/// Clocks that are set are no further apart than this, with what a message takes on its way.
pub const SKEW: Millis = 5 * 60 * 1_000;

const PEAKS: usize = 100;

pub(crate) const TEXT: i64 = 0;
pub(crate) const VOICE: i64 = 1;
pub(crate) const FILE: i64 = 2;

pub(crate) fn from_row(row: &Row<'_>) -> Result<MessageRow, StoreError> {
    let own: bool = row.get("own")?;
    let state = state_from(row.get("state")?)?;
    let content = match row.get("kind")? {
        TEXT => Content::Text {
            body: row.get("body")?,
        },
        VOICE => Content::Voice {
            duration_ms: row.get("duration_ms")?,
            peaks: row.get("peaks")?,
            media: media_from(row.get("media_state")?)?,
            heard: match own {
                true => state == MessageState::Heard,
                false => row.get("heard")?,
            },
            place_ms: row.get("place_ms")?,
        },
        FILE => Content::File {
            name: row.get("name")?,
            media_type: row.get("media_type")?,
            size: size_from(row.get("size")?),
            dimensions: dimensions_from(row.get("width")?, row.get("height")?),
            media: media_from(row.get("media_state")?)?,
        },
        _ => return Err(StoreError::Unreadable("message kind")),
    };
    Ok(MessageRow {
        id: MessageId(row.get("id")?),
        chat: ChatId(row.get("chat")?),
        author: row.get("author")?,
        own,
        at: row.get("at")?,
        content,
        state,
        fault: fault_from(row.get("fault")?, row.get("fault_limit")?),
        edited: Some(row.get("edited_at")?).filter(|at| *at != 0),
        retracted: row.get("retracted")?,
        reply_to: reply::from_row(row)?,
        reactions: reactions_from(row.get("reactions")?),
    })
}

/// Out of lines of 0 or 1 (ours) and an emoji.
fn reactions_from(lines: Option<String>) -> Vec<Reaction> {
    let mut reactions: Vec<Reaction> = Vec::new();
    for line in lines.as_deref().unwrap_or_default().lines() {
        let Some((own, emoji)) = line.split_at_checked(1) else {
            continue;
        };
        let mine = own == "1";
        match reactions.iter_mut().find(|one| one.emoji == emoji) {
            Some(one) => {
                one.count += 1;
                one.mine |= mine;
            }
            None => reactions.push(Reaction {
                emoji: emoji.to_owned(),
                count: 1,
                mine,
            }),
        }
    }
    reactions
}

pub(crate) fn read(
    connection: &Connection,
    message: MessageId,
) -> Result<Option<MessageRow>, StoreError> {
    connection
        .prepare_cached(BY_ID)?
        .query_and_then([message.0], from_row)?
        .next()
        .transpose()
}

pub(crate) fn state_to(state: MessageState) -> i64 {
    match state {
        MessageState::Pending => 0,
        MessageState::Failed => 1,
        MessageState::Sent => 2,
        MessageState::Delivered => 3,
        MessageState::Read => 4,
        MessageState::Heard => 5,
        MessageState::Received => 6,
    }
}

pub(crate) fn state_from(state: i64) -> Result<MessageState, StoreError> {
    Ok(match state {
        0 => MessageState::Pending,
        1 => MessageState::Failed,
        2 => MessageState::Sent,
        3 => MessageState::Delivered,
        4 => MessageState::Read,
        5 => MessageState::Heard,
        6 => MessageState::Received,
        _ => return Err(StoreError::Unreadable("message state")),
    })
}

pub(crate) fn media_to(media: Media) -> i64 {
    match media {
        Media::Here => 0,
        Media::Remote => 1,
        Media::Fetching => 2,
        Media::Failed => 3,
    }
}

pub(crate) fn media_from(media: i64) -> Result<Media, StoreError> {
    Ok(match media {
        0 => Media::Here,
        1 => Media::Remote,
        2 => Media::Fetching,
        3 => Media::Failed,
        _ => return Err(StoreError::Unreadable("media state")),
    })
}

/// -1 stands for unknown.
pub(crate) fn size_from(size: i64) -> Option<u64> {
    u64::try_from(size).ok()
}

pub(crate) fn size_to(size: Option<u64>) -> i64 {
    size.map_or(-1, |size| i64::try_from(size).unwrap_or(i64::MAX))
}

/// 0 stands for unknown.
fn dimensions_from(width: u32, height: u32) -> Option<(u32, u32)> {
    (width > 0 && height > 0).then_some((width, height))
}

/// An empty blob stands for unknown.
pub(crate) fn hash_from(hash: Vec<u8>) -> Option<[u8; 32]> {
    hash.try_into().ok()
}

pub(crate) fn hash_to(hash: Option<&[u8; 32]>) -> &[u8] {
    hash.map_or(&[], |hash| hash.as_slice())
}

/// At most 100 peaks: the loudest of each stretch, so that none is smoothed away.
pub(crate) fn bounded_peaks(peaks: &[u8]) -> Vec<u8> {
    if peaks.len() <= PEAKS {
        return peaks.to_vec();
    }
    (0..PEAKS)
        .map(|n| {
            let stretch = peaks
                .get(n * peaks.len() / PEAKS..(n + 1) * peaks.len() / PEAKS)
                .unwrap_or_default();
            stretch.iter().copied().max().unwrap_or_default()
        })
        .collect()
}

/// The kinds without a number that a message can fail with. Others come back as `Bug`.
const FAULTS: &[FaultKind] = &[
    FaultKind::Offline,
    FaultKind::Timeout,
    FaultKind::TlsRefused,
    FaultKind::UnknownHost,
    FaultKind::PlaintextRefused,
    FaultKind::NotSignedIn,
    FaultKind::AccountDisabled,
    FaultKind::BadAddress,
    FaultKind::DiskFull,
    FaultKind::NoUploadService,
    FaultKind::UploadRefused,
    FaultKind::Undeliverable,
    FaultKind::Unconfirmed,
    FaultKind::Refused,
    FaultKind::FileGone,
    FaultKind::FileDamaged,
    FaultKind::FileUnsupported,
    FaultKind::NotFound,
    FaultKind::StoreUnusable,
    FaultKind::NotSent,
];

pub(crate) fn fault_to(fault: &FaultKind) -> (&'static str, i64) {
    let limit = match fault {
        FaultKind::TooLarge { max } => size_to(Some(*max)),
        _ => 0,
    };
    (fault.name(), limit)
}

pub(crate) fn fault_from(name: String, limit: i64) -> Option<FaultKind> {
    if name.is_empty() {
        return None;
    }
    let large = FaultKind::TooLarge {
        max: limit.unsigned_abs(),
    };
    if name == large.name() {
        return Some(large);
    }
    let known = FAULTS.iter().find(|fault| fault.name() == name);
    Some(known.cloned().unwrap_or(FaultKind::Bug))
}

/// What a new message row is made of.
pub(crate) struct NewMessage<'a> {
    pub(crate) chat: ChatId,
    pub(crate) author: &'a str,
    pub(crate) own: bool,
    pub(crate) at: Millis,
    pub(crate) kind: i64,
    pub(crate) state: MessageState,
    pub(crate) unread: bool,
    pub(crate) markable: bool,
    pub(crate) sources: i64,
    pub(crate) origin_id: &'a str,
    pub(crate) stanza_id: &'a str,
    pub(crate) server_id: &'a str,
    pub(crate) body: &'a str,
}

/// What a new media row is made of.
pub(crate) struct NewMedia<'a> {
    pub(crate) message: MessageId,
    pub(crate) state: Media,
    pub(crate) voice: bool,
    pub(crate) file: &'a str,
    pub(crate) url: &'a str,
    pub(crate) name: &'a str,
    pub(crate) media_type: &'a str,
    pub(crate) size: Option<u64>,
    pub(crate) sha256: Option<&'a [u8; 32]>,
    pub(crate) duration_ms: u32,
    pub(crate) peaks: &'a [u8],
    pub(crate) dimensions: Option<(u32, u32)>,
}

impl WriteTx<'_> {
    pub(crate) fn insert_message(&mut self, new: &NewMessage<'_>) -> Result<MessageId, StoreError> {
        let place = place::free(self.connection(), new.at)?;
        self.connection()
            .prepare_cached(
                "INSERT INTO message (chat, author, own, at, kind, state, unread, markable, sources,
                                      origin_id, stanza_id, server_id, body, place)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute(params![
                new.chat.0,
                new.author,
                new.own,
                new.at,
                new.kind,
                state_to(new.state),
                new.unread,
                new.markable,
                new.sources,
                new.origin_id,
                new.stanza_id,
                new.server_id,
                new.body,
                place,
            ])?;
        let id = MessageId(self.connection().last_insert_rowid());
        self.index_message(id, place);
        self.touch_summary(new.chat);
        Ok(id)
    }

    pub(crate) fn insert_media(&mut self, new: &NewMedia<'_>) -> Result<(), StoreError> {
        let (width, height) = new.dimensions.unwrap_or_default();
        self.connection()
            .prepare_cached(
                "INSERT INTO media (message, state, voice, file, url, name, media_type, size, sha256,
                                    duration_ms, peaks, width, height)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                new.message.0,
                media_to(new.state),
                new.voice,
                new.file,
                new.url,
                new.name,
                new.media_type,
                size_to(new.size),
                hash_to(new.sha256),
                new.duration_ms,
                bounded_peaks(new.peaks),
                width,
                height,
            ])?;
        Ok(())
    }

    /// Who our messages are by.
    pub(crate) fn own_address(&self) -> Result<String, StoreError> {
        Ok(self.meta(crate::key::ADDRESS)?.unwrap_or_default())
    }

    /// When something said here and now stands in the timeline: after the newest
    /// message, as long as that one's clock is at most [`SKEW`] ahead of ours.
    pub(crate) fn at_the_end(&self, chat: ChatId, now: Millis) -> Result<Millis, StoreError> {
        let newest: Option<Millis> = self
            .connection()
            .prepare_cached(
                "SELECT at FROM message WHERE chat = ?1 ORDER BY at DESC, id DESC LIMIT 1",
            )?
            .query_row([chat.0], |row| row.get(0))
            .optional()?;
        Ok(match newest {
            Some(newest) if newest > now && newest - now <= SKEW => newest,
            _ => now,
        })
    }

    /// The place of a message that is in this chat.
    pub(crate) fn place_in(
        &self,
        chat: ChatId,
        message: MessageId,
    ) -> Result<api::MessageCursor, StoreError> {
        place(self.connection(), chat, message)
    }

    /// A message of a chat by an id of its sender's choice, ours only or any.
    pub(crate) fn by_sender_id(
        &self,
        chat: ChatId,
        id: &str,
        own_only: bool,
    ) -> Result<Option<Found>, StoreError> {
        if id.is_empty() {
            return Ok(None);
        }
        let look = |sql| {
            self.connection()
                .prepare_cached(sql)?
                .query_row(params![id, chat.0, own_only], |row| {
                    Ok(Found {
                        id: MessageId(row.get("id")?),
                        at: row.get("at")?,
                        state: row.get("state")?,
                        kind: row.get("kind")?,
                    })
                })
                .optional()
        };
        Ok(match look(BY_SENDER_ID)? {
            Some(found) => Some(found),
            None => look(BY_CORRECTION)?,
        })
    }
}

/// A message that somebody named.
pub(crate) struct Found {
    pub(crate) id: MessageId,
    pub(crate) at: Millis,
    pub(crate) state: i64,
    pub(crate) kind: i64,
}

pub(crate) const BY_SENDER_ID: &str = "
    SELECT id, at, state, kind FROM message
    WHERE origin_id = ?1 AND origin_id <> '' AND chat = ?2 AND own >= ?3
    UNION ALL
    SELECT id, at, state, kind FROM message
    WHERE stanza_id = ?1 AND stanza_id <> '' AND chat = ?2 AND own >= ?3
    ORDER BY id DESC LIMIT 1";

/// One whose corrected version has this id.
pub(crate) const BY_CORRECTION: &str = "
    SELECT m.id, m.at, m.state, m.kind FROM follow_up AS f CROSS JOIN message AS m ON m.id = f.message
    WHERE f.name = ?1 AND f.kind = 0 AND m.chat = ?2 AND m.own >= ?3 AND f.own = m.own
    ORDER BY m.id DESC LIMIT 1";

pub(crate) fn place(
    connection: &Connection,
    chat: ChatId,
    message: MessageId,
) -> Result<api::MessageCursor, StoreError> {
    let at = connection
        .prepare_cached("SELECT at FROM message WHERE id = ?1 AND chat = ?2")?
        .query_row([message.0, chat.0], |row| row.get(0))
        .optional()?
        .ok_or(StoreError::NotFound("message"))?;
    Ok(api::MessageCursor { at, id: message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_back_as_they_were() {
        for fault in FAULTS
            .iter()
            .cloned()
            .chain([FaultKind::Bug, FaultKind::TooLarge { max: 7 }])
        {
            let (name, limit) = fault_to(&fault);
            assert_eq!(fault_from(name.into(), limit), Some(fault));
        }
        assert_eq!(fault_from(String::new(), 0), None);
        assert_eq!(fault_from("from_tomorrow".into(), 0), Some(FaultKind::Bug));
    }

    #[test]
    fn long_waveforms_keep_their_loudest() {
        let mut peaks = vec![0_u8; 512];
        peaks[300] = 200;
        let bounded = bounded_peaks(&peaks);
        assert_eq!(bounded.len(), 100);
        assert_eq!(bounded.iter().copied().max(), Some(200));
    }
}
