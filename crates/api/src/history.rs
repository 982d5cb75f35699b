//! The history in a folder of the user's.

use serde::{Deserialize, Serialize};

use crate::Millis;

/// How it stands with the export.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportState {
    /// The folder that is kept current; none: nothing is exported by itself.
    pub kept: Option<String>,
    /// A folder for who has none in mind: in the user's documents, called by the account. Empty where the system names no
    /// such place.
    pub suggested: String,
    /// When history was last written, into whichever folder.
    pub at: Option<Millis>,
}
