//! Microphone and loudspeaker: which are used, what is done to the sound, and how one sounds to others.
//!
//! A page of its own beneath the settings. The microphone is open only while a test runs, never because somebody looks here.

use api::{ChosenDevice, Denoise, Device, Settings, Sound, TestSound, TestTake};
use locale::{Words, key};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::app::PlayerContext;
use crate::components::controls::{Button, IconButton};
use crate::components::icon::{Glyph, Icon};
use crate::components::mini_player::PlayerBar;
use crate::format;
use crate::hooks::{use_act, use_words};
use crate::screens::settings::Switch;
use crate::state::recording::LEVELS;
use crate::state::route::Route;
use crate::state::sound_check::{SoundCheck, Test};
use crate::waveform;

mod kept;

use kept::Kept;

/// What leads here from the settings.
#[component]
pub fn SoundEntry() -> Html {
    let words = use_words();
    let act = use_act();
    let settings = use_context::<Settings>().unwrap_or_default();
    let onclick = Callback::from(move |_: MouseEvent| act.go(Route::Sound));
    let named = |chosen: &Option<ChosenDevice>| match chosen {
        Some(chosen) => chosen.name.clone(),
        None => words.text(key::SOUND_SYSTEM),
    };
    let sub = words.with(
        key::SOUND_SUMMARY,
        &[
            ("microphone", named(&settings.microphone).into()),
            ("loudspeaker", named(&settings.loudspeaker).into()),
        ],
    );
    html! {
        <section class="settings-group">
            <h2 class="settings-group-title">{ words.text(key::SOUND) }</h2>
            <button class="settings-row settings-link" type="button" data-testid="sound-open" {onclick}>
                <span class="settings-status"><Icon glyph={Glyph::Microphone} /></span>
                <span class="settings-label">
                    { words.text(key::SOUND_OPEN) }
                    <span class="settings-sub" dir="auto">{ sub }</span>
                </span>
                <span class="settings-chevron"><Icon glyph={Glyph::ChevronRight} /></span>
            </button>
        </section>
    }
}

/// The page.
#[component]
pub fn SoundScreen() -> Html {
    let words = use_words();
    let act = use_act();
    let settings = use_context::<Settings>().unwrap_or_default();
    let check = use_context::<SoundCheck>().unwrap_or_default();
    use_effect_with((), {
        let act = act.clone();
        move |()| {
            act.check_sound(true);
            move || act.check_sound(false)
        }
    });
    use_effect_with(check.stale, {
        let act = act.clone();
        move |stale| act.list_devices(*stale)
    });

    let back = {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.go(Route::Settings))
    };
    let devices = check.devices.as_deref().cloned().unwrap_or_default();
    let set_microphone = {
        let act = act.clone();
        Callback::from(move |chosen: Option<ChosenDevice>| {
            act.change_settings(move |settings| settings.microphone = chosen);
        })
    };
    let set_loudspeaker = {
        let act = act.clone();
        Callback::from(move |chosen: Option<ChosenDevice>| {
            act.change_settings(move |settings| settings.loudspeaker = chosen);
        })
    };
    let set_denoise = {
        let act = act.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                let denoise = Denoise::from_name(&select.value());
                act.change_settings(move |settings| settings.denoise = denoise);
            }
        })
    };
    let set_bitrate = {
        let act = act.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>()
                && let Ok(kbit) = select.value().parse::<u16>()
            {
                act.change_settings(move |settings| settings.voice_kbit = kbit);
            }
        })
    };
    let switch = |change: fn(&mut Settings, bool)| {
        let act = act.clone();
        Callback::from(move |on: bool| act.change_settings(move |settings| change(settings, on)))
    };
    let set_even = switch(|settings, on| settings.even_recording = on);
    let set_untouched = switch(|settings, on| settings.keep_untouched = on);
    let set_loudness = switch(|settings, on| settings.even_loudness = on);
    let listen = {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.test_speaker())
    };
    html! {
        <section class="settings" data-testid="sound-screen" data-page="sound">
            <header class="settings-header">
                <IconButton
                    glyph={Glyph::ChevronLeft}
                    label={words.text(key::BACK)}
                    testid="sound-back"
                    onclick={back}
                />
                <h1 class="settings-title">{ words.text(key::SOUND_OPEN) }</h1>
            </header>
            <PlayerBar />
            <div class="settings-body">
                <section class="settings-group">
                    <h2 class="settings-group-title">{ words.text(key::SOUND_MICROPHONE) }</h2>
                    <Choice
                        id="sound-microphone"
                        label={words.text(key::SOUND_MICROPHONE)}
                        devices={devices.microphones.clone()}
                        chosen={settings.microphone.clone()}
                        choose={set_microphone}
                    />
                    <Trial test={check.test.clone()} />
                    if check.devices.is_some() && devices.microphones.is_empty() {
                        <p class="settings-note" role="status">{ words.text(key::SOUND_NO_MICROPHONE) }</p>
                    } else {
                        <p class="settings-note">{ words.text(key::SOUND_TEST_NOTE) }</p>
                    }
                </section>
                <section class="settings-group">
                    <h2 class="settings-group-title">{ words.text(key::SOUND_RECORDING) }</h2>
                    <div class="settings-row">
                        <label class="settings-label" for="sound-denoise">
                            { words.text(key::SOUND_DENOISE) }
                            <span class="settings-sub">{ words.text(key::SOUND_DENOISE_NOTE) }</span>
                        </label>
                        <select id="sound-denoise" class="select" data-testid="sound-denoise" onchange={set_denoise}>
                            { for Denoise::ALL.map(|way| html! {
                                <option value={way.name()} selected={way == settings.denoise}>
                                    { words.text(denoise_name(way)) }
                                </option>
                            }) }
                        </select>
                    </div>
                    <Switch
                        label={words.text(key::SOUND_EVEN)}
                        sub={AttrValue::from(words.text(key::SOUND_EVEN_NOTE))}
                        testid="sound-even"
                        on={settings.even_recording}
                        change={set_even}
                    />
                    <div class="settings-row">
                        <label class="settings-label" for="sound-bitrate">{ words.text(key::SOUND_BITRATE) }</label>
                        <select id="sound-bitrate" class="select" data-testid="sound-bitrate" onchange={set_bitrate}>
                            { for Settings::BITRATES.map(|kbit| html! {
                                <option value={kbit.to_string()} selected={kbit == settings.voice_kbit}>
                                    { bitrate_name(kbit, &words) }
                                </option>
                            }) }
                        </select>
                    </div>
                    <Switch
                        label={words.text(key::SOUND_UNTOUCHED)}
                        sub={AttrValue::from(words.text(key::SOUND_UNTOUCHED_NOTE))}
                        testid="sound-untouched"
                        on={settings.keep_untouched}
                        change={set_untouched}
                    />
                    <Kept />
                </section>
                <section class="settings-group">
                    <h2 class="settings-group-title">{ words.text(key::SOUND_LOUDSPEAKER) }</h2>
                    <Choice
                        id="sound-loudspeaker"
                        label={words.text(key::SOUND_LOUDSPEAKER)}
                        devices={devices.loudspeakers.clone()}
                        chosen={settings.loudspeaker.clone()}
                        choose={set_loudspeaker}
                    />
                    <div class="settings-row">
                        <span class="settings-label">{ words.text(key::SOUND_HEAR) }</span>
                        <Button testid="sound-hear" onclick={listen}>{ words.text(key::SOUND_HEAR_PLAY) }</Button>
                    </div>
                    <Switch
                        label={words.text(key::SOUND_LOUDNESS)}
                        sub={AttrValue::from(words.text(key::SOUND_LOUDNESS_NOTE))}
                        testid="sound-loudness"
                        on={settings.even_loudness}
                        change={set_loudness}
                    />
                </section>
            </div>
        </section>
    }
}

