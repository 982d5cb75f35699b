//! Folders that nobody exported.

use std::path::PathBuf;

use api::{FaultKind, Media};
use store::RecordContent;

use super::*;
use crate::export::{folder, names};

const BO: &str = "bo@localhost";

/// A folder with one spoken message, to be spoilt; and somebody who takes it in.
struct Spoilt {
    _ann: Person,
    bea: Person,
    root: PathBuf,
    chat: PathBuf,
}

impl Spoilt {
    async fn new() -> Self {
        let mut ann = Person::new(ANN).await;
        let root = ann.folder("out");
        ann.lives(&[Deed::Speak { chat: 0 }, Deed::say("words")])
            .await;
        ann.export_all(&root).await;
        let chat = root.join(folder::CHATS_FOLDER).join(names::chat_folder(BO));
        Self {
            _ann: ann,
            bea: Person::new(BEA).await,
            root,
            chat,
        }
    }

    fn lines(&self) -> String {
        std::fs::read_to_string(self.chat.join(folder::MESSAGES)).unwrap()
    }

    fn write_lines(&self, lines: &str) {
        std::fs::write(self.chat.join(folder::MESSAGES), lines).unwrap();
    }

    fn voice(&self) -> PathBuf {
        let mut files = std::fs::read_dir(self.chat.join("voice")).unwrap();
        files.next().unwrap().unwrap().path()
    }

    /// `lines files`, as the fault counts them.
    async fn damage(&self) -> String {
        match import(&self.bea.store, BEA, &self.root, usize::MAX).await {
            Ok(()) => "none".into(),
            Err(ImportError::Damaged { lines, files }) => format!("{lines} {files}"),
            Err(error) => format!("{error}"),
        }
    }

    /// The bodies that came, and `*` for voice that plays.
    async fn came(&self) -> String {
        let mut words = Vec::new();
        for chat in normal(&self.bea.store, BEA, true).await {
            for (record, _) in chat.records {
                words.push(match record.content {
                    RecordContent::Text { body } => body,
                    RecordContent::Voice(media) if media.state == Media::Here => "*".into(),
                    _ => "-".into(),
                });
            }
        }
        words.join(" ")
    }

    fn media_files(&self) -> usize {
        std::fs::read_dir(self.bea.store.media_dir())
            .unwrap()
            .count()
    }
}

#[tokio::test]
async fn a_whole_one_comes_whole() {
    let spoilt = Spoilt::new().await;
    assert_eq!(spoilt.damage().await, "none");
    assert_eq!(spoilt.came().await, "* words");
}

#[tokio::test]
async fn a_folder_that_is_none() {
    let spoilt = Spoilt::new().await;
    let account = spoilt.root.join(folder::ACCOUNT);
    let good = std::fs::read_to_string(&account).unwrap();
    for bad in [
        "",
        "{}",
        "[]",
        "{\"format\":7}",
        &good.replace("millet history", "x"),
    ] {
        std::fs::write(&account, bad).unwrap();
        assert_eq!(spoilt.damage().await, "not an exported history");
    }
    std::fs::write(&account, good.replace("\"version\": 1", "\"version\": 2")).unwrap();
    assert_eq!(spoilt.damage().await, "of a newer version: 2");
    std::fs::remove_file(&account).unwrap();
    assert_eq!(spoilt.damage().await, "not an exported history");
    let fault = super::super::fault(ImportError::TooNew(2));
    assert_eq!(fault.kind, FaultKind::StoreTooNew);
}

#[tokio::test]
async fn lines_of_every_wrong_kind() {
    let spoilt = Spoilt::new().await;
    let good = spoilt.lines();
    let words = good.lines().last().unwrap();
    let bad = [
        "not json".to_owned(),
        "[]".to_owned(),
        "{\"id\":90}".to_owned(),
        "{\"id\":\"90\"}".to_owned(),
        words
            .replace("\"id\":2", "\"id\":91")
            .replace("\"text\"", "\"film\""),
        words
            .replace("\"id\":2", "\"id\":92")
            .replace("\"own\":true", "\"own\":false"),
        words
            .replace("\"id\":2", "\"id\":93")
            .replace("\"body\":\"words\"", "\"body\":7"),
        words
            .replace("\"id\":2", "\"id\":94")
            .replace("\"at\":17", "\"at\":99999999917"),
        format!("{{\"id\":95,\"body\":\"{}\"}}", "x".repeat(5_000_000)),
        "[".repeat(100_000),
    ];
    spoilt.write_lines(&format!("{}\n\n  \n{good}{{\"id\":1,\"at", bad.join("\n")));
    assert_eq!(spoilt.damage().await, format!("{} 0", bad.len()));
    assert_eq!(spoilt.came().await, "* words");
}

