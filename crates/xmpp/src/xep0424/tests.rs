use super::*;
use crate::inbound::incoming;

fn read(xml: &str) -> crate::IncomingMessage {
    let element: Element = xml.parse().unwrap();
    incoming(
        element.try_into().unwrap(),
        &"lord@capulet.example".parse().unwrap(),
    )
}

/// Example 4 of the text.
#[test]
fn the_example_takes_back_and_says_nothing() {
    let message = read(
        "<message xmlns='jabber:client' type='chat' to='lord@capulet.example' id='retract-message-1'>
           <retract id='wrong-recipient-1' xmlns='urn:xmpp:message-retract:1'/>
           <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>
           <body>/me retracted a previous message, but it's unsupported by your client.</body>
           <store xmlns='urn:xmpp:hints'/>
         </message>",
    );
    assert_eq!(message.retracts.as_deref(), Some("wrong-recipient-1"));
    assert_eq!(message.body, None);
    let built = build("wrong-recipient-1");
    assert_eq!(parse(&built), message.retracts);
}

/// The message inside example 7.
#[test]
fn the_archive_keeps_a_tombstone() {
    let message = read(
        "<message xmlns='jabber:client' type='chat' from='romeo@montague.example' to='lord@capulet.example' id='wrong-recipient-1'>
           <retracted stamp='2019-09-20T23:09:32Z' xmlns='urn:xmpp:message-retract:1' id='retract-message-1'/>
         </message>",
    );
    assert!(message.tombstone);
    assert_eq!(message.retracts, None);
}
