//! Questions to others that wait for their answer, and the archive pages that come in pieces.

use std::collections::BTreeMap;

use jid::{BareJid, Jid};
use minidom::Element;
use tokio::sync::oneshot;
use tokio::time::Instant;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::message::Message;

use super::ANSWER;
use crate::inbound::stanza_fault;
use crate::xep0313::{self, MAX_PAGE};
use crate::{ArchivePage, Archived, IqError};

/// More than any client has open; beyond it something is wrong with us.
const MAX_OPEN: usize = 256;

enum Reply {
    Plain(oneshot::Sender<Result<Option<Element>, IqError>>),
    Archive {
        messages: Vec<Archived>,
        /// More came than any page has.
        overflow: bool,
        reply: oneshot::Sender<Result<ArchivePage, IqError>>,
    },
}

struct Question {
    /// Whom we asked; `None` is our own account.
    to: Option<Jid>,
    deadline: Instant,
    reply: Reply,
}

/// See the module. The id of a question is also the query id of an archive page.
pub(super) struct Questions {
    own: BareJid,
    prefix: String,
    count: u64,
    open: BTreeMap<String, Question>,
}

impl Questions {
    /// `prefix` makes ids that nobody can guess, so that nobody can answer in another's place.
    pub(super) fn new(own: BareJid, prefix: String) -> Self {
        Self {
            own,
            prefix,
            count: 0,
            open: BTreeMap::new(),
        }
    }

    pub(super) fn next_id(&mut self) -> String {
        self.count = self.count.wrapping_add(1);
        format!("{}-{}", self.prefix, self.count)
    }

    /// Remembers a question and returns its id.
    pub(super) fn ask(
        &mut self,
        to: Option<Jid>,
        reply: oneshot::Sender<Result<Option<Element>, IqError>>,
    ) -> Option<String> {
        self.remember(to, Reply::Plain(reply))
    }

    /// Remembers the question for a page and returns its id.
    pub(super) fn ask_archive(
        &mut self,
        reply: oneshot::Sender<Result<ArchivePage, IqError>>,
    ) -> Option<String> {
        let archive = Reply::Archive {
            messages: Vec::new(),
            overflow: false,
            reply,
        };
        self.remember(None, archive)
    }

    fn remember(&mut self, to: Option<Jid>, reply: Reply) -> Option<String> {
        if self.open.len() >= MAX_OPEN {
            reply.fail(IqError::Disconnected);
            return None;
        }
        let id = self.next_id();
        let deadline = Instant::now() + ANSWER;
        self.open.insert(
            id.clone(),
            Question {
                to,
                deadline,
                reply,
            },
        );
        Some(id)
    }

    /// Takes an answer. Only whom we asked may give it; anybody else's is ignored and the question stays open.
    pub(super) fn answer(&mut self, iq: Iq) {
        let Some(question) = self.open.get(iq.id()) else {
            return;
        };
        if !self.may_answer(question.to.as_ref(), iq.from()) {
            tracing::debug!("an answer from somebody who was not asked");
            return;
        }
        let Some(question) = self.open.remove(iq.id()) else {
            return;
        };
        let result = match iq {
            Iq::Result { payload, .. } => Ok(payload),
            Iq::Error { error, .. } => Err(IqError::Refused(stanza_fault(&error.into()))),
            Iq::Get { .. } | Iq::Set { .. } => return,
        };
        match question.reply {
            Reply::Plain(reply) => {
                let _ = reply.send(result);
            }
            Reply::Archive {
                messages,
                overflow,
                reply,
            } => {
                let page = result.and_then(|fin| {
                    // A page that is not whole must not pass for one: its ends say that all between is here.
                    if overflow {
                        return Err(IqError::Malformed);
                    }
                    let fin = fin.ok_or(IqError::Malformed)?;
                    xep0313::page(fin, messages).ok_or(IqError::Malformed)
                });
                let _ = reply.send(page);
            }
        }
    }

    fn may_answer(&self, asked: Option<&Jid>, from: Option<&Jid>) -> bool {
        match (asked, from) {
            (Some(asked), Some(from)) => asked == from,
            // Without `from` it is our server in our account's name (RFC 6120 §8.1.2.1), which is also how some answer
            // for themselves.
            (Some(asked), None) => {
                asked.resource().is_none() && asked.domain() == self.own.domain()
            }
            (None, None) => true,
            (None, Some(from)) => {
                from.to_bare() == self.own
                    || (from.node().is_none()
                        && from.resource().is_none()
                        && from.domain() == self.own.domain())
            }
        }
    }

    /// Takes a message if it is a piece of a page we asked for, or pretends to be one; gives others back.
    pub(super) fn archive_result(&mut self, mut message: Message) -> Option<Message> {
        let is_result = |payload: &Element| xep0313::query_id(payload).is_some();
        let Some(index) = message.payloads.iter().position(is_result) else {
            return Some(message);
        };
        let result = message.payloads.swap_remove(index);
        let question = xep0313::query_id(&result).and_then(|id| self.open.get_mut(id));
        let page = match question.map(|q| &mut q.reply) {
            Some(Reply::Archive {
                messages, overflow, ..
            }) => Some((messages, overflow)),
            _ => None,
        };
        if !xep0313::archive_is_entitled(message.from.as_ref(), &self.own, page.is_some()) {
            tracing::debug!("an archive result nobody asked for");
            return None;
        }
        if let Some((messages, overflow)) = page
            && let Some(archived) = xep0313::parse(result, &self.own)
            // ejabberd with Mnesia gives items several times while others are written.
            && !messages.contains(&archived)
        {
            match messages.len() < MAX_PAGE as usize {
                true => messages.push(archived),
                false => *overflow = true,
            }
        }
        None
    }

    /// When the next question runs out.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.open.values().map(|q| q.deadline).min()
    }

    /// Answers what has run out.
    pub(super) fn expire(&mut self, now: Instant) {
        for (_, question) in self.open.extract_if(.., |_, q| q.deadline <= now) {
            question.reply.fail(IqError::Timeout);
        }
    }

    /// The stream they were asked on is gone.
    pub(super) fn disconnected(&mut self) {
        for question in std::mem::take(&mut self.open).into_values() {
            question.reply.fail(IqError::Disconnected);
        }
    }
}

impl Reply {
    fn fail(self, error: IqError) {
        match self {
            Self::Plain(reply) => drop(reply.send(Err(error))),
            Self::Archive { reply, .. } => drop(reply.send(Err(error))),
        }
    }
}
