//! The store as a whole, through its public surface. The other side is bo.

mod chats;
mod damage;
mod displayed;
mod drafts;
mod exports;
mod folder;
mod follow_ups;
mod held;
mod history;
mod imports;
mod listening;
mod merging;
mod order;
mod queue;
mod schema;
mod search;
mod space;
mod spots;
mod ticks;
mod windows;

use std::path::Path;

use api::{Change, ChatId, Commit, Content, MessageRow, MessageState, Millis, WindowAnchor};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{Incoming, IncomingContent, Source, Store, key};

pub(crate) const ANN: &str = "ann@localhost";
pub(crate) const BO: &str = "bo@localhost";
pub(crate) const NOON: Millis = 1_767_268_800_000;

/// Ann's store in a folder that goes with it.
pub(crate) struct Ann {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
}

impl Ann {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store
            .write(|tx| tx.set_meta(key::ADDRESS, Some(ANN)))
            .await
            .unwrap();
        Self { folder, store }
    }

    /// As after a restart.
    pub(crate) async fn reopen(self) -> Self {
        self.store.close().await;
        let store = Store::open(self.folder.path()).unwrap();
        Self {
            folder: self.folder,
            store,
        }
    }

    /// As after the death of the process right now: what is on disk, without a close.
    pub(crate) fn crashed(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["millet.db", "millet.db-wal"] {
            let _ = std::fs::copy(self.path().join(name), folder.path().join(name)).unwrap();
        }
        let store = Store::open(folder.path()).unwrap();
        Self { folder, store }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn chat(&self) -> ChatId {
        self.store.write(|tx| tx.ensure_chat(BO)).await.unwrap()
    }

    pub(crate) async fn merge(&self, incoming: Incoming) -> crate::Merged {
        self.store
            .write(move |tx| tx.merge(&incoming))
            .await
            .unwrap()
    }

    pub(crate) async fn timeline(&self) -> Vec<MessageRow> {
        let chat = self.chat().await;
        let reader = self.store.reader();
        reader
            .window(chat, WindowAnchor::Latest)
            .await
            .unwrap()
            .rows
    }

    /// `own|state|text` a line.
    pub(crate) async fn dump(&self) -> String {
        let mut out = String::new();
        for row in self.timeline().await {
            let who = if row.own { "ann" } else { "bo" };
            let what = match &row.content {
                Content::Text { body } => body.clone(),
                Content::Voice { media, heard, .. } => format!("voice {media:?} heard={heard}"),
                Content::File { name, media, .. } => format!("file {name} {media:?}"),
            };
            out += &format!("{who}|{}|{what}\n", row.state.name());
        }
        out
    }

    pub(crate) async fn unread(&self) -> u32 {
        let chat = self.chat().await;
        self.store
            .reader()
            .chat(chat)
            .await
            .unwrap()
            .unwrap()
            .unread
    }

    pub(crate) async fn state_of(&self, message: api::MessageId) -> MessageState {
        let reader = self.store.reader();
        reader.message(message).await.unwrap().unwrap().state
    }
}

/// A text from bo, live, that asks for a receipt and a marker.
pub(crate) fn from_bo(id: &str, at: Millis, body: &str) -> Incoming {
    Incoming {
        chat: BO.into(),
        author: BO.into(),
        own: false,
        at,
        stanza_id: Some(id.into()),
        origin_id: Some(id.into()),
        server_id: None,
        content: IncomingContent::Text { body: body.into() },
        wants_receipt: true,
        markable: true,
        source: Source::Live,
        reply_address: format!("{BO}/phone"),
        reply: None,
    }
}

/// A text of ann's that comes back from the server.
pub(crate) fn from_ann(id: &str, at: Millis, body: &str, source: Source) -> Incoming {
    Incoming {
        author: ANN.into(),
        own: true,
        wants_receipt: false,
        markable: false,
        source,
        ..from_bo(id, at, body)
    }
}

pub(crate) fn archived(server_id: &str, incoming: Incoming) -> Incoming {
    Incoming {
        server_id: Some(server_id.into()),
        source: Source::Archive,
        ..incoming
    }
}

pub(crate) fn voice_from_bo(id: &str, at: Millis) -> Incoming {
    Incoming {
        content: IncomingContent::Voice {
            url: format!("https://localhost/{id}.ogg"),
            duration_ms: Some(2500),
            peaks: vec![1, 2, 3],
            name: "voice.ogg".into(),
            size: Some(9000),
            media_type: "audio/ogg".into(),
            sha256: Some([7; 32]),
        },
        ..from_bo(id, at, "")
    }
}

/// A file from bo, of a size as announced.
pub(crate) fn file_from_bo(id: &str, at: Millis, size: Option<u64>) -> Incoming {
    Incoming {
        content: IncomingContent::File {
            url: format!("https://localhost/{id}.jpg"),
            name: format!("{id}.jpg"),
            media_type: "image/jpeg".into(),
            size,
            sha256: None,
            dimensions: None,
        },
        ..from_bo(id, at, "")
    }
}

/// The changes of a commit, one word each.
pub(crate) fn names(commit: &Commit) -> Vec<String> {
    let name = |change: &Change| match change {
        Change::Chat(chat) => format!("chat unread={}", chat.unread),
        Change::Message(row) => format!("message {}", row.state.name()),
        Change::MessageGone { .. } => "gone".into(),
    };
    commit.changes.iter().map(name).collect()
}

pub(crate) fn next(commits: &mut UnboundedReceiver<Commit>) -> Vec<String> {
    commits
        .try_recv()
        .map_or(Vec::new(), |commit| names(&commit))
}

/// Compares with a golden file; `UPDATE=1` writes it.
pub(crate) fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("goldens")
        .join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        text.replace("\r\n", "\n"),
        expected.replace("\r\n", "\n"),
        "{} differs; UPDATE=1 writes it",
        path.display()
    );
}
