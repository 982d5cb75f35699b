//! The part of the settings that tells how much of the history is here, and lets one choose.

use api::{History, HistorySpan, HistoryState};
use locale::{Words, key};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::app::LinkContext;
use crate::backend;
use crate::format;
use crate::hooks::{use_act, use_words};
use crate::state::link::Sync;

/// How far the history was fetched, the room it takes, and how much of it is wanted.
#[component]
pub fn HistorySettings() -> Html {
    let words = use_words();
    let act = use_act();
    let history = use_state_eq(|| None::<HistoryState>);
    let link = use_context::<LinkContext>();
    let sync = link.as_ref().and_then(|link| link.sync);
    let resets = link.as_ref().map_or(0, |link| link.resets);
    // The counts come by themselves; the rest changes with these.
    let changes = sync.map(|sync| (sync.fetching, sync.complete, sync.gaps));
    use_effect_with((resets, changes), {
        let history = history.setter();
        move |_| {
            let answer = backend::call(History {});
            spawn_local(async move {
                if let Ok(state) = answer.await {
                    history.set(Some(state));
                }
            });
        }
    });
    let set_span = {
        let history = history.clone();
        Callback::from(move |event: Event| {
            let Some(select) = event.target_dyn_into::<HtmlSelectElement>() else {
                return;
            };
            let span = HistorySpan::from_name(&select.value());
            act.set_history_span(span);
            if let Some(state) = &*history {
                history.set(Some(HistoryState {
                    span,
                    ..state.clone()
                }));
            }
        })
    };
    let Some(state) = &*history else {
        return Html::default();
    };
    let progress = sync.and_then(|sync| sync.progress());
    html! {
        <section class="settings-group" data-testid="history">
            <h2 class="settings-group-title">{ words.text(key::SETTINGS_HISTORY) }</h2>
            <div class="settings-row">
                <label class="settings-label" for="settings-history-span">
                    { words.text(key::SETTINGS_HISTORY_SPAN) }
                </label>
                <select
                    id="settings-history-span"
                    class="select"
                    data-testid="history-span"
                    onchange={set_span}
                >
                    { for HistorySpan::ALL.map(|span| html! {
                        <option value={span.name()} selected={span == state.span}>
                            { words.text(span_name(span)) }
                        </option>
                    }) }
                </select>
            </div>
            if let Some((held, total)) = progress {
                <progress
                    class="settings-progress"
                    max={total.to_string()}
                    value={held.to_string()}
                    aria-label={words.text(key::SETTINGS_HISTORY)}
                />
            }
            <p
                class="settings-note"
                data-testid="history-status"
                data-complete={state.complete.to_string()}
                role="status"
            >
                { status(state, sync, &words) }
            </p>
            <p class="settings-note" data-testid="history-sizes">
                { words.with(key::SETTINGS_HISTORY_SIZES, &[
                    ("messages", format::size(state.db_bytes, &words).into()),
                    ("files", format::size(state.media_bytes, &words).into()),
                ]) }
            </p>
            <p class="settings-note">{ words.text(key::SETTINGS_HISTORY_SPAN_NOTE) }</p>
        </section>
    }
}

/// What is here, in sentences.
fn status(state: &HistoryState, sync: Option<Sync>, words: &Words) -> String {
    if let Some((held, total)) = sync.and_then(|sync| sync.progress()) {
        let back_to = sync.and_then(|sync| sync.back_to);
        return format::fetched(held, total, back_to, words);
    }
    let Some(back_to) = state.back_to else {
        return words.text(match state.complete {
            true => key::SETTINGS_HISTORY_EMPTY,
            false => key::SETTINGS_HISTORY_NONE,
        });
    };
    let date = [("date", format::full_day(back_to, words).into())];
    if state.complete {
        return words.with(key::SETTINGS_HISTORY_COMPLETE, &date);
    }
    let since = words.with(key::HISTORY_BACK_TO, &date);
    match state.gaps.len() {
        0 => since,
        count => {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            let missing = words.with(key::SETTINGS_HISTORY_GAPS, &[("count", count.into())]);
            format!("{since} {missing}")
        }
    }
}

fn span_name(span: HistorySpan) -> locale::Key {
    match span {
        HistorySpan::Whole => key::SETTINGS_HISTORY_WHOLE,
        HistorySpan::Year => key::SETTINGS_HISTORY_YEAR,
        HistorySpan::Month => key::SETTINGS_HISTORY_MONTH,
    }
}
