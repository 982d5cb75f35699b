//! Making room: copies of files are let go of, and come again when somebody asks for them.

use api::{ChatId, Fault, FileSpace, Millis};

use super::download;
use crate::account::Account;
use crate::faults;

const DAY: Millis = 86_400_000;

/// Messages said before this are meant.
fn before(account: &Account, older_than_days: Option<u32>) -> Millis {
    older_than_days.map_or(Millis::MAX, |days| {
        account.env.now() - Millis::from(days) * DAY
    })
}

/// What [`free`] would let go of.
///
/// # Errors
/// Those of the store.
pub(crate) async fn freeable(
    account: &Account,
    chat: Option<ChatId>,
    older_than_days: Option<u32>,
) -> Result<FileSpace, Fault> {
    let reader = account.store.reader();
    let space = reader.freeable(chat, before(account, older_than_days));
    space.await.map_err(|error| faults::store(&error))
}

/// Lets go of files in small transactions, so that nothing else waits, and deletes them. Killed or failing in between, what
/// was let go of is deleted by the next wake or start; the rest is still here.
///
/// # Errors
/// Those of the store.
pub(crate) async fn free(
    account: &Account,
    chat: Option<ChatId>,
    older_than_days: Option<u32>,
) -> Result<FileSpace, Fault> {
    let before = before(account, older_than_days);
    let mut freed = FileSpace::default();
    let mut after = None;
    loop {
        let job = move |tx: &mut store::WriteTx<'_>| tx.free_media(chat, before, after);
        let (some, next) = account
            .store
            .write(job)
            .await
            .map_err(|error| faults::store(&error))?;
        freed.files += some.files;
        freed.bytes += some.bytes;
        if next.is_none() {
            break;
        }
        after = next;
    }
    download::remove_files(account).await;
    Ok(freed)
}
