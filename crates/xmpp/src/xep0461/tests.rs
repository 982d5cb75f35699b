use super::*;
use crate::inbound::incoming;

fn read(body: &str, marked: &str) -> crate::IncomingMessage {
    let xml = format!(
        "<message xmlns='jabber:client' to='anna@example.com' id='message-id3' type='chat'><body>{body}</body>\
         <reply to='anna@example.com/laptop' id='message-id1' xmlns='urn:xmpp:reply:0' />{marked}</message>"
    );
    let element: Element = xml.parse().unwrap();
    incoming(
        element.try_into().unwrap(),
        &"anna@example.com".parse().unwrap(),
    )
}

fn marked(start: usize, end: usize) -> String {
    format!(
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='{start}' end='{end}'/></fallback>"
    )
}

/// The first example of §3.
#[test]
fn a_reply_names_its_message() {
    let message = read("Great idea!", "");
    assert_eq!(message.body.as_deref(), Some("Great idea!"));
    let reply = message.reply.unwrap();
    assert_eq!(reply.id, "message-id1");
    assert_eq!(
        reply.to.as_ref().unwrap().as_str(),
        "anna@example.com/laptop"
    );
    assert_eq!(reply.quote, None);
    let built = build("message-id1", &"anna@example.com/laptop".parse().unwrap());
    assert_eq!(parse(&built), Some(reply));
}

/// The second one, its body without the indentation.
#[test]
fn the_quote_leaves_the_body() {
    let body = "&gt; Anna wrote:\n&gt; We should bake a cake\nGreat idea!";
    let message = read(body, &marked(0, 38));
    assert_eq!(message.body.as_deref(), Some("Great idea!"));
    let quote = message.reply.unwrap().quote;
    assert_eq!(quote.as_deref(), Some("Anna wrote:\nWe should bake a cake"));
}

#[test]
fn places_are_code_points() {
    let message = read("&gt; 你好👋🏽\n好", &marked(0, 7));
    assert_eq!(message.body.as_deref(), Some("好"));
    assert_eq!(message.reply.unwrap().quote.as_deref(), Some("你好👋🏽"));
}

#[test]
fn nonsense_leaves_the_body_as_it_is() {
    for (start, end) in [(0, 0), (9, 2), (0, 11), (0, 99), (50, 60)] {
        let message = read("Great idea!", &marked(start, end));
        assert_eq!(message.body.as_deref(), Some("Great idea!"));
        assert_eq!(message.reply.unwrap().quote, None);
    }
}
