//! XEP-0077 in-band registration, before authentication.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use jid::BareJid;
use minidom::Element;
use thiserror::Error;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tokio_xmpp::stanzastream::XmppStream;
use tokio_xmpp::xmlstream::{ReadError, XmppStreamElement};
use xmpp_parsers::iq::{Iq, IqHeader, IqPayload};
use xmpp_parsers::ns;
use xmpp_parsers::stanza::Stanza;

use crate::connect::{self, io_fault};
use crate::inbound::stanza_fault;
use crate::{ConnectError, Password, ServerAddress, StanzaFault, text};

/// How long the server may think about each of our two questions.
const ANSWER: Duration = Duration::from_secs(20);

/// Why an account was not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegisterError {
    /// The server does not let anybody register this way. Use its web page, or another server.
    #[error("the server allows no registration from here")]
    NotAllowed,
    /// The name is taken. Choose another.
    #[error("the name is taken")]
    Taken,
    /// The server wants a form or a captcha filled in, which must be done on the web.
    #[error("the server wants a form filled in")]
    NeedsForm {
        /// The server's own words, at most 1 KiB.
        instructions: Option<String>,
        /// The page to open, http or https.
        url: Option<String>,
    },
    /// The password (or the name) is not good enough for the server. Choose another.
    #[error("the server refused the password")]
    PasswordRefused,
    /// Too many registrations from here; wait.
    #[error("too many registrations from here")]
    TooMany,
    /// Something else was refused; the condition's name.
    #[error("refused: {0}")]
    Refused(String),
    /// The server could not be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

/// Makes an account. Nothing is signed in afterwards.
pub async fn register(
    jid: &BareJid,
    password: &Password,
    server: Option<&ServerAddress>,
) -> Result<(), RegisterError> {
    let tracker = TaskTracker::new();
    let reached = connect::reach(jid, server, &tracker).await?;
    let mut stream = reached.stream;
    let result = ask(&mut stream, jid, password).await;
    // The end of the stream is a courtesy; a server that ignores it costs a second.
    let _ = timeout(
        Duration::from_secs(1),
        <XmppStream as SinkExt<&Stanza>>::close(&mut stream),
    )
    .await;
    drop(stream);
    tracker.close();
    let _ = timeout(Duration::from_secs(3), tracker.wait()).await;
    result
}

/// The two questions, on a stream that is open and not signed in.
async fn ask(
    stream: &mut XmppStream,
    jid: &BareJid,
    password: &Password,
) -> Result<(), RegisterError> {
    let name = jid
        .node()
        .ok_or(RegisterError::Refused("jid-malformed".to_owned()))?;
    let fields = exchange(
        stream,
        jid,
        "fields",
        IqPayload::Get(Element::bare("query", ns::REGISTER)),
    )
    .await?;
    let form = fields
        .map_err(|fault| refusal(&fault))?
        .ok_or(RegisterError::NotAllowed)?;
    let filled = fill_in(&form, name.as_str(), password)?;
    match exchange(stream, jid, "account", IqPayload::Set(filled)).await? {
        Ok(_) => Ok(()),
        Err(fault) => Err(refusal(&fault)),
    }
}

async fn exchange(
    stream: &mut XmppStream,
    jid: &BareJid,
    id: &str,
    payload: IqPayload,
) -> Result<Result<Option<Element>, StanzaFault>, RegisterError> {
    let header = IqHeader {
        from: None,
        to: jid::Jid::new(jid.domain().as_str()).ok(),
        id: id.to_owned(),
    };
    let question = Stanza::Iq(header.assemble(payload));
    let exchange = async {
        stream.send(&question).await.map_err(|e| io_fault(&e))?;
        loop {
            match stream
                .next()
                .await
                .map(|item| item.and_then(|e| e.into_read_error()))
            {
                Some(Ok(XmppStreamElement::Stanza(Stanza::Iq(iq)))) if iq.id() == id => match iq {
                    Iq::Result { payload, .. } => return Ok(Ok(payload)),
                    Iq::Error { error, .. } => return Ok(Err(stanza_fault(&error.into()))),
                    Iq::Get { .. } | Iq::Set { .. } => {}
                },
                // A server that wants sign-in first says so with a stream error.
                Some(Ok(XmppStreamElement::StreamError(_))) => {
                    return Err(RegisterError::NotAllowed);
                }
                Some(Ok(_) | Err(ReadError::SoftTimeout)) => {}
                Some(Err(ReadError::HardError(e))) => return Err(io_fault(&e).into()),
                Some(Err(ReadError::ParseError(_) | ReadError::StreamFooterReceived)) | None => {
                    return Err(ConnectError::Lost.into());
                }
            }
        }
    };
    timeout(ANSWER, exchange)
        .await
        .map_err(|_| ConnectError::Timeout)?
}

/// The server's form with name and password in it; or why a program cannot fill it in (§3.1).
pub(crate) fn fill_in(
    form: &Element,
    name: &str,
    password: &Password,
) -> Result<Element, RegisterError> {
    let needs_form = || RegisterError::NeedsForm {
        instructions: form
            .get_child("instructions", ns::REGISTER)
            .map(|i| text::cut(i.text().trim(), text::MAX_SHORT))
            .filter(|i| !i.is_empty()),
        url: form
            .get_child("x", ns::OOB)
            .and_then(|x| text::http_url(&x.get_child("url", ns::OOB)?.text())),
    };
    let required = |field: &Element| {
        field.is("field", ns::DATA_FORMS) && field.has_child("required", ns::DATA_FORMS)
    };
    if let Some(x) = form.get_child("x", ns::DATA_FORMS) {
        let known = ["username", "password", "FORM_TYPE"];
        let asks_more = x
            .children()
            .filter(|f| required(f))
            .any(|f| !f.attr("var").is_some_and(|v| known.contains(&v)));
        if asks_more {
            return Err(needs_form());
        }
    }
    let plain: Vec<&str> = form
        .children()
        .filter(|c| c.has_ns(ns::REGISTER))
        .map(Element::name)
        .filter(|n| !matches!(*n, "instructions" | "registered"))
        .collect();
    if !(plain.contains(&"username") && plain.contains(&"password")) || plain.len() > 2 {
        return Err(needs_form());
    }
    let mut query = Element::bare("query", ns::REGISTER);
    for (field, value) in [("username", name), ("password", password.expose())] {
        query.append_child(Element::builder(field, ns::REGISTER).append(value).build());
    }
    Ok(query)
}

/// What a refusal means (§3.1, §3.2 and what servers send).
fn refusal(fault: &StanzaFault) -> RegisterError {
    match fault.condition.as_str() {
        "conflict" => RegisterError::Taken,
        "not-acceptable" => RegisterError::PasswordRefused,
        "resource-constraint" | "policy-violation" => RegisterError::TooMany,
        "not-allowed"
        | "forbidden"
        | "service-unavailable"
        | "feature-not-implemented"
        | "not-authorized"
        | "registration-required" => RegisterError::NotAllowed,
        other => RegisterError::Refused(other.to_owned()),
    }
}

#[cfg(test)]
mod tests;
