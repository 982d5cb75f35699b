//! Folders: written, killed in between, gone on with, and always as a first export would have written them.

mod history;
mod pages;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use api::Millis;
use proptest::prelude::*;
use store::{Store, key};
use tempfile::TempDir;

use super::write::{ExportError, Task, run};
use super::{folder, line, names};
use history::CHATS;
pub(crate) use history::{Deed, Normal, deeds, normal};

pub(crate) const ANN: &str = "ann@localhost";
pub(crate) const NOON: Millis = 1_767_268_800_000;

/// Somebody's store, and a folder to export into.
pub(crate) struct Person {
    pub(crate) home: TempDir,
    pub(crate) store: Store,
    pub(crate) address: String,
    /// What the next message is called.
    pub(crate) next: u64,
}

impl Person {
    pub(crate) async fn new(address: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(&home.path().join("account")).unwrap();
        let own = address.to_owned();
        store
            .write(move |tx| tx.set_meta(key::ADDRESS, Some(&own)))
            .await
            .unwrap();
        Self {
            home,
            store,
            address: address.into(),
            next: 0,
        }
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a folder; killed after so many steps.
    pub(crate) async fn export(
        &self,
        root: &Path,
        follows: bool,
        orderly: bool,
        steps: usize,
    ) -> Result<(), ExportError> {
        let task = Task {
            store: self.store.clone(),
            runtime: tokio::runtime::Handle::current(),
            root: root.to_path_buf(),
            address: self.address.clone(),
            now: NOON,
            name: format!("name {}", self.next),
            writer: "ann's machine".into(),
            follows,
            orderly,
        };
        tokio::task::spawn_blocking(move || {
            let mut left = steps;
            run(&task, &mut |done, total| {
                assert!(done <= total);
                left = left.saturating_sub(1);
                left > 0
            })
        })
        .await
        .unwrap()
    }

    /// As somebody exports who asks for it.
    pub(crate) async fn export_all(&self, root: &Path) {
        self.export(root, true, true, usize::MAX).await.unwrap();
    }
}

/// Every file of a folder, but for the notes to the next export.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files.remove(folder::STATE);
    files
}

