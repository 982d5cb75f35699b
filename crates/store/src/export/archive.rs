//! What an export says of the server's archive: how far it was read, and what came out of it before its message.

use api::{MessageState, Millis};
use rusqlite::{Connection, params};

use crate::record::{RecordFollowUp, follow_up_from_row};
use crate::{ArchiveRange, FollowUp, Reader, Source, StoreError, WriteTx, archive, message};

/// What is kept of the archive besides messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportArchive {
    /// Stretches without holes, oldest first.
    pub ranges: Vec<ArchiveRange>,
    /// Receipts and markers whose messages are not here yet.
    pub marks: Vec<ExportMark>,
    /// What is said about messages that are not here, with the chat's address.
    pub waiting: Vec<(String, RecordFollowUp)>,
}

/// A receipt or marker that waits for its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportMark {
    /// Of the chat.
    pub address: String,
    /// Whether it marks a message of ours.
    pub own: bool,
    /// As the message's sender calls it.
    pub id: String,
    /// What it says.
    pub state: MessageState,
}

fn read(connection: &Connection) -> Result<ExportArchive, StoreError> {
    let marks = connection
        .prepare_cached("SELECT address, own, id, state FROM early_mark")?
        .query_and_then([], |row| {
            Ok(ExportMark {
                address: row.get("address")?,
                own: row.get("own")?,
                id: row.get("id")?,
                state: message::state_from(row.get("state")?)?,
            })
        })?
        .collect::<Result<_, StoreError>>()?;
    let waiting = connection
        .prepare_cached(
            "SELECT address, author, own, kind, target, name, at, archived, body FROM follow_up
             WHERE message = 0 ORDER BY id",
        )?
        .query_and_then([], |row| {
            Ok((row.get("address")?, follow_up_from_row(row)?))
        })?
        .collect::<Result<_, StoreError>>()?;
    Ok(ExportArchive {
        ranges: archive::read(connection)?.ranges().to_vec(),
        marks,
        waiting,
    })
}

impl Reader {
    /// As it stands now. To be asked for before the turn: what a range covers has to be among the messages.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn export_archive(&self) -> Result<ExportArchive, StoreError> {
        self.read(read).await
    }
}

impl WriteTx<'_> {
    /// Something said about a message that was not there when it was exported.
    ///
    /// # Errors
    /// Those of the database.
    pub fn import_waiting(
        &mut self,
        address: &str,
        said: &RecordFollowUp,
    ) -> Result<(), StoreError> {
        self.follow_up(&FollowUp {
            chat: address.to_owned(),
            author: said.author.clone(),
            own: said.own,
            at: said.at,
            id: Some(said.name.clone()),
            target: said.target.clone(),
            content: said.content.clone(),
            wants_receipt: false,
            source: match said.archived {
                true => Source::Archive,
                false => Source::Live,
            },
            reply_address: String::new(),
        })
    }

    /// How far this account's archive was read, from a folder that holds all of what that covers. Taken is what lies
    /// before everything that was read here: between the two is a hole, which is read as any other. Where the two
    /// overlap, the archive itself says what is in it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn import_archive(&mut self, there: &ExportArchive) -> Result<(), StoreError> {
        let mut here = self.archive()?;
        let oldest = here.ranges().first();
        if oldest.is_some_and(|range| range.complete) {
            return Ok(());
        }
        let border = oldest.map_or(Millis::MAX, |range| range.oldest_at);
        let mut end = Millis::MIN;
        let older: Vec<ArchiveRange> = there
            .ranges
            .iter()
            .take_while(|range| {
                let in_order = end <= range.oldest_at && range.oldest_at <= range.newest_at;
                end = range.newest_at;
                let named = !range.oldest.is_empty() && !range.newest.is_empty();
                in_order && named && range.newest_at < border
            })
            .cloned()
            .collect();
        if older.is_empty() {
            return Ok(());
        }
        for mark in &there.marks {
            self.connection()
                .prepare_cached(
                    "INSERT INTO early_mark (address, own, id, state) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (address, own, id) DO UPDATE SET state = max(state, excluded.state)",
                )?
                .execute(params![
                    mark.address,
                    mark.own,
                    mark.id,
                    message::state_to(mark.state)
                ])?;
        }
        here.put_before(older);
        self.set_archive(&here)
    }
}
