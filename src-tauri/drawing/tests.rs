//! Which machines have a card.

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
