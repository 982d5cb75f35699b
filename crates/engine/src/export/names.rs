//! What files and folders of an export are called, and the calendar they are sorted by.
//!
//! No name comes from the network: a chat's folder is what is harmless of its address and a hash of all of it, and a
//! file is called by the moment and the number of its message. Endings are taken from a list, so that no page and no
//! program lies in the folder that a click would open.

use api::Millis;
use sha2::{Digest, Sha256};
use store::{RecordContent, RecordMedia};

const DAY: Millis = 86_400_000;

/// Years of four digits: times outside are shown as the nearest of them.
const FIRST: Millis = -62_167_219_200_000;
const LAST: Millis = 253_402_300_799_999;

/// The folder of a chat.
pub(crate) fn chat_folder(address: &str) -> String {
    const LONGEST: usize = 40;
    let mut name = String::new();
    for c in address.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    name.truncate(LONGEST);
    let hash = hex(&Sha256::digest(address.as_bytes()));
    let hash = hash.get(..10).unwrap_or_default();
    format!("{}-{hash}", name.trim_end_matches('-'))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// The file of a message, within the folder of its chat.
pub(crate) fn media_file(content: &RecordContent, at: Millis, id: i64) -> Option<String> {
    let (folder, ending) = match content {
        RecordContent::Text { .. } => return None,
        RecordContent::Voice(media) => ("voice", voice_ending(&media.media_type)),
        RecordContent::File(media) => ("files", file_ending(media)),
    };
    let date = Date::of(at);
    let (hour, minute, second) = (date.second / 3600, date.second / 60 % 60, date.second % 60);
    Some(format!(
        "{folder}/{}-{hour:02}{minute:02}{second:02}-{id:06}.{ending}",
        date.day_name()
    ))
}

/// The file of a recording that was not sent, within the folder of its chat.
pub(crate) fn draft_file(id: &str, at: Millis) -> String {
    let hash = hex(&Sha256::digest(id.as_bytes()));
    let hash = hash.get(..10).unwrap_or_default();
    format!("{DRAFTS}/{}-{hash}.opus", Date::of(at).day_name())
}

/// Where those lie.
pub(crate) const DRAFTS: &str = "drafts";

/// Whether this is a name that [`media_file`] or [`draft_file`] could have given.
pub(crate) fn is_media_file(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let Some((folder, file)) = name.split_once('/') else {
        return false;
    };
    let Some((stem, ending)) = file.split_once('.') else {
        return false;
    };
    ["voice", "files", DRAFTS].contains(&folder)
        && (1..=80).contains(&stem.len())
        && stem.bytes().all(plain)
        && (1..=8).contains(&ending.len())
        && ending
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn voice_ending(media_type: &str) -> &'static str {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    match essence {
        "audio/mp4" | "audio/x-m4a" | "audio/m4a" | "audio/aac" => "m4a",
        "audio/mpeg" | "audio/mp3" => "mp3",
        "audio/wav" | "audio/x-wav" | "audio/wave" => "wav",
        "audio/flac" | "audio/x-flac" => "flac",
        "audio/webm" => "webm",
        _ => "opus",
    }
}

fn file_ending(media: &RecordMedia) -> &'static str {
    const KNOWN: &[&str] = &[
        "7z", "aac", "avi", "avif", "bmp", "csv", "doc", "docx", "epub", "flac", "gif", "gz",
        "heic", "jpeg", "jpg", "m4a", "md", "mkv", "mov", "mp3", "mp4", "odp", "ods", "odt", "ogg",
        "opus", "pdf", "png", "ppt", "pptx", "rtf", "tar", "tiff", "txt", "vcf", "wav", "webm",
        "webp", "xls", "xlsx", "zip",
    ];
    let named = media
        .name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .and_then(|ending| KNOWN.iter().find(|known| **known == ending));
    let typed = || match media.media_type.as_str() {
        "image/jpeg" => Some(&"jpg"),
        "image/png" => Some(&"png"),
        "image/gif" => Some(&"gif"),
        "image/webp" => Some(&"webp"),
        _ => None,
    };
    named.or_else(typed).copied().unwrap_or("bin")
}

