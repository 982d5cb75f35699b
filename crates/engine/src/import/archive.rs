//! How far the archive was read where the folder comes from, and what waits there for its messages.

use store::{ExportArchive, RecordFollowUp};

use super::source::{LONGEST_NAME, is_bounded};
use super::take::{ImportError, Taking, is_address};

/// Taken in at once.
const BATCH: usize = 500;

/// More of these, of one account, are no export's.
const MOST: usize = 1_000_000;

impl Taking<'_> {
    /// `counted`: as many messages were found as the folder says, so that its ranges can be believed.
    pub(super) fn archive(&mut self, counted: bool) -> Result<(), ImportError> {
        let Some(mut archive) = self.task.source.archive() else {
            return Ok(());
        };
        let ours = &self.task.address;
        for (_, said) in archive.waiting.iter_mut().filter(|(_, said)| said.own) {
            said.author.clone_from(ours);
        }
        let named = |(chat, said): &(String, RecordFollowUp)| {
            let names = [&said.target, &said.name];
            is_address(chat)
                && is_address(&said.author)
                && is_bounded(said.at)
                && names.iter().all(|name| name.len() <= LONGEST_NAME)
        };
        let waiting: Vec<_> = std::mem::take(&mut archive.waiting)
            .into_iter()
            .filter(named)
            .collect();
        for batch in waiting.chunks(BATCH) {
            let batch = batch.to_vec();
            self.step(0)?;
            self.write(move |tx| {
                batch
                    .iter()
                    .try_for_each(|(chat, said)| tx.import_waiting(chat, said))
            })?;
        }
        let is_ours = self.task.source.address == *ours && self.task.source.is_finished;
        if counted && is_ours && is_sane(&archive) {
            self.write(move |tx| tx.import_archive(&archive))?;
        }
        Ok(())
    }
}

fn is_sane(archive: &ExportArchive) -> bool {
    let short = |name: &String| name.len() <= LONGEST_NAME;
    archive.ranges.len() <= MOST
        && archive.marks.len() <= MOST
        && archive.ranges.iter().all(|range| {
            short(&range.oldest)
                && short(&range.newest)
                && is_bounded(range.oldest_at)
                && is_bounded(range.newest_at)
        })
        && archive
            .marks
            .iter()
            .all(|mark| is_address(&mark.address) && short(&mark.id))
}
