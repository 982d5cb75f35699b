//! The settings: how it looks and speaks, and the account.

use api::{Job, Settings, Theme};
use locale::{Language, Words, key};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::app::LinkContext;
use crate::components::controls::{Button, FaultBox, IconButton};
use crate::components::icon::Glyph;
use crate::components::mini_player::PlayerBar;
use crate::format;
use crate::hooks::{use_act, use_words};
use crate::screens::history::HistoryEntry;
use crate::screens::sound::SoundEntry;
use crate::state::jobs::Jobs;
use crate::state::route::Route;

/// Whose settings.
#[derive(Properties, PartialEq)]
pub struct SettingsProps {
    /// The account's address.
    pub address: AttrValue,
}

/// See [`SettingsProps`].
#[component]
pub fn SettingsScreen(props: &SettingsProps) -> Html {
    let words = use_words();
    let act = use_act();
    let asking = use_state_eq(|| false);
    let settings = use_context::<Settings>().unwrap_or_default();
    let kept = use_context::<LinkContext>()
        .and_then(|link| link.account.as_ref().map(|account| account.password_kept));

    let back = {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.go(Route::List))
    };
    let set_theme = {
        let act = act.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                let theme = Theme::from_name(&select.value());
                act.change_settings(move |settings| settings.theme = theme);
            }
        })
    };
    let set_language = {
        let act = act.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                let language = Some(select.value()).filter(|tag| !tag.is_empty());
                act.change_settings(move |settings| settings.language = language);
            }
        })
    };
    let set_scale = {
        let act = act.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>()
                && let Ok(size) = input.value().parse::<u16>()
            {
                let size = size.clamp(Settings::SMALLEST_TEXT, Settings::LARGEST_TEXT);
                act.change_settings(move |settings| settings.text_size = size);
            }
        })
    };
    let switch = |change: fn(&mut Settings, bool)| {
        let act = act.clone();
        Callback::from(move |on: bool| act.change_settings(move |settings| change(settings, on)))
    };
    let set_sounds = switch(|settings, on| settings.sounds = on);
    let set_start_sound = switch(|settings, on| settings.start_sound = on);
    let set_read = switch(|settings, on| settings.tell_read = on);
    let set_typing = switch(|settings, on| settings.tell_typing = on);
    let set_heard = switch(|settings, on| settings.tell_heard = on);
    let set_next = switch(|settings, on| settings.play_next = on);
    let set_skip = switch(|settings, on| settings.skip_silence = on);
    let ask = {
        let asking = asking.setter();
        move |on: bool| {
            let asking = asking.clone();
            Callback::from(move |_: MouseEvent| asking.set(on))
        }
    };
    let sign_out = Callback::from(move |_: MouseEvent| act.sign_out());
    let percent = words.with(
        key::SETTINGS_TEXT_SIZE_VALUE,
        &[("percent", settings.text_size.into())],
    );

    html! {
        <section class="settings" data-testid="settings-screen">
            <header class="settings-header">
                <IconButton
                    class="conversation-back"
                    glyph={Glyph::ChevronLeft}
                    label={words.text(key::BACK)}
                    testid="back"
                    onclick={back}
                />
                <h1 class="settings-title">{ words.text(key::SETTINGS_TITLE) }</h1>
            </header>
            <PlayerBar />
            <div class="settings-body">
                <section class="settings-group">
                    <h2 class="settings-group-title">{ words.text(key::SETTINGS_APPEARANCE) }</h2>
                    <div class="settings-row">
                        <label class="settings-label" for="settings-theme">{ words.text(key::SETTINGS_THEME) }</label>
                        <select id="settings-theme" class="select" data-testid="settings-theme" onchange={set_theme}>
                            { for Theme::ALL.map(|theme| html! {
                                <option value={theme.name()} selected={theme == settings.theme}>
                                    { words.text(theme_name(theme)) }
                                </option>
                            }) }
                        </select>
                    </div>
                    <div class="settings-row">
                        <label class="settings-label" for="settings-scale">{ words.text(key::SETTINGS_TEXT_SIZE) }</label>
                        <input
                            id="settings-scale"
                            class="range"
                            type="range"
                            data-testid="settings-scale"
                            min={Settings::SMALLEST_TEXT.to_string()}
                            max={Settings::LARGEST_TEXT.to_string()}
                            step="5"
                            value={settings.text_size.to_string()}
                            aria-valuetext={percent.clone()}
                            oninput={set_scale}
                        />
                        <output class="settings-output" for="settings-scale">{ percent }</output>
                    </div>
                    <div class="settings-row">
                        <label class="settings-label" for="settings-language">{ words.text(key::SETTINGS_LANGUAGE) }</label>
                        <select id="settings-language" class="select" data-testid="settings-language" onchange={set_language}>
                            <option value="" selected={settings.language.is_none()}>
                                { words.text(key::SETTINGS_LANGUAGE_SYSTEM) }
                            </option>
                            { for Language::all().map(|language| language_option(language, &settings)) }
                        </select>
                    </div>
                </section>
                <SoundEntry />
                <section class="settings-group">
                    <h2 class="settings-group-title">{ words.text(key::SETTINGS_SOUNDS) }</h2>
                    <Switch
                        label={words.text(key::SETTINGS_SOUNDS_MESSAGES)}
                        testid="settings-sounds"
                        on={settings.sounds}
                        change={set_sounds}
                    />
                    <Switch
                        label={words.text(key::SETTINGS_SOUNDS_START)}
                        testid="settings-start-sound"
                        on={settings.start_sound}
                        change={set_start_sound}
                    />
                    <p class="settings-note">{ words.text(key::SETTINGS_SOUNDS_START_NOTE) }</p>
                </section>
                <section class="settings-group">
                    <h2 class="settings-group-title">{ words.text(key::SETTINGS_LISTENING) }</h2>
                    <Switch
                        label={words.text(key::SETTINGS_PLAY_NEXT)}
                        testid="settings-play-next"
                        on={settings.play_next}
                        change={set_next}
                    />
                    <Switch
                        label={words.text(key::SETTINGS_SKIP_SILENCE)}
                        testid="settings-skip-silence"
                        on={settings.skip_silence}
                        change={set_skip}
                    />
                </section>
                <section class="settings-group">
                    <h2 class="settings-group-title">{ words.text(key::SETTINGS_PRIVACY) }</h2>
                    <Switch
                        label={words.text(key::SETTINGS_READ)}
                        testid="settings-read"
                        on={settings.tell_read}
                        change={set_read}
                    />
                    <Switch
                        label={words.text(key::SETTINGS_TYPING)}
                        testid="settings-typing"
                        on={settings.tell_typing}
                        change={set_typing}
                    />
                    <Switch
                        label={words.text(key::SETTINGS_HEARD)}
                        testid="settings-heard"
                        on={settings.tell_heard}
                        change={set_heard}
                    />
                </section>
                <HistoryEntry />
                <SearchIndex />
                <section class="settings-group">
                    <h2 class="settings-group-title">{ words.text(key::SETTINGS_ACCOUNT) }</h2>
                    <div class="settings-row">
                        <span class="settings-label">{ words.text(key::SETTINGS_ADDRESS) }</span>
                        <span class="settings-value" data-testid="settings-address">{ &props.address }</span>
                    </div>
                    if let Some(kept) = kept {
                        <p class="settings-note" data-testid="settings-password">
                            { words.text(if kept { key::SETTINGS_PASSWORD_KEPT } else { key::SETTINGS_PASSWORD_NOT_KEPT }) }
                        </p>
                    }
                    if *asking {
                        <div class="settings-row" role="group" aria-label={words.text(key::SETTINGS_SIGN_OUT_ASK)}>
                            <span class="settings-label">
                                { words.text(key::SETTINGS_SIGN_OUT_ASK) }
                                { " " }
                                { words.text(key::SETTINGS_SIGN_OUT_KEEPS) }
                            </span>
                            <Button variant="quiet" onclick={ask(false)}>{ words.text(key::CANCEL) }</Button>
                            <Button variant="danger" testid="sign-out-confirm" onclick={sign_out}>
                                { words.text(key::SETTINGS_SIGN_OUT) }
                            </Button>
                        </div>
                    } else {
                        <div class="settings-row">
                            <Button testid="sign-out" onclick={ask(true)}>{ words.text(key::SETTINGS_SIGN_OUT) }</Button>
                        </div>
                    }
                </section>
                <section class="settings-group">
                    <h2 class="settings-group-title">{ words.text(key::SETTINGS_ABOUT) }</h2>
                    <p class="settings-note">
                        { words.with(key::SETTINGS_VERSION, &[("version", env!("CARGO_PKG_VERSION").into())]) }
                    </p>
                    <p class="settings-note">{ words.text(key::SETTINGS_ABOUT_TEXT) }</p>
                </section>
            </div>
        </section>
    }
}

