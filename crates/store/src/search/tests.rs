//! Whose turn it is, and what the index is asked.

use super::*;
use crate::schema;

fn connection() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection).unwrap();
    connection
        .execute_batch(
            "INSERT INTO chat (address, title) VALUES ('bo@localhost', 'Bo');
             INSERT INTO message (chat, author, own, at, kind, state, body, place)
             VALUES (1, 'bo@localhost', 0, 1, 0, 6, 'hi', 4);
             INSERT INTO message_search (rowid, terms) VALUES (4, '\u{80}hi');",
        )
        .unwrap();
    connection
}

fn question(text: &str) -> Question {
    Question {
        text: text.into(),
        chat: None,
        after: None,
        utc_offset_min: 0,
    }
}

#[test]
fn who_enters_is_the_newest() {
    let line = Line::new();
    let first = line.enter();
    assert!(line.is_newest(first));
    let second = line.enter();
    assert!(line.is_newest(second) && !line.is_newest(first));
}

#[test]
fn an_answer_that_nobody_waits_for_ends() {
    let connection = connection();
    let ask = |current| page(&connection, &question("hi"), || current).unwrap();
    assert_eq!((ask(true).hits.len(), ask(true).stale), (1, false));
    assert_eq!((ask(false).hits.len(), ask(false).stale), (0, true));
}

#[test]
fn expressions_hold_terms_and_tags() {
    let connection = connection();
    let ask = |text: &str, chat| {
        let query = Query::new(text, 0);
        let asked = expression(&connection, &query, chat).unwrap();
        asked.map(|text| text.replace(char::is_control, "^"))
    };
    assert_eq!(ask("hello 你好", None).unwrap(), r#""hello"* AND "你好""#);
    assert_eq!(ask("hi", Some(ChatId(7))).unwrap(), r#""^7" AND "^hi""#);
    assert_eq!(ask("in:bo from:me", None).unwrap(), r#""^1" AND "^""#);
    assert_eq!(
        ask("has:voice has:link", None).unwrap(),
        r#"("^l" OR "^v")"#
    );
    assert_eq!(ask("after:2024", None).unwrap(), "");
    assert_eq!(ask("in:nobody hi", None), None);
}
