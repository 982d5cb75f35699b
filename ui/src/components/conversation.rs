//! An open chat: who, what was said, and the composer.

use std::rc::Rc;

use api::{ChatId, ChatRow, Presence};
use locale::key;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::app::{ChatsContext, DeskContext, LinkContext, NoticesContext, TimelineContext};
use crate::components::avatar::{Avatar, presence_name};
use crate::components::calendar::Calendar;
use crate::components::chat_search::ChatSearch;
use crate::components::composer::Composer;
use crate::components::controls::{Button, IconButton};
use crate::components::ears::Ears;
use crate::components::icon::Glyph;
use crate::components::notice::NoticeStack;
use crate::components::timeline::TimelineView;
use crate::hooks::{use_act, use_words};
use crate::state::bin::Bin;
use crate::state::route::Route;

/// Which chat.
#[derive(Properties, PartialEq)]
pub struct ConversationProps {
    /// None: nothing is chosen.
    pub chat: Option<ChatId>,
    /// The search in the chat opens, and gets the focus, whenever this grows.
    pub find: u32,
    /// Makes it grow.
    pub search: Callback<()>,
}

/// See [`ConversationProps`].
#[component]
pub fn Conversation(props: &ConversationProps) -> Html {
    let words = use_words();
    let chats = use_context::<ChatsContext>();
    let link = use_context::<LinkContext>();
    let notices = use_context::<NoticesContext>();
    let bin = use_context::<Bin>().unwrap_or_default();
    let away = use_context::<DeskContext>().map(|desk| Rc::clone(&desk.away));
    let searched = use_state_eq(|| None::<ChatId>);
    use_effect_with(props.find, {
        let (searched, chat) = (searched.setter(), props.chat);
        move |find| {
            if *find > 0 {
                searched.set(chat);
            }
        }
    });
    // Closed with the chat it was opened in.
    use_effect_with(props.chat, {
        let searched = searched.setter();
        move |_| searched.set(None)
    });
    let close = {
        let searched = searched.setter();
        use_callback((), move |(), ()| searched.set(None))
    };
    use_row(props.chat, chats.as_ref());
    let Some(chat) = props.chat else {
        // There is nothing to pick from, and the list says what to do.
        if chats.as_ref().is_some_and(|chats| chats.rows.is_empty()) {
            return html! { <section class="conversation"><div class="empty"><Ears /></div></section> };
        }
        return html! {
            <section class="conversation">
                <div class="empty">
                    <Ears />
                    <p class="empty-title">{ words.text(key::CONVERSATION_NONE_TITLE) }</p>
                    <p class="empty-text">{ words.text(key::CONVERSATION_NONE) }</p>
                </div>
            </section>
        };
    };
    // A chat that was just begun may be ahead of its row by one commit.
    let Some((chats, row)) = chats
        .as_ref()
        .and_then(|chats| Some((chats, Rc::clone(chats.get(chat)?))))
    else {
        return html! { <section class="conversation" data-chat={chat.0.to_string()}></section> };
    };
    let presence = link
        .as_ref()
        .map(|link| link.seen(chats.presence_of(chat)))
        .unwrap_or_default();
    let typing = chats.typing.contains(&chat);
    html! {
        <section class="conversation" data-chat={chat.0.to_string()} aria-label={row.title.clone()}>
            <Header
                key={format!("header-{}", chat.0)}
                {chat}
                search={props.search.clone()}
                address={row.address.clone()}
                title={row.title.clone()}
                {presence}
                {typing}
            />
            if *searched == Some(chat) {
                <ChatSearch key={format!("search-{}", chat.0)} {chat} focus={props.find} {close} />
            }
            if row.asks_presence {
                <RequestBar {chat} title={row.title.clone()} />
            }
            <TimelineView
                key={format!("timeline-{}", chat.0)}
                {chat}
                title={row.title.clone()}
                address={row.address.clone()}
                unread={row.unread}
            />
            if let Some(notices) = notices {
                <NoticeStack
                    key="notices"
                    shown={Rc::clone(&notices.shown)}
                    binned={Rc::clone(&bin.drafts)}
                    away={away.unwrap_or_default()}
                />
            }
            <Composer key={format!("composer-{}", chat.0)} row={Rc::<ChatRow>::clone(&row)} />
        </section>
    }
}

/// Reads the list on until an open chat is in it: a hit may lead far below what was scrolled to.
#[hook]
fn use_row(chat: Option<ChatId>, chats: Option<&ChatsContext>) {
    let act = use_act();
    let next = chats
        .filter(|chats| chat.is_some_and(|chat| chats.get(chat).is_none()))
        .and_then(|chats| Some((chats.next_page()?, chats.turn)));
    use_effect_with(next, move |next| {
        if let Some((after, turn)) = *next {
            act.more_chats(after, turn, || {});
        }
    });
}

