use super::*;

fn read(inside: &str) -> Reactions {
    let xml = format!("<reactions id='744f6e18' xmlns='urn:xmpp:reactions:0'>{inside}</reactions>");
    parse(&xml.parse().unwrap()).unwrap()
}

/// The three examples of §3: one, two, none.
#[test]
fn the_examples_are_whole_sets() {
    assert_eq!(read("<reaction>👋</reaction>").emoji, ["👋"]);
    let two = read("<reaction>👋</reaction><reaction>🐢</reaction>");
    assert_eq!(two.id, "744f6e18");
    assert_eq!(two.emoji, ["👋", "🐢"]);
    assert_eq!(read("").emoji, [""; 0]);
    assert_eq!(parse(&build(&two.id, &two.emoji)), Some(two));
}

#[test]
fn words_and_doubles_do_not_count() {
    let emoji = ["❤️", "1️⃣", "👩🏽‍❤️‍💋‍👨🏿", "🇰🇷"];
    let all = ["❤️", "lol", "1️⃣", "", "a b", "좋아요", "👩🏽‍❤️‍💋‍👨🏿", "❤️", "🇰🇷"];
    let inside: String = all
        .iter()
        .map(|one| format!("<reaction>{one}</reaction>"))
        .collect();
    assert_eq!(read(&inside).emoji, emoji);
    assert_eq!(read(&"<reaction>👋🏽</reaction>".repeat(9)).emoji.len(), 1);
    let many: String = ('😀'..='😽')
        .map(|one| format!("<reaction>{one}</reaction>"))
        .collect();
    assert_eq!(read(&many).emoji.len(), MAX_REACTIONS);
}
