//! XEP-0461 message replies, with the quoted part of the body that XEP-0428 marks.

use std::fmt;

use jid::Jid;
use minidom::Element;

use crate::element::element;
use crate::{text, xep0428};

pub(crate) const NS: &str = "urn:xmpp:reply:0";

/// What a message answers.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The id of the message that is answered: its origin id, else its `id` attribute (§4).
    pub id: String,
    /// Who said it, as the one who answers claims.
    pub to: Option<Jid>,
    /// What stood in the body for clients that know no replies; for where the message itself is not to be had.
    pub quote: Option<String>,
}

impl fmt::Debug for Reply {
    /// Which message, and never what it said.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({})", self.id)
    }
}

impl Reply {
    /// Takes the quoted part out of the body. A body that is nothing else stays.
    pub(crate) fn take_quote(&mut self, body: &mut String, payloads: &[Element]) {
        let Some((quote, rest)) = xep0428::split(body, payloads, NS) else {
            return;
        };
        self.quote = Some(text::cut(&quote, text::MAX_SHORT)).filter(|quote| !quote.is_empty());
        *body = rest;
    }
}

/// What the message answers; the quote is in its body.
pub(crate) fn parse(payload: &Element) -> Option<Reply> {
    if !payload.is("reply", NS) {
        return None;
    }
    Some(Reply {
        id: text::id(payload.attr("id")?)?,
        to: payload.attr("to").and_then(|to| Jid::new(to).ok()),
        quote: None,
    })
}

/// "This answers the message with that id, by `to`."
pub(crate) fn build(id: &str, to: &Jid) -> Element {
    element("reply", NS, &[("to", to.as_str()), ("id", id)])
}

#[cfg(test)]
mod tests;
