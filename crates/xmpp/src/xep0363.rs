//! XEP-0363 HTTP file upload: slots.

use jid::Jid;
use minidom::Element;
use thiserror::Error;
use xmpp_parsers::disco::DiscoInfoResult;
use xmpp_parsers::http_upload::SlotRequest;
use xmpp_parsers::ns;

use crate::{IqError, text};

/// Longer header values are refused; servers send tokens of some hundred bytes.
const MAX_HEADER: usize = 4096;
const MAX_HEADERS: usize = 8;

/// The upload service of our server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadService {
    /// Whom to ask.
    pub jid: Jid,
    /// The largest file it takes, in bytes, if it says so.
    pub max_size: Option<u64>,
}

/// A place for one file. It expires (servers give minutes), so a restarted upload asks for a new one.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadSlot {
    /// PUT the bytes here, with exactly the size that was asked for.
    pub put_url: String,
    /// Others GET it here.
    pub get_url: String,
    /// Headers to send with the PUT; only those XEP-0363 §5 allows, without line breaks.
    pub headers: Vec<(String, String)>,
}

impl std::fmt::Debug for UploadSlot {
    /// Addresses and headers of a slot are keys to it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UploadSlot(…)")
    }
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

/// The service, if the answer of `jid` describes one (§3).
pub(crate) fn service(jid: &Jid, info: &DiscoInfoResult) -> Option<UploadService> {
    if !info.features.contains(ns::HTTP_UPLOAD) {
        return None;
    }
    let max_size = info
        .extensions
        .iter()
        .filter(|form| form.form_type() == Some(ns::HTTP_UPLOAD))
        .flat_map(|form| &form.fields)
        .find(|field| field.var.as_deref() == Some("max-file-size"))
        .and_then(|field| field.values.first()?.trim().parse().ok());
    Some(UploadService {
        jid: jid.clone(),
        max_size,
    })
}

/// The question for a slot (§4).
pub(crate) fn build(name: &str, size: u64, content_type: &str) -> Element {
    SlotRequest {
        filename: text::sendable(&text::cut(name, 255)),
        size,
        content_type: Some(text::sendable(content_type)),
    }
    .into()
}

/// The slot (§4). Read by hand: a header beyond the three that §5 allows has to be ignored, where xmpp-parsers refuses
/// the whole answer.
pub(crate) fn parse(slot: &Element) -> Option<UploadSlot> {
    if !slot.is("slot", ns::HTTP_UPLOAD) {
        return None;
    }
    let put = slot.get_child("put", ns::HTTP_UPLOAD)?;
    let get = slot.get_child("get", ns::HTTP_UPLOAD)?;
    let allowed = |name: &str| {
        ["Authorization", "Cookie", "Expires"]
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(name.trim()))
    };
    let headers = put
        .children()
        .filter(|c| c.is("header", ns::HTTP_UPLOAD))
        .filter_map(|c| Some((allowed(c.attr("name")?)?.to_owned(), c.text())))
        .filter(|(_, value)| value.len() <= MAX_HEADER && !value.contains(['\r', '\n', '\0']))
        .take(MAX_HEADERS)
        .collect();
    Some(UploadSlot {
        put_url: text::http_url(put.attr("url")?)?,
        get_url: text::http_url(get.attr("url")?)?,
        headers,
    })
}

/// What an error answer means (§4): `file-too-large` may be announced beside the condition.
pub(crate) fn refusal(error: IqError, max: Option<u64>) -> UploadError {
    match error {
        IqError::Refused(fault) if fault.condition == "not-acceptable" => {
            UploadError::TooLarge { max }
        }
        IqError::Refused(fault) if fault.condition == "resource-constraint" => UploadError::Quota,
        other => UploadError::Iq(other),
    }
}

#[cfg(test)]
mod tests;
