//! The talk button: hold with a mouse, a finger, a pen or a key; slide to the side to keep, up to go hands-free. A tap goes
//! hands-free too.

use std::cell::Cell;
use std::rc::Rc;

use api::ChatId;
use locale::key;
use web_sys::Element;
use yew::prelude::*;

use crate::clock;
use crate::components::icon::{Glyph, Icon};
use crate::hooks::{set_var, use_act, use_var, use_words};
use crate::state::recording::{Input, Recording};
use crate::waveform;

/// Pixels to a side or down after which letting go keeps a draft: a quarter of the row, within these.
const AWAY: (i32, i32) = (64, 120);
/// Pixels upwards after which it goes on hands-free.
const UP: i32 = 84;

/// Whose button.
#[derive(Properties, PartialEq)]
pub struct TalkButtonProps {
    /// Where it would go.
    pub chat: ChatId,
    /// As it stands.
    pub recording: Recording,
    /// The row that carries `--slide` and `--lift`.
    pub row: NodeRef,
}

/// What the pointer and the keys are doing.
#[derive(Default)]
struct Grip {
    start: Cell<(i32, i32)>,
    pressed: Cell<bool>,
    key: Cell<bool>,
    /// The next click ends a hands-free recording.
    armed: Cell<bool>,
    /// The next click comes from a pointer that was seen already.
    seen: Cell<bool>,
}

fn follow(row: &NodeRef, slide: i32, lift: i32) {
    if let Some(row) = row.cast::<Element>() {
        set_var(&row, "--slide", &format!("{}px", slide.min(0)));
        set_var(&row, "--lift", &format!("{}px", lift.min(0)));
    }
}

