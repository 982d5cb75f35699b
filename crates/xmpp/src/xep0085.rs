//! XEP-0085 chat states.

use minidom::Element;
use xmpp_parsers::chatstates;

use crate::inbound::ChatState;

/// The state, if the element is one.
pub(crate) fn parse(element: &Element) -> Option<ChatState> {
    if !element.has_ns(xmpp_parsers::ns::CHATSTATES) {
        return None;
    }
    match element.name() {
        "active" => Some(ChatState::Active),
        "composing" => Some(ChatState::Composing),
        "paused" => Some(ChatState::Paused),
        "inactive" => Some(ChatState::Inactive),
        "gone" => Some(ChatState::Gone),
        _ => None,
    }
}

/// The element of a state.
pub(crate) fn build(state: ChatState) -> Element {
    match state {
        ChatState::Active => chatstates::ChatState::Active,
        ChatState::Composing => chatstates::ChatState::Composing,
        ChatState::Paused => chatstates::ChatState::Paused,
        ChatState::Inactive => chatstates::ChatState::Inactive,
        ChatState::Gone => chatstates::ChatState::Gone,
    }
    .into()
}
