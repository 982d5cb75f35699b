//! Where one writes and speaks.
//!
//! What is typed is kept as a draft half a second after the last key, and at once when the chat is left. Enter while an
//! input method composes belongs to the input method.

use std::rc::Rc;

use api::{ChatId, ChatRow, SetDraft, Settings, Sound, Typing, VoiceDraft};
use gloo_timers::callback::Timeout;
use locale::key;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::app::{PlayerContext, TimelineContext};
use crate::backend;
use crate::components::draft::Draft;
use crate::components::icon::{Glyph, Icon};
use crate::components::recorder::Recorder;
use crate::components::talk_button::TalkButton;
use crate::hooks::{On, document, set_var, use_act, use_event, use_words, window};
use crate::state::bin::Bin;
use crate::state::recording::{Input, Recording, Remark};

/// From the last key to the draft on disk, in milliseconds.
const DRAFT_AFTER_MS: u32 = 500;
/// From the last key to "no longer writing", in milliseconds.
const TYPING_ENDS_MS: u32 = 5_000;
/// How long a hint stays, in milliseconds.
const HINT_MS: u32 = 4_000;

/// Whose composer.
#[derive(Properties, PartialEq)]
pub struct ComposerProps {
    /// The chat.
    pub row: Rc<ChatRow>,
}

/// What was typed and is not with the backend yet.
struct Unkept {
    chat: ChatId,
    text: Option<String>,
    save: Option<Timeout>,
    typing: Option<Timeout>,
}

impl Unkept {
    /// Brings the draft to disk now.
    fn flush(&mut self) {
        self.save = None;
        if let Some(text) = self.text.take() {
            backend::tell(SetDraft {
                chat: self.chat,
                text,
            });
        }
    }

    fn stop_typing(&mut self) {
        if self.typing.take().is_some() {
            backend::tell(Typing {
                chat: self.chat,
                on: false,
            });
        }
    }
}

/// Gives the text the height it needs. The box around it keeps its own meanwhile: a moment with less would move the
/// timeline above.
fn fit(area: &HtmlTextAreaElement) {
    let around = area.parent_element();
    if let Some(around) = &around {
        set_var(
            around,
            "min-height",
            &format!("{}px", around.client_height()),
        );
    }
    set_var(area, "height", "0");
    set_var(area, "height", &format!("{}px", area.scroll_height()));
    if let Some(around) = &around {
        set_var(around, "min-height", "");
    }
}

