//! What is read on one device is read on the others (XEP-0490). Kim asks for no markers, so nothing else could tell them.

use std::sync::Arc;

use api::{DeskOrder, MarkRead, MessageRow, MessageState, PutAway, Unheard};
use serde_json::{Value, json};
use testkit::server::{Cut, Kind, Options, Server};
use testkit::slixmpp::Slixmpp;

use crate::foreign::slixmpp;
use crate::person::{Account, Home, Person, mute};
use crate::place::{self, Way};
use crate::seen::PATIENCE;
use crate::sound::SPEECH;
use crate::witness;

fn writes(kim: &mut Slixmpp, to: &str, body: &str) {
    let xml = format!(
        "<message xmlns='jabber:client' to='{to}' type='chat' id='{body}'><body>{body}</body></message>"
    );
    kim.tell(&json!({ "do": "raw", "xml": xml })).unwrap();
}

async fn read(person: &Person, row: &MessageRow) {
    let (chat, upto) = (row.chat, row.id);
    person.ask(MarkRead { chat, upto }).await.unwrap();
}

async fn unread(person: &Person, with: &str, count: u32) {
    person
        .until_true(&format!("{count} unread"), |seen| {
            seen.chat(with).is_some_and(|chat| chat.unread == count)
        })
        .await;
}

/// Waits until the account says that `chat` was displayed up to the message with this text.
async fn account_says(account: &Account, chat: &str, body: &str) {
    let archive = witness::archive(account).await;
    let wanted = archive
        .iter()
        .find(|item| item.message.body.as_deref() == Some(body))
        .unwrap();
    let says = async {
        loop {
            let told = witness::displayed(account).await;
            let told = told.iter().find(|told| told.chat.as_str() == chat);
            if told.is_some_and(|told| told.id == wanted.archive_id) {
                return;
            }
        }
    };
    let said = tokio::time::timeout(PATIENCE, says).await;
    said.unwrap_or_else(|_| panic!("the account to know that {body:?} was read"));
}

