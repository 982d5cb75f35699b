//! History that outlives its machine and its server: out into a folder, in again while the sync brings the same, and
//! through kills.

use api::{Content, Export, FaultKind, Import, Job, KeepExport, MessageRow};
use testkit::server::{Kind, Options, Server};

use crate::headless::Headless;
use crate::person::{Account, Home, Person, media_of, mute};
use crate::place;
use crate::seen::{Seen, text_of};
use crate::sound::SPEECH;
use crate::witness;

/// What has to come back of a message; the numbers of rows do not.
fn of(row: &MessageRow) -> (i64, bool, String, Option<api::Media>, String) {
    let what = match &row.content {
        Content::Text { body } => body.clone(),
        Content::Voice {
            duration_ms, peaks, ..
        } => format!("{duration_ms} {peaks:?}"),
        Content::File { name, .. } => name.clone(),
    };
    let state = format!("{:?} {:?}", row.state, row.edited);
    (row.at, row.own, what, media_of(row), state)
}

async fn history(
    person: &Person,
    with: &str,
) -> Vec<(i64, bool, String, Option<api::Media>, String)> {
    person.timeline(with).await.iter().map(of).collect()
}

fn path(folder: &tempfile::TempDir) -> String {
    folder.path().to_str().unwrap().to_owned()
}

async fn ended(person: &Person, job: Job) -> Option<FaultKind> {
    person
        .until("the end of the job", |seen| {
            seen.ended_jobs.get(&job).cloned()
        })
        .await
}

/// On a new machine the folder is taken in while the archive brings the same messages: each is there once, as it was.
#[tokio::test(flavor = "multi_thread")]
async fn into_a_fresh_machine_while_it_syncs() {
    let server = place::ejabberd();
    let ann = Account::new(&server, "ann");
    let bo = Person::sign_in(&Account::new(&server, "bo"), mute()).await;
    let words: Vec<String> = (0..700).map(|n| format!("明天 {n}")).collect();
    for batch in words.chunks(200) {
        witness::say_all(&ann, bo.address(), batch).await;
    }
    bo.hears("明天 699").await;
    let answer = bo.say(&ann.address, "好的").await;
    bo.reaches(answer, api::MessageState::Sent).await;
    let folder = tempfile::tempdir().unwrap();
    bo.ask(Export {
        folder: path(&folder),
    })
    .await
    .unwrap();
    assert_eq!(ended(&bo, Job::Export).await, None);
    let before = history(&bo, &ann.address).await;
    assert_eq!(before.len(), 701);

    let phone = Person::open(&bo.account, Home::new(), crate::person::env(mute())).await;
    phone.ask(bo.account.sign_in()).await.unwrap();
    phone
        .ask(Import {
            folder: path(&folder),
        })
        .await
        .unwrap();
    assert_eq!(ended(&phone, Job::Import).await, None);
    phone.until_true("all of it", Seen::is_whole).await;
    let after = history(&phone, &ann.address).await;
    let texts = |rows: &[(i64, bool, String, _, _)]| -> Vec<String> {
        rows.iter().map(|row| row.2.clone()).collect()
    };
    // What came live has this machine's time and what the archive tells the server's: of two messages within a few
    // milliseconds either may stand first.
    let sorted = |mut texts: Vec<String>| {
        texts.sort_unstable();
        texts
    };
    assert_eq!(sorted(texts(&after)), sorted(texts(&before)));
}

/// The server is gone, for good: everything is there in an account elsewhere, with its voice.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_server_loses_nothing() {
    let server = Server::start(Kind::Ejabberd, Options::on("localhost")).unwrap();
    let ann = Person::sign_in(&Account::new(&server, "ann"), SPEECH.fast()).await;
    let bo = Person::sign_up(&server, "bo").await;
    ann.say(bo.address(), "再见").await;
    ann.speak(bo.address()).await;
    bo.hears("再见").await;
    bo.hears_voices(1).await;
    let folder = tempfile::tempdir().unwrap();
    bo.ask(Export {
        folder: path(&folder),
    })
    .await
    .unwrap();
    assert_eq!(ended(&bo, Job::Export).await, None);
    let before = history(&bo, ann.address()).await;
    let gone = ann.address().to_owned();
    bo.close().await;
    ann.close().await;
    drop(server);

    let elsewhere = Server::start(Kind::Prosody, Options::on("localhost")).unwrap();
    let bea = Person::sign_up(&elsewhere, "bea").await;
    bea.ask(Import {
        folder: path(&folder),
    })
    .await
    .unwrap();
    assert_eq!(ended(&bea, Job::Import).await, None);
    bea.hears_voices(1).await;
    assert_eq!(history(&bea, &gone).await, before);
}

/// Killed while it writes and while it reads: the next one goes on, and in the end all is there once.
#[tokio::test(flavor = "multi_thread")]
async fn killed_on_the_way_out_and_in() {
    let server = place::ejabberd();
    let ann = Account::new(&server, "ann");
    let bo = Account::new(&server, "bo");
    let words: Vec<String> = (0..3_000).map(|n| format!("number {n}")).collect();
    let home = Home::new();
    let mut desk = Headless::start(&bo, &home, &[]);
    desk.ask(bo.sign_in()).await;
    for batch in words.chunks(250) {
        witness::say_all(&ann, &bo.address, batch).await;
    }
    desk.until_true("the last", |seen| seen.text("number 2999").is_some())
        .await;
    desk.kill();
    let folder = tempfile::tempdir().unwrap();
    let kept = KeepExport {
        folder: Some(path(&folder)),
    };
    for _ in 0..3 {
        let mut desk = Headless::start(&bo, &home, &[]);
        desk.tell(kept.clone());
        desk.until_true("some of it written", |_| {
            folder.path().join("chats").exists()
        })
        .await;
        desk.kill();
    }
    let desk = Person::start(&bo, home).await;
    desk.ask(Export {
        folder: path(&folder),
    })
    .await
    .unwrap();
    assert_eq!(ended(&desk, Job::Export).await, None);

    let home = Home::new();
    let mut phone = Headless::start(&bo, &home, &[]);
    phone.ask(bo.sign_in()).await;
    for done in [1, 500, 1_500] {
        phone.tell(Import {
            folder: path(&folder),
        });
        phone
            .until_true("some of it read", |seen| {
                seen.jobs.get(&Job::Import).is_some_and(|now| *now >= done)
            })
            .await;
        phone.kill();
        phone = Headless::start(&bo, &home, &[]);
    }
    phone.close();
    let phone = Person::start(&bo, home).await;
    phone
        .ask(Import {
            folder: path(&folder),
        })
        .await
        .unwrap();
    assert_eq!(ended(&phone, Job::Import).await, None);
    phone.until_true("all of it", Seen::is_whole).await;
    let timeline = phone.timeline(&ann.address).await;
    let mut texts: Vec<&str> = timeline.iter().filter_map(text_of).collect();
    texts.sort_unstable();
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.sort_unstable();
    assert_eq!(texts.len(), words.len());
    assert!(
        texts == words,
        "something is there twice, and something else is not"
    );
}
