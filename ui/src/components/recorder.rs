//! The recorder, in the place of the composer's text while the microphone runs.

use locale::key;
use yew::prelude::*;

use crate::components::controls::IconButton;
use crate::components::icon::{Glyph, Icon};
use crate::format;
use crate::hooks::{use_act, use_words};
use crate::state::recording::{Input, LEVELS, Phase, Recording};
use crate::waveform;

/// What is recorded.
#[derive(Properties, PartialEq)]
pub struct RecorderProps {
    /// As it stands.
    pub recording: Recording,
}

/// See [`RecorderProps`].
#[component]
pub fn Recorder(props: &RecorderProps) -> Html {
    let words = use_words();
    let act = use_act();
    let recording = &props.recording;
    let state = match (&recording.phase, recording.locked, recording.cancelling) {
        (Phase::Paused { .. }, _, _) => "pausing",
        (Phase::Starting { .. }, false, _) => "starting",
        (_, true, _) => "locked",
        (_, false, true) => "cancelling",
        (_, false, false) => "recording",
    };
    let pause = use_callback(act.clone(), |_: MouseEvent, act| {
        if let Some(talk) = act.talk() {
            talk.input(Input::Pause);
        }
    });
    let discard = use_callback(
        (
            act,
            recording.chat.zip(recording.draft().map(str::to_owned)),
        ),
        |_: MouseEvent, (act, draft)| {
            // Before the microphone runs there is nothing to throw away, and nothing by a name.
            if let (Some(talk), Some((chat, draft))) = (act.talk(), draft) {
                talk.input(Input::Discard);
                act.throw_draft(*chat, draft.clone());
            }
        },
    );
    // The newest is at the right end, whatever the width.
    let width = LEVELS as u32 * waveform::STEP;
    let silent = LEVELS.saturating_sub(recording.levels.len());
    let bars = std::iter::repeat_n(0, silent).chain(recording.levels.iter().copied());
    html! {
        <div class="recorder" data-testid="recorder" data-state={state}>
            if recording.locked {
                <IconButton
                    class="recorder-discard"
                    glyph={Glyph::Trash}
                    label={words.text(key::DRAFT_DISCARD)}
                    testid="recorder-discard"
                    onclick={discard}
                />
            }
            <span class="recorder-dot" aria-hidden="true"></span>
            <span class="recorder-time" data-testid="recorder-time" role="timer">
                { format::length(recording.elapsed_ms) }
            </span>
            <svg
                class="recorder-wave"
                viewBox={format!("0 0 {width} {}", waveform::HEIGHT)}
                preserveAspectRatio="xMaxYMid slice"
                aria-hidden="true"
            ><path d={waveform::path(bars, waveform::HEIGHT)} /></svg>
            if recording.locked {
                <IconButton
                    class="recorder-pause"
                    glyph={Glyph::Pause}
                    label={words.text(key::RECORDER_PAUSE)}
                    testid="recorder-pause"
                    keys="Space"
                    onclick={pause}
                />
            } else {
                <span class="recorder-slide" data-testid="recorder-cancel">
                    if !recording.cancelling {
                        <Icon glyph={Glyph::ChevronLeft} />
                    }
                    <span class="recorder-slide-words">
                        { words.text(if recording.cancelling { key::RECORDER_KEEP } else { key::RECORDER_SLIDE }) }
                    </span>
                </span>
            }
        </div>
    }
}
