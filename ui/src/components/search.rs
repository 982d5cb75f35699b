//! A box to search in, and the hook that asks for what is typed into it.
//!
//! There are two: above the chat list, over everything, and in a chat, over that chat. Both are this; what is found is
//! [`super::search_results`]. The focus stays in the box: arrows, Enter and Tab act on the results from here, as ARIA's
//! practices have it for a list that belongs to a field.

use api::{ChatId, Job, Search as AskSearch, SearchCompletions};
use gloo_timers::callback::Timeout;
use locale::key;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use crate::backend;
use crate::clock;
use crate::components::controls::IconButton;
use crate::components::icon::{Glyph, Icon};
use crate::components::search_results::option_id;
use crate::hooks::{after_paint, use_words};
use crate::state::jobs::Jobs;
use crate::state::search::{Ask, Enter, Search, SearchAction, bytes_of, units_of};

/// From the last key to the question, in milliseconds.
const PAUSE_MS: u32 = 150;

/// A search as a property.
pub type Searching = UseReducerHandle<Search>;

/// Keeps a search answered: of everything, or of one chat. Completions are asked for while the box has the focus.
#[hook]
pub fn use_search(scope: Option<ChatId>, has_focus: bool) -> Searching {
    let search = use_reducer_eq(Search::default);
    use_effect_with((search.ask(), scope), {
        let (dispatcher, text) = (search.dispatcher(), search.text.clone());
        move |(ask, scope)| {
            let scope = *scope;
            let timer = ask.map(|ask| {
                let pause = if ask.is_eager() { 0 } else { PAUSE_MS };
                Timeout::new(pause, move || find(ask, text, scope, dispatcher))
            });
            move || drop(timer)
        }
    });
    use_effect_with((search.text.clone(), search.cursor, has_focus), {
        let dispatcher = search.dispatcher();
        move |(text, cursor, has_focus)| {
            let (text, cursor) = (text.clone(), *cursor);
            // What the empty box offers is there at once.
            let pause = if text.is_empty() { 0 } else { PAUSE_MS };
            let timer =
                has_focus.then(|| Timeout::new(pause, move || complete(text, cursor, dispatcher)));
            move || drop(timer)
        }
    });
    let jobs = use_context::<Jobs>().unwrap_or_default();
    use_effect_with(jobs.is_running(Job::RebuildSearch), {
        let dispatcher = search.dispatcher();
        move |running| {
            if !running {
                dispatcher.dispatch(SearchAction::Again);
            }
        }
    });
    search
}

fn find(ask: Ask, text: String, scope: Option<ChatId>, to: UseReducerDispatcher<Search>) {
    let answer = backend::call(AskSearch {
        text,
        chat: scope,
        after: ask.after,
        utc_offset_min: clock::utc_offset_min(clock::wall()),
    });
    spawn_local(async move {
        to.dispatch(match answer.await {
            Ok(page) => SearchAction::Answered(ask, page),
            Err(fault) => SearchAction::Failed(ask, fault),
        });
    });
}

fn complete(text: String, cursor: usize, to: UseReducerDispatcher<Search>) {
    let answer = backend::call(SearchCompletions {
        text: text.clone(),
        cursor: u32::try_from(cursor).unwrap_or(u32::MAX),
    });
    spawn_local(async move {
        // Without completions one types on.
        let completions = answer.await.unwrap_or_default();
        to.dispatch(SearchAction::Completions(text, cursor, completions));
    });
}

/// A box and what it belongs to.
#[derive(Properties, PartialEq)]
pub struct SearchBoxProps {
    /// The search.
    pub search: Searching,
    /// `all` or `chat`: tells the two apart, and begins the ids of the results.
    pub scope: &'static str,
    /// What it searches, in words.
    pub label: AttrValue,
    /// The focus comes here whenever this grows; not for 0.
    pub focus: u32,
    /// Whether it is searched in: clicked, typed into or asked for by a key, until the focus goes.
    pub focused: Callback<bool>,
    /// Enter or a pointer chose a hit.
    pub open: Callback<std::rc::Rc<api::SearchHit>>,
    /// What Enter does while the results are folded away: on to the next hit, or back where negative.
    #[prop_or_default]
    pub step: Option<Callback<isize>>,
    /// Esc in an empty box.
    pub leave: Callback<()>,
}

