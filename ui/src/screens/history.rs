//! Proof of history: how much of what was said lies on this machine, the room it takes, and how much of it is wanted.
//!
//! A page of its own beneath the settings, one component a section, so that sections can come and go. What is counted is
//! asked for when the page opens and when the sync tells that something ended, never while it runs: sizes and counts walk
//! through everything there is.

mod chats;
mod space;

use api::{Gap, HealthState, History, HistorySpan, HistoryState, Job, ReadHealth};
use locale::{Words, key};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::app::LinkContext;
use crate::backend;
use crate::components::controls::{Button, IconButton};
use crate::components::icon::{Glyph, Icon};
use crate::components::mini_player::PlayerBar;
use crate::format;
use crate::hooks::{use_act, use_words};
use crate::screens::export::{ExportSection, ImportSection};
use crate::state::jobs::Jobs;
use crate::state::link::Sync;
use crate::state::route::Route;
use chats::ChatsSection;
use space::SpaceSection;

/// Gaps that are told one by one.
const GAPS: usize = 5;

/// What has to change before the history is asked for again.
type Version = (u32, Option<(bool, bool, u32)>);

/// The history as it was asked for last, and what the sync told since.
#[derive(Clone, PartialEq)]
struct Known {
    state: Option<HistoryState>,
    sync: Option<Sync>,
    version: Version,
    chosen: UseStateSetter<Option<HistoryState>>,
}

impl Known {
    fn progress(&self) -> Option<(u64, u64)> {
        self.sync.and_then(|sync| sync.progress())
    }

    /// What is here, in sentences.
    fn status(&self, words: &Words) -> String {
        if let Some((held, total)) = self.progress() {
            let back_to = self.sync.and_then(|sync| sync.back_to);
            return format::fetched(held, total, back_to, words);
        }
        let Some(state) = &self.state else {
            return String::new();
        };
        let Some(back_to) = state.back_to else {
            return words.text(match state.complete {
                true => key::SETTINGS_HISTORY_EMPTY,
                false => key::SETTINGS_HISTORY_NONE,
            });
        };
        let date = [("date", format::since(back_to, words).into())];
        if state.complete {
            return words.with(key::SETTINGS_HISTORY_COMPLETE, &date);
        }
        let since = words.with(key::HISTORY_BACK_TO, &date);
        match state.gaps.len() {
            0 => since,
            many => {
                let count = u32::try_from(many).unwrap_or(u32::MAX);
                let missing = words.with(key::SETTINGS_HISTORY_GAPS, &[("count", count.into())]);
                format!("{since} {missing}")
            }
        }
    }

    fn is_complete(&self) -> bool {
        let complete = self.state.as_ref().is_some_and(|state| state.complete);
        complete && self.progress().is_none()
    }
}

#[hook]
fn use_history(freed: u32) -> Known {
    let state = use_state_eq(|| None::<HistoryState>);
    let link = use_context::<LinkContext>();
    let sync = link.as_ref().and_then(|link| link.sync);
    let resets = link.as_ref().map_or(0, |link| link.resets);
    let told = sync.map(|sync| (sync.fetching, sync.complete, sync.gaps));
    let version = (resets.wrapping_add(freed), told);
    use_effect_with(version, {
        let state = state.setter();
        move |_| {
            let answer = backend::call(History {});
            spawn_local(async move {
                if let Ok(history) = answer.await {
                    state.set(Some(history));
                }
            });
        }
    });
    Known {
        state: (*state).clone(),
        sync,
        version,
        chosen: state.setter(),
    }
}

/// The way from the settings to the page, with what it says in short.
#[component]
pub fn HistoryEntry() -> Html {
    let words = use_words();
    let act = use_act();
    let known = use_history(0);
    let onclick = Callback::from(move |_: MouseEvent| act.go(Route::History));
    html! {
        <section class="settings-group">
            <h2 class="settings-group-title">{ words.text(key::SETTINGS_HISTORY) }</h2>
            <button class="settings-row settings-link" type="button" data-testid="history-open" {onclick}>
                <StatusIcon complete={known.is_complete()} />
                <span class="settings-label">
                    { words.text(key::HISTORY_HERE) }
                    <span class="settings-sub">{ known.status(&words) }</span>
                </span>
                <span class="settings-chevron"><Icon glyph={Glyph::ChevronRight} /></span>
            </button>
        </section>
    }
}

