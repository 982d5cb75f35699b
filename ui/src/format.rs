//! Lengths, times, days and sizes as people read them.
//!
//! Dates and numbers are the web view's `Intl`: it knows every locale and costs nothing in the program.

use std::cell::RefCell;
use std::collections::HashMap;

use api::Millis;
use js_sys::{Array, Function, Intl, Object, Reflect};
use locale::{Words, key};
use wasm_bindgen::{JsCast, JsValue};

use crate::clock;
use crate::hooks::window;

thread_local! {
    /// Making a formatter takes a millisecond, so each is made once.
    static FORMATTERS: RefCell<HashMap<(&'static str, &'static str), Function>> =
        RefCell::new(HashMap::new());
}

type Options = [(&'static str, &'static str)];

const TIME: &Options = &[("hour", "numeric"), ("minute", "2-digit")];
const WEEKDAY: &Options = &[("weekday", "short")];
const DATE: &Options = &[("month", "short"), ("day", "numeric")];
const FULL_DATE: &Options = &[("year", "numeric"), ("month", "short"), ("day", "numeric")];
const DAY: &Options = &[("weekday", "long"), ("month", "long"), ("day", "numeric")];
const FULL_DAY: &Options = &[
    ("year", "numeric"),
    ("month", "long"),
    ("day", "numeric"),
    ("weekday", "long"),
];
const SINCE: &Options = &[("month", "long"), ("day", "numeric")];
const FULL_SINCE: &Options = &[("year", "numeric"), ("month", "long"), ("day", "numeric")];
const MONTH: &Options = &[("year", "numeric"), ("month", "long")];
const NARROW_WEEKDAY: &Options = &[("weekday", "narrow")];
const LONG_WEEKDAY: &Options = &[("weekday", "long")];
const EXACT: &Options = &[("dateStyle", "full"), ("timeStyle", "short")];

