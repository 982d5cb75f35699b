//! What plays while its bubble is not on screen: it can be held wherever the user is.

use api::{Follow, Sound};
use locale::key;
use web_sys::Element;
use yew::prelude::*;

use crate::app::PlayerContext;
use crate::clock;
use crate::components::controls::IconButton;
use crate::components::icon::Glyph;
use crate::components::speed::SpeedSelect;
use crate::format;
use crate::hooks::{use_act, use_frames, use_words};
use crate::state::player::Playing;

/// Whatever plays, where no conversation is open.
#[component]
pub fn PlayerBar() -> Html {
    let player = use_context::<PlayerContext>().filter(|player| !player.is_hidden());
    let playing = player.as_ref().and_then(|player| player.now.clone());
    html! {
        if let Some(playing) = playing {
            <MiniPlayer {playing} />
        }
    }
}

/// What plays.
#[derive(Properties, PartialEq)]
pub struct MiniPlayerProps {
    /// It.
    pub playing: Playing,
    /// What is played after it.
    #[prop_or_default]
    pub follow: Follow,
}

/// What its buttons move, in milliseconds.
const STEP_MS: u32 = 10_000;

/// See [`MiniPlayerProps`].
#[component]
pub fn MiniPlayer(props: &MiniPlayerProps) -> Html {
    let words = use_words();
    let act = use_act();
    let time = use_node_ref();
    let bar = use_node_ref();
    let from = props.playing.playback.from.clone();
    let frame = {
        let (time, bar) = (time.clone(), bar.clone());
        use_callback(props.playing.clone(), move |(), playing| {
            let position = playing.position_at(clock::now());
            let left = playing.playback.duration_ms.saturating_sub(position);
            if let Some(time) = time.cast::<Element>() {
                time.set_text_content(Some(&format::length(left)));
            }
            if let Some(bar) = bar.cast::<Element>() {
                // Always settable.
                let _ = bar.set_attribute("value", &position.to_string());
            }
        })
    };
    use_frames(props.playing.is_playing(), frame.clone());
    use_effect_with(frame, |frame| frame.emit(()));

    let toggle = use_callback(
        (act.clone(), props.playing.clone()),
        |_: MouseEvent, (act, playing)| {
            act.toggle(&playing.playback.sound, Some(playing), 0);
        },
    );
    let show = use_callback(
        (
            act.clone(),
            from.clone(),
            props.playing.playback.sound.clone(),
        ),
        |_: MouseEvent, (act, from, sound)| {
            if let (Some(from), Sound::Message(id)) = (from, sound) {
                act.show_message(from.chat, *id);
            }
        },
    );
    let seek = {
        let (act, playing) = (act.clone(), props.playing.clone());
        move |to: fn(u32) -> u32| {
            let (act, playing) = (act.clone(), playing.clone());
            Callback::from(move |_: MouseEvent| {
                let position = to(playing.position_at(clock::now()));
                let position = position.min(playing.playback.duration_ms);
                act.seek(&playing.playback.sound, Some(&playing), position);
            })
        }
    };
    let back = seek(|now| now.saturating_sub(STEP_MS));
    let on = seek(|now| now.saturating_add(STEP_MS));
    let next = use_callback(
        (act.clone(), props.follow),
        |_: MouseEvent, (act, follow)| {
            act.play_next(*follow);
        },
    );
    let close = use_callback(
        (act, props.playing.is_playing()),
        |_: MouseEvent, (act, is_playing)| act.close_player(*is_playing),
    );
    if !matches!(props.playing.playback.sound, Sound::Message(_)) {
        return Html::default();
    }
    let (glyph, label) = if props.playing.is_playing() {
        (Glyph::Pause, key::VOICE_PAUSE)
    } else {
        (Glyph::Play, key::VOICE_PLAY)
    };
    let name = from.as_ref().map_or_else(
        || words.text(key::CHAT_KIND_VOICE),
        |from| from.title.clone(),
    );
    let skipped = props.playing.playback.skipped_ms / 1_000;
    html! {
        <div class="mini-player" data-testid="mini-player" role="group" aria-label={words.text(key::PLAYER_LABEL)}>
            <IconButton {glyph} label={words.text(label)} testid="mini-player-play" onclick={toggle} />
            <button class="mini-player-name" type="button" dir="auto" title={words.text(key::PLAYER_SHOW)} onclick={show}>
                { name }
            </button>
            <progress
                ref={bar}
                class="mini-player-progress"
                max={props.playing.playback.duration_ms.max(1).to_string()}
            ></progress>
            <span ref={time} class="mini-player-time"></span>
            if skipped > 0 {
                <span class="mini-player-time" data-testid="mini-player-saved">
                    { words.with(key::PLAYER_SAVED, &[("seconds", skipped.into())]) }
                </span>
            }
            <IconButton
                glyph={Glyph::Back10}
                label={words.text(key::PLAYER_BACK)}
                testid="mini-player-back"
                onclick={back}
            />
            <IconButton
                glyph={Glyph::On10}
                label={words.text(key::PLAYER_ON)}
                testid="mini-player-on"
                onclick={on}
            />
            if let Some(from) = &from {
                <SpeedSelect chat={from.chat} speed={props.playing.playback.speed} />
            }
            <IconButton
                glyph={Glyph::Next}
                label={words.text(key::PLAYER_NEXT)}
                testid="mini-player-next"
                onclick={next}
            />
            <IconButton
                glyph={Glyph::Close}
                label={words.text(key::PLAYER_CLOSE)}
                testid="mini-player-close"
                onclick={close}
            />
        </div>
    }
}
