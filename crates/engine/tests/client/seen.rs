//! What a client told, and waiting for it to tell something.

use std::collections::BTreeMap;
use std::time::Duration;

use api::{
    Change, ChatId, ChatRow, Connection, Content, Fault, FaultKind, Feed, Job, MessageId,
    MessageRow, MessageState, Playback, Presence, Signal,
};
use tokio::sync::watch;

/// Longer than anything here takes on a busy machine; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(45);

/// The state a window would show, and how it came to be.
#[derive(Debug, Default)]
pub struct Seen {
    pub account: Option<api::Account>,
    pub connection: Connection,
    pub chats: BTreeMap<ChatId, ChatRow>,
    pub messages: BTreeMap<MessageId, MessageRow>,
    /// The states each message was told in, without repetitions.
    pub states: BTreeMap<MessageId, Vec<MessageState>>,
    pub presence: BTreeMap<ChatId, Presence>,
    pub typing: BTreeMap<ChatId, bool>,
    /// Bytes done of transfers.
    pub transfers: BTreeMap<MessageId, u64>,
    /// Milliseconds of the recording that runs.
    pub recorded_ms: u32,
    pub playback: Option<Playback>,
    pub connections: Vec<Connection>,
    pub notices: Vec<Fault>,
    /// How far the history was told to be fetched.
    pub sync: Option<Sync>,
    /// How far each job was told to be, and what it ended with.
    pub jobs: BTreeMap<Job, u64>,
    pub ended_jobs: BTreeMap<Job, Option<FaultKind>>,
}

/// What [`Signal::Sync`] told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sync {
    pub held: u64,
    pub total: Option<u64>,
    pub complete: bool,
    pub gaps: u32,
    pub metered: bool,
}

