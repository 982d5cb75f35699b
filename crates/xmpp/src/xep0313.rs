//! XEP-0313 message archive, paged with XEP-0059.

use jid::BareJid;

use crate::Archived;

/// One page to ask of our own archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArchiveQuery {
    /// Only messages with this contact.
    pub with: Option<BareJid>,
    /// Only from this time on, ms since 1970.
    pub start: Option<i64>,
    /// Page forward: those after this archive id.
    pub after: Option<String>,
    /// Page backward: those before this archive id; the empty string asks for the newest page.
    pub before: Option<String>,
    /// At most so many (1 to 250; servers may give fewer).
    pub max: u32,
}

/// One page, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArchivePage {
    /// The messages. Entries whose content is not a message to show are there too, so that cursors move over them.
    pub messages: Vec<Archived>,
    /// The first archive id of the page.
    pub first: Option<String>,
    /// The last archive id of the page.
    pub last: Option<String>,
    /// There is nothing further in the direction of paging.
    pub complete: bool,
    /// How many the whole result has, if the server counted.
    pub count: Option<u32>,
}
