//! The timeline: the rows that are held, and where it is scrolled to.
//!
//! Scroll anchoring is ours, because web views differ: what is on screen stays where it is when rows come in above or change
//! their height. One intent at a time decides about scrolling, and one place carries it out ([`place::settle`]).

mod more;
mod place;

use std::cell::RefCell;
use std::rc::Rc;

use api::{ChatId, Connection, MessageId, Sound, WindowAnchor};
use gloo_timers::callback::Timeout;
use locale::key;
use web_sys::Element;
use yew::prelude::*;

use crate::act::Act;
use crate::app::{LinkContext, PlayerContext, TimelineContext, TransfersContext};
use crate::components::avatar::Avatar;
use crate::components::controls::{Button, IconButton};
use crate::components::icon::{Glyph, Icon};
use crate::components::message::Message;
use crate::components::mini_player::MiniPlayer;
use crate::format;
use crate::hooks::attention::{is_looking, use_attention};
use crate::hooks::{On, use_act, use_event, use_resize, use_today, use_words};
use crate::state::window::Timeline;
use crate::way::Back;
use more::{ask_for_older, is_older_wanted, load_more, mark_read};
use place::{Place, is_above_end, is_on_screen, remember, settle};

/// How long what was looked for is told from the rest, in milliseconds.
const FLASH_MS: u32 = 2_000;

/// Whose timeline.
#[derive(Properties, PartialEq)]
pub struct TimelineProps {
    /// The chat.
    pub chat: ChatId,
    /// Its name.
    pub title: AttrValue,
    /// The other side's address.
    pub address: AttrValue,
    /// Messages not read on any of our devices.
    pub unread: u32,
}

type Places = Rc<RefCell<Place>>;

