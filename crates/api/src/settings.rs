//! How the user wants the window to look, speak and sound, and what may come down by itself. It belongs to the machine, not to an account.

use serde::{Deserialize, Serialize};

use crate::{ChosenDevice, Denoise};

/// All of it. Whatever is missing where it is read is as it is by default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    #[serde(deserialize_with = "known_theme")]
    pub theme: Theme,
    /// A language tag (BCP 47); none follows the system.
    pub language: Option<String>,
    /// Size of text in per cent, [`Settings::SMALLEST_TEXT`] to [`Settings::LARGEST_TEXT`].
    pub text_size: u16,
    /// Width of the chat list in CSS pixels, [`Settings::NARROWEST_LIST`] to [`Settings::WIDEST_LIST`].
    pub list_width: u16,
    /// Whether a sound says that something was sent or came in.
    pub sounds: bool,
    /// Whether a sound says that the microphone is open. A loudspeaker brings it into the recording, so it is off
    /// unless asked for.
    pub start_sound: bool,
    /// Pictures and files of at most so many megabytes come by themselves: one of [`Settings::DOWNLOADS`]. Voice always does.
    pub download_up_to_mb: u16,
    /// Whether others are told that their messages were read.
    pub tell_read: bool,
    /// Whether others are told while one writes.
    pub tell_typing: bool,
    /// Whether others are told that their voice messages were listened to.
    pub tell_heard: bool,
    /// Whether the next voice message of a chat that was not heard follows by itself.
    pub play_next: bool,
    /// Whether pauses in voice messages are left out.
    pub skip_silence: bool,
    /// Whether voice messages are all about as loud when they are played.
    pub even_loudness: bool,
    /// What is recorded with; none follows the system.
    pub microphone: Option<ChosenDevice>,
    /// What is heard through; none follows the system.
    pub loudspeaker: Option<ChosenDevice>,
    /// Thousands of bits a second of what is recorded: one of [`Settings::BITRATES`].
    pub voice_kbit: u16,
    /// Whether noise is taken out of what is recorded.
    #[serde(deserialize_with = "known_denoise")]
    pub denoise: Denoise,
    /// Whether what is recorded too quietly or too loudly is brought to the loudness of speech.
    pub even_recording: bool,
    /// Whether the sound as the microphone heard it is kept on this machine beside what was sent.
    pub keep_untouched: bool,
    /// Whether it was explained that the space bar records.
    pub space_explained: bool,
}

impl Settings {
    /// In per cent.
    pub const SMALLEST_TEXT: u16 = 85;
    /// In per cent.
    pub const LARGEST_TEXT: u16 = 140;
    /// In CSS pixels.
    pub const NARROWEST_LIST: u16 = 260;
    /// In CSS pixels.
    pub const WIDEST_LIST: u16 = 420;

    /// The choices; 0: only when they are asked for.
    pub const DOWNLOADS: [u16; 4] = [0, 1, 10, 50];

    /// The choices.
    pub const BITRATES: [u16; 3] = [16, 24, 32];

    /// The largest file that comes by itself, in bytes.
    #[must_use]
    pub fn download_up_to(&self) -> Option<u64> {
        let bytes = u64::from(self.download_up_to_mb) * 1_000_000;
        Some(bytes).filter(|bytes| *bytes > 0)
    }

    /// With every number within its limits, and without a language that is no tag.
    #[must_use]
    pub fn corrected(mut self) -> Self {
        let is_tag = |tag: &String| {
            (2..=35).contains(&tag.len())
                && tag
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        self.language = self.language.filter(is_tag);
        self.text_size = self
            .text_size
            .clamp(Self::SMALLEST_TEXT, Self::LARGEST_TEXT);
        self.list_width = self
            .list_width
            .clamp(Self::NARROWEST_LIST, Self::WIDEST_LIST);
        if !Self::DOWNLOADS.contains(&self.download_up_to_mb) {
            self.download_up_to_mb = Self::default().download_up_to_mb;
        }
        if !Self::BITRATES.contains(&self.voice_kbit) {
            self.voice_kbit = Self::default().voice_kbit;
        }
        self
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            language: None,
            text_size: 100,
            list_width: 336,
            sounds: true,
            start_sound: false,
            download_up_to_mb: 10,
            tell_read: true,
            tell_typing: true,
            tell_heard: true,
            play_next: true,
            skip_silence: false,
            even_loudness: true,
            microphone: None,
            loudspeaker: None,
            voice_kbit: 24,
            denoise: Denoise::Auto,
            even_recording: true,
            keep_untouched: false,
            space_explained: false,
        }
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// Every theme, in the order of a menu.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The name on the wire, and the value of `data-theme`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// From [`Theme::name`]; anything else is the system's.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.name() == name)
            .unwrap_or_default()
    }
}

/// The name a newer version may have written for a theme of its own is the system's.
fn known_theme<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Theme, D::Error> {
    let name = std::borrow::Cow::<'de, str>::deserialize(from)?;
    Ok(Theme::from_name(&name))
}

/// Likewise; what is unknown is the default.
fn known_denoise<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Denoise, D::Error> {
    let name = std::borrow::Cow::<'de, str>::deserialize(from)?;
    Ok(Denoise::from_name(&name))
}
