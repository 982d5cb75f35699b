use proptest::prelude::*;

use super::*;
use crate::inspect::MAX_DEPTH;

/// What tokio-xmpp writes, from the header to the end, with the new start after SASL.
const CONVERSATION: &str = "<?xml version='1.0' encoding='utf-8'?>\n\
    <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='x.example' version='1.0'>\
    <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGE=</auth>\
    <?xml version='1.0' encoding='utf-8'?>\n\
    <stream:stream to='x.example' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>\
    <iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq> \n\
    <message to='bo@y' xml:lang='zh'><body>语音 &lt;&amp;&gt; 🎤</body><x xmlns='jabber:x:oob'><url>u</url></x></message>\
    <stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>";

const FRAMES: [&str; 7] = [
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='x.example' version='1.0'/>",
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGE=</auth>",
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='x.example' version='1.0'/>",
    "<iq xmlns='jabber:client' id='b' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    "<message xmlns='jabber:client' to='bo@y' xml:lang='zh'><body>语音 &lt;&amp;&gt; 🎤</body>\
     <x xmlns='jabber:x:oob'><url>u</url></x></message>",
    "<error xmlns='http://etherx.jabber.org/streams'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>",
    "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
];

fn dom(xml: &str) -> Element {
    xml.parse().unwrap_or_else(|e| panic!("{e}: {xml}"))
}

fn check(chunks: impl IntoIterator<Item = Vec<u8>>) {
    let mut splitter = Splitter::new();
    let frames: Vec<String> = chunks
        .into_iter()
        .flat_map(|c| splitter.feed(&c).unwrap())
        .collect();
    assert_eq!(frames.len(), FRAMES.len(), "{frames:#?}");
    for (got, expected) in frames.iter().zip(FRAMES) {
        assert_eq!(dom(got), dom(expected), "{got}");
    }
}

#[test]
fn in_one_piece_and_byte_by_byte() {
    check([CONVERSATION.as_bytes().to_vec()]);
    check(CONVERSATION.bytes().map(|b| vec![b]));
}

proptest! {
    #[test]
    fn any_chunks_give_the_same_frames(mut cuts in prop::collection::vec(0..CONVERSATION.len(), 0..40)) {
        cuts.extend([0, CONVERSATION.len()]);
        cuts.sort_unstable();
        check(cuts.windows(2).map(|w| CONVERSATION.as_bytes()[w[0]..w[1]].to_vec()));
    }

    #[test]
    fn what_goes_out_comes_in_again(body in "\\PC{1,200}", size in 1_usize..64) {
        let mut message = element("message", ns::JABBER_CLIENT, &[("to", "bo@y"), ("id", &body)]);
        message.append_child(Element::builder("body", ns::JABBER_CLIENT).append(body.as_str()).build());
        let sent = format!("<stream:stream xmlns='jabber:client' xmlns:stream='{}'>{}", ns::STREAM, String::from(&message));
        let mut splitter = Splitter::new();
        let frames: Vec<String> = sent.as_bytes().chunks(size).flat_map(|c| splitter.feed(c).unwrap()).collect();
        let received = incoming(&frames[1]).unwrap();
        prop_assert_eq!(dom(std::str::from_utf8(&received).unwrap()), message);
    }

    #[test]
    fn nothing_from_the_network_panics(frame in "(<(message|open|close|iq) ?(xmlns='jabber:client')?/?>|[<>/a-z ='\"&;]|\\PC){0,40}") {
        let _ = incoming(&frame);
        let _ = Splitter::new().feed(frame.as_bytes());
    }
}

#[test]
fn a_servers_messages() {
    let text = |frame: &str| incoming(frame).map(|b| String::from_utf8(b).unwrap());
    assert_eq!(
        text("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='x' id='a&apos;&lt;' version='1.0'/>").unwrap(),
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
         xmlns:stream='http://etherx.jabber.org/streams' version='1.0' from='x' id='a&#39;&lt;'>"
    );
    assert_eq!(
        text("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>").unwrap(),
        "</stream:stream>"
    );
    let message = "<message xmlns='jabber:client'><body>hi</body></message>";
    assert_eq!(text(&format!(" {message}\n")).unwrap(), message);
    assert_eq!(text("").unwrap(), "");
    assert_eq!(
        text("<a xmlns='urn:xmpp:sm:3' h='1'/><b/>"),
        Err(FramingError::Malformed)
    );
    assert_eq!(text("hello"), Err(FramingError::Malformed));
    assert_eq!(
        text(&"x".repeat(MAX_ELEMENT + 1)),
        Err(FramingError::TooLarge)
    );
}

#[test]
fn a_stanza_the_parser_cannot_take_does_not_end_the_stream() {
    let empty = Ok(b"<message xmlns='jabber:client'/>".to_vec());
    let long = "x".repeat(9000);
    assert_eq!(
        incoming(&format!(
            "<message xmlns='jabber:client'><x xmlns='y' a='{long}'/></message>"
        )),
        empty
    );
    assert_eq!(
        incoming(&format!("<message a='{long}' xmlns='jabber:client'/>")),
        empty
    );
    assert_eq!(
        incoming("<message xmlns='jabber:client'><body>a</message>"),
        empty
    );
    assert_eq!(
        incoming("<message xmlns='jabber:client'><a/></message></stream:stream>"),
        empty
    );
}

#[test]
fn a_stanza_too_deep_or_too_long_does_not_end_the_stream() {
    let nested = |levels: usize| {
        let (open, close) = ("<a>".repeat(levels), "</a>".repeat(levels));
        format!("<message xmlns='jabber:client'>{open}{close}</message>")
    };
    let deepest = nested(MAX_DEPTH - 1);
    assert_eq!(incoming(&deepest), Ok(deepest.clone().into_bytes()));
    let long = format!(
        "<message xmlns='jabber:client'><body>{}</body></message>",
        "x".repeat(MAX_ELEMENT)
    );
    for stanza in [nested(MAX_DEPTH), nested(6000), long] {
        assert_eq!(incoming(&stanza), Ok(empty_stanza()));
    }
    assert_eq!(
        incoming(&nested(6000).replace("message", "error")),
        Err(FramingError::Malformed)
    );
}

#[test]
fn an_element_without_end_is_refused() {
    let mut splitter = Splitter::new();
    let head = format!(
        "<stream:stream xmlns='jabber:client' xmlns:stream='{}'><message><body>",
        ns::STREAM
    );
    splitter.feed(head.as_bytes()).unwrap();
    let chunk = "x".repeat(64 * 1024);
    let refused = (0..20).find_map(|_| splitter.feed(chunk.as_bytes()).err());
    assert_eq!(refused, Some(FramingError::TooLarge));
}
