//! Files in the timeline: a picture in a frame that is there before the picture, any other file as a line.
//!
//! A file that is not here says so and comes with a tap; one that is here is shown, or a copy of it put where its user can
//! open it. Refused: opening a stranger's file with the system's program, one tap away from a message.

use std::rc::Rc;

use api::{Content, Media, MessageId, MessageRow, MessageState, SaveCopy};
use locale::{Words, key};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::backend;
use crate::components::bubble::{Ring, media_name};
use crate::components::controls::IconButton;
use crate::components::icon::{Glyph, Icon};
use crate::components::message::meta;
use crate::format;
use crate::hooks::{use_act, use_var, use_words, window};
use crate::state::transfers::Progress;

/// The largest frame, in CSS pixels, and that of a picture whose size nobody said.
const MOST: u32 = 320;
const UNKNOWN: (u32, u32) = (320, 220);
/// The smallest frame, so that time and words find room.
const LEAST: (u32, u32) = (200, 132);

/// Which file.
#[derive(Properties, PartialEq)]
pub struct FileBubbleProps {
    /// The message.
    pub row: Rc<MessageRow>,
    /// How far it got.
    pub progress: Option<Progress>,
}

/// What every file shows.
#[derive(Clone, PartialEq)]
struct Shown {
    id: MessageId,
    name: String,
    kind: String,
    size: Option<u64>,
    media: Media,
    sending: bool,
}

impl Shown {
    fn new(row: &MessageRow) -> Option<Self> {
        let Content::File {
            name,
            media_type,
            size,
            media,
            ..
        } = &row.content
        else {
            return None;
        };
        Some(Self {
            id: row.id,
            name: name.clone(),
            // A file that is no picture shows its name, whose end says the same.
            kind: match is_picture(media_type) || !has_ending(name) {
                true => kind_of(name, media_type),
                false => String::new(),
            },
            size: *size,
            media: *media,
            sending: row.own && row.state == MessageState::Pending,
        })
    }

    fn can_fetch(&self) -> bool {
        matches!(self.media, Media::Remote | Media::Failed)
    }

    fn is_moving(&self) -> bool {
        self.media == Media::Fetching || self.sending
    }

    /// What it is, how large, and what can be done.
    fn line(&self, progress: Option<Progress>, words: &Words) -> String {
        let size = self.size.map(|size| format::size(size, words));
        let state = match self.media {
            Media::Remote => Some(words.text(key::FILE_TAP)),
            Media::Failed => Some(words.text(key::FILE_FAILED)),
            Media::Fetching => Some(match progress {
                Some(Progress::Part(part)) => words.with(
                    key::FILE_COMING,
                    &[("percent", (u32::from(part) / 10).into())],
                ),
                _ => words.text(key::FILE_COMING_SOME),
            }),
            Media::Here => None,
        };
        let kind = Some(self.kind.clone()).filter(|kind| !kind.is_empty());
        let parts: Vec<String> = kind.into_iter().chain(size).chain(state).collect();
        parts.join(" · ")
    }
}

/// A picture or any other file.
#[component]
pub fn FileBubble(props: &FileBubbleProps) -> Html {
    let (row, progress) = (props.row.clone(), props.progress);
    match &props.row.content {
        Content::File { media_type, .. } if is_picture(media_type) => {
            html! { <Picture {row} {progress} /> }
        }
        _ => html! { <OtherFile {row} {progress} /> },
    }
}

/// A copy in the folder for downloads: what it is called once it is there, and what makes it.
#[hook]
fn use_save(id: MessageId) -> (Option<String>, Callback<MouseEvent>) {
    let act = use_act();
    let saved = use_state_eq(|| None::<String>);
    let save = {
        let saved = saved.setter();
        use_callback((act, id), move |event: MouseEvent, (act, id)| {
            event.stop_propagation();
            let (act, saved) = (act.clone(), saved.clone());
            let answer = backend::call(SaveCopy { message: *id });
            spawn_local(async move {
                match answer.await {
                    Ok(path) => saved.set(path.rsplit(['/', '\\']).next().map(str::to_owned)),
                    Err(fault) => act.tell(fault),
                }
            });
        })
    };
    ((*saved).clone(), save)
}

