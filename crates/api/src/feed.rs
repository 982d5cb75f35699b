//! What the backend tells unasked.
//!
//! Commits carry whole rows, keyed by id, so applying one twice or after a
//! [`Reset`] is harmless. Signals are lossy: the latest of each [`SignalKey`] wins.

use serde::{Deserialize, Serialize};

use crate::{
    Account, ChatId, ChatPage, ChatRow, Connection, Fault, MessageId, MessageRow, Millis, Presence,
};

/// One item of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "feed", rename_all = "snake_case")]
pub enum Feed {
    /// Forget everything and start from this.
    Reset(Box<Reset>),
    /// What one or more write transactions changed.
    Commit(Commit),
    /// Something passing.
    Signal(Signal),
}

/// The state a window starts from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reset {
    /// Commits up to this one are contained.
    pub seq: u64,
    /// The account, where one is signed in.
    pub account: Option<Account>,
    /// How it stands with its server.
    pub connection: Connection,
    /// The first page of the chat list.
    pub chats: ChatPage,
    /// Who is there; whoever is missing is offline.
    pub presence: Vec<(ChatId, Presence)>,
    /// What is being played.
    pub playback: Option<Playback>,
}

/// What changed, in the order it changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Number of the newest write transaction contained.
    pub seq: u64,
    /// Upserts and removals.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", content = "row", rename_all = "snake_case")]
pub enum Change {
    /// A chat is now like this.
    Chat(ChatRow),
    /// A message is now like this.
    Message(MessageRow),
    /// A message is gone (a failed one that was discarded).
    MessageGone {
        /// Its chat.
        chat: ChatId,
        /// Which.
        id: MessageId,
    },
}

/// Something passing, of which only the latest counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum Signal {
    /// How the account stands with its server.
    Connection {
        /// Now.
        connection: Connection,
    },
    /// How present a contact is.
    Presence {
        /// Whose chat.
        chat: ChatId,
        /// Now.
        presence: Presence,
    },
    /// The other side writes, or stopped to (XEP-0085).
    Typing {
        /// Where.
        chat: ChatId,
        /// Whether they write.
        on: bool,
    },
    /// The recording goes on.
    Level {
        /// Which recording.
        draft: String,
        /// Milliseconds recorded.
        elapsed_ms: u32,
        /// Loudness since the signal before, 0 to 255.
        peak: u8,
    },
    /// What is recorded to try out a microphone goes on.
    TestLevel {
        /// Milliseconds recorded.
        elapsed_ms: u32,
        /// Loudness since the signal before, 0 to 255.
        peak: u8,
    },
    /// That ended without being asked to.
    TestEnded {
        /// Why.
        fault: Fault,
    },
    /// A microphone or a loudspeaker came or went.
    DevicesChanged {},
    /// The recording is louder than the microphone can tell; at most one each few seconds.
    Clipping {
        /// Which recording.
        draft: String,
    },
    /// The recording ended without being asked to; it is a draft now.
    RecordingEnded {
        /// Which recording.
        draft: String,
        /// Why.
        fault: Fault,
    },
    /// A file is on its way, up or down.
    Transfer {
        /// Whose file.
        message: MessageId,
        /// Bytes done.
        done: u64,
        /// Bytes in all, where known.
        total: Option<u64>,
    },
    /// Something is played, paused or ended.
    Playback {
        /// Now.
        playback: Playback,
    },
    /// Something long goes on in the background, or ended.
    Job {
        /// What.
        job: Job,
        /// How much of it is done, in the job's own measure.
        done: u64,
        /// How much there is.
        total: u64,
        /// Whether it ended: done, stopped or failed.
        ended: bool,
        /// Why it failed, where it did.
        fault: Option<Fault>,
    },
    /// The account's history is being fetched, or as far as it is to be; fields as in [`crate::HistoryState`].
    Sync {
        /// Items of the archive that are here.
        held: u64,
        /// Items the archive has, where known; about.
        total: Option<u64>,
        /// From when on nothing is missing.
        back_to: Option<Millis>,
        /// Whether the whole archive is here.
        complete: bool,
        /// In how many places something is missing between what is here.
        gaps: u32,
        /// Whether more is being fetched. What is not wanted here, or out of reach, is not.
        fetching: bool,
        /// More is wanted here, and waits because the network is metered; [`crate::FetchAnyway`] does not wait.
        #[serde(default)]
        metered: bool,
    },
    /// Something the user should know once.
    Notice {
        /// What.
        fault: Fault,
    },
}

