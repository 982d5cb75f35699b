//! How long to wait between attempts: 1, 2, 4 … 60 s, each up to a quarter shorter or longer, so that everyone a
//! restarted server lost does not come back in the same second.

use std::time::Duration;

const LONGEST: u64 = 60_000;

/// Waiting times, one after the other. The seed is the only randomness.
#[derive(Debug)]
pub(crate) struct Backoff {
    failures: u32,
    seed: u64,
}

impl Backoff {
    pub(crate) fn new(seed: u64) -> Self {
        Self { failures: 0, seed }
    }

    /// The time to wait after one more failure.
    pub(crate) fn next(&mut self) -> Duration {
        let base = 1_000_u64
            .checked_shl(self.failures.min(16))
            .map_or(LONGEST, |ms| ms.min(LONGEST));
        self.failures = self.failures.saturating_add(1);
        // splitmix64: enough to spread, and the same for the same seed.
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let spread = (z ^ (z >> 31)) % (base / 2 + 1);
        Duration::from_millis(base - base / 4 + spread)
    }

    /// The next failure counts as the first.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_a_minute_and_spreads() {
        let mut backoff = Backoff::new(7);
        for base in [
            1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
        ] {
            let ms = backoff.next().as_millis();
            assert!(
                (base * 3 / 4..=base * 5 / 4).contains(&ms),
                "{ms} for {base}"
            );
        }
        backoff.reset();
        assert!(backoff.next() <= Duration::from_millis(1_250));
        assert_eq!(Backoff::new(1).next(), Backoff::new(1).next());
    }
}
