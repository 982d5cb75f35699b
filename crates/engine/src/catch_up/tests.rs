//! An archive that behaves, one that does not, and what is here of it afterwards. The other side is bo; cy is another one.

use std::cell::{Cell, RefCell};

use api::{ChatId, Content, Fault, FaultKind, HistorySpan, Millis, WindowAnchor};
use minidom::Element;
use store::{Archive, Store, key};
use tempfile::TempDir;
use xmpp::{
    ArchivePage, ArchiveQuery, Archived, BareJid, Inbound, IncomingMessage, IqError, StanzaFault,
};

use super::reading::{self, Goal, Reading};
use crate::ingest;

mod doubts;
mod follow_ups;
mod mixed;

pub(super) const NOON: Millis = 1_767_268_800_000;
const DAY: Millis = 86_400_000;

pub(super) fn ann() -> BareJid {
    "ann@x".parse().unwrap()
}

pub(super) fn message(xml: &str) -> IncomingMessage {
    let element: Element = xml.parse().unwrap();
    match xmpp::inbound(xmpp::Stanza::try_from(element).unwrap(), &ann()) {
        Inbound::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

/// A text as the archive holds it.
pub(super) fn text(from: &str, to: &str, id: &str, body: &str) -> IncomingMessage {
    message(&format!(
        "<message xmlns='jabber:client' from='{from}/1' to='{to}' type='chat' id='{id}'><body>{body}</body>\
         <origin-id xmlns='urn:xmpp:sid:0' id='{id}'/><request xmlns='urn:xmpp:receipts'/></message>"
    ))
}

/// The server's archive of ann's account.
#[derive(Default)]
pub(super) struct Server {
    pub(super) items: RefCell<Vec<Archived>>,
    /// The most it gives at once, where that is less than asked for.
    pub(super) limit: Option<usize>,
    /// Questions so far.
    pub(super) asked: Cell<usize>,
    /// After so many the connection breaks.
    pub(super) breaks_after: Cell<Option<usize>>,
    /// How it fails.
    manner: Cell<Manner>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Manner {
    #[default]
    Good,
    /// The same page, whatever is asked for.
    Repeats,
    /// Every item several times.
    Doubles,
    /// Nothing, the next time.
    EmptyOnce,
    /// Whole seconds, as some have them.
    Seconds,
}

impl Server {
    pub(super) fn put(&self, message: IncomingMessage, at: Millis) {
        let mut items = self.items.borrow_mut();
        // Opaque: their order tells nothing.
        let archive_id = format!("{:x}-{}", (items.len() * 7919) % 4096, items.len());
        items.push(Archived {
            archive_id,
            at,
            message,
        });
    }

    /// Bo says so many things, a second apart.
    fn bo_says(&self, count: usize) {
        for _ in 0..count {
            let number = self.items.borrow().len();
            let said = text("bo@x", "ann@x", &format!("o{number}"), &number.to_string());
            self.put(said, NOON + i64::try_from(number).unwrap() * 1_000);
        }
    }

    /// Receipts of another device of ours, which say nothing to a person.
    fn receipts_come(&self, count: usize) {
        for _ in 0..count {
            let number = self.items.borrow().len();
            let receipt = message(&format!(
                "<message xmlns='jabber:client' from='ann@x/2' to='bo@x' type='chat' id='r{number}'>\
                 <received xmlns='urn:xmpp:receipts' id='o{number}'/></message>"
            ));
            self.put(receipt, NOON + i64::try_from(number).unwrap() * 1_000);
        }
    }

    /// Throws away all before this one.
    fn expire(&self, before: usize) {
        self.items.borrow_mut().drain(..before);
    }

    pub(super) fn answer(&self, query: &ArchiveQuery) -> Result<ArchivePage, IqError> {
        self.asked.set(self.asked.get() + 1);
        if let Some(left) = self.breaks_after.get() {
            self.breaks_after.set(Some(left.saturating_sub(1)));
            if left == 0 {
                return Err(IqError::Disconnected);
            }
        }
        let with = query.with.as_ref();
        let items = self.items.borrow();
        let before = query.before.as_deref().unwrap();
        let anchor = match (before, self.manner.get()) {
            ("", _) => items.len(),
            (_, Manner::Repeats) => items.len().saturating_sub(10),
            (id, _) => match items.iter().position(|item| item.archive_id == id) {
                Some(anchor) => anchor,
                None => {
                    return Err(IqError::Refused(StanzaFault {
                        condition: "item-not-found".into(),
                        temporary: false,
                        text: None,
                    }));
                }
            },
        };
        let matches = |item: &&Archived| {
            let parties = [Some(&item.message.from), item.message.to.as_ref()];
            let mut parties = parties.into_iter().flatten();
            with.is_none_or(|with| parties.any(|jid| jid.to_bare() == *with))
                && query.end.is_none_or(|end| item.at <= end)
        };
        let matching: Vec<&Archived> = items[..anchor].iter().filter(matches).collect();
        let end = matching.len();
        let most = self.limit.unwrap_or(usize::MAX).min(query.max as usize);
        let start = end.saturating_sub(most);
        let mut messages: Vec<Archived> = matching[start..end]
            .iter()
            .map(|item| (*item).clone())
            .collect();
        match self.manner.get() {
            Manner::Doubles => messages = messages.iter().chain(&messages).cloned().collect(),
            Manner::Seconds => messages
                .iter_mut()
                .for_each(|item| item.at -= item.at % 1_000),
            Manner::EmptyOnce => {
                self.manner.set(Manner::Good);
                return Ok(ArchivePage::default());
            }
            Manner::Good | Manner::Repeats => {}
        }
        Ok(ArchivePage {
            first: messages.first().map(|item| item.archive_id.clone()),
            last: messages.last().map(|item| item.archive_id.clone()),
            messages,
            complete: start == 0,
            count: u32::try_from(items.len()).ok(),
        })
    }
}

/// Ann's store.
pub(super) struct Ann {
    pub(super) store: Store,
    _folder: TempDir,
}

impl Ann {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store
            .write(|tx| tx.set_meta(key::ADDRESS, Some("ann@x")))
            .await
            .unwrap();
        Self {
            store,
            _folder: folder,
        }
    }

    pub(super) async fn newest(&self, server: &Server) -> Result<Archive, Fault> {
        let own = ann();
        let ask = |query| std::future::ready(server.answer(&query));
        let reading = Reading::new(&self.store, &own);
        reading.newest(&ask).await.map(|(archive, _)| archive)
    }

    /// Reads the newest page, and again what is before it, back to a time.
    async fn newest_and_again(&self, server: &Server, since: Millis) {
        let own = ann();
        let ask = |query| std::future::ready(server.answer(&query));
        let reading = Reading::new(&self.store, &own);
        let (_, ends) = reading.newest(&ask).await.unwrap();
        reading.again(&ends.unwrap(), since, &ask).await.unwrap();
    }

    pub(super) async fn fill(&self, server: &Server, goal: Goal) -> Result<(), Fault> {
        let own = ann();
        let ask = |query| std::future::ready(server.answer(&query));
        let reading = Reading::new(&self.store, &own);
        reading.fill(goal, &ask, &|_| {}).await
    }

    /// A connection that lives until all is here.
    pub(super) async fn catch_up(&self, server: &Server) {
        self.newest(server).await.unwrap();
        self.fill(server, Goal::Kept { now: NOON }).await.unwrap();
    }

    async fn older(&self, server: &Server) -> (usize, bool) {
        let own = ann();
        let chat = self.bo().await;
        let ask = |query| std::future::ready(server.answer(&query));
        let mut reading = Reading::new(&self.store, &own);
        let came = reading.older(chat, &ask).await.unwrap();
        (came.new, came.is_all)
    }

    async fn bo(&self) -> ChatId {
        self.store.write(|tx| tx.ensure_chat("bo@x")).await.unwrap()
    }

    /// What stands in a timeline, oldest first.
    pub(super) async fn texts(&self, with: &'static str) -> Vec<String> {
        let chat = self
            .store
            .write(move |tx| tx.ensure_chat(with))
            .await
            .unwrap();
        let reader = self.store.reader();
        let mut anchor = WindowAnchor::Latest;
        let mut texts = Vec::new();
        loop {
            let window = reader.window(chat, anchor).await.unwrap();
            let said = window.rows.iter().map(|row| match &row.content {
                Content::Text { body } => body.clone(),
                other => panic!("{other:?}"),
            });
            texts.splice(0..0, said);
            match window.rows.first() {
                Some(row) if window.has_older => {
                    anchor = WindowAnchor::Before {
                        cursor: row.cursor(),
                    };
                }
                _ => return texts,
            }
        }
    }

    pub(super) async fn archive(&self) -> Archive {
        self.store.reader().archive().await.unwrap()
    }

    async fn assert_whole(&self, count: usize) {
        let numbers: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        assert_eq!(self.texts("bo@x").await, numbers);
        let archive = self.archive().await;
        assert!(archive.holes().next().is_none(), "{archive:?}");
        assert_eq!(archive.items(), count as u64);
    }

    /// Says something that goes out, and then the connection is gone.
    async fn doubts(&self, said: &'static str) {
        self.hands_over(said).await;
        self.loses_all().await;
    }

    async fn loses_all(&self) {
        self.store.write(|tx| tx.outbox_all_lost()).await.unwrap();
    }

    /// Says something that goes out; nothing is heard of it.
    async fn hands_over(&self, said: &'static str) {
        let chat = self.bo().await;
        let add = self
            .store
            .write(move |tx| tx.add_text(chat, said, NOON, said));
        add.await.unwrap();
        let due = self.store.reader().outbox_due(NOON).await.unwrap();
        let sent = self.store.write(move |tx| {
            due.iter().try_for_each(|row| {
                tx.outbox_try(row.id)?;
                tx.outbox_sent(row.id)
            })
        });
        sent.await.unwrap();
    }

    /// Receipts that wait to go out.
    async fn receipts(&self) -> u64 {
        self.store.reader().counts().await.unwrap().outbox
    }
}

#[tokio::test]
async fn the_newest_page_comes_first_and_a_kill_costs_nothing() {
    let (server, ann) = (Server::default(), Ann::new().await);
    server.bo_says(40);
    ann.catch_up(&server).await;
    ann.assert_whole(40).await;
    assert_eq!(
        ann.receipts().await,
        0,
        "nobody waits for those of a first visit"
    );
    server.bo_says(2_500);
    ann.newest(&server).await.unwrap();
    let texts = ann.texts("bo@x").await;
    assert_eq!((texts.len(), texts[40].as_str()), (140, "2440"));
    assert_eq!(ann.archive().await.gaps().len(), 1);
    // Killed at every page: each connection brings the newest page and one more.
    let mut connections = 0;
    while ann.archive().await.holes().next().is_some() {
        ann.newest(&server).await.unwrap();
        server.breaks_after.set(Some(1));
        let broken = ann.fill(&server, Goal::Kept { now: NOON }).await;
        server.breaks_after.set(None);
        connections += 1;
        assert!(connections < 20);
        assert!(broken.is_ok() || broken.unwrap_err().kind == FaultKind::Offline);
    }
    assert_eq!(connections, 10);
    ann.assert_whole(2_540).await;
    assert_eq!(ann.receipts().await, 2_500, "all of these were missed");
}

#[tokio::test]
async fn two_holes_close_one_after_the_other() {
    let (server, ann) = (Server::default(), Ann::new().await);
    for _ in 0..3 {
        server.bo_says(600);
        ann.newest(&server).await.unwrap();
    }
    assert_eq!(ann.archive().await.gaps().len(), 2);
    ann.fill(&server, Goal::Kept { now: NOON }).await.unwrap();
    ann.assert_whole(1_800).await;
}

#[tokio::test]
async fn servers_may_give_less() {
    let ann = Ann::new().await;
    let server = Server {
        limit: Some(7),
        ..Server::default()
    };
    server.bo_says(100);
    ann.catch_up(&server).await;
    ann.assert_whole(100).await;
}

#[tokio::test]
async fn a_page_that_repeats_is_a_fault() {
    let (server, ann) = (Server::default(), Ann::new().await);
    server.bo_says(600);
    server.manner.set(Manner::Repeats);
    ann.newest(&server).await.unwrap();
    let fault = ann.fill(&server, Goal::Kept { now: NOON }).await;
    assert_eq!(fault.unwrap_err().kind, FaultKind::Refused);
    server.manner.set(Manner::Good);
    ann.fill(&server, Goal::Kept { now: NOON }).await.unwrap();
    let texts = ann.texts("bo@x").await;
    assert_eq!(texts.len(), 600);
}

#[tokio::test]
async fn items_that_come_several_times_are_one() {
    let (server, ann) = (Server::default(), Ann::new().await);
    server.bo_says(300);
    server.manner.set(Manner::Doubles);
    ann.catch_up(&server).await;
    assert_eq!(ann.texts("bo@x").await.len(), 300);
}

#[tokio::test]
async fn two_messages_under_one_id_are_two() {
    let (server, ann) = (Server::default(), Ann::new().await);
    server.bo_says(3);
    let id = server.items.borrow()[1].archive_id.clone();
    server.items.borrow_mut()[2].archive_id = id;
    ann.catch_up(&server).await;
    ann.catch_up(&server).await;
    assert_eq!(ann.texts("bo@x").await, ["0", "1", "2"]);
}

#[tokio::test]
async fn an_empty_page_is_not_believed_at_once() {
    for at_the_newest in [true, false] {
        let (server, ann) = (Server::default(), Ann::new().await);
        server.bo_says(300);
        if !at_the_newest {
            ann.newest(&server).await.unwrap();
        }
        server.manner.set(Manner::EmptyOnce);
        ann.catch_up(&server).await;
        ann.assert_whole(300).await;
    }
}

#[tokio::test]
async fn an_empty_page_does_not_make_a_chat_whole() {
    let (server, ann) = (Server::default(), Ann::new().await);
    server.bo_says(150);
    ann.newest(&server).await.unwrap();
    server.manner.set(Manner::EmptyOnce);
    assert_eq!(ann.older(&server).await, (50, true));
    assert_eq!(ann.texts("bo@x").await.len(), 150);
}

#[tokio::test]
async fn what_the_server_threw_away_is_gone_and_the_rest_goes_on() {
    let (server, ann) = (Server::default(), Ann::new().await);
    server.bo_says(200);
    ann.newest(&server).await.unwrap();
    server.bo_says(800);
    ann.newest(&server).await.unwrap();
    // The id that is asked by next, and no other.
    let anchor = ann.archive().await.holes().next().unwrap().anchor;
    server
        .items
        .borrow_mut()
        .retain(|item| item.archive_id != anchor);
    ann.fill(&server, Goal::Kept { now: NOON }).await.unwrap();
    assert_eq!(ann.texts("bo@x").await.len(), 1_000);

    server.bo_says(600);
    ann.newest(&server).await.unwrap();
    let left = server.items.borrow().len() - 100;
    server.expire(left + 50);
    ann.fill(&server, Goal::Kept { now: NOON }).await.unwrap();
    let archive = ann.archive().await;
    assert!(archive.holes().next().is_none(), "{archive:?}");
    assert_eq!(ann.texts("bo@x").await.len(), 1_100);
}

#[tokio::test]
async fn whole_seconds_keep_their_order_across_pages() {
    let ann = Ann::new().await;
    let server = Server {
        limit: Some(7),
        ..Server::default()
    };
    server.manner.set(Manner::Seconds);
    let say = |count: usize| {
        for _ in 0..count {
            let number = server.items.borrow().len();
            let said = text("bo@x", "ann@x", &format!("o{number}"), &number.to_string());
            // Five to a second.
            server.put(said, NOON + i64::try_from(number).unwrap() * 200);
        }
    };
    say(52);
    ann.catch_up(&server).await;
    say(64);
    ann.catch_up(&server).await;
    ann.assert_whole(116).await;
}

#[tokio::test]
async fn no_more_is_fetched_than_is_wanted() {
    let (server, ann) = (Server::default(), Ann::new().await);
    for number in 0_i64..1_000 {
        let said = text("bo@x", "ann@x", &format!("o{number}"), &number.to_string());
        server.put(said, NOON - (1_000 - number) * DAY);
    }
    let span = |span: HistorySpan| {
        let name = Some(span.name());
        ann.store
            .write(move |tx| tx.set_meta(key::HISTORY_SPAN, name))
    };
    span(HistorySpan::Year).await.unwrap();
    ann.catch_up(&server).await;
    let texts = ann.texts("bo@x").await;
    assert!((365..700).contains(&texts.len()), "{}", texts.len());
    assert!(ann.archive().await.older_missing());
    span(HistorySpan::Whole).await.unwrap();
    ann.catch_up(&server).await;
    ann.assert_whole(1_000).await;
}

#[tokio::test]
async fn the_chat_that_is_looked_at_comes_first() {
    let (server, ann) = (Server::default(), Ann::new().await);
    server.bo_says(150);
    for number in 0_i64..500 {
        let said = text("cy@x", "ann@x", &format!("c{number}"), "noise");
        server.put(said, NOON + 200_000 + number);
    }
    let said = text("bo@x", "ann@x", "o150", "150");
    server.put(said, NOON + 300_000);
    ann.newest(&server).await.unwrap();
    assert_eq!(ann.texts("bo@x").await, ["150"]);
    let before = ann.archive().await;
    assert_eq!(ann.older(&server).await, (100, false));
    assert_eq!(ann.texts("bo@x").await.len(), 101);
    assert_eq!(ann.older(&server).await, (50, true));
    let asked = server.asked.get();
    assert_eq!(ann.older(&server).await, (0, true));
    assert_eq!(server.asked.get(), asked, "known");
    assert_eq!(ann.archive().await, before);
    ann.fill(&server, Goal::Kept { now: NOON }).await.unwrap();
    let numbers: Vec<String> = (0..=150).map(|number| number.to_string()).collect();
    assert_eq!(ann.texts("bo@x").await, numbers);
    assert_eq!(ann.texts("cy@x").await.len(), 500);
}

/// Applies what comes live.
pub(super) async fn live(ann: &Ann, inbound: Inbound, now: Millis, is_current: bool) {
    let effects = ingest::effects(inbound, &self::ann(), now, true);
    ann.store
        .write(move |tx| {
            let mut effects = effects;
            ingest::apply_newest(tx, &mut effects, is_current)?;
            for effect in &effects {
                if let ingest::Effect::Reached { id, at } = effect
                    && is_current
                {
                    super::reached(tx, id, *at, 1, false)?;
                }
            }
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_says_nothing_is_read_past() {
    let (server, ann) = (Server::default(), Ann::new().await);
    server.bo_says(600);
    server.receipts_come(300);
    ann.newest(&server).await.unwrap();
    assert!(ann.texts("bo@x").await.is_empty());
    ann.fill(&server, Goal::Said).await.unwrap();
    let here = ann.texts("bo@x").await;
    assert_eq!(here.last().unwrap(), "599");
    assert!(here.len() < 600, "{}", here.len());
    let asked = server.asked.get();
    ann.fill(&server, Goal::Said).await.unwrap();
    assert_eq!(server.asked.get(), asked, "it is here already");
}

#[tokio::test]
async fn what_says_nothing_is_not_read_for_ever() {
    let (server, ann) = (Server::default(), Ann::new().await);
    server.bo_says(1);
    server.receipts_come(5_000);
    ann.newest(&server).await.unwrap();
    ann.fill(&server, Goal::Said).await.unwrap();
    assert!(ann.texts("bo@x").await.is_empty());
    assert!(
        server.asked.get() <= 2 + reading::LOOKS,
        "{}",
        server.asked.get()
    );
}

/// ejabberd stores what was for a dead stream when it gives that up, in its place of long ago.
#[tokio::test]
async fn what_is_stored_late_is_found() {
    let ann = Ann::new().await;
    let server = Server::default();
    server.bo_says(80);
    let late = server.items.borrow_mut().remove(70);
    ann.catch_up(&server).await;
    // More than a page comes, and among it what was missing.
    server.bo_says(150);
    ann.catch_up(&server).await;
    server.items.borrow_mut().insert(70, late);
    ann.newest_and_again(&server, NOON + 200_000).await;
    let before = ann.texts("bo@x").await;
    assert!(!before.contains(&"70".to_owned()), "not looked for there");
    ann.newest_and_again(&server, NOON + 60_000).await;
    let texts = ann.texts("bo@x").await;
    assert_eq!(texts[69..72], ["69", "70", "71"], "in its place");
    assert_eq!(texts.len(), before.len() + 1);
}
