//! The chat list: rows of one height, of which only those near the viewport are in the page.
//!
//! A thousand chats cost as much as twenty. Pages are read as the end comes near.

use std::cell::Cell;
use std::rc::Rc;

use api::{ChatId, ChatRow, Kind, Presence, Settings};
use locale::key;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::app::{ChatsContext, LinkContext};
use crate::components::avatar::Avatar;
use crate::components::controls::Button;
use crate::components::ears::Ears;
use crate::components::icon::{Glyph, Icon};
use crate::components::message::Tick;
use crate::format;
use crate::hooks::{
    after_paint, document, set_var, use_act, use_resize, use_today, use_var, use_words, window,
};
use crate::state::route::Route;

/// Height of a row in pixels at the normal size of text.
const ROW: f64 = 68.0;
/// Rows rendered beyond each edge; also how many are added at a time.
const MARGIN: usize = 8;
/// How near the end the next page is asked for.
const AHEAD: usize = 30;

/// What is open.
#[derive(Properties, PartialEq)]
pub struct ChatListProps {
    /// The open chat.
    pub open: Option<ChatId>,
    /// Begins a new chat.
    pub new_chat: Callback<()>,
}

/// Which rows are in the page.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Span {
    from: usize,
    to: usize,
}

impl Span {
    /// The rows to render for a scroll position, in steps of [`MARGIN`], so that scrolling seldom renders.
    fn new(top: f64, height: f64, row: f64) -> Self {
        // Saturates: a float's cast to an integer never wraps.
        let first = (top / row) as usize / MARGIN * MARGIN;
        let shown = (height / row).ceil() as usize + MARGIN;
        Self {
            from: first.saturating_sub(MARGIN),
            to: first + shown + MARGIN,
        }
    }
}

/// Pixels that a callback depends on.
#[derive(Clone, Copy, PartialEq)]
struct Px(f64);

