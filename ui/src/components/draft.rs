//! A recording that was neither sent nor discarded: listen, send, or throw away.

use std::rc::Rc;

use api::{ChatId, Pause, Sound, VoiceDraft};
use locale::key;
use yew::prelude::*;

use crate::backend;
use crate::components::controls::{Button, IconButton};
use crate::components::icon::{Glyph, Icon};
use crate::components::voice::Track;
use crate::format;
use crate::hooks::{use_act, use_words};
use crate::state::player::Playing;

/// Which recording.
#[derive(Properties, PartialEq)]
pub struct DraftProps {
    /// Where it would go.
    pub chat: ChatId,
    /// It.
    pub draft: VoiceDraft,
    /// If it is played.
    pub playing: Option<Playing>,
}

/// Width of its waveform in pixels.
const WIDTH: u32 = 160;

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
        Callback::from(move |_: MouseEvent| act.toggle(&sound, playing.as_ref()))
    };
    let send = {
        let (act, chat, id) = (act.clone(), props.chat, draft.id.clone());
        Callback::from(move |_: MouseEvent| act.send_draft(chat, id.clone()))
    };
    let discard = {
        let (chat, id) = (props.chat, draft.id.clone());
        Callback::from(move |_: MouseEvent| act.throw_draft(chat, id.clone()))
    };
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
            data-testid="draft"
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
                />
            </div>
            <IconButton
                class="draft-discard"
                glyph={Glyph::Trash}
                label={words.text(key::DRAFT_DISCARD)}
                testid="draft-discard"
                onclick={discard}
            />
            <Button variant="primary" testid="draft-send" onclick={send}>
                { words.text(key::DRAFT_SEND) }
            </Button>
        </div>
    }
}
