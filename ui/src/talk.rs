//! Runs the talk button's state machine: what it asks for goes to the backend first, and only then is anything drawn.

use std::cell::RefCell;
use std::rc::Rc;

use api::{
    Fault, FaultKind, Feed, SendVoice, Signal, VoiceContinue, VoiceDraft, VoiceStart, VoiceStop,
};
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseStateSetter};

use crate::backend;
use crate::state::recording::{Effect, Input, Recording};

/// The one talk button there is.
#[derive(Clone)]
pub struct Talk {
    machine: Rc<RefCell<Recording>>,
    shown: UseStateSetter<Recording>,
    tell: Callback<Fault>,
}

impl PartialEq for Talk {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.machine, &other.machine)
    }
}

impl Talk {
    /// The state goes to `shown`, failures to `tell`.
    pub fn new(shown: UseStateSetter<Recording>, tell: Callback<Fault>) -> Self {
        Self {
            machine: Rc::default(),
            shown,
            tell,
        }
    }

    /// Something happened to the button.
    pub fn input(&self, input: Input) {
        let effect = self.machine.borrow_mut().step(input);
        if let Some(effect) = effect {
            self.run(effect);
        }
        self.shown.set(self.machine.borrow().clone());
    }

    /// Whether a recording is on, and hands-free.
    pub fn is(&self) -> (bool, bool) {
        let machine = self.machine.borrow();
        (machine.is_on(), machine.locked)
    }

    /// Hands-free, the space bar pauses and goes on.
    pub fn flip_pause(&self) {
        let input = {
            let machine = self.machine.borrow();
            match (machine.chat, machine.paused()) {
                (Some(chat), Some(draft)) => Input::Continue {
                    chat,
                    draft: draft.to_owned(),
                    from_ms: None,
                    duration_ms: machine.elapsed_ms,
                },
                _ => Input::Pause,
            }
        };
        self.input(input);
    }

    /// What the feed says about recordings.
    pub fn feed(&self, items: &[Feed]) {
        for item in items {
            match item {
                Feed::Signal(Signal::Level {
                    draft,
                    elapsed_ms,
                    peak,
                }) => self.input(Input::Level {
                    draft: draft.clone(),
                    elapsed_ms: *elapsed_ms,
                    peak: *peak,
                }),
                Feed::Signal(Signal::RecordingEnded { draft, .. }) => {
                    self.input(Input::Ended(draft.clone()));
                }
                Feed::Signal(Signal::Clipping { draft }) => {
                    self.input(Input::Clipping(draft.clone()));
                }
                _ => {}
            }
        }
    }

    fn run(&self, effect: Effect) {
        let talk = self.clone();
        match effect {
            Effect::Start(chat) => {
                let answer = backend::call(VoiceStart { chat });
                spawn_local(async move {
                    talk.input(match answer.await {
                        Ok(VoiceDraft { id, .. }) => Input::Started(id),
                        Err(fault) => Input::StartFailed(fault),
                    });
                });
            }
            Effect::Continue { draft, from_ms } => {
                let answer = backend::call(VoiceContinue { draft, from_ms });
                spawn_local(async move {
                    talk.input(match answer.await {
                        Ok(VoiceDraft { id, .. }) => Input::Started(id),
                        Err(fault) => Input::StartFailed(fault),
                    });
                });
            }
            Effect::Send(chat, draft) => {
                let answer = backend::call(SendVoice {
                    chat,
                    draft: draft.clone(),
                });
                spawn_local(async move {
                    let outcome = answer.await.map(drop);
                    talk.settled(draft, outcome);
                });
            }
            Effect::Stop(draft) => {
                let answer = backend::call(VoiceStop {
                    draft: draft.clone(),
                });
                spawn_local(async move {
                    let outcome = answer.await.map(drop);
                    talk.settled(draft, outcome);
                });
            }
            Effect::Tell(fault) => self.tell.emit(fault),
        }
    }

    fn settled(&self, draft: String, outcome: Result<(), Fault>) {
        let outcome = match outcome {
            // It ended by itself in the meantime; that was told already.
            Err(fault) if fault.kind == FaultKind::NotFound => Ok(()),
            other => other.map_err(|fault| fault.kind),
        };
        self.input(Input::Settled(draft, outcome));
    }
}
