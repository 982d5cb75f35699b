//! What reads the same, and that marks fall on characters.

use proptest::prelude::*;

use super::*;

fn fold(text: &str) -> String {
    Folded::new(text).text
}

#[test]
fn what_people_take_for_the_same_is_the_same() {
    for (a, b) in [
        ("CAFÉ", "cafe"),
        ("Ｈｅｌｌｏ １２", "hello 12"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("漢語國學發", "汉语国学发"),
        ("氣 気", "气 气"),
        ("Straße Øl Łódź", "strasse ol lodz"),
        ("İstanbul", "istanbul"),
        ("Ёлка", "елка"),
        ("שָׁלוֹם", "שלום"),
        ("ﬁne", "fine"),
        ("한국", "한국"),
        ("か\u{3099}", "が"),
        ("soft\u{AD}ware", "software"),
        ("👍🏽", "👍"),
        ("☂\u{FE0F}", "☂"),
    ] {
        assert_eq!(fold(a), fold(b), "{a} {b}");
    }
    assert_eq!(fold("  (a)--b_c,。d "), "a b c d");
    assert_ne!(fold("かな"), fold("カナ"));
}

#[test]
fn classes() {
    let classes: Vec<Class> = "a1好한ก👍 -é".chars().map(class).collect();
    use Class::{Dense, Digit, Letter, Space, Symbol};
    assert_eq!(
        classes,
        [
            Letter, Digit, Dense, Dense, Dense, Symbol, Space, Space, Letter
        ]
    );
}

#[test]
fn a_variant_stands_for_itself_or_another_but_never_in_a_ring() {
    for code in BLOCKS.chain(0x20000..0x323AF) {
        let c = char::from_u32(code).unwrap();
        assert_eq!(han(han(c)), han(c), "{c}");
    }
}

#[test]
fn long_texts_end_somewhere() {
    assert_eq!(fold(&"好".repeat(LONGEST)).len(), LONGEST - LONGEST % 3);
    assert!(fold(&format!("a{}", "\u{301}".repeat(500))).len() == 1);
}

proptest! {
    #[test]
    fn every_stretch_knows_where_it_came_from(text in "\\PC{0,40}") {
        let folded = Folded::new(&text);
        prop_assert_eq!(folded.text.len(), folded.spans.len());
        for (at, c) in folded.text.char_indices() {
            let range = folded.original(at..at + c.len_utf8());
            let (start, end) = (range.start as usize, range.end as usize);
            prop_assert!(start < end && text.get(start..end).is_some());
        }
        prop_assert!(folded.text.chars().all(|c| c == ' ' || class(c) != Class::Space));
    }
}
