//! A file comes down: at once where it is voice or within the user's limit of size, else when it is asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api::{Fault, FaultKind, Media, MessageId, Signal};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use store::MediaRow;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;
use voice::VoiceError;

use super::{Failure, parse_url};
use crate::account::Account;
use crate::{client, faults};

/// So many at once.
const AT_ONCE: usize = 3;

/// The largest file taken where the sender announced no size. Half an hour of voice is 6 MB.
const MOST_UNANNOUNCED: u64 = 64 * 1024 * 1024;

/// The largest voice message taken unasked.
const MOST_UNASKED: u64 = 16 * 1024 * 1024;

/// The slowest that a file may come, in bytes per second, after the first minute. One byte at a time would never stall.
const SLOWEST: u64 = 4 * 1024;

/// The largest file taken at all.
const MOST: u64 = 1024 * 1024 * 1024;

/// Fetches what comes by itself, as it comes, until the account closes. Voice goes first, and one place is always kept for
/// it.
pub(crate) async fn fetch_loop(account: Arc<Account>) {
    let mut running: JoinSet<(MessageId, Result<(), Fault>)> = JoinSet::new();
    // Whether each is voice.
    let mut fetching: BTreeMap<MessageId, bool> = BTreeMap::new();
    let mut told_full = false;
    loop {
        remove_files(&account).await;
        let reader = account.store.reader();
        let now = account.env.now();
        let up_to = account.preferences.kept().settings.download_up_to();
        if account.is_online() {
            let due = reader
                .media_due(now, up_to, AT_ONCE as u32)
                .await
                .unwrap_or_default();
            for row in due {
                let files = fetching.values().filter(|voice| !**voice).count();
                let has_place = running.len() < AT_ONCE && (row.voice || files + 1 < AT_ONCE);
                if row.voice && row.size.is_some_and(|size| size > MOST_UNASKED) {
                    let _ = write(&account, move |tx| tx.media_failed(row.message)).await;
                } else if has_place && fetching.insert(row.message, row.voice).is_none() {
                    let account = Arc::clone(&account);
                    running.spawn(
                        async move { (row.message, fetch_now(&account, row.message).await) },
                    );
                }
            }
        }
        let next = reader.media_next_at(now, up_to).await.ok().flatten();
        // What is due already waits for a place: only a notification or a finished fetch wakes the loop.
        let wait = next.map_or(Duration::from_secs(3_600), |at| {
            Duration::from_millis(u64::try_from(at - now).unwrap_or(0))
        });
        tokio::select! {
            () = account.stop.cancelled() => return,
            () = account.fetches.notified() => {}
            Some(done) = running.join_next() => match done {
                // What became of it is in the store. But nobody asked for it, so nobody is told of a full disk otherwise.
                Ok((message, outcome)) => {
                    fetching.remove(&message);
                    match outcome {
                        Err(fault) if fault.kind == FaultKind::DiskFull => {
                            if !std::mem::replace(&mut told_full, true) {
                                account.signal(Signal::Notice { fault });
                            }
                        }
                        Ok(()) => told_full = false,
                        Err(_) => {}
                    }
                }
                // A panic does not say whose it was; all are as good as ended.
                Err(_) => fetching.clear(),
            },
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Deletes the files of messages that were taken back or whose copies were let go of, and what an interrupted fetch left.
/// What cannot be deleted now, being played where the system holds open files, stays noted and is tried again with the next
/// wake.
pub(super) async fn remove_files(account: &Account) {
    loop {
        let files = account.store.reader().removals().await.unwrap_or_default();
        let (media, drafts) = (account.store.media_dir(), account.store.drafts_dir());
        let gone = delete(&[&media, &drafts], files).await;
        if gone.is_empty() || write(account, move |tx| tx.removed(&gone)).await.is_err() {
            return;
        }
    }
}

/// Those of these files that are gone now.
pub(super) async fn delete(folders: &[&Path], files: Vec<String>) -> Vec<String> {
    let mut gone = Vec::with_capacity(files.len());
    for file in files {
        let mut is_gone = true;
        for folder in folders {
            let path = folder.join(&file);
            is_gone &= client::remove_file(&part_of(&path)).await;
            is_gone &= client::remove_file(&path).await;
        }
        if is_gone {
            gone.push(file);
        }
    }
    gone
}

/// Fetches the file of a message, unless it is here; where it is on its way, waits for that.
///
/// # Errors
/// What the user can do about it; the message says so too.
pub(crate) async fn fetch_now(account: &Account, message: MessageId) -> Result<(), Fault> {
    let _turn = account.transfers.downloading(message.0).await;
    let row = account
        .store
        .reader()
        .media_of(message)
        .await
        .map_err(|error| faults::store(&error))?;
    let row = row.ok_or(FaultKind::NotFound)?;
    if row.state == Media::Here {
        return Ok(());
    }
    let name = account.env.id();
    let file = name.clone();
    write(account, move |tx| tx.media_fetching(message, &file)).await?;
    let path = account.store.media_dir().join(&name);
    let outcome = tokio::select! {
        () = account.stop.cancelled() => Err(Failure::passing(FaultKind::Offline, "closing")),
        outcome = fetch(account, &row, &path) => outcome,
    };
    match outcome {
        Ok(Fetched {
            bytes,
            duration_ms,
            peaks,
        }) => {
            let kept = write(account, move |tx| {
                tx.media_here(message, &name, duration_ms, peaks.as_deref(), bytes)
            });
            let kept = kept.await;
            if let Err(fault) = &kept {
                client::remove_file(&path).await;
                // Where it was not taken back meanwhile, it must not stand as being fetched until the next start.
                if fault.kind != FaultKind::NotFound {
                    let again = super::next_try(account.env.now(), row.attempts + 1, 0);
                    write(account, move |tx| tx.media_retry(message, again)).await?;
                }
            }
            kept
        }
        Err(failure) => {
            client::remove_file(&path).await;
            match failure.again(account.env.now(), row.attempts + 1) {
                Ok((fault, again)) => {
                    write(account, move |tx| tx.media_retry(message, again)).await?;
                    Err(fault)
                }
                Err(fault) => {
                    write(account, move |tx| tx.media_failed(message)).await?;
                    Err(fault)
                }
            }
        }
    }
}

/// Where a file is while it comes.
fn part_of(path: &Path) -> PathBuf {
    path.with_extension("part")
}

struct Fetched {
    bytes: u64,
    duration_ms: Option<u32>,
    peaks: Option<Vec<u8>>,
}

async fn fetch(account: &Account, row: &MediaRow, path: &Path) -> Result<Fetched, Failure> {
    let part = part_of(path);
    let outcome = fetch_part(account, row, &part).await;
    let outcome = match outcome {
        Ok(bytes) => examine(row, &part)
            .await
            .map(|(duration_ms, peaks)| Fetched {
                bytes,
                duration_ms,
                peaks,
            }),
        Err(failure) => Err(failure),
    };
    if outcome.is_ok() {
        tokio::fs::rename(&part, path).await.map_err(disk)?;
    } else {
        client::remove_file(&part).await;
    }
    outcome
}

async fn fetch_part(account: &Account, row: &MediaRow, part: &Path) -> Result<u64, Failure> {
    let url = parse_url(&row.url, account.is_local())?;
    let limit = limit_of(row);
    let whole = Duration::from_secs(60 + limit / SLOWEST);
    tokio::time::timeout(whole, receive(account, row, part, url, limit))
        .await
        .map_err(|_| Failure::passing(FaultKind::Timeout, "the file came too slowly"))?
}

/// As many bytes are taken, whatever the server says of their number.
pub(super) fn limit_of(row: &MediaRow) -> u64 {
    match row.size {
        Some(size) => size.min(MOST),
        None if row.voice => MOST_UNASKED,
        None => MOST_UNANNOUNCED,
    }
}

async fn receive(
    account: &Account,
    row: &MediaRow,
    part: &Path,
    url: reqwest::Url,
    limit: u64,
) -> Result<u64, Failure> {
    let request = account.http().map_err(Failure::Passing)?.get(url);
    let transfers = &account.transfers;
    let answer = transfers
        .moves(request.send())
        .await?
        .map_err(Failure::http)?;
    match answer.status() {
        status if status.is_success() => {}
        status if matches!(status.as_u16(), 401 | 403 | 404 | 410) => {
            return Err(Failure::lasting(FaultKind::FileGone, status));
        }
        status => return Err(Failure::passing(FaultKind::Offline, status)),
    }
    let too_large = || Failure::lasting(FaultKind::FileTooLarge, "longer than announced");
    if answer.content_length().is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let total = answer.content_length().or(row.size);
    let mut file = tokio::fs::File::create(part).await.map_err(disk)?;
    let mut hash = Sha256::new();
    let mut done = 0;
    let mut chunks = answer.bytes_stream();
    while let Some(chunk) = transfers.moves(chunks.next()).await? {
        let chunk = chunk.map_err(Failure::http)?;
        done += chunk.len() as u64;
        if done > limit {
            return Err(too_large());
        }
        hash.update(&chunk);
        file.write_all(&chunk).await.map_err(disk)?;
        account.signal(Signal::Transfer {
            message: row.message,
            done,
            total,
        });
    }
    // The outcome of the last write is told here and nowhere else: a full disk would pass for a whole file.
    file.flush().await.map_err(disk)?;
    file.sync_all().await.map_err(disk)?;
    let digest: [u8; 32] = hash.finalize().into();
    match row.sha256 {
        Some(expected) if expected != digest => Err(Failure::lasting(
            FaultKind::FileDamaged,
            "the hash is another",
        )),
        _ => Ok(done),
    }
}

/// Measures voice: what a sender says of it is a claim.
async fn examine(row: &MediaRow, part: &Path) -> Result<(Option<u32>, Option<Vec<u8>>), Failure> {
    if !row.voice {
        return Ok((None, None));
    }
    let file: PathBuf = part.to_path_buf();
    let probe = tokio::task::spawn_blocking(move || voice::probe(&file))
        .await
        .map_err(|error| Failure::lasting(FaultKind::Bug, error))?;
    match probe {
        Ok(probe) => Ok((Some(probe.duration_ms), Some(probe.peaks))),
        // Kept all the same: it is what was sent, and another player may know it.
        Err(VoiceError::UnsupportedCodec) => Ok((None, None)),
        Err(error) => Err(Failure::Final(faults::voice(&error))),
    }
}

fn disk(error: std::io::Error) -> Failure {
    Failure::Passing(client::unusable(&error))
}

async fn write(
    account: &Account,
    job: impl FnOnce(&mut store::WriteTx<'_>) -> Result<(), store::StoreError> + Send + 'static,
) -> Result<(), Fault> {
    account
        .store
        .write(job)
        .await
        .map_err(|error| faults::store(&error))
}
