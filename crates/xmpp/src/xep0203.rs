//! XEP-0203 delayed delivery, and the times of XEP-0082.

use minidom::Element;
use xmpp_parsers::date::DateTime;
use xmpp_parsers::ns;

/// When it was sent, ms since 1970.
pub(crate) fn parse(element: &Element) -> Option<i64> {
    if !element.is("delay", ns::DELAY) {
        return None;
    }
    parse_time(element.attr("stamp")?)
}

/// An XEP-0082 time in ms since 1970.
pub(crate) fn parse_time(stamp: &str) -> Option<i64> {
    let time: DateTime = stamp.trim().parse().ok()?;
    Some(time.0.timestamp_millis())
}

/// Ms since 1970 as an XEP-0082 time in UTC; years before 1 or after 9999 are held there.
pub(crate) fn format_time(ms: i64) -> String {
    const DAY: i64 = 86_400_000;
    let ms = ms.clamp(-62_135_596_800_000, 253_402_300_799_999);
    let (days, ms) = (ms.div_euclid(DAY), ms.rem_euclid(DAY));
    // The civil calendar counted from 1 March of year 0, so that leap days end a year (Hinnant's algorithm).
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{:03}Z",
        ms % 1_000
    )
}

#[cfg(test)]
mod tests;