/// Trees are compared by name first: bytes say little.
pub(crate) fn assert_same(a: &Path, b: &Path) {
    let (a, b) = (tree(a), tree(b));
    let names = |tree: &BTreeMap<String, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&a), names(&b));
    for (name, content) in &a {
        let text = |content: &[u8]| String::from_utf8_lossy(content).into_owned();
        let (one, other) = (text(content), text(&b[name]));
        let differs = one.lines().zip(other.lines()).find(|(a, b)| a != b);
        assert!(one == other, "{name}: {differs:?}");
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

#[derive(Clone, Debug)]
struct Turn {
    deeds: Vec<Deed>,
    orderly: bool,
    steps: usize,
    /// Where it is killed while it appends, it leaves half a line.
    half_a_line: bool,
    forgets: bool,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let steps = prop_oneof![1_usize..30, Just(usize::MAX)];
    let turn = (deeds(0..12), any::<bool>(), steps, any::<bool>(), 0..12_u8);
    let turn = turn.prop_map(|(deeds, orderly, steps, half_a_line, chance)| Turn {
        deeds,
        orderly,
        steps,
        half_a_line,
        forgets: chance == 0,
    });
    proptest::collection::vec(turn, 1..7)
}

fn leave_half_a_line(root: &Path) {
    let Ok(chats) = std::fs::read_dir(root.join(folder::CHATS_FOLDER)) else {
        return;
    };
    for chat in chats {
        let lines = chat.unwrap().path().join(folder::MESSAGES);
        if lines.is_file() {
            folder::append(&lines, b"{\"id\":1,\"at\":17672").unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn killed_anywhere_it_ends_as_a_first_one(turns in turns()) {
        runtime().block_on(async {
            let mut ann = Person::new(ANN).await;
            let (kept, fresh) = (ann.folder("kept"), ann.folder("fresh"));
            for turn in &turns {
                ann.lives(&turn.deeds).await;
                match ann.export(&kept, true, turn.orderly, turn.steps).await {
                    Ok(()) | Err(ExportError::Stopped) => {}
                    Err(error) => panic!("{error}"),
                }
                if turn.half_a_line {
                    leave_half_a_line(&kept);
                }
                if turn.forgets {
                    let _ = std::fs::remove_file(kept.join(folder::STATE));
                }
            }
            ann.export_all(&kept).await;
            ann.export(&fresh, false, true, usize::MAX).await.unwrap();
            assert_same(&kept, &fresh);
        });
    }
}

/// The folder is there to outlive this machine: what was let go of here stays in it, also for an import.
#[tokio::test]
async fn a_copy_that_is_let_go_of_here_stays_in_the_folder() {
    let ann = Person::new(ANN).await;
    let (kept, media) = (ann.folder("kept"), ann.store.media_dir());
    let incoming = store::Incoming {
        chat: CHATS[0].into(),
        author: CHATS[0].into(),
        own: false,
        at: NOON,
        stanza_id: None,
        origin_id: Some("lake".into()),
        server_id: None,
        content: store::IncomingContent::File {
            url: "https://x.example/lake.jpg".into(),
            name: "lake.jpg".into(),
            media_type: "image/jpeg".into(),
            size: None,
            sha256: None,
            dimensions: None,
        },
        wants_receipt: false,
        markable: false,
        source: store::Source::Live,
        reply_address: String::new(),
        reply: None,
    };
    std::fs::write(media.join("lake"), "a lake").unwrap();
    let here = ann.store.write(move |tx| {
        let id = tx.merge(&incoming)?.id;
        tx.media_here(id, "lake", None, None, 6)?;
        Ok(id)
    });
    let id = here.await.unwrap();
    ann.export_all(&kept).await;
    let before = tree(&kept);
    assert!(before.values().any(|content| content == b"a lake"));

    let free = ann.store.write(|tx| tx.free_media(None, Millis::MAX, None));
    free.await.unwrap();
    std::fs::remove_file(media.join("lake")).unwrap();
    ann.export_all(&kept).await;
    assert_eq!(tree(&kept), before);
    // Also where the lines are written anew, and while it cannot be had any more.
    std::fs::remove_file(kept.join(folder::STATE)).unwrap();
    let gone = ann.store.write(move |tx| {
        tx.media_fetching(id, "part")?;
        tx.media_failed(id)
    });
    gone.await.unwrap();
    ann.export_all(&kept).await;
    assert_eq!(tree(&kept), before);
}

#[tokio::test]
async fn killed_at_every_step() {
    let coming = |minutes| Deed::Comes {
        chat: 1,
        own: false,
        minutes,
        ids: 3,
        source: 2,
        what: history::What::Voice,
    };
    for steps in 1.. {
        let mut ann = Person::new(ANN).await;
        let (kept, fresh) = (ann.folder("kept"), ann.folder("fresh"));
        ann.lives(&[Deed::say("one"), coming(0), Deed::Speak { chat: 0 }])
            .await;
        ann.export_all(&kept).await;
        ann.lives(&[Deed::Sent { nth: 0 }, coming(-60 * 24 * 40)])
            .await;
        ann.export(&kept, true, false, usize::MAX).await.unwrap();
        ann.lives(&[Deed::say("two"), Deed::Fetched { nth: 1 }])
            .await;
        let first = ann.export(&kept, true, true, steps).await;
        ann.export_all(&kept).await;
        ann.export(&fresh, false, true, usize::MAX).await.unwrap();
        assert_same(&kept, &fresh);
        if first.is_ok() {
            assert!(steps > 10);
            break;
        }
    }
}

/// The lines of the only chat.
fn lines(root: &Path) -> String {
    let chats = root.join(folder::CHATS_FOLDER);
    let chat = std::fs::read_dir(chats).unwrap().next().unwrap().unwrap();
    std::fs::read_to_string(chat.path().join(folder::MESSAGES)).unwrap()
}

#[tokio::test]
async fn kept_current_it_appends() {
    let mut ann = Person::new(ANN).await;
    let root = ann.folder("out");
    ann.lives(&[Deed::say("one"), Deed::say("two")]).await;
    ann.export_all(&root).await;
    let before = lines(&root);
    ann.lives(&[Deed::say("three"), Deed::Discard { nth: 0 }])
        .await;
    ann.export(&root, true, false, usize::MAX).await.unwrap();
    let after = lines(&root);
    let added = after.strip_prefix(&before).unwrap();
    assert_eq!(added.lines().count(), 2, "{added}");
    assert!(added.starts_with("{\"gone\":true,\"id\":1}\n"), "{added}");
    ann.export_all(&root).await;
    assert_eq!(lines(&root).lines().count(), 2);
}

#[tokio::test]
async fn what_was_taken_back_is_nowhere_in_a_folder_that_follows() {
    let mut ann = Person::new(ANN).await;
    let root = ann.folder("out");
    let spoken = Deed::Comes {
        chat: 0,
        own: false,
        minutes: 0,
        ids: 3,
        source: 0,
        what: history::What::Voice,
    };
    let answer = Deed::Answer { nth: 3, own: false };
    ann.lives(&[spoken, Deed::Fetched { nth: 0 }]).await;
    ann.lives(&[Deed::say("a secret"), answer]).await;
    ann.export_all(&root).await;
    let voice = |root: &Path| {
        let mut names = tree(root).into_keys();
        names.any(|name| name.contains("/voice/"))
    };
    assert!(voice(&root));
    ann.retract(CHATS[0], "own1", false).await;
    ann.retract(CHATS[0], "own3", true).await;
    ann.export(&root, true, false, usize::MAX).await.unwrap();
    assert!(!voice(&root));
    for (name, content) in tree(&root) {
        let text = String::from_utf8_lossy(&content).into_owned();
        assert!(!text.contains("a secret"), "{name}");
        assert!(!text.contains("was it so"), "{name}");
    }
}

#[tokio::test]
async fn nothing_new_writes_nothing() {
    let mut ann = Person::new(ANN).await;
    let root = ann.folder("out");
    ann.lives(&[Deed::say("one")]).await;
    ann.export_all(&root).await;
    let written = |root: &Path| {
        let about = |name: &String| root.join(name).metadata().unwrap().modified().unwrap();
        tree(root).keys().map(about).collect::<Vec<_>>()
    };
    let before = written(&root);
    ann.export_all(&root).await;
    assert_eq!(before, written(&root));
}

#[tokio::test]
async fn a_folder_with_anything_else_stays_as_it_is() {
    let mut ann = Person::new(ANN).await;
    ann.lives(&[Deed::say("one")]).await;
    let other = ann.folder("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("README.txt"), "mine").unwrap();
    let refused = ann.export(&other, true, true, usize::MAX).await;
    assert!(matches!(refused, Err(ExportError::NotEmpty)));
    assert_eq!(tree(&other).len(), 1);

    let bo = Person::new("bo@localhost").await;
    let root = ann.folder("out");
    ann.export_all(&root).await;
    let refused = bo.export(&root, true, true, usize::MAX).await;
    assert!(matches!(refused, Err(ExportError::NotEmpty)));
}

#[tokio::test]
async fn a_folder_put_back_to_an_older_state_is_written_whole() {
    let mut ann = Person::new(ANN).await;
    let (root, fresh) = (ann.folder("out"), ann.folder("fresh"));
    ann.lives(&[Deed::say("one")]).await;
    ann.export_all(&root).await;
    let (state, old) = (root.join(folder::STATE), tree(&root));
    let old_state = std::fs::read(&state).unwrap();
    ann.lives(&[Deed::say("two")]).await;
    ann.export_all(&root).await;
    for (name, content) in old {
        std::fs::write(root.join(name), content).unwrap();
    }
    std::fs::write(&state, old_state).unwrap();
    ann.export_all(&root).await;
    ann.export(&fresh, false, true, usize::MAX).await.unwrap();
    assert_same(&root, &fresh);
}

#[tokio::test]
async fn much_that_changed_is_put_in_order() {
    let mut ann = Person::new(ANN).await;
    let root = ann.folder("out");
    let many: Vec<Deed> = (0..1200).map(|_| Deed::say("word")).collect();
    ann.lives(&many).await;
    ann.export_all(&root).await;
    for (sent, lines_after) in [(0..900, 2100), (900..1200, 1200)] {
        let sent: Vec<Deed> = sent.map(|nth| Deed::Sent { nth }).collect();
        ann.lives(&sent).await;
        ann.export(&root, true, false, usize::MAX).await.unwrap();
        assert_eq!(lines(&root).lines().count(), lines_after);
    }
}

#[tokio::test]
async fn the_same_words_in_every_file() {
    let mut ann = Person::new(ANN).await;
    let root = ann.folder("out");
    ann.lives(&[Deed::say("好 <b>\u{0}\"'&")]).await;
    ann.export_all(&root).await;
    let line: serde_json::Value = serde_json::from_str(&lines(&root)).unwrap();
    assert_eq!(line["body"], "好 <b>\u{0}\"'&");
    assert_eq!(line["time"], "2026-01-01T12:00:01.000Z");
    let chats: line::ChatsFile = folder::read_json(&root.join(folder::CHATS)).unwrap();
    assert_eq!(chats.chats[0].messages, 1);
    assert_eq!(chats.chats[0].folder, names::chat_folder(history::CHATS[0]));
}
