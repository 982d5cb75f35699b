//! Things the user should know once.

use std::rc::Rc;

use api::{Fault, Feed, Playback, Signal};
use yew::Reducible;

/// More than this at once is a wall, not a notice; the oldest goes.
const MOST: usize = 3;

/// What is shown, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// Each with a number that is its key on screen.
    pub shown: Rc<Vec<(u32, Fault)>>,
    next: u32,
}

/// What changes [`Notices`].
pub enum NoticesAction {
    /// Items of the feed.
    Feed(Rc<Vec<Feed>>),
    /// Something that failed here.
    Add(Fault),
    /// Read, and closed.
    Close(u32),
}

impl Notices {
    fn add(&mut self, fault: &Fault) {
        let shown = Rc::make_mut(&mut self.shown);
        shown.retain(|(_, other)| other.kind != fault.kind);
        if shown.len() >= MOST {
            shown.remove(0);
        }
        shown.push((self.next, fault.clone()));
        self.next = self.next.wrapping_add(1);
    }
}

impl Reducible for Notices {
    type Action = NoticesAction;

    fn reduce(self: Rc<Self>, action: NoticesAction) -> Rc<Self> {
        let mut next = self;
        match action {
            NoticesAction::Feed(items) => {
                for item in items.iter() {
                    if let Feed::Signal(
                        Signal::Notice { fault }
                        | Signal::RecordingEnded { fault, .. }
                        | Signal::Playback {
                            playback:
                                Playback {
                                    fault: Some(fault), ..
                                },
                        },
                    ) = item
                    {
                        Rc::make_mut(&mut next).add(fault);
                    }
                }
            }
            NoticesAction::Add(fault) => Rc::make_mut(&mut next).add(&fault),
            NoticesAction::Close(id) => {
                let notices = Rc::make_mut(&mut next);
                Rc::make_mut(&mut notices.shown).retain(|(key, _)| *key != id);
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use api::{FaultKind, MessageId, PlaybackState, Sound};

    use super::*;

    #[test]
    fn what_cannot_be_played_is_told() {
        let playback = Playback {
            sound: Sound::Message(MessageId(1)),
            state: PlaybackState::Paused,
            position_ms: 0,
            duration_ms: 0,
            speed: 100,
            skipped_ms: 0,
            from: None,
            fault: Some(FaultKind::NoSpeaker.into()),
        };
        let well = Playback {
            fault: None,
            ..playback.clone()
        };
        let items = [well, playback].map(|playback| Feed::Signal(Signal::Playback { playback }));
        let notices = Rc::new(Notices::default());
        let notices = notices.reduce(NoticesAction::Feed(Rc::new(items.into())));
        let kinds: Vec<_> = notices.shown.iter().map(|(_, fault)| &fault.kind).collect();
        assert_eq!(kinds, [&FaultKind::NoSpeaker]);
    }
}
