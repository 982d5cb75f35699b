//! What is done with a stranger's XML around a voice message, and what must hold whatever it says. Shared by the fuzz
//! target and by `crates/xmpp/tests/hostile.rs`.

use minidom::Element;
use xmpp::{BareJid, Inbound, IncomingMessage, Stanza, VoiceNote};

const NS: &str = "urn:millet:voice:0";
/// What `docs/protocol/voice.md` promises.
const MOST_PEAKS: usize = 512;
const A_DAY: u32 = 86_400_000;

/// The bytes as XML inside a message, and as the values of a well-formed voice message: the first line its duration, the
/// second its peaks, the third the id of what was listened to.
pub fn peaks_element(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let _ = as_xml(text);
    let _ = as_values(text);
}

/// XML from the wire, inside a message. `None` where it is none, or no message.
pub fn as_xml(inside: &str) -> Option<IncomingMessage> {
    let xml = format!(
        "<message xmlns='jabber:client' type='chat' from='a@x/1' to='b@x'>{inside}</message>"
    );
    read(xml.parse().ok()?)
}

/// A message with these values.
pub fn as_values(text: &str) -> Option<IncomingMessage> {
    // What no document can hold the reader never sees.
    let text: String = text
        .chars()
        .filter(|c| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}'))
        .collect();
    let mut lines = text.splitn(3, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (duration, peaks, id) = (next(), next(), next());
    let voice = Element::builder("voice", NS)
        .attr("duration".try_into().ok()?, duration)
        .append(Element::builder("peaks", NS).append(peaks))
        .build();
    let heard = Element::builder("heard", NS)
        .attr("id".try_into().ok()?, id)
        .build();
    let message = Element::builder("message", "jabber:client")
        .attr("from".try_into().ok()?, "a@x/1")
        .append(voice)
        .append(heard)
        .build();
    let found = read(message)?;
    // What is promised to be read is read, and nothing else.
    let told = duration
        .trim()
        .parse::<u32>()
        .ok()
        .filter(|ms| *ms <= A_DAY);
    assert_eq!(
        found.voice.as_ref().map(|voice| voice.duration_ms),
        told,
        "{duration:?}"
    );
    Some(found)
}

fn read(message: Element) -> Option<IncomingMessage> {
    let own = BareJid::new("b@x").expect("an address");
    let stanza = Stanza::try_from(message).ok()?;
    let message = match xmpp::inbound(stanza, &own) {
        Inbound::Message(message) | Inbound::Carbon { message, .. } => message,
        _ => return None,
    };
    if let Some(VoiceNote { duration_ms, peaks }) = &message.voice {
        assert!(*duration_ms <= A_DAY, "{duration_ms}");
        assert!(peaks.len() <= MOST_PEAKS, "{} peaks", peaks.len());
    }
    if let Some(id) = &message.heard {
        assert!(!id.is_empty() && id.len() <= 4_096, "{} bytes", id.len());
    }
    Some(message)
}