/// The page.
#[component]
pub fn HistoryScreen() -> Html {
    let words = use_words();
    let act = use_act();
    let freed = use_state_eq(|| 0_u32);
    let known = use_history(*freed);
    let on_freed = Callback::from(move |()| freed.set(freed.wrapping_add(1)));
    let back = Callback::from(move |_: MouseEvent| act.go(Route::Settings));
    html! {
        <section class="settings" data-testid="history-screen" data-page="history">
            <header class="settings-header">
                <IconButton
                    glyph={Glyph::ChevronLeft}
                    label={words.text(key::BACK)}
                    testid="history-back"
                    onclick={back}
                />
                <h1 class="settings-title">{ words.text(key::SETTINGS_HISTORY) }</h1>
            </header>
            <PlayerBar />
            <div class="settings-body">
                <HereSection known={known.clone()} />
                <SpanSection known={known.clone()} />
                <SpaceSection on_freed={on_freed.clone()} />
                <ExportSection />
                <ImportSection />
                <ChatsSection version={known.version} {on_freed} />
            </div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct SectionProps {
    known: Known,
}

/// What is here, what is missing, and the room it takes.
#[component]
fn HereSection(props: &SectionProps) -> Html {
    let words = use_words();
    let act = use_act();
    let known = &props.known;
    let Some(state) = &known.state else {
        return Html::default();
    };
    let hidden = state.gaps.len().saturating_sub(GAPS);
    let size = |label: locale::Key, bytes: u64, testid: &'static str| {
        html! {
            <div class="settings-row">
                <span class="settings-label">{ words.text(label) }</span>
                <span class="settings-output" data-testid={testid}>{ format::size(bytes, &words) }</span>
            </div>
        }
    };
    html! {
        <section class="settings-group" data-testid="history">
            <h2 class="settings-group-title">{ words.text(key::HISTORY_HERE) }</h2>
            <div class="settings-row">
                <StatusIcon complete={known.is_complete()} />
                <span class="settings-label">
                    <span data-testid="history-status" data-complete={known.is_complete().to_string()} role="status">
                        { known.status(&words) }
                    </span>
                    if let Some((held, total)) = known.progress() {
                        <progress
                            class="settings-progress"
                            max={total.to_string()}
                            value={held.to_string()}
                            aria-label={words.text(key::SETTINGS_HISTORY)}
                        />
                    }
                    // The newest first: that is what one scrolls through.
                    { for state.gaps.iter().rev().take(GAPS).map(|gap| missing(*gap, &words)) }
                    if hidden > 0 {
                        <span class="settings-sub">
                            { words.with(key::HISTORY_MISSING_MORE, &[
                                ("count", u32::try_from(hidden).unwrap_or(u32::MAX).into()),
                            ]) }
                        </span>
                    }
                </span>
            </div>
            if known.sync.is_some_and(|sync| sync.metered) {
                <div class="settings-row" data-testid="history-metered">
                    <span class="settings-label" role="status">{ words.text(key::HISTORY_METERED) }</span>
                    <Button
                        testid="history-fetch-anyway"
                        onclick={Callback::from(move |_: MouseEvent| act.fetch_anyway())}
                    >
                        { words.text(key::HISTORY_FETCH_ANYWAY) }
                    </Button>
                </div>
            }
            { size(key::HISTORY_SIZE_MESSAGES, state.db_bytes, "history-db") }
            { size(key::HISTORY_SIZE_FILES, state.media_bytes, "history-media") }
            <HealthRow />
        </section>
    }
}

/// When every page of the file was looked at last, what was saved of a damaged one, and looking now.
#[component]
fn HealthRow() -> Html {
    let words = use_words();
    let act = use_act();
    let jobs = use_context::<Jobs>().unwrap_or_default();
    let checking = jobs.is_running(Job::Verify);
    let state = use_state_eq(HealthState::default);
    use_effect_with(checking, {
        let state = state.setter();
        move |_| {
            let answer = backend::call(ReadHealth {});
            spawn_local(async move {
                if let Ok(health) = answer.await {
                    state.set(health);
                }
            });
        }
    });
    let verified = match (checking, state.verified_at) {
        (true, _) => words.text(key::HISTORY_VERIFYING),
        (false, Some(at)) => {
            let date = format::full_date(at, &words);
            words.with(key::HISTORY_VERIFIED, &[("date", date.into())])
        }
        (false, None) => words.text(key::HISTORY_UNVERIFIED),
    };
    let onclick = Callback::from(move |_: MouseEvent| act.verify());
    html! {
        <div class="settings-row">
            <span class="settings-label">
                <span data-testid="history-verified" role="status">{ verified }</span>
                if let Some((messages, file)) = &state.recovered {
                    <span class="settings-sub" data-testid="history-recovered">
                        { words.with(key::HISTORY_RECOVERED, &[
                            ("number", u32::try_from(*messages).unwrap_or(u32::MAX).into()),
                            ("count", format::count(*messages, &words).into()),
                            ("file", file.as_str().into()),
                        ]) }
                    </span>
                }
            </span>
            <Button testid="history-verify" busy={checking} {onclick}>{ words.text(key::HISTORY_VERIFY) }</Button>
        </div>
    }
}

/// From when to when something is missing.
fn missing(gap: Gap, words: &Words) -> Html {
    let dates = [
        ("from", format::full_date(gap.after, words).into()),
        ("to", format::full_date(gap.before, words).into()),
    ];
    html! {
        <span class="settings-sub" data-testid="history-gap">{ words.with(key::HISTORY_MISSING, &dates) }</span>
    }
}

/// How much is to be here.
#[component]
fn SpanSection(props: &SectionProps) -> Html {
    let words = use_words();
    let act = use_act();
    let Some(state) = props.known.state.clone() else {
        return Html::default();
    };
    let wanted = state.span;
    let chosen = props.known.chosen.clone();
    let onchange = Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
            let span = HistorySpan::from_name(&select.value());
            act.set_history_span(span);
            chosen.set(Some(HistoryState {
                span,
                ..state.clone()
            }));
        }
    });
    html! {
        <section class="settings-group">
            <h2 class="settings-group-title">{ words.text(key::HISTORY_WANTED) }</h2>
            <div class="settings-row">
                <label class="settings-label" for="history-span">{ words.text(key::SETTINGS_HISTORY_SPAN) }</label>
                <select id="history-span" class="select" data-testid="history-span" {onchange}>
                    { for HistorySpan::ALL.map(|span| html! {
                        <option value={span.name()} selected={span == wanted}>
                            { words.text(span_name(span)) }
                        </option>
                    }) }
                </select>
            </div>
            <p class="settings-note">{ words.text(key::SETTINGS_HISTORY_SPAN_NOTE) }</p>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct StatusIconProps {
    complete: bool,
}

/// Whether all is here, as a shape; the words beside it say the same.
#[component]
fn StatusIcon(props: &StatusIconProps) -> Html {
    html! {
        <span class="settings-status" data-complete={props.complete.to_string()}>
            <Icon glyph={if props.complete { Glyph::Check } else { Glyph::Clock }} />
        </span>
    }
}

fn span_name(span: HistorySpan) -> locale::Key {
    match span {
        HistorySpan::Whole => key::SETTINGS_HISTORY_WHOLE,
        HistorySpan::Year => key::SETTINGS_HISTORY_YEAR,
        HistorySpan::Month => key::SETTINGS_HISTORY_MONTH,
    }
}