impl Seen {
    pub fn take(&mut self, item: Feed) {
        match item {
            Feed::Reset(reset) => {
                self.account = reset.account;
                self.connection = reset.connection;
                self.chats = reset.chats.chats.into_iter().map(|c| (c.id, c)).collect();
                self.presence = reset.presence.into_iter().collect();
                self.messages.clear();
            }
            Feed::Commit(commit) => commit.changes.into_iter().for_each(|c| self.change(c)),
            Feed::Signal(signal) => self.signal(signal),
        }
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Chat(chat) => {
                self.chats.insert(chat.id, chat);
            }
            Change::Message(row) => {
                let states = self.states.entry(row.id).or_default();
                if states.last() != Some(&row.state) {
                    states.push(row.state);
                }
                self.messages.insert(row.id, row);
            }
            Change::MessageGone { id, .. } => {
                self.messages.remove(&id);
            }
        }
    }

    fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Connection { connection } => {
                self.connection = connection.clone();
                self.connections.push(connection);
            }
            Signal::Presence { chat, presence } => {
                self.presence.insert(chat, presence);
            }
            Signal::Typing { chat, on } => {
                self.typing.insert(chat, on);
            }
            Signal::Level { elapsed_ms, .. } => self.recorded_ms = elapsed_ms,
            Signal::Transfer { message, done, .. } => {
                self.transfers.insert(message, done);
            }
            Signal::Playback { playback } => self.playback = Some(playback),
            Signal::Notice { fault } => self.notices.push(fault),
            Signal::RecordingEnded { fault, .. } => self.notices.push(fault),
            Signal::TestEnded { fault } => self.notices.push(fault),
            Signal::Clipping { .. } | Signal::TestLevel { .. } | Signal::DevicesChanged {} => {}
            Signal::Sync {
                held,
                total,
                complete,
                gaps,
                metered,
                ..
            } => {
                self.sync = Some(Sync {
                    held,
                    total,
                    complete,
                    gaps,
                    metered,
                });
            }
            Signal::Job {
                job,
                done,
                ended,
                fault,
                ..
            } => {
                self.jobs.insert(job, done);
                if ended {
                    let fault = fault.map(|fault| fault.kind);
                    self.ended_jobs.insert(job, fault);
                }
            }
        }
    }

    /// How long the next try is waited for, as it was told.
    pub fn waits(&self) -> Option<u64> {
        match self.connection {
            Connection::Offline { retry_in_ms, .. } => retry_in_ms,
            _ => None,
        }
    }

    pub fn is_online(&self) -> bool {
        self.connection == Connection::Online
    }

    /// All of the archive is here.
    pub fn is_whole(&self) -> bool {
        self.is_online() && self.sync.is_some_and(|sync| sync.complete)
    }

    /// The chat with an address.
    pub fn chat(&self, address: &str) -> Option<&ChatRow> {
        self.chats.values().find(|chat| chat.address == address)
    }

    /// The first message that says this.
    pub fn text(&self, wanted: &str) -> Option<&MessageRow> {
        self.messages
            .values()
            .find(|row| text_of(row) == Some(wanted))
    }

    /// The voice messages told so far, oldest first.
    pub fn voices(&self) -> Vec<&MessageRow> {
        self.messages.values().filter(|row| is_voice(row)).collect()
    }

    pub fn state(&self, message: MessageId) -> Option<MessageState> {
        self.messages.get(&message).map(|row| row.state)
    }

    /// For the words of a failing test.
    fn summary(&self) -> String {
        use std::fmt::Write as _;
        let mut out = format!(
            "connections {:?}\nnotices {:?}\n",
            self.connections, self.notices
        );
        for chat in self.chats.values() {
            let _ = writeln!(
                out,
                "chat {:?} {} unread={} drafts={:?}",
                chat.id, chat.address, chat.unread, chat.voice_drafts
            );
        }
        // What is stuck tells more than what got through.
        let is_stuck = |row: &&MessageRow| row.own && row.state < MessageState::Delivered;
        let stuck: Vec<_> = self.messages.values().filter(is_stuck).collect();
        let skipped = self.messages.len().saturating_sub(12);
        let last = self.messages.values().skip(skipped);
        let _ = writeln!(
            out,
            "{} messages, {} not delivered; the first of these, and the last of all:",
            self.messages.len(),
            stuck.len()
        );
        for row in stuck.into_iter().take(12).chain(last) {
            let mut content = format!("{:?}", row.content);
            content.truncate(120);
            let states = self.states.get(&row.id);
            let _ = writeln!(
                out,
                "{:?} own={} {states:?} {:?} {content}",
                row.id, row.own, row.fault
            );
        }
        out
    }
}

pub fn text_of(row: &MessageRow) -> Option<&str> {
    match &row.content {
        Content::Text { body } => Some(body),
        _ => None,
    }
}

pub fn is_voice(row: &MessageRow) -> bool {
    matches!(row.content, Content::Voice { .. })
}

/// Somebody's [`Seen`], fed by a client and watched by a test.
#[derive(Clone)]
pub struct Watch {
    who: String,
    seen: watch::Sender<Seen>,
}

impl Watch {
    pub fn new(who: &str) -> Self {
        Self {
            who: who.to_owned(),
            seen: watch::Sender::new(Seen::default()),
        }
    }

    pub fn take(&self, item: Feed) {
        self.seen.send_modify(|seen| seen.take(item));
    }

    /// Looks at it now.
    pub fn look<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.borrow())
    }

    /// Waits until something is there, and gives it.
    pub async fn until<T>(&self, what: &str, mut found: impl FnMut(&Seen) -> Option<T>) -> T {
        let mut seen = self.seen.subscribe();
        let search = async {
            loop {
                if let Some(there) = found(&seen.borrow_and_update()) {
                    return there;
                }
                seen.changed().await.expect("the watch holds its sender");
            }
        };
        match tokio::time::timeout(PATIENCE, search).await {
            Ok(there) => there,
            Err(_) => panic!(
                "{}: {PATIENCE:?} in vain for {what}\n{}",
                self.who,
                self.look(Seen::summary)
            ),
        }
    }

    /// Waits until something holds.
    pub async fn until_true(&self, what: &str, mut holds: impl FnMut(&Seen) -> bool) {
        self.until(what, |seen| holds(seen).then_some(())).await;
    }
}
