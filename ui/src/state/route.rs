//! What is chosen: the window's "page", mirrored into the history so that back and forward work.
//!
//! A router crate was rejected: three places need no URLs.

use api::ChatId;

/// Where the user is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// The chat list, nothing opened.
    #[default]
    List,
    /// A conversation.
    Chat(ChatId),
    /// The settings.
    Settings,
}

impl Route {
    /// The value of `data-pane`.
    pub fn pane(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Chat(_) => "chat",
            Self::Settings => "settings",
        }
    }

    /// The chat that is open.
    pub fn chat(self) -> Option<ChatId> {
        match self {
            Self::Chat(chat) => Some(chat),
            Self::List | Self::Settings => None,
        }
    }

    /// As the history keeps it: ids are positive, the two others are not.
    pub fn to_number(self) -> f64 {
        match self {
            Self::List => 0.0,
            Self::Settings => -1.0,
            // Ids are row numbers, far below 2^53.
            Self::Chat(ChatId(id)) => id as f64,
        }
    }

    /// From the history; anything unknown is the list.
    pub fn from_number(number: f64) -> Self {
        if number == -1.0 {
            Self::Settings
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
        for route in [Route::List, Route::Settings, Route::Chat(ChatId(7))] {
            assert_eq!(Route::from_number(route.to_number()), route);
        }
        assert_eq!(Route::from_number(f64::NAN), Route::List);
        assert_eq!(Route::from_number(1.5), Route::List);
    }
}
