//! Buttons, fields and faults.

use api::Fault;
use locale::key;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::icon::{Glyph, Icon};
use crate::hooks::use_words;

/// A button with words.
#[derive(Properties, PartialEq)]
pub struct ButtonProps {
    /// `primary`, `plain`, `quiet` or `danger`.
    #[prop_or("plain")]
    pub variant: &'static str,
    /// For tests.
    #[prop_or_default]
    pub testid: Option<&'static str>,
    /// `button` or `submit`.
    #[prop_or("button")]
    pub kind: &'static str,
    /// Whether something is under way.
    #[prop_or_default]
    pub busy: bool,
    /// The keys that do the same, as `aria-keyshortcuts` has them.
    #[prop_or_default]
    pub keys: Option<&'static str>,
    /// What pressing it does.
    #[prop_or_default]
    pub onclick: Callback<MouseEvent>,
    /// The words.
    pub children: Html,
}

/// See [`ButtonProps`].
#[component]
pub fn Button(props: &ButtonProps) -> Html {
    html! {
        <button
            class="button"
            type={props.kind}
            data-variant={props.variant}
            data-testid={props.testid}
            aria-keyshortcuts={props.keys}
            aria-busy={props.busy.then_some("true")}
            // Not `disabled`: that takes the focus away.
            aria-disabled={props.busy.then_some("true")}
            onclick={(!props.busy).then(|| props.onclick.clone())}
        >{ props.children.clone() }</button>
    }
}

/// A button with an icon.
#[derive(Properties, PartialEq)]
pub struct IconButtonProps {
    /// The icon.
    pub glyph: Glyph,
    /// What it does, in words.
    pub label: AttrValue,
    /// A class beside `icon-button`.
    #[prop_or_default]
    pub class: &'static str,
    /// For tests.
    #[prop_or_default]
    pub testid: Option<&'static str>,
    /// The keys that do the same, as `aria-keyshortcuts` has them.
    #[prop_or_default]
    pub keys: Option<&'static str>,
    /// What pressing it does.
    pub onclick: Callback<MouseEvent>,
}

/// See [`IconButtonProps`].
#[component]
pub fn IconButton(props: &IconButtonProps) -> Html {
    html! {
        <button
            class={classes!("icon-button", props.class)}
            type="button"
            title={&props.label}
            aria-label={&props.label}
            data-testid={props.testid}
            aria-keyshortcuts={props.keys}
            onclick={&props.onclick}
        ><Icon glyph={props.glyph} /></button>
    }
}

/// A labelled line of text.
#[derive(Properties, PartialEq)]
pub struct FieldProps {
    /// What belongs here.
    pub label: AttrValue,
    /// `text` or `password`.
    #[prop_or("text")]
    pub kind: &'static str,
    /// An example, shown while empty.
    #[prop_or_default]
    pub example: Option<AttrValue>,
    /// For tests.
    pub testid: &'static str,
    /// For the system's help with filling in.
    #[prop_or("off")]
    pub autocomplete: &'static str,
    /// What is in it.
    pub value: AttrValue,
    /// What is typed.
    pub oninput: Callback<String>,
    /// Whether the cursor starts here.
    #[prop_or_default]
    pub autofocus: bool,
    /// Whether it may be changed.
    #[prop_or_default]
    pub readonly: bool,
    /// Whether what is in it was refused.
    #[prop_or_default]
    pub invalid: bool,
    /// More in the box, behind the text.
    #[prop_or_default]
    pub children: Html,
}

/// See [`FieldProps`].
#[component]
pub fn Field(props: &FieldProps) -> Html {
    let node = use_node_ref();
    use_effect_with((node.clone(), props.autofocus), |(node, autofocus)| {
        if *autofocus && let Some(input) = node.cast::<HtmlInputElement>() {
            // An element that cannot take the focus is clicked by the user.
            let _ = input.focus();
        }
    });
    let oninput = use_callback(props.oninput.clone(), |event: InputEvent, oninput| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            oninput.emit(input.value());
        }
    });
    html! {
        <label class="field">
            <span class="field-label">{ &props.label }</span>
            <span class="field-box">
                <input
                    ref={node}
                    class="field-input"
                    type={props.kind}
                    data-testid={props.testid}
                    placeholder={props.example.clone()}
                    autocomplete={props.autocomplete}
                    autocapitalize="none"
                    autocorrect="off"
                    spellcheck="false"
                    maxlength="3071"
                    readonly={props.readonly}
                    aria-invalid={props.invalid.then_some("true")}
                    value={&props.value}
                    {oninput}
                />
                { props.children.clone() }
            </span>
        </label>
    }
}

/// What went wrong, in place.
#[derive(Properties, PartialEq)]
pub struct FaultBoxProps {
    /// What.
    pub fault: Fault,
}

/// See [`FaultBoxProps`].
#[component]
pub fn FaultBox(props: &FaultBoxProps) -> Html {
    let name = props.fault.kind.name();
    html! {
        <div class="fault" data-testid="fault" data-kind={name} role="alert">
            <FaultWords {name} />
        </div>
    }
}

/// The two sentences of a fault.
#[derive(Properties, PartialEq)]
pub struct FaultWordsProps {
    /// Its name.
    pub name: &'static str,
}

/// See [`FaultWordsProps`].
#[component]
pub fn FaultWords(props: &FaultWordsProps) -> Html {
    let words = use_words();
    html! {
        <>
            <p class="fault-what">{ words.fault(props.name) }</p>
            <p class="fault-do">{ words.fault_advice(props.name) }</p>
        </>
    }
}

/// A password with a button that shows it.
#[derive(Properties, PartialEq)]
pub struct PasswordProps {
    /// `current-password` or `new-password`.
    pub autocomplete: &'static str,
    /// What is in it.
    pub value: AttrValue,
    /// What is typed.
    pub oninput: Callback<String>,
    /// Whether the cursor starts here.
    #[prop_or_default]
    pub autofocus: bool,
    /// Whether what is in it was refused.
    #[prop_or_default]
    pub invalid: bool,
}

/// See [`PasswordProps`].
#[component]
pub fn Password(props: &PasswordProps) -> Html {
    let words = use_words();
    let shown = use_state_eq(|| false);
    let flip = {
        let shown = shown.clone();
        use_callback(*shown, move |_: MouseEvent, now| shown.set(!*now))
    };
    let (kind, glyph, label) = if *shown {
        ("text", Glyph::EyeOff, key::SIGN_IN_PASSWORD_HIDE)
    } else {
        ("password", Glyph::Eye, key::SIGN_IN_PASSWORD_SHOW)
    };
    html! {
        <Field
            label={words.text(key::SIGN_IN_PASSWORD)}
            {kind}
            testid="sign-in-password"
            autocomplete={props.autocomplete}
            value={props.value.clone()}
            oninput={props.oninput.clone()}
            autofocus={props.autofocus}
            invalid={props.invalid}
        >
            <IconButton {glyph} label={words.text(label)} onclick={flip} />
        </Field>
    }
}
