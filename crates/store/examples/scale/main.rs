//! What a million messages cost: the figures of the store.
//!
//! ```text
//! cargo run --release -p store --example scale -- --folder target/scale
//! ```
//!
//! `--rebuild` makes the index anew instead, `--more N` adds messages.
//!
//! The history is written once, newest page first as an archive comes, and used again.
//! Each figure is the median of five rounds, each on a store that was just opened; the
//! last line is a JSON object for `cargo xtask bench`.

mod corpus;
mod queries;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::{ChatId, MessageCursor, WindowAnchor};
use corpus::{ADDRESS, Corpus, Dice};
use store::{IncomingContent, Store, StoreError, key};

const CHATS: usize = 2000;
const PAGE: u64 = 250;
const ROUNDS: usize = 5;
/// Messages of a new store that tell how fast they are taken in.
const TAKEN_IN: u64 = 100_000;
/// Changes with what is generated, so that an old folder is not taken for a new one.
const VERSION: u32 = 1;

type Failed = Box<dyn std::error::Error>;

struct Options {
    folder: PathBuf,
    messages: u64,
    /// How many to add to what is there, for a look at writing alone.
    more: u64,
    /// Whether only the index is made anew.
    rebuild: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        folder: PathBuf::from("target/scale"),
        messages: 1_000_000,
        more: 0,
        rebuild: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--rebuild" {
            options.rebuild = true;
            continue;
        }
        let value = arguments
            .next()
            .ok_or_else(|| format!("{name} needs a value"))?;
        let number = || {
            value
                .parse()
                .map_err(|_| format!("{name} needs a number: {value}"))
        };
        match name.as_str() {
            "--folder" => options.folder = value.into(),
            "--messages" => {
                options.messages = number()?;
            }
            "--more" => options.more = number()?,
            _ => return Err(format!("no such option: {name}")),
        }
    }
    Ok(options)
}

/// Writes the history where it is not there yet.
async fn fill(folder: &Path, messages: u64, corpus: &Arc<Corpus>) -> Result<(), Failed> {
    let marker = folder.join("scale");
    let wanted = format!("{VERSION} {messages}");
    if std::fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let took = write(folder, 0..messages, corpus).await?;
    println!("{:.0} a second", messages as f64 / took.as_secs_f64());
    std::fs::write(marker, wanted)?;
    Ok(())
}

/// Merges a part of the history, newest page first, and returns how long that took.
async fn write(
    folder: &Path,
    span: std::ops::Range<u64>,
    corpus: &Arc<Corpus>,
) -> Result<Duration, Failed> {
    let store = Store::open(folder)?;
    store
        .write(|tx| tx.set_meta(key::ADDRESS, Some(ADDRESS)))
        .await?;
    let mut merging = Duration::ZERO;
    let mut until = span.end;
    while until > span.start {
        let from = until.saturating_sub(PAGE).max(span.start);
        let page: Vec<_> = (from..until).map(|n| corpus.message(n)).collect();
        let started = Instant::now();
        let voices = store
            .write(move |tx| {
                let mut voices = Vec::new();
                for incoming in &page {
                    let merged = tx.merge(incoming)?;
                    if matches!(incoming.content, IncomingContent::Voice { .. }) {
                        voices.push(merged.id);
                    }
                }
                Ok(voices)
            })
            .await?;
        merging += started.elapsed();
        // They have been fetched long ago.
        store
            .write(move |tx| -> Result<(), StoreError> {
                for id in voices {
                    tx.media_here(id, &format!("{}.ogg", id.0), None, None, 30_000)?;
                }
                Ok(())
            })
            .await?;
        until = from;
        if until.is_multiple_of(100_000) {
            println!(
                "{} written, {:.1} s",
                span.end - until,
                merging.as_secs_f64()
            );
        }
    }
    store.close().await;
    Ok(merging)
}

