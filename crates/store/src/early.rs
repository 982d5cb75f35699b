//! Marks that come before what they mark.
//!
//! The archive is read backwards, so a receipt stands on a newer page than its message. It waits here until the message
//! comes, and is forgotten when nothing of the archive is missing any more. Only for what our own archive says: live, an
//! unknown id is somebody's mistake, and a list of those could be made to grow without end.

use api::{MessageCursor, MessageId, MessageState};
use rusqlite::params;

use crate::marks::Tell;
use crate::{Incoming, IncomingContent, StoreError, WriteTx, chat, message, outbox};

pub(crate) const TAKE: &str = "
    DELETE FROM early_mark WHERE address = ?1 AND own = ?2 AND id IN (?3, ?4) RETURNING state";

impl WriteTx<'_> {
    /// [`WriteTx::receipt`] out of the archive: where the message is not here yet, it is told when it comes.
    ///
    /// # Errors
    /// [`StoreError::WrongState`] for a state that no receipt tells, and those of the database.
    pub fn archived_receipt(
        &mut self,
        from: &str,
        id: &str,
        state: MessageState,
    ) -> Result<(), StoreError> {
        if self.is_here(from, id, true)? {
            return self.receipt(from, id, state).map(drop);
        }
        self.early_mark(from, true, id, state)
    }

    /// [`WriteTx::read_elsewhere`] out of the archive, by the chat's address.
    ///
    /// # Errors
    /// Those of the database.
    pub fn archived_read_elsewhere(&mut self, address: &str, id: &str) -> Result<(), StoreError> {
        match chat::id_by_address(self.connection(), address)? {
            Some(chat) if self.by_sender_id(chat, id, false)?.is_some() => {
                self.read_elsewhere(chat, id)
            }
            _ => self.early_mark(address, false, id, MessageState::Read),
        }
    }

    /// A voice message of the other side was played on another device of ours, which told them. An unknown id is ignored.
    ///
    /// # Errors
    /// Those of the database.
    pub fn heard_elsewhere(&mut self, address: &str, id: &str) -> Result<(), StoreError> {
        let found = match chat::id_by_address(self.connection(), address)? {
            Some(chat) => self.by_sender_id(chat, id, false)?,
            None => None,
        };
        match found {
            Some(found) if found.kind == message::VOICE => self.heard(found.id, Tell::Nobody),
            _ => Ok(()),
        }
    }

    /// [`WriteTx::heard_elsewhere`] out of the archive.
    ///
    /// # Errors
    /// Those of the database.
    pub fn archived_heard_elsewhere(&mut self, address: &str, id: &str) -> Result<(), StoreError> {
        if self.is_here(address, id, false)? {
            return self.heard_elsewhere(address, id);
        }
        self.early_mark(address, false, id, MessageState::Heard)
    }

    /// Another device of ours gave a receipt: one that still waits here need not go out.
    ///
    /// # Errors
    /// Those of the database.
    pub fn receipt_given(&mut self, address: &str, id: &str) -> Result<(), StoreError> {
        if let Some(chat) = chat::id_by_address(self.connection(), address)? {
            outbox::forget_receipt(self.connection(), chat, id)?;
        }
        Ok(())
    }

    /// [`WriteTx::receipt_given`] out of the archive: where the message is not here yet, none will be owed for it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn archived_receipt_given(&mut self, address: &str, id: &str) -> Result<(), StoreError> {
        if self.is_here(address, id, false)? {
            return self.receipt_given(address, id);
        }
        self.early_mark(address, false, id, MessageState::Delivered)
    }

    /// What was told of a message before it came, now that it is here. Whether anything was.
    pub(crate) fn take_early_marks(
        &mut self,
        incoming: &Incoming,
        at: MessageCursor,
    ) -> Result<bool, StoreError> {
        let origin = incoming.origin_id.as_deref().unwrap_or_default();
        let stanza = incoming.stanza_id.as_deref().unwrap_or_default();
        let told: Vec<i64> = self
            .connection()
            .prepare_cached(TAKE)?
            .query_map(
                params![incoming.chat, incoming.own, origin, stanza],
                |row| row.get(0),
            )?
            .collect::<Result<_, _>>()?;
        for state in &told {
            let state = message::state_from(*state)?;
            if incoming.own {
                let id = if origin.is_empty() { stanza } else { origin };
                self.receipt(&incoming.chat, id, state)?;
            } else if state >= MessageState::Read
                && let Some(chat) = chat::id_by_address(self.connection(), &incoming.chat)?
            {
                // Of several marks the furthest is kept, and whoever listened has read so far.
                self.read_up_to(chat, at, false)?;
                let is_voice = matches!(incoming.content, IncomingContent::Voice { .. });
                if state == MessageState::Heard && is_voice {
                    self.heard(at.id, Tell::Nobody)?;
                }
            }
        }
        Ok(!told.is_empty())
    }

    /// A message of ours that is older than what they have read is read.
    pub(crate) fn confirm_if_older(
        &mut self,
        incoming: &Incoming,
        id: MessageId,
    ) -> Result<(), StoreError> {
        let confirmed = self
            .connection()
            .prepare_cached("SELECT 1 FROM chat WHERE address = ?1 AND confirmed_at > ?2")?
            .exists(params![incoming.chat, incoming.at])?;
        if confirmed {
            self.set_state(id, MessageState::Read, None)?;
        }
        Ok(())
    }

    pub(crate) fn forget_early_marks(&mut self) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("DELETE FROM early_mark")?
            .execute([])?;
        Ok(())
    }

    fn is_here(&self, address: &str, id: &str, own: bool) -> Result<bool, StoreError> {
        match chat::id_by_address(self.connection(), address)? {
            Some(chat) => Ok(self.by_sender_id(chat, id, own)?.is_some()),
            None => Ok(false),
        }
    }

    fn early_mark(
        &mut self,
        address: &str,
        own: bool,
        id: &str,
        state: MessageState,
    ) -> Result<(), StoreError> {
        if id.is_empty() {
            return Ok(());
        }
        self.connection()
            .prepare_cached(
                "INSERT INTO early_mark (address, own, id, state) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (address, own, id) DO UPDATE SET state = max(state, excluded.state)",
            )?
            .execute(params![address, own, id, message::state_to(state)])?;
        Ok(())
    }
}
