//! The root: joins the backend's feed to the state, the state to the screens, the place to the history, and the settings
//! to the page.

use std::cell::Cell;
use std::rc::Rc;

use api::Settings;
use locale::{Language, Words};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::PopStateEvent;
use yew::prelude::*;

use crate::act::{Act, Sinks};
use crate::backend;
use crate::components::notice::NoticeStack;
use crate::hooks::{On, Today, document, set_var, use_day, use_event, window};
use crate::screens::broken::Broken;
use crate::screens::main::Main;
use crate::screens::sign_in::SignInScreen;
use crate::state::bin::Bin;
use crate::state::chats::Chats;
use crate::state::desk::Desk;
use crate::state::jobs::Jobs;
use crate::state::link::Link;
use crate::state::notices::{Notices, NoticesAction};
use crate::state::player::Player;
use crate::state::recording::{Input, Recording};
use crate::state::route::Route;
use crate::state::settings::{self, Change};
use crate::state::sound_check::SoundCheck;
use crate::state::transfers::Transfers;
use crate::state::window::Timeline;
use crate::talk::Talk;
use crate::way::{Back, Way};

/// The list as a context.
pub type ChatsContext = UseReducerHandle<Chats>;
/// The open conversation as a context.
pub type TimelineContext = UseReducerHandle<Timeline>;
/// The player as a context.
pub type PlayerContext = UseReducerHandle<Player>;
/// Transfers as a context.
pub type TransfersContext = UseReducerHandle<Transfers>;
/// The listening desk as a context.
pub type DeskContext = UseReducerHandle<Desk>;
/// Notices as a context.
pub type NoticesContext = UseReducerHandle<Notices>;
/// Account and connection as a context.
pub type LinkContext = UseReducerHandle<Link>;

/// The app.
#[component]
pub fn App() -> Html {
    let link = use_reducer_eq(Link::default);
    let chats = use_reducer_eq(Chats::default);
    let timeline = use_reducer_eq(Timeline::default);
    let player = use_reducer_eq(Player::default);
    let transfers = use_reducer_eq(Transfers::default);
    let bin = use_reducer_eq(Bin::default);
    let jobs = use_reducer_eq(Jobs::default);
    let desk = use_reducer_eq(Desk::default);
    let sound_check = use_reducer_eq(SoundCheck::default);
    let notices = use_reducer_eq(Notices::default);
    let recording = use_state_eq(Recording::default);
    let settings = use_state_eq(settings::given);
    let newest = use_mut_ref(|| (*settings).clone());
    let back = use_state_eq(Back::default);
    let again = use_state_eq(|| false);
    let (route, go) = use_route();
    let today = use_day();

    let words = use_memo(settings.language.clone(), |language| {
        Words::new(chosen_language(language.as_deref()))
    });
    use_page(&settings, &words);

    let talk = {
        let notices = notices.dispatcher();
        let shown = recording.setter();
        use_memo((), move |()| {
            let tell = Callback::from(move |fault| notices.dispatch(NoticesAction::Add(fault)));
            Talk::new(shown, tell)
        })
    };
    let way = {
        let back = back.setter();
        use_memo((), move |()| Way::new(back))
    };
    let shown = settings.setter();
    // Two changes may come between two renderings, so they are made to a copy that is never behind.
    let change_settings = use_callback((), move |change: Change, ()| {
        let mut newest = newest.borrow_mut();
        change(&mut newest);
        shown.set(newest.clone());
        newest.clone()
    });
    let act = Act::new(Sinks {
        link: link.dispatcher(),
        chats: chats.dispatcher(),
        timeline: timeline.dispatcher(),
        player: player.dispatcher(),
        transfers: transfers.dispatcher(),
        bin: bin.dispatcher(),
        jobs: jobs.dispatcher(),
        desk: desk.dispatcher(),
        sound_check: sound_check.dispatcher(),
        notices: notices.dispatcher(),
        way: (*way).clone(),
        talk: (*talk).clone(),
        go,
        settings: change_settings,
    });

    use_effect_with((), {
        let act = act.clone();
        move |()| {
            let (broken, reader) = (act.clone(), act.clone());
            backend::listen(
                Callback::from(move |items| act.feed(items)),
                Callback::from(move |fault| broken.broken(fault)),
            );
            reader.read_settings();
        }
    });
    use_effect_with(
        (desk.stale, desk.order, link.started, link.account.is_some()),
        {
            let act = act.clone();
            move |&(stale, order, started, has_account)| {
                if started && has_account {
                    act.read_desk(order, stale);
                }
            }
        },
    );
    let unread = route
        .chat()
        .and_then(|chat| chats.get(chat))
        .map_or(0, |row| row.unread);
    use_stretch(&act, route, link.started, unread);

    let sign_in_again = {
        let again = again.setter();
        use_callback((), move |on: bool, ()| again.set(on))
    };
    // Leaving the password form is up to the connection, once it is right.
    use_effect_with(link.wants_password(), {
        let again = again.setter();
        move |wants| {
            if !wants {
                again.set(false);
            }
        }
    });

    let (name, screen) = if let Some(fault) = &link.broken {
        ("broken", html! { <Broken fault={fault.clone()} /> })
    } else if !link.started {
        ("boot", Html::default())
    } else if let Some(account) = link.account.as_ref().filter(|_| !*again) {
        let address = AttrValue::from(account.address.clone());
        (
            "main",
            html! {
                <ContextProvider<ChatsContext> context={chats}>
                <ContextProvider<TimelineContext> context={timeline}>
                <ContextProvider<PlayerContext> context={player}>
                <ContextProvider<TransfersContext> context={transfers}>
                <ContextProvider<Recording> context={(*recording).clone()}>
                <ContextProvider<Bin> context={(*bin).clone()}>
                <ContextProvider<Jobs> context={(*jobs).clone()}>
                <ContextProvider<DeskContext> context={desk.clone()}>
                <ContextProvider<SoundCheck> context={(*sound_check).clone()}>
                <ContextProvider<Back> context={*back}>
                <ContextProvider<NoticesContext> context={notices.clone()}>
                    <Main {route} {address} {sign_in_again} />
                </ContextProvider<NoticesContext>>
                </ContextProvider<Back>>
                </ContextProvider<SoundCheck>>
                </ContextProvider<DeskContext>>
                </ContextProvider<Jobs>>
                </ContextProvider<Bin>>
                </ContextProvider<Recording>>
                </ContextProvider<TransfersContext>>
                </ContextProvider<PlayerContext>>
                </ContextProvider<TimelineContext>>
                </ContextProvider<ChatsContext>>
            },
        )
    } else {
        let leave = link.account.is_some().then_some(sign_in_again);
        let account = link.account.clone();
        ("sign-in", html! { <SignInScreen {account} {leave} /> })
    };

    html! {
        <ContextProvider<Words> context={(*words).clone()}>
        <ContextProvider<Act> context={act}>
        <ContextProvider<Settings> context={(*settings).clone()}>
        <ContextProvider<LinkContext> context={link}>
        <ContextProvider<Today> context={today}>
            <div class="app" data-screen={name}>
                { screen }
                // An open chat makes room for them above its composer.
                if name != "main" || route.chat().is_none() {
                    <NoticeStack shown={Rc::clone(&notices.shown)} binned={Rc::clone(&bin.drafts)} away={Rc::clone(&desk.away)} />
                }
            </div>
        </ContextProvider<Today>>
        </ContextProvider<LinkContext>>
        </ContextProvider<Settings>>
        </ContextProvider<Act>>
        </ContextProvider<Words>>
    }
}

