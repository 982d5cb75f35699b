//! What is found where, and that marks are cut at characters.

use proptest::prelude::*;

use super::*;

/// The excerpt with its marks in brackets.
fn shown(text: &str, words: &[&str]) -> Option<String> {
    let words: Vec<String> = words.iter().map(|word| Folded::new(word).text).collect();
    let Excerpt { snippet, marks } = excerpt(text, &words)?;
    let (mut out, mut from) = (String::new(), 0);
    for (start, end) in marks {
        let (start, end) = (start as usize, end as usize);
        out += &format!("{}[{}]", &snippet[from..start], &snippet[start..end]);
        from = end;
    }
    Some(out + &snippet[from..])
}

#[test]
fn words_are_found_where_they_are() {
    assert_eq!(shown("a Café", &["cafe"]).unwrap(), "a [Café]");
    assert_eq!(shown("meetings", &["meet"]).unwrap(), "[meet]ings");
    assert_eq!(shown("ballpark", &["park"]), None);
    assert_eq!(shown("今天天氣", &["天气"]).unwrap(), "今天[天氣]");
    assert_eq!(shown("天，气", &["天气"]), None);
    assert_eq!(shown("013812", &["381"]).unwrap(), "01[381]2");
    assert_eq!(shown("see, you", &["see you"]).unwrap(), "[see, you]");
    assert_eq!(shown("天天天", &["天天", "天"]).unwrap(), "[天天天]");
    assert_eq!(shown("good 好", &["好", "good"]).unwrap(), "[good] [好]");
}

#[test]
fn long_texts_are_cut_around_the_first_mark() {
    let text = format!("{}needle{}", "好 ".repeat(100), " 好".repeat(200));
    let shown = shown(&text, &["needle"]).unwrap();
    assert!(shown.starts_with("…好 ") && shown.contains("[needle]"));
    assert!(shown.ends_with('…') && shown.chars().count() <= LENGTH + 4);
}

proptest! {
    #[test]
    fn marks_lie_on_characters(text in "\\PC{0,60}", from in 0_usize..60, length in 1_usize..5) {
        let part: String = text.chars().skip(from).take(length).collect();
        let words: Vec<String> = Folded::new(&part).text.split(' ')
            .filter(|word| !word.is_empty()).map(str::to_owned).collect();
        if let Some(excerpt) = excerpt(&text, &words) {
            let mut last = 0;
            for (start, end) in excerpt.marks {
                prop_assert!(last <= start && start < end);
                prop_assert!(excerpt.snippet.get(start as usize..end as usize).is_some());
                last = end;
            }
        }
    }
}
