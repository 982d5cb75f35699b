//! A recording that was neither sent nor discarded: listen, trim, record on, send, or throw away. A paused one is the same
//! in the recorder's place, where the talk button sends it.

use std::rc::Rc;

use api::{ChatId, Pause, Sound, VoiceDraft};
use locale::key;
use yew::prelude::*;

use crate::backend;
use crate::clock;
use crate::components::controls::{Button, IconButton};
use crate::components::icon::{Glyph, Icon};
use crate::components::trim::{SHORTEST_MS, Trim};
use crate::components::voice::Track;
use crate::format;
use crate::hooks::{use_act, use_words};
use crate::state::player::Playing;
use crate::state::recording::Input;

/// Which recording.
#[derive(Properties, PartialEq)]
pub struct DraftProps {
    /// Where it would go.
    pub chat: ChatId,
    /// It.
    pub draft: VoiceDraft,
    /// If it is played.
    pub playing: Option<Playing>,
    /// Whether it is paused, in the recorder's place.
    #[prop_or_default]
    pub paused: bool,
}

/// Width of its waveform in pixels.
const WIDTH: u32 = 280;

/// See [`DraftProps`].
#[component]
pub fn Draft(props: &DraftProps) -> Html {
    let words = use_words();
    let act = use_act();
    let draft = &props.draft;
    let sound = Sound::Draft(draft.id.clone());
    let peaks = use_memo(draft.peaks.clone(), |peaks| {
        Rc::<[u8]>::from(peaks.as_slice())
    });

    let play = {
        let (act, sound, playing) = (act.clone(), sound.clone(), props.playing.clone());
        Callback::from(move |_: MouseEvent| act.toggle(&sound, playing.as_ref(), 0))
    };
    let send = {
        let (act, chat, id) = (act.clone(), props.chat, draft.id.clone());
        Callback::from(move |_: MouseEvent| act.send_draft(chat, id.clone()))
    };
    let discard = {
        let (act, chat, id, paused) = (act.clone(), props.chat, draft.id.clone(), props.paused);
        Callback::from(move |_: MouseEvent| {
            if let Some(talk) = act.talk().filter(|_| paused) {
                talk.input(Input::Discard);
            }
            act.throw_draft(chat, id.clone());
        })
    };
    let all = (0, draft.duration_ms);
    let kept = use_state_eq(|| all);
    // What is left after trimming is whole again.
    use_effect_with((draft.id.clone(), draft.duration_ms), {
        let kept = kept.setter();
        move |_| kept.set(all)
    });
    let move_ends = {
        let kept = kept.setter();
        use_callback((), move |to, ()| kept.set(to))
    };
    let trim = {
        let (act, id, (from, until)) = (act.clone(), draft.id.clone(), *kept);
        Callback::from(move |_: MouseEvent| act.trim_draft(id.clone(), from, until))
    };
    let record_on = |from_ms: Option<u32>| {
        let (act, chat, id) = (act.clone(), props.chat, draft.id.clone());
        let duration_ms = draft.duration_ms;
        Callback::from(move |_: MouseEvent| {
            if let Some(talk) = act.talk() {
                talk.input(Input::Continue {
                    chat,
                    draft: id.clone(),
                    from_ms,
                    duration_ms,
                });
            }
        })
    };
    // Where one stopped to listen is where it can be said better.
    let stopped_at = props
        .playing
        .as_ref()
        .filter(|playing| !playing.is_playing())
        .map(|playing| playing.position_at(clock::now()))
        .filter(|at| (SHORTEST_MS..draft.duration_ms).contains(at));
    // Listening ends where the draft is no longer shown: nothing else could hold it.
    let playing = use_mut_ref(|| false);
    *playing.borrow_mut() = props.playing.as_ref().is_some_and(Playing::is_playing);
    use_effect_with((), move |()| {
        move || {
            if *playing.borrow() {
                backend::tell(Pause {});
            }
        }
    });
    let is_playing = props.playing.as_ref().is_some_and(Playing::is_playing);
    let (state, glyph, label) = if is_playing {
        ("playing", Glyph::Pause, key::DRAFT_PAUSE)
    } else {
        ("paused", Glyph::Play, key::DRAFT_PLAY)
    };
    let length = format::spoken_length(draft.duration_ms, &words);
    html! {
        <div
            class="draft"
            data-testid={if props.paused { "paused" } else { "draft" }}
            data-paused={props.paused.to_string()}
            data-id={draft.id.clone()}
            data-state={state}
            role="group"
            aria-label={words.with(key::DRAFT_LABEL, &[("length", length.into())])}
        >
            <button
                class="draft-play"
                type="button"
                data-testid="draft-play"
                data-state={state}
                aria-label={words.text(label)}
                onclick={play}
            ><Icon {glyph} /></button>
            <div class="draft-wave">
                <Track
                    {sound}
                    duration_ms={draft.duration_ms}
                    peaks={Rc::clone(&*peaks)}
                    width={WIDTH}
                    playing={props.playing.clone()}
                    enabled=true
                    dot={html! {
                        <Trim duration_ms={draft.duration_ms} kept={*kept} onchange={move_ends} />
                    }}
                />
            </div>
            <div class="draft-actions">
                <IconButton
                    class="draft-discard"
                    glyph={Glyph::Trash}
                    label={words.text(key::DRAFT_DISCARD)}
                    testid="draft-discard"
                    onclick={discard}
                />
                if *kept != all {
                    <Button testid="draft-trim" onclick={trim}>{ words.text(key::DRAFT_TRIM) }</Button>
                } else {
                    if let Some(at) = stopped_at {
                        <Button testid="draft-again" onclick={record_on(Some(at))}>
                            { words.with(key::DRAFT_AGAIN, &[("position", format::length(at).into())]) }
                        </Button>
                    }
                    <Button testid="draft-continue" keys={props.paused.then_some("Space")} onclick={record_on(None)}>
                        <Icon glyph={Glyph::Microphone} />
                        { words.text(key::DRAFT_CONTINUE) }
                    </Button>
                }
                if !props.paused {
                    <Button variant="primary" testid="draft-send" onclick={send}>
                        { words.text(key::DRAFT_SEND) }
                    </Button>
                }
            </div>
        </div>
    }
}