/// One of several devices, or the system's.
#[derive(Properties, PartialEq)]
struct ChoiceProps {
    id: &'static str,
    label: AttrValue,
    devices: Vec<Device>,
    chosen: Option<ChosenDevice>,
    choose: Callback<Option<ChosenDevice>>,
}

#[component]
fn Choice(props: &ChoiceProps) -> Html {
    let words = use_words();
    let onchange = {
        let (devices, choose, before) = (
            props.devices.clone(),
            props.choose.clone(),
            props.chosen.clone(),
        );
        Callback::from(move |event: Event| {
            let Some(select) = event.target_dyn_into::<HtmlSelectElement>() else {
                return;
            };
            let id = select.value();
            let listed = devices.iter().find(|device| device.id == id);
            choose.emit(match listed {
                Some(device) => Some(ChosenDevice {
                    id,
                    name: device.name.clone(),
                }),
                None => before.clone().filter(|before| before.id == id),
            });
        })
    };
    let default = props.devices.iter().find(|device| device.is_default);
    let system = match default {
        Some(default) => words.with(
            key::SOUND_SYSTEM_NAMED,
            &[("device", default.name.as_str().into())],
        ),
        None => words.text(key::SOUND_SYSTEM),
    };
    let missing = props.chosen.as_ref().filter(|chosen| {
        let is_listed = |device: &Device| device.id == chosen.id;
        !props.devices.iter().any(is_listed)
    });
    let is_chosen = |id: &str| props.chosen.as_ref().is_some_and(|chosen| chosen.id == id);
    html! {
        <div class="settings-row">
            <label class="settings-label" for={props.id}>{ &props.label }</label>
            <select id={props.id} class="select device" data-testid={props.id} {onchange}>
                <option value="" selected={props.chosen.is_none()}>{ system }</option>
                { for props.devices.iter().map(|device| html! {
                    <option key={device.id.clone()} value={device.id.clone()} selected={is_chosen(&device.id)}>
                        { &device.name }
                    </option>
                }) }
                if let Some(missing) = missing {
                    <option key={missing.id.clone()} value={missing.id.clone()} selected=true>
                        { words.with(key::SOUND_MISSING, &[("device", missing.name.as_str().into())]) }
                    </option>
                }
            </select>
        </div>
    }
}

/// Speaking and hearing oneself.
#[derive(Properties, PartialEq)]
struct TrialProps {
    test: Test,
}

