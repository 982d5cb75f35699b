//! Notices: what the user should know once, floating, closed by hand.

use std::rc::Rc;

use api::Fault;
use locale::key;
use yew::prelude::*;

use crate::components::controls::IconButton;
use crate::components::icon::Glyph;
use crate::hooks::{use_act, use_words};

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct NoticeStackProps {
    /// Oldest first.
    pub shown: Rc<Vec<(u32, Fault)>>,
}

/// See [`NoticeStackProps`].
#[component]
pub fn NoticeStack(props: &NoticeStackProps) -> Html {
    html! {
        <div class="notices" role="status" aria-live="polite">
            { for props.shown.iter().map(|(id, fault)| html! {
                <Notice key={*id} id={*id} name={fault.kind.name()} />
            }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct NoticeProps {
    id: u32,
    name: &'static str,
}

#[component]
fn Notice(props: &NoticeProps) -> Html {
    let words = use_words();
    let act = use_act();
    let close = use_callback((act, props.id), |_: MouseEvent, (act, id)| {
        act.close_notice(*id);
    });
    html! {
        <div class="notice" data-testid="fault" data-kind={props.name}>
            <p class="notice-text">
                <strong class="fault-what">{ words.fault(props.name) }</strong>
                { " " }
                <span class="fault-do">{ words.fault_advice(props.name) }</span>
            </p>
            <IconButton
                glyph={Glyph::Close}
                label={words.text(key::NOTICE_DISMISS)}
                testid="notice-close"
                onclick={close}
            />
        </div>
    }
}
