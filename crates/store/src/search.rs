//! The search index, kept in the transaction that writes the message.

use api::MessageRow;

use crate::{Reader, StoreError};

#[allow(unused_variables)]
impl Reader {
    /// Messages that hold the text, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn search(&self, text: String, limit: u32) -> Result<Vec<MessageRow>, StoreError> {
        Err(StoreError::Unreadable("stub"))
    }
}
