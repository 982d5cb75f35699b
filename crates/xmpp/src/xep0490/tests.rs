use super::*;
use crate::xep0223::{Options, items, page_end, publish};
use crate::{Inbound, Stanza, inbound};

/// The examples of the text write "montegue" so.
const ROMEO: &str = "romeo@montegue.lit";
const FIRST: &str = "0f710f2b-52ed-4d52-b928-784dad74a52b";

fn juliet() -> BareJid {
    "juliet@capulet.lit".parse().unwrap()
}

fn romeo(id: &str) -> Displayed {
    Displayed {
        chat: ROMEO.parse().unwrap(),
        id: id.to_owned(),
    }
}

/// Without the white space between elements, which the writer of the text put there.
fn example(xml: &str) -> Element {
    let flat: String = xml
        .lines()
        .map(|line| line.strip_prefix(" by=").map_or(line.trim(), |_| line))
        .collect();
    flat.parse().unwrap()
}

/// The first example of §4.2. Types of fields may stand in what is submitted (XEP-0004 §3.2), and ours do.
#[test]
fn it_is_published_as_in_the_example() {
    let expected = example(
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'>
    <publish node='urn:xmpp:mds:displayed:0'>
      <item id='romeo@montegue.lit'>
        <displayed xmlns='urn:xmpp:mds:displayed:0'>
          <stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.lit' id='0f710f2b-52ed-4d52-b928-784dad74a52b'/>
        </displayed>
      </item>
    </publish>
    <publish-options>
      <x xmlns='jabber:x:data' type='submit'>
        <field var='FORM_TYPE' type='hidden'>
          <value>http://jabber.org/protocol/pubsub#publish-options</value>
        </field>
        <field var='pubsub#persist_items'>
          <value>true</value>
        </field>
        <field var='pubsub#max_items'>
          <value>max</value>
        </field>
        <field var='pubsub#send_last_published_item'>
          <value>never</value>
        </field>
        <field var='pubsub#access_model'>
          <value>whitelist</value>
        </field>
      </x>
    </publish-options>
  </pubsub>",
    );
    let built = String::from(&publish(
        NS,
        super::item(&romeo(FIRST), &juliet()),
        Options::All,
    ));
    let untyped: Element = built.replace(" type=\"text-single\"", "").parse().unwrap();
    assert_eq!(
        untyped,
        expected,
        "{}\n{}",
        String::from(&untyped),
        String::from(&expected)
    );
}

/// §4.4: the question, and its answer with a room that we leave alone.
#[test]
fn all_of_it_is_asked_for_and_read() {
    let question = items(NS, None);
    let list = question.get_child("items", ns::PUBSUB).unwrap();
    assert_eq!(list.attr("node"), Some(NS));
    let answer = example(
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'>
    <items node='urn:xmpp:mds:displayed:0'>
      <item id='romeo@montegue.lit'>
        <displayed xmlns='urn:xmpp:mds:displayed:0'>
          <stanza-id xmlns='urn:xmpp:sid:0' id='0f710f2b-52ed-4d52-b928-784dad74a52b' by='juliet@capulet.lit'/>
        </displayed>
      </item>
      <item id='example@conference.shakespeare.lit'>
        <displayed xmlns='urn:xmpp:mds:displayed:0'>
          <stanza-id xmlns='urn:xmpp:sid:0' id='ca21deaf-812c-48f1-8f16-339a674f2864'
 by='example@conference.shakespeare.lit'/>
        </displayed>
      </item>
    </items>
  </pubsub>",
    );
    assert_eq!(parse(&answer, &juliet()), Some(vec![romeo(FIRST)]));
    assert_eq!(page_end(&answer), None);
}

fn event(from: &str, items: &str) -> Inbound {
    let message = example(&format!(
        "<message xmlns='jabber:client' {from} to='juliet@capulet.lit/balcony' type='headline' id='new-displayed-pep-event'>
  <event xmlns='http://jabber.org/protocol/pubsub#event'>
    <items node='urn:xmpp:mds:displayed:0'>{items}</items>
  </event>
</message>"
    ));
    inbound(Stanza::Message(message.try_into().unwrap()), &juliet())
}

fn item(chat: &str, by: &str, id: &str) -> String {
    format!(
        "<item id='{chat}'><displayed xmlns='urn:xmpp:mds:displayed:0'>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='{id}'/></displayed></item>"
    )
}

/// The last example of §4.5.
#[test]
fn an_event_of_our_own_account_is_believed_and_nobody_elses() {
    let told = "0423e3a9-d516-493d-bb06-bee0e51ab9fb";
    let items = item(ROMEO, "juliet@capulet.lit", told);
    let believed = Inbound::Displayed(vec![romeo(told)]);
    assert_eq!(event("from='juliet@capulet.lit'", &items), believed);
    assert_eq!(
        event("", &items),
        believed,
        "by our server, RFC 6120 §8.1.2.1"
    );
    for from in [
        "from='romeo@montegue.lit'",
        "from='capulet.lit'",
        "from='juliet@capulet.lit/balcony'",
        "from='juliet@capulet.lit.example'",
    ] {
        let ignored = event(from, &items);
        assert!(
            matches!(ignored, Inbound::Ignored(_)),
            "{from}: {ignored:?}"
        );
    }
}

#[test]
fn what_names_no_message_of_ours_is_left_out() {
    let juliet = "juliet@capulet.lit";
    let items = [
        item("not an address", juliet, "a"),
        item("romeo@montegue.lit/orchard", juliet, "b"),
        item("montegue.lit", juliet, "c"),
        item(ROMEO, ROMEO, "d"),
        item(ROMEO, "juliet@capulet.lit/balcony", "e"),
        item(ROMEO, juliet, ""),
        item(ROMEO, juliet, &"f".repeat(2_000)),
        "<item id='romeo@montegue.lit'/><retract id='romeo@montegue.lit'/>".to_owned(),
        item(ROMEO, juliet, "g"),
    ];
    assert_eq!(
        event("from='juliet@capulet.lit'", &items.concat()),
        Inbound::Displayed(vec![romeo("g")])
    );
}
