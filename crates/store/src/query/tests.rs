//! Operators, dates, and that nothing typed is ever syntax.

use proptest::prelude::*;

use super::*;
use crate::fold::{Class, class};

const DAY: Millis = 86_400_000;

fn words(text: &str) -> Vec<String> {
    Query::new(text, 0).words
}

#[test]
fn words_and_operators_are_told_apart() {
    let query = Query::new(
        "Lunch from:bo in:\"Big Family\" HAS:voice \"see you\" x:y",
        0,
    );
    assert_eq!(query.words, ["lunch", "see you", "x", "y"]);
    assert_eq!(query.from, ["bo"]);
    assert_eq!(query.within, ["Big Family"]);
    assert_eq!(query.has, [Has::Voice]);
    assert_eq!(words("https://a.org/x"), ["https", "a", "org", "x"]);
    assert_eq!(words("has:nothing"), ["has", "nothing"]);
    assert_eq!(words("before:yesterday"), ["before", "yesterday"]);
    assert_eq!(words("from: in:\"\""), Vec::<String>::new());
    assert_eq!(words("\"open end"), ["open end"]);
    assert_eq!(Query::new("from：「阿 明」", 0).from, ["阿 明"]);
    assert!(Query::new(" -- \" ", 0).is_empty());
}

#[test]
fn dates_are_days_of_the_user() {
    let query = Query::new("after:1970-01-02 before:1970-02", 60);
    assert_eq!(query.since, Some(DAY - 3_600_000));
    assert_eq!(query.until, Some(31 * DAY - 3_600_000));
    assert_eq!(Query::new("after:2024-02-29", 0).since, Some(19_782 * DAY));
    assert_eq!(Query::new("after:2024", 0).since, Some(19_723 * DAY));
    for wrong in [
        "2023-02-29",
        "1969",
        "2024-13",
        "2024-1-1-1",
        "+024",
        "2024-",
    ] {
        assert_eq!(
            Query::new(&format!("after:{wrong}"), 0).since,
            None,
            "{wrong}"
        );
    }
}

#[test]
fn terms_are_bounded() {
    let long = Query::new(&"天地玄黄".repeat(100), 0);
    assert!(long.terms().len() <= TERMS);
    assert!(words(&"a ".repeat(1000)).len() <= WORDS);
}

proptest! {
    #[test]
    fn what_is_typed_is_never_syntax(text in "[\"*:^(){}a-cN好1-3 \\-+,']{0,24}|\\PC{0,24}") {
        for term in Query::new(&text, 0).terms() {
            let inner = term.strip_suffix('*').unwrap_or(&term);
            let inner = inner.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap();
            prop_assert!(!inner.is_empty());
            let plain = |c| c == '\u{80}' || class(c) != Class::Space;
            prop_assert!(inner.chars().all(plain), "{inner}");
        }
    }
}
