//! What can be asked of the backend.
//!
//! One closed list for the window, the headless client and tests. On the wire a
//! command is an object with its name in `cmd` and its fields beside it:
//! `{"cmd":"send_text","chat":1,"body":"hi"}`. One Tauri command per entry was
//! rejected: it repeats every signature three times and gives the headless
//! client a second protocol.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Account, ChatCursor, ChatHistoryPage, ChatId, ChatPage, Completion, Day, DeskOrder, Devices,
    ExportState, FileSpace, Follow, HealthState, HistorySpan, HistoryState, Job, MessageId, Millis,
    SearchCursor, SearchPage, Secret, Settings, Sound, Spot, TestTake, UnheardPage, VoiceDraft,
    Window, WindowAnchor,
};

/// A command with its reply.
pub trait Call: Serialize {
    /// What comes back, besides a [`crate::Fault`].
    type Reply: Serialize + DeserializeOwned;

    /// As the backend takes it.
    fn into_command(self) -> Command;
}

/// A reply, and how far the store was when it was made: a window whose feed
/// trails `seq` for more than 2 s has lost something and subscribes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer<T> {
    /// The newest commit at that time.
    pub seq: u64,
    /// The reply.
    pub value: T,
}

macro_rules! commands {
    ($($(#[$doc:meta])* $Name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty),* $(,)? } -> $Reply:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            pub struct $Name { $($(#[$field_doc])* pub $field: $ty),* }

            impl Call for $Name {
                type Reply = $Reply;

                fn into_command(self) -> Command {
                    Command::$Name(self)
                }
            }
        )*

        /// Everything that can be asked.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "cmd", rename_all = "snake_case")]
        pub enum Command {
            $($(#[$doc])* $Name($Name),)*
        }
    };
}

commands! {
    // The account.

    /// Signs in and stays signed in. Answers when the server has accepted the password,
    /// or with the first failure.
    SignIn {
        /// `name@server`.
        address: String,
        /// The password.
        password: Secret,
        /// Where to connect, if not where the address says: `host`, `host:port`, `wss://…`.
        #[serde(default)]
        server: Option<String>,
    } -> Account;
    /// Makes the account on its server (XEP-0077), then signs in.
    Register {
        /// `name@server`.
        address: String,
        /// The password.
        password: Secret,
        /// As in [`SignIn`].
        #[serde(default)]
        server: Option<String>,
    } -> Account;
    /// Leaves the server and forgets the password. What was said stays on this machine.
    SignOut {} -> ();
    /// Connects now instead of at the next try.
    Reconnect {} -> ();

    // The machine: no account is needed.

    /// How the user wants the window to be.
    ReadSettings {} -> Settings;
    /// Changes that. It is on the disk when this answers; out of range is brought into it.
    SetSettings {
        /// All of it.
        settings: Settings,
    } -> Settings;

    // Microphone and loudspeaker: no account is needed.

    /// Those there are.
    ListDevices {} -> Devices;
    /// Begins to tell of devices that come and go ([`crate::Signal::DevicesChanged`]), or ends that and whatever was tried out.
    SoundCheck {
        /// Whether somebody looks.
        on: bool,
    } -> ();
    /// Records to be listened to, with everything as it is set. Answers when the microphone runs. Only while somebody looks
    /// ([`SoundCheck`]).
    TestStart {} -> ();
    /// Ends that.
    TestStop {} -> TestTake;
    /// Plays a short sound.
    TestSpeaker {} -> ();

    // Sound as the microphone heard it, where the settings keep it.

    /// How much of it lies on this machine, for this account.
    Untouched {} -> FileSpace;
    /// Deletes it, but for what is being recorded. What was sent stays. Answers what went.
    DeleteUntouched {} -> FileSpace;

    // Chats.

    /// A page of the chat list.
    Chats {
        /// The last row of the page before; the first page without.
        #[serde(default)]
        after: Option<ChatCursor>,
    } -> ChatPage;
    /// Opens a chat with an address, which is added to the contacts.
    StartChat {
        /// `name@server`.
        address: String,
    } -> ChatId;
    /// Answers whether the other side may see when we are online.
    AnswerPresence {
        /// Who asks.
        chat: ChatId,
        /// Whether they may.
        allow: bool,
    } -> ();
    /// Keeps text that was typed and not sent.
    SetDraft {
        /// Where.
        chat: ChatId,
        /// All of it; empty forgets it.
        text: String,
    } -> ();
    /// Keeps where the reader is in a chat, for [`WindowAnchor::Left`].
    KeepSpot {
        /// Where.
        chat: ChatId,
        /// The place; without one they are at the newest message.
        #[serde(default)]
        spot: Option<Spot>,
    } -> ();
    /// Everything up to this message was seen.
    MarkRead {
        /// Where.
        chat: ChatId,
        /// The newest message on screen.
        upto: MessageId,
    } -> ();
    /// Tells the other side that we write, or stopped to (XEP-0085).
    Typing {
        /// Where.
        chat: ChatId,
        /// Whether we write.
        on: bool,
    } -> ();

    // Messages.

    /// A stretch of a timeline.
    ReadWindow {
        /// Of this chat.
        chat: ChatId,
        /// Which stretch.
        anchor: WindowAnchor,
    } -> Window;
    /// Says something in words. It is stored when this answers; it goes out when it can.
    SendText {
        /// Where.
        chat: ChatId,
        /// What; not empty.
        body: String,
    } -> MessageId;
    /// Tries a failed message again.
    Retry {
        /// Which.
        message: MessageId,
    } -> ();
    /// Takes a failed message away.
    Discard {
        /// Which.
        message: MessageId,
    } -> ();
    /// Puts a copy of a message's file, which is here, into the user's folder for downloads, under its own name. Answers the
    /// path.
    SaveCopy {
        /// Which.
        message: MessageId,
    } -> String;
    /// Fetches a message's file from its server.
    Fetch {
        /// Which.
        message: MessageId,
    } -> ();

    /// The days on which something was said, oldest first, for a calendar. At most 400 days are looked at.
    Days {
        /// Where.
        chat: ChatId,
        /// From this time on.
        from: Millis,
        /// Before this time.
        until: Millis,
        /// By how many minutes the user's clock is ahead of UTC; cuts the days.
        utc_offset_min: i32,
    } -> Vec<Day>;

    // History.

    /// Asks the server's archive for messages of a chat older than any that is here, ahead of everything else that is being
    /// fetched. Answers whether something came.
    FetchOlder {
        /// Which.
        chat: ChatId,
    } -> bool;
    /// How far the account's history was fetched.
    History {} -> HistoryState;
    /// How much of each chat is here, in the order of the chat list, 30 at a time.
    ChatHistories {
        /// [`ChatHistoryPage::next`] of the page before; the first page without.
        #[serde(default)]
        after: Option<ChatCursor>,
    } -> ChatHistoryPage;
    /// What [`FreeSpace`] would let go of.
    Freeable {
        /// As in [`FreeSpace`].
        #[serde(default)]
        chat: Option<ChatId>,
        /// As in [`FreeSpace`].
        #[serde(default)]
        older_than_days: Option<u32>,
    } -> FileSpace;
    /// Deletes the copies of pictures and files on this machine, to be fetched again when somebody asks for them. Never voice,
    /// and nothing that the server was not given. Answers what it let go of.
    FreeSpace {
        /// Of this chat; of all without.
        #[serde(default)]
        chat: Option<ChatId>,
        /// Only of messages that are older; all without.
        #[serde(default)]
        older_than_days: Option<u32>,
    } -> FileSpace;
    /// Fetches what is missing although the network is metered ([`crate::Signal::Sync`]), for as long as it is.
    FetchAnyway {} -> ();
    /// How much of the server's archive is to be here.
    SetHistorySpan {
        /// From now on.
        span: HistorySpan,
    } -> ();

    // Search.

    /// Messages that hold all the words, newest first. Operators: `from:` `in:` `has:voice|image|file|link`
    /// `before:` and `after:` a `YYYY-MM-DD`, `YYYY-MM` or `YYYY` (`after:` includes it, `before:` does not), with
    /// quotes around what holds spaces. A new search ends the one before.
    Search {
        /// As typed.
        text: String,
        /// In this chat only.
        #[serde(default)]
        chat: Option<ChatId>,
        /// [`SearchPage::next`] of the page before; the first page without.
        #[serde(default)]
        after: Option<SearchCursor>,
        /// By how many minutes the user's clock is ahead of UTC; cuts the days of the dates.
        utc_offset_min: i32,
    } -> SearchPage;
    /// How the word at the cursor may go on: operators, and names after `from:` and `in:`.
    SearchCompletions {
        /// As typed.
        text: String,
        /// Where the cursor stands, in bytes.
        cursor: u32,
    } -> Vec<Completion>;
    /// Makes the search index anew in the background; [`crate::Signal::Job`] tells how far it got.
    RebuildSearch {} -> ();
    /// Stops that. It goes on with the next start or the next [`RebuildSearch`].
    StopRebuild {} -> ();

    // History in a folder (docs/export.md).

    /// Writes the account's history into a folder: what is missing, where it holds an export of this account. Answers
    /// when it has begun; [`crate::Signal::Job`] tells how far it got, in messages.
    Export {
        /// An absolute path: a folder that is empty, not there yet, or holds an export of this account.
        folder: String,
    } -> ();
    /// Keeps an export current in the background from now on, at every start; begins at once.
    KeepExport {
        /// As in [`Export`]; none stops it.
        folder: Option<String>,
    } -> ();
    /// Which folder is kept current, and when history was last exported.
    ReadExport {} -> ExportState;
    /// Takes in what another Millet exported, of this account or another. What is here stays. Answers when it has begun;
    /// [`crate::Signal::Job`] tells how far it got, in messages.
    Import {
        /// An absolute path.
        folder: String,
    } -> ();
    // Whether the database is sound.

    /// Checks the database in the background; [`crate::Signal::Job`] tells when it ended.
    Verify {} -> ();
    /// When it was last found sound, and what was saved from a damaged one.
    ReadHealth {} -> HealthState;
    /// Stops a job. What it did stays; asking for it again goes on.
    StopJob {
        /// Which.
        job: Job,
    } -> ();

    // Voice.

    /// Starts to record. Answers when the microphone runs.
    VoiceStart {
        /// Whose draft it becomes.
        chat: ChatId,
    } -> VoiceDraft;
    /// Ends the recording after its 300 ms tail.
    VoiceStop {
        /// Which.
        draft: String,
    } -> VoiceDraft;
    /// Ends the recording if it still runs, and sends it; under 300 ms it is discarded with
    /// [`crate::FaultKind::TooShort`].
    SendVoice {
        /// Where.
        chat: ChatId,
        /// Which.
        draft: String,
    } -> MessageId;
    /// Records on at the end of a draft. Answers when the microphone runs.
    VoiceContinue {
        /// Which.
        draft: String,
        /// What lies after this is dropped first.
        #[serde(default)]
        from_ms: Option<u32>,
    } -> VoiceDraft;
    /// Keeps one part of a draft.
    VoiceTrim {
        /// Which.
        draft: String,
        /// Where the part begins, in milliseconds.
        from_ms: u32,
        /// Where it ends.
        until_ms: u32,
    } -> VoiceDraft;
    /// Throws a recording away.
    VoiceDiscard {
        /// Which.
        draft: String,
    } -> ();

    // Playing.

    /// Plays from a position. Whatever else plays stops.
    Play {
        /// What.
        sound: Sound,
        /// Where to start, in milliseconds.
        #[serde(default)]
        from_ms: u32,
        /// What is to be played after it.
        #[serde(default)]
        follow: Follow,
    } -> ();
    /// Plays what follows what plays or ended last. Answers whether anything does.
    PlayNext {
        /// What that is.
        #[serde(default)]
        follow: Follow,
    } -> bool;
    /// Plays a chat's voice at another speed, now and from now on.
    SetSpeed {
        /// Whose.
        chat: ChatId,
        /// In per cent of the speed it was spoken at, 50 to 300.
        percent: u16,
    } -> ();
    /// Holds the player.
    Pause {} -> ();
    /// Lets the player go on.
    Resume {} -> ();
    /// Moves the player.
    Seek {
        /// Where to, in milliseconds.
        position_ms: u32,
    } -> ();

    // The listening desk.

    /// Voice of all chats that was not heard, at most 200 of it.
    Unheard {
        /// In which order.
        #[serde(default)]
        order: DeskOrder,
    } -> UnheardPage;
    /// Puts voice away as if it had been heard. The other side is not told, and our other devices not before it can no longer
    /// be had back.
    PutAway {
        /// Which.
        messages: Vec<MessageId>,
    } -> ();
    /// Has voice back that was put away in the last ten seconds; what our other devices may know of stays away.
    PutBack {
        /// Which.
        messages: Vec<MessageId>,
    } -> ();
}
