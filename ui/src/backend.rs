//! The one way out of the window: commands to the backend, and its feed.
//!
//! Owns the bridge that Tauri puts on `window.__TAURI__`, reached by reflection so that a page without a backend (a
//! preview, a test) fails with a fault instead of not loading. No component invokes anything by itself.
//!
//! Every answer says how far the store was. Where the feed trails that for more than [`PATIENCE_MS`], an item was lost on
//! the way, and the window subscribes again. The timer for it runs only while the feed trails.

use std::cell::{Cell, RefCell};
use std::future::Future;

use api::{Answer, Call, Command, Fault, FaultKind, Feed};
use gloo_timers::callback::Timeout;
use js_sys::{Array, Function, Object, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use yew::Callback;

/// How long the feed may trail an answer, in milliseconds.
const PATIENCE_MS: u32 = 2000;

thread_local! {
    static FEED_SEQ: Cell<u64> = const { Cell::new(0) };
    static ANSWER_SEQ: Cell<u64> = const { Cell::new(0) };
    static WATCH: RefCell<Option<Timeout>> = const { RefCell::new(None) };
    static SUBSCRIPTION: Cell<u32> = const { Cell::new(0) };
    static LISTENER: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Who hears the feed.
#[derive(Clone)]
struct Listener {
    items: Callback<Vec<Feed>>,
    broken: Callback<Fault>,
}

/// Asks the backend. The command leaves before this returns, not when the answer is awaited: a press must reach the
/// microphone before anything is drawn.
pub fn call<C: Call>(command: C) -> impl Future<Output = Result<C::Reply, Fault>> {
    let asked = ask(command.into_command());
    async move {
        let value = match asked {
            Ok(promise) => JsFuture::from(promise)
                .await
                .map_err(|error| fault(&error))?,
            Err(error) => return Err(fault(&error)),
        };
        let answer: Answer<C::Reply> = serde_wasm_bindgen::from_value(value)
            .map_err(|_| Fault::new(FaultKind::Bug, "an answer has another shape"))?;
        answered(answer.seq);
        Ok(answer.value)
    }
}

/// Sends a command whose failure means nothing to the user.
pub fn tell<C: Call + 'static>(command: C) {
    let answer = call(command);
    wasm_bindgen_futures::spawn_local(async move {
        // Typing notes, drafts and marks are made again soon.
        let _ = answer.await;
    });
}

/// Subscribes to the feed, from now on and after every loss.
pub fn listen(items: Callback<Vec<Feed>>, broken: Callback<Fault>) {
    LISTENER.with_borrow_mut(|listener| *listener = Some(Listener { items, broken }));
    subscribe_to(&[("fresh", true)]);
}

/// Has the backend started anew where it could not start, and subscribes.
pub fn start_again() {
    subscribe_to(&[("again", true)]);
}

/// Subscribes again: the feed starts over with a reset.
fn subscribe() {
    subscribe_to(&[]);
}

fn subscribe_to(flags: &[(&str, bool)]) {
    let Some(listener) = LISTENER.with_borrow(Clone::clone) else {
        return;
    };
    let number = SUBSCRIPTION.get().wrapping_add(1);
    SUBSCRIPTION.set(number);
    let items = listener.items.clone();
    let receive = Closure::<dyn FnMut(JsValue)>::new(move |batch: JsValue| {
        if SUBSCRIPTION.get() == number {
            received(batch, &items);
        }
    });
    let asked = channel(receive.into_js_value()).and_then(|channel| {
        let arguments = Object::new();
        Reflect::set(&arguments, &"channel".into(), &channel)?;
        for (name, on) in flags {
            Reflect::set(&arguments, &(*name).into(), &(*on).into())?;
        }
        invoke("subscribe", &arguments)
    });
    wasm_bindgen_futures::spawn_local(async move {
        let outcome = match asked {
            Ok(promise) => JsFuture::from(promise).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = outcome
            && SUBSCRIPTION.get() == number
        {
            listener.broken.emit(fault(&error));
        }
    });
}

fn received(batch: JsValue, items: &Callback<Vec<Feed>>) {
    match serde_wasm_bindgen::from_value::<Vec<Feed>>(batch) {
        Ok(batch) => {
            for item in &batch {
                match item {
                    Feed::Reset(reset) => {
                        FEED_SEQ.set(reset.seq);
                        ANSWER_SEQ.set(reset.seq);
                    }
                    Feed::Commit(commit) => FEED_SEQ.set(FEED_SEQ.get().max(commit.seq)),
                    Feed::Signal(_) => {}
                }
            }
            items.emit(batch);
        }
        // The error may quote what people wrote.
        Err(_) => web_sys::console::error_1(&"a feed item has another shape".into()),
    }
}

fn answered(seq: u64) {
    ANSWER_SEQ.set(ANSWER_SEQ.get().max(seq));
    if ANSWER_SEQ.get() <= FEED_SEQ.get() {
        return;
    }
    WATCH.with_borrow_mut(|watch| {
        if watch.is_none() {
            let expected = ANSWER_SEQ.get();
            *watch = Some(Timeout::new(PATIENCE_MS, move || {
                WATCH.with_borrow_mut(|watch| *watch = None);
                if FEED_SEQ.get() < expected {
                    subscribe();
                } else {
                    answered(ANSWER_SEQ.get());
                }
            }));
        }
    });
}

fn ask(command: Command) -> Result<Promise, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let command = command.serialize(&serializer)?;
    let arguments = Object::new();
    Reflect::set(&arguments, &"command".into(), &command)?;
    invoke("call", &arguments)
}

fn core() -> Result<JsValue, JsValue> {
    let tauri = Reflect::get(&js_sys::global(), &"__TAURI__".into())?;
    Reflect::get(&tauri, &"core".into())
}

fn invoke(command: &str, arguments: &Object) -> Result<Promise, JsValue> {
    let core = core()?;
    let function: Function = Reflect::get(&core, &"invoke".into())?.dyn_into()?;
    function
        .call2(&core, &command.into(), arguments)?
        .dyn_into()
}

fn channel(receive: JsValue) -> Result<JsValue, JsValue> {
    let constructor: Function = Reflect::get(&core()?, &"Channel".into())?.dyn_into()?;
    let channel = Reflect::construct(&constructor, &Array::new())?;
    Reflect::set(&channel, &"onmessage".into(), &receive)?;
    Ok(channel)
}

fn fault(error: &JsValue) -> Fault {
    serde_wasm_bindgen::from_value(error.clone())
        .unwrap_or_else(|_| Fault::new(FaultKind::Bug, "the backend cannot be reached"))
}
