//! A person without a picture: a colour and letters.

use api::Presence;
use yew::prelude::*;

use crate::hooks::use_var;
use crate::person;

/// Whose avatar.
#[derive(Properties, PartialEq)]
pub struct AvatarProps {
    /// The address, which gives the colour.
    pub address: AttrValue,
    /// The name, which gives the letters.
    pub name: AttrValue,
    /// Edge in pixels: 44, 36 or 28.
    #[prop_or("44")]
    pub size: &'static str,
    /// The dot; none when offline.
    #[prop_or_default]
    pub presence: Presence,
}

/// The value of `data-state` for a presence.
pub fn presence_name(presence: Presence) -> &'static str {
    match presence {
        Presence::Offline => "offline",
        Presence::Away => "away",
        Presence::Busy => "busy",
        Presence::Online => "online",
    }
}

/// See [`AvatarProps`].
#[component]
pub fn Avatar(props: &AvatarProps) -> Html {
    let node = use_node_ref();
    let hue = use_memo(props.address.clone(), |address| {
        format!("{:.1}", person::hue(address))
    });
    use_var(&node, "--person", (*hue).clone());
    html! {
        <span ref={node} class="avatar" data-size={props.size} aria-hidden="true">
            <span class="avatar-initials">{ person::initials(&props.name) }</span>
            if props.presence != Presence::Offline {
                <span class="avatar-presence" data-state={presence_name(props.presence)}></span>
            }
        </span>
    }
}
