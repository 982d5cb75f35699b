//! What is being played.
//!
//! The backend tells positions a few times a second; between two of them the window counts on by itself, and only
//! while sound comes out.

use std::rc::Rc;

use api::{Change, Content, Feed, Media, MessageId, Playback, PlaybackState, Signal, Sound};
use yew::Reducible;

/// The player, as last heard of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Player {
    /// What plays; nothing once it ended.
    pub now: Option<Playing>,
    /// A voice message that is to be played as soon as its file is here.
    pub wanted: Option<MessageId>,
    shade: Shade,
}

/// Whether the mini player was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shade {
    /// It was not.
    #[default]
    Open,
    /// It was while sound came out: what is still told of that sound does not bring it back.
    Closing,
    /// It was, and it is silent.
    Closed,
}

/// A playback and when we heard of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Playing {
    /// As told.
    pub playback: Rc<Playback>,
    /// The window's clock then, in milliseconds.
    pub heard_at: f64,
}

impl Playing {
    /// Where the sound is now, in milliseconds.
    pub fn position_at(&self, now: f64) -> u32 {
        let told = self.playback.position_ms;
        let position = if self.playback.state == PlaybackState::Playing {
            let passed = (now - self.heard_at).max(0.0) * f64::from(self.playback.speed) / 100.0;
            // Saturates: a float's cast to an integer never wraps.
            told.saturating_add(passed as u32)
        } else {
            told
        };
        position.min(self.playback.duration_ms)
    }

    /// Whether sound comes out.
    pub fn is_playing(&self) -> bool {
        self.playback.state == PlaybackState::Playing
    }
}

/// What changes a [`Player`].
pub enum PlayerAction {
    /// Items of the feed, at a time of the window's clock.
    Feed(Rc<Vec<Feed>>, f64),
    /// Play was pressed.
    Press,
    /// Play was pressed on a file that has to come first.
    Want(Option<MessageId>),
    /// The mini player was closed: it stays away until something plays again.
    Hide,
}

impl Player {
    /// What plays, if it is this.
    pub fn of(&self, sound: &Sound) -> Option<&Playing> {
        self.now
            .as_ref()
            .filter(|playing| playing.playback.sound == *sound)
    }

    /// Whether the mini player was closed.
    pub fn is_hidden(&self) -> bool {
        self.shade != Shade::Open
    }

    fn take(&mut self, playback: Option<&Playback>, heard_at: f64) {
        let is_playing = playback.is_some_and(|playback| playback.state == PlaybackState::Playing);
        let is_same = playback.is_some_and(|playback| self.of(&playback.sound).is_some());
        self.shade = match self.shade {
            Shade::Closing if is_playing && is_same => Shade::Closing,
            Shade::Closing | Shade::Closed if !is_playing => Shade::Closed,
            Shade::Open | Shade::Closing | Shade::Closed => Shade::Open,
        };
        self.now = playback
            .filter(|playback| playback.state != PlaybackState::Ended)
            .map(|playback| Playing {
                playback: Rc::new(playback.clone()),
                heard_at,
            });
        if self.now.is_some() {
            self.wanted = None;
        }
    }
}

impl Reducible for Player {
    type Action = PlayerAction;

    fn reduce(self: Rc<Self>, action: PlayerAction) -> Rc<Self> {
        let mut next = self;
        match action {
            PlayerAction::Feed(items, heard_at) => {
                for item in items.iter() {
                    match item {
                        Feed::Reset(reset)
                            if next.now.is_some()
                                || next.wanted.is_some()
                                || reset.playback.is_some() =>
                        {
                            Rc::make_mut(&mut next).take(reset.playback.as_ref(), heard_at);
                            Rc::make_mut(&mut next).wanted = None;
                        }
                        Feed::Signal(Signal::Playback { playback }) => {
                            Rc::make_mut(&mut next).take(Some(playback), heard_at);
                        }
                        Feed::Commit(commit) if next.wanted.is_some() => {
                            let failed = commit.changes.iter().any(|change| {
                                matches!(change, Change::Message(row)
                                if Some(row.id) == next.wanted && matches!(
                                    row.content,
                                    Content::Voice { media: Media::Failed, .. }
                                ))
                            });
                            if failed {
                                Rc::make_mut(&mut next).wanted = None;
                            }
                        }
                        _ => {}
                    }
                }
            }
            PlayerAction::Press => Rc::make_mut(&mut next).shade = Shade::Open,
            PlayerAction::Hide => {
                let is_playing = next.now.as_ref().is_some_and(Playing::is_playing);
                Rc::make_mut(&mut next).shade = if is_playing {
                    Shade::Closing
                } else {
                    Shade::Closed
                };
            }
            PlayerAction::Want(message) => Rc::make_mut(&mut next).wanted = message,
        }
        next
    }
}

#[cfg(test)]
mod tests;
