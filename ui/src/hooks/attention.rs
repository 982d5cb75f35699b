//! Whether somebody looks at the window.
//!
//! Asked before messages count as read. Not every web view reports the focus it has (one without a window manager never
//! does), so a press or a key since the window last lost the focus counts as well.

use std::cell::Cell;

use web_sys::VisibilityState;
use yew::prelude::*;

use crate::hooks::{On, document, use_event};

thread_local! {
    static TOUCHED: Cell<bool> = const { Cell::new(false) };
}

/// Whether the window is visible and in use.
pub fn is_looking() -> bool {
    document().is_some_and(|document| {
        document.visibility_state() == VisibilityState::Visible
            && (TOUCHED.get() || document.has_focus().unwrap_or(false))
    })
}

/// Calls back whenever somebody may have begun to look.
#[hook]
pub fn use_attention(then: Callback<()>) {
    let touched = use_callback(then, |_: Event, then| {
        TOUCHED.set(true);
        then.emit(());
    });
    use_event(On::Document, "pointerdown", touched.clone());
    use_event(On::Document, "keydown", touched.clone());
    use_event(On::Window, "focus", touched.clone());
    use_event(On::Document, "visibilitychange", touched);
    let away = use_callback((), |_: Event, ()| TOUCHED.set(false));
    use_event(On::Window, "blur", away);
}
