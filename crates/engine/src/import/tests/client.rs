//! The commands, on histories without a server.

use api::{
    Call, Export, Fault, FaultKind, Feed, Import, Job, KeepExport, ReadExport, Signal, StopJob,
};
use store::{Store, key};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{Client, Env, Keyring};

/// A home whose account was signed in before, with so many messages.
async fn home(address: &str, messages: u32) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("accounts").join("ab12");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(home.path().join("current"), "ab12").unwrap();
    let store = Store::open(&folder).unwrap();
    let address = address.to_owned();
    store
        .write(move |tx| {
            tx.set_meta(key::ADDRESS, Some(&address))?;
            let chat = tx.ensure_chat("bo@localhost")?;
            for n in 0..messages {
                tx.add_text(chat, &format!("o{n}"), i64::from(n), "hello")?;
            }
            Ok(())
        })
        .await
        .unwrap();
    store.close().await;
    home
}

struct Window {
    client: Client,
    feed: UnboundedReceiver<Feed>,
}

impl Window {
    async fn open(home: &TempDir) -> Self {
        let env = Env {
            keyring: Keyring::None,
            password: None,
            ..Env::system()
        };
        let client = Client::start(home.path().to_path_buf(), env).await.unwrap();
        let (_reset, feed) = client.subscribe().await.unwrap();
        Self { client, feed }
    }

    async fn ask<C: Call>(&self, call: C) -> Result<C::Reply, Fault> {
        let answer = self.client.call(call.into_command()).await?;
        Ok(serde_json::from_value(answer.value).unwrap())
    }

    /// Waits for the end of a job: how much it did, and why it failed.
    async fn ended(&mut self, wanted: Job) -> (u64, Option<FaultKind>) {
        loop {
            let item = self.feed.recv().await.unwrap();
            if let Feed::Signal(Signal::Job {
                job,
                done,
                ended: true,
                fault,
                ..
            }) = item
                && job == wanted
            {
                return (done, fault.map(|fault| fault.kind));
            }
        }
    }

    async fn messages_are(&mut self, wanted: u64) {
        while self.messages().await != wanted {
            self.feed.recv().await.unwrap();
        }
    }

    async fn messages(&self) -> u64 {
        let account = self.client.account().unwrap();
        account.store.reader().counts().await.unwrap().messages
    }
}

fn path(folder: &TempDir) -> String {
    folder.path().to_str().unwrap().to_owned()
}

#[tokio::test]
async fn out_of_one_account_and_into_another() {
    let (ann, bea) = (
        home("ann@localhost", 300).await,
        home("bea@localhost", 1).await,
    );
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(&ann).await;
    assert_eq!(window.ask(ReadExport {}).await.unwrap().at, None);
    let export = Export {
        folder: path(&folder),
    };
    window.ask(export.clone()).await.unwrap();
    assert_eq!(window.ended(Job::Export).await, (300, None));
    assert!(window.ask(ReadExport {}).await.unwrap().at.is_some());
    window.ask(export).await.unwrap();
    assert_eq!(window.ended(Job::Export).await, (0, None));
    window.client.shutdown().await;

    let mut window = Window::open(&bea).await;
    let import = Import {
        folder: path(&folder),
    };
    window.ask(import).await.unwrap();
    assert_eq!(window.ended(Job::Import).await, (300, None));
    // Both have a message `o0`, of the same words to the same person: the same one.
    assert_eq!(window.messages().await, 300);
    window.client.shutdown().await;
}

#[tokio::test]
async fn folders_that_do_not_do_are_refused_at_once() {
    let ann = home("ann@localhost", 1).await;
    let full = tempfile::tempdir().unwrap();
    std::fs::write(full.path().join("letter.txt"), "mine").unwrap();
    let window = Window::open(&ann).await;
    let refused = window.ask(Export {
        folder: path(&full),
    });
    assert_eq!(refused.await.unwrap_err().kind, FaultKind::FolderNotEmpty);
    let refused = window.ask(KeepExport {
        folder: Some("here".into()),
    });
    assert_eq!(refused.await.unwrap_err().kind, FaultKind::FolderUnusable);
    let refused = window.ask(Import {
        folder: path(&full),
    });
    assert_eq!(refused.await.unwrap_err().kind, FaultKind::NotAnExport);
    window.ask(StopJob { job: Job::Import }).await.unwrap();
    window.client.shutdown().await;
}

