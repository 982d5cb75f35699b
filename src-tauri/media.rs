//! `media://localhost/<message id>`: the files of messages, for the window.
//!
//! A message's number is all that a URL can name; the path comes from the
//! store. Only pictures and sound are served, under a type from a fixed list, so
//! that nothing from the network is ever run or shown as a page. Ranges are
//! answered one at a time (RFC 9110 §14); several in one request get the whole.
//!
//! Handing the bytes to the window as JSON was rejected: base64 of a picture
//! costs three copies and a stall of the feed.

use std::io::SeekFrom;

use api::{FaultKind, MessageId};
use tauri::{
    Manager, UriSchemeContext, UriSchemeResponder, Wry,
    http::{
        HeaderValue, Method, Request, Response, StatusCode,
        header::{
            ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, RANGE, X_CONTENT_TYPE_OPTIONS,
        },
    },
};
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::backend::Backend;

/// The largest piece in one answer, in bytes. A larger file is read in ranges;
/// without one it is refused, since an answer lies in memory whole.
const LARGEST: u64 = 32 * 1024 * 1024;

/// What is served. No SVG: it can carry scripts.
const TYPES: [&str; 12] = [
    "audio/aac",
    "audio/flac",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "audio/webm",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
];

/// Answers one request, off the window's thread.
pub fn serve(
    context: UriSchemeContext<'_, Wry>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let backend = app.state::<Backend>();
        let answer = match answer(&backend, &request).await {
            Ok(answer) => answer,
            Err(refusal) => refusal.into_response(),
        };
        responder.respond(answer);
    });
}

async fn answer(backend: &Backend, request: &Request<Vec<u8>>) -> Result<Answer, Refusal> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Err(Refusal::Method);
    }
    let id = message_id(request.uri().path()).ok_or(Refusal::NotFound)?;
    let client = backend.client().await.map_err(|_| Refusal::NotFound)?;
    let media = client.media(id).await.map_err(|fault| match fault.kind {
        FaultKind::NotFound | FaultKind::FileGone => Refusal::NotFound,
        _ => Refusal::Unreadable,
    })?;
    let media_type = served_type(&media.media_type).ok_or(Refusal::Type)?;

    let mut file = tokio::fs::File::open(&media.path)
        .await
        .map_err(|_| Refusal::NotFound)?;
    let attributes = file.metadata().await.map_err(|_| Refusal::Unreadable)?;
    if !attributes.is_file() {
        return Err(Refusal::NotFound);
    }
    let size = attributes.len();
    let range = match request.headers().get(RANGE) {
        Some(header) => range(header.to_str().unwrap_or_default(), size),
        None => Wanted::Whole,
    };
    let (first, length) = match range {
        Wanted::Whole if size > LARGEST => return Err(Refusal::TooLarge),
        Wanted::Whole => (0, size),
        Wanted::Part { first, last } => (first, (last - first + 1).min(LARGEST)),
        Wanted::Nothing => return Err(Refusal::Range { size }),
    };

    let mut body = Vec::new();
    if request.method() == Method::GET {
        file.seek(SeekFrom::Start(first))
            .await
            .map_err(|_| Refusal::Unreadable)?;
        file.take(length)
            .read_to_end(&mut body)
            .await
            .map_err(|_| Refusal::Unreadable)?;
        if body.len() as u64 != length {
            return Err(Refusal::Unreadable);
        }
    }
    let mut answer = respond(StatusCode::OK, body);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if matches!(range, Wanted::Part { .. }) {
        let last = first + length - 1;
        headers.insert(
            CONTENT_RANGE,
            value(&format!("bytes {first}-{last}/{size}")),
        );
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(answer)
}

type Answer = Response<Vec<u8>>;

/// Why nothing is served. Says no more than its status: the page has the fault
/// from the message's row.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    Method,
    NotFound,
    Type,
    TooLarge,
    Unreadable,
    Range { size: u64 },
}

impl Refusal {
    fn into_response(self) -> Answer {
        let status = match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Type => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Range { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
        };
        let mut answer = respond(status, Vec::new());
        match self {
            Self::Method => {
                let methods = HeaderValue::from_static("GET, HEAD");
                answer.headers_mut().insert(ALLOW, methods);
            }
            Self::Range { size } => {
                let range = value(&format!("bytes */{size}"));
                answer.headers_mut().insert(CONTENT_RANGE, range);
            }
            _ => {}
        }
        answer
    }
}

/// An answer that a page cannot misread, and that leaves no copy in a cache.
fn respond(status: StatusCode, body: Vec<u8>) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    for (name, text) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(text));
    }
    answer
}

/// For text made of digits and ASCII only, which is always a valid value.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The number in `/<number>`, and nothing else.
fn message_id(path: &str) -> Option<MessageId> {
    let digits = path.strip_prefix('/')?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().map(MessageId)
}

/// The type as this list spells it, parameters left out.
fn served_type(announced: &str) -> Option<&'static str> {
    let essence = announced.split(';').next().unwrap_or_default().trim();
    TYPES
        .into_iter()
        .find(|served| served.eq_ignore_ascii_case(essence))
}

/// What a `Range` header asks of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// All of it: no range, several ranges, or one that is not understood, which
    /// RFC 9110 §14.2 says to pass over.
    Whole,
    /// From `first` to `last`, both included, both inside the file.
    Part { first: u64, last: u64 },
    /// A range beyond the end.
    Nothing,
}

fn range(header: &str, size: u64) -> Wanted {
    let Some((from, to)) = header
        .trim()
        .strip_prefix("bytes=")
        .and_then(|one| one.trim().split_once('-'))
    else {
        return Wanted::Whole;
    };
    match (number(from), number(to)) {
        (Number::Some(first), Number::Some(last)) if first > last => Wanted::Whole,
        (Number::Some(first), _) if first >= size => Wanted::Nothing,
        (Number::Some(first), Number::Some(last)) => Wanted::Part {
            first,
            last: last.min(size - 1),
        },
        (Number::Some(first), Number::None) => Wanted::Part {
            first,
            last: size - 1,
        },
        (Number::None, Number::Some(0)) => Wanted::Nothing,
        (Number::None, Number::Some(_)) if size == 0 => Wanted::Nothing,
        (Number::None, Number::Some(count)) => Wanted::Part {
            first: size.saturating_sub(count),
            last: size - 1,
        },
        _ => Wanted::Whole,
    }
}

enum Number {
    Some(u64),
    None,
    Bad,
}

fn number(text: &str) -> Number {
    match text.trim() {
        "" => Number::None,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map_or(Number::Bad, Number::Some)
        }
        _ => Number::Bad,
    }
}

#[cfg(test)]
mod tests;
