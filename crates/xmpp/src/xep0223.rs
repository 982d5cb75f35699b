//! XEP-0223 private lists: nodes at our own account (XEP-0163) that only its devices may read, and that last.
//!
//! How such a node is made, read in pages and published to. What its items hold is for those who use it: XEP-0490, and the
//! voice messages that were heard ([`crate::heard`]).

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field};
use xmpp_parsers::ns;
use xmpp_parsers::rsm::SetQuery;

use crate::element::element;
use crate::text;

/// What a server has to announce before anything is published (XEP-0060 §7.1.5): it keeps the node private from its first
/// item on.
pub(crate) const PUBLISH_OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";

/// Items asked for at once; a server that knows no pages (XEP-0059) sends all it has.
const PAGE: usize = 100;

/// The most that is read of one answer. An element is bounded too, so this is some 1 MiB of the shortest ones.
const MAX_ITEMS: usize = 4096;

/// Whether what is told of a list may be believed: our own account tells it. Anybody could change our chats otherwise.
pub(crate) fn event_is_ours(from: Option<&Jid>, own: &BareJid) -> bool {
    from.is_none_or(|from| from.resource().is_none() && from.to_bare() == *own)
}

/// The items of an event or of an answer about a node; `None` where it is about something else.
pub(crate) fn read<'a>(
    list: &'a Element,
    node: &str,
) -> Option<impl Iterator<Item = &'a Element> + use<'a>> {
    if !list.is("event", ns::PUBSUB_EVENT) && !list.is("pubsub", ns::PUBSUB) {
        return None;
    }
    let is_list = |child: &&Element| child.name() == "items" && child.attr("node") == Some(node);
    let items = list.children().find(is_list)?;
    let items = items.children().filter(|child| child.name() == "item");
    Some(items.take(MAX_ITEMS))
}

/// Whom an item is about: a person's bare address. Rooms have no place yet.
pub(crate) fn chat_of(item: &Element) -> Option<BareJid> {
    let chat = Jid::new(item.attr("id")?).ok()?;
    (chat.resource().is_none() && chat.node().is_some()).then(|| chat.to_bare())
}

/// The last item of a page, where there may be a further one.
pub(crate) fn page_end(answer: &Element) -> Option<String> {
    let set = answer.get_child("set", ns::RSM)?;
    let last = set.get_child("last", ns::RSM)?.text();
    (!last.is_empty() && last.len() <= text::MAX_SHORT).then_some(last)
}

/// "All there is", a page of it.
pub(crate) fn items(node: &str, after: Option<String>) -> Element {
    let page = SetQuery {
        max: Some(PAGE),
        after,
        before: None,
        index: None,
    };
    Element::builder("pubsub", ns::PUBSUB)
        .append(element("items", ns::PUBSUB, &[("node", node)]))
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

/// An item, with what the node has to be like.
pub(crate) fn publish(node: &str, item: Element, options: Options) -> Element {
    let mut publish = element("publish", ns::PUBSUB, &[("node", node)]);
    publish.append_child(item);
    let options = Element::builder("publish-options", ns::PUBSUB)
        .append(Element::from(form(PUBLISH_OPTIONS, options)));
    Element::builder("pubsub", ns::PUBSUB)
        .append(publish)
        .append(options)
        .build()
}

/// An item about somebody.
pub(crate) fn item(chat: &BareJid, payload: Element) -> Element {
    let mut item = element("item", ns::PUBSUB, &[("id", chat.as_str())]);
    item.append_child(payload);
    item
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
pub(crate) fn create(node: &str) -> Element {
    let create = element("create", ns::PUBSUB, &[("node", node)]);
    let form = form(ns::PUBSUB_CONFIGURE, Options::All);
    let configure = Element::builder("configure", ns::PUBSUB).append(Element::from(form));
    Element::builder("pubsub", ns::PUBSUB)
        .append(create)
        .append(configure)
        .build()
}

/// "The node has to be like this", for one that is there (XEP-0060 §8.2).
pub(crate) fn configure(node: &str) -> Element {
    let mut configure = element("configure", ns::PUBSUB_OWNER, &[("node", node)]);
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
