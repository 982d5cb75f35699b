//! Notices: what the user should know once, gone by hand or after a while; and what can still be taken back.
//!
//! Above the composer of an open chat, which makes room for them: what is said or written is never covered. Without one
//! they float.

use std::rc::Rc;

use api::Fault;
use gloo_timers::callback::Timeout;
use locale::key;
use yew::prelude::*;

use crate::components::controls::{Button, IconButton};
use crate::components::icon::Glyph;
use crate::hooks::{use_act, use_words};
use crate::state::bin::Binned;
use crate::state::desk::Away;

/// How long what was thrown or put away can be had back, in milliseconds.
const UNDO_MS: u32 = 6_000;
/// How long a notice stays, in milliseconds. Long enough to be read twice.
const STAYS_MS: u32 = 12_000;
/// Those that wait until they were read: the password is asked for again, the history was damaged.
const STAY: [&str; 2] = ["password_not_kept", "store_recovered"];

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct NoticeStackProps {
    /// Oldest first.
    pub shown: Rc<Vec<(u32, Fault)>>,
    /// Voice drafts that were thrown away.
    pub binned: Rc<Vec<Binned>>,
    /// Voice that was put away unheard.
    pub away: Rc<Vec<Away>>,
}

/// See [`NoticeStackProps`].
#[component]
pub fn NoticeStack(props: &NoticeStackProps) -> Html {
    html! {
        <div class="notices" role="status" aria-live="polite">
            { for props.shown.iter().map(|(id, fault)| html! {
                <Notice key={*id} id={*id} name={fault.kind.name()} />
            }) }
            { for props.binned.iter().filter(|binned| !binned.going).map(|binned| html! {
                <BackFromBin
                    key={binned.draft.clone()}
                    draft={binned.draft.clone()}
                />
            }) }
            { for props.away.iter().map(|away| html! {
                <BackFromAway key={away.number} away={away.clone()} />
            }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct BinnedProps {
    draft: String,
}

/// A draft was thrown away.
#[component]
fn BackFromBin(props: &BinnedProps) -> Html {
    let words = use_words();
    let act = use_act();
    let late = use_callback((act.clone(), props.draft.clone()), |(), (act, draft)| {
        act.discard_draft(draft.clone());
    });
    let undo = use_callback((act, props.draft.clone()), |(), (act, draft)| {
        act.restore_draft(draft.clone());
    });
    html! { <Undo what={words.text(key::DRAFT_DISCARDED)} {late} {undo} /> }
}

#[derive(Properties, PartialEq)]
struct AwayProps {
    away: Away,
}

/// Voice was put away.
#[component]
fn BackFromAway(props: &AwayProps) -> Html {
    let words = use_words();
    let act = use_act();
    let late = use_callback((act.clone(), props.away.number), |(), (act, number)| {
        act.is_put_away(*number);
    });
    let undo = use_callback((act, props.away.clone()), |(), (act, away)| {
        act.put_back(away.number, away.messages.to_vec());
    });
    let count = u32::try_from(props.away.messages.len()).unwrap_or(u32::MAX);
    let what = words.with(key::DESK_AWAY, &[("count", count.into())]);
    html! { <Undo {what} {late} {undo} /> }
}

#[derive(Properties, PartialEq)]
struct UndoProps {
    what: String,
    /// The time is up.
    late: Callback<()>,
    undo: Callback<()>,
}

/// Something can be had back until the time is up, wherever one looks.
#[component]
fn Undo(props: &UndoProps) -> Html {
    let words = use_words();
    let late = use_mut_ref(|| props.late.clone());
    late.replace(props.late.clone());
    use_effect_with((), move |()| {
        let timer = Timeout::new(UNDO_MS, move || {
            // What it does may render this anew.
            let late = late.borrow().clone();
            late.emit(());
        });
        move || drop(timer)
    });
    let onclick = props.undo.reform(|_: MouseEvent| ());
    html! {
        <div class="notice" data-kind="undo">
            <p class="notice-text">{ &props.what }</p>
            <Button variant="quiet" testid="undo" {onclick}>{ words.text(key::UNDO) }</Button>
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
    // Good to know whenever one comes back to the screen.
    let stays = STAY.contains(&props.name);
    use_effect_with((props.id, stays), {
        let act = act.clone();
        move |(id, stays)| {
            let id = *id;
            let timer = (!stays).then(|| Timeout::new(STAYS_MS, move || act.close_notice(id)));
            move || drop(timer)
        }
    });
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
