//! What people feel about a message: a chip for each emoji, below its bubble.

use std::rc::Rc;

use api::MessageRow;
use locale::key;
use yew::prelude::*;

use crate::hooks::use_words;

/// Whose.
#[derive(Properties, PartialEq)]
pub struct ReactionsProps {
    /// The message.
    pub row: Rc<MessageRow>,
}

/// Nothing where nobody feels anything.
#[component]
pub fn Reactions(props: &ReactionsProps) -> Html {
    let words = use_words();
    let reactions = &props.row.reactions;
    if reactions.is_empty() {
        return Html::default();
    }
    html! {
        <div
            class="reactions"
            data-testid="reactions"
            role="list"
            aria-label={words.text(key::REACTIONS_LABEL)}
        >
            { for reactions.iter().map(|one| html! {
                <span class="reaction" role="listitem" data-mine={one.mine.then_some("true")}>
                    <span class="reaction-emoji">{ &one.emoji }</span>
                    if one.count > 1 {
                        <span class="reaction-count">{ one.count }</span>
                    }
                    if one.mine {
                        <span class="sr-only">{ " " }{ words.text(key::MESSAGE_OWN) }</span>
                    }
                </span>
            }) }
        </div>
    }
}
