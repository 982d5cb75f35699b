//! The listening desk: all voice that was not heard, of all chats, as one queue.

use std::rc::Rc;

use api::{Content, DeskOrder, Follow, MessageId, Sound, UnheardRow};
use locale::key;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlSelectElement};
use yew::prelude::*;

use crate::app::{DeskContext, PlayerContext};
use crate::components::avatar::Avatar;
use crate::components::controls::{Button, IconButton};
use crate::components::ears::Ears;
use crate::components::icon::{Glyph, Icon};
use crate::components::mini_player::MiniPlayer;
use crate::format;
use crate::hooks::{use_act, use_today, use_words};
use crate::state::route::Route;

/// The screen.
#[component]
pub fn DeskScreen() -> Html {
    let words = use_words();
    let act = use_act();
    use_today();
    let node = use_node_ref();
    let player = use_context::<PlayerContext>();
    let playing = player.as_ref().and_then(|player| player.now.clone());
    let Some(desk) = use_context::<DeskContext>() else {
        return Html::default();
    };
    let order = desk.order;
    let follow = Follow::Desk(order);
    let rows: Rc<Vec<UnheardRow>> = Rc::new(desk.rows().cloned().collect());

    let back = {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.go(Route::List))
    };
    let set_order = {
        let act = act.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                act.set_desk_order(match select.value().as_str() {
                    "person" => DeskOrder::Person,
                    _ => DeskOrder::Time,
                });
            }
        })
    };
    let first = rows.first().map(|row| (row.message.id, place(row)));
    let listen = {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some((id, place)) = first {
                act.pressed_play();
                act.listen(Sound::Message(id), place, follow);
            }
        })
    };
    let put_all = {
        let (act, rows) = (act.clone(), Rc::clone(&rows));
        Callback::from(move |_: MouseEvent| {
            act.put_away(rows.iter().map(|row| row.message.id).collect());
        })
    };
    let onkeydown = {
        let (act, node) = (act.clone(), node.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.alt_key() || event.ctrl_key() || event.meta_key() {
                return;
            }
            match event.key().as_str() {
                "ArrowDown" => step(&node, true),
                "ArrowUp" => step(&node, false),
                "Delete" => {
                    let Some(id) = focused(&event) else { return };
                    // The row under the focus goes: the focus goes on.
                    step(&node, true);
                    act.put_away(vec![id]);
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    html! {
        <section class="settings desk" data-testid="desk-screen">
            <header class="settings-header">
                <IconButton
                    class="conversation-back"
                    glyph={Glyph::ChevronLeft}
                    label={words.text(key::BACK)}
                    testid="back"
                    onclick={back}
                />
                <h1 class="settings-title">{ words.text(key::DESK_TITLE) }</h1>
            </header>
            if let Some(playing) = playing.filter(|playing| matches!(playing.playback.sound, Sound::Message(_))) {
                <MiniPlayer {playing} {follow} />
            }
            if rows.is_empty() {
                if desk.page.is_some() && desk.total() == 0 {
                    <div class="empty" data-testid="desk-empty">
                        <Ears />
                        <p class="empty-title">{ words.text(key::DESK_EMPTY_TITLE) }</p>
                        <p class="empty-text">{ words.text(key::DESK_EMPTY) }</p>
                    </div>
                }
            } else {
                <div class="settings-body">
                    <div class="desk-bar">
                        <Button variant="primary" testid="desk-listen" onclick={listen}>
                            { words.text(key::DESK_LISTEN) }
                        </Button>
                        <span class="desk-total" role="status">
                            { words.with(key::DESK_WAITING, &[("count", desk.total().into())]) }
                        </span>
                        <select
                            class="select"
                            data-testid="desk-order"
                            aria-label={words.text(key::DESK_ORDER)}
                            onchange={set_order}
                        >
                            <option value="time" selected={order == DeskOrder::Time}>
                                { words.text(key::DESK_BY_TIME) }
                            </option>
                            <option value="person" selected={order == DeskOrder::Person}>
                                { words.text(key::DESK_BY_PERSON) }
                            </option>
                        </select>
                    </div>
                    <ul ref={node} class="desk-rows" aria-label={words.text(key::DESK_TITLE)} {onkeydown}>
                        { for rows.iter().map(|row| html! {
                            <DeskLine key={row.message.id.0} row={Rc::new(row.clone())} {follow} />
                        }) }
                    </ul>
                    <Button variant="quiet" testid="desk-put-all" onclick={put_all}>
                        { words.text(key::DESK_PUT_ALL_AWAY) }
                    </Button>
                </div>
            }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct DeskLineProps {
    row: Rc<UnheardRow>,
    follow: Follow,
}

#[component]
fn DeskLine(props: &DeskLineProps) -> Html {
    let words = use_words();
    let act = use_act();
    let message = &props.row.message;
    let (id, place) = (message.id, place(&props.row));
    let play = {
        let (act, follow) = (act.clone(), props.follow);
        Callback::from(move |_: MouseEvent| {
            act.pressed_play();
            act.listen(Sound::Message(id), place, follow);
        })
    };
    let show = {
        let (act, chat) = (act.clone(), message.chat);
        Callback::from(move |_: MouseEvent| act.show_message(chat, id))
    };
    let put_away = Callback::from(move |_: MouseEvent| act.put_away(vec![id]));
    let duration_ms = match &message.content {
        Content::Voice { duration_ms, .. } => *duration_ms,
        Content::Text { .. } | Content::File { .. } => 0,
    };
    let title = AttrValue::from(props.row.title.clone());
    let length = format::spoken_length(duration_ms, &words);
    let label = words.with(
        key::DESK_PLAY,
        &[
            ("name", props.row.title.clone().into()),
            ("length", length.into()),
        ],
    );
    html! {
        <li class="desk-row" data-testid="desk-row" data-id={id.0.to_string()}>
            <button class="desk-play" type="button" data-testid="desk-play" aria-label={label} onclick={play}>
                <Avatar address={message.author.clone()} name={title.clone()} size="36" />
                <span class="desk-name" dir="auto">{ title }</span>
                <span class="desk-length">{ format::whole_length(duration_ms) }</span>
                <time class="desk-time" datetime={format::machine(message.at)}>
                    { format::list_time(message.at, &words) }
                </time>
                <Icon glyph={Glyph::Play} />
            </button>
            <IconButton
                glyph={Glyph::Chats}
                label={words.text(key::PLAYER_SHOW)}
                testid="desk-show"
                onclick={show}
            />
            <IconButton
                glyph={Glyph::Archive}
                label={words.text(key::DESK_PUT_AWAY)}
                testid="desk-put-away"
                onclick={put_away}
            />
        </li>
    }
}

fn place(row: &UnheardRow) -> u32 {
    match &row.message.content {
        Content::Voice { place_ms, .. } => *place_ms,
        Content::Text { .. } | Content::File { .. } => 0,
    }
}

/// Moves the focus a row on, or back.
fn step(list: &NodeRef, on: bool) {
    let Some(list) = list.cast::<web_sys::Element>() else {
        return;
    };
    let now = list.query_selector("li:focus-within").ok().flatten();
    let to = match now {
        Some(row) if on => row.next_element_sibling(),
        Some(row) => row.previous_element_sibling(),
        None => list.first_element_child(),
    };
    let button = to.and_then(|row| row.query_selector(".desk-play").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        // Without focus the key did nothing, which is seen.
        let _ = button.focus();
    }
}

/// The row that has the focus.
fn focused(event: &KeyboardEvent) -> Option<MessageId> {
    let target = event.target_dyn_into::<web_sys::Element>()?;
    let row = target.closest(".desk-row").ok().flatten()?;
    row.get_attribute("data-id")?.parse().ok().map(MessageId)
}