/// Live, and after having been away; and what was read without a connection, by an app that is gone before there is one.
async fn what_is_read_on_one_is_read_on_the_other(server: &Server) {
    let network = Cut::start(server.http_port()).unwrap();
    let account = Account::new(server, "ann");
    let behind = account.over(Way::WebSocket.behind(server, network.port()));
    let desk = Person::sign_in(&account, mute()).await;
    let phone = Person::sign_in(&behind, mute()).await;
    let mut kim = slixmpp(server, "kim");
    let kims = kim.address().to_owned();

    writes(&mut kim, &account.address, "one");
    let (at_desk, _) = tokio::join!(desk.hears("one"), phone.hears("one"));
    tokio::join!(unread(&desk, &kims, 1), unread(&phone, &kims, 1));
    read(&desk, &at_desk).await;
    tokio::join!(unread(&desk, &kims, 0), unread(&phone, &kims, 0));

    let home = phone.close().await;
    for body in ["two", "three", "four"] {
        writes(&mut kim, &account.address, body);
    }
    let three = desk.hears("three").await;
    desk.hears("four").await;
    read(&desk, &three).await;
    account_says(&account, &kims, "three").await;
    let phone = Person::start(&behind, home).await;
    phone.online().await;
    unread(&phone, &kims, 1).await;
    unread(&desk, &kims, 1).await;

    network.cut();
    phone
        .until_true("no connection", |seen| !seen.is_online())
        .await;
    let timeline = phone.timeline(&kims).await;
    read(&phone, timeline.last().unwrap()).await;
    unread(&phone, &kims, 0).await;
    let home = phone.close().await;
    network.heal();
    let phone = Person::start(&behind, home).await;
    unread(&desk, &kims, 0).await;
    account_says(&account, &kims, "four").await;

    // What was read further meanwhile is not taken back by one that comes late.
    unread(&phone, &kims, 0).await;
    let marker = |event: &Value| !event["displayed"].is_null();
    assert!(!kim.events().iter().any(marker), "{:?}", kim.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn read_on_all_devices_of_ejabberd() {
    let server = place::ejabberd();
    what_is_read_on_one_is_read_on_the_other(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn read_on_all_devices_of_prosody() {
    let server = Server::start(Kind::Prosody, Options::on("localhost")).unwrap();
    what_is_read_on_one_is_read_on_the_other(&server).await;
}

/// So often it is asked again.
const AGAIN: std::time::Duration = std::time::Duration::from_millis(50);

/// Waits until so much voice is to be heard.
async fn unheard(person: &Person, count: u32) {
    let waiting = async {
        loop {
            let order = DeskOrder::Time;
            if person.ask(Unheard { order }).await.unwrap().total == count {
                return;
            }
            tokio::time::sleep(AGAIN).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    waited.unwrap_or_else(|_| panic!("{count} to be heard"));
}

/// Waits until the account says that so many were heard.
async fn told(account: &Account, count: usize) {
    let waiting = async {
        while witness::heard(account).await != count {
            tokio::time::sleep(AGAIN).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    waited.unwrap_or_else(|_| panic!("{count} told of"));
}

async fn put_away(person: &Person) {
    let order = DeskOrder::Time;
    let waiting = person.ask(Unheard { order }).await.unwrap().rows;
    let messages = waiting.into_iter().map(|row| row.message.id).collect();
    person.ask(PutAway { messages }).await.unwrap();
}

/// Live, after having been away, and by an app that is gone before it can tell; the other side hears of nothing.
async fn what_is_heard_on_one_is_heard_on_the_other(server: &Server) {
    let network = Cut::start(server.http_port()).unwrap();
    let account = Account::new(server, "ann");
    let behind = account.over(Way::WebSocket.behind(server, network.port()));
    let desk = Person::sign_in(&account, mute()).await;
    let phone = Person::sign_in(&behind, mute()).await;
    let bo = Person::sign_in(&Account::new(server, "bo"), SPEECH.fast()).await;

    let first = bo.speak(&account.address).await;
    tokio::join!(unheard(&desk, 1), unheard(&phone, 1));
    put_away(&desk).await;
    unheard(&phone, 0).await;

    let home = phone.close().await;
    let second = bo.speak(&account.address).await;
    unheard(&desk, 1).await;
    put_away(&desk).await;
    told(&account, 2).await;
    let phone = Person::start(&behind, home).await;
    phone.hears_voices(1).await;
    unheard(&phone, 0).await;

    let third = bo.speak(&account.address).await;
    unheard(&phone, 1).await;
    network.cut();
    phone
        .until_true("no connection", |seen| !seen.is_online())
        .await;
    put_away(&phone).await;
    let home = phone.close().await;
    unheard(&desk, 1).await;
    network.heal();
    let phone = Person::start(&behind, home).await;
    unheard(&desk, 0).await;
    unheard(&phone, 0).await;
    for voice in [first, second, third] {
        bo.reaches(voice, MessageState::Delivered).await;
        let state = bo.look(|seen| seen.state(voice));
        assert!(state < Some(MessageState::Heard), "{state:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heard_on_all_devices_of_ejabberd() {
    let server = place::ejabberd();
    what_is_heard_on_one_is_heard_on_the_other(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heard_on_all_devices_of_prosody() {
    let server = Server::start(Kind::Prosody, Options::on("localhost")).unwrap();
    what_is_heard_on_one_is_heard_on_the_other(&server).await;
}

/// The id that the archive of `by` gave, as it stands in a message that slixmpp tells of.
fn stanza_id(event: &Value, by: &str) -> String {
    let xml: minidom::Element = event["xml"].as_str().unwrap().parse().unwrap();
    let is_it = |child: &&minidom::Element| {
        child.is("stanza-id", "urn:xmpp:sid:0") && child.attr("by") == Some(by)
    };
    let id = xml.children().find(is_it).unwrap();
    id.attr("id").unwrap().to_owned()
}

/// A device of ann's with another client, both ways.
#[tokio::test(flavor = "multi_thread")]
async fn another_client_of_the_same_account() {
    const NODE: &str = "urn:xmpp:mds:displayed:0";
    let server: Arc<Server> = place::ejabberd();
    let account = Account::new(&server, "ann");
    let ann = Person::open(&account, Home::new(), crate::person::env(mute())).await;
    ann.ask(account.sign_in()).await.unwrap();
    ann.online().await;
    let name = account.address.split('@').next().unwrap();
    let mut other = Slixmpp::sign_in(&server, name, &account.password).unwrap();
    let mut kim = slixmpp(&server, "kim");
    let kims = kim.address().to_owned();

    writes(&mut kim, &account.address, "one");
    writes(&mut kim, &account.address, "two");
    ann.hears("one").await;
    ann.hears("two").await;
    unread(&ann, &kims, 2).await;
    let hears = |body: &'static str| {
        other
            .until(body, |event| (event["body"] == body).then(|| event.clone()))
            .unwrap()
    };
    let (one, two) = (hears("one"), hears("two"));
    let one = stanza_id(&one, &account.address);
    let two = stanza_id(&two, &account.address);
    let payload = format!(
        "<displayed xmlns='{NODE}'><stanza-id xmlns='urn:xmpp:sid:0' by='{}' id='{one}'/></displayed>",
        account.address
    );
    other
        .tell(&json!({ "do": "publish", "node": NODE, "id": kims, "xml": payload }))
        .unwrap();
    let published = |event: &Value| (event["event"] == "published").then_some(());
    other.until("publishing", published).unwrap();
    unread(&ann, &kims, 1).await;

    // The node was made without our options, and made private with our first item.
    let timeline = ann.timeline(&kims).await;
    read(&ann, timeline.last().unwrap()).await;
    let told = |event: &Value| {
        let xml = event["xml"].as_str()?;
        (xml.contains(NODE) && xml.contains(&two)).then_some(())
    };
    other.until("what ann read", told).unwrap();
}
