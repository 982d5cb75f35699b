//! The backend cannot start: its data is in use elsewhere, or from a newer Millet, or unreadable.

use api::Fault;
use locale::key;
use yew::prelude::*;

use crate::backend;
use crate::components::controls::{Button, FaultBox};
use crate::components::ears::Ears;
use crate::hooks::use_words;

/// What happened, what to do, and a way to try again.
#[derive(Properties, PartialEq)]
pub struct BrokenProps {
    /// Why.
    pub fault: Fault,
}

/// See [`BrokenProps`].
#[component]
pub fn Broken(props: &BrokenProps) -> Html {
    let words = use_words();
    let again = use_callback((), |_: MouseEvent, ()| backend::start_again());
    html! {
        <main class="broken">
            <Ears />
            <h1 class="broken-title">{ words.text(key::APP_NAME) }</h1>
            <FaultBox fault={props.fault.clone()} />
            <Button variant="primary" testid="try-again" onclick={again}>{ words.text(key::TRY_AGAIN) }</Button>
        </main>
    }
}
