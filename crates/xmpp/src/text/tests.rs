use super::*;

#[test]
fn cut_keeps_characters_whole() {
    assert_eq!(cut("语音", 4), "语");
    assert_eq!(cut("abc", 9), "abc");
}

#[test]
fn only_web_addresses() {
    assert!(http_url("https://a.example/x").is_some());
    assert!(http_url(" http://a.example/x\n").is_some());
    for bad in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "aesgcm://a/b",
        "https://",
        "x",
        "",
    ] {
        assert_eq!(http_url(bad), None, "{bad}");
    }
    assert_eq!(http_url(&format!("https://a/{}", "x".repeat(5000))), None);
}

#[test]
fn what_xml_cannot_carry_is_left_out() {
    assert_eq!(sendable("a\u{0}b\u{b}c\u{ffff}\n语🎤"), "abc\n语🎤");
}
