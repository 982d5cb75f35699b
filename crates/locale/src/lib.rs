//! Every word Millet says, in every language it speaks.
//!
//! Owns the look-up: a [`Key`] becomes a sentence in the [`Language`] a person
//! reads. The sentences are Fluent files in `assets/locales/<tag>/`; a folder
//! more is a language more. English is the reference: its keys become the
//! constants of [`key`], so a wrong key does not compile, and it answers where a
//! translation is missing.
//!
//! Refuses: prose from elsewhere (the backend sends kinds and numbers), dates
//! and number formats (the window has `Intl`), markup in sentences.
//!
//! Rejected: gettext, which leaves plurals and word order to the code; loading
//! files at run time, which can fail and cannot be checked; a macro around the
//! look-up, which hides a plain method call.

mod language;
mod words;

pub use fluent_bundle::FluentValue as Value;
pub use language::Language;
pub use words::Words;

/// The name of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(&'static str);

impl Key {
    /// The id in the Fluent files.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.0
    }
}

/// One constant for every sentence, generated from the English files.
pub mod key {
    use super::Key;

    include!(concat!(env!("OUT_DIR"), "/keys.rs"));
}
