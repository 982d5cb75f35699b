//! Stanzas in, effects out.
