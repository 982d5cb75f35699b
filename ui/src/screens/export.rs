//! A copy of the history in a folder of the user's, and a folder taken in: two sections of the history's page.
//!
//! Which folder is typed. A dialog for it would be the system's, which a web page cannot open onto a path, and a plugin of
//! some hundred kilobytes for one button; a path also works where there is no desktop. The backend suggests one.

use std::future::Future;

use api::{Export, ExportState, Fault, Import, Job, KeepExport, ReadExport, StopJob};
use locale::{Words, key};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::backend;
use crate::components::controls::{Button, FaultBox, Field};
use crate::format;
use crate::hooks::{use_act, use_words};
use crate::screens::settings::Switch;
use crate::state::jobs::{Jobs, Progress};

/// See the module.
#[component]
pub fn ExportSection() -> Html {
    let words = use_words();
    let state = use_state_eq(ExportState::default);
    let typed = use_state_eq(|| None::<String>);
    let refused = use_state_eq(|| None::<Fault>);
    let jobs = use_context::<Jobs>().unwrap_or_default();
    let job = jobs.known.get(&Job::Export).cloned();
    let running = jobs.is_running(Job::Export);
    let again = use_state_eq(|| 0_u32);
    use_effect_with((running, *again), {
        let state = state.setter();
        move |_| {
            let answer = backend::call(ReadExport {});
            spawn_local(async move {
                if let Ok(known) = answer.await {
                    state.set(known);
                }
            });
        }
    });
    let folder = match (&*typed, &state.kept) {
        (Some(typed), _) => typed.clone(),
        (None, Some(kept)) => kept.clone(),
        (None, None) => state.suggested.clone(),
    };
    let kept = state.kept.is_some();
    let export = {
        let (folder, refused) = (folder.clone(), refused.setter());
        Callback::from(move |_: MouseEvent| {
            let folder = folder.trim().to_owned();
            begin(backend::call(Export { folder }), refused.clone(), || {});
        })
    };
    let keep = {
        let (folder, refused, again) = (folder.clone(), refused.setter(), again.clone());
        Callback::from(move |on: bool| {
            let folder = on.then(|| folder.trim().to_owned());
            let again = again.clone();
            let answer = backend::call(KeepExport { folder });
            // Also where it was refused: the switch goes back.
            begin(answer, refused.clone(), move || again.set(*again + 1));
        })
    };
    let oninput = {
        let typed = typed.setter();
        Callback::from(move |folder: String| typed.set(Some(folder)))
    };
    let note = match (&job, state.at) {
        (Some(job), _) if was_stopped(job) => words.text(key::EXPORT_STOPPED),
        (Some(job), _) if !job.running && !kept => words.text(key::EXPORT_DONE),
        (_, Some(at)) => {
            let date = format::exact(at, &words);
            words.with(key::EXPORT_AT, &[("date", date.into())])
        }
        (_, None) => words.text(key::EXPORT_NEVER),
    };
    let fault = refused
        .as_ref()
        .cloned()
        .or_else(|| job.as_ref().and_then(|job| job.fault.clone()));
    html! {
        <section class="settings-group" data-testid="export" data-kept={kept.to_string()}>
            <h2 class="settings-group-title">{ words.text(key::EXPORT) }</h2>
            <div class="settings-row export-folder">
                <Field
                    label={words.text(key::EXPORT_FOLDER)}
                    testid="export-folder"
                    value={folder.clone()}
                    readonly={kept || running}
                    {oninput}
                />
            </div>
            <Switch
                label={words.text(key::EXPORT_KEEP)}
                sub={words.text(key::EXPORT_KEEP_SUB)}
                testid="export-keep"
                on={kept}
                change={keep}
            />
            <JobRow job={Job::Export} label={words.text(key::EXPORT)} testid="export-progress" stop="export-stop">
                <span class="settings-label" role="status" data-testid="export-note">
                    if fault.is_none() {
                        <span class="settings-sub">{ note }</span>
                    }
                </span>
                <Button testid="export-now" onclick={export}>{ words.text(key::EXPORT_NOW) }</Button>
            </JobRow>
            if let Some(fault) = fault {
                <FaultBox {fault} />
            }
        </section>
    }
}

