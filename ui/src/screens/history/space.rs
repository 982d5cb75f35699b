//! Pictures and files: how large they may be to come by themselves, and letting go of the copies that are here.
//!
//! What would go is counted before it is asked for, and the answer says what went. Voice is never among it.

use api::{ChatId, Fault, FileSpace, FreeSpace, Freeable, Settings};
use locale::{Words, key};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlDialogElement, HtmlSelectElement};
use yew::prelude::*;

use crate::backend;
use crate::components::controls::{Button, FaultBox};
use crate::format;
use crate::hooks::{use_act, use_words};

/// What can be chosen, by the days that a message must be old.
const AGES: [(Option<u32>, locale::Key); 3] = [
    (None, key::SPACE_WHICH_ALL),
    (Some(30), key::SPACE_WHICH_MONTH),
    (Some(365), key::SPACE_WHICH_YEAR),
];

/// What to do afterwards.
#[derive(Properties, PartialEq)]
pub struct SpaceSectionProps {
    /// Copies of files were deleted.
    pub on_freed: Callback<()>,
}

/// See the module.
#[component]
pub fn SpaceSection(props: &SpaceSectionProps) -> Html {
    let words = use_words();
    let act = use_act();
    let freeing = use_state_eq(|| false);
    let settings = use_context::<Settings>().unwrap_or_default();
    let onchange = Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>()
            && let Ok(megabytes) = select.value().parse::<u16>()
        {
            act.change_settings(move |settings| settings.download_up_to_mb = megabytes);
        }
    });
    let open = {
        let freeing = freeing.setter();
        Callback::from(move |_: MouseEvent| freeing.set(true))
    };
    let done = {
        let (freeing, on_freed) = (freeing.setter(), props.on_freed.clone());
        Callback::from(move |freed: bool| {
            freeing.set(false);
            if freed {
                on_freed.emit(());
            }
        })
    };
    html! {
        <section class="settings-group" data-testid="space">
            <h2 class="settings-group-title">{ words.text(key::SPACE) }</h2>
            <div class="settings-row">
                <label class="settings-label" for="download-up-to">{ words.text(key::SPACE_DOWNLOADS) }</label>
                <select id="download-up-to" class="select" data-testid="download-up-to" {onchange}>
                    { for Settings::DOWNLOADS.map(|megabytes| html! {
                        <option
                            value={megabytes.to_string()}
                            selected={megabytes == settings.download_up_to_mb}
                        >{ choice(megabytes, &words) }</option>
                    }) }
                </select>
            </div>
            <div class="settings-row">
                <span class="settings-label">
                    { words.text(key::SPACE_FREE) }
                    <span class="settings-sub">{ words.text(key::SPACE_FREE_SUB) }</span>
                </span>
                <Button testid="free-space" onclick={open}>{ words.text(key::SPACE_FREE_OPEN) }</Button>
            </div>
            <p class="settings-note">{ words.text(key::SPACE_DOWNLOADS_NOTE) }</p>
            if *freeing {
                <FreeSpaceDialog {done} />
            }
        </section>
    }
}

fn choice(megabytes: u16, words: &Words) -> String {
    match megabytes {
        0 => words.text(key::SPACE_DOWNLOADS_OFF),
        _ => {
            let size = format::size(u64::from(megabytes) * 1_000_000, words);
            words.with(key::SPACE_DOWNLOADS_UP_TO, &[("size", size.into())])
        }
    }
}

/// Of what.
#[derive(Properties, PartialEq)]
pub struct FreeSpaceDialogProps {
    /// One chat; all without.
    #[prop_or_default]
    pub chat: Option<ChatId>,
    /// The chat's title.
    #[prop_or_default]
    pub title: AttrValue,
    /// It is closed; whether something was deleted.
    pub done: Callback<bool>,
}

/// How far the question got.
#[derive(Clone, PartialEq)]
enum Asked {
    Counting,
    Counted(FileSpace),
    Freeing(FileSpace),
    Freed(FileSpace),
    Failed(Fault),
}

