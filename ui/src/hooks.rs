//! Behaviour with a lifetime: listeners, frames, values for the styles.

pub mod attention;

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use locale::Words;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element, Event, HtmlElement, ResizeObserver, Window};
use yew::prelude::*;

use crate::act::Act;
use crate::clock;

/// The window.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The page.
pub fn document() -> Option<Document> {
    window().and_then(|window| window.document())
}

/// Sets a custom property through CSSOM, which a strict content policy allows where `style=` is refused.
pub fn set_var(element: &Element, name: &str, value: &str) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // A property that cannot be set is a look, not a function.
        let _ = element.style().set_property(name, value);
    }
}

/// The words of the chosen language.
#[hook]
pub fn use_words() -> Words {
    use_context::<Words>().unwrap_or_else(|| Words::new(locale::Language::ENGLISH))
}

/// What the user can do. Components are always below the provider; without one nothing could be shown either.
#[hook]
pub fn use_act() -> Act {
    use_context::<Act>().unwrap_or_default()
}

/// Keeps a custom property of an element at a value.
#[hook]
pub fn use_var(node: &NodeRef, name: &'static str, value: String) {
    let node = node.clone();
    use_effect_with(value, move |value| {
        if let Some(element) = node.cast::<Element>() {
            set_var(&element, name, value);
        }
    });
}

/// Where a listener sits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The page.
    Document,
    /// The window.
    Window,
}

/// Hears an event of the page or the window. The handler may prevent the default.
#[hook]
pub fn use_event(on: On, name: &'static str, handler: Callback<Event>) {
    use_effect_with(handler, move |handler| {
        let handler = handler.clone();
        let target: Option<web_sys::EventTarget> = match on {
            On::Document => document().map(Into::into),
            On::Window => window().map(Into::into),
        };
        let listener = target.map(|target| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&target, name, options, move |event| {
                handler.emit(event.clone());
            })
        });
        move || drop(listener)
    });
}

/// Hears when an element or its first child changes its size; also when it comes out of hiding.
#[hook]
pub fn use_resize(node: &NodeRef, resized: Callback<()>) {
    use_effect_with((node.clone(), resized), |(node, resized)| {
        let resized = resized.clone();
        let heard = Closure::<dyn FnMut()>::new(move || resized.emit(()));
        let observer = ResizeObserver::new(heard.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(element)) = (&observer, node.cast::<Element>()) {
            observer.observe(&element);
            if let Some(content) = element.first_element_child() {
                observer.observe(&content);
            }
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(heard);
        }
    });
}

/// The local day it is. Whoever writes "today" or a time without a date is rendered again when it ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Today(i32);

/// Renders again when another day begins.
#[hook]
pub fn use_today() {
    // The day itself is the clock's; this is about when.
    let _ = use_context::<Today>();
}

/// Keeps the day, for [`use_today`]: one timer until midnight, and a look whenever the window comes back, since a
/// machine that sleeps sleeps through its timers.
#[hook]
pub fn use_day() -> Today {
    let day = use_state_eq(|| Today(clock::local_day(clock::wall())));
    let look = {
        let day = day.setter();
        use_callback((), move |(), ()| {
            day.set(Today(clock::local_day(clock::wall())));
        })
    };
    use_effect_with(*day, {
        let look = look.clone();
        move |_| {
            let timer = Timeout::new(clock::until_midnight(), move || look.emit(()));
            move || drop(timer)
        }
    });
    let back = look.reform(|_: Event| ());
    let back = use_memo((), move |()| back);
    use_event(On::Document, "visibilitychange", (*back).clone());
    use_event(On::Window, "focus", (*back).clone());
    *day
}

/// Runs before each painted frame while `active`; nothing runs otherwise. The web view pauses it while hidden.
#[hook]
pub fn use_frames(active: bool, frame: Callback<()>) {
    use_effect_with((active, frame), move |(active, frame)| {
        let running = active.then(|| Frames::start(frame.clone()));
        move || drop(running)
    });
}

type Tick = Rc<RefCell<Option<Closure<dyn FnMut()>>>>;

struct Frames {
    tick: Tick,
    request: Rc<RefCell<i32>>,
}

impl Frames {
    fn start(frame: Callback<()>) -> Self {
        let tick: Tick = Rc::default();
        let request = Rc::new(RefCell::new(0));
        let (again, next) = (Rc::downgrade(&tick), Rc::clone(&request));
        let closure = Closure::new(move || {
            frame.emit(());
            if let Some(tick) = again.upgrade() {
                *next.borrow_mut() = ask(&tick);
            }
        });
        *tick.borrow_mut() = Some(closure);
        *request.borrow_mut() = ask(&tick);
        Self { tick, request }
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        if let Some(window) = window() {
            // It may have run already.
            let _ = window.cancel_animation_frame(*self.request.borrow());
        }
        // A frame that is running holds the closure: it is dropped with its last reference.
        if let Ok(mut tick) = self.tick.try_borrow_mut() {
            tick.take();
        }
    }
}

fn ask(tick: &Tick) -> i32 {
    tick.borrow()
        .as_ref()
        .zip(window())
        .and_then(|(tick, window)| {
            window
                .request_animation_frame(tick.as_ref().unchecked_ref())
                .ok()
        })
        .unwrap_or_default()
}

/// Runs once, after what is rendered now was painted: two frames from here.
pub fn after_paint(then: impl FnOnce() + 'static) {
    let Some(window) = window() else { return };
    let second = Closure::once_into_js(then);
    let first = Closure::once_into_js(move || {
        if let Some(window) = web_sys::window() {
            let _ = window.request_animation_frame(second.unchecked_ref());
        }
    });
    // Without frames nothing is painted either.
    let _ = window.request_animation_frame(first.unchecked_ref());
}
