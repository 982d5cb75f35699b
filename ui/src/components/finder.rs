//! The search over everything: its box on top of the chat list, and what it found in the list's place.

use std::rc::Rc;

use api::SearchHit;
use locale::key;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::components::search::{SearchBox, use_search};
use crate::components::search_results::SearchResults;
use crate::hooks::{document, use_act, use_words};

/// What it stands above.
#[derive(Properties, PartialEq)]
pub struct FinderProps {
    /// The focus comes here whenever this grows.
    pub focus: u32,
    /// The list, which keeps its place while something else is looked at.
    pub children: Html,
}

/// See [`FinderProps`].
#[component]
pub fn Finder(props: &FinderProps) -> Html {
    let words = use_words();
    let act = use_act();
    let has_focus = use_state_eq(|| false);
    let search = use_search(None, *has_focus);
    let focused = {
        let has_focus = has_focus.setter();
        use_callback((), move |on: bool, ()| has_focus.set(on))
    };
    let open = use_callback(act, |hit: Rc<SearchHit>, act| {
        act.show_message(hit.chat, hit.message);
    });
    let leave = use_callback((), |(), ()| {
        let focused = document().and_then(|document| document.active_element());
        if let Some(element) = focused.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            // What cannot lose the focus keeps it.
            let _ = element.blur();
        }
    });
    let is_on = *has_focus || !search.is_blank();
    html! {
        <>
            <SearchBox
                search={search.clone()}
                scope="all"
                label={words.text(key::SEARCH_LABEL)}
                focus={props.focus}
                {focused}
                open={open.clone()}
                {leave}
            />
            if is_on {
                <SearchResults {search} scope="all" grouped=true {open} />
            }
            <div class="list-chats" hidden={is_on}>{ props.children.clone() }</div>
        </>
    }
}
