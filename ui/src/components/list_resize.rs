//! The seam between list and conversation: dragged, or moved with the arrow keys. The width is kept by the web view.
//!
//! Nothing renders while it is dragged: the width is one custom property of the pane that holds it all.

use std::cell::Cell;

use locale::key;
use web_sys::Element;
use yew::prelude::*;

use crate::hooks::{set_var, use_words, window};

/// The list's width in pixels: the least, what it starts with, the most.
const NARROWEST: i32 = 260;
const USUAL: i32 = 336;
const WIDEST: i32 = 420;
/// What an arrow key moves, in pixels.
const STEP: i32 = 16;
/// Where the width is kept.
const KEPT: &str = "millet.list";

/// See the module.
#[component]
pub fn ListResize() -> Html {
    let words = use_words();
    let node = use_node_ref();
    let width = use_memo((), |()| Cell::new(kept()));
    // Where the pointer was and how wide the list, when the drag began.
    let drag = use_memo((), |()| Cell::new(None::<(i32, i32)>));

    let show = {
        let (node, width) = (node.clone(), width.clone());
        use_callback((), move |to: i32, ()| {
            let to = to.clamp(NARROWEST, WIDEST);
            width.set(to);
            if let Some(seam) = node.cast::<Element>() {
                // Always settable.
                let _ = seam.set_attribute("aria-valuenow", &to.to_string());
                if let Some(main) = seam.parent_element() {
                    set_var(&main, "--list-width", &format!("{to}px"));
                }
            }
        })
    };
    use_effect_with((), {
        let (show, width) = (show.clone(), width.clone());
        move |()| show.emit(width.get())
    });

    let onpointerdown = {
        let (node, width, drag) = (node.clone(), width.clone(), drag.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() != 0 {
                return;
            }
            event.prevent_default();
            drag.set(Some((event.client_x(), width.get())));
            if let Some(seam) = node.cast::<Element>() {
                // Without the capture the drag ends where the pointer leaves the seam.
                let _ = seam.set_pointer_capture(event.pointer_id());
            }
        })
    };
    let onpointermove = {
        let (show, drag) = (show.clone(), drag.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some((from, width)) = drag.get() {
                show.emit(width + event.client_x() - from);
            }
        })
    };
    let end = {
        let width = width.clone();
        Callback::from(move |_: PointerEvent| {
            if drag.take().is_some() {
                keep(width.get());
            }
        })
    };
    let onkeydown = {
        let (show, width) = (show.clone(), width.clone());
        Callback::from(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                _ if event.alt_key() || event.ctrl_key() || event.meta_key() => return,
                "ArrowLeft" => width.get() - STEP,
                "ArrowRight" => width.get() + STEP,
                "Home" => NARROWEST,
                "End" => WIDEST,
                _ => return,
            };
            event.prevent_default();
            show.emit(to);
            keep(width.get());
        })
    };
    let ondblclick = {
        Callback::from(move |_: MouseEvent| {
            show.emit(USUAL);
            keep(USUAL);
        })
    };
    html! {
        <div
            ref={node}
            class="list-resize"
            data-testid="list-resize"
            role="separator"
            aria-orientation="vertical"
            aria-label={words.text(key::LIST_RESIZE)}
            aria-valuemin={NARROWEST.to_string()}
            aria-valuemax={WIDEST.to_string()}
            tabindex="0"
            {onpointerdown}
            {onpointermove}
            onpointerup={end.clone()}
            onpointercancel={end}
            {onkeydown}
            {ondblclick}
        ></div>
    }
}

fn kept() -> i32 {
    window()
        .and_then(|window| window.local_storage().ok().flatten())
        .and_then(|storage| storage.get_item(KEPT).ok().flatten())
        .and_then(|width| width.parse().ok())
        .unwrap_or(USUAL)
}

fn keep(width: i32) {
    if let Some(storage) = window().and_then(|window| window.local_storage().ok().flatten()) {
        // A full or forbidden storage: the width holds until the window is closed.
        let _ = storage.set_item(KEPT, &width.to_string());
    }
}
