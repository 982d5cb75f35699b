//! What went wrong, as far as the user can do something about it.

use serde::{Deserialize, Serialize};

/// A failure at the boundary: a kind the window can word and act on, and a
/// detail for the log. Neither ever holds a body, a key or a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind of failure.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// For the log, lower case, no full stop.
    #[serde(default)]
    pub detail: String,
}

impl Fault {
    /// A fault with its detail.
    #[must_use]
    pub fn new(kind: FaultKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self {
            kind,
            detail: String::new(),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.detail.as_str() {
            "" => write!(f, "{}", self.kind.name()),
            detail => write!(f, "{}: {detail}", self.kind.name()),
        }
    }
}

impl std::error::Error for Fault {}

macro_rules! kinds {
    ($($(#[$doc:meta])* $Kind:ident = $name:literal $({ $($(#[$field_doc:meta])* $field:ident: $ty:ty),* })?,)*) => {
        /// The kinds of failure. Each doc says what the user can do.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "fault")]
        #[non_exhaustive]
        pub enum FaultKind {
            $($(#[$doc])* #[serde(rename = $name)] $Kind $({ $($(#[$field_doc])* $field: $ty),* })?,)*
        }

        impl FaultKind {
            /// The name on the wire, in `data-kind`, and in Fluent keys as `fault-NAME`
            /// with `_` as `-`.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$Kind { .. } => $name,)* }
            }

            /// Every name there is, so that a test can ask for words for each.
            pub const NAMES: &'static [&'static str] = &[$($name),*];
        }
    };
}

kinds! {
    /// No network, or the server does not answer: Millet tries again by itself.
    Offline = "offline",
    /// The server's name is not known: check the address.
    UnknownHost = "unknown_host",
    /// Something answers that does not speak XMPP: check the server address.
    NotXmpp = "not_xmpp",
    /// The certificate is not trusted: do not go on; tell who runs the server.
    TlsRefused = "tls_refused",
    /// The server wants an unencrypted connection: Millet refuses those, except to this machine.
    PlaintextRefused = "plaintext_refused",
    /// The server took too long: try again.
    Timeout = "timeout",
    /// Check the password.
    WrongPassword = "wrong_password",
    /// No password is at hand: type it.
    PasswordNeeded = "password_needed",
    /// The server shut the account: ask who runs it.
    AccountDisabled = "account_disabled",
    /// Not an address: `name@server`.
    BadAddress = "bad_address",
    /// Not a server address.
    BadServer = "bad_server",
    /// The server takes no new accounts in the app: choose another server.
    RegistrationClosed = "registration_closed",
    /// Somebody has that name: choose another.
    NameTaken = "name_taken",
    /// The server wants a form on its web page filled in.
    RegistrationElsewhere = "registration_elsewhere" {
        /// The page, where the server names one.
        url: Option<String>
    },
    /// The server finds the password too weak: choose a longer one.
    PasswordRefused = "password_refused",
    /// No keyring: the password is kept until the app is closed.
    PasswordNotKept = "password_not_kept",
    /// Sign in first.
    NotSignedIn = "not_signed_in",
    /// No microphone is plugged in.
    NoMicrophone = "no_microphone",
    /// The system does not let Millet use the microphone: allow it in the system's settings.
    MicrophoneDenied = "microphone_denied",
    /// Another program holds the microphone.
    MicrophoneBusy = "microphone_busy",
    /// The microphone went away while recording; what was said so far is kept.
    MicrophoneLost = "microphone_lost",
    /// Nothing but silence comes from the microphone: is it muted?
    MicrophoneSilent = "microphone_silent",
    /// A recording runs already.
    AlreadyRecording = "already_recording",
    /// The press was too short: hold to record.
    TooShort = "too_short",
    /// The longest recording is reached; it is kept.
    TooLong = "too_long",
    /// No loudspeaker or headphones.
    NoSpeaker = "no_speaker",
    /// The disk is full: free some space.
    DiskFull = "disk_full",
    /// The server has no place for files, so voice cannot be sent with it.
    NoUploadService = "no_upload_service",
    /// Larger than the server takes.
    TooLarge = "too_large" {
        /// The largest the server takes, in bytes.
        max: u64
    },
    /// The server refused the file.
    UploadRefused = "upload_refused",
    /// The message came back: the other side's server or account is not there.
    Undeliverable = "undeliverable",
    /// The message may have arrived and the server does not tell: ask the other side, or send it again, maybe twice.
    Unconfirmed = "unconfirmed",
    /// The server refused it.
    Refused = "refused",
    /// The file is no longer on its server.
    FileGone = "file_gone",
    /// The file is broken.
    FileDamaged = "file_damaged",
    /// The file is larger than was announced, or than Millet takes: nothing of it was kept.
    FileTooLarge = "file_too_large",
    /// The file is in a format that Millet cannot play.
    FileUnsupported = "file_unsupported",
    /// The chat, message or draft is not there any more.
    NotFound = "not_found",
    /// The data folder cannot be read or written.
    StoreUnusable = "store_unusable",
    /// The database was damaged: what could be read is here, and the rest is fetched from the server again.
    StoreRecovered = "store_recovered" {
        /// Messages that are here.
        messages: u64,
        /// The name of the damaged file, in the account's folder.
        file: String
    },
    /// The data folder is used by another Millet: close that one.
    StoreInUse = "store_in_use",
    /// The data was written by a newer Millet: update.
    StoreTooNew = "store_too_new",
    /// It waited to be sent when the history was exported: try again to send it.
    NotSent = "not_sent",
    /// No exported history is in that folder: choose another.
    NotAnExport = "not_an_export",
    /// Something else is in that folder: choose an empty one.
    FolderNotEmpty = "folder_not_empty",
    /// A folder of the user's choice cannot be read or written: check that it is there.
    FolderUnusable = "folder_unusable",
    /// Some of an exported history could not be read; everything else was imported.
    ImportIncomplete = "import_incomplete",
    /// A mistake of ours.
    Bug = "bug",
}
