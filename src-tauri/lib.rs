//! The shell: the only crate that knows Tauri.
//!
//! Owns the window, the two commands a window may call, the frame-wise delivery
//! of the feed, the `media://` scheme, and an orderly end. Refuses product
//! logic: whatever a command means is `engine`'s.
//!
//! One Tauri command for everything that can be asked was picked over one per
//! entry: the list lives once, in `api`, and the headless client speaks the same.

mod backend;
mod commands;
mod feed;
mod home;
mod lane;
mod media;
#[cfg(desktop)]
mod now_playing;
#[cfg(desktop)]
mod quit;
mod window;

#[cfg(target_os = "linux")]
mod surroundings;

use tauri::{Manager, RunEvent, WindowEvent, Wry, ipc::Invoke};
use tracing_subscriber::EnvFilter;

#[cfg(target_os = "linux")]
pub use surroundings::complete as complete_environment;

use backend::Backend;

/// Runs the app until its window is closed or it is told to end.
///
/// # Errors
///
/// When there is no data folder to be had, no display, or no web view.
pub fn run() -> Result<(), StartError> {
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_env("MILLET_LOG").unwrap_or_else(|_| EnvFilter::new("warn")),
        )
        .with_writer(std::io::stderr)
        .init();

    let builder = tauri::Builder::default();
    // Before the window, so that the store opens while the web view loads.
    #[cfg(desktop)]
    let (builder, known) = {
        let home = home::find()?;
        (builder.manage(Backend::start(home.clone())), home)
    };

    let others: fn(Invoke<Wry>) -> bool = tauri::generate_handler![commands::subscribe];
    builder
        .register_asynchronous_uri_scheme_protocol("media", media::serve)
        .invoke_handler(move |invoke| {
            if invoke.message.command() == commands::CALL {
                commands::call(invoke);
                true
            } else {
                others(invoke)
            }
        })
        .on_window_event(|window, event| {
            if matches!(event, WindowEvent::CloseRequested { .. }) {
                window::remember(window);
            }
        })
        .setup(move |app| {
            #[cfg(desktop)]
            let home = &known;
            #[cfg(mobile)]
            let home = &home::ask(app)?;
            #[cfg(mobile)]
            app.manage(Backend::start(home.clone()));
            window::open(app.handle(), home)?;
            #[cfg(desktop)]
            {
                quit::on_signals(app.handle().clone());
                now_playing::tell(app.handle().clone());
            }
            Ok(())
        })
        .build(tauri::generate_context!())?
        .run(|app, event| match event {
            RunEvent::ExitRequested { .. } => {
                // By a signal the windows are still there; their user sees them go at once.
                for window in app.webview_windows().values() {
                    window::remember(&window.as_ref().window());
                    let _ = window.hide();
                }
            }
            RunEvent::Exit => {
                // On a phone there is none where the start was cut off.
                if let Some(backend) = app.try_state::<Backend>() {
                    backend.stop();
                }
            }
            _ => {}
        });
    Ok(())
}

/// Why the app did not start. A store that does not open is none of these: the
/// window opens and says so.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Set `MILLET_HOME`, or `HOME` on Linux.
    #[error("no data folder: neither MILLET_HOME nor the user's own folder is known")]
    NoHome,
    /// `MILLET_HOME` is no path on this system.
    #[error("no data folder: {0}")]
    BadHome(#[from] std::io::Error),
    /// No display, or no web view.
    #[error(transparent)]
    Window(#[from] tauri::Error),
}

/// Where a phone starts the app: nobody takes a failure from there.
#[cfg(mobile)]
#[tauri::mobile_entry_point]
fn start() {
    if let Err(failure) = run() {
        tracing::error!(%failure, "the app does not start");
    }
}