#[component]
fn Trial(props: &TrialProps) -> Html {
    let words = use_words();
    let act = use_act();
    let start = {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.start_test())
    };
    match &props.test {
        Test::None => html! {
            <div class="settings-row">
                <span class="settings-label">{ words.text(key::SOUND_TEST) }</span>
                <Button testid="sound-test" onclick={start}>{ words.text(key::SOUND_TEST_START) }</Button>
            </div>
        },
        Test::Starting => html! { <Meter elapsed_ms={0} /> },
        Test::Runs { elapsed_ms, levels } => html! {
            <Meter elapsed_ms={*elapsed_ms} levels={levels.iter().copied().collect::<Vec<_>>()} />
        },
        Test::Taken(take) => html! { <Heard take={take.clone()} {start} /> },
    }
}

/// What the microphone hears now.
#[derive(Properties, PartialEq)]
struct MeterProps {
    elapsed_ms: u32,
    #[prop_or_default]
    levels: Vec<u8>,
}

#[component]
fn Meter(props: &MeterProps) -> Html {
    let words = use_words();
    let act = use_act();
    let stop = Callback::from(move |_: MouseEvent| act.stop_test(None));
    let width = LEVELS as u32 * waveform::STEP;
    let silent = LEVELS.saturating_sub(props.levels.len());
    let bars = std::iter::repeat_n(0, silent).chain(props.levels.iter().copied());
    let loudest = props.levels.iter().copied().max().unwrap_or(0);
    html! {
        <div class="settings-row sound-meter" data-testid="sound-meter" data-peak={loudest.to_string()}>
            <span class="recorder-dot" aria-hidden="true"></span>
            <span class="recorder-time" role="timer">{ format::length(props.elapsed_ms) }</span>
            <svg
                class="recorder-wave"
                viewBox={format!("0 0 {width} {}", waveform::HEIGHT)}
                preserveAspectRatio="xMaxYMid slice"
                aria-hidden="true"
            ><path d={waveform::path(bars, waveform::HEIGHT)} /></svg>
            <Button variant="primary" testid="sound-stop" onclick={stop}>{ words.text(key::SOUND_TEST_STOP) }</Button>
        </div>
    }
}

/// What was said, to be heard as others would hear it and as it was.
#[derive(Properties, PartialEq)]
struct HeardProps {
    take: TestTake,
    start: Callback<MouseEvent>,
}

#[component]
fn Heard(props: &HeardProps) -> Html {
    let words = use_words();
    let act = use_act();
    let player = use_context::<PlayerContext>();
    let playing = |sound: TestSound| {
        player
            .as_ref()
            .and_then(|player| player.of(&Sound::Test(sound)).cloned())
    };
    let button = |sound: TestSound, label: locale::Key, testid: &'static str| {
        let now = playing(sound);
        let sounds = now.as_ref().is_some_and(|now| now.is_playing());
        // From where the other one is: the same words again, with the difference.
        let other = match sound {
            TestSound::Sent => playing(TestSound::Heard),
            TestSound::Heard => playing(TestSound::Sent),
        };
        let from_ms = other
            .filter(|other| other.is_playing())
            .map_or(0, |other| other.position_at(crate::clock::now()));
        let act = act.clone();
        let onclick = Callback::from(move |_: MouseEvent| match &now {
            Some(now) if now.is_playing() => act.toggle(&Sound::Test(sound), Some(now), 0),
            _ => act.play_test(sound, from_ms),
        });
        let glyph = if sounds { Glyph::Pause } else { Glyph::Play };
        html! {
            <button
                class="button sound-play"
                type="button"
                data-testid={testid}
                data-state={if sounds { "playing" } else { "paused" }}
                aria-pressed={sounds.to_string()}
                {onclick}
            >
                <Icon {glyph} />
                { words.text(label) }
            </button>
        }
    };
    html! {
        <div class="settings-row sound-heard" data-testid="sound-heard" data-ms={props.take.duration_ms.to_string()}>
            <span class="settings-label">{ words.text(key::SOUND_HEARD) }</span>
            { button(TestSound::Sent, key::SOUND_AS_SENT, "sound-play-sent") }
            if props.take.is_processed {
                { button(TestSound::Heard, key::SOUND_AS_HEARD, "sound-play-heard") }
            }
            <Button testid="sound-test" onclick={props.start.clone()}>{ words.text(key::SOUND_TEST_AGAIN) }</Button>
        </div>
    }
}

fn denoise_name(way: Denoise) -> locale::Key {
    match way {
        Denoise::Off => key::SOUND_DENOISE_OFF,
        Denoise::Auto => key::SOUND_DENOISE_AUTO,
        Denoise::On => key::SOUND_DENOISE_ON,
    }
}

fn bitrate_name(kbit: u16, words: &Words) -> String {
    // Eight bits a byte, sixty seconds a minute.
    let size = f64::from(kbit) * 1000.0 / 8.0 * 60.0;
    let size = format::size(size as u64, words);
    words.with(key::SOUND_BITRATE_SIZE, &[("size", size.into())])
}
