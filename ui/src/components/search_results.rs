//! What a search found: completions, then hits by chat.
//!
//! What was searched for is marked with nodes of its own: text from people is never markup. The focus stays in the box,
//! so pressing a row must not take it away.

use std::rc::Rc;

use api::{Completion, Kind, SearchHit};
use locale::{Words, key};
use wasm_bindgen::JsCast;
use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

use crate::components::controls::FaultBox;
use crate::components::ears::Ears;
use crate::components::icon::{Glyph, Icon};
use crate::components::search::Searching;
use crate::format;
use crate::hooks::{document, use_today, use_words};
use crate::state::search::{Active, MOST, SearchAction, pieces};

/// How near the end more is asked for, in heights of the panel.
const AHEAD: i32 = 2;

/// The id of a row in the page, which the box points at.
pub fn option_id(scope: &str, active: Active) -> String {
    match active {
        Active::Completion(at) => format!("search-{scope}-c{at}"),
        Active::Hit(id) => format!("search-{scope}-h{}", id.0),
    }
}

/// What was found.
#[derive(Properties, PartialEq)]
pub struct SearchResultsProps {
    /// The search.
    pub search: Searching,
    /// As in the box.
    pub scope: &'static str,
    /// Whether the chats are named.
    pub grouped: bool,
    /// A pointer chose a hit.
    pub open: Callback<Rc<SearchHit>>,
}

/// See [`SearchResultsProps`].
#[component]
pub fn SearchResults(props: &SearchResultsProps) -> Html {
    let words = use_words();
    use_today();
    let search = &props.search;
    let scope = props.scope;

    use_effect_with(search.active, move |active| {
        let row = active
            .zip(document())
            .and_then(|(active, page)| page.get_element_by_id(&option_id(scope, active)));
        if let Some(row) = row {
            let nearest = ScrollIntoViewOptions::new();
            nearest.set_block(ScrollLogicalPosition::Nearest);
            row.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    });
    let onscroll = {
        let dispatcher = search.dispatcher();
        use_callback((), move |event: Event, ()| {
            if let Some(panel) = event.target_dyn_into::<Element>() {
                let below = panel.scroll_height() - panel.scroll_top() - panel.client_height();
                if below < AHEAD * panel.client_height() {
                    dispatcher.dispatch(SearchAction::More);
                }
            }
        })
    };
    let onclick = {
        let (search, open) = (search.clone(), props.open.clone());
        Callback::from(move |event: MouseEvent| match chosen(&event) {
            Some(Active::Completion(at)) => search.dispatch(SearchAction::Complete(at)),
            Some(Active::Hit(id)) => {
                if let Some(hit) = search.shown().find(|hit| hit.message == id) {
                    open.emit(Rc::clone(hit));
                }
            }
            None => {}
        })
    };
    let onmousedown = use_callback((), |event: MouseEvent, ()| event.prevent_default());
    let is_active = |one: Active| search.active == Some(one);
    let found = search.found();
    let count = format::count(found as u64, &words);
    let counted = [("count", found.into()), ("number", count.as_str().into())];
    let status = if search.has_more() {
        words.with(key::SEARCH_COUNT_MORE, &counted)
    } else {
        words.with(key::SEARCH_COUNT, &counted)
    };
    let is_empty = search.is_empty() && search.completions.is_empty();

    html! {
        <div
            class="search-panel"
            data-testid="search-panel"
            aria-busy={search.ask().is_some().to_string()}
            {onscroll}
            {onclick}
            {onmousedown}
        >
            if search.is_blank() {
                <div class="search-hint" data-testid="search-hint">
                    <p class="search-hint-title">{ words.text(key::SEARCH_HINT_TITLE) }</p>
                    <p class="search-hint-text">{ words.text(key::SEARCH_HINT) }</p>
                </div>
            }
            if search.indexing {
                <p class="search-note" data-testid="search-indexing" role="status">
                    { words.text(key::SEARCH_INDEXING) }
                </p>
            }
            <div
                id={format!("search-{scope}")}
                class="search-list"
                role="listbox"
                aria-label={words.text(key::SEARCH_RESULTS)}
            >
                if !search.completions.is_empty() {
                    <div key="completions" class="search-group" role="presentation">
                        { for search.completions.iter().enumerate().map(|(at, completion)| {
                            let active = Active::Completion(at);
                            completion_row(scope, active, completion, is_active(active), &words)
                        }) }
                    </div>
                }
                { for search.groups.iter().filter_map(|group| {
                    let first = group.hits.first()?;
                    let label = format!("search-{scope}-g{}", first.message.0);
                    Some(html! {
                        <div
                            key={first.message.0.to_string()}
                            class="search-group"
                            role="group"
                            aria-labelledby={props.grouped.then(|| label.clone())}
                        >
                            if props.grouped {
                                <div id={label} class="search-chat" dir="auto">{ &group.title }</div>
                            }
                            { for group.hits.iter().map(|hit| html! {
                                <HitRow
                                    key={hit.message.0}
                                    {scope}
                                    hit={Rc::clone(hit)}
                                    active={is_active(Active::Hit(hit.message))}
                                />
                            }) }
                        </div>
                    })
                }) }
            </div>
            if let Some(fault) = &search.fault {
                <FaultBox fault={fault.clone()} />
            } else if is_empty {
                <div class="empty" data-testid="search-empty">
                    <Ears />
                    <p class="empty-title">{ words.text(key::SEARCH_NOTHING_TITLE) }</p>
                    <p class="empty-text">{ words.text(key::SEARCH_NOTHING) }</p>
                </div>
            } else if found >= MOST && search.has_more() {
                <p class="search-note">{ words.with(key::SEARCH_MOST, &[("number", count.as_str().into())]) }</p>
            } else if search.ask().is_some_and(|ask| ask.after.is_some()) {
                <p class="search-note">{ words.text(key::SEARCH_BUSY) }</p>
            }
            <p class="sr-only" role="status">
                if !search.is_blank() && !search.is_behind() { { status } }
            </p>
        </div>
    }
}

/// The row that an event happened on.
fn chosen(event: &MouseEvent) -> Option<Active> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let row = target.closest("[role=option]").ok()??;
    if let Some(at) = row.get_attribute("data-at") {
        return at.parse().ok().map(Active::Completion);
    }
    let id = row.get_attribute("data-id")?.parse().ok()?;
    Some(Active::Hit(api::MessageId(id)))
}