#[component]
fn Picture(props: &FileBubbleProps) -> Html {
    let words = use_words();
    let act = use_act();
    let node = use_node_ref();
    let broken = use_state_eq(|| false);
    let row = &props.row;
    let (saved, save) = use_save(row.id);
    let fetch = use_callback((act, row.id), |_: MouseEvent, (act, id)| act.fetch(*id));
    let onerror = {
        let broken = broken.setter();
        use_callback((), move |_: Event, ()| broken.set(true))
    };
    let (dimensions, media) = match &row.content {
        Content::File {
            dimensions, media, ..
        } => (*dimensions, Some(*media)),
        _ => (None, None),
    };
    // What comes again is another try.
    use_effect_with(media, {
        let broken = broken.setter();
        move |_| broken.set(false)
    });
    let (width, height) = frame(dimensions);
    use_var(&node, "--frame-width", format!("{width}px"));
    use_var(&node, "--frame-ratio", format!("{width} / {height}"));
    let Some(shown) = Shown::new(row) else {
        return Html::default();
    };
    let label = words.with(key::IMAGE_LABEL, &[("name", shown.name.as_str().into())]);
    let line = match &saved {
        Some(name) => words.with(key::FILE_SAVED, &[("name", name.as_str().into())]),
        None if *broken => words.text(key::IMAGE_BROKEN),
        None => shown.line(props.progress, &words),
    };
    let inside = if shown.media == Media::Here && !*broken {
        html! {
            <img class="image" src={media_url(shown.id)} alt={label} loading="lazy" decoding="async" {onerror} />
        }
    } else if shown.can_fetch() {
        html! {
            <button class="image-wait" type="button" data-testid="fetch" aria-label={format!("{}: {}. {line}", words.text(key::FILE_FETCH), shown.name)} onclick={fetch}>
                <span class="image-disc"><Icon glyph={Glyph::Download} /></span>
                <span class="image-words">{ &line }</span>
            </button>
        }
    } else {
        html! {
            <div class="image-wait" role="img" aria-label={label}>
                if shown.is_moving() {
                    <Ring progress={props.progress} />
                } else {
                    <span class="image-disc"><Icon glyph={Glyph::Image} /></span>
                }
                <span class="image-words">{ &line }</span>
            </div>
        }
    };
    let told = saved.is_some().then(|| line.clone());
    html! {
        <div class="bubble bubble-image" data-media={media_name(shown.media)} ref={node}>
            <div class="image-frame" data-media={media_name(shown.media)}>
                { inside }
                if shown.media == Media::Here && shown.sending {
                    <Ring progress={props.progress} />
                }
                if shown.media == Media::Here {
                    <IconButton
                        class="image-save"
                        glyph={if saved.is_some() { Glyph::Check } else { Glyph::Download }}
                        label={match &saved { Some(_) => line, None => words.text(key::FILE_SAVE) }}
                        testid="save-copy"
                        onclick={save}
                    />
                }
                if let Some(told) = told {
                    <span class="image-told" role="status">{ told }</span>
                }
            </div>
            { meta(row) }
        </div>
    }
}

#[component]
fn OtherFile(props: &FileBubbleProps) -> Html {
    let words = use_words();
    let act = use_act();
    let row = &props.row;
    let (saved, save) = use_save(row.id);
    let fetch = use_callback((act, row.id), |event: MouseEvent, (act, id)| {
        // The whole bubble does the same as the button in it.
        event.stop_propagation();
        act.fetch(*id);
    });
    let Some(shown) = Shown::new(row) else {
        return Html::default();
    };
    let line = match &saved {
        Some(name) => words.with(key::FILE_SAVED, &[("name", name.as_str().into())]),
        None => shown.line(props.progress, &words),
    };
    let action = if shown.can_fetch() {
        html! {
            <IconButton
                glyph={Glyph::Download}
                label={words.text(key::FILE_FETCH)}
                testid="fetch"
                onclick={fetch.clone()}
            />
        }
    } else if shown.is_moving() {
        html! { <Ring progress={props.progress} /> }
    } else {
        html! {
            <IconButton
                glyph={if saved.is_some() { Glyph::Check } else { Glyph::Download }}
                label={words.text(key::FILE_SAVE)}
                testid="save-copy"
                onclick={save}
            />
        }
    };
    let (stem, tail) = split_name(&shown.name);
    let onclick = shown.can_fetch().then_some(fetch);
    html! {
        <div class="bubble bubble-file" data-media={media_name(shown.media)} {onclick}>
            <Icon glyph={Glyph::File} />
            <span class="file-names">
                <span class="file-name" dir="auto" title={shown.name.clone()}>
                    <span class="file-stem">{ stem }</span>
                    <span class="file-tail">{ tail }</span>
                </span>
                <span class="file-size" role={saved.is_some().then_some("status")}>{ line }</span>
            </span>
            { action }
            { meta(row) }
        </div>
    }
}

