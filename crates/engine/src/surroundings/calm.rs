//! A network that flaps must not become a storm of sign-ins: a few changes are acted on at once, then one now and then.

use std::time::Duration;

use tokio::time::Instant;

/// So many in a row are acted on at once.
const AT_ONCE: u32 = 5;

/// And one more after each of these.
const PACE: Duration = Duration::from_secs(10);

/// How many changes may be acted on now.
pub(super) struct Calm {
    left: u32,
    /// Since when the next one grows.
    since: Instant,
}

impl Calm {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            left: AT_ONCE,
            since: now,
        }
    }

    /// How long the change that is at hand has to wait; it is counted.
    pub(super) fn wait(&mut self, now: Instant) -> Duration {
        while self.left < AT_ONCE && self.since + PACE <= now {
            self.left += 1;
            self.since += PACE;
        }
        if self.left == AT_ONCE {
            self.since = now;
        }
        if self.left > 0 {
            self.left -= 1;
            return Duration::ZERO;
        }
        self.since += PACE;
        self.since.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_at_once_then_one_now_and_then() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut calm = Calm::new(start);
        for _ in 0..AT_ONCE {
            assert_eq!(calm.wait(at(100)), Duration::ZERO);
        }
        assert_eq!(calm.wait(at(101)), Duration::from_secs(9));
        // Its turn came at 110; the next one grows from there.
        assert_eq!(calm.wait(at(110)), PACE);
        assert_eq!(calm.wait(at(125)), Duration::from_secs(5));
        // After a quiet time they are as many as at first, and no more.
        for _ in 0..AT_ONCE {
            assert_eq!(calm.wait(at(10_000)), Duration::ZERO);
        }
        assert_eq!(calm.wait(at(10_000)), PACE);
    }

    #[test]
    fn an_hour_of_flapping_is_a_few_hundred() {
        let (mut now, start) = (Instant::now(), Instant::now());
        let mut calm = Calm::new(now);
        let mut acted = 0;
        while now < start + Duration::from_secs(3_600) {
            now += calm.wait(now) + Duration::from_millis(300);
            acted += 1;
        }
        assert!((300..400).contains(&acted), "{acted}");
    }
}
