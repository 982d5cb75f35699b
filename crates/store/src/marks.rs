//! Ticks: what became of our messages, and what we have read and heard.

use api::{ChatId, FaultKind, MessageCursor, MessageId, MessageState, Millis};
use rusqlite::{OptionalExtension, params};

use crate::message::{self, Found};
use crate::{StoreError, WriteTx, chat, outbox};

/// How many rows one marker publishes. It may raise years of messages; a window
/// holds some hundred and reads the others afresh.
const PUBLISHED: usize = 500;

pub(crate) const UNCONFIRMED: &str = "
    SELECT id FROM message
    WHERE chat = ?1 AND own = 1 AND state IN (2, 3) AND (at, id) <= (?2, ?3)
    ORDER BY at DESC, id DESC LIMIT ?4";

pub(crate) const CONFIRM: &str = "
    UPDATE message SET state = 4
    WHERE chat = ?1 AND own = 1 AND state IN (2, 3) AND (at, id) <= (?2, ?3)";

pub(crate) const READ: &str = "
    UPDATE message SET unread = 0 WHERE chat = ?1 AND unread = 1 AND (at, id) <= (?2, ?3)";

/// The id of the newest message of which they want to know that it was displayed.
pub(crate) const MARKABLE: &str = "
    SELECT CASE stanza_id WHEN '' THEN origin_id ELSE stanza_id END FROM message
    WHERE chat = ?1 AND unread = 1 AND (at, id) <= (?2, ?3)
        AND markable = 1 AND (stanza_id <> '' OR origin_id <> '')
    ORDER BY at DESC, id DESC LIMIT 1";

/// Who is told that something was listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// Whoever said it; copies of that tell our other devices.
    Them,
    /// Our other devices alone ([`crate::heard`]).
    Account,
    /// Them, but not before this time.
    AccountAfter(Millis),
    /// Everybody knows.
    Nobody,
}

