//! Sentences for one person.
//!
//! Owns the bundles of the chosen language and of English behind it. Cloning is
//! a reference count and comparing is a language, so that `Words` can be a Yew
//! context whose consumers render only when the language changes.

use std::fmt;
use std::rc::Rc;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::{Key, Language, key};

type Bundle = FluentBundle<FluentResource>;

/// Every sentence in one language.
#[derive(Clone)]
pub struct Words {
    language: Language,
    /// The chosen language, then English.
    bundles: Rc<[Bundle]>,
}

impl Words {
    /// Reads the files of a language: a millisecond, so once per choice.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let mut bundles = vec![bundle(language)];
        if language != Language::ENGLISH {
            bundles.push(bundle(Language::ENGLISH));
        }
        Self {
            language,
            bundles: bundles.into(),
        }
    }

    /// The language of these words.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// A sentence without variables.
    #[must_use]
    pub fn text(&self, key: Key) -> String {
        self.with(key, &[])
    }

    /// A sentence with its variables: `words.with(key::CHAT_UNREAD, &[("count", n.into())])`.
    ///
    /// What is put in is wrapped in Unicode isolation marks (U+2068, U+2069), so that a
    /// name in Arabic does not turn the sentence around it.
    #[must_use]
    pub fn with(&self, key: Key, variables: &[(&str, FluentValue<'_>)]) -> String {
        self.find(key.id(), variables)
            .unwrap_or_else(|| key.id().to_owned())
    }

    /// What happened, by the name of an `api::FaultKind`. A name without words is
    /// worded as a mistake of ours.
    #[must_use]
    pub fn fault(&self, name: &str) -> String {
        self.find(&fault_id(name), &[])
            .unwrap_or_else(|| self.text(key::FAULT_BUG))
    }

    /// What to do about it.
    #[must_use]
    pub fn fault_advice(&self, name: &str) -> String {
        self.find(&format!("{}-do", fault_id(name)), &[])
            .unwrap_or_else(|| self.text(key::FAULT_BUG_DO))
    }

    /// What a state of an own message is called, by `api::MessageState::name`.
    #[must_use]
    pub fn state(&self, name: &str) -> String {
        self.find(&format!("state-{name}"), &[]).unwrap_or_default()
    }

    fn find(&self, id: &str, variables: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let mut arguments = FluentArgs::with_capacity(variables.len());
        for (name, value) in variables {
            arguments.set(*name, value.clone());
        }
        let (bundle, pattern) = self.bundles.iter().find_map(|bundle| {
            let pattern = bundle.get_message(id)?.value()?;
            Some((bundle, pattern))
        })?;
        // A missing variable shows as its name; a test looks for those.
        let mut problems = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&arguments), &mut problems);
        Some(text.into_owned())
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.language == other.language
    }
}

impl Eq for Words {}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(&self.language.tag()).finish()
    }
}

fn fault_id(name: &str) -> String {
    format!("fault-{}", name.replace('_', "-"))
}

fn bundle(language: Language) -> Bundle {
    let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new(vec![tag]);
    for source in language.sources() {
        // What is broken in a file is left out here and found by a test.
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests;
