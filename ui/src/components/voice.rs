//! The voice bubble, and the track that it shares with drafts: a waveform that fills as it plays, and the time that is left.
//!
//! While sound comes out, each frame writes two attributes and a few letters straight into the page. Nothing runs otherwise.

use std::cell::Cell;
use std::rc::Rc;

use api::{Content, Media, MessageRow, MessageState, Sound};
use locale::key;
use web_sys::Element;
use yew::prelude::*;

use crate::clock;
use crate::components::bubble::{Ring, media_name};
use crate::components::icon::{Glyph, Icon};
use crate::components::message::meta;
use crate::components::speed::SpeedSelect;
use crate::format;
use crate::hooks::{use_act, use_frames, use_var, use_words};
use crate::state::player::Playing;
use crate::state::transfers::Progress;
use crate::waveform;

/// What an arrow key moves, in milliseconds.
const STEP_MS: u32 = 5_000;
/// Of the bubble's width, what is not waveform: the disc, the gaps, the paddings.
const BESIDE: u32 = 72;

/// Which sound.
#[derive(Properties, PartialEq)]
pub struct TrackProps {
    /// What is played.
    pub sound: Sound,
    /// Its length.
    pub duration_ms: u32,
    /// Its loudness.
    pub peaks: Rc<[u8]>,
    /// Width of the drawing in pixels.
    pub width: u32,
    /// If it is played.
    pub playing: Option<Playing>,
    /// Where it was left, where it is not played.
    #[prop_or_default]
    pub place_ms: u32,
    /// Whether it can be played here and now.
    pub enabled: bool,
    /// Called before it is played from a place that was pressed.
    #[prop_or_default]
    pub onplay: Callback<()>,
    /// For tests.
    #[prop_or_default]
    pub testid: Option<&'static str>,
    /// What comes between waveform and foot.
    #[prop_or_default]
    pub dot: Html,
    /// What stands beside the time.
    #[prop_or_default]
    pub children: Html,
}

