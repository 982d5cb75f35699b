//! What a window may ask Tauri for. Thin: the meaning is `engine`'s.
//!
//! `call` is taken from Tauri by hand and not by its attribute, since the order of
//! two calls is lost where each is a task of its own from the start.

use std::panic::AssertUnwindSafe;

use api::{Answer, Command, Fault, FaultKind, Feed};
use futures::FutureExt as _;
use serde::Deserialize;
use serde_json::Value;
use tauri::{
    Manager, State, WebviewWindow, Wry, async_runtime,
    ipc::{Channel, Invoke, InvokeBody},
};

use crate::{backend::Backend, feed};

/// The name of [`call`] in `invoke`, and in the window's permissions.
pub const CALL: &str = "call";

/// Anything in [`api::Command`]; it answers an [`Answer`], or the [`Fault`] that the
/// user can do something about.
pub fn call(invoke: Invoke<Wry>) {
    let Invoke {
        message, resolver, ..
    } = invoke;
    let command = match message.payload() {
        InvokeBody::Json(payload) => payload
            .get("command")
            .and_then(|command| Command::deserialize(command).ok()),
        InvokeBody::Raw(_) => None,
    };
    let Some(command) = command else {
        // Without the parser's words: they quote what was typed.
        return resolver.reject(Fault::new(FaultKind::Bug, "not a command"));
    };
    let app = message.webview_ref().app_handle().clone();
    let in_turn = is_in_turn(&command);
    let job = async move {
        let work = async {
            let backend = app.state::<Backend>();
            backend.client().await?.call(command).await
        };
        // An answer that never comes would leave a button busy for ever.
        let answer: Result<Answer<Value>, Fault> = AssertUnwindSafe(work)
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(Fault::new(FaultKind::Bug, "it panicked")));
        match answer {
            Ok(answer) => resolver.resolve(answer),
            Err(fault) => resolver.reject(fault),
        }
    };
    if in_turn {
        message.webview_ref().state::<Backend>().lane().push(job);
    } else {
        async_runtime::spawn(job);
    }
}

/// Whether a command must not overtake the one before: what is said, seen, played and chosen.
/// Each of these ends with a file, the store or the player. What waits for a server or for
/// a microphone holds nobody up, and reading has no order.
fn is_in_turn(command: &Command) -> bool {
    matches!(
        command,
        Command::SendText(_)
            | Command::SetDraft(_)
            | Command::MarkRead(_)
            | Command::Typing(_)
            | Command::Retry(_)
            | Command::Discard(_)
            | Command::Play(_)
            | Command::Pause(_)
            | Command::Resume(_)
            | Command::Seek(_)
            | Command::SetSpeed(_)
            | Command::SetSettings(_)
            | Command::SoundCheck(_)
    )
}

/// Feeds a window until it subscribes again or closes. The first item is a
/// [`Feed::Reset`]; items come in batches, at most one batch a frame. Asked `again` by
/// the user, it first starts the client anew where its start failed. For a `fresh` page, what the
/// one before it was recording becomes a draft: nobody could see any more that a microphone is open.
///
/// # Errors
///
/// Why the client did not start.
#[tauri::command]
pub async fn subscribe(
    window: WebviewWindow,
    backend: State<'_, Backend>,
    channel: Channel<Vec<Feed>>,
    again: Option<bool>,
    fresh: Option<bool>,
) -> Result<(), Fault> {
    if again == Some(true) {
        backend.start_again();
    }
    let client = backend.client().await?;
    if fresh == Some(true) {
        client.end_recording().await;
    }
    let (reset, items) = client.subscribe().await?;
    let task = async_runtime::spawn(feed::deliver(reset, items, move |batch| {
        channel.send(batch).is_ok()
    }));
    backend.feed(window.label().to_owned(), task);
    Ok(())
}