/// A month, counted from the year 0.
pub(crate) fn month_of(at: Millis) -> i64 {
    let date = Date::of(at);
    date.year * 12 + date.month - 1
}

/// The first millisecond of a month; the two ends of time beyond the years of four digits.
pub(crate) fn month_start(month: i64) -> Millis {
    let year = month.div_euclid(12);
    match year {
        ..=0 if month <= 0 => Millis::MIN,
        10_000.. => Millis::MAX,
        _ => days_of(year, month.rem_euclid(12) + 1) * DAY,
    }
}

/// `2026-01`.
pub(crate) fn month_name(month: i64) -> String {
    format!(
        "{:04}-{:02}",
        month.div_euclid(12),
        month.rem_euclid(12) + 1
    )
}

/// A page of a month: `2026-01.html`, `2026-01-2.html`.
pub(crate) fn page_file(month: i64, part: u64) -> String {
    match part {
        0 => format!("{}.html", month_name(month)),
        part => format!("{}-{}.html", month_name(month), part + 1),
    }
}

/// A moment in the calendar, in UTC.
pub(crate) struct Date {
    year: i64,
    month: i64,
    day: i64,
    /// Of the day.
    second: i64,
    millisecond: i64,
}

impl Date {
    pub(crate) fn of(at: Millis) -> Self {
        let at = at.clamp(FIRST, LAST);
        let (days, rest) = (at.div_euclid(DAY), at.rem_euclid(DAY));
        // Days from 0000-03-01, so that a leap day ends its year (H. Hinnant, "chrono-compatible date algorithms").
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: of_year - (153 * from_march + 2) / 5 + 1,
            second: rest / 1000,
            millisecond: rest % 1000,
        }
    }

    /// `2026-01-31`.
    pub(crate) fn day_name(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `14:05`.
    pub(crate) fn clock(&self) -> String {
        format!("{:02}:{:02}", self.second / 3600, self.second / 60 % 60)
    }

    /// `2026-01-31T14:05:06.789Z` (RFC 3339).
    pub(crate) fn timestamp(&self) -> String {
        format!(
            "{}T{}:{:02}.{:03}Z",
            self.day_name(),
            self.clock(),
            self.second % 60,
            self.millisecond
        )
    }
}

/// Days from 1970 to the first of a month.
fn days_of(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar() {
        for (at, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_767_268_800_123, "2026-01-01T12:00:00.123Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (Millis::MIN, "0000-01-01T00:00:00.000Z"),
            (Millis::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Date::of(at).timestamp(), text);
        }
        for month in [1, 24_000, 24_301, 24_302, 119_999] {
            let start = month_start(month);
            assert_eq!(month_of(start), month);
            assert_eq!(month_of(start - 1), month - 1);
        }
        assert_eq!(month_start(0), Millis::MIN);
        assert_eq!(month_start(120_000), Millis::MAX);
    }

    #[test]
    fn addresses_name_no_paths() {
        for address in [
            "../../etc@x",
            "a/b@c",
            "..",
            "",
            "con",
            "王@例子",
            "A@B",
            "a@b",
        ] {
            let name = chat_folder(address);
            assert!(
                name.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
                "{name}"
            );
            assert!(name.len() <= 51);
        }
        assert_ne!(chat_folder("A@B"), chat_folder("a@b"));
    }

    #[test]
    fn names_of_files_are_known_again() {
        for (name, ending) in [
            ("x.PNG", "png"),
            ("page.html", "bin"),
            ("../../x", "bin"),
            ("run.exe", "bin"),
        ] {
            let media = RecordMedia {
                state: api::Media::Here,
                file: "f".into(),
                url: String::new(),
                name: name.into(),
                media_type: "text/html".into(),
                size: None,
                sha256: None,
                duration_ms: 0,
                peaks: Vec::new(),
                heard: false,
            };
            let file = media_file(&RecordContent::File(media), 0, 7).unwrap();
            assert_eq!(file, format!("files/1970-01-01-000000-000007.{ending}"));
            assert!(is_media_file(&file));
        }
        for name in [
            "x",
            "voice/../x.y",
            "voice/a/b.c",
            "etc/x.y",
            "voice/.x",
            "/voice/x.y",
            "voice/x.",
        ] {
            assert!(!is_media_file(name), "{name}");
        }
    }
}
