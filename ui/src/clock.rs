//! Time as the window needs it: the local calendar and a clock that only counts.

use api::Millis;

/// Milliseconds since the window was opened; never goes back.
#[cfg(target_arch = "wasm32")]
pub fn now() -> f64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0.0, |performance| performance.now())
}

/// Milliseconds since 1970.
pub fn wall() -> Millis {
    js_sys::Date::now() as Millis
}

/// Milliseconds until the next local day has begun for sure: a second more than its first moment.
pub fn until_midnight() -> u32 {
    let now = js_sys::Date::new_0();
    let midnight = js_sys::Date::new_with_year_month_day(
        now.get_full_year(),
        // Months are 0 to 11, and a day after the last of a month is the first of the next.
        now.get_month() as i32,
        now.get_date() as i32 + 1,
    );
    // Saturates: a float's cast to an integer never wraps. A day of 25 hours is the longest.
    (midnight.get_time() - now.get_time()).clamp(0.0, 90_000_000.0) as u32 + 1000
}

/// The number of the local day on which a moment lies; consecutive days are consecutive numbers.
#[cfg(target_arch = "wasm32")]
pub fn local_day(at: Millis) -> i32 {
    let date = js_sys::Date::new(&(at as f64).into());
    let offset = date.get_timezone_offset() * 60_000.0;
    ((at as f64 - offset) / 86_400_000.0).floor() as i32
}

/// The first moment of a local day. `month`: 1 to 12.
pub fn midnight(year: i32, month: u8, day: u8) -> Millis {
    let date = js_sys::Date::new_with_year_month_day(
        // Years before 1970 are never asked for.
        u32::try_from(year).unwrap_or(1970),
        i32::from(month) - 1,
        i32::from(day),
    );
    date.get_time() as Millis
}

/// By how many minutes the local clock is ahead of UTC at a moment.
pub fn utc_offset_min(at: Millis) -> i32 {
    let date = js_sys::Date::new(&(at as f64).into());
    // JavaScript counts the other way round.
    -date.get_timezone_offset() as i32
}

/// For tests, whose local time is UTC.
#[cfg(not(target_arch = "wasm32"))]
pub fn local_day(at: Millis) -> i32 {
    at.div_euclid(86_400_000) as i32
}

/// For tests, which pass times in.
#[cfg(not(target_arch = "wasm32"))]
pub fn now() -> f64 {
    0.0
}
