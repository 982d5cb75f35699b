//! Whether an element is of the plain kind that nearly all stanzas are, told in one pass over its bytes.
//!
//! [`super::inspect`] parses every element that tokio-xmpp parses again: a fifth of what it takes to read an archive. What
//! is plain beyond doubt need not be parsed to know that it can be. Yes is a promise that the parser says yes; no says
//! nothing. So whatever is rare is not plain: prefixes, comments, CDATA, numbered characters, long attributes.

use super::MAX_DEPTH;

/// Of an attribute's value; the parser takes twice as much.
const LONGEST_VALUE: usize = 4096;
/// Of a name.
const LONGEST_NAME: usize = 64;
/// Attributes of one element.
const MOST_ATTRIBUTES: usize = 16;

/// Whether `text` is exactly one stanza, and fit to be passed on beyond doubt.
pub(super) fn is_plain_stanza(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok() && Scan { text, at: 0 }.stanza().is_some()
}

/// Every step gives nothing where the text is not plain.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

enum Tag<'a> {
    Start(&'a [u8]),
    Empty(&'a [u8]),
}

impl<'a> Scan<'a> {
    fn stanza(mut self) -> Option<()> {
        self.skip(b'<')?;
        let mut open = Vec::with_capacity(16);
        let root = match self.start_tag()? {
            Tag::Empty(name) => name,
            Tag::Start(name) => {
                open.push(name);
                name
            }
        };
        if !matches!(root, b"message" | b"presence" | b"iq") {
            return None;
        }
        while !open.is_empty() {
            self.characters(b'<', usize::MAX)?;
            if self.peek()? == b'/' {
                self.at += 1;
                if open.pop()? != self.name()? {
                    return None;
                }
                self.spaces();
                self.skip(b'>')?;
            } else {
                match self.start_tag()? {
                    Tag::Start(name) => open.push(name),
                    // As deep as one that holds something.
                    Tag::Empty(_) if open.len() == MAX_DEPTH => return None,
                    Tag::Empty(_) => {}
                }
                if open.len() > MAX_DEPTH {
                    return None;
                }
            }
        }
        (self.at == self.text.len()).then_some(())
    }

    /// After `<`, to the end of the tag.
    fn start_tag(&mut self) -> Option<Tag<'a>> {
        let name = self.name()?;
        let mut seen = [&[][..]; MOST_ATTRIBUTES];
        let mut count = 0;
        loop {
            let spaces = self.spaces();
            match self.peek()? {
                b'>' => {
                    self.at += 1;
                    return Some(Tag::Start(name));
                }
                b'/' => {
                    self.at += 1;
                    self.skip(b'>')?;
                    return Some(Tag::Empty(name));
                }
                _ if spaces == 0 => return None,
                _ => {}
            }
            let attribute = self.attribute()?;
            if seen.get(..count)?.contains(&attribute) {
                return None;
            }
            *seen.get_mut(count)? = attribute;
            count += 1;
        }
    }

    /// One attribute; gives its name.
    fn attribute(&mut self) -> Option<&'a [u8]> {
        let language = b"xml:lang";
        let name = if self.rest().starts_with(language) {
            self.at += language.len();
            language
        } else {
            self.name()?
        };
        self.skip(b'=')?;
        let quote = self.peek().filter(|byte| matches!(byte, b'"' | b'\''))?;
        self.at += 1;
        let value = self.characters(quote, LONGEST_VALUE)?;
        // Two namespaces may not be declared.
        let reserved = name == b"xmlns" && value.starts_with(b"http://www.w3.org/");
        (!reserved).then_some(name)
    }

    /// Characters up to `end`, which is taken as well.
    fn characters(&mut self, end: u8, longest: usize) -> Option<&'a [u8]> {
        let from = self.at;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                _ if byte == end => break,
                b'<' | 0x7F => return None,
                b'&' => self.reference()?,
                // Not allowed after two brackets; not worth looking back.
                b']' if self.peek() == Some(b']') => return None,
                b'\t' | b'\n' | b'\r' | 0x20.. => {}
                _ => return None,
            }
            // U+FFFE and U+FFFF are no characters of XML.
            if byte == 0xEF && matches!(self.rest(), [0xBF, 0xBE | 0xBF, ..]) {
                return None;
            }
        }
        let taken = self.text.get(from..self.at - 1)?;
        (taken.len() <= longest).then_some(taken)
    }

    /// After `&`.
    fn reference(&mut self) -> Option<()> {
        let known = [&b"amp;"[..], b"lt;", b"gt;", b"quot;", b"apos;"];
        let reference = known
            .into_iter()
            .find(|reference| self.rest().starts_with(reference))?;
        self.at += reference.len();
        Some(())
    }

    fn name(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest();
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        let name = rest.get(..length.min(LONGEST_NAME + 1))?;
        let first = name.first()?;
        if name.len() > LONGEST_NAME || !(first.is_ascii_alphabetic() || *first == b'_') {
            return None;
        }
        self.at += length;
        Some(name)
    }

    fn spaces(&mut self) -> usize {
        let spaces = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let count = self.rest().iter().take_while(spaces).count();
        self.at += count;
        count
    }

    fn skip(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rxml::Parser;

    use super::*;
    use crate::inspect::parsed;

    const RESULT: &str = "<message to='ann@y/a' from='ann@y' xmlns='jabber:client'><result xmlns='urn:xmpp:mam:2' \
        queryid=\"q\" id='170'><forwarded xmlns='urn:xmpp:forward:0'><message xml:lang='zh' from='bo@y/b' type='chat' \
        xmlns='jabber:client'><body>早上好 &lt;&amp;&gt; 🎤 &quot;it&apos;s\"</body><origin-id xmlns='urn:xmpp:sid:0' \
        id='o1'/></message ><delay stamp='2026-01-01T00:00:00Z' xmlns='urn:xmpp:delay'/></forwarded></result></message>";

    #[test]
    fn what_an_archive_holds_is_plain() {
        assert!(is_plain_stanza(RESULT.as_bytes()));
        assert!(is_plain_stanza(b"<presence/>"));
        assert!(is_plain_stanza(b"<iq id='1' type='result'></iq>"));
    }

    #[test]
    fn what_may_not_pass_is_not() {
        let nested = |levels: usize| {
            let inside = "<a>".repeat(levels) + &"</a>".repeat(levels);
            format!("<message>{inside}</message>")
        };
        assert!(is_plain_stanza(nested(MAX_DEPTH - 1).as_bytes()));
        for text in [
            nested(MAX_DEPTH),
            format!("<message id='{}'/>", "x".repeat(9000)),
            format!("<{}/>", "x".repeat(9000)),
            "<message></presence>".into(),
            "<message/> ".into(),
            "<message/><message/>".into(),
            "<message".into(),
            "<message a='1' a='2'/>".into(),
            "<message a='1'b='2'/>".into(),
            "<message a='<'/>".into(),
            "<message>&nbsp;</message>".into(),
            "<message>]]></message>".into(),
            "<message>\u{1}</message>".into(),
            "<message>\u{ffff}</message>".into(),
            "<message><x:y/></message>".into(),
            "<message xmlns='http://www.w3.org/2000/xmlns/'/>".into(),
            "<r xmlns='urn:xmpp:sm:3'/>".into(),
        ] {
            assert!(!is_plain_stanza(text.as_bytes()), "{text:.80}");
        }
        assert!(!is_plain_stanza(b"<message>\xff</message>"));
    }

    /// Pieces that make elements, and some that break them.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => proptest::sample::select(vec![
                "<a>", "</a>", "<a/>", "<b x='1'>", "</b>", "<message>", "</message>", "<a x='1' y=\"2\"/>", "words",
                "早", "🎤", "&amp;", "&lt;", " ", "\n", "'", "\"", "/", "=",
            ]).prop_map(str::to_owned),
            2 => proptest::sample::select(vec![
                "<", ">", "&", "&#1;", "&x;", "]]>", "]", "<!--", "-->", "<![CDATA[", "<?", "<a x='1' x='2'/>", "<:a/>",
                "<a:b/>", "<a b:c='1'/>", "<a xml:lang='x'/>", "<a xml:lang='x' xml:lang='y'/>", "<a xmlns=''/>",
                "<a xmlns='http://www.w3.org/XML/1998/namespace'/>", "<a xmlns:b='c'/>", "<a xmlns='x' xmlns='y'/>",
                "<-a/>", "<1/>", "<a.b-c_d/>", "<a x ='1'/>", "<a x= '1'/>", "<a x='\t'/>", "\u{7f}", "\u{80}",
                "\u{fffe}", "\u{0}", "\r", "<xmlns/>", "<xml/>", "<a xmlnsx='1'/>", "<a xml='1'/>",
            ]).prop_map(str::to_owned),
            1 => ".{0,4}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// Yes is kept: alone, as a WebSocket's message is, and behind others in a stream.
        #[test]
        fn the_parser_agrees(pieces in prop::collection::vec(piece(), 0..8), end in prop::bool::weighted(0.9)) {
            let text = format!("<message>{}{}", pieces.concat(), if end { "</message>" } else { "" });
            if is_plain_stanza(text.as_bytes()) {
                prop_assert!(parsed(&mut Parser::new(), text.as_bytes(), true).1);
                let mut parser = Parser::new();
                let mut header = &b"<?xml version='1.0'?><stream xmlns='jabber:client'>"[..];
                use rxml::Parse;
                while let Ok(Some(_)) = parser.parse(&mut header, false) {}
                prop_assert!(parsed(&mut parser, text.as_bytes(), false).1);
            }
        }
    }
}
