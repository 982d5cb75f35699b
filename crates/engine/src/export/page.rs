//! The pages of an exported folder: what a browser shows of a history, from the disk alone.
//!
//! No scripts, nothing from elsewhere, and no words where a sign will do: the window's languages are not known here.
//! Whatever was said is text: it is escaped, its direction is its own, and an address in it is no link, so that reading
//! a history tells nobody. Times are UTC, by which the pages are cut.

use std::fmt::Write;

use api::{Kind, MessageState, Millis};
use store::{Record, RecordContent, RecordMedia};

use super::names::Date;

/// Messages of a page.
pub(crate) const PAGE: u64 = 1000;

const HEAD: &str = "<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
media-src 'self' file:; img-src 'self' file:\">\n\
<meta name=\"referrer\" content=\"no-referrer\">\n\
<meta name=\"viewport\" content=\"width=device-width\">\n";

const STYLE: &str = "<style>\n\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }\n\
body { margin: 0 auto; max-width: 46rem; padding: 1rem; }\n\
nav { display: flex; flex-wrap: wrap; gap: 1rem; padding-block: .5rem; }\n\
h2 { font-size: .8rem; text-align: center; opacity: .7; margin-block: 1.5rem .5rem; }\n\
article { margin-block: .4rem; padding: .4rem .8rem; border-radius: .9rem; max-width: 80%; width: fit-content; \
background: color-mix(in srgb, currentColor 8%, transparent); }\n\
article.own { margin-inline-start: auto; background: color-mix(in srgb, #e8a33d 28%, transparent); }\n\
article p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }\n\
article footer { font-size: .75rem; opacity: .7; }\n\
article img { max-width: 100%; max-height: 24rem; border-radius: .5rem; }\n\
audio { max-width: 100%; vertical-align: middle; }\n\
li { margin-block: .3rem; }\n\
</style>\n";

/// A text between tags or in a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Where a page stands among those of its chat.
pub(crate) struct Place<'a> {
    pub(crate) title: &'a str,
    pub(crate) older: Option<String>,
    pub(crate) newer: Option<String>,
}

/// A page of a chat that is being put together.
pub(crate) struct Page {
    html: String,
    day: String,
    nav: String,
}

impl Page {
    pub(crate) fn new(place: &Place<'_>) -> Self {
        let link = |to: &Option<String>, sign: &str| {
            to.as_ref()
                .map(|to| format!("<a href=\"{to}\">{sign}</a>\n"))
                .unwrap_or_default()
        };
        let nav = format!(
            "<nav>\n<a href=\"../../index.html\">⌂</a>\n<a href=\"index.html\">☰</a>\n{}{}</nav>\n",
            link(&place.older, "←"),
            link(&place.newer, "→"),
        );
        let title = escaped(place.title);
        Self {
            html: format!(
                "{HEAD}<title>{title}</title>\n{STYLE}</head>\n<body>\n{nav}<h1><bdi>{title}</bdi></h1>\n"
            ),
            day: String::new(),
            nav,
        }
    }

    /// A message, with its file within the folder of the chat, where it is there.
    pub(crate) fn message(&mut self, record: &Record, file: Option<&str>) {
        let date = Date::of(record.at);
        let day = date.day_name();
        if day != self.day {
            self.put(format_args!("<h2><time>{day}</time></h2>\n"));
            self.day = day;
        }
        let side = if record.own { " class=\"own\"" } else { "" };
        self.put(format_args!("<article id=\"m{}\"{side}>\n", record.id.0));
        match &record.content {
            RecordContent::Text { body } => {
                self.put(format_args!("<p dir=\"auto\">{}</p>\n", escaped(body)));
            }
            RecordContent::Voice(media) => self.voice(media, file),
            RecordContent::File(media) => self.file(record, media, file),
        }
        let sign = sign_of(record.state);
        self.put(format_args!(
            "<footer><bdi>{}</bdi> <time datetime=\"{}\">{}</time>{}{sign}</footer>\n</article>\n",
            escaped(&record.author),
            date.timestamp(),
            date.clock(),
            if sign.is_empty() { "" } else { " " },
        ));
    }

