//! Answers: which message a message answers (XEP-0461), found when either of the two comes.
//!
//! What is shown of the answered message is read with the answer, so it follows corrections and retractions. Where the
//! message is not here, the quote that came with the answer is shown. Of a message that was taken back no quote is kept,
//! whichever of the two comes first.

use api::{ChatId, Kind, MessageId, ReplyRef};
use rusqlite::{Row, params};

use crate::{Incoming, StoreError, WriteTx, message};

/// What a message answers, as it says.
#[derive(Clone, PartialEq, Eq)]
pub struct IncomingReply {
    /// The id of the message that is answered.
    pub id: String,
    /// The bare address of who said that, where the sender tells.
    pub author: Option<String>,
    /// What stood in the body for clients that know no replies.
    pub quote: String,
}

impl std::fmt::Debug for IncomingReply {
    /// Which message, and never what it said.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IncomingReply({})", self.id)
    }
}

pub(crate) const WAITING: &str = "
    SELECT r.message FROM reply AS r CROSS JOIN message AS m ON m.id = r.message
    WHERE r.target = 0 AND r.id = ?2 AND r.author IN ('', ?3)
      AND m.chat = (SELECT chat FROM message WHERE id = ?1)";

pub(crate) const ANSWERS: &str =
    "SELECT message FROM reply WHERE target = ?1 AND target <> 0 LIMIT ?2";

/// How many answers to one message are told of it; a window holds some hundred and reads the others afresh.
const PUBLISHED: i64 = 100;

/// Out of the columns of `select_message`.
pub(crate) fn from_row(row: &Row<'_>) -> Result<Option<ReplyRef>, StoreError> {
    if row.get::<_, Option<String>>("reply_id")?.is_none() {
        return Ok(None);
    }
    let Some(id) = row.get::<_, Option<i64>>("target_id")? else {
        return Ok(Some(ReplyRef {
            id: None,
            author: row.get("reply_author")?,
            kind: Kind::Text,
            snippet: row.get("reply_quote")?,
            retracted: false,
        }));
    };
    let (kind, snippet) = match row.get("target_kind")? {
        message::TEXT => (Kind::Text, row.get("target_body")?),
        message::VOICE => (Kind::Voice, String::new()),
        message::FILE => {
            let media_type: Option<String> = row.get("target_media_type")?;
            let is_image = media_type.is_some_and(|kind| kind.starts_with("image/"));
            let name: Option<String> = row.get("target_name")?;
            let kind = if is_image { Kind::Image } else { Kind::File };
            (kind, name.unwrap_or_default())
        }
        _ => return Err(StoreError::Unreadable("message kind")),
    };
    Ok(Some(ReplyRef {
        id: Some(MessageId(id)),
        author: row.get("target_author")?,
        kind,
        snippet,
        retracted: row.get("target_retracted")?,
    }))
}

impl WriteTx<'_> {
    /// Notes what a new message answers.
    pub(crate) fn insert_reply(
        &mut self,
        chat: ChatId,
        message: MessageId,
        incoming: &Incoming,
    ) -> Result<(), StoreError> {
        let Some(reply) = &incoming.reply else {
            return Ok(());
        };
        let own = self.own_address()?;
        let by = reply
            .author
            .as_deref()
            .map(|author| (author == own, author));
        let target = self.named(chat, &reply.id, by)?;
        self.connection()
            .prepare_cached(
                "INSERT INTO reply (message, target, id, author, quote)
                 VALUES (?1, ?2, ?3, ?4, iif((SELECT retracted FROM message WHERE id = ?2), '', ?5))",
            )?
            .execute(params![
                message.0,
                target.map_or(0, |target| target.0),
                reply.id,
                reply.author.as_deref().unwrap_or_default(),
                reply.quote,
            ])?;
        Ok(())
    }

    /// What answers to this id answers this message.
    pub(crate) fn take_replies(
        &mut self,
        message: MessageId,
        id: &str,
        author: &str,
    ) -> Result<(), StoreError> {
        let answers: Vec<i64> = self
            .connection()
            .prepare_cached(WAITING)?
            .query_map(params![message.0, id, author], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for answer in answers {
            self.connection()
                .prepare_cached(
                    "UPDATE reply SET target = ?2,
                        quote = iif((SELECT retracted FROM message WHERE id = ?2), '', quote)
                     WHERE message = ?1",
                )?
                .execute(params![answer, message.0])?;
            self.touch_message(MessageId(answer));
        }
        Ok(())
    }

    /// Those that show a message as their quote show something else now.
    pub(crate) fn touch_answers(&mut self, message: MessageId) -> Result<(), StoreError> {
        let answers: Vec<i64> = self
            .connection()
            .prepare_cached(ANSWERS)?
            .query_map([message.0, PUBLISHED], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for answer in answers {
            self.touch_message(MessageId(answer));
        }
        Ok(())
    }
}
