//! Microphones and loudspeakers, what is done to the sound of one, and trying them out.

use serde::{Deserialize, Serialize};

/// A microphone or a loudspeaker of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The system's own name for it, which stays.
    pub id: String,
    /// The name it shows to people.
    pub name: String,
    /// Whether the system takes it for those who chose none.
    pub is_default: bool,
}

/// All of them, in the system's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    /// What can be spoken into.
    pub microphones: Vec<Device>,
    /// What sound can come out of.
    pub loudspeakers: Vec<Device>,
}

/// One that was chosen, which may not be there now: then the system's default takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenDevice {
    /// As in [`Device::id`].
    pub id: String,
    /// Its name when it was chosen.
    pub name: String,
}

/// Whether noise is taken out of what is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denoise {
    /// Never.
    Off,
    /// Where it is noisy.
    #[default]
    Auto,
    /// Always.
    On,
}

impl Denoise {
    /// Every way, in the order of a menu.
    pub const ALL: [Self; 3] = [Self::Off, Self::Auto, Self::On];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Auto => "auto",
            Self::On => "on",
        }
    }

    /// From [`Denoise::name`]; anything else is the default.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|way| way.name() == name)
            .unwrap_or_default()
    }
}

/// Which of the two sounds of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestSound {
    /// As it would be sent.
    Sent,
    /// As the microphone heard it.
    Heard,
}

/// What was recorded to be listened to by the one who spoke, and by nobody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestTake {
    /// How long it is.
    pub duration_ms: u32,
    /// Whether [`TestSound::Heard`] differs from [`TestSound::Sent`].
    pub is_processed: bool,
}
