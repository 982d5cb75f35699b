//! What changes a message after it was said: corrections (XEP-0308), retractions (XEP-0424), reactions (XEP-0444).
//!
//! All of them are kept, each once, and what a message says is worked out of them whenever one is added. So it makes no
//! difference in which order they come, or whether they come before their message: then they wait under the id they
//! name. The rules:
//!
//! - Only the author corrects and takes back. Either side reacts.
//! - The newest correction counts, by the archive's time where the archive told it, else by ours. An id of a correction
//!   means the message it corrects: some clients name the correction before instead of the first version.
//! - A retraction beats everything, whenever it comes. The words, those of all corrections, the quote in answers, the
//!   file and the place in the search go; the row stays and says that there was something.
//! - The newest set of reactions of each person counts.
//!
//! What waits is bounded, since anybody can name ids that never existed: [`MOST_OF_CHAT`] a chat, [`MOST_WAITING`] an account,
//! and live ones for [`LONGEST_WAIT`]. Of a kind the oldest go first, because what has waited longest is the least likely to
//! be answered; what takes words back goes last. When
//! nothing of the archive is missing any more, nothing has anything to wait for. A correction that goes is shown as a
//! message of its own, as every client without corrections would: words are not lost for want of their first version. One
//! of somebody else's message is not.
//!
//! What was said before a correction or a retraction is overwritten in its row and leaves the index; until SQLite uses their
//! pages again, the file may still hold the bytes. `secure_delete` would wipe them, and write every page twice that the index
//! frees while it is merged.
//!
//! Rejected: keeping only the newest of each (a live one with a wrong clock would win for ever over what the archive
//! says); changing the row and forgetting why (a correction that comes later and is older would win).

use api::{ChatId, MessageId, MessageState, Millis};
use rusqlite::{OptionalExtension, params};

use crate::{Incoming, IncomingContent, Source, StoreError, WriteTx, chat, message, outbox};

/// How many wait at most, and how many about one chat.
const MOST_WAITING: i64 = 16_384;
const MOST_OF_CHAT: i64 = 4096;

/// Counting walks through all that wait, so it is done for one in so many that come.
const COUNTED: i64 = 64;

/// Which go first where too many wait: reactions before corrections, and those before what takes words back.
const FIRST_TO_GO: &str = "
    SELECT id FROM follow_up WHERE message = 0 AND (?1 IS NULL OR address = ?1)
    ORDER BY CASE kind WHEN 2 THEN 0 WHEN 0 THEN 1 ELSE 2 END, id LIMIT ?2";

/// How long one waits that came live.
const LONGEST_WAIT: Millis = 90 * 86_400_000;

/// How many sets of reactions of one person to one message are kept. More than one, since the archive may put their
/// times right.
const REACTIONS_KEPT: u16 = 8;

const CORRECTION: i64 = 0;
const RETRACTION: i64 = 1;
const REACTIONS: i64 = 2;

/// Something said about a message, checked for who may say so by the caller.
#[derive(Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// The other side's bare address.
    pub chat: String,
    /// The bare address of who says it.
    pub author: String,
    /// Whether that is us.
    pub own: bool,
    /// When it was said.
    pub at: Millis,
    /// Its own id, of its sender's choice.
    pub id: Option<String>,
    /// The id of the message it is about.
    pub target: String,
    /// What it says.
    pub content: FollowUpContent,
    /// The sender asks for a receipt (XEP-0184).
    pub wants_receipt: bool,
    /// How it came.
    pub source: Source,
    /// Where a receipt goes: the sender's full address.
    pub reply_address: String,
}

impl std::fmt::Debug for FollowUp {
    /// About what, and never what it says.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("FollowUp");
        out.field("kind", &self.content.row().0)
            .field("target", &self.target)
            .field("id", &self.id)
            .field("at", &self.at)
            .field("source", &self.source);
        out.finish_non_exhaustive()
    }
}

/// What is said about a message.
#[derive(Clone, PartialEq, Eq)]
pub enum FollowUpContent {
    /// It is to say something else.
    Correction {
        /// All of its words.
        body: String,
    },
    /// It was not to be said.
    Retraction,
    /// What somebody feels about it.
    Reactions {
        /// Emoji; none: nothing any more.
        emoji: Vec<String>,
    },
}

