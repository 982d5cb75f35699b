//! What a message answers: who said it and one line of it. A press leads to it; the way back is that of every jump.

use std::rc::Rc;

use api::{Kind, MessageRow, ReplyRef};
use locale::{Words, key};
use yew::prelude::*;

use crate::components::icon::{Glyph, Icon};
use crate::hooks::{use_act, use_words};

/// The answer.
#[derive(Properties, PartialEq)]
pub struct QuoteProps {
    /// The message that answers.
    pub row: Rc<MessageRow>,
    /// The name of the other side.
    pub title: AttrValue,
}

/// Nothing where the message answers none.
#[component]
pub fn Quote(props: &QuoteProps) -> Html {
    let words = use_words();
    let act = use_act();
    let row = &props.row;
    let to = row.reply_to.as_ref();
    let target = to.and_then(|to| to.id).map(|id| (row.chat, id));
    let onclick = use_callback((act, target), |_: MouseEvent, (act, target)| {
        if let Some((chat, id)) = *target {
            act.show_message(chat, id);
        }
    });
    let Some(to) = to else {
        return Html::default();
    };
    let name = name(row, to, &props.title, &words);
    let (glyph, text) = line(to, &words);
    let inside = html! {
        <>
            <span class="sr-only">{ words.text(key::QUOTE_LABEL) }{ " " }</span>
            if let Some(name) = name {
                <span class="quote-name" dir="auto">{ name }</span>
            }
            <span class="quote-line">
                if let Some(glyph) = glyph {
                    <Icon {glyph} />
                }
                <span class="quote-words" dir="auto">{ text }</span>
            </span>
        </>
    };
    let state = if to.retracted { "removed" } else { "here" };
    if target.is_some() {
        html! {
            <button class="quote" type="button" data-testid="quote" data-state={state} {onclick}>
                { inside }
            </button>
        }
    } else {
        html! { <div class="quote" data-testid="quote" data-state="missing">{ inside }</div> }
    }
}

/// Who said it, where that is known. In a direct chat it is one of two.
fn name(row: &MessageRow, to: &ReplyRef, title: &AttrValue, words: &Words) -> Option<String> {
    if to.author.is_empty() {
        return None;
    }
    let own = (to.author == row.author) == row.own;
    Some(if own {
        words.text(key::MESSAGE_OWN)
    } else {
        title.to_string()
    })
}

fn line(to: &ReplyRef, words: &Words) -> (Option<Glyph>, String) {
    if to.retracted {
        return (None, words.text(key::MESSAGE_REMOVED));
    }
    match to.kind {
        Kind::Voice => (Some(Glyph::Microphone), words.text(key::CHAT_KIND_VOICE)),
        Kind::Image => (Some(Glyph::Image), words.text(key::CHAT_KIND_IMAGE)),
        Kind::File => (Some(Glyph::File), to.snippet.clone()),
        Kind::Text if to.snippet.is_empty() => (None, words.text(key::QUOTE_MISSING)),
        Kind::Text => (None, to.snippet.clone()),
    }
}
