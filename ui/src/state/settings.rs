//! How the user wants the window to look and speak. Kept by the web view, not in the database: it belongs to the machine.
//!
//! `boot.js` reads the same keys before the first paint.

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Every theme, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value of `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// From [`Theme::name`]; anything else is the system's.
    pub fn from_name(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.name() == name)
            .unwrap_or_default()
    }
}

/// Smallest text, in per cent.
pub const SMALLEST: u16 = 85;
/// Largest text, in per cent.
pub const LARGEST: u16 = 140;

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Light or dark.
    pub theme: Theme,
    /// A language tag; none follows the system.
    pub language: Option<String>,
    /// Size of text in per cent, [`SMALLEST`] to [`LARGEST`].
    pub scale: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            language: None,
            scale: 100,
        }
    }
}

impl Settings {
    /// From what was kept under the names of [`Settings::entries`].
    pub fn from_entries(read: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            theme: Theme::from_name(&read("millet.theme").unwrap_or_default()),
            language: read("millet.language").filter(|tag| !tag.is_empty()),
            scale: read("millet.scale")
                .and_then(|scale| scale.parse().ok())
                .unwrap_or(100)
                .clamp(SMALLEST, LARGEST),
        }
    }

    /// What to keep, under which names.
    pub fn entries(&self) -> [(&'static str, String); 3] {
        [
            ("millet.theme", self.theme.name().to_owned()),
            ("millet.language", self.language.clone().unwrap_or_default()),
            ("millet.scale", self.scale.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let settings = Settings {
            theme: Theme::Dark,
            language: Some("zh-CN".into()),
            scale: 120,
        };
        let kept = settings.entries();
        let read = |name: &str| {
            kept.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.clone())
        };
        assert_eq!(Settings::from_entries(read), settings);
    }

    #[test]
    fn nonsense_is_the_default() {
        assert_eq!(
            Settings::from_entries(|name| (name == "millet.scale").then(|| "9x".into())),
            Settings::default()
        );
        assert_eq!(
            Settings::from_entries(|name| (name == "millet.scale").then(|| "900".into())).scale,
            LARGEST
        );
    }
}