/// Reads the timeline of the chat that is opened, where `unread` messages wait. After the feed has started over, the
/// timeline's view reads again: it knows where the reader is.
#[hook]
fn use_stretch(act: &Act, route: Route, started: bool, unread: u32) {
    let reader = act.clone();
    use_effect_with((route.chat(), started), move |(chat, started)| {
        reader.show_timeline(*chat);
        if *started {
            reader.open_timeline(*chat, unread);
        }
    });
    let act = act.clone();
    use_effect_with(route.chat(), move |chat| {
        let open = chat.is_some();
        move || {
            // What was to sound as soon as it is here was to sound there.
            act.want(None);
            // A recording belongs to the chat it was begun in.
            if let Some(talk) = act.talk().filter(|talk| open && talk.is().0) {
                talk.input(Input::Interrupt);
            }
        }
    });
}

/// Where the user is, mirrored to the history: the list is the ground, everything else a step above it, or two.
#[hook]
fn use_route() -> (Route, Callback<Route>) {
    let route = use_state_eq(Route::default);
    let steps = use_memo((), |()| Cell::new(0_u8));
    let now = use_memo((), |()| Cell::new(Route::default()));
    let set = route.setter();
    let go = {
        let (steps, now, set) = (Rc::clone(&steps), Rc::clone(&now), set.clone());
        use_callback((), move |to: Route, ()| {
            if now.get() == to {
                return;
            }
            let from = now.replace(to);
            set.set(to);
            let Some(history) = window().and_then(|window| window.history().ok()) else {
                return;
            };
            let state = JsValue::from_f64(to.to_number());
            // Without a history the place is still right; only "back" of the system does nothing.
            let _ = match (steps.get(), to) {
                (here, Route::List) => {
                    steps.set(0);
                    history.go_with_delta(-i32::from(here))
                }
                (here, to) if to.height() > here => {
                    steps.set(here + 1);
                    history.push_state_with_url(&state, "", None)
                }
                (here @ 2.., to) if to == from.up() => {
                    steps.set(here - 1);
                    history.back()
                }
                _ => history.replace_state_with_url(&state, "", None),
            };
        })
    };
    let travelled = use_callback((), move |event: Event, ()| {
        let state = event
            .dyn_ref::<PopStateEvent>()
            .and_then(|event| event.state().as_f64());
        let to = Route::from_number(state.unwrap_or_default());
        steps.set(to.height());
        now.set(to);
        set.set(to);
    });
    use_event(On::Window, "popstate", travelled);
    (*route, go)
}

/// Keeps the page's theme, text size and language as chosen.
#[hook]
fn use_page(settings: &Settings, words: &Words) {
    let language = words.language().tag();
    use_effect_with((settings.clone(), language), |(settings, language)| {
        let Some(root) = document().and_then(|document| document.document_element()) else {
            return;
        };
        // These attributes are always settable.
        let _ = root.set_attribute("data-theme", settings.theme.name());
        let _ = root.set_attribute("lang", language);
        let scale = f64::from(settings.text_size) / 100.0;
        set_var(&root, "--scale", &scale.to_string());
    });
}

fn chosen_language(language: Option<&str>) -> Language {
    let system: Vec<String> = window()
        .map(|window| window.navigator().languages())
        .map(|tags| tags.iter().filter_map(|tag| tag.as_string()).collect())
        .unwrap_or_default();
    Language::choose(
        language
            .into_iter()
            .chain(system.iter().map(String::as_str)),
    )
}