#[derive(Properties, PartialEq)]
struct HeaderProps {
    chat: ChatId,
    search: Callback<()>,
    address: AttrValue,
    title: AttrValue,
    presence: Presence,
    typing: bool,
}

#[component]
fn Header(props: &HeaderProps) -> Html {
    let words = use_words();
    let act = use_act();
    let timeline = use_context::<TimelineContext>();
    let calendar = use_state_eq(|| false);
    let opener = use_node_ref();
    let flip = {
        let calendar = calendar.clone();
        use_callback(*calendar, move |_: MouseEvent, on| calendar.set(!on))
    };
    let close = {
        let (calendar, opener) = (calendar.setter(), opener.clone());
        use_callback((), move |(), ()| {
            calendar.set(false);
            let button = opener.cast::<Element>();
            let button = button.and_then(|button| button.query_selector("button").ok()?);
            if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
                // A button that cannot take the focus is clicked by the user.
                let _ = button.focus();
            }
        })
    };
    // Whoever goes on elsewhere, by keys too, is done with it.
    let leave = {
        let calendar = calendar.setter();
        use_callback(opener.clone(), move |event: FocusEvent, opener| {
            let next = event.related_target();
            let next = next.and_then(|next| next.dyn_into::<Element>().ok());
            let is_inside = opener
                .cast::<Element>()
                .is_some_and(|own| own.contains(next.as_deref()));
            if next.is_some() && !is_inside {
                calendar.set(false);
            }
        })
    };
    let search = props.search.reform(|_: MouseEvent| ());
    let back = use_callback(act, |_: MouseEvent, act| act.go(Route::List));
    let presence = presence_name(props.presence);
    // Whoever is not seen may be there all the same, and not show it.
    let status = match props.presence {
        Presence::Online => words.text(key::PRESENCE_ONLINE),
        Presence::Away => words.text(key::PRESENCE_AWAY),
        Presence::Busy => words.text(key::PRESENCE_BUSY),
        Presence::Offline => props.address.to_string(),
    };
    html! {
        <header class="conversation-header">
            <IconButton
                class="conversation-back"
                glyph={Glyph::ChevronLeft}
                label={words.text(key::BACK)}
                testid="back"
                onclick={back}
            />
            <Avatar
                address={props.address.clone()}
                name={props.title.clone()}
                size="36"
                presence={props.presence}
            />
            <div class="conversation-names">
                <h2 class="conversation-title" dir="auto" title={props.address.clone()}>{ &props.title }</h2>
                if props.typing {
                    <p class="conversation-status" data-testid="typing" data-state="typing" role="status">
                        { words.text(key::TYPING) }
                    </p>
                } else {
                    <p class="conversation-status" data-testid="presence" data-state={presence}>
                        { status }
                    </p>
                }
            </div>
            <IconButton
                glyph={Glyph::Search}
                label={words.text(key::SEARCH_CHAT_LABEL)}
                testid="chat-search"
                onclick={search}
            />
            <div ref={opener} class="calendar-box" onfocusout={leave}>
                <IconButton
                    glyph={Glyph::Calendar}
                    label={words.text(key::CALENDAR_OPEN)}
                    testid="calendar-open"
                    onclick={flip}
                />
                if *calendar {
                    <Calendar
                        chat={props.chat}
                        at={timeline.and_then(|timeline| timeline.newest()).map(|newest| newest.at)}
                        {close}
                    />
                }
            </div>
        </header>
    }
}

#[derive(Properties, PartialEq)]
struct RequestBarProps {
    chat: ChatId,
    title: AttrValue,
}

/// The other side asks to see when we are online.
#[component]
fn RequestBar(props: &RequestBarProps) -> Html {
    let words = use_words();
    let act = use_act();
    let answer = |allow: bool| {
        let (act, chat) = (act.clone(), props.chat);
        Callback::from(move |_: MouseEvent| act.answer_presence(chat, allow))
    };
    html! {
        <div class="request-bar" data-testid="request">
            <p class="request-text">
                { words.with(key::REQUEST_TEXT, &[("name", props.title.as_str().into())]) }
            </p>
            <div class="request-actions">
                <Button variant="quiet" testid="request-deny" onclick={answer(false)}>
                    { words.text(key::REQUEST_DENY) }
                </Button>
                <Button variant="primary" testid="request-allow" onclick={answer(true)}>
                    { words.text(key::REQUEST_ALLOW) }
                </Button>
            </div>
        </div>
    }
}
