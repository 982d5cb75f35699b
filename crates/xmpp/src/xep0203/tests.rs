use super::*;

#[test]
fn the_specs_example() {
    let element: Element = "<delay xmlns='urn:xmpp:delay' from='capulet.com' stamp='2002-09-10T23:08:25Z'>Offline Storage</delay>"
        .parse()
        .unwrap();
    assert_eq!(parse(&element), Some(1_031_699_305_000));
}

#[test]
fn hostile() {
    for stamp in [
        "",
        "yesterday",
        "2002-13-10T23:08:25Z",
        "99999999999-01-01T00:00:00Z",
    ] {
        assert_eq!(parse_time(stamp), None, "{stamp}");
    }
}

#[test]
fn there_and_back() {
    for ms in [
        0,
        1_031_699_305_123,
        951_782_400_000,
        1_709_164_800_000,
        -1,
        4_102_444_799_999,
    ] {
        assert_eq!(parse_time(&format_time(ms)), Some(ms));
    }
    assert_eq!(format_time(0), "1970-01-01T00:00:00.000Z");
    assert_eq!(format_time(i64::MAX), "9999-12-31T23:59:59.999Z");
}
