//! Two handles on the waveform of a draft: what lies outside of them goes when it is trimmed.

use std::cell::Cell;
use std::rc::Rc;

use locale::key;
use web_sys::Element;
use yew::prelude::*;

use crate::format;
use crate::hooks::{use_var, use_words};

/// What an arrow key moves, in milliseconds.
const STEP_MS: u32 = 100;
/// What a page key moves, in milliseconds.
const LEAP_MS: u32 = 1_000;
/// The least that is kept, in milliseconds: less than a syllable is a slip.
pub const SHORTEST_MS: u32 = 200;

/// What is kept.
#[derive(Properties, PartialEq)]
pub struct TrimProps {
    /// Length of the draft in milliseconds.
    pub duration_ms: u32,
    /// Where what is kept begins and ends, in milliseconds.
    pub kept: (u32, u32),
    /// Where it is wanted.
    pub onchange: Callback<(u32, u32)>,
}

/// Which handle.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    From,
    Until,
}

/// What is kept after one handle was brought to a place, as near to it as the other one lets it.
fn moved((from, until): (u32, u32), end: End, to: u32, duration: u32) -> (u32, u32) {
    match end {
        End::From => (to.min(until.saturating_sub(SHORTEST_MS)), until),
        End::Until => (from, to.max(from.saturating_add(SHORTEST_MS)).min(duration)),
    }
}

/// See [`TrimProps`].
#[component]
pub fn Trim(props: &TrimProps) -> Html {
    let node = use_node_ref();
    let duration = props.duration_ms.max(1);
    let part = |ms: u32| format!("{:.4}", f64::from(ms) / f64::from(duration));
    use_var(&node, "--from", part(props.kept.0));
    use_var(&node, "--until", part(props.kept.1));
    let handle = |end: End| {
        html! {
            <Handle
                {end}
                {duration}
                kept={props.kept}
                track={node.clone()}
                onchange={props.onchange.clone()}
            />
        }
    };
    html! {
        <div ref={node.clone()} class="trim">
            <span class="trim-off" data-end="from"></span>
            <span class="trim-off" data-end="until"></span>
            { handle(End::From) }
            { handle(End::Until) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct HandleProps {
    end: End,
    duration: u32,
    kept: (u32, u32),
    track: NodeRef,
    onchange: Callback<(u32, u32)>,
}

#[component]
fn Handle(props: &HandleProps) -> Html {
    let words = use_words();
    let node = use_node_ref();
    let dragging = use_memo((), |()| Cell::new(false));
    let (end, duration, kept) = (props.end, props.duration, props.kept);
    let (name, label, now) = match end {
        End::From => ("from", key::TRIM_FROM, kept.0),
        End::Until => ("until", key::TRIM_UNTIL, kept.1),
    };
    let to = {
        let onchange = props.onchange.clone();
        move |to: u32| onchange.emit(moved(kept, end, to, duration))
    };
    let onpointerdown = {
        let (dragging, node) = (Rc::clone(&dragging), node.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() != 0 {
                return;
            }
            if let Some(node) = node.cast::<Element>() {
                // Without the capture the drag ends where the handle does.
                let _ = node.set_pointer_capture(event.pointer_id());
                dragging.set(true);
            }
        })
    };
    let onpointermove = {
        let (dragging, track, to) = (Rc::clone(&dragging), props.track.clone(), to.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(track) = track.cast::<Element>().filter(|_| dragging.get()) else {
                return;
            };
            let rect = track.get_bounding_client_rect();
            let part = (f64::from(event.client_x()) - rect.left()) / rect.width().max(1.0);
            to((part.clamp(0.0, 1.0) * f64::from(duration)) as u32);
        })
    };
    let drop = use_callback((), move |_: PointerEvent, ()| dragging.set(false));
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if event.alt_key() || event.ctrl_key() || event.meta_key() {
            return;
        }
        let place = match event.key().as_str() {
            "ArrowRight" | "ArrowUp" => now.saturating_add(STEP_MS),
            "ArrowLeft" | "ArrowDown" => now.saturating_sub(STEP_MS),
            "PageUp" => now.saturating_add(LEAP_MS),
            "PageDown" => now.saturating_sub(LEAP_MS),
            "Home" => 0,
            "End" => duration,
            _ => return,
        };
        event.prevent_default();
        to(place);
    });
    html! {
        <span
            ref={node}
            class="trim-handle"
            data-end={name}
            data-testid={format!("trim-{name}")}
            role="slider"
            tabindex="0"
            aria-label={words.text(label)}
            aria-valuemin="0"
            aria-valuemax={duration.to_string()}
            aria-valuenow={now.to_string()}
            aria-valuetext={format::spoken_length(now, &words)}
            {onpointerdown}
            {onpointermove}
            onpointerup={drop.clone()}
            onpointercancel={drop}
            {onkeydown}
        ></span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_do_not_pass_each_other() {
        let all = (0, 5_000);
        assert_eq!(moved(all, End::From, 1_000, 5_000), (1_000, 5_000));
        assert_eq!(moved(all, End::Until, 9_000, 5_000), (0, 5_000));
        assert_eq!(
            moved((1_000, 2_000), End::From, 4_000, 5_000),
            (1_800, 2_000)
        );
        assert_eq!(moved((1_000, 2_000), End::Until, 0, 5_000), (1_000, 1_200));
        assert_eq!(moved((0, 100), End::From, 100, 100), (0, 100));
        assert_eq!(moved((0, 100), End::Until, 0, 100), (0, 100));
    }
}