/// See [`ComposerProps`].
#[component]
pub fn Composer(props: &ComposerProps) -> Html {
    let words = use_words();
    let act = use_act();
    let chat = props.row.id;
    let area = use_node_ref();
    let line = use_node_ref();
    let text = use_state_eq(|| props.row.draft.clone());
    let unkept = use_mut_ref(|| Unkept {
        chat,
        text: None,
        save: None,
        typing: None,
    });
    let recording = use_context::<Recording>().unwrap_or_default();
    let bin = use_context::<Bin>().unwrap_or_default();
    let player = use_context::<PlayerContext>();
    let has_newer = use_context::<TimelineContext>().is_some_and(|timeline| timeline.has_newer);
    let hint = use_hint(chat, &recording, props.row.last.is_some());
    // What was said is seen at once, as what was written is.
    let said = use_mut_ref(|| recording.sent);
    let is_here = recording.chat == Some(chat);
    use_effect_with(recording.sent, {
        let act = act.clone();
        move |sent| {
            if said.replace(*sent) != *sent && is_here {
                act.spoke();
                act.to_present(chat, !has_newer);
            }
        }
    });

    use_effect_with((area.clone(), (*text).clone()), |(area, _)| {
        if let Some(area) = area.cast::<HtmlTextAreaElement>() {
            fit(&area);
        }
    });
    // With a pointer the cursor belongs here; with a finger it would bring up the keyboard.
    use_effect_with(area.clone(), |area| {
        if has_pointer()
            && let Some(area) = area.cast::<HtmlTextAreaElement>()
        {
            let _ = area.focus();
            let end = area.value().encode_utf16().count() as u32;
            let _ = area.set_selection_range(end, end);
        }
    });
    let leaving = {
        let unkept = Rc::clone(&unkept);
        use_callback((), move |_: Event, ()| unkept.borrow_mut().flush())
    };
    // Not by dropping: the timers hold what they will flush.
    use_effect_with((), {
        let unkept = Rc::clone(&unkept);
        move |()| {
            move || {
                let mut unkept = unkept.borrow_mut();
                unkept.flush();
                unkept.stop_typing();
            }
        }
    });
    use_event(On::Document, "visibilitychange", leaving.clone());
    use_event(On::Window, "pagehide", leaving);

    let oninput = {
        let (text, unkept) = (text.setter(), Rc::clone(&unkept));
        use_callback((), move |event: InputEvent, ()| {
            let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() else {
                return;
            };
            let value = area.value();
            let writes = !value.trim().is_empty();
            text.set(value.clone());
            let (later, idle) = (Rc::clone(&unkept), Rc::clone(&unkept));
            let mut unkept = unkept.borrow_mut();
            unkept.text = Some(value);
            unkept.save = Some(Timeout::new(DRAFT_AFTER_MS, move || {
                later.borrow_mut().flush()
            }));
            if !writes {
                unkept.stop_typing();
                return;
            }
            if unkept.typing.is_none() {
                backend::tell(Typing { chat, on: true });
            }
            let timer = Timeout::new(TYPING_ENDS_MS, move || idle.borrow_mut().stop_typing());
            unkept.typing = Some(timer);
        })
    };
    let send = {
        let (state, unkept, area) = (text.setter(), Rc::clone(&unkept), area.clone());
        use_callback((act.clone(), has_newer), move |(), (act, has_newer)| {
            let Some(node) = area.cast::<HtmlTextAreaElement>() else {
                return;
            };
            let body = node.value().trim().to_owned();
            if body.is_empty() {
                return;
            }
            {
                let mut unkept = unkept.borrow_mut();
                unkept.save = None;
                unkept.text = None;
                unkept.stop_typing();
            }
            state.set(String::new());
            let (back, unkept, field) = (state.clone(), Rc::clone(&unkept), node.clone());
            act.send_text(chat, body, move |body| {
                // In front of what was typed since.
                let since = field.value();
                let body = [body.as_str(), since.as_str()].join("\n").trim().to_owned();
                unkept.borrow_mut().text = Some(body.clone());
                unkept.borrow_mut().flush();
                back.set(body);
            });
            act.to_present(chat, !has_newer);
            let _ = node.focus();
        })
    };
    let onkeydown = use_callback(send.clone(), |event: KeyboardEvent, send| {
        // 229: some web views end a composition with an Enter that no longer says so.
        let composing = event.is_composing() || event.key_code() == 229;
        if event.key() == "Enter" && !event.shift_key() && !event.alt_key() && !composing {
            event.prevent_default();
            send.emit(());
        }
    });
    let send_click = send.reform(|_: MouseEvent| ());
    // The button must not take the focus from the text, or a phone's keyboard goes away.
    let keep_focus = use_callback((), |event: PointerEvent, ()| event.prevent_default());

    let shown = recording.seen_from(chat);
    let mode = match shown.name() {
        "idle" => "text",
        name => name,
    };
    let has_text = !text.trim().is_empty();
    let paused = use_paused(&props.row, &shown);
    let told = match mode {
        "locked" => Some(key::RECORDER_LOCKED),
        "paused" => Some(key::RECORDER_PAUSED),
        _ => None,
    };
    use_effect_with((line.clone(), mode), |(line, mode)| {
        if matches!(*mode, "locked" | "paused") {
            take_lost_focus(line);
        }
    });
    let remark = shown.remark().map(|remark| match remark {
        Remark::TooLoud => key::RECORDER_TOO_LOUD,
        Remark::Long => key::RECORDER_LONG,
    });
    html! {
        <footer class="composer" data-mode={mode}>
            { for props.row.voice_drafts.iter().filter(|draft| {
                !draft.recording && !recording.hides(&draft.id) && !bin.hides(&draft.id)
            }).map(|draft| {
                let playing = player
                    .as_ref()
                    .and_then(|player| player.of(&Sound::Draft(draft.id.clone())).cloned());
                html! { <Draft key={draft.id.clone()} {chat} draft={draft.clone()} {playing} /> }
            }) }
            <div ref={line.clone()} class="composer-row">
                <div class="composer-field" hidden={shown.is_on()} data-hinted={(hint.is_some() && !has_text).to_string()}>
                    <textarea
                        ref={area}
                        class="composer-input"
                        data-testid="composer"
                        rows="1"
                        dir="auto"
                        enterkeyhint="send"
                        aria-label={words.text(key::COMPOSER_LABEL)}
                        placeholder={words.text(key::COMPOSER_PLACEHOLDER)}
                        value={(*text).clone()}
                        {oninput}
                        {onkeydown}
                    />
                    <p
                        class="composer-hint"
                        data-testid="hint"
                        data-shown={(hint.is_some() && !has_text).to_string()}
                        role="status"
                        aria-live="polite"
                    >{ for hint.map(|hint| words.text(hint)) }</p>
                </div>
                if let Some(draft) = paused {
                    <Draft
                        key={format!("paused-{}", draft.id)}
                        {chat}
                        playing={player
                            .as_ref()
                            .and_then(|player| player.of(&Sound::Draft(draft.id.clone())).cloned())}
                        draft={draft.clone()}
                        paused=true
                    />
                } else if shown.is_on() {
                    <Recorder recording={shown.clone()} />
                }
                // Here before it says anything, or screen readers would not notice that it does.
                <p class="recorder-remark" data-testid="recorder-remark" role="status">
                    { for remark.map(|remark| words.text(remark)) }
                </p>
                <p class="sr-only" role="status">{ for told.map(|told| words.text(told)) }</p>
                <div class="talk">
                    if has_text && !shown.is_on() {
                        <button
                            key="send"
                            class="send-button"
                            type="button"
                            data-testid="composer-send"
                            aria-label={words.text(key::COMPOSER_SEND)}
                            onpointerdown={keep_focus}
                            onclick={send_click}
                        ><Icon glyph={Glyph::Send} /></button>
                    } else {
                        <TalkButton key="talk" {chat} recording={shown} row={line} />
                    }
                </div>
            </div>
        </footer>
    }
}