fn options(entries: &Options) -> Object {
    let options = Object::new();
    for (name, value) in entries {
        // A plain object takes every property.
        let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    options
}

/// A language of ours without a region takes that of the system: English in Berlin has 24 hours.
fn with_region(language: &'static str) -> String {
    window()
        .and_then(|window| window.navigator().language())
        .filter(|system| system.split('-').next() == Some(language))
        .unwrap_or_else(|| language.to_owned())
}

fn with_formatter(
    name: &'static str,
    language: &'static str,
    make: impl FnOnce(&Array) -> Function,
    value: &JsValue,
) -> String {
    FORMATTERS.with_borrow_mut(|formatters| {
        formatters
            .entry((name, language))
            .or_insert_with(|| make(&Array::of1(&with_region(language).into())))
            .call1(&JsValue::NULL, value)
            .ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default()
    })
}

fn date(name: &'static str, entries: &Options, at: Millis, words: &Words) -> String {
    let make = |locales: &Array| Intl::DateTimeFormat::new(locales, &options(entries)).format();
    with_formatter(name, words.language().tag(), make, &(at as f64).into())
}

/// The time of day.
pub fn time(at: Millis, words: &Words) -> String {
    date("time", TIME, at, words)
}

/// Day and time, whole, for whoever asks.
pub fn exact(at: Millis, words: &Words) -> String {
    date("exact", EXACT, at, words)
}

/// As ISO 8601, for `datetime`.
pub fn machine(at: Millis) -> String {
    String::from(js_sys::Date::new(&(at as f64).into()).to_iso_string())
}

/// The time in the chat list: relative within the week, then a date.
pub fn list_time(at: Millis, words: &Words) -> String {
    match clock::local_day(clock::wall()) - clock::local_day(at) {
        ..=0 => time(at, words),
        1 => words.text(key::YESTERDAY),
        2..=6 => date("weekday", WEEKDAY, at, words),
        7..=180 => date("date", DATE, at, words),
        _ => date("full-date", FULL_DATE, at, words),
    }
}

/// The day of a day pill.
pub fn day(at: Millis, words: &Words) -> String {
    match clock::local_day(clock::wall()) - clock::local_day(at) {
        0 => words.text(key::TODAY),
        1 => words.text(key::YESTERDAY),
        ..=180 => date("day", DAY, at, words),
        _ => date("full-day", FULL_DAY, at, words),
    }
}

/// A whole day, with its year, for whoever asks.
pub fn full_day(at: Millis, words: &Words) -> String {
    date("full-day", FULL_DAY, at, words)
}

/// The day since when something is so, within a sentence.
pub fn since(at: Millis, words: &Words) -> String {
    match clock::local_day(clock::wall()) - clock::local_day(at) {
        ..=180 => date("since", SINCE, at, words),
        _ => date("full-since", FULL_SINCE, at, words),
    }
}

/// A day with its year, in short.
pub fn full_date(at: Millis, words: &Words) -> String {
    date("full-date", FULL_DATE, at, words)
}

/// The month that a moment is in.
pub fn month(at: Millis, words: &Words) -> String {
    date("month", MONTH, at, words)
}

/// The weekday of a moment: as short as it gets, and whole.
pub fn weekday(at: Millis, words: &Words) -> (String, String) {
    (
        date("narrow-weekday", NARROW_WEEKDAY, at, words),
        date("long-weekday", LONG_WEEKDAY, at, words),
    )
}

/// The day that weeks begin with, 0 for Monday, as far as the web view knows.
pub fn week_start(words: &Words) -> u8 {
    let tag = with_region(words.language().tag());
    let first = Reflect::get(&js_sys::global(), &"Intl".into())
        .and_then(|intl| Reflect::get(&intl, &"Locale".into()))
        .and_then(|locale| locale.dyn_into::<Function>())
        .and_then(|locale| Reflect::construct(&locale, &Array::of1(&tag.into())))
        .and_then(|locale| {
            // A method now; a property where it was new.
            let ask = Reflect::get(&locale, &"getWeekInfo".into())?;
            match ask.dyn_into::<Function>() {
                Ok(ask) => ask.call0(&locale),
                Err(_) => Reflect::get(&locale, &"weekInfo".into()),
            }
        })
        .and_then(|info| Reflect::get(&info, &"firstDay".into()));
    match first.ok().and_then(|day| day.as_f64()) {
        // 1 for Monday to 7.
        Some(day) if (1.0..=7.0).contains(&day) => day as u8 - 1,
        _ => 0,
    }
}

/// A number as people read it.
pub fn count(number: u64, words: &Words) -> String {
    let make = |locales: &Array| Intl::NumberFormat::new(locales, &Object::new()).format();
    let value = (number as f64).into();
    with_formatter("count", words.language().tag(), make, &value)
}

/// How far the history was fetched, where there is more.
pub fn fetched(held: u64, total: u64, back_to: Option<Millis>, words: &Words) -> String {
    let counts = [
        ("held", count(held, words).into()),
        ("total", count(total, words).into()),
    ];
    let progress = words.with(key::HISTORY_PROGRESS, &counts);
    match back_to {
        None => progress,
        Some(at) => {
            let since = [("date", since(at, words).into())];
            format!("{progress} {}", words.with(key::HISTORY_BACK_TO, &since))
        }
    }
}

/// A length or position: `0:07`, `12:34`, `1:02:03`.
pub fn length(ms: u32) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A length of a recording: to the nearest second, but never nothing.
pub fn whole_length(ms: u32) -> String {
    length(ms.saturating_add(500).max(1000))
}

/// A length read aloud.
pub fn spoken_length(ms: u32, words: &Words) -> String {
    let seconds = ms.saturating_add(500) / 1000;
    if seconds < 60 {
        words.with(key::LENGTH_SECONDS, &[("seconds", seconds.into())])
    } else {
        let variables = [
            ("minutes", (seconds / 60).into()),
            ("seconds", (seconds % 60).into()),
        ];
        words.with(key::LENGTH_MINUTES, &variables)
    }
}

/// A size in the largest unit that leaves a figure before the point.
pub fn size(bytes: u64, words: &Words) -> String {
    let (unit, name, by) = match bytes {
        0..1_000 => ("byte", "size-byte", 1.0),
        1_000..1_000_000 => ("kilobyte", "size-kilobyte", 1e3),
        1_000_000..1_000_000_000 => ("megabyte", "size-megabyte", 1e6),
        _ => ("gigabyte", "size-gigabyte", 1e9),
    };
    let make = |locales: &Array| {
        let options = options(&[("style", "unit"), ("unit", unit), ("unitDisplay", "short")]);
        let _ = Reflect::set(&options, &"maximumFractionDigits".into(), &1.into());
        Intl::NumberFormat::new(locales, &options).format()
    };
    let value = bytes as f64 / by;
    with_formatter(name, words.language().tag(), make, &value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_like_a_clock() {
        assert_eq!(length(0), "0:00");
        assert_eq!(length(7_900), "0:07");
        assert_eq!(length(754_000), "12:34");
        assert_eq!(length(3_723_000), "1:02:03");
        assert_eq!(whole_length(200), "0:01");
        assert_eq!(whole_length(1_500), "0:02");
    }

    #[test]
    fn lengths_are_read_aloud() {
        let words = Words::new(locale::Language::ENGLISH);
        assert!(spoken_length(1_000, &words).contains("second"));
        assert!(spoken_length(61_000, &words).contains("min"));
    }
}
