//! XEP-0444 message reactions.

use std::fmt;

use minidom::Element;

use crate::element::element;
use crate::text;

pub(crate) const NS: &str = "urn:xmpp:reactions:0";

/// Reactions of one person to one message; more is somebody filling our memory.
const MAX_REACTIONS: usize = 16;
/// Bytes of the longest emoji: a kiss of two with their skin tones has 35.
const MAX_EMOJI: usize = 64;

/// All that somebody feels about a message; what they felt before is no longer so.
#[derive(Clone, PartialEq, Eq)]
pub struct Reactions {
    /// The id of the message.
    pub id: String,
    /// Emoji, each once, in the sender's order. Empty: none any more.
    pub emoji: Vec<String>,
}

impl fmt::Debug for Reactions {
    /// To which message and how many, and never which.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reactions({}, {})", self.id, self.emoji.len())
    }
}

/// The reactions, without what is no emoji (§4: those may be ignored).
pub(crate) fn parse(payload: &Element) -> Option<Reactions> {
    if !payload.is("reactions", NS) {
        return None;
    }
    let mut emoji: Vec<String> = Vec::new();
    for child in payload.children().filter(|c| c.is("reaction", NS)) {
        let one = child.text().trim().to_owned();
        if is_emoji(&one) && !emoji.contains(&one) && emoji.len() < MAX_REACTIONS {
            emoji.push(one);
        }
    }
    Some(Reactions {
        id: text::id(payload.attr("id")?)?,
        emoji,
    })
}

/// Roughly: a picture of some kind, and no word. The exact lists of UTS #51 grow every year.
fn is_emoji(text: &str) -> bool {
    text.len() <= MAX_EMOJI
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
        && text.chars().any(|c| !c.is_ascii() && !c.is_alphanumeric())
}

/// All reactions to a message that are meant from now on.
pub(crate) fn build(id: &str, emoji: &[String]) -> Element {
    let mut reactions = element("reactions", NS, &[("id", id)]);
    for one in emoji {
        reactions.append_child(
            Element::builder("reaction", NS)
                .append(text::sendable(one))
                .build(),
        );
    }
    reactions
}

#[cfg(test)]
mod tests;
