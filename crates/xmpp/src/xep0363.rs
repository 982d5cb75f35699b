//! XEP-0363 HTTP file upload: slots.

use jid::Jid;
use thiserror::Error;

use crate::IqError;

/// The upload service of our server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadService {
    /// Whom to ask.
    pub jid: Jid,
    /// The largest file it takes, in bytes, if it says so.
    pub max_size: Option<u64>,
}

/// A place for one file. It expires (servers give minutes), so a restarted upload asks for a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadSlot {
    /// PUT the bytes here, with exactly the size that was asked for.
    pub put_url: String,
    /// Others GET it here.
    pub get_url: String,
    /// Headers to send with the PUT; only those XEP-0363 §5 allows, without line breaks.
    pub headers: Vec<(String, String)>,
}

/// Why there is no slot.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UploadError {
    /// The server has no upload service. Nothing to retry.
    #[error("the server takes no uploads")]
    NoService,
    /// The file is too large.
    #[error("larger than the server takes")]
    TooLarge {
        /// The largest, in bytes, if known.
        max: Option<u64>,
    },
    /// A quota is used up for now. Retry later.
    #[error("the upload quota is used up for now")]
    Quota,
    /// Any other failure of the question.
    #[error(transparent)]
    Iq(#[from] IqError),
}
