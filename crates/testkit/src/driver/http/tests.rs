//! The examples of RFC 4648 §10.

use super::base64;

#[test]
fn the_examples_of_the_standard() {
    for (text, bytes) in [
        ("", ""),
        ("Zg==", "f"),
        ("Zm8=", "fo"),
        ("Zm9v", "foo"),
        ("Zm9vYg==", "foob"),
        ("Zm9v\r\nYmE=", "fooba"),
        ("Zm9vYmFy", "foobar"),
    ] {
        assert_eq!(base64(text).unwrap(), bytes.as_bytes(), "{text}");
    }
    assert_eq!(base64("Zg!="), None);
}