/// See [`TalkButtonProps`].
#[component]
pub fn TalkButton(props: &TalkButtonProps) -> Html {
    let words = use_words();
    let act = use_act();
    let node = use_node_ref();
    let grip = use_memo((), |()| Grip::default());
    let recording = &props.recording;
    let level = recording.levels.back().copied().unwrap_or(0);
    use_var(
        &node,
        "--level",
        format!("{:.2}", waveform::loudness(level)),
    );

    let onpointerdown = {
        let (grip, node, row) = (Rc::clone(&grip), node.clone(), props.row.clone());
        use_callback(
            (act.clone(), props.chat),
            move |event: PointerEvent, (act, chat)| {
                if event.button() != 0 || !event.is_primary() {
                    return;
                }
                let Some(talk) = act.talk() else { return };
                grip.seen.set(true);
                if talk.is() == (true, true) {
                    grip.armed.set(true);
                    return;
                }
                grip.armed.set(false);
                // Before anything else: the first word is being said.
                talk.input(Input::Press(*chat, clock::now()));
                grip.pressed.set(true);
                grip.start.set((event.client_x(), event.client_y()));
                follow(&row, 0, 0);
                if let Some(button) = node.cast::<Element>() {
                    // Without the capture a slide off the button is not seen; the release outside still is, as a blur.
                    let _ = button.set_pointer_capture(event.pointer_id());
                }
            },
        )
    };
    let onpointermove = {
        let (grip, row) = (Rc::clone(&grip), props.row.clone());
        use_callback(act.clone(), move |event: PointerEvent, act| {
            let Some(talk) = act.talk().filter(|_| grip.pressed.get()) else {
                return;
            };
            let (x, y) = grip.start.get();
            let (slide, lift) = (event.client_x() - x, event.client_y() - y);
            follow(&row, slide, lift);
            let width = row.cast::<Element>().map_or(0, |row| row.client_width());
            let far = (width / 4).clamp(AWAY.0, AWAY.1);
            let away = slide.abs() > far || lift > far;
            if -lift > UP && !away {
                grip.pressed.set(false);
                talk.input(Input::Lock(clock::now()));
            } else {
                talk.input(Input::Aim { cancelling: away });
            }
        })
    };
    let onpointerup = {
        let grip = Rc::clone(&grip);
        use_callback(act.clone(), move |_: PointerEvent, act| {
            if grip.pressed.replace(false)
                && let Some(talk) = act.talk()
            {
                talk.input(Input::Release(clock::now()));
            }
        })
    };
    let lost = {
        let grip = Rc::clone(&grip);
        use_callback(act.clone(), move |_: PointerEvent, act| {
            if grip.pressed.replace(false)
                && let Some(talk) = act.talk()
            {
                talk.input(Input::Interrupt);
            }
        })
    };
    let onclick = {
        let grip = Rc::clone(&grip);
        use_callback(
            (act.clone(), props.chat),
            move |_: MouseEvent, (act, chat)| {
                let Some(talk) = act.talk() else { return };
                let seen = grip.seen.replace(false);
                let armed = grip.armed.replace(false);
                match talk.is() {
                    (true, true) if armed || !seen => talk.input(Input::Send(clock::now())),
                    // A screen reader's click cannot hold: it records hands-free.
                    (false, _) if !seen => {
                        talk.input(Input::Press(*chat, clock::now()));
                        talk.input(Input::Lock(clock::now()));
                    }
                    _ => {}
                }
            },
        )
    };
    let onkeydown = {
        let grip = Rc::clone(&grip);
        use_callback(
            (act.clone(), props.chat),
            move |event: KeyboardEvent, (act, chat)| {
                if !matches!(event.key().as_str(), " " | "Enter")
                    || event.ctrl_key()
                    || event.alt_key()
                    || event.meta_key()
                {
                    return;
                }
                event.prevent_default();
                let Some(talk) = act.talk() else { return };
                if event.repeat() || grip.key.get() {
                    return;
                }
                if talk.is() == (true, true) {
                    if event.key() == " " {
                        talk.flip_pause();
                    } else {
                        talk.input(Input::Send(clock::now()));
                    }
                } else {
                    grip.key.set(true);
                    talk.input(Input::Press(*chat, clock::now()));
                }
            },
        )
    };
    let onkeyup = {
        let grip = Rc::clone(&grip);
        use_callback(act.clone(), move |event: KeyboardEvent, act| {
            if matches!(event.key().as_str(), " " | "Enter") {
                // A button that is let go would click.
                event.prevent_default();
                if grip.key.replace(false)
                    && let Some(talk) = act.talk()
                {
                    talk.input(Input::Release(clock::now()));
                }
            }
        })
    };
    let onfocusout = use_callback(act, move |_: FocusEvent, act| {
        if grip.key.replace(false)
            && let Some(talk) = act.talk()
        {
            talk.input(Input::Interrupt);
        }
    });
    let oncontextmenu = use_callback((), |event: MouseEvent, ()| event.prevent_default());

    let state = recording.name();
    let (glyph, label) = match state {
        "locked" | "paused" => (Glyph::Send, key::TALK_LABEL_LOCKED),
        "recording" => (Glyph::Microphone, key::TALK_LABEL_RECORDING),
        _ => (Glyph::Microphone, key::TALK_LABEL),
    };
    html! {
        <>
            if recording.is_held() {
                <span class="talk-lock" title={words.text(key::RECORDER_LOCK)}>
                    <Icon glyph={Glyph::Lock} />
                </span>
            }
            <button
                ref={node}
                class="talk-button"
                type="button"
                data-testid="talk"
                data-state={state}
                aria-label={words.text(label)}
                aria-keyshortcuts={if recording.locked { "Enter" } else { "Space" }}
                {onpointerdown}
                {onpointermove}
                {onpointerup}
                onpointercancel={lost.clone()}
                onlostpointercapture={lost}
                {onclick}
                {onkeydown}
                {onkeyup}
                {onfocusout}
                {oncontextmenu}
            ><Icon {glyph} /></button>
        </>
    }
}
