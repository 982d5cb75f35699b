//! What goes out: due rows of the outbox become stanzas, or uploads first.
//!
//! The table is the queue. Rows are marked as handed over before they are handed over, so that a crash in between
//! asks the archive instead of sending twice.

use std::sync::Arc;

use api::{Fault, FaultKind, Millis};
use store::{Job, OutboxRow, OutgoingContent, Stage};
use xmpp::{Outbound, SendKey, Session};

use crate::account::Account;
use crate::{faults, transfer};

mod unanswered;

pub(crate) use unanswered::Unanswered;

/// So many stanzas may be on their way without an acknowledgement. After a week away thousands of receipts are due, and a
/// server takes what comes on a stream one after the other: every page of the archive waits behind those on their way.
pub(crate) const WINDOW: usize = 32;

/// A row that so many streams did not survive, or that was never acknowledged, waits for the user.
const MOST_TRIES: u32 = 12;

/// What a pass over the outbox did.
#[derive(Default)]
pub(crate) struct Pumped {
    /// Stanzas handed over.
    pub(crate) sent: usize,
    /// When the next row is due, if one waits for its time.
    pub(crate) wake_at: Option<Millis>,
}

/// Sends and uploads what is due, as far as there is `room` for more on the way. While the archive `is_behind`, chats wait
/// that have a message which may have gone out.
pub(crate) async fn pump(
    account: &Arc<Account>,
    session: &Session,
    room: usize,
    is_behind: bool,
) -> Result<Pumped, Fault> {
    let mut pumped = Pumped::default();
    while pumped.sent < room {
        let reader = account.store.reader();
        let due = reader
            .outbox_due(account.env.now())
            .await
            .map_err(|error| faults::store(&error))?;
        let (uploads, sends): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|row| row.stage == Stage::Upload);
        for row in uploads {
            transfer::start_upload(account, session, row);
        }
        // Each is the first of its lane, so nothing overtakes what waits.
        let sends: Vec<_> = sends
            .into_iter()
            .filter(|row| !(is_behind && may_have_gone_out(row)))
            .take(room - pumped.sent)
            .collect();
        if sends.is_empty() {
            let next = reader.outbox_next_at(account.env.now()).await;
            pumped.wake_at = next.map_err(|error| faults::store(&error))?;
            break;
        }
        let mut fit = Vec::with_capacity(sends.len());
        let mut unfit = Vec::new();
        for row in &sends {
            match stanza(row) {
                Some(stanza) if row.attempts < MOST_TRIES => fit.push((row.id, stanza)),
                Some(_) => unfit.push((row.id, FaultKind::Undeliverable)),
                None => unfit.push((row.id, FaultKind::Bug)),
            }
        }
        let ids: Vec<i64> = fit.iter().map(|(id, _)| *id).collect();
        // In one transaction: a row that is marked is handed over below, whatever else fails.
        let marked = account.store.write(move |tx| {
            for (id, kind) in &unfit {
                tx.outbox_wedge(*id, kind)?;
            }
            ids.iter().try_for_each(|id| {
                tx.outbox_try(*id)?;
                tx.outbox_sent(*id)
            })
        });
        marked.await.map_err(|error| faults::store(&error))?;
        for (id, stanza) in &fit {
            if session.send(stanza, key_of(*id)).await.is_err() {
                // The session ended: the next one begins by taking these rows back.
                return Ok(pumped);
            }
            pumped.sent += 1;
        }
    }
    Ok(pumped)
}

pub(crate) fn may_have_gone_out(row: &OutboxRow) -> bool {
    row.attempts > 0 && matches!(row.job, Job::Message { .. })
}

/// How many messages were handed to a stream and nothing was heard of them since.
pub(crate) async fn doubts(account: &Account) -> Result<u64, Fault> {
    let doubts = account.store.reader().outbox_doubts().await;
    doubts.map_err(|error| faults::store(&error))
}

/// The stanza of a row; `None` where the row cannot become one.
fn stanza(row: &OutboxRow) -> Option<Outbound> {
    let to = row.to.parse::<xmpp::Jid>().ok()?;
    Some(match &row.job {
        Job::Message {
            origin_id, content, ..
        } => match content {
            OutgoingContent::Text { body } => Outbound::Text {
                to: to.to_bare(),
                origin_id: origin_id.clone(),
                body: body.clone(),
            },
            OutgoingContent::Voice {
                file,
                url,
                size,
                sha256,
                duration_ms,
                peaks,
                ..
            } => Outbound::Voice {
                to: to.to_bare(),
                origin_id: origin_id.clone(),
                url: url.clone()?,
                name: file.clone(),
                size: (*size)?,
                sha256: (*sha256)?,
                duration_ms: *duration_ms,
                peaks: peaks.clone(),
            },
        },
        Job::Receipt { id } => Outbound::Receipt { to, id: id.clone() },
        Job::Displayed { id } => Outbound::Displayed { to, id: id.clone() },
        Job::Heard { id } => Outbound::Heard { to, id: id.clone() },
    })
}

fn key_of(row: i64) -> SendKey {
    SendKey(row.unsigned_abs())
}

/// The row a key was made of.
pub(crate) fn row_of(key: SendKey) -> i64 {
    i64::try_from(key.0).unwrap_or(i64::MAX)
}