/// See [`SearchBoxProps`].
#[component]
pub fn SearchBox(props: &SearchBoxProps) -> Html {
    let words = use_words();
    let node = use_node_ref();
    let search = &props.search;

    use_effect_with(props.focus, {
        let (node, focused) = (node.clone(), props.focused.clone());
        move |focus| {
            if *focus > 0 {
                // The pane it is in may only now come out of hiding.
                after_paint(move || {
                    if let Some(input) = node.cast::<HtmlInputElement>() {
                        // A box that cannot take the focus is clicked by the user.
                        let _ = input.focus();
                        input.select();
                        focused.emit(true);
                    }
                });
            }
        }
    });
    use_effect_with(search.placed, {
        let (node, search) = (node.clone(), search.clone());
        move |placed| {
            if *placed > 0
                && let Some(input) = node.cast::<HtmlInputElement>()
            {
                let at = u32::try_from(units_of(&search.text, search.cursor)).unwrap_or(u32::MAX);
                // Only kinds of fields without a cursor refuse one.
                let _ = input.set_selection_range(at, at);
            }
        }
    });

    let read = {
        let (node, dispatcher) = (node.clone(), search.dispatcher());
        use_callback((), move |(), ()| {
            if let Some(input) = node.cast::<HtmlInputElement>() {
                let text = input.value();
                let units = input.selection_end().ok().flatten();
                let cursor = bytes_of(&text, units.unwrap_or(u32::MAX) as usize);
                dispatcher.dispatch(SearchAction::Typed(text, cursor));
            }
        })
    };
    let empty = {
        let (node, dispatcher) = (node.clone(), search.dispatcher());
        use_callback((), move |_: MouseEvent, ()| {
            dispatcher.dispatch(SearchAction::Typed(String::new(), 0));
            if let Some(input) = node.cast::<HtmlInputElement>() {
                let _ = input.focus();
            }
        })
    };
    let onkeydown = {
        let (open, leave, step) = (props.open.clone(), props.leave.clone(), props.step.clone());
        let focused = props.focused.clone();
        let search = search.clone();
        Callback::from(move |event: KeyboardEvent| {
            // 229: some web views say only so that an input method has the key.
            if event.is_composing() || event.key_code() == 229 {
                return;
            }
            if event.alt_key() || event.ctrl_key() || event.meta_key() {
                return;
            }
            match event.key().as_str() {
                "ArrowDown" => {
                    focused.emit(true);
                    search.dispatch(SearchAction::Walk(1));
                }
                "ArrowUp" => search.dispatch(SearchAction::Walk(-1)),
                "Enter" => match (&step, search.enter()) {
                    (Some(step), _) => step.emit(if event.shift_key() { -1 } else { 1 }),
                    (None, Some(Enter::Complete(at))) => {
                        search.dispatch(SearchAction::Complete(at));
                    }
                    (None, Some(Enter::Open(hit))) => open.emit(hit),
                    (None, None) => {}
                },
                // In an empty box it leads on, as everywhere.
                "Tab"
                    if !event.shift_key()
                        && !search.text.is_empty()
                        && !search.completions.is_empty() =>
                {
                    let at = match search.active {
                        Some(crate::state::search::Active::Completion(at)) => at,
                        _ => 0,
                    };
                    search.dispatch(SearchAction::Complete(at));
                }
                "Escape" if search.text.is_empty() => leave.emit(()),
                "Escape" => search.dispatch(SearchAction::Typed(String::new(), 0)),
                _ => return,
            }
            event.prevent_default();
        })
    };
    // The focus alone opens nothing: it may be on its way through.
    let asked = {
        let read = read.clone();
        use_callback(props.focused.clone(), move |(), focused| {
            focused.emit(true);
            read.emit(());
        })
    };
    let active = search.active.map(|active| option_id(props.scope, active));

    html! {
        <div class="search" data-testid="search" data-scope={props.scope}>
            <Icon glyph={Glyph::Search} />
            <input
                ref={node}
                class="search-input"
                type="text"
                role="searchbox"
                inputmode="search"
                enterkeyhint="search"
                data-testid="search-input"
                aria-label={props.label.clone()}
                aria-autocomplete="list"
                aria-controls={format!("search-{}", props.scope)}
                aria-activedescendant={active}
                placeholder={words.text(key::SEARCH_PLACEHOLDER)}
                autocomplete="off"
                autocapitalize="none"
                autocorrect="off"
                spellcheck="false"
                maxlength="1000"
                value={search.text.clone()}
                oninput={asked.reform(|_: InputEvent| ())}
                onkeyup={read.reform(|_: KeyboardEvent| ())}
                onclick={asked.reform(|_: MouseEvent| ())}
                {onkeydown}
                onblur={props.focused.reform(|_: FocusEvent| false)}
            />
            if !search.text.is_empty() {
                <IconButton
                    class="search-clear"
                    glyph={Glyph::Close}
                    label={words.text(key::SEARCH_CLEAR)}
                    testid="search-clear"
                    onclick={empty}
                />
            }
        </div>
    }
}
