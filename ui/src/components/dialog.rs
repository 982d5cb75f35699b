//! The dialog for a new chat. The page's own `<dialog>` keeps the focus inside and closes by Esc.

use api::{ChatId, Fault, FaultKind, StartChat};
use locale::key;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::backend;
use crate::components::controls::{Button, FaultBox, Field};
use crate::hooks::use_words;

/// What to do when it closes.
#[derive(Properties, PartialEq)]
pub struct NewChatProps {
    /// Gets the chat, or nothing.
    pub done: Callback<Option<ChatId>>,
}

/// See [`NewChatProps`].
#[component]
pub fn NewChat(props: &NewChatProps) -> Html {
    let words = use_words();
    let node = use_node_ref();
    let address = use_state_eq(String::new);
    let fault = use_state_eq(|| None::<Fault>);
    let busy = use_state_eq(|| false);

    use_effect_with(node.clone(), |node| {
        if let Some(dialog) = node.cast::<HtmlDialogElement>() {
            // One that is open already stays open.
            let _ = dialog.show_modal();
        }
    });

    let oninput = {
        let address = address.setter();
        use_callback((), move |value: String, ()| address.set(value))
    };
    // By the element's own way, which gives the focus back.
    let cancel = {
        let node = node.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(dialog) = node.cast::<HtmlDialogElement>() {
                dialog.close();
            }
        })
    };
    let onclose = props.done.reform(|_: Event| None);
    let onsubmit = {
        let (address, fault, busy) = (address.clone(), fault.clone(), busy.clone());
        let node = node.clone();
        let done = props.done.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let typed = address.trim().to_owned();
            if *busy {
                return;
            }
            if !typed.contains('@') {
                fault.set(Some(FaultKind::BadAddress.into()));
                return;
            }
            busy.set(true);
            let answer = backend::call(StartChat { address: typed });
            let (fault, busy, done) = (fault.setter(), busy.setter(), done.clone());
            let node = node.clone();
            spawn_local(async move {
                let outcome = answer.await;
                // It was cancelled meanwhile.
                if node
                    .cast::<HtmlDialogElement>()
                    .is_none_or(|dialog| !dialog.open())
                {
                    return;
                }
                busy.set(false);
                match outcome {
                    Ok(chat) => done.emit(Some(chat)),
                    Err(error) => fault.set(Some(error)),
                }
            });
        })
    };

    html! {
        <dialog ref={node} class="dialog" data-testid="new-chat-dialog" aria-labelledby="new-chat-title" {onclose}>
            <form class="dialog-form" novalidate=true {onsubmit}>
                <h2 class="dialog-title" id="new-chat-title">{ words.text(key::NEW_CHAT_TITLE) }</h2>
                <Field
                    label={words.text(key::NEW_CHAT_ADDRESS)}
                    example={words.text(key::SIGN_IN_ADDRESS_EXAMPLE)}
                    testid="new-chat-jid"
                    value={(*address).clone()}
                    {oninput}
                    autofocus=true
                />
                if let Some(fault) = &*fault {
                    <FaultBox fault={fault.clone()} />
                }
                <div class="dialog-actions">
                    <Button variant="quiet" onclick={cancel}>{ words.text(key::CANCEL) }</Button>
                    <Button variant="primary" kind="submit" testid="new-chat-submit" busy={*busy}>
                        { words.text(key::NEW_CHAT_SUBMIT) }
                    </Button>
                </div>
            </form>
        </dialog>
    }
}