/// See [`TimelineProps`].
#[component]
pub fn TimelineView(props: &TimelineProps) -> Html {
    let words = use_words();
    let act = use_act();
    use_today();
    let node = use_node_ref();
    let place: Places = use_mut_ref(|| Place {
        at_end: true,
        ..Place::default()
    });
    let at_end = use_state_eq(|| true);
    let playing_shown = use_state_eq(|| true);
    let asked = use_state_eq(|| false);
    let link = use_context::<LinkContext>();
    let is_online = link
        .as_ref()
        .is_some_and(|link| matches!(link.connection, Connection::Online));
    let timeline = use_context::<TimelineContext>();
    let player = use_context::<PlayerContext>();
    let transfers = use_context::<TransfersContext>();
    let chat = props.chat;
    let timeline = timeline.filter(|timeline| timeline.chat == Some(chat));
    let now_playing = player.as_ref().and_then(|player| player.now.clone());
    let playing_id = now_playing
        .as_ref()
        .and_then(|playing| match playing.playback.sound {
            Sound::Message(id) => Some(id),
            Sound::Draft(_) | Sound::Test(_) => None,
        });

    // What follows from where the reader is: pages, marks, the pill.
    let follow = {
        let (node, place) = (node.clone(), Rc::clone(&place));
        let (at_end, playing_shown) = (at_end.setter(), playing_shown.setter());
        let asked = asked.setter();
        let held: Option<Rc<Timeline>> = timeline
            .as_ref()
            .map(|timeline| Rc::new(Timeline::clone(timeline)));
        use_callback(
            (act.clone(), held, props.unread, playing_id, is_online),
            move |(), (act, held, unread, playing_id, is_online)| {
                let (Some(list), Some(held)) = (node.cast::<Element>(), held) else {
                    return;
                };
                let at_present = place.borrow().at_end && !held.has_newer;
                at_end.set(at_present);
                if held.loaded && held.following != at_present {
                    act.following(at_present);
                }
                if let Some(id) = playing_id {
                    playing_shown.set(is_on_screen(&list, *id));
                }
                if !held.loaded {
                    return;
                }
                act.keep_spot(chat, place.borrow().spot());
                if at_present && held.arrived > 0 && is_looking() {
                    act.at_present();
                }
                mark_read(chat, held, *unread, at_present, &place);
                load_more(&list, chat, held, act, &place);
                if *is_online && is_older_wanted(&list, held) {
                    ask_for_older(chat, act, &place, &asked);
                }
            },
        )
    };

    // What could not be had without a connection is asked for again with it.
    use_effect_with(is_online, {
        let (place, asked) = (Rc::clone(&place), asked.setter());
        move |_| {
            place.borrow_mut().asked = false;
            asked.set(false);
        }
    });
    // After every change of the content.
    let intent = timeline
        .as_ref()
        .filter(|timeline| timeline.loaded)
        .map(|timeline| timeline.intent);
    let items = timeline
        .as_ref()
        .map(|timeline| Rc::clone(&timeline.items))
        .unwrap_or_default();
    let has_newer = timeline.as_ref().is_some_and(|timeline| timeline.has_newer);
    use_effect_with((Rc::clone(&items), intent, has_newer, follow.clone()), {
        let (node, place) = (node.clone(), Rc::clone(&place));
        move |(_, intent, has_newer, follow)| {
            if let Some(list) = node.cast::<Element>()
                && intent.is_some()
            {
                place.borrow_mut().has_newer = *has_newer;
                settle(&list, &mut place.borrow_mut(), *intent);
            }
            follow.emit(());
        }
    });
    // After every change of a size: the composer grew, the window was resized, an image came.
    let resized = {
        let (node, place) = (node.clone(), Rc::clone(&place));
        use_callback((), move |(), ()| {
            if let Some(list) = node.cast::<Element>() {
                settle(&list, &mut place.borrow_mut(), None);
            }
        })
    };
    use_resize(&node, resized);
    let onscroll = {
        let (node, place) = (node.clone(), Rc::clone(&place));
        use_callback(follow.clone(), move |_: Event, follow| {
            if let Some(list) = node.cast::<Element>() {
                let mut place = place.borrow_mut();
                // After a change of size it is not the reader who scrolled: the place is settled first.
                if place.size == (list.client_height(), list.scroll_height()) {
                    remember(&list, &mut place);
                }
            }
            follow.emit(());
        })
    };
    use_attention(follow.clone());
    use_leaving(&act);
    use_fresh(&act, chat, timeline.as_ref(), &place);

    let flash = timeline.as_ref().and_then(|timeline| timeline.flash);
    use_effect_with(flash, {
        let act = act.clone();
        move |flash| {
            let timer = flash.map(|_| Timeout::new(FLASH_MS, move || act.flashed()));
            move || drop(timer)
        }
    });
    let to_present = use_callback(
        (act.clone(), has_newer),
        move |_: MouseEvent, (act, has_newer)| act.to_present(chat, !has_newer),
    );
    // First to where what is unread begins, then to its end.
    let unread_from = timeline
        .as_ref()
        .and_then(|timeline| timeline.unread_from());
    let to_new = {
        let node = node.clone();
        use_callback(
            (act.clone(), has_newer, unread_from, props.unread),
            move |_: MouseEvent, (act, has_newer, unread_from, unread)| {
                let list = node.cast::<Element>();
                let seen = list.zip(*unread_from);
                let seen = seen.is_some_and(|(list, from)| is_above_end(&list, from));
                if *unread > 0 && !seen {
                    act.to_unread(chat);
                } else {
                    act.to_present(chat, !has_newer);
                }
            },
        )
    };
    let step_back = use_callback(act, |_: MouseEvent, act| act.step_back());
    let came = use_context::<Back>() == Some(Back(Some(chat)));
    let loaded = timeline.as_ref().is_some_and(|timeline| timeline.loaded);
    let has_older = timeline.as_ref().is_none_or(|timeline| timeline.has_older);
    let older_missing = timeline
        .as_ref()
        .is_some_and(|timeline| timeline.older_missing);
    let is_fetching = link
        .and_then(|link| link.sync)
        .is_some_and(|sync| sync.fetching);
    let ask_again = {
        let place = Rc::clone(&place);
        use_callback(follow, move |_: MouseEvent, follow| {
            place.borrow_mut().asked = false;
            follow.emit(());
        })
    };
    let gap = |key: String| {
        let text = if is_online {
            key::TIMELINE_GAP
        } else {
            key::TIMELINE_GAP_LATER
        };
        html! {
            <div {key} class="timeline-gap" data-testid="gap" role="note">{ words.text(text) }</div>
        }
    };
    let arrived = timeline.as_ref().map_or(0, |timeline| timeline.arrived);
    // Where the unread ones begin on screen or above, only what came since is news.
    let new = if unread_from.is_some() {
        arrived
    } else {
        arrived.max(props.unread)
    };
    let wanted = player.as_ref().and_then(|player| player.wanted);
    let is_hidden = player.as_ref().is_some_and(|player| player.is_hidden());
    let elsewhere =
        playing_id.is_some_and(|id| !*playing_shown || !items.iter().any(|item| item.row.id == id));

    html! {
        <div class="timeline-box">
            if let Some(playing) = now_playing.as_ref().filter(|_| elsewhere && !is_hidden) {
                <MiniPlayer playing={playing.clone()} />
            }
            <div
                ref={node}
                class="timeline"
                data-testid="timeline"
                role="log"
                tabindex="0"
                aria-label={words.text(key::TIMELINE_LABEL)}
                aria-busy={(!loaded).to_string()}
                {onscroll}
            >
                <div class="timeline-content">
                    if loaded && !has_older && older_missing {
                        <div key="older" class="timeline-older" data-testid="older" role="status">
                            if is_online && *asked && !is_fetching {
                                <Button variant="quiet" testid="older-ask" onclick={ask_again}>
                                    { words.text(key::TIMELINE_OLDER_ASK) }
                                </Button>
                            } else {
                                { words.text(if is_online { key::TIMELINE_OLDER_COMING } else { key::TIMELINE_OLDER_LATER }) }
                            }
                        </div>
                    } else if loaded && !has_older {
                        <div key="start" class="timeline-start">
                            <Avatar address={props.address.clone()} name={props.title.clone()} />
                            if items.is_empty() {
                                <p class="empty-title">{ words.text(key::CONVERSATION_EMPTY_TITLE) }</p>
                                <p class="empty-text">{ words.text(key::CONVERSATION_EMPTY) }</p>
                            } else {
                                <p class="timeline-start-name" dir="auto">{ &props.title }</p>
                                <p class="timeline-start-address">{ &props.address }</p>
                                <p data-testid="beginning">{ words.text(key::TIMELINE_BEGINNING) }</p>
                            }
                        </div>
                    }
                    { for items.iter().flat_map(|item| {
                        let row = &item.row;
                        let playing = now_playing.clone().filter(|_| playing_id == Some(row.id));
                        let progress = transfers
                            .as_ref()
                            .and_then(|transfers| transfers.moving.get(&row.id).copied());
                        let day = item.new_day.then(|| html! {
                            <div key={format!("day-{}", item.day)} class="day" data-testid="day" role="separator" aria-label={format::day(row.at, &words)}>
                                <span class="day-label">{ format::day(row.at, &words) }</span>
                            </div>
                        });
                        let line = item.unread.then(|| html! {
                            <div key="unread" class="unread-line" data-testid="unread-line" role="separator" aria-label={words.text(key::UNREAD_LINE)}>
                                <span class="unread-line-label">{ words.text(key::UNREAD_LINE) }</span>
                            </div>
                        });
                        let message = html! {
                            <Message
                                key={row.id.0}
                                item={item.clone()}
                                title={props.title.clone()}
                                {progress}
                                {playing}
                                wanted={wanted == Some(row.id)}
                                flash={flash == Some(row.id)}
                            />
                        };
                        let gap = item.gap.then(|| gap(format!("gap-{}", row.id.0)));
                        gap.into_iter().chain(day).chain(line).chain(Some(message))
                    }) }
                    if loaded && timeline.as_ref().is_some_and(|timeline| timeline.gap_at_end) {
                        { gap("gap-end".to_owned()) }
                    }
                </div>
            </div>
            if loaded && came {
                <button
                    class="search-back"
                    type="button"
                    data-testid="search-back"
                    title={words.text(key::SEARCH_BACK)}
                    aria-label={words.text(key::SEARCH_BACK)}
                    onclick={step_back}
                >
                    <Icon glyph={Glyph::ChevronLeft} />
                    { words.text(key::BACK) }
                </button>
            }
            if loaded && new > 0 && !*at_end {
                <button class="new-pill" type="button" data-testid="new-pill" onclick={to_new}>
                    <Icon glyph={Glyph::ChevronDown} />
                    { words.with(key::NEW_MESSAGES, &[("count", new.into())]) }
                </button>
            } else if loaded && !*at_end {
                <IconButton
                    class="to-present"
                    glyph={Glyph::ChevronDown}
                    label={words.text(key::TO_NEWEST)}
                    testid="to-present"
                    onclick={to_present}
                />
            }
        </div>
    }
}

