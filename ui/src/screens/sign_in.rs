//! The first screen: sign in, or make an account.

use api::{Account, Fault, FaultKind, Register, Secret, SignIn};
use locale::key;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::backend;
use crate::components::controls::{Button, FaultBox, Field, Password};
use crate::components::ears::Ears;
use crate::hooks::{after_paint, document, use_act, use_words};

/// Who signs in.
#[derive(Properties, PartialEq)]
pub struct SignInProps {
    /// The account whose password has to be typed again.
    pub account: Option<Account>,
    /// Back to what is stored, where there is an account.
    pub leave: Option<Callback<bool>>,
}

/// See [`SignInProps`].
#[component]
pub fn SignInScreen(props: &SignInProps) -> Html {
    let words = use_words();
    let act = use_act();
    let known = props.account.as_ref();
    let address = use_state_eq(|| known.map(|known| known.address.clone()).unwrap_or_default());
    let server = use_state_eq(|| {
        known
            .and_then(|known| known.server.clone())
            .unwrap_or_default()
    });
    let password = use_state_eq(String::new);
    let register = use_state_eq(|| false);
    let busy = use_state_eq(|| false);
    let fault = use_state_eq(|| None::<Fault>);

    use_effect_with((), |()| {
        after_paint(|| {
            if let Some(root) = document().and_then(|document| document.document_element()) {
                // The mark is for tests.
                let _ = root.set_attribute("data-ready", "sign-in");
            }
        });
    });

    let set_address = use_setter(&address);
    let set_password = use_setter(&password);
    let set_server = use_setter(&server);
    let switch = {
        let (register, fault) = (register.clone(), fault.clone());
        Callback::from(move |_: MouseEvent| {
            register.set(!*register);
            fault.set(None);
        })
    };
    let onsubmit = {
        let (address, password, server) = (address.clone(), password.clone(), server.clone());
        let (busy, fault, register) = (busy.clone(), fault.clone(), *register);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *busy {
                return;
            }
            let typed = address.trim().to_owned();
            if !typed.contains('@') {
                fault.set(Some(FaultKind::BadAddress.into()));
                return;
            }
            if password.is_empty() {
                fault.set(Some(FaultKind::PasswordNeeded.into()));
                return;
            }
            busy.set(true);
            fault.set(None);
            let secret = Secret((*password).clone());
            let server = Some(server.trim().to_owned()).filter(|server| !server.is_empty());
            let (busy, fault, act) = (busy.setter(), fault.setter(), act.clone());
            let forget = password.setter();
            spawn_local(async move {
                let outcome = if register {
                    let (address, password) = (typed, secret);
                    backend::call(Register {
                        address,
                        password,
                        server,
                    })
                    .await
                } else {
                    let (address, password) = (typed, secret);
                    backend::call(SignIn {
                        address,
                        password,
                        server,
                    })
                    .await
                };
                busy.set(false);
                match outcome {
                    Ok(account) => {
                        forget.set(String::new());
                        act.signed_in(account);
                    }
                    Err(error) => fault.set(Some(error)),
                }
            });
        })
    };

    let (title, lead, submit, switch_to) = if *register {
        (
            key::REGISTER_TITLE,
            key::REGISTER_LEAD,
            if *busy {
                key::REGISTER_BUSY
            } else {
                key::REGISTER_SUBMIT
            },
            key::REGISTER_TO_SIGN_IN,
        )
    } else {
        (
            key::SIGN_IN_TITLE,
            key::SIGN_IN_LEAD,
            if *busy {
                key::SIGN_IN_BUSY
            } else {
                key::SIGN_IN_SUBMIT
            },
            key::SIGN_IN_TO_REGISTER,
        )
    };

    let wrong = fault
        .as_ref()
        .and_then(|fault| entry_of(&fault.kind, server.is_empty()));

    html! {
        <main class="sign-in" data-mode={if *register { "register" } else { "sign-in" }}>
            <div class="sign-in-card">
                <Ears />
                <h1 class="sign-in-title">{ words.text(title) }</h1>
                <p class="sign-in-lead">{ words.text(lead) }</p>
                <form class="sign-in-form" novalidate=true {onsubmit}>
                    <Field
                        label={words.text(key::SIGN_IN_ADDRESS)}
                        example={words.text(key::SIGN_IN_ADDRESS_EXAMPLE)}
                        testid="sign-in-jid"
                        autocomplete="username"
                        value={(*address).clone()}
                        oninput={set_address}
                        autofocus={known.is_none()}
                        readonly={known.is_some()}
                        invalid={wrong == Some(Entry::Address)}
                    />
                    <Password
                        autocomplete={if *register { "new-password" } else { "current-password" }}
                        value={(*password).clone()}
                        oninput={set_password}
                        autofocus={known.is_some()}
                        invalid={wrong == Some(Entry::Password)}
                    />
                    <Field
                        label={words.text(key::SIGN_IN_SERVER)}
                        example={words.text(key::SIGN_IN_SERVER_EXAMPLE)}
                        testid="sign-in-server"
                        value={(*server).clone()}
                        oninput={set_server}
                        invalid={wrong == Some(Entry::Server)}
                    />
                    if let Some(fault) = &*fault {
                        <FaultBox fault={fault.clone()} />
                    }
                    <Button variant="primary" kind="submit" testid="sign-in-submit" busy={*busy}>
                        { words.text(submit) }
                    </Button>
                </form>
                if let Some(leave) = &props.leave {
                    <div class="sign-in-switch">
                        <Button variant="quiet" testid="back" onclick={leave.reform(|_| false)}>
                            { words.text(key::BACK) }
                        </Button>
                    </div>
                } else {
                    <div class="sign-in-switch">
                        <button
                            class="button"
                            type="button"
                            data-variant="quiet"
                            data-testid="sign-in-register"
                            aria-pressed={register.to_string()}
                            onclick={switch}
                        >{ words.text(switch_to) }</button>
                    </div>
                    <details class="sign-in-about">
                        <summary>{ words.text(key::WHAT_IS_ADDRESS) }</summary>
                        <p>{ words.text(key::WHAT_IS_ADDRESS_ANSWER) }</p>
                    </details>
                }
            </div>
        </main>
    }
}

/// What is typed in to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Address,
    Password,
    Server,
}

/// Which of them has to be typed again for this fault to go away.
fn entry_of(kind: &FaultKind, server_by_address: bool) -> Option<Entry> {
    match kind {
        FaultKind::BadAddress | FaultKind::NameTaken => Some(Entry::Address),
        FaultKind::WrongPassword | FaultKind::PasswordNeeded | FaultKind::PasswordRefused => {
            Some(Entry::Password)
        }
        FaultKind::BadServer => Some(Entry::Server),
        FaultKind::UnknownHost | FaultKind::NotXmpp | FaultKind::PlaintextRefused => {
            Some(if server_by_address {
                Entry::Address
            } else {
                Entry::Server
            })
        }
        _ => None,
    }
}

#[hook]
fn use_setter(state: &UseStateHandle<String>) -> Callback<String> {
    let setter = state.setter();
    use_callback((), move |value: String, ()| setter.set(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_marked() {
        assert_eq!(
            entry_of(&FaultKind::WrongPassword, true),
            Some(Entry::Password)
        );
        assert_eq!(
            entry_of(&FaultKind::UnknownHost, true),
            Some(Entry::Address)
        );
        assert_eq!(
            entry_of(&FaultKind::UnknownHost, false),
            Some(Entry::Server)
        );
        assert_eq!(entry_of(&FaultKind::Offline, false), None);
    }
}
