//! One message in the timeline: its bubble, how far it got, what to do when it failed.

use api::{Content, MessageState};
use locale::key;
use yew::prelude::*;

use crate::components::bubble::{Meta, TextBubble};
use crate::components::controls::Button;
use crate::components::file::FileBubble;
use crate::components::icon::{Glyph, Icon};
use crate::components::quote::Quote;
use crate::components::reactions::Reactions;
use crate::components::voice::VoiceBubble;
use crate::format;
use crate::hooks::{use_act, use_words};
use crate::state::player::Playing;
use crate::state::transfers::Progress;
use crate::state::window::Item;

/// Which message.
#[derive(Properties, PartialEq)]
pub struct MessageProps {
    /// The row with what its neighbours make of it.
    pub item: Item,
    /// The name of the other side.
    pub title: AttrValue,
    /// How far its file got.
    pub progress: Option<Progress>,
    /// If it is played.
    pub playing: Option<Playing>,
    /// Whether it is to be played when its file is here.
    pub wanted: bool,
    /// Whether it is what was looked for.
    pub flash: bool,
}

/// See [`MessageProps`].
#[component]
pub fn Message(props: &MessageProps) -> Html {
    let words = use_words();
    let row = &props.item.row;
    let heard = match &row.content {
        Content::Voice { heard, .. } => Some(heard.to_string()),
        _ => None,
    };
    let by = if row.own {
        words.text(key::MESSAGE_OWN)
    } else {
        props.title.to_string()
    };
    let by = words.with(
        key::MESSAGE_BY,
        &[
            ("name", by.into()),
            ("time", format::time(row.at, &words).into()),
        ],
    );
    // Words have what they answer in their bubble; the others have a shape of their own.
    let quote = match &row.content {
        Content::Text { .. } => Html::default(),
        _ => html! { <Quote row={row.clone()} title={props.title.clone()} /> },
    };
    let bubble = match &row.content {
        Content::Text { .. } => html! {
            <TextBubble row={row.clone()} title={props.title.clone()} />
        },
        Content::Voice { .. } => html! {
            <VoiceBubble
                row={row.clone()}
                progress={props.progress}
                playing={props.playing.clone()}
                wanted={props.wanted}
            />
        },
        Content::File { .. } => html! {
            <FileBubble row={row.clone()} progress={props.progress} />
        },
    };
    html! {
        <div
            class="message"
            data-testid="message"
            data-id={row.id.0.to_string()}
            data-own={row.own.to_string()}
            data-kind={row.content.kind().name()}
            data-state={row.state.name()}
            data-first={props.item.first.to_string()}
            data-last={props.item.last.to_string()}
            data-heard={heard}
            data-edited={row.edited.map(|_| "true")}
            data-removed={row.retracted.then_some("true")}
            data-flash={props.flash.then_some("true")}
        >
            <span class="sr-only">{ by }</span>
            { quote }
            { bubble }
            <Reactions row={row.clone()} />
            if row.state == MessageState::Failed {
                <Failed id={row.id} fault={row.fault.as_ref().map(api::FaultKind::name)} />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct FailedProps {
    id: api::MessageId,
    fault: Option<&'static str>,
}

#[component]
fn Failed(props: &FailedProps) -> Html {
    let words = use_words();
    let act = use_act();
    let retry = use_callback((act.clone(), props.id), |_: MouseEvent, (act, id)| {
        act.retry(*id);
    });
    let discard = use_callback((act, props.id), |_: MouseEvent, (act, id)| act.discard(*id));
    let text = match props.fault {
        Some(name) => format!("{} {}", words.fault(name), words.fault_advice(name)),
        None => words.state("failed"),
    };
    html! {
        <div class="message-fault" data-kind={props.fault}>
            <span class="message-fault-text">{ text }</span>
            <Button variant="quiet" testid="retry" onclick={retry}>{ words.text(key::RETRY) }</Button>
            <Button variant="quiet" testid="discard" onclick={discard}>{ words.text(key::DISCARD) }</Button>
        </div>
    }
}

/// How far an own message got.
#[derive(Properties, PartialEq)]
pub struct TickProps {
    /// As the store has it.
    pub state: MessageState,
}

/// A shape for the eye and a word for the ear.
#[component]
pub fn Tick(props: &TickProps) -> Html {
    let words = use_words();
    let glyph = match props.state {
        MessageState::Pending => Glyph::Clock,
        MessageState::Failed => Glyph::Warning,
        MessageState::Sent => Glyph::Check,
        MessageState::Delivered => Glyph::DoubleCheck,
        MessageState::Read => Glyph::Read,
        MessageState::Heard => Glyph::Heard,
        MessageState::Received => return Html::default(),
    };
    let name = props.state.name();
    let word = words.state(name);
    html! {
        <span class="tick" data-state={name} title={word.clone()}>
            <Icon {glyph} />
            <span class="sr-only">{ word }</span>
        </span>
    }
}

/// Time and tick, as every bubble ends.
pub fn meta(row: &std::rc::Rc<api::MessageRow>) -> Html {
    html! { <Meta row={row.clone()} /> }
}
