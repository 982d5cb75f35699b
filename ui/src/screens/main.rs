//! Signed in: rail, chat list, and the conversation or the settings; keys that work everywhere.

use std::cell::Cell;
use std::rc::Rc;

use api::{ChatId, Connection};
use gloo_timers::callback::Interval;
use locale::key;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use crate::act::Act;
use crate::app::{ChatsContext, DeskContext, LinkContext};
use crate::clock;
use crate::components::chat_list::ChatList;
use crate::components::controls::{Button, IconButton};
use crate::components::conversation::Conversation;
use crate::components::dialog::NewChat;
use crate::components::finder::Finder;
use crate::components::icon::{Glyph, Icon};
use crate::components::list_resize::ListResize;
use crate::components::mini_player::PlayerBar;
use crate::format;
use crate::hooks::{On, document, use_act, use_event, use_words, window};
use crate::screens::desk::DeskScreen;
use crate::screens::history::HistoryScreen;
use crate::screens::settings::SettingsScreen;
use crate::screens::sound::SoundScreen;
use crate::state::recording::Input;
use crate::state::route::Route;

/// Where the user is.
#[derive(Properties, PartialEq)]
pub struct MainProps {
    /// What is open.
    pub route: Route,
    /// The account's address.
    pub address: AttrValue,
    /// Shows the password form.
    pub sign_in_again: Callback<bool>,
}

/// See [`MainProps`].
#[component]
pub fn Main(props: &MainProps) -> Html {
    let act = use_act();
    let words = use_words();
    let making = use_state_eq(|| false);
    let route = props.route;

    let new_chat = {
        let making = making.setter();
        use_callback((), move |(), ()| making.set(true))
    };
    let made = {
        let making = making.setter();
        use_callback(act.clone(), move |chat: Option<ChatId>, act| {
            making.set(false);
            if let Some(chat) = chat {
                act.go(Route::Chat(chat));
            }
        })
    };
    let find = use_reducer(Finds::default);
    let search = {
        let find = find.dispatcher();
        use_callback((), move |(), ()| find.dispatch(Find::Chat))
    };
    let search_all = {
        let find = find.dispatcher();
        use_callback(act.clone(), move |(), act| {
            if is_list_hidden() {
                act.go(Route::List);
            }
            find.dispatch(Find::All);
        })
    };
    use_shortcuts(
        &act,
        route,
        &Starts {
            new_chat: new_chat.clone(),
            search: search.clone(),
            search_all,
        },
    );

    let open_new = new_chat.reform(|_: MouseEvent| ());
    html! {
        <div class="main" data-pane={route.pane()}>
            <ConnectionStrip sign_in_again={props.sign_in_again.clone()} />
            <Rail {route} />
            <section class="list" aria-label={words.text(key::CHATS_TITLE)}>
                <header class="list-header">
                    <h1 class="list-title">{ words.text(key::CHATS_TITLE) }</h1>
                    <IconButton
                        glyph={Glyph::Plus}
                        label={words.text(key::NEW_CHAT)}
                        testid="new-chat"
                        onclick={open_new}
                    />
                </header>
                if route == Route::List {
                    <PlayerBar />
                }
                <Finder focus={find.all}>
                    <ChatList open={route.chat()} {new_chat} />
                </Finder>
                <SyncLine />
            </section>
            { match route {
                Route::Desk => html! { <DeskScreen /> },
                Route::Settings => html! { <SettingsScreen address={props.address.clone()} /> },
                Route::Sound => html! { <SoundScreen /> },
                Route::History => html! { <HistoryScreen /> },
                Route::List | Route::Chat(_) => html! {
                    <Conversation chat={route.chat()} find={find.chat} {search} />
                },
            } }
            <ListResize />
            if *making {
                <NewChat done={made} />
            }
        </div>
    }
}

/// How often each search was asked for; each time gives it the focus.
#[derive(Default)]
struct Finds {
    all: u32,
    chat: u32,
}

enum Find {
    All,
    Chat,
}

