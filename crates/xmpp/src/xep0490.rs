//! XEP-0490 how far each chat was displayed, for all devices of an account.
//!
//! A private list at our own account (XEP-0163, XEP-0223): an item a chat, named by its address, which holds the id that our
//! archive gave to the newest displayed message. Only what our own account says is taken, and of that only ids in its own
//! name: rooms have no place yet. Whether an id is newer than another, only the timeline knows; that is the store's.
//!
//! Not done: the server's assistance (§4.5), which few servers offer and which saves one stanza of two.

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field};
use xmpp_parsers::ns;
use xmpp_parsers::rsm::SetQuery;

use crate::element::element;
use crate::{text, xep0359};

/// The node, and the namespace of what is in it.
pub(crate) const NS: &str = "urn:xmpp:mds:displayed:0";

/// The feature that asks for what is published there (XEP-0163 §4.3.2).
pub(crate) const NOTIFY: &str = "urn:xmpp:mds:displayed:0+notify";

/// What a server has to announce before anything is published (§7): it keeps the node private from its first item on.
pub(crate) const PUBLISH_OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";

/// Items asked for at once; a server that knows no pages (XEP-0059) sends all it has.
const PAGE: usize = 100;

/// The most that is read of one answer. An element is bounded too, so this is some 1 MiB of the shortest ones.
const MAX_ITEMS: usize = 4096;

/// A chat was displayed up to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Displayed {
    /// The other side.
    pub chat: BareJid,
    /// What our archive calls the message.
    pub id: String,
}

/// Whether what is told of the list may be believed: our own account tells it. Anybody could mark our chats read otherwise.
pub(crate) fn event_is_ours(from: Option<&Jid>, own: &BareJid) -> bool {
    from.is_none_or(|from| from.resource().is_none() && from.to_bare() == *own)
}

/// The items of an event or of an answer; `None` where it is about something else.
pub(crate) fn parse(list: &Element, own: &BareJid) -> Option<Vec<Displayed>> {
    if !list.is("event", ns::PUBSUB_EVENT) && !list.is("pubsub", ns::PUBSUB) {
        return None;
    }
    let is_list = |child: &&Element| child.name() == "items" && child.attr("node") == Some(NS);
    let items = list.children().find(is_list)?;
    Some(
        items
            .children()
            .filter(|child| child.name() == "item")
            .take(MAX_ITEMS)
            .filter_map(|item| displayed(item, own))
            .collect(),
    )
}

fn displayed(item: &Element, own: &BareJid) -> Option<Displayed> {
    let chat = Jid::new(item.attr("id")?).ok()?;
    let id = xep0359::parse(
        item.get_child("displayed", NS)?
            .get_child("stanza-id", ns::SID)?,
    )?;
    let is_ours = id.by.resource().is_none() && id.by.to_bare() == *own;
    (is_ours && chat.resource().is_none() && chat.node().is_some()).then(|| Displayed {
        chat: chat.to_bare(),
        id: id.id,
    })
}

/// The last item of a page, where there may be a further one.
pub(crate) fn page_end(answer: &Element) -> Option<String> {
    let set = answer.get_child("set", ns::RSM)?;
    let last = set.get_child("last", ns::RSM)?.text();
    (!last.is_empty() && last.len() <= text::MAX_SHORT).then_some(last)
}

/// "All there is", a page of it.
pub(crate) fn items(after: Option<String>) -> Element {
    let page = SetQuery {
        max: Some(PAGE),
        after,
        before: None,
        index: None,
    };
    Element::builder("pubsub", ns::PUBSUB)
        .append(element("items", ns::PUBSUB, &[("node", NS)]))
        .append(Element::from(page))
        .build()
}

/// What is said of the node with each item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Options {
    /// Everything it has to be.
    All,
    /// That it is private and lasts: ejabberd 23 refuses the others here, and takes them in a configuration.
    Private,
}

/// "Displayed up to here", with what the node has to be like.
pub(crate) fn publish(displayed: &Displayed, own: &BareJid, options: Options) -> Element {
    let id = element(
        "stanza-id",
        ns::SID,
        &[("by", own.as_str()), ("id", &displayed.id)],
    );
    let payload = Element::builder("displayed", NS).append(id);
    let mut item = element("item", ns::PUBSUB, &[("id", displayed.chat.as_str())]);
    item.append_child(payload.build());
    let mut publish = element("publish", ns::PUBSUB, &[("node", NS)]);
    publish.append_child(item);
    let options = Element::builder("publish-options", ns::PUBSUB)
        .append(Element::from(form(PUBLISH_OPTIONS, options)));
    Element::builder("pubsub", ns::PUBSUB)
        .append(publish)
        .append(options)
        .build()
}

/// Whether a refusal may be one of the options: the node is otherwise (XEP-0060 §7.1.5), or they are not understood.
pub(crate) fn is_about_options(condition: &str) -> bool {
    [
        "conflict",
        "resource-constraint",
        "not-acceptable",
        "bad-request",
    ]
    .contains(&condition)
}

/// "Make the node, like this."
pub(crate) fn create() -> Element {
    let create = element("create", ns::PUBSUB, &[("node", NS)]);
    let form = form(ns::PUBSUB_CONFIGURE, Options::All);
    let configure = Element::builder("configure", ns::PUBSUB).append(Element::from(form));
    Element::builder("pubsub", ns::PUBSUB)
        .append(create)
        .append(configure)
        .build()
}

/// "The node has to be like this", for one that is there (XEP-0060 §8.2).
pub(crate) fn configure() -> Element {
    let mut configure = element("configure", ns::PUBSUB_OWNER, &[("node", NS)]);
    configure.append_child(form(ns::PUBSUB_CONFIGURE, Options::All).into());
    Element::builder("pubsub", ns::PUBSUB_OWNER)
        .append(configure)
        .build()
}

fn form(kind: &str, options: Options) -> DataForm {
    let fields = [
        ("pubsub#persist_items", "true"),
        ("pubsub#max_items", "max"),
        ("pubsub#send_last_published_item", "never"),
        ("pubsub#access_model", "whitelist"),
    ];
    let fields = fields
        .into_iter()
        .filter(|(name, _)| {
            options == Options::All
                || ["pubsub#persist_items", "pubsub#access_model"].contains(name)
        })
        .map(|(name, value)| Field::text_single(name, value))
        .collect();
    DataForm::new(DataFormType::Submit, kind, fields)
}

#[cfg(test)]
mod tests;
