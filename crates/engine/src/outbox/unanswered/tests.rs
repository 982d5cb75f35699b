//! Refusals at these times, in seconds, with so many in doubt; at which of them it was enough.

use super::*;

const NEVER: [Millis; 0] = [];

fn enough(refusals: &[(Millis, u64)]) -> Vec<Millis> {
    let mut unanswered = Unanswered::default();
    let mut at = Vec::new();
    for (second, doubts) in refusals {
        if unanswered.again(*doubts, second * 1_000) {
            at.push(*second);
        }
    }
    at
}

#[test]
fn both_often_and_long() {
    // The pauses of a connection that stands.
    let pauses = [(0, 1), (10, 1), (30, 1), (70, 1), (150, 1)];
    assert_eq!(enough(&pauses), [150]);
    // A connection that breaks again and again asks at once each time.
    let hasty: Vec<_> = (0..130).map(|second| (second, 3)).collect();
    assert_eq!(enough(&hasty), [120]);
    // A machine that slept.
    assert_eq!(enough(&[(0, 1), (90_000, 1), (90_010, 1)]), NEVER);
}

#[test]
fn each_doubt_has_its_time() {
    let refusals = [(0, 0), (300, 0), (600, 0), (900, 0), (1_200, 0), (1_500, 1)];
    assert_eq!(enough(&refusals), NEVER);
    let twice: Vec<_> = (0..10).map(|n| (n * 100, 1)).collect();
    assert_eq!(enough(&twice), [400, 900]);
    assert_eq!(
        enough(&[(900, 1), (0, 1), (1, 1), (2, 1), (3, 1), (4, 1)]),
        NEVER,
        "the clock was set back"
    );
}
