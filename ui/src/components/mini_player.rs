//! What plays while its bubble is not on screen: it can be held wherever the user is.

use api::Sound;
use locale::key;
use web_sys::Element;
use yew::prelude::*;

use crate::app::PlayerContext;
use crate::clock;
use crate::components::controls::IconButton;
use crate::components::icon::Glyph;
use crate::format;
use crate::hooks::{use_act, use_frames, use_words};
use crate::state::player::Playing;
use crate::state::route::Route;

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
}

/// See [`MiniPlayerProps`].
#[component]
pub fn MiniPlayer(props: &MiniPlayerProps) -> Html {
    let words = use_words();
    let act = use_act();
    let time = use_node_ref();
    let bar = use_node_ref();
    let from = use_context::<PlayerContext>().and_then(|player| player.from.clone());
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
            act.toggle(&playing.playback.sound, Some(playing));
        },
    );
    let show = use_callback((act.clone(), from.clone()), |_: MouseEvent, (act, from)| {
        if let Some((chat, _)) = from {
            act.go(Route::Chat(*chat));
        }
    });
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
    let name = from.map_or_else(
        || words.text(key::CHAT_KIND_VOICE).into(),
        |(_, title)| title,
    );
    html! {
        <div class="mini-player" data-testid="mini-player" role="group" aria-label={words.text(key::PLAYER_LABEL)}>
            <IconButton {glyph} label={words.text(label)} testid="mini-player-play" onclick={toggle} />
            <button class="mini-player-name" type="button" dir="auto" title={words.text(key::PLAYER_SHOW)} onclick={show}>
                { name }
            </button>
            <span ref={time} class="mini-player-time"></span>
            <progress
                ref={bar}
                class="mini-player-progress"
                max={props.playing.playback.duration_ms.max(1).to_string()}
            ></progress>
            <IconButton
                glyph={Glyph::Close}
                label={words.text(key::PLAYER_CLOSE)}
                testid="mini-player-close"
                onclick={close}
            />
        </div>
    }
}
