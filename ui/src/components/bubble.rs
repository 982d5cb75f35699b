//! What a message says in words, and what all bubbles share. (Voice is in [`super::voice`], files are in [`super::file`].)
//!
//! Text from people is only ever text: it never becomes markup, and nothing remote is loaded for it.

use std::rc::Rc;

use api::{Content, Media, MessageRow, MessageState};
use locale::key;
use yew::prelude::*;

use crate::components::message::{Tick, meta};
use crate::components::quote::Quote;
use crate::format;
use crate::hooks::use_words;
use crate::state::transfers::Progress;

/// Whose time and tick.
#[derive(Properties, PartialEq)]
pub struct MetaProps {
    /// The message.
    pub row: Rc<MessageRow>,
}

/// Time and tick.
#[component]
pub fn Meta(props: &MetaProps) -> Html {
    let words = use_words();
    let row = &props.row;
    html! {
        <span class="bubble-meta">
            if row.edited.is_some() {
                <span class="bubble-edited" data-testid="edited">{ words.text(key::MESSAGE_EDITED) }</span>
            }
            <time
                class="bubble-time"
                datetime={format::machine(row.at)}
                title={format::exact(row.at, &words)}
            >{ format::time(row.at, &words) }</time>
            if row.own && row.state != MessageState::Received {
                <Tick state={row.state} />
            }
        </span>
    }
}

/// Which words.
#[derive(Properties, PartialEq)]
pub struct TextBubbleProps {
    /// The message.
    pub row: Rc<MessageRow>,
    /// The name of the other side.
    pub title: AttrValue,
}

/// Words, or that there were some.
#[component]
pub fn TextBubble(props: &TextBubbleProps) -> Html {
    let words = use_words();
    if props.row.retracted {
        return html! {
            <div class="bubble bubble-text bubble-removed" data-testid="removed">
                <p class="bubble-body">{ words.text(key::MESSAGE_REMOVED) }</p>
                { meta(&props.row) }
            </div>
        };
    }
    let body = match &props.row.content {
        Content::Text { body } => body.as_str(),
        _ => "",
    };
    html! {
        <div class="bubble bubble-text">
            <Quote row={props.row.clone()} title={props.title.clone()} />
            <p class="bubble-body" dir="auto">{ body }</p>
            { meta(&props.row) }
        </div>
    }
}

/// How far a file got, as a ring.
#[derive(Properties, PartialEq)]
pub struct RingProps {
    /// None: on its way, size unknown.
    pub progress: Option<Progress>,
}

/// See [`RingProps`].
#[component]
pub fn Ring(props: &RingProps) -> Html {
    /// Of a circle with a radius of 20.
    const ROUND: f64 = 125.66;
    let (part, busy) = match props.progress {
        Some(Progress::Part(part)) => (f64::from(part) / 1000.0, None),
        Some(Progress::Moving) | None => (0.25, Some("true")),
    };
    let dash = format!("{:.1} {ROUND}", part * ROUND);
    html! {
        <svg class="ring" viewBox="0 0 44 44" data-busy={busy} aria-hidden="true">
            <circle class="ring-track" cx="22" cy="22" r="20" />
            <circle class="ring-done" cx="22" cy="22" r="20" stroke-dasharray={dash} />
        </svg>
    }
}

/// The value of `data-media`.
pub fn media_name(media: Media) -> &'static str {
    match media {
        Media::Here => "here",
        Media::Remote => "remote",
        Media::Fetching => "fetching",
        Media::Failed => "failed",
    }
}