/// The times of a round, in milliseconds.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn add(&mut self, started: Instant) {
        self.0.push(started.elapsed().as_secs_f64() * 1000.0);
    }

    fn at(&mut self, part: f64) -> f64 {
        self.0.sort_by(f64::total_cmp);
        let last = self.0.len().saturating_sub(1);
        let at = (last as f64 * part).round() as usize;
        self.0.get(at).copied().unwrap_or_default()
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[derive(Default)]
struct Rounds {
    open: Vec<f64>,
    older: Vec<f64>,
    search: Vec<f64>,
    worst: Vec<f64>,
}

async fn round(
    folder: &Path,
    corpus: &Corpus,
    messages: u64,
    rounds: &mut Rounds,
    show: bool,
) -> Result<(), Failed> {
    let store = Store::open(folder)?;
    let reader = store.reader();
    let mut dice = Dice::new(99);
    let (mut open, mut older, mut search) = (Times::default(), Times::default(), Times::default());
    for _ in 0..300 {
        let chat = ChatId(1 + dice.below(CHATS as u64).cast_signed());
        let started = Instant::now();
        let window = reader.window(chat, WindowAnchor::Latest).await?;
        open.add(started);
        let mut first = window.rows.first().map(|row| row.cursor());
        for _ in 0..3 {
            let Some(cursor) = first else { break };
            let started = Instant::now();
            let window = reader.window(chat, WindowAnchor::Before { cursor }).await?;
            older.add(started);
            first = window.rows.first().map(|row| row.cursor());
        }
        let at = queries::some_time(&mut dice, messages);
        let started = Instant::now();
        let cursor = MessageCursor {
            at,
            id: api::MessageId(0),
        };
        reader.window(chat, WindowAnchor::Before { cursor }).await?;
        older.add(started);
    }
    let mut kinds: std::collections::BTreeMap<&str, (f64, usize, usize)> = Default::default();
    for (kind, text) in queries::queries(corpus, messages) {
        let started = Instant::now();
        let page = reader.search(text, None, None, 0).await?;
        search.add(started);
        let took = started.elapsed().as_secs_f64() * 1000.0;
        let seen = kinds.entry(kind).or_default();
        seen.0 = seen.0.max(took);
        seen.1 += page.hits.len();
        seen.2 += usize::from(page.next.is_some());
    }
    if show {
        for (kind, (worst, hits, more)) in kinds {
            println!("{kind:20} worst {worst:6.1} ms, {hits:4} hits, {more:2} with more");
        }
    }
    rounds.open.push(open.at(0.95));
    rounds.older.push(older.at(0.95));
    rounds.search.push(search.at(0.95));
    rounds.worst.push(search.at(1.0));
    store.close().await;
    Ok(())
}

/// Makes the index anew and tells how long that takes, and the longest that others wait.
async fn rebuild(folder: &Path) -> Result<(), Failed> {
    let store = Store::open(folder)?;
    let started = Instant::now();
    store.write(|tx| tx.empty_search()).await?;
    println!("emptied in {} ms", started.elapsed().as_millis());
    let (mut complete, mut longest) = (false, Duration::ZERO);
    while !complete {
        let batch = Instant::now();
        complete = store.write(|tx| tx.rebuild_search()).await?.complete;
        longest = longest.max(batch.elapsed());
    }
    println!(
        "made anew in {:.1} s, the longest batch {} ms",
        started.elapsed().as_secs_f64(),
        longest.as_millis()
    );
    store.close().await;
    Ok(())
}

async fn measure(options: Options) -> Result<(), Failed> {
    let corpus = Arc::new(Corpus::new(CHATS));
    if options.rebuild {
        return rebuild(&options.folder).await;
    }
    if options.more > 0 {
        let span = options.messages..options.messages + options.more;
        let took = write(&options.folder, span, &corpus).await?;
        println!("{:.0} a second", options.more as f64 / took.as_secs_f64());
        return Ok(());
    }
    fill(&options.folder, options.messages, &corpus).await?;
    let size = std::fs::metadata(options.folder.join("millet.db"))?.len();
    let mut rounds = Rounds::default();
    let mut rates = Vec::new();
    for n in 0..ROUNDS {
        let fresh = options.folder.with_extension("fresh");
        let took = write(&fresh, 0..TAKEN_IN, &corpus).await?;
        rates.push(TAKEN_IN as f64 / took.as_secs_f64());
        std::fs::remove_dir_all(fresh)?;
        round(
            &options.folder,
            &corpus,
            options.messages,
            &mut rounds,
            n == 0,
        )
        .await?;
    }
    let figures = [
        ("open_chat_p95_ms_1m", median(rounds.open)),
        ("page_older_p95_ms_1m", median(rounds.older)),
        ("search_p95_ms_1m", median(rounds.search)),
        ("search_worst_ms_1m", median(rounds.worst)),
        (
            "db_bytes_per_message",
            size as f64 / options.messages as f64,
        ),
        ("merge_per_s", median(rates)),
    ];
    for (key, value) in figures {
        println!("{key:24} {value:.2}");
    }
    let parts: Vec<String> = figures
        .iter()
        .map(|(key, value)| format!("\"{key}\":{}", value.ceil() as u64))
        .collect();
    println!("{{{}}}", parts.join(","));
    Ok(())
}

fn main() -> Result<(), Failed> {
    let options = options()?;
    tokio::runtime::Builder::new_multi_thread()
        .build()?
        .block_on(measure(options))
}
