//! Chat by chat: since when it is complete, or what is missing, and the room its files take.

use std::rc::Rc;

use api::{ChatCursor, ChatHistories, ChatHistory};
use locale::{Words, key};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::Version;
use super::space::FreeSpaceDialog;
use crate::backend;
use crate::components::avatar::Avatar;
use crate::components::controls::{Button, IconButton};
use crate::components::icon::Glyph;
use crate::format;
use crate::hooks::{use_act, use_words};

/// When to ask anew.
#[derive(Properties, PartialEq)]
pub struct ChatsSectionProps {
    /// Whatever changes when something of the history ended.
    pub version: Version,
    /// Copies of files were deleted.
    pub on_freed: Callback<()>,
}

/// What was read so far.
#[derive(Clone, Default, PartialEq)]
struct Pages {
    chats: Vec<Rc<ChatHistory>>,
    next: Option<ChatCursor>,
}

/// See the module.
#[component]
pub fn ChatsSection(props: &ChatsSectionProps) -> Html {
    let words = use_words();
    let act = use_act();
    let pages = use_state_eq(Pages::default);
    let reading = use_state_eq(|| false);
    let freeing = use_state_eq(|| None::<Rc<ChatHistory>>);
    use_effect_with(props.version, {
        let pages = pages.setter();
        move |_| {
            let answer = backend::call(ChatHistories { after: None });
            spawn_local(async move {
                if let Ok(page) = answer.await {
                    pages.set(Pages {
                        chats: page.chats.into_iter().map(Rc::new).collect(),
                        next: page.next,
                    });
                }
            });
        }
    });
    let more = {
        let (pages, reading) = (pages.clone(), reading.setter());
        Callback::from(move |_: MouseEvent| {
            let (pages, reading, act) = (pages.clone(), reading.clone(), act.clone());
            reading.set(true);
            let answer = backend::call(ChatHistories { after: pages.next });
            spawn_local(async move {
                match answer.await {
                    Ok(page) => {
                        let mut chats = pages.chats.clone();
                        chats.extend(page.chats.into_iter().map(Rc::new));
                        pages.set(Pages {
                            chats,
                            next: page.next,
                        });
                    }
                    Err(fault) => act.tell(fault),
                }
                reading.set(false);
            });
        })
    };
    if pages.chats.is_empty() {
        return Html::default();
    }
    let free = {
        let freeing = freeing.setter();
        Callback::from(move |history| freeing.set(Some(history)))
    };
    let done = {
        let (freeing, on_freed) = (freeing.setter(), props.on_freed.clone());
        Callback::from(move |freed: bool| {
            freeing.set(None);
            if freed {
                on_freed.emit(());
            }
        })
    };
    html! {
        <section class="settings-group">
            <h2 class="settings-group-title">{ words.text(key::HISTORY_CHATS) }</h2>
            { for pages.chats.iter().map(|chat| html! {
                <ChatHistoryRow key={chat.chat.0} history={Rc::clone(chat)} free={free.clone()} />
            }) }
            if pages.next.is_some() {
                <div class="settings-row" key="more">
                    <Button variant="quiet" testid="history-more" busy={*reading} onclick={more}>
                        { words.text(key::HISTORY_CHATS_MORE) }
                    </Button>
                </div>
            }
            if let Some(history) = &*freeing {
                <FreeSpaceDialog key="free" chat={history.chat} title={history.title.clone()} {done} />
            }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct ChatHistoryRowProps {
    history: Rc<ChatHistory>,
    free: Callback<Rc<ChatHistory>>,
}

#[component]
fn ChatHistoryRow(props: &ChatHistoryRowProps) -> Html {
    let words = use_words();
    let history = &props.history;
    let missing = u32::try_from(history.gaps.len()).unwrap_or(u32::MAX);
    let onclick = {
        let (free, history) = (props.free.clone(), Rc::clone(history));
        Callback::from(move |_: MouseEvent| free.emit(Rc::clone(&history)))
    };
    html! {
        <div
            class="settings-row"
            data-testid="history-chat"
            data-jid={history.address.clone()}
            data-whole={history.whole.to_string()}
        >
            <Avatar address={history.address.clone()} name={history.title.clone()} size="36" />
            <span class="settings-label">
                <span class="settings-name" dir="auto" title={history.address.clone()}>{ &history.title }</span>
                <span class="settings-sub">
                    { format!("{} · {}", proof(history, &words), messages(history, &words)) }
                </span>
                if missing > 0 {
                    <span class="settings-sub">
                        { words.with(key::SETTINGS_HISTORY_GAPS, &[("count", missing.into())]) }
                    </span>
                }
            </span>
            if history.media_bytes > 0 {
                <span class="settings-output">{ format::size(history.media_bytes, &words) }</span>
                <IconButton
                    glyph={Glyph::Trash}
                    label={words.with(key::SPACE_FREE_IN, &[("name", history.title.as_str().into())])}
                    testid="free-chat"
                    {onclick}
                />
            }
        </div>
    }
}

fn messages(history: &ChatHistory, words: &Words) -> String {
    let count = [
        ("number", history.messages.into()),
        ("count", format::count(history.messages, words).into()),
    ];
    words.with(key::HISTORY_CHAT_COUNT, &count)
}

/// Since when a chat is complete.
fn proof(history: &ChatHistory, words: &Words) -> String {
    let since = match (history.whole, history.oldest, history.back_to) {
        (true, None, _) => return words.text(key::HISTORY_CHAT_WHOLE),
        (true, Some(oldest), _) => oldest,
        (false, _, Some(back_to)) => back_to,
        (false, _, None) => return words.text(key::HISTORY_CHAT_UNKNOWN),
    };
    let date = [("date", format::full_date(since, words).into())];
    words.with(key::HISTORY_CHAT_COMPLETE, &date)
}