/// A slider with the waveform, and the time.
#[component]
pub fn Track(props: &TrackProps) -> Html {
    let words = use_words();
    let act = use_act();
    let clip = use_node_ref();
    let time = use_node_ref();
    let slider = use_node_ref();
    let dragging = use_memo((), |()| Cell::new(false));

    let count = waveform::bar_count(props.width);
    let path = use_memo((Rc::clone(&props.peaks), count), |(peaks, count)| {
        AttrValue::from(waveform::path(
            waveform::stretch(waveform::bars(peaks, *count)),
            waveform::HEIGHT,
        ))
    });

    let duration = props.duration_ms.max(1);
    let width = f64::from(props.width);
    let draw = {
        let (clip, time) = (clip.clone(), time.clone());
        move |position: Option<u32>| {
            let part = f64::from(position.unwrap_or(0)) / f64::from(duration);
            if let Some(clip) = clip.cast::<Element>() {
                // An attribute, not a style: SVG takes numbers there.
                let _ = clip.set_attribute("width", &format!("{:.1}", part.min(1.0) * width));
            }
            if let Some(time) = time.cast::<Element>() {
                let text = match position {
                    Some(position) => format::length(duration.saturating_sub(position)),
                    None => format::whole_length(duration),
                };
                if time.text_content().as_deref() != Some(text.as_str()) {
                    time.set_text_content(Some(&text));
                }
            }
        }
    };
    let moving = props.playing.as_ref().is_some_and(Playing::is_playing);
    let place = Some(props.place_ms).filter(|place| *place > 0);
    let frame = {
        let (draw, dragging) = (draw.clone(), Rc::clone(&dragging));
        use_callback(
            (props.playing.clone(), duration, props.width),
            move |(), (playing, _, _)| {
                if let Some(playing) = playing
                    && !dragging.get()
                {
                    draw(Some(playing.position_at(clock::now())));
                }
            },
        )
    };
    use_frames(moving, frame);
    let position = props
        .playing
        .as_ref()
        .map(|playing| playing.position_at(clock::now()))
        .or(place);
    use_effect_with((props.playing.clone(), place, duration, props.width), {
        let (draw, dragging) = (draw.clone(), Rc::clone(&dragging));
        move |(playing, place, _, _)| {
            if !dragging.get() {
                let playing = playing.as_ref();
                draw(
                    playing
                        .map(|playing| playing.position_at(clock::now()))
                        .or(*place),
                );
            }
        }
    });

    let at = {
        let slider = slider.clone();
        move |event: &PointerEvent| -> Option<u32> {
            let rect = slider.cast::<Element>()?.get_bounding_client_rect();
            let part = (f64::from(event.client_x()) - rect.left()) / rect.width().max(1.0);
            Some((part.clamp(0.0, 1.0) * f64::from(duration)) as u32)
        }
    };
    let enabled = props.enabled;
    let seek = {
        let (act, sound, playing) = (act, props.sound.clone(), props.playing.clone());
        let onplay = props.onplay.clone();
        move |position: u32| {
            onplay.emit(());
            act.seek(&sound, playing.as_ref(), position);
        }
    };
    let onpointerdown = {
        let (at, draw, dragging, slider) = (
            at.clone(),
            draw.clone(),
            Rc::clone(&dragging),
            slider.clone(),
        );
        Callback::from(move |event: PointerEvent| {
            if !enabled || event.button() != 0 {
                return;
            }
            if let (Some(slider), Some(position)) = (slider.cast::<Element>(), at(&event)) {
                // Without the capture the drag ends at the edge.
                let _ = slider.set_pointer_capture(event.pointer_id());
                dragging.set(true);
                draw(Some(position));
            }
        })
    };
    let onpointermove = {
        let (at, draw, dragging) = (at.clone(), draw.clone(), Rc::clone(&dragging));
        Callback::from(move |event: PointerEvent| {
            if dragging.get()
                && let Some(position) = at(&event)
            {
                draw(Some(position));
            }
        })
    };
    let onpointerup = {
        let (at, dragging, seek) = (at, Rc::clone(&dragging), seek.clone());
        Callback::from(move |event: PointerEvent| {
            if dragging.replace(false)
                && let Some(position) = at(&event)
            {
                seek(position);
            }
        })
    };
    let onpointercancel = {
        let dragging = Rc::clone(&dragging);
        Callback::from(move |_: PointerEvent| {
            dragging.set(false);
            draw(position);
        })
    };
    let onkeydown = {
        let (playing, place) = (props.playing.clone(), props.place_ms);
        Callback::from(move |event: KeyboardEvent| {
            if event.alt_key() || event.ctrl_key() || event.meta_key() || !enabled {
                return;
            }
            let now = playing
                .as_ref()
                .map_or(place, |playing| playing.position_at(clock::now()));
            let to = match event.key().as_str() {
                "ArrowRight" | "ArrowUp" => now.saturating_add(STEP_MS).min(duration),
                "ArrowLeft" | "ArrowDown" => now.saturating_sub(STEP_MS),
                "Home" => 0,
                "End" => duration,
                _ => return,
            };
            event.prevent_default();
            seek(to);
        })
    };

    let spoken = words.with(
        key::VOICE_POSITION,
        &[
            (
                "position",
                format::spoken_length(position.unwrap_or(0), &words).into(),
            ),
            ("length", format::spoken_length(duration, &words).into()),
        ],
    );
    let height = waveform::HEIGHT.to_string();
    html! {
        <>
            <div
                ref={slider}
                class="voice-seek"
                data-testid={props.testid}
                role="slider"
                tabindex="0"
                aria-label={words.text(key::VOICE_SEEK)}
                aria-valuemin="0"
                aria-valuemax={duration.to_string()}
                aria-valuenow={position.unwrap_or(0).to_string()}
                aria-valuetext={spoken}
                aria-disabled={(!enabled).then_some("true")}
                {onpointerdown}
                {onpointermove}
                {onpointerup}
                {onpointercancel}
                {onkeydown}
            >
                <svg
                    class="waveform"
                    height={height.clone()}
                    viewBox={format!("0 0 {} {height}", props.width)}
                    preserveAspectRatio="none"
                    aria-hidden="true"
                >
                    <path class="waveform-rest" d={(*path).clone()} />
                    <svg ref={clip} class="waveform-clip" width="0" {height} overflow="hidden">
                        <path class="waveform-played" d={(*path).clone()} />
                    </svg>
                </svg>
            </div>
            { props.dot.clone() }
            <span class="voice-foot">
                <span ref={time} class="voice-time" data-testid="voice-time"></span>
                { props.children.clone() }
            </span>
        </>
    }
}