/// See the module.
#[component]
pub fn ImportSection() -> Html {
    let words = use_words();
    let folder = use_state_eq(String::new);
    let refused = use_state_eq(|| None::<Fault>);
    let jobs = use_context::<Jobs>().unwrap_or_default();
    let job = jobs.known.get(&Job::Import).cloned();
    let import = {
        let (folder, refused) = (folder.clone(), refused.setter());
        Callback::from(move |_: MouseEvent| {
            let folder = folder.trim().to_owned();
            begin(backend::call(Import { folder }), refused.clone(), || {});
        })
    };
    let oninput = {
        let folder = folder.setter();
        Callback::from(move |text: String| folder.set(text))
    };
    let note = match &job {
        Some(job) if was_stopped(job) => words.text(key::IMPORT_STOPPED),
        Some(job) if !job.running => taken_in(job.done, &words),
        _ => words.text(key::IMPORT_NOTE),
    };
    let fault = refused
        .as_ref()
        .cloned()
        .or_else(|| job.as_ref().and_then(|job| job.fault.clone()));
    html! {
        <section class="settings-group" data-testid="import">
            <h2 class="settings-group-title">{ words.text(key::IMPORT) }</h2>
            <div class="settings-row export-folder">
                <Field
                    label={words.text(key::IMPORT_FOLDER)}
                    testid="import-folder"
                    value={(*folder).clone()}
                    readonly={jobs.is_running(Job::Import)}
                    {oninput}
                />
            </div>
            <JobRow job={Job::Import} label={words.text(key::IMPORT)} testid="import-progress" stop="import-stop">
                <span class="settings-label" role="status" data-testid="import-note">
                    if fault.is_none() {
                        <span class="settings-sub">{ note }</span>
                    }
                </span>
                <Button testid="import-start" onclick={import}>{ words.text(key::IMPORT_START) }</Button>
            </JobRow>
            if let Some(fault) = fault {
                <FaultBox {fault} />
            }
        </section>
    }
}

/// Asks for something, and shows in place why it is refused.
fn begin(
    answer: impl Future<Output = Result<(), Fault>> + 'static,
    refused: UseStateSetter<Option<Fault>>,
    then: impl FnOnce() + 'static,
) {
    refused.set(None);
    spawn_local(async move {
        if let Err(fault) = answer.await {
            refused.set(Some(fault));
        }
        then();
    });
}

fn was_stopped(job: &Progress) -> bool {
    !job.running && job.fault.is_none() && job.done < job.total
}

fn taken_in(messages: u64, words: &Words) -> String {
    words.with(
        key::IMPORT_DONE,
        &[
            ("number", messages.into()),
            ("count", format::count(messages, words).into()),
        ],
    )
}

#[derive(Properties, PartialEq)]
struct JobRowProps {
    job: Job,
    /// What the bar is about.
    label: AttrValue,
    testid: &'static str,
    stop: &'static str,
    /// What the row holds while it does not run.
    children: Html,
}

/// How far a job is, with a button that stops it; or else what starts it.
#[component]
fn JobRow(props: &JobRowProps) -> Html {
    let words = use_words();
    let act = use_act();
    let jobs = use_context::<Jobs>().unwrap_or_default();
    let Some(progress) = jobs.known.get(&props.job).filter(|job| job.running) else {
        return html! { <div class="settings-row">{ props.children.clone() }</div> };
    };
    let job = props.job;
    let stop = Callback::from(move |_: MouseEvent| {
        let (answer, act) = (backend::call(StopJob { job }), act.clone());
        spawn_local(async move {
            if let Err(fault) = answer.await {
                act.tell(fault);
            }
        });
    });
    html! {
        <div class="settings-row" data-testid={props.testid}>
            <span class="settings-label">
                <progress
                    class="settings-progress"
                    max={progress.total.max(1).to_string()}
                    value={progress.done.to_string()}
                    aria-label={props.label.clone()}
                />
                <span class="settings-sub export-count">
                    { words.with(key::EXPORT_PROGRESS, &[
                        ("done", format::count(progress.done, &words).into()),
                        ("total", format::count(progress.total, &words).into()),
                    ]) }
                </span>
            </span>
            <Button testid={props.stop} onclick={stop}>{ words.text(key::EXPORT_STOP) }</Button>
        </div>
    }
}
