use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::inspect::MAX_DEPTH;

const HEADER: &str = "<?xml version='1.0'?>\n<stream:stream xmlns='jabber:client' id='a>b\"/' \
    xmlns:stream=\"http://etherx.jabber.org/streams\" xmlns:db='jabber:server:dialback' version='1.0'>";

/// What servers write: two headers, the second with no declaration and then again with one, and all of XML they may use.
const CONVERSATION: &[&str] = &[
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='2' version='1.0' >",
    "<stream:features/>",
    " \n",
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
     xmlns:db='jabber:server:dialback'>",
    "<message to='bo@y' xml:lang='zh'><body>语音 &lt;&amp;&gt; 🎤 > ]]</body><x a='/' b=\"'/>\" xmlns='jabber:x:oob'/></message >",
    " ",
    "<message\n><body><![CDATA[</message><a b=\"]]]></body><db:result/></message>",
    "<presence/>",
    "<iq type='result' id='/'/>",
    "<r xmlns='urn:xmpp:sm:3' />",
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    "</stream:stream>",
];

fn feed<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<String, FramingError> {
    let (mut guard, mut out) = (Guard::new(), BytesMut::new());
    for chunk in chunks {
        guard.feed(chunk, &mut out)?;
    }
    Ok(String::from_utf8(out.to_vec()).unwrap())
}

/// What becomes of an element on an open stream, apart from announcements.
fn after_header_comes(element: &str) -> Result<String, FramingError> {
    let out = feed([HEADER.as_bytes(), element.as_bytes()])?;
    Ok(out.strip_prefix(HEADER).unwrap().trim_start().to_owned())
}

#[test]
fn everything_goes_on_as_soon_as_it_is_whole() {
    let (mut guard, mut out) = (Guard::new(), BytesMut::new());
    let mut expected = String::new();
    for part in [HEADER].iter().chain(CONVERSATION) {
        for byte in part.as_bytes() {
            guard.feed(&[*byte], &mut out).unwrap();
        }
        expected += part;
        assert_eq!(std::str::from_utf8(&out).unwrap(), expected);
    }
}

#[test]
fn what_must_not_pass_becomes_an_empty_stanza() {
    let long = "x".repeat(9000);
    let within = |inside: &str| format!("<message from='eve@y'>{inside}</message>");
    let nested = |levels: usize| within(&("<a>".repeat(levels) + &"</a>".repeat(levels)));
    let empty = String::from_utf8(empty_stanza()).unwrap();
    assert_eq!(
        after_header_comes(&nested(MAX_DEPTH - 1)).unwrap(),
        nested(MAX_DEPTH - 1)
    );
    for stanza in [
        nested(MAX_DEPTH),
        nested(6000),
        within(&format!("<x a='{long}'/>")),
        within(&format!("<x xmlns:unused='{long}'/>")),
        within(&format!("<{long}/>")),
        format!("<iq id='{long}'/>"),
        format!("<presence><x a='{long}'/></presence>"),
        within(&"x".repeat(2 << 20)),
        within(&format!("<x a='{}'/>", "x".repeat(2 << 20))),
        format!("<message a='{}'/>", "x".repeat(2 << 20)),
        within(&"<a>".repeat(400_000).replace("<a>", "<a></a>")),
        within("<undeclared:a/>"),
        within("<x a='1' a='2'/>"),
        within("<a></b>"),
        within("&nbsp;"),
        within("\u{0}"),
    ] {
        let next = "<message><body>next</body></message>";
        let got = after_header_comes(&format!("{stanza}{stanza}{next}")).unwrap();
        assert_eq!(got, format!("{empty}{empty}{next}"), "{stanza:.60}");
    }
}

#[test]
fn what_is_no_stanza_and_must_not_pass_ends_the_stream() {
    let long = "x".repeat(9000);
    for element in [
        format!("<stream:features><x a='{long}'/></stream:features>"),
        "<message><!-- comment --></message>".to_owned(),
        "text".to_owned(),
        "<![CDATA[text]]>".to_owned(),
        "<message><?instruction?></message>".to_owned(),
    ] {
        assert_eq!(
            after_header_comes(&element),
            Err(FramingError::Malformed),
            "{element:.60}"
        );
    }
    let endless = format!("<stream:features>{}", "x".repeat(2 << 20));
    assert_eq!(after_header_comes(&endless), Err(FramingError::TooLarge));
    assert_eq!(feed([&b"HTTP/1.1 400"[..]]), Err(FramingError::Malformed));
    assert_eq!(feed([&b"</a>"[..]]), Err(FramingError::Malformed));
    let header = format!("<stream:stream a='{}'", "x".repeat(2 << 20));
    assert_eq!(feed([header.as_bytes()]), Err(FramingError::TooLarge));
}

