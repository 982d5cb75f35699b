//! The pages of an exported folder: what a browser shows of a history, from the disk alone.
//!
//! No scripts, nothing from elsewhere, and no words where a sign will do: the window's languages are not known here.
//! Whatever was said is text: it is escaped, its direction is its own, and an address in it is no link, so that reading
//! a history tells nobody. Times are UTC, by which the pages are cut.

use std::fmt::Write;

use api::{Kind, MessageState, Millis};
use store::{FollowUpContent, Record, RecordContent, RecordMedia};

use super::names::Date;

/// Messages of a page.
pub(crate) const PAGE: u64 = 1000;

const HEAD: &str = "<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
media-src 'self' file:; img-src 'self' file:\">\n\
<meta name=\"referrer\" content=\"no-referrer\">\n\
<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"viewport\" content=\"width=device-width\">\n";

const STYLE: &str = concat!("<style>\n", include_str!("page.css"), "</style>\n");

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
    /// Who said the message before, of the same day.
    author: Option<String>,
}

impl Page {
    pub(crate) fn new(place: &Place<'_>) -> Self {
        let link = |to: &Option<String>, before: &str, after: &str| {
            to.as_ref()
                .map(|to| {
                    let name = to.trim_end_matches(".html");
                    format!("<a href=\"{to}\">{before}{name}{after}</a>\n")
                })
                .unwrap_or_default()
        };
        let nav = format!(
            "<nav>\n<a href=\"../../index.html\">⌂</a>\n<a href=\"index.html\">☰</a>\n{}{}</nav>\n",
            link(&place.older, "← ", ""),
            link(&place.newer, "", " →"),
        );
        let title = escaped(place.title);
        Self {
            html: format!(
                "{HEAD}<title>{title}</title>\n{STYLE}</head>\n<body>\n{nav}<h1><bdi>{title}</bdi></h1>\n"
            ),
            day: String::new(),
            nav,
            author: None,
        }
    }

    /// A message, with its file within the folder of the chat, where it is there.
    pub(crate) fn message(&mut self, record: &Record, file: Option<&str>) {
        let date = Date::of(record.at);
        let day = date.day_name();
        if day != self.day {
            self.put(format_args!("<h2><time>{day}</time></h2>\n"));
            self.day = day;
            self.author = None;
        }
        let goes_on = self.author.as_ref() == Some(&record.author);
        let class = match (record.own, goes_on) {
            (true, true) => " class=\"own more\"",
            (true, false) => " class=\"own\"",
            (false, true) => " class=\"more\"",
            (false, false) => "",
        };
        self.put(format_args!("<article id=\"m{}\"{class}>\n", record.id.0));
        if !goes_on && !record.own {
            let author = escaped(&record.author);
            self.put(format_args!("<header><bdi>{author}</bdi></header>\n"));
        }
        if !goes_on {
            self.author = Some(record.author.clone());
        }
        self.content(record, file);
        self.footer(record, &date);
    }

    fn content(&mut self, record: &Record, file: Option<&str>) {
        if record.retracted {
            return self.put(format_args!("<p class=\"gone\">⊘</p>\n"));
        }
        if let Some(reply) = &record.reply {
            let quote = match reply.quote.as_str() {
                "" => "↩",
                quote => quote,
            };
            let quote = escaped(quote);
            self.put(format_args!(
                "<blockquote dir=\"auto\">{quote}</blockquote>\n"
            ));
        }
        match &record.content {
            RecordContent::Text { body } => {
                self.put(format_args!("<p dir=\"auto\">{}</p>\n", escaped(body)));
            }
            RecordContent::Voice(media) => self.voice(media, file),
            RecordContent::File(media) => self.file(record, media, file),
        }
    }

