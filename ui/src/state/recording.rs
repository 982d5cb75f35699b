//! The talk button as a state machine: press, hold, slide, lock, release.
//!
//! Pure: an input gives the next state and what to ask of the backend, so that every order of events is tested without a
//! window. The one rule above all: audio leaves only by "send" or by "discard" on a draft that can be listened to. Esc, a
//! slide, a lost pointer, another window in front all end in a draft.

use std::collections::VecDeque;

use api::{ChatId, Fault, FaultKind};

/// A shorter hold is a slip: nothing is kept, and the hint is shown. As the backend has it for `SendVoice`.
pub const SLIP_MS: f64 = 300.0;
/// Levels kept for the running waveform.
pub const LEVELS: usize = 120;

/// Where a recording stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// Nothing is recorded.
    #[default]
    Idle,
    /// The microphone is being opened.
    Starting {
        /// What to do once it runs, if the button was let go before.
        then: Option<Ending>,
    },
    /// The microphone runs.
    Recording {
        /// Names the recording.
        draft: String,
    },
}

/// How a recording ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It becomes a message.
    Send,
    /// It becomes a draft.
    Keep,
    /// It was a slip.
    Drop,
}

/// The talk button and its recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// Where it stands.
    pub phase: Phase,
    /// Whose draft it becomes.
    pub chat: Option<ChatId>,
    /// Whether it runs hands-free.
    pub locked: bool,
    /// Whether the finger is so far off that letting go keeps a draft instead of sending.
    pub cancelling: bool,
    /// Milliseconds recorded.
    pub elapsed_ms: u32,
    /// Loudness, oldest first, at most [`LEVELS`].
    pub levels: VecDeque<u8>,
    /// Handed over, not answered yet: not to be shown as a draft meanwhile.
    pub leaving: Option<String>,
    /// How often the hint was asked for: it is shown when this grows.
    pub hints: u32,
    /// How often a recording became a draft instead of a message.
    pub kept: u32,
    /// How often a recording became a message.
    pub sent: u32,
    pressed_at: f64,
}

/// What happens to the talk button.
#[derive(Clone, Debug)]
pub enum Input {
    /// Pressed, at a time in milliseconds.
    Press(ChatId, f64),
    /// The backend records.
    Started(String),
    /// It could not.
    StartFailed(Fault),
    /// The finger is far off, or near again.
    Aim {
        /// Far enough to the side.
        cancelling: bool,
    },
    /// Slid up: hands-free from here.
    Lock,
    /// Let go.
    Release(f64),
    /// Esc, a lost pointer, another window, another chat.
    Interrupt(f64),
    /// "Send" of a hands-free recording.
    Send,
    /// "Stop" of a hands-free recording.
    Stop,
    /// The latest level.
    Level {
        /// Of which recording.
        draft: String,
        /// Milliseconds recorded.
        elapsed_ms: u32,
        /// Loudness.
        peak: u8,
    },
    /// The backend ended it: it is a draft.
    Ended(String),
    /// What was handed over is answered for.
    Settled(String, Result<(), FaultKind>),
}

/// What to ask of the backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `VoiceStart`.
    Start(ChatId),
    /// `SendVoice`.
    Send(ChatId, String),
    /// `VoiceStop`.
    Stop(String),
    /// `VoiceDiscard`.
    Discard(String),
    /// Say what went wrong.
    Tell(Fault),
}

impl Recording {
    /// As a chat shows it: idle where the recording belongs to another one.
    pub fn seen_from(&self, chat: ChatId) -> Self {
        if self.chat == Some(chat) {
            return self.clone();
        }
        Self {
            hints: self.hints,
            kept: self.kept,
            ..Self::default()
        }
    }

    /// Whether the recorder takes the place of the composer.
    pub fn is_on(&self) -> bool {
        match &self.phase {
            Phase::Idle => false,
            Phase::Starting { then } => then.is_none(),
            Phase::Recording { .. } => true,
        }
    }

    /// Whether a press is held (not hands-free, not let go).
    pub fn is_held(&self) -> bool {
        self.is_on() && !self.locked
    }

