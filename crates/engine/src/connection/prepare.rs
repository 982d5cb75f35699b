//! What a fresh stream needs before anything of ours goes out on it, and, while the line is open to others, what a chat needs
//! of which something may have gone out already.

use std::time::Duration;

use api::{Fault, FaultKind};
use xmpp::{PresenceOut, Session, Show};

use crate::account::Account;
use crate::{catch_up, contacts, faults, ingest, outbox};

/// The server may still be reading what the connection before brought when the next one already stands. So while anything
/// of ours is in doubt the archive is asked again after these pauses, and from the first one anew whenever something of
/// ours had come in meanwhile.
const AFTERMATH: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// A server that takes longer than this many looks in all to read what it was sent is not waited for.
const LOOKS: usize = 12;

/// A stream as its preparations left it.
pub(super) struct Prepared {
    /// The server copies what our other devices say (XEP-0280).
    pub(super) has_carbons: bool,
    /// It keeps an archive (XEP-0313).
    pub(super) has_archive: bool,
    /// Something of ours may have gone out, and the archive does not hold it yet.
    pub(super) in_doubt: bool,
}

/// What a fresh stream needs: copies of what our other devices say, our presence, the contacts, and what was missed.
pub(super) async fn prepare(account: &Account, session: &Session) -> Result<Prepared, Fault> {
    let (archive, carbons) = tokio::join!(
        catch_up::announced(account, session),
        session.carbons_enable()
    );
    let has_carbons = carbons.is_ok();
    if let Err(error) = carbons {
        tracing::info!(%error, "no carbons");
    }
    let here = PresenceOut::Available {
        show: Show::Online,
        status: None,
    };
    session
        .presence(here)
        .await
        .map_err(|_| Fault::from(FaultKind::Offline))?;
    let (archive, roster) = tokio::join!(kept_from_now_on(session, archive), session.roster());
    match roster {
        Ok(items) => {
            let contacts: Vec<_> = items.into_iter().map(ingest::contact).collect();
            let roster = account
                .store
                .write(move |tx| tx.roster(&contacts, true))
                .await;
            roster.map_err(|error| faults::store(&error))?;
        }
        Err(error) => tracing::info!(%error, "no contact list"),
    }
    contacts::add_wanted(account, session).await?;
    let has_archive = archive?;
    let mut in_doubt = false;
    if has_archive {
        catch_up::run(account, session).await?;
        in_doubt = outbox::doubts(account).await? > 0;
    }
    Ok(Prepared {
        has_carbons,
        has_archive,
        in_doubt,
    })
}

/// An archive that keeps nothing, or only what contacts say, would lose what is said to other devices.
async fn kept_from_now_on(session: &Session, archive: Result<bool, Fault>) -> Result<bool, Fault> {
    if matches!(archive, Ok(true)) {
        match session.keep_all().await {
            Ok(false) => {}
            Ok(true) => tracing::info!("the archive keeps everything from now on"),
            Err(error) => tracing::info!(%error, "the archive keeps what the server likes"),
        }
    }
    archive
}

/// Waits until what is missing from the archive can be taken for lost on its way. The line is open meanwhile for everybody
/// whom nothing doubtful is meant for: a person sees that they are back when they are.
pub(super) async fn settle_doubts(
    account: &Account,
    session: &Session,
    prepared: Prepared,
) -> Result<Prepared, Fault> {
    let mut doubts = outbox::doubts(account).await?;
    let mut pauses = AFTERMATH.iter();
    for _ in 0..LOOKS {
        let (1.., Some(pause)) = (doubts, pauses.next()) else {
            break;
        };
        tokio::time::sleep(*pause).await;
        catch_up::run(account, session).await?;
        let left = outbox::doubts(account).await?;
        if left < doubts {
            doubts = left;
            pauses = AFTERMATH.iter();
        }
    }
    Ok(Prepared {
        in_doubt: false,
        ..prepared
    })
}