    fn footer(&mut self, record: &Record, date: &Date) {
        let reactions = reactions(record);
        if !reactions.is_empty() {
            self.put(format_args!("<ul class=\"reactions\">"));
            for (emoji, count) in reactions {
                let emoji = escaped(emoji);
                match count {
                    1 => self.put(format_args!("<li>{emoji}</li>")),
                    count => self.put(format_args!("<li>{emoji} {count}</li>")),
                }
            }
            self.put(format_args!("</ul>\n"));
        }
        let edited = match record.first {
            Some(_) => " ✎",
            None => "",
        };
        let sign = sign_of(record.state);
        self.put(format_args!(
            "<footer><time datetime=\"{}\">{}</time>{edited}{}{sign}</footer>\n</article>\n",
            date.timestamp(),
            date.clock(),
            if sign.is_empty() { "" } else { " " },
        ));
    }

    fn voice(&mut self, media: &RecordMedia, file: Option<&str>) {
        let length = length_of(media.duration_ms);
        let wave = wave(&media.peaks);
        match file {
            Some(file) => self.put(format_args!(
                "<div class=\"voice\">{wave}<span>{length}</span>\n\
                 <audio controls preload=\"none\" src=\"{}\"></audio></div>\n",
                escaped(file)
            )),
            None => self.put(format_args!(
                "<div class=\"voice\">{wave}<span>{length} ∅</span></div>\n"
            )),
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

/// Loudness over time as bars; nothing where it is not known.
fn wave(peaks: &[u8]) -> String {
    if peaks.is_empty() {
        return String::new();
    }
    let bars: String = (0..)
        .zip(peaks)
        .map(|(n, peak): (usize, _)| {
            let half = 1 + usize::from(*peak) * 14 / 255;
            format!("M{} {}v{}", n * 4 + 2, 16 - half, half * 2)
        })
        .collect();
    format!(
        "<svg aria-hidden=\"true\" viewBox=\"0 0 {} 32\"><path d=\"{bars}\"/></svg>",
        peaks.len() * 4
    )
}

/// The newest reactions of each person, in the order in which each was first seen, and how many have it.
fn reactions(record: &Record) -> Vec<(&str, usize)> {
    let mut newest: Vec<(&str, Millis, &[String])> = Vec::new();
    for said in &record.follow_ups {
        let FollowUpContent::Reactions { emoji } = &said.content else {
            continue;
        };
        match newest
            .iter_mut()
            .find(|(author, ..)| *author == said.author)
        {
            Some(known) if known.1 <= said.at => *known = (&said.author, said.at, emoji),
            Some(_) => {}
            None => newest.push((&said.author, said.at, emoji)),
        }
    }
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for emoji in newest.iter().flat_map(|(.., emoji)| *emoji) {
        match counted.iter_mut().find(|(known, _)| known == emoji) {
            Some((_, count)) => *count += 1,
            None => counted.push((emoji, 1)),
        }
    }
    counted
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
        "{HEAD}<title>{own}</title>\n{STYLE}</head>\n<body>\n<h1><bdi>{own}</bdi></h1>\n<ul class=\"chats\">\n"
    );
    for entry in entries {
        let (title, address) = (escaped(&entry.title), escaped(&entry.address));
        let first = entry.title.chars().find(|c| c.is_alphanumeric());
        let initial: String = first.into_iter().flat_map(char::to_uppercase).collect();
        let row = format!(
            "<i aria-hidden=\"true\">{}</i><span><b><bdi>{title}</bdi></b><small><bdi>{address}</bdi></small></span>",
            escaped(&initial)
        );
        let _infallible = match &entry.page {
            Some(page) => writeln!(
                html,
                "<li><a href=\"{}\">{row}<small>{}<br>{}</small></a></li>",
                escaped(page),
                Date::of(entry.at).day_name(),
                entry.messages,
            ),
            None => writeln!(html, "<li><div>{row}</div></li>"),
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
         <h1><bdi>{title}</bdi></h1>\n<ul class=\"months\">\n"
    );
    for (month, count, pages) in months.iter().rev() {
        let _infallible = write!(html, "<li><b>{month}</b> <small>{count}</small>");
        for (n, page) in pages.iter().enumerate() {
            let _infallible = write!(html, " <a href=\"{page}\">{}</a>", n + 1);
        }
        html.push_str("</li>\n");
    }
    html.push_str("</ul>\n</body>\n</html>\n");
    html
}