/// Which voice message.
#[derive(Properties, PartialEq)]
pub struct VoiceBubbleProps {
    /// The message.
    pub row: Rc<MessageRow>,
    /// How far its file got.
    pub progress: Option<Progress>,
    /// If it is played.
    pub playing: Option<Playing>,
    /// Whether it is to be played when its file is here.
    pub wanted: bool,
}

/// See [`VoiceBubbleProps`].
#[component]
pub fn VoiceBubble(props: &VoiceBubbleProps) -> Html {
    let words = use_words();
    let act = use_act();
    let node = use_node_ref();
    let row = Rc::clone(&props.row);
    let (duration_ms, media, heard, place_ms) = match &row.content {
        Content::Voice {
            duration_ms,
            media,
            heard,
            place_ms,
            ..
        } => (*duration_ms, *media, *heard, *place_ms),
        _ => (0, Media::Failed, true, 0),
    };
    let peaks = use_memo(Rc::clone(&row), |row| match &row.content {
        Content::Voice { peaks, .. } => Rc::<[u8]>::from(peaks.as_slice()),
        _ => Rc::default(),
    });
    let width = waveform::bubble_width(duration_ms);
    use_var(&node, "--bubble-width", format!("{width}px"));

    // It was pressed before its file was here.
    let sound = Sound::Message(row.id);
    use_effect_with((props.wanted, media == Media::Here), {
        let (act, sound) = (act.clone(), sound.clone());
        move |(wanted, here)| {
            if *wanted && *here {
                act.want(None);
                act.play(sound, place_ms);
            }
        }
    });

    let onplay = use_callback(act.clone(), |(), act| act.pressed_play());
    let onclick = {
        let (act, sound, playing) = (act, sound.clone(), props.playing.clone());
        let onplay = onplay.clone();
        let (id, wanted) = (row.id, props.wanted);
        Callback::from(move |_: MouseEvent| {
            onplay.emit(());
            match media {
                Media::Here => act.toggle(&sound, playing.as_ref(), place_ms),
                Media::Remote | Media::Failed => act.play_when_here(id),
                Media::Fetching => act.want((!wanted).then_some(id)),
            }
        })
    };
    let is_playing = props.playing.as_ref().is_some_and(Playing::is_playing);
    let (state, glyph, label) = if is_playing {
        ("playing", Glyph::Pause, words.text(key::VOICE_PAUSE))
    } else if media == Media::Here {
        ("paused", Glyph::Play, words.text(key::VOICE_PLAY))
    } else {
        let glyph = if media == Media::Failed {
            Glyph::Download
        } else {
            Glyph::Play
        };
        ("paused", glyph, words.text(key::VOICE_FETCH))
    };
    let sending = row.own && row.state == MessageState::Pending && props.progress.is_some();
    let percent = match props.progress {
        Some(Progress::Part(part)) => Some(u32::from(part / 10)),
        _ => None,
    };
    let busy = sending || media == Media::Fetching;
    let told = percent.filter(|_| busy).map(|percent| {
        let key = if sending {
            key::VOICE_UPLOADING
        } else {
            key::VOICE_FETCHING
        };
        words.with(key, &[("percent", percent.into())])
    });
    let dot = if heard || row.own {
        Html::default()
    } else {
        html! {
            <span class="voice-dot" data-testid="voice-dot" title={words.text(key::VOICE_UNHEARD)}>
                <span class="sr-only">{ words.text(key::VOICE_UNHEARD) }</span>
            </span>
        }
    };
    let length = format::spoken_length(duration_ms, &words);
    let name = words.with(key::VOICE_LABEL, &[("length", length.into())]);
    html! {
        <div ref={node} class="bubble bubble-voice" role="group" aria-label={name} data-media={media_name(media)}>
            <button
                class="voice-play"
                type="button"
                data-testid="voice-play"
                data-state={state}
                data-media={media_name(media)}
                aria-label={label}
                title={told.clone()}
                {onclick}
            >
                <Icon {glyph} />
                if busy {
                    <Ring progress={props.progress} />
                }
            </button>
            <Track
                {sound}
                {duration_ms}
                peaks={Rc::clone(&*peaks)}
                width={width.saturating_sub(BESIDE)}
                playing={props.playing.clone()}
                {place_ms}
                enabled={media == Media::Here}
                testid="voice-seek"
                {onplay}
                {dot}
            >
                if let Some(playing) = &props.playing {
                    <SpeedSelect chat={row.chat} speed={playing.playback.speed} />
                }
                { meta(&row) }
            </Track>
        </div>
    }
}
