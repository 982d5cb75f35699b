//! XEP-0313 message archive, paged with XEP-0059.

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field};
use xmpp_parsers::mam::{Fin, Query, QueryId};
use xmpp_parsers::ns;
use xmpp_parsers::rsm::SetQuery;

use crate::inbound::{Archived, incoming};
use crate::{text, xep0203, xep0297};

/// The most one page may have.
pub(crate) const MAX_PAGE: u32 = 250;

/// One page to ask of our own archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArchiveQuery {
    /// Only messages with this contact.
    pub with: Option<BareJid>,
    /// Only from this time on, ms since 1970.
    pub start: Option<i64>,
    /// Only up to this time, ms since 1970.
    pub end: Option<i64>,
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

/// Whether an archive result may be believed: it answers a question of ours (`asked` is the query id it carries and we
/// know), and comes from our own account. Anyone could rewrite our history otherwise.
pub(crate) fn archive_is_entitled(from: Option<&Jid>, own: &BareJid, asked: bool) -> bool {
    asked && from.is_none_or(|from| from.resource().is_none() && from.to_bare() == *own)
}

/// The `<query/>` for a page.
pub(crate) fn build(query: &ArchiveQuery, queryid: &str) -> Query {
    let mut fields = Vec::new();
    if let Some(with) = &query.with {
        fields.push(Field::text_single("with", with.as_str()));
    }
    if let Some(start) = query.start {
        fields.push(Field::text_single("start", &xep0203::format_time(start)));
    }
    if let Some(end) = query.end {
        fields.push(Field::text_single("end", &xep0203::format_time(end)));
    }
    Query {
        queryid: Some(QueryId(queryid.to_owned())),
        node: None,
        form: (!fields.is_empty()).then(|| DataForm::new(DataFormType::Submit, ns::MAM, fields)),
        set: Some(SetQuery {
            max: Some(query.max.clamp(1, MAX_PAGE) as usize),
            after: query.after.clone(),
            before: query.before.clone(),
            index: None,
        }),
        flip_page: false,
    }
}

/// The query id a result carries, if the element is one.
pub(crate) fn query_id(element: &Element) -> Option<&str> {
    element
        .is("result", ns::MAM)
        .then(|| element.attr("queryid").unwrap_or_default())
}

/// One result. `None` if it does not parse: the page goes on without it.
pub(crate) fn parse(result: Element, own: &BareJid) -> Option<Archived> {
    let archive_id = text::id(result.attr("id")?)?;
    let forwarded = xep0297::take(result)?;
    let at = forwarded.at?;
    let mut message = incoming(forwarded.message, own);
    message.at = Some(at);
    Some(Archived {
        archive_id,
        at,
        message,
    })
}

/// The end of a page, around the messages that came before it.
pub(crate) fn page(fin: Element, messages: Vec<Archived>) -> Option<ArchivePage> {
    let fin = Fin::try_from(fin).ok()?;
    Some(ArchivePage {
        messages,
        first: fin.set.first.and_then(|first| text::id(&first.item)),
        last: fin.set.last.and_then(|last| text::id(&last)),
        complete: fin.complete,
        count: fin.set.count.and_then(|n| u32::try_from(n).ok()),
    })
}

#[cfg(test)]
mod tests;
