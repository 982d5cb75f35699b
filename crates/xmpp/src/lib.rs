//! The wire: connect, session, stanzas