    /// The value of `data-state` on the talk button.
    pub fn name(&self) -> &'static str {
        match (self.is_on(), self.locked) {
            (false, _) => "idle",
            (true, false) => "recording",
            (true, true) => "locked",
        }
    }

    /// Whether a draft is on its way and must not be shown as a card.
    pub fn hides(&self, draft: &str) -> bool {
        self.leaving.as_deref() == Some(draft)
            || matches!(&self.phase, Phase::Recording { draft: running } if running == draft)
    }

    /// One step.
    pub fn step(&mut self, input: Input) -> Option<Effect> {
        match input {
            Input::Press(chat, now) => {
                let slipped = self.phase
                    == Phase::Starting {
                        then: Some(Ending::Drop),
                    };
                if slipped && self.chat == Some(chat) {
                    // The microphone that the slip woke is still being opened: it serves this press.
                    self.phase = Phase::Starting { then: None };
                    self.pressed_at = now;
                    return None;
                }
                if self.phase != Phase::Idle {
                    return None;
                }
                *self = Self {
                    phase: Phase::Starting { then: None },
                    chat: Some(chat),
                    pressed_at: now,
                    leaving: self.leaving.take(),
                    hints: self.hints,
                    kept: self.kept,
                    sent: self.sent,
                    ..Self::default()
                };
                Some(Effect::Start(chat))
            }
            Input::Started(draft) => match self.phase {
                Phase::Starting { then } => {
                    self.phase = Phase::Recording { draft };
                    then.and_then(|ending| self.end(ending))
                }
                // A recording nobody waits for stays a draft.
                _ => Some(Effect::Stop(draft)),
            },
            Input::StartFailed(fault) => {
                let hold = matches!(self.phase, Phase::Starting { .. });
                self.rest();
                hold.then_some(Effect::Tell(fault))
            }
            Input::Aim { cancelling } => {
                if self.is_held() {
                    self.cancelling = cancelling;
                }
                None
            }
            Input::Lock => {
                if self.is_held() {
                    self.locked = true;
                    self.cancelling = false;
                }
                None
            }
            Input::Release(now) => {
                if !self.is_held() {
                    return None;
                }
                let slip = now - self.pressed_at < SLIP_MS;
                // Judged here too: a microphone that opens slowly must not make a slip look long.
                let ending = match (slip, self.cancelling) {
                    (true, _) => Ending::Drop,
                    (false, true) => Ending::Keep,
                    (false, false) => Ending::Send,
                };
                self.end(ending)
            }
            Input::Interrupt(now) => {
                if !self.is_on() {
                    return None;
                }
                let slip = !self.locked && now - self.pressed_at < SLIP_MS;
                self.end(if slip { Ending::Drop } else { Ending::Keep })
            }
            Input::Send => self.locked.then(|| self.end(Ending::Send)).flatten(),
            Input::Stop => self.locked.then(|| self.end(Ending::Keep)).flatten(),
            Input::Level {
                draft,
                elapsed_ms,
                peak,
            } => {
                if matches!(&self.phase, Phase::Recording { draft: running } if *running == draft) {
                    self.elapsed_ms = elapsed_ms;
                    if self.levels.len() >= LEVELS {
                        self.levels.pop_front();
                    }
                    self.levels.push_back(peak);
                }
                None
            }
            Input::Ended(draft) => {
                if self.hides(&draft) {
                    self.leaving = None;
                    self.rest();
                }
                None
            }
            Input::Settled(draft, outcome) => {
                if self.leaving.as_deref() == Some(draft.as_str()) {
                    self.leaving = None;
                }
                match outcome {
                    Err(FaultKind::TooShort) => {
                        self.hints = self.hints.wrapping_add(1);
                        None
                    }
                    Err(kind) => Some(Effect::Tell(kind.into())),
                    Ok(()) => None,
                }
            }
        }
    }

    fn rest(&mut self) {
        self.phase = Phase::Idle;
        self.locked = false;
        self.cancelling = false;
        self.elapsed_ms = 0;
        self.levels.clear();
    }

    fn end(&mut self, ending: Ending) -> Option<Effect> {
        match &mut self.phase {
            Phase::Idle => None,
            Phase::Starting { then } => {
                *then = Some(ending);
                self.locked = false;
                self.cancelling = false;
                None
            }
            Phase::Recording { draft } => {
                let draft = std::mem::take(draft);
                self.rest();
                self.leaving = Some(draft.clone());
                match ending {
                    Ending::Send => {
                        self.sent = self.sent.wrapping_add(1);
                        self.chat.map(|chat| Effect::Send(chat, draft))
                    }
                    Ending::Keep => {
                        // A draft is shown as soon as the store says so.
                        self.leaving = None;
                        self.kept = self.kept.wrapping_add(1);
                        Some(Effect::Stop(draft))
                    }
                    Ending::Drop => {
                        self.hints = self.hints.wrapping_add(1);
                        Some(Effect::Discard(draft))
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