/// Reads again after the feed has started over: changes may have been missed, and the reader must not notice.
#[hook]
fn use_fresh(act: &Act, chat: ChatId, timeline: Option<&TimelineContext>, place: &Places) {
    let due = timeline.is_some_and(|timeline| timeline.stale && !timeline.is_reading());
    let loaded = timeline.is_some_and(|timeline| timeline.loaded);
    let (act, place) = (act.clone(), Rc::clone(place));
    use_effect_with((due, loaded), move |(due, loaded)| {
        if !due {
            return;
        }
        if !loaded {
            // The first read failed.
            act.read(chat, WindowAnchor::Unread, || {});
            return;
        }
        let place = place.borrow();
        let anchor = place.anchor.as_ref().filter(|_| !place.at_end);
        let id = anchor.and_then(|(id, _)| id.parse().ok()).map(MessageId);
        act.refresh(
            chat,
            id.map_or(WindowAnchor::Latest, |id| WindowAnchor::Around { id }),
        );
    });
}

/// Tells where the reader is while the window can: it may be closed next.
#[hook]
fn use_leaving(act: &Act) {
    let save = use_callback(act.clone(), |_: Event, act| act.save_spot());
    use_event(On::Window, "blur", save.clone());
    use_event(On::Window, "pagehide", save.clone());
    use_event(On::Document, "visibilitychange", save);
}