/// What tells apart the signals of which only the latest counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SignalKey {
    /// Of the account.
    Connection,
    /// Of a chat.
    Presence(ChatId),
    /// Of a chat.
    Typing(ChatId),
    /// Of the recording.
    Level,
    /// Of the test.
    TestLevel,
    /// Of the test.
    TestEnded,
    /// Of the machine.
    DevicesChanged,
    /// Of the recording.
    Clipping,
    /// Of a recording.
    RecordingEnded(String),
    /// Of a message.
    Transfer(MessageId),
    /// Of the player.
    Playback,
    /// Of a job.
    Job(Job),
    /// Of the account.
    Sync,
    /// Of a kind of notice.
    Notice(&'static str),
}

/// What goes on in the background for so long that it shows how far it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// The search index is made anew, counted in messages.
    RebuildSearch,
    /// The database is checked.
    Verify,
    /// History is written into a folder.
    Export,
    /// History is read from a folder.
    Import,
}

impl Signal {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> SignalKey {
        match self {
            Self::Connection { .. } => SignalKey::Connection,
            Self::Presence { chat, .. } => SignalKey::Presence(*chat),
            Self::Typing { chat, .. } => SignalKey::Typing(*chat),
            Self::Level { .. } => SignalKey::Level,
            Self::TestLevel { .. } => SignalKey::TestLevel,
            Self::TestEnded { .. } => SignalKey::TestEnded,
            Self::DevicesChanged {} => SignalKey::DevicesChanged,
            Self::Clipping { .. } => SignalKey::Clipping,
            Self::RecordingEnded { draft, .. } => SignalKey::RecordingEnded(draft.clone()),
            Self::Transfer { message, .. } => SignalKey::Transfer(*message),
            Self::Playback { .. } => SignalKey::Playback,
            Self::Job { job, .. } => SignalKey::Job(*job),
            Self::Sync { .. } => SignalKey::Sync,
            Self::Notice { fault } => SignalKey::Notice(fault.kind.name()),
        }
    }
}

/// The player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Playback {
    /// What is played.
    pub sound: Sound,
    /// Whether it moves.
    pub state: PlaybackState,
    /// Where it is, in milliseconds.
    pub position_ms: u32,
    /// How long it is, in milliseconds.
    pub duration_ms: u32,
    /// In per cent of the speed it was spoken at.
    pub speed: u16,
    /// How much silence was left out so far, in milliseconds of it.
    pub skipped_ms: u32,
    /// Whose voice it is; none of a draft.
    pub from: Option<PlayedFrom>,
    /// Why it ended, or stands still, where something failed.
    pub fault: Option<Fault>,
}

/// Where a voice message that plays belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayedFrom {
    /// Its chat.
    pub chat: ChatId,
    /// That one's title.
    pub title: String,
}

/// Something that can be played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", content = "id", rename_all = "snake_case")]
pub enum Sound {
    /// A voice message.
    Message(MessageId),
    /// A recording that is not a message yet.
    Draft(String),
    /// What was recorded to try out a microphone.
    Test(crate::TestSound),
}

/// Whether the player moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaybackState {
    /// Sound comes out.
    Playing,
    /// Held by the user.
    Paused,
    /// Played to its end, stopped, or failed.
    Ended,
}
