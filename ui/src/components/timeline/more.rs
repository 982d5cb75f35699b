//! What follows from where the reader is: messages count as read, and the next page is fetched, from here or from the server.

use std::rc::Rc;

use api::{ChatId, MarkRead, WindowAnchor};
use web_sys::Element;
use yew::UseStateSetter;

use super::Places;
use crate::act::Act;
use crate::backend;
use crate::hooks::attention::is_looking;
use crate::state::window::Timeline;

/// Marks the newest message as read while somebody looks at it.
pub fn mark_read(chat: ChatId, held: &Timeline, unread: u32, at_present: bool, place: &Places) {
    let Some(newest) = held.newest() else { return };
    let mut place = place.borrow_mut();
    if unread == 0 {
        // Whatever becomes unread again is marked again.
        place.marked = None;
    }
    if unread > 0 && at_present && place.marked != Some(newest.id) && is_looking() {
        place.marked = Some(newest.id);
        backend::tell(MarkRead {
            chat,
            upto: newest.id,
        });
    }
}

/// How near an edge of what is held the next page is wanted, in pixels.
fn ahead_of(list: &Element) -> i32 {
    list.client_height() * 3 / 2
}

/// Whether the reader is near the top of all that is here, and the server may have more.
pub fn is_older_wanted(list: &Element, held: &Timeline) -> bool {
    let is_top = !held.has_older && list.scroll_top() < ahead_of(list);
    held.older_missing && is_top && !held.stale && !held.is_reading()
}

/// Asks the server for what is older than all that is here: once at a time, and not again by itself after it had nothing.
pub fn ask_for_older(chat: ChatId, act: &Act, place: &Places, asked: &UseStateSetter<bool>) {
    if place.borrow().asked {
        return;
    }
    place.borrow_mut().asked = true;
    asked.set(false);
    let (place, asked) = (Rc::clone(place), asked.clone());
    act.fetch_older(chat, move |came| {
        place.borrow_mut().asked = !came;
        asked.set(!came);
    });
}

/// Reads the next page where the reader is near an edge of what is held.
pub fn load_more(list: &Element, chat: ChatId, held: &Timeline, act: &Act, place: &Places) {
    if place.borrow().loading {
        return;
    }
    let ahead = ahead_of(list);
    let below = list.scroll_height() - list.scroll_top() - list.client_height();
    let anchor = if held.has_older && list.scroll_top() < ahead {
        held.oldest().map(|cursor| WindowAnchor::Before { cursor })
    } else if held.has_newer && below < ahead {
        held.newest().map(|cursor| WindowAnchor::After { cursor })
    } else {
        None
    };
    if let Some(anchor) = anchor {
        place.borrow_mut().loading = true;
        let place = Rc::clone(place);
        act.read(chat, anchor, move || place.borrow_mut().loading = false);
    }
}
