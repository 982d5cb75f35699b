//! The seam between list and conversation: dragged, or moved with the arrow keys. The width is one of the settings.
//!
//! Nothing renders while it is dragged: the width is one custom property of the pane that holds it all.

use std::cell::Cell;

use api::Settings;
use locale::key;
use web_sys::Element;
use yew::prelude::*;

use crate::hooks::{set_var, use_act, use_words};

/// The list's width in pixels: the least and the most.
const NARROWEST: i32 = Settings::NARROWEST_LIST as i32;
const WIDEST: i32 = Settings::WIDEST_LIST as i32;
/// What an arrow key moves, in pixels.
const STEP: i32 = 16;

/// See the module.
#[component]
pub fn ListResize() -> Html {
    let words = use_words();
    let node = use_node_ref();
    let act = use_act();
    let kept = use_context::<Settings>().unwrap_or_default().list_width;
    let width = use_memo((), |()| Cell::new(i32::from(kept)));
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
    use_effect_with(kept, {
        let show = show.clone();
        move |kept| show.emit(i32::from(*kept))
    });
    let keep = use_callback(act, |width: i32, act| {
        // Within the limits of `show`, so it always fits.
        if let Ok(list_width) = u16::try_from(width) {
            act.change_settings(move |settings| settings.list_width = list_width);
        }
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
        let (width, keep) = (width.clone(), keep.clone());
        Callback::from(move |_: PointerEvent| {
            if drag.take().is_some() {
                keep.emit(width.get());
            }
        })
    };
    let onkeydown = {
        let (show, width, keep) = (show.clone(), width.clone(), keep.clone());
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
            keep.emit(width.get());
        })
    };
    let ondblclick = {
        Callback::from(move |_: MouseEvent| {
            let usual = i32::from(Settings::default().list_width);
            show.emit(usual);
            keep.emit(usual);
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
