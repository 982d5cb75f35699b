//! Which languages there are and which one a person gets.
//!
//! Owns the choice from a list of wishes. Refuses regional shades: a language is
//! matched by its first subtag, because half a translation beats a foreign one
//! (a reader of `zh-TW` gets Simplified Chinese until there is a `zh-TW` folder).

/// The Fluent files of one language.
pub(crate) struct Locale {
    pub(crate) tag: &'static str,
    pub(crate) sources: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// A language Millet speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Language(usize);

impl Language {
    /// The reference, and the last resort.
    pub const ENGLISH: Self = Self(0);

    /// Every language, the reference first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..LOCALES.len()).map(Self)
    }

    /// The language with exactly this BCP 47 tag, in any case.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::all().find(|language| language.tag().eq_ignore_ascii_case(tag))
    }

    /// The first wish that can be met, by whole tag or else by its first subtag;
    /// English where none can. Takes BCP 47 tags (`navigator.languages`) and
    /// POSIX names (`zh_CN.UTF-8`).
    #[must_use]
    pub fn choose<'a>(wishes: impl IntoIterator<Item = &'a str>) -> Self {
        wishes
            .into_iter()
            .find_map(Self::closest)
            .unwrap_or(Self::ENGLISH)
    }

    fn closest(wish: &str) -> Option<Self> {
        let wish = wish.split(['.', '@']).next()?.replace('_', "-");
        Self::from_tag(&wish).or_else(|| {
            let wanted = first_subtag(&wish);
            Self::all().find(|language| first_subtag(language.tag()).eq_ignore_ascii_case(wanted))
        })
    }

    /// Its BCP 47 tag, for `lang`, `Intl` and the settings.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.locale().tag
    }

    pub(crate) fn sources(self) -> &'static [&'static str] {
        self.locale().sources
    }

    fn locale(self) -> &'static Locale {
        static NONE: Locale = Locale {
            tag: "en",
            sources: &[],
        };
        LOCALES.get(self.0).unwrap_or(&NONE)
    }
}

fn first_subtag(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

#[cfg(test)]
mod tests;
