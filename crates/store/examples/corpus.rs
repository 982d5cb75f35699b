//! Fills an account's folder with a conversation history, the same at every run.
//!
//! ```text
//! cargo run --release -p store --example corpus -- \
//!     --folder HOME/accounts/ID --chats 1000 --messages 100000 --address ann@localhost
//! ```
//!
//! For figures: a store as it looks after some years. English, Chinese and Korean
//! mixed, a tenth of it voice (rows without files), most of it read, a few chats
//! with everything and many with little.

use std::path::PathBuf;
use std::time::Instant;

use api::{MessageState, Millis};
use store::{Incoming, IncomingContent, Source, Store, StoreError, WriteTx, key};

/// Messages a transaction, as in a catch-up.
const BATCH: u64 = 500;
/// 2023-01-01T00:00:00Z, and the average distance of two messages.
const START: Millis = 1_672_531_200_000;
const STEP: Millis = 600_000;

const PHRASES: &[&str] = &[
    "Good morning! Did you sleep well?",
    "今天天气很好，我们去公园走走吧",
    "안녕하세요, 오늘 저녁에 시간 있어요?",
    "On my way, ten minutes",
    "晚上一起吃饭吗？我妈包了饺子",
    "네, 알겠습니다. 조금 있다가 전화할게요",
    "Can you send me the photo from Sunday?",
    "会议改到下午三点了 meeting room B",
    "집에 도착하면 알려 줘",
    "ok",
    "好的",
    "ㅋㅋㅋ",
    "The train is late again, don't wait for me with dinner",
    "你听一下我刚才发的语音",
    "다음 주 금요일 회의 자료는 내일까지 보내 드리겠습니다. 확인 부탁드려요!",
    "Grandma says hello and asks when you will come to visit her in the village",
];

struct Options {
    folder: PathBuf,
    chats: u64,
    messages: u64,
    address: String,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        folder: PathBuf::new(),
        chats: 1000,
        messages: 100_000,
        address: "ann@localhost".into(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
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
            "--chats" => options.chats = number()?,
            "--messages" => options.messages = number()?,
            "--address" => options.address = value,
            _ => return Err(format!("no such option: {name}")),
        }
    }
    match options.folder.as_os_str().is_empty() || options.chats == 0 {
        true => Err("--folder is needed, and at least one chat".into()),
        false => Ok(options),
    }
}

/// SplitMix64: a number for a number, the same on every machine.
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn below(n: u64, bound: u64) -> u64 {
    mixed(n) % bound.max(1)
}

fn peer(chat: u64) -> String {
    format!("friend{chat:04}@localhost")
}

/// Which chat the nth message belongs to: each once, then half of all in a tenth.
fn chat_of(n: u64, chats: u64) -> u64 {
    if n < chats {
        return n;
    }
    match below(n, 2) {
        0 => below(n ^ 0xAA, chats.div_ceil(10)),
        _ => below(n ^ 0xBB, chats),
    }
}

fn content(n: u64) -> IncomingContent {
    if below(n ^ 0xCC, 10) == 0 {
        let peaks = (0..100).map(|k| (mixed(n ^ (k << 32)) & 0xFF) as u8);
        return IncomingContent::Voice {
            url: format!("https://localhost/upload/{n}.ogg"),
            duration_ms: Some(1000 + (below(n, 30_000) as u32)),
            peaks: peaks.collect(),
            name: "voice.ogg".into(),
            size: Some(3000 * (1 + below(n, 30))),
            media_type: "audio/ogg; codecs=opus".into(),
            sha256: None,
        };
    }
    let count = 1 + below(n ^ 0xDD, 3);
    let phrase = |k| {
        let at = below(n ^ (k << 40), PHRASES.len() as u64) as usize;
        PHRASES.get(at).copied().unwrap_or_default()
    };
    let phrases: Vec<&str> = (0..count).map(phrase).collect();
    IncomingContent::Text {
        body: phrases.join(" "),
    }
}

fn put(tx: &mut WriteTx<'_>, n: u64, options: &Options) -> Result<(), StoreError> {
    let chat = peer(chat_of(n, options.chats));
    let own = below(n ^ 0xEE, 2) == 0;
    let id = format!("{:016x}{:016x}", mixed(n), mixed(!n));
    let content = content(n);
    let voice = matches!(content, IncomingContent::Voice { .. });
    let merged = tx.merge(&Incoming {
        author: if own {
            options.address.clone()
        } else {
            chat.clone()
        },
        own,
        at: START + STEP * n.cast_signed() + below(n, 60_000).cast_signed(),
        stanza_id: Some(id.clone()),
        origin_id: Some(id.clone()),
        server_id: Some(format!("{}", 1_672_531_200_000_000 + n)),
        content,
        wants_receipt: false,
        markable: true,
        source: Source::Archive,
        reply_address: chat.clone(),
        reply: None,
        chat: chat.clone(),
    })?;
    if voice {
        let bytes = 3000 * (1 + below(n, 30));
        tx.media_here(merged.id, &format!("corpus-{n}.ogg"), None, None, bytes)?;
    }
    if own && below(n ^ 0xFF, 10) != 0 {
        tx.receipt(&chat, &id, MessageState::Read)?;
    }
    Ok(())
}

async fn fill(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let folder = options.folder.clone();
    let store = Store::open(&folder)?;
    let options = std::sync::Arc::new(options);
    let address = options.address.clone();
    store
        .write(move |tx| tx.set_meta(key::ADDRESS, Some(&address)))
        .await?;
    let mut from = 0;
    while from < options.messages {
        let end = options.messages.min(from + BATCH);
        let options = options.clone();
        store
            .write(move |tx| (from..end).try_for_each(|n| put(tx, n, &options)))
            .await?;
        from = end;
    }
    let counts = store.reader().counts().await?;
    store.close().await;
    println!(
        "{}: {} chats, {} messages, {} unread, {} ms",
        folder.display(),
        counts.chats,
        counts.messages,
        counts.unread,
        started.elapsed().as_millis()
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = options()?;
    tokio::runtime::Builder::new_multi_thread()
        .build()?
        .block_on(fill(options))
}