impl FollowUpContent {
    pub(crate) fn row(&self) -> (i64, String) {
        match self {
            Self::Correction { body } => (CORRECTION, body.clone()),
            Self::Retraction => (RETRACTION, String::new()),
            Self::Reactions { emoji } => (REACTIONS, emoji.join("\n")),
        }
    }

    /// Whether only the author may say so.
    #[must_use]
    pub fn is_the_authors(&self) -> bool {
        !matches!(self, Self::Reactions { .. })
    }
}

impl std::fmt::Debug for FollowUpContent {
    /// Which of them, and never what it says.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FollowUpContent({})", self.row().0)
    }
}

pub(crate) fn content_from(kind: i64, body: String) -> Result<FollowUpContent, StoreError> {
    match kind {
        CORRECTION => Ok(FollowUpContent::Correction { body }),
        RETRACTION => Ok(FollowUpContent::Retraction),
        REACTIONS => Ok(FollowUpContent::Reactions {
            emoji: body.lines().map(str::to_owned).collect(),
        }),
        _ => Err(StoreError::Unreadable("kind of follow-up")),
    }
}

/// The message that an id means: its own, or that of a correction of it. By anybody where ?3 is 1.
pub(crate) const TARGET: &str = "
    SELECT id FROM message
    WHERE origin_id = ?1 AND origin_id <> '' AND +chat = ?2
      AND (?3 = 1 OR own = ?4 AND (own = 1 OR author = ?5))
    UNION ALL
    SELECT id FROM message
    WHERE stanza_id = ?1 AND stanza_id <> '' AND +chat = ?2
      AND (?3 = 1 OR own = ?4 AND (own = 1 OR author = ?5))
    UNION ALL
    SELECT m.id FROM follow_up AS f CROSS JOIN message AS m ON m.id = f.message
    WHERE f.name = ?1 AND f.kind = 0 AND m.chat = ?2
      AND (?3 = 1 OR m.own = ?4 AND (m.own = 1 OR m.author = ?5))
    ORDER BY id DESC LIMIT 1";

const ONCE: &str = "
    SELECT id, message, archived FROM follow_up
    WHERE name = ?1 AND kind = ?2 AND target = ?3 AND address = ?4 AND author = ?5";

pub(crate) const WAITING: &str = "
    SELECT name, kind FROM follow_up
    WHERE message = 0 AND target = ?1 AND address = ?2
      AND (kind = 2 OR own = ?3 AND (own = 1 OR author = ?4))";

const ATTACH: &str = "
    UPDATE follow_up SET message = ?5
    WHERE message = 0 AND target = ?1 AND address = ?2
      AND (kind = 2 OR own = ?3 AND (own = 1 OR author = ?4))";

pub(crate) const NEWEST_CORRECTION: &str = "
    SELECT at, body FROM follow_up
    WHERE message = ?1 AND message <> 0 AND kind = 0 ORDER BY at DESC, id DESC LIMIT 1";

pub(crate) const REACTIONS_OF: &str = "
    SELECT author, own, body FROM follow_up
    WHERE message = ?1 AND message <> 0 AND kind = 2 ORDER BY at DESC, id DESC";

const PRUNE_REACTIONS: &str = "
    DELETE FROM follow_up WHERE message = ?1 AND message <> 0 AND kind = 2 AND author = ?2 AND id NOT IN (
        SELECT id FROM follow_up WHERE message = ?1 AND message <> 0 AND kind = 2 AND author = ?2
        ORDER BY at DESC, id DESC LIMIT ?3)";

/// The message that something may be about.
struct Subject<'a> {
    id: MessageId,
    address: &'a str,
    author: &'a str,
    own: bool,
}

/// A message as it is before what was said about it is worked in.
struct Before {
    chat: ChatId,
    kind: i64,
    own: bool,
    state: i64,
    body: String,
    edited_at: Millis,
    retracted: bool,
}

