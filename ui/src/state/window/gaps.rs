//! Where messages are missing in the stretch that is held.
//!
//! A gap is filled from its newer end, so its row stands right behind the last message before it, and what comes appears
//! below. A gap that closed is noticed by the progress that is told of the history; which one it was, only a new look
//! tells, so the stretch is read again around the reader.

use std::rc::Rc;

use api::{Gap, MessageRow};

use super::Timeline;

impl Timeline {
    /// Adds those of a stretch that was joined on. At the border both name the same one, or an older and a newer state of it:
    /// the newer end of a gap moves, the older one does not.
    pub(super) fn add_gaps(&mut self, fresh: &[Gap]) {
        self.gaps
            .retain(|held| fresh.iter().all(|gap| gap.after != held.after));
        self.gaps.extend(fresh);
        self.gaps.sort_unstable();
    }

    /// Before which rows something is missing, by index; the number of rows where it is behind all of them.
    pub(super) fn places_of_gaps(&self, rows: &[Rc<MessageRow>]) -> Vec<usize> {
        let is_here = |gap: &&Gap| {
            let ends_before = rows.first().is_some_and(|first| gap.before <= first.at);
            let begins_behind = rows.last().is_some_and(|last| gap.after >= last.at);
            !(self.has_older && ends_before || self.has_newer && begins_behind)
        };
        let gaps = self.gaps.iter().filter(is_here);
        gaps.map(|gap| rows.partition_point(|row| row.at <= gap.after))
            .collect()
    }

    /// Whether the history as it is now differs from what is shown as missing: it is whole, or has fewer gaps than before.
    /// Which of all chats' gaps closed is not told.
    pub(super) fn misses_what_came(&self, complete: bool, gaps: u32) -> bool {
        let missing = self.older_missing || !self.gaps.is_empty();
        let before = self.gaps_told.map_or(self.gaps.len(), |told| told as usize);
        self.loaded && missing && (complete || (gaps as usize) < before)
    }
}
