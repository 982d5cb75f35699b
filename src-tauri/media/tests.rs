//! What a URL, a type and a range may say.

use super::*;

#[test]
fn ranges_of_ten_bytes() {
    let part = |first, last| Wanted::Part { first, last };
    for (header, wanted) in [
        ("bytes=0-", part(0, 9)),
        ("bytes=0-0", part(0, 0)),
        ("bytes=2-5", part(2, 5)),
        ("bytes=2-500", part(2, 9)),
        ("bytes=9-", part(9, 9)),
        ("bytes=-3", part(7, 9)),
        ("bytes=-300", part(0, 9)),
        ("bytes=10-", Wanted::Nothing),
        ("bytes=10-12", Wanted::Nothing),
        ("bytes=-0", Wanted::Nothing),
        ("bytes=5-2", Wanted::Whole),
        ("bytes=0-1,3-4", Wanted::Whole),
        ("bytes=-", Wanted::Whole),
        ("bytes=--3", Wanted::Whole),
        ("bytes=+1-2", Wanted::Whole),
        ("bytes=99999999999999999999-", Wanted::Whole),
        ("lines=1-2", Wanted::Whole),
        ("", Wanted::Whole),
    ] {
        assert_eq!(range(header, 10), wanted, "{header}");
    }
}

#[test]
fn an_empty_file_has_no_ranges() {
    for header in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
        assert_eq!(range(header, 0), Wanted::Nothing, "{header}");
    }
}

#[test]
fn a_url_names_a_number_and_nothing_else() {
    assert_eq!(message_id("/17"), Some(MessageId(17)));
    for path in [
        "",
        "/",
        "17",
        "/-1",
        "/+1",
        "/17/",
        "/1/2",
        "/..",
        "/%2e%2e/etc",
        "/17.ogg",
        "/ 17",
        "/99999999999999999999",
    ] {
        assert_eq!(message_id(path), None, "{path}");
    }
}

#[test]
fn only_pictures_and_sound_that_cannot_run() {
    assert_eq!(served_type("image/PNG"), Some("image/png"));
    assert_eq!(served_type("audio/ogg; codecs=opus"), Some("audio/ogg"));
    for refused in [
        "image/svg+xml",
        "text/html",
        "application/pdf",
        "image/",
        "",
    ] {
        assert_eq!(served_type(refused), None, "{refused}");
    }
}

#[test]
fn a_refusal_cannot_be_sniffed_or_cached() {
    let answer = Refusal::Range { size: 10 }.into_response();
    assert_eq!(answer.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(answer.headers()[CONTENT_RANGE], "bytes */10");
    assert_eq!(answer.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
}
