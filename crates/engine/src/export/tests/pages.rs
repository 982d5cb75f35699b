//! What a browser is given.

use std::path::Path;

use super::*;
use crate::export::page::{PAGE, escaped};

/// The pages of the only chat, with their names.
fn pages(root: &Path) -> Vec<(String, String)> {
    tree(root)
        .into_iter()
        .filter(|(name, _)| name.ends_with(".html"))
        .map(|(name, html)| (name, String::from_utf8(html).unwrap()))
        .collect()
}

#[test]
fn nothing_said_becomes_markup() {
    assert_eq!(
        escaped("<script>\"a\" & 'b'\u{1}\n"),
        "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;\u{fffd}\n"
    );
}

#[tokio::test]
async fn hostile_words_names_and_titles_are_text() {
    let mut ann = Person::new(ANN).await;
    let root = ann.folder("out");
    let evil = "</p><img src=x onerror=alert(1)>";
    ann.lives(&[Deed::say(evil)]).await;
    let contact = store::Contact {
        address: history::CHATS[0].into(),
        name: Some("<svg onload=alert(2)>".into()),
        subscription: store::Subscription::Both,
        pending_out: false,
    };
    ann.store
        .write(move |tx| tx.roster(&[contact], false))
        .await
        .unwrap();
    ann.export_all(&root).await;
    let pages = pages(&root);
    assert_eq!(pages.len(), 3);
    for (name, html) in pages {
        assert!(!html.contains("<img") && !html.contains("<svg"), "{name}");
        assert!(!html.contains("://"), "{name} names another place");
        assert!(html.contains("default-src 'none'"), "{name}");
        assert!(!html.contains("<script"), "{name}");
    }
}

#[tokio::test]
async fn voice_is_beside_the_page_that_plays_it() {
    let mut ann = Person::new(ANN).await;
    let root = ann.folder("out");
    ann.lives(&[Deed::Speak { chat: 0 }]).await;
    ann.export_all(&root).await;
    let tree = tree(&root);
    let (name, html) = pages(&root)
        .into_iter()
        .find(|(name, _)| name.ends_with("2026-01.html"))
        .unwrap();
    let (_, source) = html.split_once("src=\"").unwrap();
    let (source, _) = source.split_once('"').unwrap();
    assert!(source.ends_with(".opus"), "{source}");
    let folder = Path::new(&name).parent().unwrap();
    let played = folder.join(source).display().to_string();
    assert!(tree.contains_key(&played), "{played}");
}

#[tokio::test]
async fn long_months_have_several_pages_that_know_each_other() {
    let mut ann = Person::new(ANN).await;
    let root = ann.folder("out");
    let many = usize::try_from(PAGE).unwrap() + 1;
    let said: Vec<Deed> = (0..many).map(|_| Deed::say("word")).collect();
    ann.lives(&said).await;
    ann.export_all(&root).await;
    let pages = pages(&root);
    let html = |end: &str| {
        &pages
            .iter()
            .find(|(name, _)| name.ends_with(end))
            .unwrap()
            .1
    };
    assert!(html("2026-01.html").contains("href=\"2026-01-2.html\">2026-01-2 →"));
    assert!(html("2026-01-2.html").contains("href=\"2026-01.html\">← 2026-01"));
    assert_eq!(html("2026-01-2.html").matches("<article").count(), 1);
}
