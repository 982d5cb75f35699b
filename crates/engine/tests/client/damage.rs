//! The disk damaged the database: the user is told, and everything that was said is there again, once.

use std::path::{Path, PathBuf};

use api::{ReadHealth, Verify};

use crate::person::{Account, Home, Person};
use crate::place;
use crate::seen::{Seen, text_of};
use crate::witness;

fn databases(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            databases(&path, found);
        } else if path.file_name().is_some_and(|name| name == "millet.db") {
            found.push(path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_comes_back_whole() {
    let server = place::ejabberd();
    let ann = Account::new(&server, "ann");
    let bo = Person::sign_up(&server, "bo").await;
    let words: Vec<_> = (0..600).map(|n| format!("number {n}")).collect();
    for batch in words.chunks(200) {
        witness::say_all(&ann, bo.address(), batch).await;
    }
    bo.hears("number 599").await;
    bo.until_true("all of it", Seen::is_whole).await;
    let account = bo.account.clone();
    let home: Home = bo.close().await;
    let mut files = Vec::new();
    databases(&home.path(), &mut files);
    let [file] = &files[..] else {
        panic!("{files:?}")
    };
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    for byte in &mut bytes[middle..middle + 10 * 4096] {
        *byte ^= 0x5a;
    }
    std::fs::write(file, bytes).unwrap();

    let bo = Person::start(&account, home).await;
    bo.ask(Verify {}).await.unwrap();
    bo.until_true("the notice", |seen| {
        let mut kinds = seen.notices.iter().map(|fault| fault.kind.name());
        kinds.any(|kind| kind == "store_recovered")
    })
    .await;
    let health = bo.ask(ReadHealth {}).await.unwrap();
    let (saved, aside) = health.recovered.unwrap();
    assert!(saved < 600, "{saved}");
    assert!(file.with_file_name(aside).exists());
    bo.until_true("all of it", Seen::is_whole).await;
    let timeline = bo.timeline(&ann.address).await;
    let mut texts: Vec<_> = timeline.iter().filter_map(text_of).collect();
    let mut words: Vec<_> = words.iter().map(String::as_str).collect();
    // Said within milliseconds of each other, and what came live stands at our time, what came again at the archive's.
    texts.sort_unstable();
    words.sort_unstable();
    assert!(texts == words, "{} of {}", texts.len(), words.len());
}