#[test]
fn a_long_element_is_announced_and_little_is_held() {
    let (mut guard, mut out) = (Guard::new(), BytesMut::new());
    guard.feed(HEADER.as_bytes(), &mut out).unwrap();
    guard.feed(b"<message><body>", &mut out).unwrap();
    out.clear();
    let chunk = "x".repeat(CHUNK);
    for _ in 0..1000 {
        guard.feed(chunk.as_bytes(), &mut out).unwrap();
        assert!(guard.held.len() <= MAX_ELEMENT + CHUNK);
    }
    assert_eq!(out.len(), 1000 * CHUNK / ANNOUNCED);
    assert!(out.iter().all(|byte| *byte == b' '));
}

#[tokio::test]
async fn what_came_before_a_fault_is_read_first_and_reading_may_be_given_up() {
    let (mut server, ours) = tokio::io::duplex(64);
    let mut guarded = Guarded::new(ours);
    let mut said = Vec::new();
    let mut byte = [0];
    for part in [
        HEADER,
        "<message><body>a</",
        "body></message>",
        "<presence/>text",
    ] {
        let (written, ()) = tokio::join!(server.write_all(part.as_bytes()), async {
            // Each read is given up whenever nothing is there yet.
            for _ in 0..1000 {
                tokio::select! {
                    biased;
                    Ok(1) = guarded.read(&mut byte) => said.extend(byte),
                    () = tokio::task::yield_now() => {}
                }
            }
        });
        written.unwrap();
    }
    let expected = format!("{HEADER}<message><body>a</body></message><presence/>");
    assert_eq!(String::from_utf8(said).unwrap(), expected);
    let error = guarded.read(&mut byte).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[tokio::test]
async fn an_end_amid_an_element_is_an_end() {
    let (mut server, ours) = tokio::io::duplex(4096);
    server.write_all(HEADER.as_bytes()).await.unwrap();
    server.write_all(b"<message><bo").await.unwrap();
    drop(server);
    let mut said = String::new();
    Guarded::new(ours).read_to_string(&mut said).await.unwrap();
    assert_eq!(said, HEADER);
}

/// Elements of any shape, as a server writes them.
fn any_element() -> impl Strategy<Value = String> {
    let value = "([\\PC&&[^<&']]|&(lt|amp|apos|#x1F3A4);){0,12}";
    let text = "([\\PC&&[^<&]]|&(lt|gt|amp);){0,12}".prop_map(|text| text.replace("]]>", ""));
    let leaf = prop_oneof![
        text,
        Just("<![CDATA[<a>]]]]>".to_owned()),
        Just("<e/>".to_owned())
    ];
    leaf.prop_recursive(6, 40, 5, move |inner| {
        (value, prop::collection::vec(inner, 0..5))
            .prop_map(|(value, inside)| format!("<a b='{value}' c=\"/>\">{}</a>", inside.concat()))
    })
}

proptest! {
    #[test]
    fn any_chunks_of_an_ordinary_stream_come_out_as_they_went_in(
        stanzas in prop::collection::vec(any_element(), 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let mut whole = HEADER.to_owned();
        for stanza in stanzas {
            whole += &format!("<message>{stanza}</message>\n");
        }
        whole += &CONVERSATION.concat();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(whole.len())).collect();
        cuts.extend([0, whole.len()]);
        cuts.sort_unstable();
        let chunks = cuts.windows(2).map(|w| &whole.as_bytes()[w[0]..w[1]]);
        prop_assert_eq!(feed(chunks), Ok(whole.clone()));
    }

    /// Whatever is passed on, a parser like the one above can read it, and nothing is deep.
    #[test]
    fn nothing_that_passes_breaks_the_parser(
        junk in "(<message|<a b='|</message>|</a>|/>|[<>/a-z ='\"&;?!]|\\]\\]>|<!\\[CDATA\\[|\\PC){0,40}",
    ) {
        let (mut guard, mut out) = (Guard::new(), BytesMut::new());
        guard.feed(HEADER.as_bytes(), &mut out).unwrap();
        let _ = guard.feed(junk.as_bytes(), &mut out);
        let passed = out.strip_prefix(HEADER.as_bytes()).unwrap();
        // A new beginning and the end are not judged, and nothing comes after what breaks them.
        if guard.header == HEADER.as_bytes() && !guard.ended {
            prop_assert!(after_header(&out).is_ok(), "{:?}", String::from_utf8_lossy(passed));
        }
    }
}
