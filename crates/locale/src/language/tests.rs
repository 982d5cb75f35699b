use super::Language;

#[test]
fn english_is_the_reference() {
    assert_eq!(Language::ENGLISH.tag(), "en");
    assert_eq!(Language::all().next(), Some(Language::ENGLISH));
}

#[test]
fn the_first_wish_that_can_be_met_wins() {
    for (wishes, tag) in [
        (&["zh-CN", "en"][..], "zh-CN"),
        (&["zh-Hans-SG"], "zh-CN"),
        (&["zh_CN.UTF-8"], "zh-CN"),
        (&["zh-TW", "en-GB"], "zh-CN"),
        (&["EN-us", "zh"], "en"),
        (&["tlh", "zh"], "zh-CN"),
        (&["tlh"], "en"),
        (&["", "C"], "en"),
        (&[], "en"),
    ] {
        let chosen = Language::choose(wishes.iter().copied());
        assert_eq!(chosen.tag(), tag, "{wishes:?}");
    }
}
