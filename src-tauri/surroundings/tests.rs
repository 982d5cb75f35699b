//! Which environment is complete.

use super::*;

#[test]
fn a_card_is_a_node_that_renders() {
    let devices = tempfile::tempdir().unwrap();
    assert!(!has_card(&devices.path().join("dri")));
    // A card that only shows pictures, as virtual machines have.
    std::fs::write(devices.path().join("card0"), "").unwrap();
    assert!(!has_card(devices.path()));
    std::fs::write(devices.path().join("renderD128"), "").unwrap();
    assert!(has_card(devices.path()));
}

#[test]
fn only_what_is_missing_is_added_and_then_nothing_is() {
    let of = |names: &'static [&str]| {
        move |name: &str| names.contains(&name).then(|| OsString::from("true"))
    };
    assert_eq!(missing(of(&[]), true), []);
    assert_eq!(missing(of(&[]), false), [(NO_CARD, "1")]);
    assert_eq!(missing(of(&[NO_CARD]), false), []);
    assert_eq!(
        missing(of(&["TAURI_AUTOMATION"]), false),
        [(TAURI_AUTOMATION, "true")]
    );
    assert_eq!(
        missing(of(&["TAURI_AUTOMATION", TAURI_AUTOMATION]), true),
        []
    );
    assert_eq!(missing(of(&[TAURI_AUTOMATION]), false), []);
}