#[tokio::test]
async fn names_that_lead_elsewhere() {
    let spoilt = Spoilt::new().await;
    let secret = spoilt.root.parent().unwrap().join("secret.opus");
    std::fs::copy(spoilt.voice(), &secret).unwrap();
    let name = spoilt
        .voice()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let file = format!("voice/{name}");
    let good = spoilt.lines();
    for bad in [
        "../../../secret.opus",
        "/etc/passwd",
        "voice/../../../secret.opus",
        "voice/x",
    ] {
        spoilt.write_lines(&good.replace(&file, bad));
        assert_eq!(spoilt.damage().await, "0 1", "{bad}");
    }
    assert_eq!(spoilt.came().await, "- words");
    assert_eq!(spoilt.media_files(), 0);
    spoilt.write_lines(&good);
    assert_eq!(spoilt.damage().await, "none");
    assert_eq!(spoilt.came().await, "* words");
}

#[cfg(unix)]
#[tokio::test]
async fn links_and_pipes_are_not_there() {
    use std::os::unix::fs::symlink;
    let spoilt = Spoilt::new().await;
    let elsewhere = spoilt.root.parent().unwrap().join("elsewhere");
    let (voice, folder) = (spoilt.voice(), spoilt.chat.join("voice"));
    std::fs::rename(&voice, &elsewhere).unwrap();
    symlink(&elsewhere, &voice).unwrap();
    assert_eq!(spoilt.damage().await, "0 1");
    std::fs::remove_file(&voice).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&voice).status();
    assert!(made.unwrap().success());
    assert_eq!(spoilt.damage().await, "0 1");
    std::fs::remove_file(&voice).unwrap();
    std::fs::rename(&elsewhere, &voice).unwrap();

    let moved = spoilt.root.parent().unwrap().join("moved");
    std::fs::rename(&folder, &moved).unwrap();
    symlink(&moved, &folder).unwrap();
    assert_eq!(spoilt.damage().await, "0 1");
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&moved, &folder).unwrap();

    std::fs::rename(&spoilt.chat, &moved).unwrap();
    symlink(&moved, &spoilt.chat).unwrap();
    let before = spoilt.came().await;
    assert_eq!(spoilt.damage().await, "none");
    assert_eq!(spoilt.came().await, before);
    assert_eq!(spoilt.media_files(), 0);
}

#[tokio::test]
async fn files_that_are_not_what_was_said() {
    let spoilt = Spoilt::new().await;
    let voice = spoilt.voice();
    let good = std::fs::read(&voice).unwrap();
    let mut flipped = good.clone();
    flipped[3] ^= 1;
    std::fs::write(&voice, flipped).unwrap();
    assert_eq!(spoilt.damage().await, "0 1");
    // Ten gigabytes that take no place.
    let file = std::fs::File::create(&voice).unwrap();
    file.set_len(10 << 30).unwrap();
    assert_eq!(spoilt.damage().await, "0 1");
    std::fs::remove_file(&voice).unwrap();
    assert_eq!(spoilt.damage().await, "0 1");
    assert_eq!(spoilt.media_files(), 0);
    std::fs::write(&voice, good).unwrap();
    assert_eq!(spoilt.damage().await, "none");
    assert_eq!(spoilt.came().await, "* words");
}

#[tokio::test]
async fn chats_with_impossible_addresses() {
    let spoilt = Spoilt::new().await;
    let chats = spoilt.root.join(folder::CHATS);
    let good = std::fs::read_to_string(&chats).unwrap();
    for bad in ["../../x", "", "BO@LOCALHOST", "bo@localhost/phone", "a b@c"] {
        std::fs::write(&chats, good.replace(BO, bad)).unwrap();
        assert_eq!(spoilt.damage().await, "1 0", "{bad}");
    }
    assert_eq!(spoilt.came().await, "");
}
