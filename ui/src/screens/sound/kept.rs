//! What is kept as the microphone heard it: how much it is, and letting go of it.

use api::{DeleteUntouched, FileSpace, Untouched};
use locale::key;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::backend;
use crate::components::controls::Button;
use crate::format;
use crate::hooks::{use_act, use_words};

/// Nothing where nothing is kept.
#[component]
pub fn Kept() -> Html {
    let words = use_words();
    let act = use_act();
    let kept = use_state_eq(FileSpace::default);
    let asking = use_state_eq(|| false);
    use_effect_with((), {
        let kept = kept.setter();
        move |()| {
            let answer = backend::call(Untouched {});
            spawn_local(async move {
                // Where it cannot be counted, there is nothing to be offered.
                if let Ok(space) = answer.await {
                    kept.set(space);
                }
            });
        }
    });
    let ask = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |_: MouseEvent| asking.set(on))
    };
    let delete = {
        let (act, kept, asking) = (act.clone(), kept.setter(), asking.setter());
        Callback::from(move |_: MouseEvent| {
            let (act, kept) = (act.clone(), kept.clone());
            asking.set(false);
            let answer = backend::call(DeleteUntouched {});
            spawn_local(async move {
                let deleted = answer.await;
                let left = backend::call(Untouched {}).await;
                if let Err(fault) = deleted {
                    act.tell(fault);
                }
                if let Ok(left) = left {
                    kept.set(left);
                }
            });
        })
    };
    if kept.files == 0 {
        return Html::default();
    }
    let values = [
        ("number", kept.files.into()),
        ("count", format::count(kept.files, &words).into()),
        ("size", format::size(kept.bytes, &words).into()),
    ];
    html! {
        <div class="settings-row" data-testid="untouched-kept" data-files={kept.files.to_string()}>
            if *asking {
                <span class="settings-label" role="alert">{ words.text(key::SOUND_KEPT_ASK) }</span>
                <Button variant="quiet" onclick={ask(false)}>{ words.text(key::CANCEL) }</Button>
                <Button variant="danger" testid="untouched-confirm" onclick={delete}>
                    { words.text(key::SOUND_KEPT_DELETE) }
                </Button>
            } else {
                <span class="settings-label">{ words.with(key::SOUND_KEPT, &values) }</span>
                <Button testid="untouched-delete" onclick={ask(true)}>{ words.text(key::SOUND_KEPT_DELETE) }</Button>
            }
        </div>
    }
}