/// What would go, whether it shall, and what went.
#[component]
pub fn FreeSpaceDialog(props: &FreeSpaceDialogProps) -> Html {
    let words = use_words();
    let node = use_node_ref();
    let age = use_state_eq(|| None::<u32>);
    let asked = use_state_eq(|| Asked::Counting);
    use_effect_with(node.clone(), |node| {
        if let Some(dialog) = node.cast::<HtmlDialogElement>() {
            // One that is open already stays open.
            let _ = dialog.show_modal();
        }
    });
    let chat = props.chat;
    use_effect_with((chat, *age), {
        let asked = asked.setter();
        move |&(chat, older_than_days)| {
            let current = std::rc::Rc::new(std::cell::Cell::new(true));
            let still = std::rc::Rc::clone(&current);
            let answer = backend::call(Freeable {
                chat,
                older_than_days,
            });
            spawn_local(async move {
                let outcome = answer.await;
                // Another age was chosen meanwhile.
                if still.get() {
                    asked.set(outcome.map_or_else(Asked::Failed, Asked::Counted));
                }
            });
            move || current.set(false)
        }
    });
    let has_freed = matches!(&*asked, Asked::Freed(_));
    let close = props.done.reform(move |_: MouseEvent| has_freed);
    let onclose = props.done.reform(move |_: Event| has_freed);
    let onchange = {
        let age = age.setter();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                age.set(select.value().parse().ok());
            }
        })
    };
    let onsubmit = {
        let (asked, older_than_days) = (asked.clone(), *age);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Asked::Counted(space) = &*asked else {
                return;
            };
            let asked = asked.setter();
            asked.set(Asked::Freeing(*space));
            let answer = backend::call(FreeSpace {
                chat,
                older_than_days,
            });
            spawn_local(async move {
                asked.set(answer.await.map_or_else(Asked::Failed, Asked::Freed));
            });
        })
    };
    let title = match props.chat {
        Some(_) => words.with(key::SPACE_FREE_IN, &[("name", props.title.as_str().into())]),
        None => words.text(key::SPACE_FREE),
    };
    let said = match &*asked {
        Asked::Counting | Asked::Failed(_) => String::new(),
        Asked::Counted(space) | Asked::Freeing(space) => what(*space, &words),
        Asked::Freed(space) => {
            let size = format::size(space.bytes, &words);
            words.with(key::SPACE_DONE, &[("size", size.into())])
        }
    };
    let ready = match &*asked {
        Asked::Counted(space) | Asked::Freeing(space) => space.files > 0,
        _ => false,
    };
    html! {
        <dialog ref={node} class="dialog" data-testid="free-dialog" aria-labelledby="free-title" {onclose}>
            <form class="dialog-form" novalidate=true {onsubmit}>
                <h2 class="dialog-title" id="free-title" dir="auto">{ title }</h2>
                if !has_freed {
                    <label class="dialog-choice">
                        <span class="field-label">{ words.text(key::SPACE_WHICH) }</span>
                        <select class="select" data-testid="free-age" {onchange}>
                            { for AGES.map(|(days, name)| html! {
                                <option
                                    value={days.map_or(String::new(), |days| days.to_string())}
                                    selected={days == *age}
                                >{ words.text(name) }</option>
                            }) }
                        </select>
                    </label>
                }
                <p class="dialog-text" role="status" data-testid="free-what"><strong>{ said }</strong></p>
                if let Asked::Failed(fault) = &*asked {
                    <FaultBox fault={fault.clone()} />
                } else if !has_freed {
                    <p class="dialog-text">{ words.text(key::SPACE_WARNING) }</p>
                }
                <div class="dialog-actions">
                    if has_freed {
                        <Button variant="primary" testid="free-close" onclick={close}>{ words.text(key::SPACE_CLOSE) }</Button>
                    } else {
                        <Button variant="quiet" onclick={close}>{ words.text(key::CANCEL) }</Button>
                        if ready {
                            <Button
                                variant="danger"
                                kind="submit"
                                testid="free-confirm"
                                busy={matches!(&*asked, Asked::Freeing(_))}
                            >{ words.text(key::SPACE_DELETE) }</Button>
                        }
                    }
                </div>
            </form>
        </dialog>
    }
}

fn what(space: FileSpace, words: &Words) -> String {
    if space.files == 0 {
        return words.text(key::SPACE_WHAT_NONE);
    }
    let values = [
        ("number", space.files.into()),
        ("count", format::count(space.files, words).into()),
        ("size", format::size(space.bytes, words).into()),
    ];
    words.with(key::SPACE_WHAT, &values)
}