impl Reducible for Finds {
    type Action = Find;

    fn reduce(self: Rc<Self>, action: Find) -> Rc<Self> {
        let Self { all, chat } = *self;
        Rc::new(match action {
            Find::All => Self { all: all + 1, chat },
            Find::Chat => Self {
                all,
                chat: chat + 1,
            },
        })
    }
}

/// Whether the window is too narrow for the list beside what is open.
fn is_list_hidden() -> bool {
    document()
        .and_then(|page| page.query_selector(".list").ok()?)
        .is_some_and(|list| list.client_height() == 0)
}

#[derive(Properties, PartialEq)]
struct RailProps {
    route: Route,
}

#[component]
fn Rail(props: &RailProps) -> Html {
    let words = use_words();
    let act = use_act();
    let waiting = use_context::<DeskContext>().map_or(0, |desk| desk.total());
    let item = |to: Route, glyph: Glyph, label: locale::Key, testid: &'static str, count: u32| {
        let place = |route: Route| match route {
            Route::Chat(_) => Route::List.pane(),
            route => route.pane(),
        };
        let current = place(props.route) == place(to);
        let act = act.clone();
        let leads_up = matches!(props.route, Route::Sound | Route::History);
        let onclick = Callback::from(move |_: MouseEvent| {
            if !current || leads_up {
                act.go(to);
            }
        });
        html! {
            <button
                class="rail-item"
                type="button"
                data-testid={testid}
                aria-current={current.then_some("page")}
                {onclick}
            >
                <Icon {glyph} />
                <span class="rail-label">{ words.text(label) }</span>
                if count > 0 {
                    <span class="rail-count" data-testid="desk-count" aria-hidden="true">{ badge(count) }</span>
                    <span class="sr-only">{ words.with(key::DESK_WAITING, &[("count", count.into())]) }</span>
                }
            </button>
        }
    };
    html! {
        <nav class="rail" aria-label={words.text(key::NAV_LABEL)}>
            { item(Route::List, Glyph::Chats, key::NAV_CHATS, "chats", 0) }
            { item(Route::Desk, Glyph::Desk, key::NAV_DESK, "desk", waiting) }
            { item(Route::Settings, Glyph::Settings, key::NAV_SETTINGS, "settings", 0) }
        </nav>
    }
}

/// No wider than two figures and a sign.
fn badge(count: u32) -> String {
    match count {
        0..=99 => count.to_string(),
        _ => "99+".to_owned(),
    }
}

#[derive(Properties, PartialEq)]
struct ConnectionStripProps {
    sign_in_again: Callback<bool>,
}

/// What is in the way, and what can be done. Always in the page, so that its state can be read; empty when all is well.
#[component]
fn ConnectionStrip(props: &ConnectionStripProps) -> Html {
    let words = use_words();
    let act = use_act();
    let Some(link) = use_context::<LinkContext>() else {
        return Html::default();
    };
    let connection = &link.connection;
    let (text, busy) = match connection {
        Connection::Online => (None, false),
        Connection::CatchingUp => (Some(words.text(key::CONNECTION_CATCHING_UP)), true),
        Connection::Connecting => (Some(words.text(key::CONNECTION_CONNECTING)), true),
        Connection::Offline { .. } => (Some(words.text(key::CONNECTION_OFFLINE)), false),
        Connection::Error { fault } => {
            let name = fault.kind.name();
            let text = format!("{} {}", words.fault(name), words.fault_advice(name));
            (Some(text), false)
        }
    };
    let action = match connection {
        Connection::Error { .. } if link.wants_password() => {
            let onclick = props.sign_in_again.reform(|_: MouseEvent| true);
            Some(html! {
                <Button variant="quiet" testid="sign-in-again" {onclick}>
                    { words.text(key::CONNECTION_SIGN_IN) }
                </Button>
            })
        }
        Connection::Error { .. } | Connection::Offline { .. } => {
            let onclick = Callback::from(move |_: MouseEvent| act.reconnect());
            Some(html! {
                <Button variant="quiet" testid="reconnect" {onclick}>
                    { words.text(key::CONNECTION_TRY_NOW) }
                </Button>
            })
        }
        _ => None,
    };
    let kind = match connection {
        Connection::Error { fault } => Some(fault.kind.name()),
        _ => None,
    };
    html! {
        <div
            class="connection"
            data-testid="connection"
            data-state={connection.name()}
            data-busy={busy.then_some("true")}
            data-kind={kind}
            role="status"
        >
            if let Some(text) = text {
                <span class="connection-text">
                    { text }
                    if let Some(at) = link.retry_at {
                        <Countdown {at} />
                    }
                </span>
            }
            { for action }
        </div>
    }
}

