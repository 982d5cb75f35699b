//! Microphone and loudspeaker being tried out.

use std::collections::VecDeque;
use std::rc::Rc;

use api::{Devices, Fault, Feed, Signal, TestTake};
use yew::Reducible;

use crate::state::recording::LEVELS;

/// What the page of the settings about sound knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SoundCheck {
    /// As last listed; nothing before.
    pub devices: Option<Rc<Devices>>,
    /// Grows whenever they have to be listed again.
    pub stale: u32,
    /// The test.
    pub test: Test,
}

/// A recording for nobody else.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Test {
    /// There is none.
    #[default]
    None,
    /// The microphone is being opened.
    Starting,
    /// It runs.
    Runs {
        /// For how long, in milliseconds.
        elapsed_ms: u32,
        /// The newest last; at most [`LEVELS`].
        levels: VecDeque<u8>,
    },
    /// It can be listened to.
    Taken(TestTake),
}

/// What changes a [`SoundCheck`].
pub enum SoundCheckAction {
    /// Items of the feed.
    Feed(Rc<Vec<Feed>>),
    /// These are the devices, asked for when it was this stale.
    Listed(u32, Devices),
    /// The microphone is asked for.
    Start,
    /// It runs.
    Started,
    /// There is something to listen to, or there was nothing to stop.
    Stopped(Option<TestTake>),
}

impl SoundCheck {
    fn heard(&mut self, now_ms: u32, peak: u8) {
        if matches!(self.test, Test::Starting) {
            self.test = Test::Runs {
                elapsed_ms: 0,
                levels: VecDeque::new(),
            };
        }
        if let Test::Runs { elapsed_ms, levels } = &mut self.test {
            *elapsed_ms = now_ms;
            if levels.len() == LEVELS {
                levels.pop_front();
            }
            levels.push_back(peak);
        }
    }
}

impl Reducible for SoundCheck {
    type Action = SoundCheckAction;

    fn reduce(self: Rc<Self>, action: SoundCheckAction) -> Rc<Self> {
        let mut next = self;
        match action {
            SoundCheckAction::Feed(items) => {
                for item in items.iter() {
                    match item {
                        Feed::Signal(Signal::TestLevel { elapsed_ms, peak }) => {
                            Rc::make_mut(&mut next).heard(*elapsed_ms, *peak);
                        }
                        Feed::Signal(Signal::DevicesChanged {}) => {
                            let check = Rc::make_mut(&mut next);
                            check.stale = check.stale.wrapping_add(1);
                        }
                        _ => {}
                    }
                }
            }
            // Answers overtake each other.
            SoundCheckAction::Listed(stale, devices) => {
                if stale == next.stale && next.devices.as_deref() != Some(&devices) {
                    Rc::make_mut(&mut next).devices = Some(Rc::new(devices));
                }
            }
            SoundCheckAction::Start => Rc::make_mut(&mut next).test = Test::Starting,
            SoundCheckAction::Started => Rc::make_mut(&mut next).heard(0, 0),
            // The page was left meanwhile.
            SoundCheckAction::Stopped(Some(_)) if next.test == Test::None => {}
            SoundCheckAction::Stopped(take) => {
                Rc::make_mut(&mut next).test = take.map_or(Test::None, Test::Taken);
            }
        }
        next
    }
}

/// Why a test ended by itself, if it did.
pub fn ended(items: &[Feed]) -> Option<Fault> {
    items.iter().find_map(|item| match item {
        Feed::Signal(Signal::TestEnded { fault }) => Some(fault.clone()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(check: SoundCheck, actions: Vec<SoundCheckAction>) -> SoundCheck {
        let mut check = Rc::new(check);
        for action in actions {
            check = check.reduce(action);
        }
        (*check).clone()
    }

    fn level(elapsed_ms: u32, peak: u8) -> SoundCheckAction {
        let level = Signal::TestLevel { elapsed_ms, peak };
        SoundCheckAction::Feed(Rc::new(vec![Feed::Signal(level)]))
    }

    #[test]
    fn levels_are_kept_while_it_runs() {
        let check = after(
            SoundCheck::default(),
            vec![
                SoundCheckAction::Start,
                level(80, 7),
                SoundCheckAction::Started,
                level(160, 9),
            ],
        );
        let Test::Runs { elapsed_ms, levels } = &check.test else {
            panic!("{:?}", check.test);
        };
        assert_eq!(*elapsed_ms, 160);
        assert_eq!(levels, &[7, 0, 9]);

        let take = TestTake {
            duration_ms: 200,
            is_processed: true,
        };
        let check = after(check, vec![SoundCheckAction::Stopped(Some(take.clone()))]);
        // One that was on its way when it was stopped.
        let check = after(check, vec![level(240, 3)]);
        assert_eq!(check.test, Test::Taken(take));
    }

    #[test]
    fn a_long_test_shows_its_end() {
        let levels = (0..300).map(|at| level(at * 80, 5)).collect();
        let mut actions = vec![SoundCheckAction::Start];
        actions.extend::<Vec<_>>(levels);
        let check = after(SoundCheck::default(), actions);
        let Test::Runs { levels, .. } = check.test else {
            panic!("{:?}", check.test);
        };
        assert_eq!(levels.len(), LEVELS);
    }
}