#[tokio::test]
async fn a_kept_folder_follows_by_itself_also_after_a_restart() {
    let ann = home("ann@localhost", 1).await;
    let folder = tempfile::tempdir().unwrap();
    let window = Window::open(&ann).await;
    let keep = KeepExport {
        folder: Some(path(&folder)),
    };
    window.ask(keep).await.unwrap();
    holds(&folder, 1).await;
    window.client.shutdown().await;

    let window = Window::open(&ann).await;
    assert_eq!(
        window.ask(ReadExport {}).await.unwrap().kept,
        Some(path(&folder))
    );
    let account = window.client.account().unwrap();
    let chat = account.store.write(|tx| tx.ensure_chat("bo@localhost"));
    let chat = chat.await.unwrap();
    let said = api::SendText {
        chat,
        body: "later".into(),
    };
    window.ask(said).await.unwrap();
    holds(&folder, 2).await;
    window.ask(KeepExport { folder: None }).await.unwrap();
    assert_eq!(window.ask(ReadExport {}).await.unwrap().kept, None);
    window.client.shutdown().await;
}

/// On a new machine a folder of the old one is what is left of it.
#[tokio::test]
async fn what_another_machine_wrote_is_taken_in_before_it_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let old = home("ann@localhost", 10).await;
    let mut window = Window::open(&old).await;
    let export = Export {
        folder: path(&folder),
    };
    window.ask(export.clone()).await.unwrap();
    assert_eq!(window.ended(Job::Export).await, (10, None));
    window.client.shutdown().await;

    let new = home("ann@localhost", 0).await;
    let mut window = Window::open(&new).await;
    let keep = KeepExport {
        folder: Some(path(&folder)),
    };
    window.ask(keep).await.unwrap();
    window.messages_are(10).await;
    holds(&folder, 10).await;
    window.ask(KeepExport { folder: None }).await.unwrap();

    // One that cannot be read whole stays as it is.
    window.client.shutdown().await;
    let lines = walk(folder.path(), crate::export::folder::MESSAGES);
    let text = std::fs::read_to_string(&lines).unwrap();
    let broken = text.replacen("{\"id\"", "{\"ix\"", 1);
    assert_ne!(text, broken);
    std::fs::write(&lines, &broken).unwrap();
    let third = home("ann@localhost", 0).await;
    let mut window = Window::open(&third).await;
    window.ask(export).await.unwrap();
    let (_, fault) = window.ended(Job::Import).await;
    assert_eq!(fault, Some(FaultKind::ImportIncomplete));
    window.client.shutdown().await;
    assert_eq!(std::fs::read_to_string(&lines).unwrap(), broken);
}

/// The only file of a name.
fn walk(folder: &std::path::Path, name: &str) -> std::path::PathBuf {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut paths = entries.map(|entry| entry.path());
    let found = paths.find_map(|path| match path.is_dir() {
        true => Some(walk(&path, name)).filter(|found| found.exists()),
        false => path.ends_with(name).then_some(path),
    });
    found.unwrap_or_default()
}

/// Waits until the folder has so many messages.
async fn holds(folder: &TempDir, messages: u64) {
    let chats = folder.path().join(crate::export::folder::CHATS);
    let wait = async {
        loop {
            let read = crate::export::folder::read_json::<crate::export::line::ChatsFile>(&chats);
            let state = folder.path().join(crate::export::folder::STATE).exists();
            if state && read.is_ok_and(|read| read.chats[0].messages == messages) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), wait)
        .await
        .expect("the folder to follow");
}
