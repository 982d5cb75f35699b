use xmpp_parsers::forwarding;

use super::*;

fn taken(message: &str) -> Option<Forwarded> {
    let wrapper = format!(
        "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>
         <delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/>{message}</forwarded></received>"
    );
    take(wrapper.parse().unwrap())
}

/// Word for word what the library reads, of all that is in a message.
#[test]
fn as_the_library_reads_it() {
    for message in [
        "<message xmlns='jabber:client' to='juliet@capulet.lit/balcony' from='romeo@montague.lit/orchard' type='chat' id='1'>\
         <body>Yet I should kill thee</body><active xmlns='http://jabber.org/protocol/chatstates'/>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.lit' id='5f3dbc5e'/></message>",
        "<message xmlns='jabber:client' from='romeo@montague.lit' xml:lang='en'>\n\
         <body xml:lang='de'>Hallo</body><body>Hello &amp; &lt;bye&gt;</body></message>",
        "<message xmlns='jabber:client' type='error'><error type='cancel'/></message>",
        "<message xmlns='jabber:client'/>",
    ] {
        let wrapper = format!("<forwarded xmlns='urn:xmpp:forward:0'>{message}</forwarded>");
        let library = forwarding::Forwarded::try_from(wrapper.parse::<Element>().unwrap()).unwrap();
        let ours = taken(message).unwrap();
        assert_eq!(ours.message, library.message, "{message}");
        assert_eq!(ours.at, Some(1_278_803_305_000));
    }
}

#[test]
fn an_unknown_type_is_none() {
    let odd = "<message xmlns='jabber:client' from='romeo@montague.lit' type='whisper'><body>hi</body></message>";
    let message = taken(odd).unwrap().message;
    assert_eq!(message.type_, MessageType::Normal);
    assert_eq!(message.bodies.len(), 1);
}

#[test]
fn what_is_no_message() {
    assert!(taken("").is_none());
    assert!(taken("<iq xmlns='jabber:client'/>").is_none());
    assert!(taken("<message xmlns='jabber:client' from='@@'/>").is_none());
    assert!(take("<received xmlns='urn:xmpp:carbons:2'/>".parse().unwrap()).is_none());
}
