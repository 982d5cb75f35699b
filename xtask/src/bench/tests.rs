//! Medians and the file.

use super::*;

#[test]
fn the_median_is_the_middle() {
    assert_eq!(median(&mut [5, 1, 9, 3, 7]), Some(5));
    assert_eq!(median(&mut [4, 1, 3, 2]), Some(2));
    assert_eq!(median(&mut []), None);
    const { assert!(RUNS >= 5) };
}

#[test]
fn the_file_holds_whole_numbers_by_key() {
    assert_eq!(
        as_json(&[("app_binary_mb", 12), ("ui_wasm_kb", 900)]),
        "{\n  \"app_binary_mb\": 12,\n  \"ui_wasm_kb\": 900\n}\n"
    );
}
