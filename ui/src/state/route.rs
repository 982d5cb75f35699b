//! What is chosen: the window's "page", mirrored into the history so that back and forward work.
//!
//! A router crate was rejected: four places need no URLs.

use api::ChatId;

/// Where the user is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// The chat list, nothing opened.
    #[default]
    List,
    /// A conversation.
    Chat(ChatId),
    /// The listening desk.
    Desk,
    /// The settings.
    Settings,
    /// The page of the settings about microphone and loudspeaker.
    Sound,
    /// The page of the settings about the history.
    History,
}

impl Route {
    /// The value of `data-pane`.
    pub fn pane(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Chat(_) => "chat",
            Self::Desk => "desk",
            Self::Settings | Self::Sound | Self::History => "settings",
        }
    }

    /// Where "back" leads.
    pub fn up(self) -> Self {
        match self {
            Self::Sound | Self::History => Self::Settings,
            Self::List | Self::Chat(_) | Self::Desk | Self::Settings => Self::List,
        }
    }

    /// How many steps it is above the list.
    pub fn height(self) -> u8 {
        match self {
            Self::List => 0,
            Self::Chat(_) | Self::Desk | Self::Settings => 1,
            Self::Sound | Self::History => 2,
        }
    }

    /// The chat that is open.
    pub fn chat(self) -> Option<ChatId> {
        match self {
            Self::Chat(chat) => Some(chat),
            Self::List | Self::Desk | Self::Settings | Self::Sound | Self::History => None,
        }
    }

    /// As the history keeps it: ids are positive, the others are not.
    pub fn to_number(self) -> f64 {
        match self {
            Self::List => 0.0,
            Self::Settings => -1.0,
            Self::History => -2.0,
            Self::Desk => -3.0,
            Self::Sound => -4.0,
            // Ids are row numbers, far below 2^53.
            Self::Chat(ChatId(id)) => id as f64,
        }
    }

    /// From the history; anything unknown is the list.
    pub fn from_number(number: f64) -> Self {
        if number == -1.0 {
            Self::Settings
        } else if number == -2.0 {
            Self::History
        } else if number == -3.0 {
            Self::Desk
        } else if number == -4.0 {
            Self::Sound
        } else if number >= 1.0 && number.fract() == 0.0 {
            Self::Chat(ChatId(number as i64))
        } else {
            Self::List
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_gives_back_what_it_got() {
        for route in [
            Route::List,
            Route::Settings,
            Route::Desk,
            Route::Sound,
            Route::History,
            Route::Chat(ChatId(7)),
        ] {
            assert_eq!(Route::from_number(route.to_number()), route);
            assert_eq!(route.up().height(), route.height().saturating_sub(1));
        }
        assert_eq!(Route::from_number(f64::NAN), Route::List);
        assert_eq!(Route::from_number(1.5), Route::List);
    }
}