/// What `media://` serves and every web view shows.
fn is_picture(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    matches!(
        essence,
        "image/avif" | "image/gif" | "image/jpeg" | "image/png" | "image/webp"
    )
}

/// Width and height of the frame that waits for a picture. It never changes when the picture comes.
fn frame(dimensions: Option<(u32, u32)>) -> (u32, u32) {
    let Some((width, height)) = dimensions else {
        return UNKNOWN;
    };
    let longest = u64::from(width.max(height)).max(u64::from(MOST));
    let fitted = |side: u32| u32::try_from(u64::from(side) * u64::from(MOST) / longest);
    (
        fitted(width).unwrap_or(MOST).clamp(LEAST.0, MOST),
        fitted(height).unwrap_or(MOST).clamp(LEAST.1, MOST),
    )
}

/// What kind of file it is, in a few letters: its ending, else what its media type says. Empty where neither is short.
fn kind_of(name: &str, media_type: &str) -> String {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let subtype = media_type.split([';', '+']).next().and_then(|essence| {
        let (_, subtype) = essence.trim().split_once('/')?;
        Some(subtype.strip_prefix("x-").unwrap_or(subtype))
    });
    ending
        .filter(|ending| is_short(ending))
        .or(subtype.filter(|subtype| is_short(subtype)))
        .map(str::to_ascii_uppercase)
        .unwrap_or_default()
}

fn is_short(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn has_ending(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(stem, ending)| !stem.is_empty() && is_short(ending))
}

/// The part of a long name that may be cut off, and its end, which tells most.
fn split_name(name: &str) -> (&str, &str) {
    const TAIL: usize = 9;
    const SHORT: usize = 20;
    let long = name.chars().count() > SHORT;
    let at = name.char_indices().rev().nth(TAIL - 1).map(|(at, _)| at);
    match at.filter(|_| long) {
        Some(at) => name.split_at(at),
        None => (name, ""),
    }
}

/// Where the shell serves a message's file. Web views of Windows and Android know no schemes of an app's own.
fn media_url(id: MessageId) -> String {
    let agent = window()
        .and_then(|window| window.navigator().user_agent().ok())
        .unwrap_or_default();
    if agent.contains("Windows") || agent.contains("Android") {
        format!("http://media.localhost/{}", id.0)
    } else {
        format!("media://localhost/{}", id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_fits_the_bubble_whatever_was_announced() {
        assert_eq!(frame(None), UNKNOWN);
        assert_eq!(frame(Some((640, 480))), (320, 240));
        assert_eq!(frame(Some((3000, 4000))), (240, 320));
        assert_eq!(frame(Some((1, 1))), LEAST);
        assert_eq!(frame(Some((u32::MAX, 1))), (320, LEAST.1));
        assert_eq!(frame(Some((1, u32::MAX))), (LEAST.0, 320));
    }

    #[test]
    fn a_kind_is_a_few_letters() {
        assert_eq!(kind_of("list.pdf", "application/pdf"), "PDF");
        assert_eq!(kind_of("清单", "application/pdf"), "PDF");
        assert_eq!(kind_of("a.b.7z", ""), "7Z");
        assert_eq!(
            kind_of("v1.an ending that is none", "application/x-tar; a=b"),
            "TAR"
        );
        assert_eq!(kind_of("report.", "application/vnd.oasis.opendocument"), "");
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        assert_eq!(split_name("list.pdf"), ("list.pdf", ""));
        assert_eq!(
            split_name("Boat hire, prices and rules.pdf"),
            ("Boat hire, prices and ", "rules.pdf")
        );
        let name = "二〇二六年周末去湖边划船的照片和视频全部备份（最终版）.zip";
        let (stem, tail) = split_name(name);
        assert_eq!(tail, "（最终版）.zip");
        assert_eq!(format!("{stem}{tail}"), name);
    }
}
