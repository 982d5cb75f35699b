//! The two windows: left to a person, or walked through.

use std::process::Command;

use testkit::driver::{Launch, Screen, Window};
use testkit::sound::{self, Sound};

use super::{Options, Outcome, PASSWORD, home};

const TEXT: &str = "See you at six?";
const FROM_ANN: &str = "[data-testid=message][data-own=false]";

/// Opens both windows and waits until both are closed.
pub fn leave_to_the_person(options: &Options) -> Outcome {
    let mut windows = Vec::new();
    for person in ["ann", "bo"] {
        // In our process group, so that Ctrl-C in the terminal ends them too.
        let window = Command::new(&options.app)
            .env("MILLET_HOME", home(&options.folder, person))
            .env("MILLET_PASSWORD", PASSWORD)
            .spawn()
            .map_err(|error| format!("starting {}: {error}", options.app.display()))?;
        windows.push(window);
    }
    let mut failed = None;
    for mut window in windows {
        let status = window.wait()?;
        if !status.success() {
            failed = Some(format!("the app ended with {status}").into());
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Walks a text and a voice message from ann to bo, and keeps what was seen.
pub fn walk(options: &Options) -> Outcome {
    println!("demo: no display; walking by itself");
    let sound = Sound::start(&["ann", "bo"])?;
    let screens = [Screen::start()?, Screen::start()?];
    let [ann, bo] = &screens;
    let ann = open(options, &sound, ann, "ann")?;
    let bo = open(options, &sound, bo, "bo")?;
    ann.resize(1280, 800)?;
    bo.resize(390, 844)?;
    let shots = Shots {
        options,
        taken: std::cell::Cell::new(0),
    };
    shots.take(&ann, "ann-chats")?;
    shots.take(&bo, "bo-phone-chats")?;

    ann.click("[data-testid=chat][data-jid='bo@localhost']")?;
    bo.click("[data-testid=chat][data-jid='ann@localhost']")?;
    ann.shown("[data-testid=timeline] [data-testid=message]")?;
    bo.shown(&format!("{FROM_ANN}[data-kind=voice]"))?;
    shots.take(&ann, "ann-history")?;

    println!("  ann writes");
    ann.type_into(
        "[data-testid=composer] textarea, textarea[data-testid=composer]",
        TEXT,
    )?;
    ann.click("[data-testid=composer-send]")?;
    bo.until(&format!("[...document.querySelectorAll('{FROM_ANN}')].some((row) => row.textContent.includes('{TEXT}'))"))?;
    shots.take(&bo, "bo-phone-has-the-text")?;

    println!("  ann speaks");
    let before = bo.count(&format!("{FROM_ANN}[data-kind=voice]"))?;
    let speech = options.folder.join("walk.wav");
    sound::speech(
        "Bring the children, there will be millet porridge for everybody.",
        &speech,
    )?;
    ann.press("[data-testid=talk]")?;
    ann.shown("[data-testid=talk][data-state=recording]")?;
    sound.say("ann", &speech)?;
    shots.take(&ann, "ann-speaks")?;
    ann.release()?;
    bo.until(&format!(
        "document.querySelectorAll('{FROM_ANN}[data-kind=voice]').length > {before}"
    ))?;
    shots.take(&bo, "bo-phone-has-the-voice")?;
    shots.take(&ann, "ann-sent-the-voice")?;

    println!("  bo listens");
    let heard = options.artifacts.join("bo-heard.wav");
    let recording = sound.listen("bo", &heard)?;
    bo.click(&format!(
        "{FROM_ANN}[data-kind=voice]:last-of-type [data-testid=voice-play]"
    ))?;
    bo.shown("[data-testid=voice-play][data-state=playing]")?;
    shots.take(&bo, "bo-phone-listens")?;
    bo.gone("[data-testid=voice-play][data-state=playing]")?;
    recording.stop()?;

    ann.close()?;
    bo.close()?;
    println!(
        "demo: {} screenshots and what bo heard are in {}",
        shots.taken.get(),
        options.artifacts.display()
    );
    Ok(())
}

fn open(options: &Options, sound: &Sound, screen: &Screen, person: &str) -> Outcome<Window> {
    let launch = Launch::new(&options.app, home(&options.folder, person))
        .env("MILLET_PASSWORD", PASSWORD)
        .envs(sound.environment(person))
        .envs(screen.environment());
    let window = Window::open(&launch)?;
    // The card of the connection hides as soon as all is well: its state is asked for, not its looks.
    window
        .until("document.querySelector('[data-testid=connection]')?.dataset.state === 'online'")?;
    Ok(window)
}

/// Numbered screenshots.
struct Shots<'a> {
    options: &'a Options,
    taken: std::cell::Cell<u32>,
}

impl Shots<'_> {
    fn take(&self, window: &Window, name: &str) -> Outcome {
        std::fs::create_dir_all(&self.options.artifacts)?;
        self.taken.set(self.taken.get() + 1);
        let file = self
            .options
            .artifacts
            .join(format!("{:02}-{name}.png", self.taken.get()));
        window.screenshot(&file)?;
        Ok(())
    }
}
