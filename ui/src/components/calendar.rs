//! A calendar that shows on which days something was said in a chat, and leads to them.
//!
//! A grid as ARIA's practices have it: one day takes the focus, arrows move it. Days without messages can be walked over
//! and not chosen. The backend cuts days by one offset from UTC, that of the month's first day, so in a month in which
//! the clocks change a message close to midnight may stand on the day beside.

use std::cell::Cell;
use std::rc::Rc;

use api::{ChatId, Days, WindowAnchor};
use locale::key;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, KeyboardEvent, Node};
use yew::prelude::*;

use crate::backend;
use crate::clock;
use crate::components::controls::IconButton;
use crate::components::icon::Glyph;
use crate::format;
use crate::hooks::{On, use_act, use_event, use_words};
use crate::state::calendar::{Date, Month};

const DAY: i64 = 86_400_000;

/// Whose days.
#[derive(Properties, PartialEq)]
pub struct CalendarProps {
    /// The chat.
    pub chat: ChatId,
    /// What is looked at now, in milliseconds since 1970; the calendar opens at its day.
    pub at: Option<api::Millis>,
    /// Closes it.
    pub close: Callback<()>,
}

/// The days of a month with how much was said on them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Counts {
    month: Month,
    days: Vec<(Date, u32)>,
}

impl Counts {
    fn of(&self, date: Date) -> u32 {
        let day = self.days.iter().find(|(day, _)| *day == date);
        day.map_or(0, |(_, count)| *count)
    }
}

