//! How fast somebody is listened to.

use api::ChatId;
use locale::key;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::hooks::{use_act, use_words};

/// In per cent of the speed it was spoken at.
const SPEEDS: [u16; 9] = [50, 75, 100, 125, 150, 175, 200, 250, 300];

/// Whose voice.
#[derive(Properties, PartialEq)]
pub struct SpeedSelectProps {
    /// Their chat.
    pub chat: ChatId,
    /// In per cent.
    pub speed: u16,
}

/// See [`SpeedSelectProps`].
#[component]
pub fn SpeedSelect(props: &SpeedSelectProps) -> Html {
    let words = use_words();
    let act = use_act();
    let onchange = use_callback((act, props.chat), |event: Event, (act, chat)| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>()
            && let Ok(percent) = select.value().parse()
        {
            act.set_speed(*chat, percent);
        }
    });
    html! {
        <select
            class="speed"
            data-testid="speed"
            aria-label={words.text(key::VOICE_SPEED)}
            title={words.text(key::VOICE_SPEED)}
            {onchange}
        >
            { for SPEEDS.map(|speed| html! {
                <option value={speed.to_string()} selected={speed == props.speed}>{ times(speed) }</option>
            }) }
        </select>
    }
}

/// As people write it: 1×, 1.25×.
fn times(percent: u16) -> String {
    let (whole, part) = (percent / 100, percent % 100);
    match (part, part % 10) {
        (0, _) => format!("{whole}×"),
        (_, 0) => format!("{whole}.{}×", part / 10),
        _ => format!("{whole}.{part:02}×"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_as_people_write_them() {
        let all: Vec<_> = SPEEDS.map(times).into();
        assert_eq!(all.join(" "), "0.5× 0.75× 1× 1.25× 1.5× 1.75× 2× 2.5× 3×");
    }
}
