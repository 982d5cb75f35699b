//! The search in one chat: a bar below its head, with what was found over the timeline.
//!
//! Opening a hit folds the results away, so that the message is seen; the bar stays, and leads on to older and newer
//! hits. Typing or walking unfolds them.

use std::rc::Rc;

use api::{ChatId, MessageId, SearchHit};
use locale::key;
use yew::prelude::*;

use crate::components::controls::IconButton;
use crate::components::icon::Glyph;
use crate::components::search::{SearchBox, use_search};
use crate::components::search_results::SearchResults;
use crate::format;
use crate::hooks::{use_act, use_words};
use crate::state::search::{BATCH, SearchAction};

/// Which chat.
#[derive(Properties, PartialEq)]
pub struct ChatSearchProps {
    /// The chat.
    pub chat: ChatId,
    /// The focus comes here whenever this grows.
    pub focus: u32,
    /// Closes it.
    pub close: Callback<()>,
}

/// See [`ChatSearchProps`].
#[component]
pub fn ChatSearch(props: &ChatSearchProps) -> Html {
    let words = use_words();
    let act = use_act();
    let chat = props.chat;
    let has_focus = use_state_eq(|| false);
    let opened = use_state_eq(|| None::<MessageId>);
    let folded = use_state_eq(|| false);
    let search = use_search(Some(chat), *has_focus);

    use_effect_with((search.text.clone(), search.active), {
        let (folded, opened) = (folded.setter(), opened.setter());
        move |_| {
            folded.set(false);
            opened.set(None);
        }
    });
    let open = {
        let (folded, opened) = (folded.setter(), opened.setter());
        use_callback(act.clone(), move |hit: Rc<SearchHit>, act| {
            folded.set(true);
            opened.set(Some(hit.message));
            act.show_message(hit.chat, hit.message);
        })
    };
    let at = opened.and_then(|id| search.shown().position(|hit| hit.message == id));
    let step = {
        let (search, open) = (search.clone(), open.clone());
        Callback::from(move |step: isize| {
            let to = at.map_or(Some(0), |at| at.checked_add_signed(step));
            if let Some(hit) = to.and_then(|to| search.shown().nth(to)) {
                open.emit(Rc::clone(hit));
            }
            if to.is_some_and(|to| to + BATCH / 2 > search.found()) {
                search.dispatch(SearchAction::More);
            }
        })
    };
    let focused = {
        let has_focus = has_focus.setter();
        use_callback((), move |on: bool, ()| has_focus.set(on))
    };
    let close = props.close.reform(|_: MouseEvent| ());
    let is_folded = *folded && at.is_some();
    let place = at.map(|at| {
        let count = format::count(search.found() as u64, &words);
        let count = if search.has_more() {
            format!("{count}+")
        } else {
            count
        };
        let place = format::count(at as u64 + 1, &words);
        words.with(
            key::SEARCH_PLACE,
            &[("place", place.into()), ("count", count.into())],
        )
    });
    let to = |by: isize| {
        let step = step.clone();
        Callback::from(move |_: MouseEvent| step.emit(by))
    };

    html! {
        <div class="chat-search" data-testid="chat-search-bar" role="search">
            <div class="chat-search-bar">
                <SearchBox
                    search={search.clone()}
                    scope="chat"
                    label={words.text(key::SEARCH_CHAT_LABEL)}
                    focus={props.focus}
                    {focused}
                    open={open.clone()}
                    step={is_folded.then(|| step.clone())}
                    leave={props.close.clone()}
                />
                if let Some(place) = place {
                    <span class="chat-search-place" data-testid="search-place" role="status">{ place }</span>
                    <IconButton
                        glyph={Glyph::ChevronUp}
                        label={words.text(key::SEARCH_OLDER)}
                        testid="search-older"
                        onclick={to(1)}
                    />
                    <IconButton
                        glyph={Glyph::ChevronDown}
                        label={words.text(key::SEARCH_NEWER)}
                        testid="search-newer"
                        onclick={to(-1)}
                    />
                }
                <IconButton
                    glyph={Glyph::Close}
                    label={words.text(key::SEARCH_CLOSE)}
                    testid="search-close"
                    onclick={close}
                />
            </div>
            if !is_folded && (*has_focus || !search.is_blank()) {
                <SearchResults {search} scope="chat" grouped={false} {open} />
            }
        </div>
    }
}
