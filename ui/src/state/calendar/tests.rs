//! Numbers, months, weeks, keys.

use super::*;

fn date(year: i32, number: u8, day: u8) -> Date {
    Date {
        month: Month { year, number },
        day,
    }
}

#[test]
fn days_are_numbered_from_1970() {
    for (number, date) in [
        (0, date(1970, 1, 1)),
        (-1, date(1969, 12, 31)),
        (19_782, date(2024, 2, 29)),
        (19_783, date(2024, 3, 1)),
        (11_016, date(2000, 2, 29)),
        (20_526, date(2026, 3, 14)),
    ] {
        assert_eq!(Date::from_number(number), date);
        assert_eq!(date.number(), number);
    }
    let mut before = Date::from_number(-1);
    for number in 0..40_000 {
        let date = Date::from_number(number);
        assert_eq!(date.number(), number);
        assert!(date > before && date.day <= date.month.length());
        before = date;
    }
}

#[test]
fn months_have_their_lengths() {
    let lengths: Vec<u8> = (1..=12)
        .map(|number| Month { year: 2023, number }.length())
        .collect();
    assert_eq!(lengths, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
    assert_eq!(date(2024, 2, 1).month.length(), 29);
    assert_eq!(date(1900, 2, 1).month.length(), 28);
    assert_eq!(date(2026, 1, 1).month.plus(-1), date(2025, 12, 1).month);
    assert_eq!(date(2026, 11, 1).month.plus(14), date(2028, 1, 1).month);
}

#[test]
fn weeks_begin_where_the_locale_says() {
    // 2026-03-01 was a Sunday.
    assert_eq!(date(2026, 3, 1).weekday(), 6);
    for (week_start, empty) in [(0, 6), (6, 0), (5, 1)] {
        let weeks = date(2026, 3, 1).month.weeks(week_start);
        assert_eq!(weeks.len(), 6);
        let cells: Vec<_> = weeks.iter().flatten().collect();
        assert!(cells.iter().take(empty).all(|cell| cell.is_none()));
        assert_eq!(*cells[empty], Some(date(2026, 3, 1)));
        assert_eq!(cells.iter().filter(|cell| cell.is_some()).count(), 31);
    }
}

#[test]
fn keys_move_by_days_weeks_months_and_years() {
    let from = date(2026, 3, 31);
    let to = |key, shift| from.moved(key, shift, 0).unwrap();
    assert_eq!(to("ArrowRight", false), date(2026, 4, 1));
    assert_eq!(to("ArrowUp", false), date(2026, 3, 24));
    // A Tuesday.
    assert_eq!(to("Home", false), date(2026, 3, 30));
    assert_eq!(to("End", false), date(2026, 4, 5));
    assert_eq!(to("PageUp", false), date(2026, 2, 28));
    assert_eq!(to("PageDown", true), date(2027, 3, 31));
    assert_eq!(from.moved("Home", false, 6), Some(date(2026, 3, 29)));
    assert_eq!(from.moved("a", false, 0), None);
    assert_eq!(date(2024, 2, 29).plus_months(-12), date(2023, 2, 28));
}

#[test]
fn nobody_gets_beyond_today() {
    let today = date(2026, 3, 14);
    assert_eq!(date(2026, 4, 1).within(today), today);
    assert_eq!(date(1969, 4, 1).within(today), date(1970, 1, 1));
    assert_eq!(date(2020, 4, 1).within(today), date(2020, 4, 1));
    assert_eq!(today.name(), "2026-03-14");
}
