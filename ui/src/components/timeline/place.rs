//! Where a timeline is scrolled to, and keeping it there.

use api::{MessageId, Spot};
use web_sys::Element;

use crate::state::window::Intent;

/// This near the end, in pixels, is at the end.
const NEAR: i32 = 24;

/// Where the reader is.
#[derive(Default)]
pub struct Place {
    /// The intent that was carried out last.
    pub done: Option<u32>,
    /// Whether the newest message is on screen. The end of what is held is not the end while newer ones exist: going
    /// along with that would run away from the reader, page by page.
    pub at_end: bool,
    /// Whether newer messages than those held exist.
    pub has_newer: bool,
    /// The first message on screen, and how far its top is from that of the list, in pixels.
    pub anchor: Option<(String, f64)>,
    /// Height of the list and of its content when this was noted, in pixels.
    pub size: (i32, i32),
    /// How far it was scrolled then, in pixels.
    pub top: i32,
    /// A page is being read.
    pub loading: bool,
    /// The server was asked for what is older than all that is here, and has not answered, or had nothing.
    pub asked: bool,
    /// What was marked as read last.
    pub marked: Option<MessageId>,
}

impl Place {
    /// As it is kept beyond this view; nothing where the newest message is on screen.
    pub fn spot(&self) -> Option<Spot> {
        let (id, offset) = self.anchor.as_ref().filter(|_| !self.at_end)?;
        Some(Spot {
            id: MessageId(id.parse().ok()?),
            offset: offset.round() as i32,
        })
    }
}

/// Notes where the reader is.
pub fn remember(list: &Element, place: &mut Place) {
    let below = list.scroll_height() - list.scroll_top() - list.client_height();
    place.at_end = below <= NEAR && !place.has_newer;
    place.size = (list.client_height(), list.scroll_height());
    place.top = list.scroll_top();
    let top = list.get_bounding_client_rect().top();
    let mut next = list
        .first_element_child()
        .and_then(|content| content.first_element_child());
    place.anchor = None;
    while let Some(element) = next {
        let rect = element.get_bounding_client_rect();
        if rect.bottom() > top
            && let Some(id) = element.get_attribute("data-id")
        {
            place.anchor = Some((id, rect.top() - top));
            break;
        }
        next = element.next_element_sibling();
    }
}

fn find(list: &Element, id: &str) -> Option<Element> {
    // Ids are numbers: nothing to escape.
    list.query_selector(&format!(".message[data-id=\"{id}\"]"))
        .ok()
        .flatten()
}

/// Brings the list to where it should be after its content has changed.
pub fn settle(list: &Element, place: &mut Place, intent: Option<(u32, Intent)>) {
    let fresh = intent.filter(|(number, _)| place.done != Some(*number));
    if let Some((number, _)) = fresh {
        place.done = Some(number);
    }
    take_along(list, place);
    let top = list.get_bounding_client_rect().top();
    match fresh.map_or(Intent::KeepAnchor, |(_, intent)| intent) {
        Intent::ToBottom => list.set_scroll_top(list.scroll_height()),
        Intent::ToMessage(id) => {
            if let Some(element) = find(list, &id.0.to_string()) {
                let by = element.get_bounding_client_rect().top() - top;
                let third = f64::from(list.client_height()) / 3.0;
                list.set_scroll_top(list.scroll_top() + (by - third) as i32);
            }
        }
        Intent::ToSpot(spot) => {
            if let Some(element) = find(list, &spot.id.0.to_string()) {
                let by = element.get_bounding_client_rect().top() - top;
                list.set_scroll_top(list.scroll_top() + by.round() as i32 - spot.offset);
            }
        }
        Intent::KeepAnchor if place.at_end => list.set_scroll_top(list.scroll_height()),
        Intent::KeepAnchor => {
            if let Some((id, offset)) = &place.anchor
                && let Some(element) = find(list, id)
            {
                let by = element.get_bounding_client_rect().top() - top - offset;
                if by.abs() >= 1.0 {
                    list.set_scroll_top(list.scroll_top() + by.round() as i32);
                }
            }
        }
    }
    remember(list, place);
}

/// The reader may have scrolled since the place was noted, and the event that tells so comes a frame later. While much
/// comes in, each frame changes the content: without this nobody could leave the end.
fn take_along(list: &Element, place: &mut Place) {
    let farthest = list.scroll_height() - list.client_height();
    let now = list.scroll_top();
    let was_noted = place.size != (0, 0);
    // A list that got shorter moved by itself.
    if !was_noted || now >= farthest {
        return;
    }
    let up = place.top - now;
    if up > NEAR {
        place.at_end = false;
    }
    if let Some((_, offset)) = &mut place.anchor {
        *offset += f64::from(up);
    }
    place.top = now;
}

/// Whether a message is on screen.
pub fn is_on_screen(list: &Element, id: MessageId) -> bool {
    find(list, &id.0.to_string()).is_some_and(|element| {
        let (row, list) = (
            element.get_bounding_client_rect(),
            list.get_bounding_client_rect(),
        );
        row.bottom() > list.top() && row.top() < list.bottom()
    })
}

/// Whether a message is on screen or above it: it was come by.
pub fn is_above_end(list: &Element, id: MessageId) -> bool {
    find(list, &id.0.to_string()).is_some_and(|element| {
        element.get_bounding_client_rect().top() < list.get_bounding_client_rect().bottom()
    })
}
