//! What a window may ask Tauri for. Thin: the meaning is `engine`'s.

use api::{Answer, Command, Fault, Feed};
use serde_json::Value;
use tauri::{State, WebviewWindow, ipc::Channel};

use crate::{backend::Backend, feed};

/// Anything in [`api::Command`].
///
/// # Errors
///
/// Whatever went wrong, as far as the user can do something about it.
#[tauri::command]
pub async fn call(backend: State<'_, Backend>, command: Command) -> Result<Answer<Value>, Fault> {
    backend.client().await?.call(command).await
}

/// Feeds a window until it subscribes again or closes. The first item is a
/// [`Feed::Reset`]; items come in batches, at most one batch a frame.
///
/// # Errors
///
/// Why the client did not start.
#[tauri::command]
pub async fn subscribe(
    window: WebviewWindow,
    backend: State<'_, Backend>,
    channel: Channel<Vec<Feed>>,
) -> Result<(), Fault> {
    let (reset, items) = backend.client().await?.subscribe().await?;
    let task = tauri::async_runtime::spawn(feed::deliver(reset, items, move |batch| {
        channel.send(batch).is_ok()
    }));
    backend.feed(window.label().to_owned(), task);
    Ok(())
}
