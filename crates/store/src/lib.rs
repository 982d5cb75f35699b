//! SQLite: every message, draft and cursor of one account.
//!
//! Owns the folder of an account (`millet.db`, `media/`, `drafts/`), every line
//! of SQL, and the rule that a change and the delta that tells of it are born in
//! one transaction. The shape:
//!
//! - [`Store::write`] runs a closure over [`WriteTx`] on the one writer thread, in
//!   one `IMMEDIATE` transaction. What it changed leaves as an [`api::Commit`]
//!   after `COMMIT`, or not at all.
//! - [`Reader`] answers on a few `query_only` connections, so the window never
//!   waits for a sync.
//! - Rows come out as `api` types; there is no second set.
//!
//! Refuses: XML, JIDs as types (addresses are strings and compared as such, so
//! the caller normalises them), the network, clocks and random ids (they come in
//! as arguments), and deleting files (the caller does that after the commit).
//!
//! Rejected: a connection behind an async mutex (a slow write would block a
//! runtime thread, and the order of deltas would need a second lock); a pool that
//! writes (SQLite's own lock sleeps blindly); an ORM or query builder (the query
//! plans are golden files, so the SQL should be what one reads).

mod archive;
mod chat;
mod contact;
mod displayed;
mod draft;
mod early;
mod error;
mod excerpt;
mod export;
mod fold;
mod follow_up;
mod health;
mod heard;
mod held;
mod import;
mod incoming;
mod known;
mod listening;
mod marks;
mod media;
mod message;
mod meta;
mod names;
mod open;
mod outbox;
mod place;
mod query;
mod reader;
mod rebuild;
mod record;
mod recover;
mod removal;
mod reply;
mod schema;
mod search;
mod sending;
mod space;
mod spot;
mod summary;
mod terms;
mod tx;
mod window;
mod writer;

pub use archive::{Archive, ArchiveRange, Asked, ChatEdge, Covered, Hole, Place};
pub use contact::{Contact, Subscription};
pub use draft::DraftRow;
pub use error::{OpenError, StoreError};
pub use export::{ExportArchive, ExportChat, ExportDue, ExportMark, ExportState, ExportTurn};
pub use follow_up::{FollowUp, FollowUpContent};
pub use health::{Health, Recovered};
pub use import::{Imported, Moment};
pub use incoming::{Incoming, IncomingContent, Merged, Source};
pub use marks::Tell;
pub use media::{MediaDue, MediaRow};
pub use message::SKEW;
pub use meta::key;
pub use outbox::{Job, OutboxRow, OutgoingContent, Stage};
pub use reader::{Counts, Reader};
pub use rebuild::Rebuilt;
pub use record::{Came, FirstWords, Record, RecordContent, RecordFollowUp, RecordMedia};
pub use reply::IncomingReply;
pub use tx::WriteTx;
pub use writer::Store;

#[cfg(test)]
mod tests;