/// The search index: making it anew, how far that got, stopping it.
#[component]
fn SearchIndex() -> Html {
    let words = use_words();
    let act = use_act();
    let jobs = use_context::<Jobs>().unwrap_or_default();
    let job = jobs.known.get(&Job::RebuildSearch);
    let make = {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.rebuild_search())
    };
    let stop = Callback::from(move |_: MouseEvent| act.stop_rebuild());
    let note = match job {
        Some(job) if !job.running && job.done < job.total => key::SETTINGS_INDEX_STOPPED,
        Some(job) if !job.running => key::SETTINGS_INDEX_DONE,
        _ => key::SETTINGS_INDEX_NOTE,
    };
    let fault = job.and_then(|job| job.fault.clone());
    html! {
        <section class="settings-group">
            <h2 class="settings-group-title">{ words.text(key::SETTINGS_SEARCH) }</h2>
            if let Some(job) = job.filter(|job| job.running) {
                <div class="settings-row" data-testid="index-progress">
                    <span class="settings-label">
                        { words.text(key::SETTINGS_INDEX) }
                        <progress
                            class="settings-progress"
                            max={job.total.max(1).to_string()}
                            value={job.done.to_string()}
                            aria-label={words.text(key::SETTINGS_INDEX)}
                        />
                        <span class="settings-output">
                            { words.with(key::SETTINGS_INDEX_PROGRESS, &[
                                ("done", format::count(job.done, &words).into()),
                                ("total", format::count(job.total, &words).into()),
                            ]) }
                        </span>
                    </span>
                    <Button testid="index-stop" onclick={stop}>{ words.text(key::SETTINGS_INDEX_STOP) }</Button>
                </div>
            } else {
                <div class="settings-row">
                    <span class="settings-label">{ words.text(key::SETTINGS_INDEX) }</span>
                    <Button testid="index-make" onclick={make}>{ words.text(key::SETTINGS_INDEX_MAKE) }</Button>
                </div>
            }
            if let Some(fault) = fault {
                <FaultBox {fault} />
            } else {
                <p class="settings-note" data-testid="index-note" role="status">{ words.text(note) }</p>
            }
        </section>
    }
}