impl WriteTx<'_> {
    /// Takes in what is said about a message, which may be here or not.
    ///
    /// # Errors
    /// Those of the database.
    pub fn follow_up(&mut self, what: &FollowUp) -> Result<(), StoreError> {
        if what.target.is_empty() {
            return Ok(());
        }
        let (kind, body) = what.content.row();
        // A space is in no id that a client makes, so a time is never taken for one.
        let unnamed = || format!(" {}", what.at);
        let name = what.id.clone().filter(|id| !id.is_empty());
        let name = name.unwrap_or_else(unnamed);
        let archived = what.source == Source::Archive;
        let known: Option<(i64, i64, bool)> = self
            .connection()
            .prepare_cached(ONCE)?
            .query_row(
                params![name, kind, what.target, what.chat, what.author],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        if let Some((id, message, by_archive)) = known {
            if archived && !by_archive {
                self.connection()
                    .prepare_cached("UPDATE follow_up SET at = ?2, archived = 1 WHERE id = ?1")?
                    .execute(params![id, what.at])?;
                if message != 0 {
                    self.settle(MessageId(message))?;
                }
            }
            return Ok(());
        }
        let chat = chat::id_by_address(self.connection(), &what.chat)?;
        let by = (kind != REACTIONS).then_some((what.own, what.author.as_str()));
        let message = match chat {
            Some(chat) => self.named(chat, &what.target, by)?,
            None => None,
        };
        self.connection()
            .prepare_cached(
                "INSERT INTO follow_up
                    (message, address, author, own, kind, target, name, at, archived, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                message.map_or(0, |message| message.0),
                what.chat,
                what.author,
                what.own,
                kind,
                what.target,
                name,
                what.at,
                archived,
                body,
            ])?;
        let row = self.connection().last_insert_rowid();
        if let Some(chat) = chat {
            self.owe_receipt_for(chat, what)?;
        }
        let Some(message) = message else {
            return self.bound_waiting(what, row);
        };
        if kind == CORRECTION {
            let subject = Subject {
                id: message,
                address: &what.chat,
                author: &what.author,
                own: what.own,
            };
            self.attach(&subject, vec![name])?;
        }
        self.settle(message)
    }

    /// Works in what waited for a message under any of these ids, now that it is here.
    pub(crate) fn take_follow_ups(
        &mut self,
        id: MessageId,
        incoming: &Incoming,
    ) -> Result<(), StoreError> {
        let ids = [&incoming.origin_id, &incoming.stanza_id];
        let mut names: Vec<String> = ids.into_iter().flatten().cloned().collect();
        names.dedup();
        let subject = Subject {
            id,
            address: &incoming.chat,
            author: &incoming.author,
            own: incoming.own,
        };
        if self.attach(&subject, names)? {
            self.settle(id)?;
        }
        Ok(())
    }

    /// The message that an id means in a chat, by this author where one is given.
    pub(crate) fn named(
        &self,
        chat: ChatId,
        id: &str,
        by: Option<(bool, &str)>,
    ) -> Result<Option<MessageId>, StoreError> {
        let (own, author) = by.unwrap_or_default();
        Ok(self
            .connection()
            .prepare_cached(TARGET)?
            .query_row(params![id, chat.0, by.is_none(), own, author], |row| {
                row.get(0).map(MessageId)
            })
            .optional()?)
    }

    /// Nothing can come any more that anything waits for: all of the archive is here that is wanted.
    ///
    /// # Errors
    /// Those of the database.
    pub fn end_waiting(&mut self) -> Result<(), StoreError> {
        let waiting: Vec<i64> = self
            .connection()
            .prepare_cached("SELECT id FROM follow_up WHERE message = 0 ORDER BY at, id")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        waiting.into_iter().try_for_each(|id| self.give_up(id))
    }

    /// What waits for these ids, and for those of the corrections among it, is about this message. Whether anything was.
    fn attach(
        &mut self,
        subject: &Subject<'_>,
        mut names: Vec<String>,
    ) -> Result<bool, StoreError> {
        let mut attached = false;
        while let Some(name) = names.pop() {
            self.take_replies(subject.id, &name, subject.author)?;
            let Subject {
                id,
                address,
                author,
                own,
            } = subject;
            let waiting: Vec<(String, i64)> = self
                .connection()
                .prepare_cached(WAITING)?
                .query_map(params![name, address, own, author], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect::<Result<_, _>>()?;
            if waiting.is_empty() {
                continue;
            }
            self.connection()
                .prepare_cached(ATTACH)?
                .execute(params![name, address, own, author, id.0])?;
            attached = true;
            let corrections = waiting.into_iter().filter(|(_, kind)| *kind == CORRECTION);
            names.extend(corrections.map(|(name, _)| name));
        }
        Ok(attached)
    }

    /// Makes a message say what it is to say after all that was said about it.
    pub(crate) fn settle(&mut self, id: MessageId) -> Result<(), StoreError> {
        let before = self
            .connection()
            .prepare_cached(
                "SELECT chat, kind, own, state, body, edited_at, retracted FROM message WHERE id = ?1",
            )?
            .query_row([id.0], |row| {
                Ok(Before {
                    chat: ChatId(row.get("chat")?),
                    kind: row.get("kind")?,
                    own: row.get("own")?,
                    state: row.get("state")?,
                    body: row.get("body")?,
                    edited_at: row.get("edited_at")?,
                    retracted: row.get("retracted")?,
                })
            })
            .optional()?;
        let Some(before) = before else { return Ok(()) };
        let retracted = self
            .connection()
            .prepare_cached(
                "SELECT 1 FROM follow_up WHERE message = ?1 AND message <> 0 AND kind = 1",
            )?
            .exists([id.0])?;
        if retracted {
            return self.retract(id, &before);
        }
        let newest: Option<(Millis, String)> = self
            .connection()
            .prepare_cached(NEWEST_CORRECTION)?
            .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        // What replaces a voice message or a file by words is not done: what was spoken is not thrown away for a caption.
        if let Some((at, body)) = newest.filter(|_| before.kind == message::TEXT)
            && (at, &body) != (before.edited_at, &before.body)
        {
            self.connection()
                .prepare_cached(
                    "UPDATE message SET first_body = iif(edited_at = 0, body, first_body),
                        body = ?2, edited_at = ?3
                     WHERE id = ?1",
                )?
                .execute(params![id.0, body, at.max(1)])?;
            self.index_again(id);
            self.touch_answers(id)?;
        }
        self.settle_reactions(id)
    }

    /// Nothing of what a message said stays.
    fn retract(&mut self, id: MessageId, before: &Before) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached(
                "UPDATE follow_up SET body = '' WHERE message = ?1 AND message <> 0 AND body <> ''",
            )?
            .execute([id.0])?;
        if before.retracted {
            return Ok(());
        }
        for sql in [
            "INSERT OR IGNORE INTO removal (file)
             SELECT file FROM media WHERE message = ?1 AND file <> ''",
            "DELETE FROM media WHERE message = ?1",
            "DELETE FROM reaction WHERE message = ?1",
            "DELETE FROM reply WHERE message = ?1",
            "UPDATE reply SET quote = '' WHERE target = ?1 AND target <> 0",
            "UPDATE message SET kind = 0, body = '', first_body = '', edited_at = 0, retracted = 1,
                unread = 0
             WHERE id = ?1",
        ] {
            self.connection().prepare_cached(sql)?.execute([id.0])?;
        }
        // Another device of ours took back what this one still wanted to say: it was said.
        outbox::forget_message(self.connection(), id)?;
        if before.own && message::state_from(before.state)? < MessageState::Sent {
            self.set_state(id, MessageState::Sent, None)?;
        }
        self.index_again(id);
        self.touch_summary(before.chat);
        self.touch_answers(id)
    }

    fn settle_reactions(&mut self, id: MessageId) -> Result<(), StoreError> {
        let said: Vec<(String, bool, String)> = self
            .connection()
            .prepare_cached(REACTIONS_OF)?
            .query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        if said.is_empty() {
            return Ok(());
        }
        self.connection()
            .prepare_cached("DELETE FROM reaction WHERE message = ?1")?
            .execute([id.0])?;
        let mut seen: Vec<&str> = Vec::new();
        for (author, own, emoji) in &said {
            if seen.contains(&author.as_str()) {
                continue;
            }
            seen.push(author);
            for (place, one) in (0_i64..).zip(emoji.lines()) {
                self.connection()
                    .prepare_cached(
                        "INSERT INTO reaction (message, author, place, own, emoji)
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute(params![id.0, author, place, own, one])?;
            }
        }
        // Of each: an archive that is read backwards brings the older ones of one below the newest of another.
        if said.len() > usize::from(REACTIONS_KEPT) {
            for author in seen {
                self.connection()
                    .prepare_cached(PRUNE_REACTIONS)?
                    .execute(params![id.0, author, REACTIONS_KEPT])?;
            }
        }
        self.touch_message(id);
        Ok(())
    }

    fn owe_receipt_for(&mut self, chat: ChatId, what: &FollowUp) -> Result<(), StoreError> {
        match &what.id {
            Some(id) if what.wants_receipt && !what.own && what.source != Source::Carbon => {
                outbox::insert_note(
                    self.connection(),
                    chat,
                    outbox::RECEIPT,
                    &what.reply_address,
                    id,
                )
            }
            _ => Ok(()),
        }
    }

    fn bound_waiting(&mut self, newest: &FollowUp, row: i64) -> Result<(), StoreError> {
        if newest.source == Source::Live {
            let stale: Vec<i64> = self
                .connection()
                .prepare_cached(
                    "SELECT id FROM follow_up WHERE message = 0 AND archived = 0 AND at < ?1
                     ORDER BY at, id",
                )?
                .query_map([newest.at - LONGEST_WAIT], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            stale.into_iter().try_for_each(|id| self.give_up(id))?;
        }
        if row % COUNTED != 0 {
            return Ok(());
        }
        let bounds = [
            (Some(newest.chat.as_str()), MOST_OF_CHAT),
            (None, MOST_WAITING),
        ];
        for (address, most) in bounds {
            let waiting: i64 = self
                .connection()
                .prepare_cached(
                    "SELECT count(*) FROM follow_up WHERE message = 0 AND (?1 IS NULL OR address = ?1)",
                )?
                .query_row([address], |row| row.get(0))?;
            if waiting > most {
                let first: Vec<i64> = self
                    .connection()
                    .prepare_cached(FIRST_TO_GO)?
                    .query_map(params![address, waiting - most], |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                first.into_iter().try_for_each(|id| self.give_up(id))?;
            }
        }
        Ok(())
    }

    /// One that waits does so no longer: a correction is shown for itself, under the id of what it corrects, so that
    /// this would still be recognised.
    fn give_up(&mut self, id: i64) -> Result<(), StoreError> {
        let alone = self
            .connection()
            .prepare_cached(
                "SELECT address, author, own, target, at, archived, body FROM follow_up
                 WHERE id = ?1 AND message = 0 AND kind = 0",
            )?
            .query_row([id], |row| {
                Ok(Incoming {
                    chat: row.get("address")?,
                    author: row.get("author")?,
                    own: row.get("own")?,
                    at: row.get("at")?,
                    stanza_id: None,
                    origin_id: Some(row.get("target")?),
                    server_id: None,
                    content: IncomingContent::Text {
                        body: row.get("body")?,
                    },
                    wants_receipt: false,
                    markable: false,
                    source: match row.get("archived")? {
                        true => Source::Archive,
                        false => Source::Live,
                    },
                    reply_address: String::new(),
                    reply: None,
                })
            })
            .optional()?;
        if let Some(alone) = alone
            && !self.is_named(&alone)?
        {
            self.merge(&alone)?;
        }
        self.connection()
            .prepare_cached("DELETE FROM follow_up WHERE id = ?1 AND message = 0")?
            .execute([id])?;
        Ok(())
    }

    /// Whether what this would correct is here and somebody else's.
    fn is_named(&self, alone: &Incoming) -> Result<bool, StoreError> {
        let id = alone.origin_id.as_deref().unwrap_or_default();
        match chat::id_by_address(self.connection(), &alone.chat)? {
            Some(chat) => Ok(self.named(chat, id, None)?.is_some()),
            None => Ok(false),
        }
    }
}