/// See [`ChatListProps`].
#[component]
pub fn ChatList(props: &ChatListProps) -> Html {
    let words = use_words();
    let act = use_act();
    let chats = use_context::<ChatsContext>();
    let link = use_context::<LinkContext>();
    let settings = use_context::<Settings>().unwrap_or_default();
    let row_height = ROW * (f64::from(settings.text_size) / 100.0).max(1.0);
    let node = use_node_ref();
    let span = use_state_eq(|| Span::new(0.0, 1200.0, row_height));
    let active = use_state_eq(|| None::<ChatId>);
    let focus = use_memo((), |()| Cell::new(false));
    let loading = use_memo((), |()| Cell::new(None::<u32>));

    use_var(&node, "--row", format!("{row_height}px"));
    let measure = {
        let (node, span) = (node.clone(), span.setter());
        use_callback(Px(row_height), move |(), row_height| {
            if let Some(list) = node.cast::<Element>() {
                let height = f64::from(list.client_height()).max(400.0);
                span.set(Span::new(
                    f64::from(list.scroll_top()),
                    height,
                    row_height.0,
                ));
            }
        })
    };
    // The size of text, of the window, and of the pane, which may have been hidden.
    use_effect_with(measure.clone(), |measure| measure.emit(()));
    use_resize(&node, measure.clone());

    let rows = chats
        .as_ref()
        .map(|chats| Rc::clone(&chats.rows))
        .unwrap_or_default();
    let to = span.to.min(rows.len());
    let from = span.from.min(to);

    let next = chats.as_ref().and_then(|chats| chats.next_page());
    let turn = chats.as_ref().map_or(0, |chats| chats.turn);
    use_effect_with((span.to + AHEAD > rows.len(), next, turn), {
        let (act, loading) = (act.clone(), Rc::clone(&loading));
        move |&(near, next, turn)| {
            // What was asked for before all started over counts for nothing.
            if let (true, Some(after)) = (near, next)
                && loading.replace(Some(turn)) != Some(turn)
            {
                act.more_chats(after, turn, move || {
                    if loading.get() == Some(turn) {
                        loading.set(None);
                    }
                });
            }
        }
    });
    use_effect_with((), |()| {
        after_paint(|| {
            if let Some(performance) = window().and_then(|window| window.performance()) {
                // Measured by `cargo xtask bench`.
                let _ = performance.mark("millet:list");
            }
            if let Some(root) = document().and_then(|document| document.document_element()) {
                let _ = root.set_attribute("data-ready", "list");
            }
        });
    });

    let onclick = {
        let active = active.setter();
        use_callback(act.clone(), move |event: MouseEvent, act| {
            if let Some(chat) = chat_at(&event) {
                active.set(Some(chat));
                act.go(Route::Chat(chat));
            }
        })
    };
    let current = (*active)
        .or(props.open)
        .filter(|chat| rows.iter().any(|row| row.id == *chat))
        .or_else(|| rows.first().map(|row| row.id));
    let onkeydown = {
        let (node, active, focus) = (node.clone(), active.setter(), Rc::clone(&focus));
        let (rows, act) = (Rc::clone(&rows), act.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.alt_key() || event.ctrl_key() || event.meta_key() {
                return;
            }
            // The row that has the focus, however it got it.
            let current = chat_at(&event).or(current);
            let at = current.and_then(|chat| rows.iter().position(|row| row.id == chat));
            let to = match event.key().as_str() {
                "ArrowDown" => at.map_or(0, |at| at + 1),
                "ArrowUp" => at.map_or(0, |at| at.saturating_sub(1)),
                "Home" => 0,
                "End" => rows.len().saturating_sub(1),
                "Enter" | " " => {
                    if let Some(chat) = current {
                        event.prevent_default();
                        act.go(Route::Chat(chat));
                    }
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            let Some(row) = rows.get(to) else { return };
            active.set(Some(row.id));
            focus.set(!focus_row(&node, row.id));
            if let Some(list) = node.cast::<Element>() {
                let top = to as f64 * row_height;
                let height = f64::from(list.client_height());
                let scroll = f64::from(list.scroll_top());
                if top < scroll {
                    list.set_scroll_top(top as i32);
                } else if top + row_height > scroll + height {
                    list.set_scroll_top((top + row_height - height) as i32);
                }
            }
        })
    };
    // The row may come into the page only now.
    use_effect_with((*active, *span), {
        let node = node.clone();
        move |(active, _)| {
            if let Some(chat) = *active
                && focus.get()
                && focus_row(&node, chat)
            {
                focus.set(false);
            }
        }
    });

    if rows.is_empty() {
        let onclick = props.new_chat.reform(|_: MouseEvent| ());
        return html! {
            <div class="chat-list" data-testid="chat-list" ref={node}>
                <div class="empty">
                    <Ears />
                    <p class="empty-title">{ words.text(key::CHATS_EMPTY_TITLE) }</p>
                    <p class="empty-text">{ words.text(key::CHATS_EMPTY) }</p>
                    <Button variant="primary" {onclick}>{ words.text(key::NEW_CHAT) }</Button>
                </div>
            </div>
        };
    }
    html! {
        <div
            ref={node}
            class="chat-list"
            data-testid="chat-list"
            role="listbox"
            aria-label={words.text(key::CHATS_TITLE)}
            onscroll={measure.reform(|_: Event| ())}
            {onclick}
            {onkeydown}
        >
            <Pad key="above" height={from as f64 * row_height} />
            { for rows.iter().enumerate().take(to).skip(from).map(|(at, row)| {
                let chats = chats.as_ref();
                html! {
                    <ChatLine
                        key={row.id.0}
                        row={Rc::clone(row)}
                        place={at + 1}
                        total={rows.len()}
                        open={props.open == Some(row.id)}
                        tab={current == Some(row.id)}
                        presence={link.as_ref().zip(chats).map(|(link, chats)| link.seen(chats.presence_of(row.id))).unwrap_or_default()}
                        typing={chats.is_some_and(|chats| chats.typing.contains(&row.id))}
                    />
                }
            }) }
            <Pad key="below" height={(rows.len() - to) as f64 * row_height} />
        </div>
    }
}

/// Gives a row the focus; whether it is in the page.
fn focus_row(node: &NodeRef, chat: ChatId) -> bool {
    let row = node
        .cast::<Element>()
        .and_then(|list| {
            list.query_selector(&format!("[data-id=\"{}\"]", chat.0))
                .ok()?
        })
        .and_then(|row| row.dyn_into::<HtmlElement>().ok());
    if let Some(row) = &row {
        // A row that cannot take the focus is still shown.
        let _ = row.focus();
    }
    row.is_some()
}

fn chat_at(event: &Event) -> Option<ChatId> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let row = target.closest("[data-id]").ok()??;
    row.get_attribute("data-id")?.parse().ok().map(ChatId)
}

#[derive(Properties, PartialEq)]
struct PadProps {
    height: f64,
}

/// The room of the rows that are not in the page.
#[component]
fn Pad(props: &PadProps) -> Html {
    let node = use_node_ref();
    use_effect_with((node.clone(), props.height), |(node, height)| {
        if let Some(element) = node.cast::<Element>() {
            set_var(&element, "height", &format!("{height}px"));
        }
    });
    html! { <div ref={node} class="chat-list-pad" role="presentation"></div> }
}

#[derive(Properties, PartialEq)]
struct ChatLineProps {
    row: Rc<ChatRow>,
    place: usize,
    total: usize,
    open: bool,
    tab: bool,
    presence: Presence,
    typing: bool,
}