/// Something that is on or off.
#[derive(Properties, PartialEq)]
pub struct SwitchProps {
    /// What.
    pub label: AttrValue,
    /// More about it, in small.
    #[prop_or_default]
    pub sub: Option<AttrValue>,
    /// For tests.
    pub testid: &'static str,
    /// Whether it is on.
    pub on: bool,
    /// It is to be this.
    pub change: Callback<bool>,
}

/// See [`SwitchProps`]. The whole row is the target.
#[component]
pub fn Switch(props: &SwitchProps) -> Html {
    let change = props.change.clone();
    let onchange = Callback::from(move |event: Event| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            change.emit(input.checked());
        }
    });
    html! {
        <label class="settings-row">
            <span class="settings-label">
                { &props.label }
                if let Some(sub) = &props.sub {
                    <span class="settings-sub">{ sub }</span>
                }
            </span>
            <input
                class="switch"
                type="checkbox"
                role="switch"
                data-testid={props.testid}
                checked={props.on}
                {onchange}
            />
        </label>
    }
}

fn theme_name(theme: Theme) -> locale::Key {
    match theme {
        Theme::System => key::SETTINGS_THEME_SYSTEM,
        Theme::Light => key::SETTINGS_THEME_LIGHT,
        Theme::Dark => key::SETTINGS_THEME_DARK,
    }
}

fn language_option(language: Language, settings: &Settings) -> Html {
    let tag = language.tag();
    html! {
        <option value={tag} lang={tag} selected={settings.language.as_deref() == Some(tag)}>
            { Words::new(language).text(key::LANGUAGE_OWN_NAME) }
        </option>
    }
}
