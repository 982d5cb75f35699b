//! SQLite: every message, draft and cursor of one account