/// How far the history was fetched, while much is still to come. At the foot of the list, where it covers nothing.
#[component]
fn SyncLine() -> Html {
    let words = use_words();
    let link = use_context::<LinkContext>();
    let Some(sync) = link.and_then(|link| link.sync) else {
        return Html::default();
    };
    let Some((held, total)) = sync.progress() else {
        return Html::default();
    };
    html! {
        <div class="sync-line" data-testid="sync">
            <progress
                class="sync-line-progress"
                max={total.to_string()}
                value={held.to_string()}
                aria-label={words.text(key::SETTINGS_HISTORY)}
            />
            <p>{ format::fetched(held, total, sync.back_to, &words) }</p>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct CountdownProps {
    /// By the window's clock, in milliseconds.
    at: u64,
}

/// How long until the next try. A timer to assistive technology, which does not read every second of it aloud.
#[component]
fn Countdown(props: &CountdownProps) -> Html {
    let words = use_words();
    let left = use_state_eq(|| seconds_until(props.at));
    use_effect_with(props.at, {
        let left = left.setter();
        move |at| {
            let at = *at;
            left.set(seconds_until(at));
            let tick = Interval::new(1_000, move || left.set(seconds_until(at)));
            move || drop(tick)
        }
    });
    html! {
        <span class="connection-next" role="timer" data-testid="next-try">
            { words.with(key::CONNECTION_NEXT_TRY, &[("seconds", (*left).into())]) }
        </span>
    }
}

/// Rounded up, and never none: the try itself says that it has begun.
fn seconds_until(at: u64) -> u32 {
    let left = (at as f64 - clock::now()) / 1_000.0;
    // A cast saturates.
    (left.ceil() as u32).max(1)
}

/// Where the space bar means something of its own.
const TAKES_SPACE: &str = "input, textarea, select, button, summary, a, dialog, [contenteditable], [role=option], \
    [role=separator], [role=slider], [role=button], [role=link], [role=checkbox], [role=switch], [role=radio], \
    [role=tab], [role=menuitem], [role=combobox], [role=spinbutton], [role=textbox], [role=treeitem]";
/// Where one writes.
const TAKES_TEXT: &str = "input, textarea, [contenteditable], [role=textbox]";

fn is_in(target: Option<&Element>, selector: &str) -> bool {
    target.is_some_and(|element| element.closest(selector).is_ok_and(|found| found.is_some()))
}

/// On a Mac the option key with an arrow moves the cursor in a text.
fn is_mac() -> bool {
    window()
        .and_then(|window| window.navigator().platform().ok())
        .is_some_and(|platform| platform.starts_with("Mac"))
}

/// What keys begin.
#[derive(Clone, PartialEq)]
struct Starts {
    new_chat: Callback<()>,
    search: Callback<()>,
    search_all: Callback<()>,
}

#[hook]
fn use_shortcuts(act: &Act, route: Route, starts: &Starts) {
    let held = use_memo((), |()| Cell::new(false));
    let chats = use_context::<ChatsContext>();

    let down = {
        let held = Rc::clone(&held);
        use_callback(
            (act.clone(), route, starts.clone(), chats),
            move |event: Event, (act, route, starts, chats)| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
                    return;
                };
                // 229: some web views say only so that an input method has the key.
                if event.is_composing() || event.key_code() == 229 {
                    return;
                }
                let target = event
                    .target()
                    .and_then(|target| target.dyn_into::<Element>().ok());
                let in_dialog = is_in(target.as_ref(), "dialog");
                let moves_cursor =
                    event.alt_key() && is_in(target.as_ref(), TAKES_TEXT) && is_mac();
                let command = event.ctrl_key() || event.meta_key();
                // On a Mac the control key with these edits text.
                let finds = if is_mac() {
                    event.meta_key()
                } else {
                    event.ctrl_key()
                };
                let finds = finds && !event.shift_key() && !event.alt_key() && !in_dialog;
                match event.key().as_str() {
                    "n" | "N" if command && !event.shift_key() && !event.alt_key() => {
                        event.prevent_default();
                        starts.new_chat.emit(());
                    }
                    "f" | "F" if finds && route.chat().is_some() => {
                        event.prevent_default();
                        starts.search.emit(());
                    }
                    "f" | "F" | "k" | "K" if finds => {
                        event.prevent_default();
                        starts.search_all.emit(());
                    }
                    "Escape" if !in_dialog => {
                        let on = act.talk().is_some_and(|talk| talk.is().0);
                        if on {
                            event.prevent_default();
                            if let Some(talk) = act.talk() {
                                talk.input(Input::Interrupt);
                            }
                        } else if *route != Route::List
                            && !event.default_prevented()
                            // Beside the list a chat is in nobody's way.
                            && (route.chat().is_none() || is_list_hidden())
                        {
                            event.prevent_default();
                            act.go(route.up());
                        }
                    }
                    "ArrowLeft" | "ArrowUp" | "ArrowDown" if moves_cursor => {}
                    "ArrowLeft" if event.alt_key() && *route != Route::List => {
                        event.prevent_default();
                        act.go(route.up());
                    }
                    "ArrowUp" | "ArrowDown" if event.alt_key() => {
                        event.prevent_default();
                        let step = if event.key() == "ArrowUp" { -1 } else { 1 };
                        let next = chats
                            .as_ref()
                            .and_then(|chats| chats.neighbour(route.chat(), step));
                        if let Some(chat) = next {
                            act.go(Route::Chat(chat));
                        }
                    }
                    " " if !is_in(target.as_ref(), TAKES_SPACE) => {
                        let (Some(talk), Some(chat)) = (act.talk(), route.chat()) else {
                            return;
                        };
                        event.prevent_default();
                        if event.repeat() || command || event.alt_key() || held.get() {
                            return;
                        }
                        if talk.is() == (true, true) {
                            talk.flip_pause();
                        } else {
                            held.set(true);
                            talk.input(Input::Press(chat, clock::now()));
                        }
                    }
                    "Enter" if !is_in(target.as_ref(), TAKES_SPACE) => {
                        if let Some(talk) = act.talk().filter(|talk| talk.is() == (true, true))
                            && !event.repeat()
                        {
                            event.prevent_default();
                            talk.input(Input::Send(clock::now()));
                        }
                    }
                    _ => {}
                }
            },
        )
    };
    use_event(On::Document, "keydown", down);

    let up = {
        let held = Rc::clone(&held);
        use_callback(act.clone(), move |event: Event, act| {
            let space = event
                .dyn_ref::<KeyboardEvent>()
                .is_some_and(|event| event.key() == " ");
            if space && held.replace(false) {
                event.prevent_default();
                if let Some(talk) = act.talk() {
                    talk.input(Input::Release(clock::now()));
                }
            }
        })
    };
    use_event(On::Document, "keyup", up);

    // Another window in front: nobody knows when the key or the button is let go.
    let away = use_callback(act.clone(), move |_: Event, act| {
        held.set(false);
        if let Some(talk) = act.talk()
            && talk.is() == (true, false)
        {
            talk.input(Input::Interrupt);
        }
    });
    use_event(On::Window, "blur", away.clone());
    use_event(On::Document, "visibilitychange", away);
}