fn completion_row(
    scope: &str,
    at: Active,
    completion: &Completion,
    active: bool,
    words: &Words,
) -> Html {
    let place = match at {
        Active::Completion(place) => place,
        Active::Hit(_) => 0,
    };
    let insert = completion.insert.trim_end();
    let means = match insert {
        "from:" => Some(key::SEARCH_OP_FROM),
        "in:" => Some(key::SEARCH_OP_IN),
        "has:" => Some(key::SEARCH_OP_HAS),
        "before:" => Some(key::SEARCH_OP_BEFORE),
        "after:" => Some(key::SEARCH_OP_AFTER),
        "has:voice" => Some(key::SEARCH_HAS_VOICE),
        "has:image" => Some(key::SEARCH_HAS_IMAGE),
        "has:file" => Some(key::SEARCH_HAS_FILE),
        "has:link" => Some(key::SEARCH_HAS_LINK),
        _ => None,
    };
    let means = match means {
        Some(means) => Some(words.text(means)),
        None => Some(completion.label.clone()).filter(|label| !insert.contains(label.trim_end())),
    };
    html! {
        <div
            key={completion.insert.clone()}
            id={option_id(scope, at)}
            class="search-completion"
            role="option"
            data-testid="search-completion"
            data-at={place.to_string()}
            aria-selected={active.to_string()}
        >
            <span class="search-completion-insert" dir="auto">{ insert }</span>
            if let Some(means) = means {
                <span class="search-completion-means" dir="auto">{ means }</span>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct HitRowProps {
    scope: &'static str,
    hit: Rc<SearchHit>,
    active: bool,
}

#[component]
fn HitRow(props: &HitRowProps) -> Html {
    let words = use_words();
    use_today();
    let hit = &props.hit;
    let by = match hit.own {
        true => words.text(key::MESSAGE_OWN),
        false => hit.chat_title.clone(),
    };
    let (glyph, instead) = match hit.kind {
        Kind::Text => (None, None),
        Kind::Voice => {
            let length = format::whole_length(hit.duration_ms);
            let text = format!("{} · {length}", words.text(key::CHAT_KIND_VOICE));
            (Some(Glyph::Microphone), Some(text))
        }
        Kind::Image => (Some(Glyph::Image), Some(words.text(key::CHAT_KIND_IMAGE))),
        Kind::File => (Some(Glyph::File), Some(words.text(key::CHAT_KIND_FILE))),
    };
    html! {
        <div
            id={option_id(props.scope, Active::Hit(hit.message))}
            class="search-hit"
            role="option"
            data-testid="search-hit"
            data-chat={hit.chat.0.to_string()}
            data-id={hit.message.0.to_string()}
            data-kind={hit.kind.name()}
            aria-selected={props.active.to_string()}
        >
            <span class="search-hit-top">
                <span class="search-hit-by" dir="auto">{ by }</span>
                <time
                    class="search-hit-time"
                    datetime={format::machine(hit.at)}
                    title={format::exact(hit.at, &words)}
                >{ format::list_time(hit.at, &words) }</time>
            </span>
            <span class="search-hit-words" dir="auto">
                if let Some(glyph) = glyph {
                    <Icon {glyph} />
                }
                <span class="search-hit-snippet">
                    if hit.snippet.is_empty() {
                        { instead.unwrap_or_default() }
                    } else {
                        { for pieces(&hit.snippet, &hit.marks).into_iter().map(|(marked, piece)| {
                            if marked {
                                html! { <mark class="search-mark">{ piece }</mark> }
                            } else {
                                html! { { piece } }
                            }
                        }) }
                    }
                </span>
            </span>
        </div>
    }
}