/// See [`CalendarProps`].
#[component]
pub fn Calendar(props: &CalendarProps) -> Html {
    let words = use_words();
    let act = use_act();
    let node = use_node_ref();
    let today = Date::from_number(clock::local_day(clock::wall()));
    let opened_at = props.at.map_or(today, |at| {
        Date::from_number(clock::local_day(at)).within(today)
    });
    let current = use_state_eq(|| opened_at);
    let known = use_state_eq(|| None::<Counts>);
    let week_start = *use_memo(words.clone(), format::week_start);
    let (chat, month) = (props.chat, current.month);

    use_effect_with((chat, month), {
        let (known, act) = (known.setter(), act.clone());
        move |(chat, month)| {
            let month = *month;
            let from = midnight(month.first());
            let offset = clock::utc_offset_min(from);
            let answer = backend::call(Days {
                chat: *chat,
                from,
                until: midnight(month.plus(1).first()),
                utc_offset_min: offset,
            });
            let current = Rc::new(Cell::new(true));
            let still = Rc::clone(&current);
            spawn_local(async move {
                let answer = answer.await;
                // Another month was chosen meanwhile.
                if !still.get() {
                    return;
                }
                match answer {
                    Ok(days) => {
                        let local = |start: i64| (start + i64::from(offset) * 60_000) / DAY;
                        let day = |start| i32::try_from(local(start)).unwrap_or_default();
                        let days = days.iter();
                        let days = days.map(|one| (Date::from_number(day(one.start)), one.count));
                        known.set(Some(Counts {
                            month,
                            days: days.collect(),
                        }));
                    }
                    Err(fault) => act.tell(fault),
                }
            });
            move || current.set(false)
        }
    });
    let counts = (*known).as_ref().filter(|counts| counts.month == month);
    // The day with the focus, in whichever month it came.
    use_effect_with(*current, {
        let node = node.clone();
        move |current| {
            let day = node.cast::<Element>().and_then(|calendar| {
                calendar
                    .query_selector(&format!("[data-date=\"{}\"]", current.name()))
                    .ok()?
            });
            if let Some(day) = day.and_then(|day| day.dyn_into::<HtmlElement>().ok()) {
                // A day that cannot take the focus is still shown.
                let _ = day.focus();
            }
        }
    });
    let outside = {
        let node = node.clone();
        use_callback(props.close.clone(), move |event: Event, close| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<Node>().ok());
            // The button that opened it stands beside it, and closes it by itself.
            let inside = node
                .cast::<Element>()
                .and_then(|calendar| calendar.parent_node())
                .is_some_and(|around| around.contains(target.as_ref()));
            if !inside {
                close.emit(());
            }
        })
    };
    use_event(On::Document, "pointerdown", outside);

    let choose = {
        let (act, close) = (act, props.close.clone());
        let counts = counts.cloned();
        Callback::from(move |date: Date| {
            if counts.as_ref().is_some_and(|counts| counts.of(date) > 0) {
                close.emit(());
                let at = midnight(date);
                act.jump(chat, WindowAnchor::At { at });
            }
        })
    };
    let onclick = {
        let (current, choose) = (current.setter(), choose.clone());
        Callback::from(move |event: MouseEvent| {
            if let Some(date) = date_at(&event) {
                current.set(date);
                choose.emit(date);
            }
        })
    };
    let onkeydown = {
        let (current, close) = (current.clone(), props.close.clone());
        Callback::from(move |event: KeyboardEvent| {
            let key = event.key();
            let on_day = date_at(&event).is_some();
            let moved = current.moved(&key, event.shift_key(), week_start);
            match (key.as_str(), moved) {
                ("Escape", _) => close.emit(()),
                ("Enter" | " ", _) if on_day => choose.emit(*current),
                (_, Some(to)) if on_day => current.set(to.within(today)),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let turn = |months: i32| {
        let current = current.clone();
        Callback::from(move |_: MouseEvent| {
            current.set(current.plus_months(months).within(today));
        })
    };
    let turns = [
        (
            -12,
            Glyph::ChevronsLeft,
            key::CALENDAR_YEAR_BEFORE,
            "calendar-year-before",
        ),
        (
            -1,
            Glyph::ChevronLeft,
            key::CALENDAR_MONTH_BEFORE,
            "calendar-month-before",
        ),
        (
            1,
            Glyph::ChevronRight,
            key::CALENDAR_MONTH_AFTER,
            "calendar-month-after",
        ),
        (
            12,
            Glyph::ChevronsRight,
            key::CALENDAR_YEAR_AFTER,
            "calendar-year-after",
        ),
    ];
    let mut turns = turns.into_iter().map(|(months, glyph, label, testid)| {
        html! {
            <IconButton {glyph} label={words.text(label)} testid={testid} onclick={turn(months)} />
        }
    });
    let before: Html = turns.by_ref().take(2).collect();
    let after: Html = turns.collect();

    html! {
        <div
            ref={node}
            class="calendar"
            data-testid="calendar"
            role="dialog"
            aria-label={words.text(key::CALENDAR_LABEL)}
            data-month={month.first().name().get(..7).map(str::to_owned)}
            {onkeydown}
        >
            <div class="calendar-head">
                { before }
                <span class="calendar-month" role="status">
                    { format::month(midnight(month.first()), &words) }
                </span>
                { after }
            </div>
            <table class="calendar-grid" role="grid" aria-busy={counts.is_none().to_string()} {onclick}>
                <thead>
                    <tr>
                        { for (0..7).map(|day| {
                            // 1970-01-05 was a Monday.
                            let monday = Date::from_number(4 + i32::from(week_start) + day);
                            let (short, long) = format::weekday(midnight(monday), &words);
                            html! { <th scope="col" abbr={long} class="calendar-weekday">{ short }</th> }
                        }) }
                    </tr>
                </thead>
                <tbody>
                    { for month.weeks(week_start).into_iter().map(|week| html! {
                        <tr>
                            { for week.into_iter().map(|cell| match cell {
                                None => html! { <td class="calendar-cell"></td> },
                                Some(date) => day_cell(
                                    date,
                                    counts.map_or(0, |counts| counts.of(date)),
                                    date == *current,
                                    date == today,
                                    &words,
                                ),
                            }) }
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}

fn midnight(date: Date) -> api::Millis {
    clock::midnight(date.month.year, date.month.number, date.day)
}

fn day_cell(date: Date, count: u32, current: bool, today: bool, words: &locale::Words) -> Html {
    let day = format::full_day(midnight(date), words);
    let label = if count > 0 {
        let number = format::count(u64::from(count), words);
        words.with(
            key::CALENDAR_DAY,
            &[
                ("day", day.into()),
                ("count", count.into()),
                ("number", number.into()),
            ],
        )
    } else {
        words.with(key::CALENDAR_DAY_EMPTY, &[("day", day.into())])
    };
    html! {
        <td class="calendar-cell" role="gridcell" aria-selected={current.to_string()}>
            <button
                class="calendar-day"
                type="button"
                data-testid="calendar-day"
                data-date={date.name()}
                data-count={count.to_string()}
                aria-label={label}
                aria-disabled={(count == 0).to_string()}
                aria-current={today.then_some("date")}
                tabindex={if current { "0" } else { "-1" }}
            >{ date.day }</button>
        </td>
    }
}

fn date_at(event: &Event) -> Option<Date> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let day = target.closest("[data-date]").ok()??;
    let name = day.get_attribute("data-date")?;
    let mut parts = name.split('-');
    let year = parts.next()?.parse().ok()?;
    let number = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    Some(Date {
        month: Month { year, number },
        day,
    })
}
