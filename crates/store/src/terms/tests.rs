//! How texts are cut.

use api::{Media, MessageId, MessageState};

use super::*;

fn row(content: Content) -> MessageRow {
    MessageRow {
        id: MessageId(1),
        chat: ChatId(12),
        author: "bo@localhost".into(),
        own: false,
        at: 0,
        content,
        state: MessageState::Received,
        fault: None,
        edited: None,
        retracted: false,
        reply_to: None,
        reactions: Vec::new(),
    }
}

/// With the marks made visible and without the tags of chat and author.
fn terms(body: &str) -> String {
    let all = of_message(&row(Content::Text { body: body.into() }));
    let shown = all.replace(BEGINNING, "^").replace(KIND, "#");
    let words: Vec<&str> = shown.split_whitespace().skip(2).collect();
    words.join(" ")
}

#[test]
fn texts_are_cut_by_class() {
    assert_eq!(terms("Meet me"), "^m ^me ^mee meet ^m ^me");
    assert_eq!(terms("你好，世"), "你 好 你好 世");
    assert_eq!(terms("國語ok"), "国 语 国语 ^o ^ok");
    assert_eq!(terms("20:24"), "2 0 20 2 4 24");
    assert_eq!(terms("3号"), "3 号");
    assert_eq!(terms("👍👍"), "👍 👍");
    assert_eq!(
        terms("https://a.org/x"),
        "#l ^h ^ht ^htt https ^a ^o ^or ^org ^x"
    );
}

#[test]
fn tags_cannot_be_written() {
    let tags = of_message(&row(Content::Text {
        body: format!("{CHAT}12 {AUTHOR} {KIND}v \u{E040}"),
    }));
    assert_eq!(tags, "\u{81}12 \u{82}bo\u{E040}localhost 1 2 12 \u{80}v ");
}

#[test]
fn kinds_have_terms() {
    let tags = |content| of_message(&row(content));
    let voice = tags(Content::Voice {
        duration_ms: 1,
        peaks: Vec::new(),
        media: Media::Here,
        heard: false,
        place_ms: 0,
    });
    assert!(voice.contains(&of_kind(Has::Voice)));
    let file = |media_type: &str| Content::File {
        dimensions: None,
        name: "Übersicht.pdf".into(),
        media_type: media_type.into(),
        size: None,
        media: Media::Here,
    };
    assert!(tags(file("image/png")).contains(&of_kind(Has::Image)));
    let pdf = tags(file("application/pdf"));
    assert!(pdf.contains(&of_kind(Has::File)) && pdf.contains(" ubersicht "));
}

#[test]
fn what_is_asked_for_is_what_is_kept() {
    for body in [
        "Meeting",
        "今天天气很好",
        "iphone15吧",
        "a👍b 2024",
        "หิวข้าว",
    ] {
        let kept = of_message(&row(Content::Text { body: body.into() }));
        let folded = fold::Folded::new(body).text;
        for term in needed(&folded) {
            let term = term.trim_matches(['"', '*']);
            assert!(kept.split(' ').any(|t| t == term), "{body}: {term}");
        }
    }
}
