//! How long the archive may keep from us what became of messages that may have gone out.
//!
//! It owns no more than the count and the clock. In memory: a start of the app asks the archive anew, and so has its time
//! anew. Counted across connections, which break where servers are in trouble. Rejected: the age of the message (after a
//! night without network all are old, and the archive was not asked once).

use api::Millis;

/// So often it is asked at least.
const TIMES: u32 = 5;

/// And for so long at least. With the pauses of `connection` both are there after two and a half minutes.
const TIME: Millis = 2 * 60_000;

/// An archive that was asked and did not tell.
#[derive(Debug, Default)]
pub(crate) struct Unanswered {
    since: Option<Millis>,
    times: u32,
}

impl Unanswered {
    /// It did not tell once more, with so many messages in doubt. Whether that is enough; if so, counting begins anew.
    pub(crate) fn again(&mut self, doubts: u64, now: Millis) -> bool {
        if doubts == 0 {
            *self = Self::default();
            return false;
        }
        let since = *self.since.get_or_insert(now);
        self.times = self.times.saturating_add(1);
        let is_enough = self.times >= TIMES && now.saturating_sub(since) >= TIME;
        if is_enough {
            *self = Self::default();
        }
        is_enough
    }
}

#[cfg(test)]
mod tests;
