//! Adding up closing lines.

use super::*;

#[test]
fn closing_lines_add_up() {
    let printed = "running 2 tests\n\
        test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s\n\
        a test that prints: 7 passed\n\
        test result: FAILED. 10 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
    assert_eq!(
        Tally::of(printed),
        Tally {
            passed: 12,
            failed: 3
        }
    );
}