#[component]
fn ChatLine(props: &ChatLineProps) -> Html {
    let words = use_words();
    use_today();
    let row = &props.row;
    let (kind, preview) = preview(props, &words);
    let unread = row.unread;
    html! {
        <div
            class="chat-row"
            role="option"
            data-testid="chat"
            data-id={row.id.0.to_string()}
            data-jid={row.address.clone()}
            data-unread={unread.to_string()}
            aria-selected={props.open.to_string()}
            aria-posinset={props.place.to_string()}
            aria-setsize={props.total.to_string()}
            tabindex={if props.tab { "0" } else { "-1" }}
        >
            <Avatar
                address={row.address.clone()}
                name={row.title.clone()}
                presence={props.presence}
            />
            <span class="chat-row-main">
                <span class="chat-row-top">
                    <span class="chat-row-title" dir="auto">{ &row.title }</span>
                    if let Some(last) = &row.last {
                        <time class="chat-row-time" datetime={format::machine(last.at)}>
                            { format::list_time(last.at, &words) }
                        </time>
                    }
                </span>
                <span class="chat-row-bottom">
                    <span class="chat-row-preview" data-kind={kind} dir="auto">{ preview }</span>
                    if row.last.as_ref().is_some_and(|last| last.unheard) {
                        <span class="chat-row-dot" title={words.text(key::VOICE_UNHEARD)}>
                            <span class="sr-only">{ words.text(key::VOICE_UNHEARD) }</span>
                        </span>
                    }
                    if unread > 0 {
                        <span class="chat-row-unread">
                            <span aria-hidden="true">
                                { if unread > 999 { "999+".to_owned() } else { unread.to_string() } }
                            </span>
                            <span class="sr-only">
                                { words.with(key::CHAT_UNREAD, &[("count", unread.into())]) }
                            </span>
                        </span>
                    }
                </span>
            </span>
        </div>
    }
}

fn preview(props: &ChatLineProps, words: &locale::Words) -> (&'static str, Html) {
    let row = &props.row;
    let plain = |text: String| html! { <span class="chat-row-words">{ text }</span> };
    if props.typing {
        return ("typing", plain(words.text(key::TYPING)));
    }
    // Above the conversation it is asked in any case.
    if row.asks_presence && row.last.is_none() {
        let text = words.with(key::REQUEST_TEXT, &[("name", row.title.as_str().into())]);
        return ("request", plain(text));
    }
    if let Some(draft) = row.voice_drafts.iter().rfind(|draft| !draft.recording)
        && !props.open
    {
        let words = html! {
            <>
                <Icon glyph={Glyph::Microphone} />
                <span class="chat-row-words">
                    { format!("{} · {}", words.text(key::DRAFT_TITLE), format::whole_length(draft.duration_ms)) }
                </span>
            </>
        };
        return ("voice-draft", words);
    }
    if !row.draft.is_empty() && !props.open {
        let words = html! {
            <span class="chat-row-words">
                <span class="chat-row-draft">{ words.text(key::CHAT_DRAFT) }</span>
                { " " }
                { row.draft.chars().take(200).collect::<String>() }
            </span>
        };
        return ("draft", words);
    }
    let Some(last) = &row.last else {
        return ("none", plain(words.text(key::CHAT_NO_MESSAGES)));
    };
    if last.retracted {
        return ("removed", plain(words.text(key::MESSAGE_REMOVED)));
    }
    let icon = match last.kind {
        Kind::Text => None,
        Kind::Voice => Some(Glyph::Microphone),
        Kind::Image => Some(Glyph::Image),
        Kind::File => Some(Glyph::File),
    };
    let text = match last.kind {
        Kind::Text => last.preview.clone(),
        Kind::Voice => {
            let length = format::whole_length(last.duration_ms.unwrap_or_default());
            format!("{} · {length}", words.text(key::CHAT_KIND_VOICE))
        }
        Kind::Image => words.text(key::CHAT_KIND_IMAGE),
        Kind::File if last.preview.is_empty() => words.text(key::CHAT_KIND_FILE),
        Kind::File => last.preview.clone(),
    };
    let preview = html! {
        <>
            if last.own {
                <Tick state={last.state} />
            }
            if let Some(glyph) = icon {
                <Icon {glyph} />
            }
            <span class="chat-row-words">{ text }</span>
        </>
    };
    (last.kind.name(), preview)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_are_in_the_page_wherever_the_list_stands() {
        for top in [0.0, 340.0, 68.0 * 900.0] {
            let span = Span::new(top, 800.0, ROW);
            let (first, last) = ((top / ROW) as usize, ((top + 800.0) / ROW).ceil() as usize);
            assert!(span.from <= first && span.to >= last);
            assert!(span.to - span.from <= 12 + 4 * MARGIN);
        }
    }
}