    fn voice(&mut self, media: &RecordMedia, file: Option<&str>) {
        let length = length_of(media.duration_ms);
        match file {
            Some(file) => self.put(format_args!(
                "<audio controls preload=\"none\" src=\"{}\"></audio> {length}\n",
                escaped(file)
            )),
            None => self.put(format_args!("<p>▷ {length} ∅</p>\n")),
        }
    }

    fn file(&mut self, record: &Record, media: &RecordMedia, file: Option<&str>) {
        let name = escaped(&media.name);
        let Some(file) = file.map(escaped) else {
            self.put(format_args!("<p dir=\"auto\">{name} ∅</p>\n"));
            return;
        };
        let shown = match kind_of(record) {
            Kind::Image if !file.ends_with(".bin") => {
                format!("<img loading=\"lazy\" alt=\"{name}\" src=\"{file}\">")
            }
            _ => name,
        };
        self.put(format_args!(
            "<p dir=\"auto\"><a href=\"{file}\">{shown}</a></p>\n"
        ));
    }

    pub(crate) fn finish(mut self) -> String {
        let nav = std::mem::take(&mut self.nav);
        self.put(format_args!("{nav}</body>\n</html>\n"));
        self.html
    }

    fn put(&mut self, what: std::fmt::Arguments<'_>) {
        let _infallible = self.html.write_fmt(what);
    }
}

fn kind_of(record: &Record) -> Kind {
    match &record.content {
        RecordContent::Text { .. } => Kind::Text,
        RecordContent::Voice(_) => Kind::Voice,
        RecordContent::File(media) if media.media_type.starts_with("image/") => Kind::Image,
        RecordContent::File(_) => Kind::File,
    }
}

fn sign_of(state: MessageState) -> &'static str {
    match state {
        MessageState::Pending => "…",
        MessageState::Failed => "✗",
        MessageState::Sent => "✓",
        MessageState::Delivered => "✓✓",
        MessageState::Read => "✓✓✓",
        MessageState::Heard => "♪",
        MessageState::Received => "",
    }
}

fn length_of(ms: u32) -> String {
    let seconds = ms.div_ceil(1000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A chat as a list links to it.
pub(crate) struct Entry {
    pub(crate) title: String,
    pub(crate) address: String,
    /// Its newest page, from where the list is; none where nothing was said.
    pub(crate) page: Option<String>,
    pub(crate) messages: u64,
    /// Of the newest message.
    pub(crate) at: Millis,
}

/// `index.html` of the folder: the chats, those with the newest messages first.
pub(crate) fn chats(address: &str, entries: &[Entry]) -> String {
    let own = escaped(address);
    let mut html = format!(
        "{HEAD}<title>{own}</title>\n{STYLE}</head>\n<body>\n<h1><bdi>{own}</bdi></h1>\n<ul>\n"
    );
    for entry in entries {
        let (title, address) = (escaped(&entry.title), escaped(&entry.address));
        let _infallible = match &entry.page {
            Some(page) => writeln!(
                html,
                "<li><a href=\"{}\"><bdi>{title}</bdi></a> <small><bdi>{address}</bdi> · {} · {}</small></li>",
                escaped(page),
                entry.messages,
                Date::of(entry.at).day_name(),
            ),
            None => writeln!(
                html,
                "<li><bdi>{title}</bdi> <small><bdi>{address}</bdi></small></li>"
            ),
        };
    }
    html.push_str("</ul>\n</body>\n</html>\n");
    html
}

/// `index.html` of a chat: its pages, newest first, with how many messages each month has.
pub(crate) fn months(title: &str, months: &[(String, u64, Vec<String>)]) -> String {
    let title = escaped(title);
    let mut html = format!(
        "{HEAD}<title>{title}</title>\n{STYLE}</head>\n<body>\n<nav>\n<a href=\"../../index.html\">⌂</a>\n</nav>\n\
         <h1><bdi>{title}</bdi></h1>\n<ul>\n"
    );
    for (month, count, pages) in months.iter().rev() {
        let _infallible = write!(html, "<li>{month} <small>({count})</small>");
        for (n, page) in pages.iter().enumerate() {
            let _infallible = write!(html, " <a href=\"{page}\">{}</a>", n + 1);
        }
        html.push_str("</li>\n");
    }
    html.push_str("</ul>\n</body>\n</html>\n");
    html
}