impl WriteTx<'_> {
    /// A peer tells how far our message got: `Delivered` (XEP-0184), `Read`
    /// (XEP-0333) or `Heard`. `Read` holds for every earlier own message of the
    /// chat that is with the server, too. States only rise; an unknown id is ignored.
    /// Returns whether anything changed.
    ///
    /// # Errors
    /// [`StoreError::WrongState`] for any other state, and those of the database.
    pub fn receipt(
        &mut self,
        from: &str,
        id: &str,
        state: MessageState,
    ) -> Result<bool, StoreError> {
        let rises = [
            MessageState::Delivered,
            MessageState::Read,
            MessageState::Heard,
        ];
        if !rises.contains(&state) {
            return Err(StoreError::WrongState("not a receipt"));
        }
        let Some((chat, found)) = self.own_message(from, id)? else {
            return Ok(false);
        };
        if state == MessageState::Heard && found.kind != message::VOICE {
            return Ok(false);
        }
        let mut changed = false;
        if message::state_from(found.state)? < state {
            // They have it, so it need not go out again, whatever became of the ack.
            outbox::forget_message(self.connection(), found.id)?;
            self.set_state(found.id, state, None)?;
            changed = true;
        }
        if state == MessageState::Read {
            changed |= self.confirm_up_to(chat, found.at, found.id)?;
        }
        Ok(changed)
    }

    /// Everything up to this message was seen here. A `displayed` marker is due for
    /// the newest markable one of those that were unread, and our other devices are due to be told.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn mark_read(&mut self, chat: ChatId, upto: MessageId) -> Result<(), StoreError> {
        let upto = self.place_in(chat, upto)?;
        self.read_up_to(chat, upto, true)?;
        self.displayed_here(chat)
    }

    /// The same, and only our own other devices are told.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn mark_read_untold(&mut self, chat: ChatId, upto: MessageId) -> Result<(), StoreError> {
        let upto = self.place_in(chat, upto)?;
        self.read_up_to(chat, upto, false)?;
        self.displayed_here(chat)
    }

    /// Everything up to the message with this id (of its sender's choice) was seen
    /// on another device of ours. Nothing is sent; an unknown id is ignored.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read_elsewhere(&mut self, chat: ChatId, id: &str) -> Result<(), StoreError> {
        match self.by_sender_id(chat, id, false)? {
            Some(found) => self.read_up_to(
                chat,
                MessageCursor {
                    at: found.at,
                    id: found.id,
                },
                false,
            ),
            None => Ok(()),
        }
    }

    /// A voice message from the other side was listened to. Only the first time somebody is told.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of the database.
    pub fn heard(&mut self, message: MessageId, tell: Tell) -> Result<(), StoreError> {
        let voice = self
            .connection()
            .prepare_cached(
                "SELECT m.chat, m.own, d.heard,
                        CASE m.stanza_id WHEN '' THEN m.origin_id ELSE m.stanza_id END AS reference
                 FROM message AS m JOIN media AS d ON d.message = m.id
                 WHERE m.id = ?1 AND m.kind = 1",
            )?
            .query_row([message.0], |row| {
                let settled: bool = row.get::<_, bool>("own")? || row.get("heard")?;
                Ok((
                    ChatId(row.get("chat")?),
                    settled,
                    row.get::<_, String>("reference")?,
                ))
            })
            .optional()?;
        let (chat, settled, reference) = voice.ok_or(StoreError::NotFound("voice message"))?;
        if settled {
            return Ok(());
        }
        self.set_heard(message, chat)?;
        match tell {
            Tell::Them if !reference.is_empty() => {
                outbox::insert_note(self.connection(), chat, outbox::HEARD, "", &reference)
            }
            Tell::Them | Tell::Account => self.heard_here(message, 0),
            Tell::AccountAfter(time) => self.heard_here(message, time),
            Tell::Nobody => Ok(()),
        }
    }

    pub(crate) fn set_heard(&mut self, message: MessageId, chat: ChatId) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("UPDATE media SET heard = 1 WHERE message = ?1")?
            .execute([message.0])?;
        self.touch_message(message);
        self.touch_chat(chat);
        Ok(())
    }

    /// Our message came back with an error stanza: failed, unless a device of
    /// theirs has it. Returns whether anything changed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn bounced(&mut self, from: &str, id: &str, fault: FaultKind) -> Result<bool, StoreError> {
        let Some((_chat, found)) = self.own_message(from, id)? else {
            return Ok(false);
        };
        match message::state_from(found.state)? {
            MessageState::Pending | MessageState::Sent => {
                outbox::forget_message(self.connection(), found.id)?;
                self.set_state(found.id, MessageState::Failed, Some(&fault))?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn own_message(&self, from: &str, id: &str) -> Result<Option<(ChatId, Found)>, StoreError> {
        let Some(chat) = chat::id_by_address(self.connection(), from)? else {
            return Ok(None);
        };
        let found = self.by_sender_id(chat, id, true)?;
        Ok(found.map(|found| (chat, found)))
    }

    fn confirm_up_to(
        &mut self,
        chat: ChatId,
        at: api::Millis,
        id: MessageId,
    ) -> Result<bool, StoreError> {
        // For those that come later, out of the archive.
        self.connection()
            .prepare_cached(
                "UPDATE chat SET confirmed_at = ?2 WHERE id = ?1 AND confirmed_at < ?2",
            )?
            .execute(params![chat.0, at])?;
        let limit = i64::try_from(PUBLISHED).unwrap_or(i64::MAX);
        let raised: Vec<i64> = self
            .connection()
            .prepare_cached(UNCONFIRMED)?
            .query_map(params![chat.0, at, id.0, limit], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        if raised.is_empty() {
            return Ok(false);
        }
        self.connection()
            .prepare_cached(CONFIRM)?
            .execute(params![chat.0, at, id.0])?;
        for id in raised {
            self.touch_message(MessageId(id));
        }
        Ok(true)
    }

    /// Everything up to here was read; `tell` where the other side has to know.
    pub(crate) fn read_up_to(
        &mut self,
        chat: ChatId,
        upto: MessageCursor,
        tell: bool,
    ) -> Result<(), StoreError> {
        let place = params![chat.0, upto.at, upto.id.0];
        if tell {
            let reference: Option<String> = self
                .connection()
                .prepare_cached(MARKABLE)?
                .query_row(place, |row| row.get(0))
                .optional()?;
            if let Some(reference) = reference {
                outbox::replace_displayed(self.connection(), chat, &reference)?;
            }
        }
        let read = self.connection().prepare_cached(READ)?.execute(place)?;
        if read > 0 {
            self.touch_summary(chat);
        }
        self.connection()
            .prepare_cached(
                "UPDATE chat SET read_at = ?2, read_id = ?3
                 WHERE id = ?1 AND (read_at, read_id) < (?2, ?3)",
            )?
            .execute(place)?;
        Ok(())
    }

    pub(crate) fn set_state(
        &mut self,
        message: MessageId,
        state: MessageState,
        fault: Option<&FaultKind>,
    ) -> Result<(), StoreError> {
        let (fault, limit) = fault.map_or(("", 0), message::fault_to);
        self.connection()
            .prepare_cached(
                "UPDATE message SET state = ?2, fault = ?3, fault_limit = ?4 WHERE id = ?1",
            )?
            .execute(params![message.0, message::state_to(state), fault, limit])?;
        self.touch_message(message);
        Ok(())
    }
}
