//! What the chat list shows of a chat, kept on write.
