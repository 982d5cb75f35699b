//! Two people on one machine: `cargo xtask demo`.
//!
//! An ejabberd of its own, ann and bo with a little history (a real voice message in it), and a window for each. Where
//! there is a display, they are left to the person; else this walks a text and a voice message from ann to bo under a
//! virtual display and keeps what was seen. Everything it starts ends with it, however it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[cfg(target_os = "linux")]
mod client;
#[cfg(target_os = "linux")]
mod seed;
#[cfg(target_os = "linux")]
mod walk;

/// What goes wrong here is read, not handled.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Where things are.
struct Options {
    app: PathBuf,
    client: PathBuf,
    folder: PathBuf,
    artifacts: PathBuf,
    headless: bool,
}

/// Known to everybody: the accounts end with the demo.
const PASSWORD: &str = "millet demo";

fn main() -> ExitCode {
    match options(std::env::args().skip(1)).and_then(|options| demo(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut words: impl Iterator<Item = String>) -> Outcome<Options> {
    let usage = "usage: demo --app FILE --client FILE --folder DIR --artifacts DIR [--headless]";
    let (mut app, mut client, mut folder, mut artifacts, mut headless) =
        (None, None, None, None, false);
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "--app" => &mut app,
            "--client" => &mut client,
            "--folder" => &mut folder,
            "--artifacts" => &mut artifacts,
            "--headless" => {
                headless = true;
                continue;
            }
            _ => return Err(usage.into()),
        };
        *place = words.next().map(PathBuf::from);
    }
    match (app, client, folder, artifacts) {
        (Some(app), Some(client), Some(folder), Some(artifacts)) => Ok(Options {
            app,
            client,
            folder,
            artifacts,
            headless,
        }),
        _ => Err(usage.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn demo(_: &Options) -> Outcome {
    Err(
        "the demo needs Linux; elsewhere: cargo xtask run, and an account on any XMPP server"
            .into(),
    )
}

#[cfg(target_os = "linux")]
fn demo(options: &Options) -> Outcome {
    use testkit::server::{Ejabberd, Options as Setting};

    // From the start each time: a demo that depends on the one before is none.
    if options.folder.exists() {
        fs::remove_dir_all(&options.folder)?;
    }
    fs::create_dir_all(&options.folder)?;
    println!("demo: starting a server");
    let folder = Some(options.folder.join("server"));
    let server = Ejabberd::start(Setting {
        folder,
        registration: true,
        ..Setting::on("localhost")
    })?;
    for person in ["ann", "bo"] {
        server.register(person, PASSWORD)?;
    }
    println!("demo: ann and bo talk a little");
    seed::seed(options, &server.ws_url())?;
    println!("  accounts        ann@localhost and bo@localhost, password: {PASSWORD}");
    println!("  server address  {}", server.ws_url());
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if has_display && !options.headless {
        println!("demo: two windows; close both, or press Ctrl-C, to end");
        walk::leave_to_the_person(options)
    } else {
        walk::walk(options)
    }
}

/// Where this person's app keeps its data.
fn home(folder: &Path, person: &str) -> PathBuf {
    folder.join(person)
}
