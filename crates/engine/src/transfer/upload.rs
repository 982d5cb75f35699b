//! A file of ours goes up: slot, PUT, and the row moves on to its stanza.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use api::{Fault, FaultKind, MessageId, Signal};
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use store::{Job, OutboxRow, OutgoingContent};
use tokio::sync::watch;
use tokio_util::io::ReaderStream;
use xmpp::{IqError, Session, UploadError, UploadSlot};

use super::{Claim, Failure, parse_url};
use crate::account::Account;
use crate::faults;

/// Progress is told at most this often, in bytes.
const STEP: u64 = 16 * 1024;

/// After so many tries the message is failed; "try again" starts anew.
const MOST_TRIES: u32 = 12;

struct File {
    name: String,
    media_type: String,
    size: u64,
    sha256: [u8; 32],
}

/// Uploads a row's file in the background; a row that is being uploaded is left alone.
pub(crate) fn start(account: &Arc<Account>, session: &Session, row: OutboxRow) {
    let (account, session) = (Arc::clone(account), session.clone());
    account.tracker.clone().spawn(async move {
        let Some(_claim) = Claim::new(&account.transfers.uploads, row.id) else {
            return;
        };
        let id = row.id;
        match account
            .store
            .write(move |tx| tx.outbox_upload_try(id))
            .await
        {
            Ok(true) => {}
            // It went up while this was on its way here.
            Ok(false) => return,
            Err(error) => return tracing::error!(%error, "an upload could not begin"),
        }
        let outcome = tokio::select! {
            () = account.stop.cancelled() => return,
            outcome = upload(&account, &session, &row) => outcome,
        };
        if let Err(fault) = settle(&account, &row, outcome).await {
            tracing::error!(%fault, "the outcome of an upload could not be stored");
        }
        drop(_claim);
        account.outbox.notify_one();
    });
}

async fn settle(
    account: &Account,
    row: &OutboxRow,
    outcome: Result<(String, File), Failure>,
) -> Result<(), Fault> {
    let id = row.id;
    let now = account.env.now();
    let attempts = row.attempts + 1;
    let written = match outcome {
        Ok((url, file)) => {
            account
                .store
                .write(move |tx| tx.outbox_uploaded(id, &url, file.size, file.sha256))
                .await
        }
        Err(failure) => match failure.again(now, attempts) {
            Ok((fault, again)) if attempts < MOST_TRIES => {
                tracing::info!(%fault, attempts, "an upload will be tried again");
                account
                    .store
                    .write(move |tx| tx.outbox_retry(id, again))
                    .await
            }
            Ok((fault, _)) | Err(fault) => {
                tracing::warn!(%fault, "an upload failed");
                account
                    .store
                    .write(move |tx| tx.outbox_wedge(id, &fault.kind))
                    .await
            }
        },
    };
    written.map_err(|error| faults::store(&error))
}

async fn upload(
    account: &Account,
    session: &Session,
    row: &OutboxRow,
) -> Result<(String, File), Failure> {
    let Job::Message {
        message,
        content: OutgoingContent::Voice {
            file, media_type, ..
        },
        ..
    } = &row.job
    else {
        return Err(Failure::lasting(FaultKind::Bug, "nothing to upload"));
    };
    let path = account.store.media_dir().join(file);
    let read = path.clone();
    let (size, sha256) = tokio::task::spawn_blocking(move || digest(&read))
        .await
        .map_err(|error| Failure::lasting(FaultKind::Bug, error))?
        .map_err(|error| Failure::lasting(FaultKind::FileGone, error))?;
    let file = File {
        name: file.clone(),
        media_type: media_type.clone(),
        size,
        sha256,
    };
    let slot = session
        .upload_slot(&file.name, file.size, essence(&file.media_type))
        .await
        .map_err(slot_failure)?;
    put(account, *message, &path, &file, &slot).await?;
    Ok((slot.get_url, file))
}

/// The media type without parameters: ejabberd 23 signs the type it was asked for and compares it with that of the
/// PUT to the letter, and a parameter is quoted differently on the way.
fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or(media_type).trim()
}

async fn put(
    account: &Account,
    message: MessageId,
    path: &Path,
    file: &File,
    slot: &UploadSlot,
) -> Result<(), Failure> {
    let url = parse_url(&slot.put_url, account.is_local())?;
    let opened = tokio::fs::File::open(path)
        .await
        .map_err(|error| Failure::lasting(FaultKind::FileGone, error))?;
    let (done, mut moved) = watch::channel(0);
    let body = {
        let mut told = 0;
        let total = file.size;
        let tell = account.teller();
        ReaderStream::new(opened).inspect_ok(move |chunk| {
            let now = *done.borrow() + chunk.len() as u64;
            done.send_replace(now);
            if now - told >= STEP || now == total {
                told = now;
                tell(Signal::Transfer {
                    message,
                    done: now,
                    total: Some(total),
                });
            }
        })
    };
    let mut request = account
        .http()
        .map_err(Failure::Passing)?
        .put(url)
        .header("content-type", essence(&file.media_type))
        .header("content-length", file.size)
        .body(reqwest::Body::wrap_stream(body));
    for (name, value) in &slot.headers {
        request = request.header(name, value);
    }
    let mut answer = std::pin::pin!(request.send());
    let answer = loop {
        let step = async {
            tokio::select! {
                answer = &mut answer => Some(answer),
                Ok(()) = moved.changed() => None,
            }
        };
        if let Some(answer) = account.transfers.moves(step).await? {
            break answer.map_err(Failure::http)?;
        }
    };
    match answer.status() {
        status if status.is_success() => Ok(()),
        status if status.as_u16() == 413 => Err(Failure::lasting(
            FaultKind::TooLarge {
                max: file.size.saturating_sub(1),
            },
            status,
        )),
        // An expired slot is refused like a wrong one; the next try brings a new one.
        status => Err(Failure::passing(FaultKind::UploadRefused, status)),
    }
}

fn slot_failure(error: UploadError) -> Failure {
    match error {
        UploadError::NoService => Failure::lasting(FaultKind::NoUploadService, "no upload service"),
        UploadError::TooLarge { max } => Failure::lasting(
            FaultKind::TooLarge {
                max: max.unwrap_or_default(),
            },
            "announced",
        ),
        UploadError::Quota => Failure::passing(FaultKind::UploadRefused, "quota"),
        UploadError::Iq(IqError::Refused(error)) if !error.temporary => {
            Failure::lasting(FaultKind::UploadRefused, error)
        }
        UploadError::Iq(error) => Failure::Passing(faults::iq(&error)),
    }
}

fn digest(path: &Path) -> std::io::Result<(u64, [u8; 32])> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((size, hash.finalize().into())),
            read => {
                size += read as u64;
                hash.update(buffer.get(..read).unwrap_or_default());
            }
        }
    }
}