/// The draft of a paused recording, as soon as the microphone let go of it.
#[hook]
fn use_paused(row: &ChatRow, recording: &Recording) -> Option<VoiceDraft> {
    let act = use_act();
    let draft = recording.paused().map(|id| {
        let found = row.voice_drafts.iter().find(|draft| draft.id == id);
        (id.to_owned(), found.cloned())
    });
    // It was sent, or nothing was said: there is nothing to stay for.
    let gone = match &draft {
        Some((id, None)) => Some(id.clone()),
        _ => None,
    };
    use_effect_with(gone, move |gone| {
        if let (Some(talk), Some(draft)) = (act.talk(), gone) {
            talk.input(Input::Gone(draft.clone()));
        }
    });
    draft
        .and_then(|(_, found)| found)
        .filter(|draft| !draft.recording)
}

/// What is said near the button for a while: how to record, that nothing was lost, and once on
/// this machine that the space bar talks too.
#[hook]
fn use_hint(chat: ChatId, recording: &Recording, is_known: bool) -> Option<locale::Key> {
    let hint = use_state_eq(|| None);
    let act = use_act();
    let explained = use_context::<Settings>()
        .unwrap_or_default()
        .space_explained;
    let timer = use_mut_ref(|| None::<Timeout>);
    let first = use_mut_ref(|| (recording.hints, recording.kept));
    let show = {
        let (hint, timer) = (hint.setter(), Rc::clone(&timer));
        move |key: locale::Key| {
            hint.set(Some(key));
            let hint = hint.clone();
            *timer.borrow_mut() = Some(Timeout::new(HINT_MS, move || hint.set(None)));
        }
    };
    use_effect_with((), {
        let show = show.clone();
        move |()| {
            if is_known && has_keyboard() && !explained {
                act.change_settings(|settings| settings.space_explained = true);
                show(key::TALK_HINT_SPACE);
            }
        }
    });
    let is_here = recording.chat == Some(chat);
    use_effect_with((recording.hints, recording.kept), move |(hints, kept)| {
        let (old_hints, old_kept) = first.replace((*hints, *kept));
        if !is_here {
            return;
        }
        if *hints != old_hints {
            show(key::TALK_HINT_HOLD);
        } else if *kept != old_kept {
            show(key::RECORDING_KEPT);
        }
    });
    // It would cover what is slid towards.
    let is_on = recording.is_on();
    use_effect_with(is_on, {
        let hint = hint.setter();
        move |is_on| {
            if *is_on {
                hint.set(None);
            }
        }
    });
    hint.filter(|_| !is_on)
}

/// Gives the focus to the talk button where what had it went away: Tab and the keys of the recorder go on from there.
fn take_lost_focus(line: &NodeRef) {
    let focused = document().and_then(|document| document.active_element());
    let is_lost = focused.is_none_or(|focused| {
        focused.tag_name() == "BODY"
            || focused
                .closest(".composer-field")
                .is_ok_and(|field| field.is_some())
    });
    let button = line.cast::<Element>().filter(|_| is_lost);
    let button = button.and_then(|line| line.query_selector(".talk-button").ok()?);
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        // A button that cannot take the focus is clicked by the user.
        let _ = button.focus();
    }
}

/// Whether there is a mouse: the cursor in a text brings up no keyboard on the screen.
fn has_pointer() -> bool {
    matches("(pointer: fine)")
}

/// Whether there is a mouse and room, and so most likely a keyboard.
fn has_keyboard() -> bool {
    matches("(pointer: fine) and (min-width: 600px)")
}

fn matches(query: &str) -> bool {
    window()
        .and_then(|window| window.match_media(query).ok().flatten())
        .is_some_and(|query| query.matches())
}
