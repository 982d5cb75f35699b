//! What is tried on every text that may be a voice element. Shared by the fuzzer and by `crates/xmpp/tests/hostile.rs`.

use xmpp::{BareJid, Inbound, Stanza, inbound};

/// The most peaks that are ever read.
const PEAKS: usize = 512;

/// `text` in the place of the children of a message from somebody.
pub fn message(text: &str) {
    let stanza = format!(
        "<message xmlns='jabber:client' from='bo@example.org/x' to='ann@example.org' type='chat' id='1'>\
         <body>sound</body>{text}</message>"
    );
    let Ok(element) = stanza.parse::<minidom::Element>() else {
        return;
    };
    let Ok(stanza) = Stanza::try_from(element) else {
        return;
    };
    let own = BareJid::new("ann@example.org").expect("an address");
    if let Inbound::Message(incoming) = inbound(stanza, &own) {
        let shown = format!("{incoming:?}");
        assert!(shown.len() < 64 * 1024 + 16 * text.len());
        if let Some(voice) = &incoming.voice {
            assert!(voice.peaks.len() <= PEAKS);
        }
    }
}

/// `bytes` as the words of the peaks, and as the duration.
pub fn peaks(bytes: &[u8]) {
    let text: String = String::from_utf8_lossy(bytes)
        .chars()
        .filter(|c| !matches!(c, '<' | '&' | '\'' | '"'))
        .collect();
    let (duration, peaks) = text.split_at(text.floor_char_boundary(text.len().min(12)));
    message(&format!(
        "<voice xmlns='urn:millet:voice:0' duration='{duration}'><peaks>{peaks}</peaks></voice>"
    ));
    message(&format!("<heard xmlns='urn:millet:voice:0' id='{text}'/>"));
    message(&String::from_utf8_lossy(bytes));
}
