//! The talk button as a state machine: press, hold, tap, slide, lock, release, pause, go on.
//!
//! Pure: an input gives the next state and what to ask of the backend, so that every order of events is tested without a
//! window. The one rule above all: audio leaves only by "send" or by "discard" on a draft that can be listened to. Esc, a
//! slide, a lost pointer, another window in front all end in a draft, and a press too short to be a hold goes on
//! hands-free: there is no press that loses what was said.

use std::collections::VecDeque;

use api::{ChatId, Fault, FaultKind};

/// A shorter press is a tap: it records hands-free. As long as the backend asks of a `SendVoice`.
pub const TAP_MS: f64 = 300.0;
/// The second half of a double click must not send what its first half began.
const DOUBLE_MS: f64 = 500.0;
/// From here on a recording is long enough for a word about it.
const LONG_MS: u32 = 60_000;
/// How long a remark stays, in milliseconds of the recording.
const REMARK_MS: u32 = 8_000;
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
        /// The draft that goes on; none for a new one.
        of: Option<String>,
    },
    /// The microphone runs.
    Recording {
        /// Names the recording.
        draft: String,
    },
    /// It is a draft, and stays where it was recorded.
    Paused {
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
}

/// What is said beside a running recording, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The microphone cannot follow.
    TooLoud,
    /// It lasts.
    Long,
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
    /// How often the backend found a hold too short: the hint is shown when this grows.
    pub hints: u32,
    /// How often a recording became a draft instead of a message.
    pub kept: u32,
    /// How often a recording became a message.
    pub sent: u32,
    pressed_at: f64,
    locked_at: f64,
    /// Milliseconds recorded when it was too loud.
    clipped_ms: Option<u32>,
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
    /// Slid up: hands-free from here, at a time in milliseconds.
    Lock(f64),
    /// Let go.
    Release(f64),
    /// Esc, a lost pointer, another window, another chat.
    Interrupt,
    /// "Send" of a hands-free or paused recording, at a time in milliseconds.
    Send(f64),
    /// "Pause" of a hands-free recording.
    Pause,
    /// A draft goes on, hands-free.
    Continue {
        /// Whose draft it is.
        chat: ChatId,
        /// Names it.
        draft: String,
        /// What comes after this is recorded anew.
        from_ms: Option<u32>,
        /// How long it is.
        duration_ms: u32,
    },
    /// "Discard" of a hands-free or paused recording: it ends as a draft, for the bin.
    Discard,
    /// The draft of a paused recording is not there any more.
    Gone(String),
    /// It was too loud.
    Clipping(String),
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
    /// `VoiceContinue`.
    Continue {
        /// Which.
        draft: String,
        /// From where.
        from_ms: Option<u32>,
    },
    /// `VoiceStop`.
    Stop(String),
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
            Phase::Starting { then, .. } => then.is_none(),
            Phase::Recording { .. } | Phase::Paused { .. } => true,
        }
    }

    /// Whether a press is held (not hands-free, not let go).
    pub fn is_held(&self) -> bool {
        self.is_on() && !self.locked
    }

    /// The value of `data-state` on the talk button.
    pub fn name(&self) -> &'static str {
        match (&self.phase, self.is_on(), self.locked) {
            (Phase::Paused { .. }, _, _) => "paused",
            (_, false, _) => "idle",
            (_, true, false) => "recording",
            (_, true, true) => "locked",
        }
    }

    /// The draft that is recorded or paused, once the backend named it.
    pub fn draft(&self) -> Option<&str> {
        match &self.phase {
            Phase::Recording { draft } | Phase::Paused { draft } => Some(draft),
            Phase::Idle | Phase::Starting { .. } => None,
        }
    }

    /// The draft that is paused.
    pub fn paused(&self) -> Option<&str> {
        match &self.phase {
            Phase::Paused { draft } => Some(draft),
            _ => None,
        }
    }

    /// What there is to say now.
    pub fn remark(&self) -> Option<Remark> {
        let since =
            |begin: u32| (begin..begin.saturating_add(REMARK_MS)).contains(&self.elapsed_ms);
        match (&self.phase, self.clipped_ms) {
            (Phase::Recording { .. }, Some(at)) if since(at) => Some(Remark::TooLoud),
            (Phase::Recording { .. }, _) if since(LONG_MS) => Some(Remark::Long),
            _ => None,
        }
    }

    /// Whether a draft is on its way or in the recorder, and must not be shown as a card.
    pub fn hides(&self, draft: &str) -> bool {
        let goes_on = matches!(&self.phase, Phase::Starting { of: Some(of), .. } if of == draft);
        goes_on || self.leaving.as_deref() == Some(draft) || self.draft() == Some(draft)
    }

    /// One step.
    pub fn step(&mut self, input: Input) -> Option<Effect> {
        match input {
            Input::Press(chat, now) => {
                if self.phase != Phase::Idle {
                    return None;
                }
                self.begin(chat, None);
                self.pressed_at = now;
                Some(Effect::Start(chat))
            }
            Input::Started(draft) => match self.phase {
                Phase::Starting { then, .. } => {
                    self.phase = Phase::Recording { draft };
                    then.and_then(|ending| self.end(ending))
                }
                // A recording nobody waits for stays a draft.
                _ => Some(Effect::Stop(draft)),
            },
            Input::StartFailed(fault) => {
                let Phase::Starting { then, of } = std::mem::take(&mut self.phase) else {
                    self.rest();
                    return None;
                };
                match of.filter(|_| then != Some(Ending::Keep)) {
                    // What was said before is where it was.
                    Some(draft) => self.pause(draft),
                    None => self.rest(),
                }
                Some(Effect::Tell(fault))
            }
            Input::Aim { cancelling } => {
                if self.is_held() {
                    self.cancelling = cancelling;
                }
                None
            }
            Input::Lock(now) => {
                if self.is_held() {
                    self.lock(now);
                }
                None
            }
            Input::Release(now) => {
                if !self.is_held() {
                    return None;
                }
                let is_tap = now - self.pressed_at < TAP_MS;
                match (self.cancelling, is_tap) {
                    (true, _) => self.end(Ending::Keep),
                    (false, true) => {
                        self.lock(now);
                        None
                    }
                    (false, false) => self.end(Ending::Send),
                }
            }
            Input::Interrupt => {
                if !self.is_on() {
                    return None;
                }
                self.end(Ending::Keep)
            }
            Input::Send(now) => {
                let is_double = self.paused().is_none() && now - self.locked_at < DOUBLE_MS;
                (self.locked && !is_double)
                    .then(|| self.end(Ending::Send))
                    .flatten()
            }
            Input::Pause => {
                let Phase::Recording { draft } = &self.phase else {
                    return None;
                };
                let draft = draft.clone();
                self.locked.then(|| {
                    self.pause(draft.clone());
                    Effect::Stop(draft)
                })
            }
            Input::Continue {
                chat,
                draft,
                from_ms,
                duration_ms,
            } => {
                let is_free = match &self.phase {
                    Phase::Idle => !self.hides(&draft),
                    Phase::Paused { draft: paused } => *paused == draft,
                    _ => false,
                };
                if !is_free {
                    return None;
                }
                // One line of sound: what was drawn before the pause goes on.
                let levels = self
                    .paused()
                    .is_some()
                    .then(|| std::mem::take(&mut self.levels));
                self.begin(chat, Some(draft.clone()));
                self.locked = true;
                self.levels = levels.unwrap_or_default();
                self.elapsed_ms = from_ms.unwrap_or(duration_ms);
                Some(Effect::Continue { draft, from_ms })
            }
            Input::Discard => match std::mem::take(&mut self.phase) {
                Phase::Recording { draft } if self.locked => {
                    self.rest();
                    Some(Effect::Stop(draft))
                }
                Phase::Paused { .. } => {
                    self.rest();
                    None
                }
                other => {
                    self.phase = other;
                    None
                }
            },
            Input::Gone(draft) => {
                if self.paused() == Some(draft.as_str()) {
                    self.rest();
                }
                None
            }
            Input::Clipping(draft) => {
                if self.draft() == Some(draft.as_str()) {
                    self.clipped_ms = Some(self.elapsed_ms);
                }
                None
            }
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
                if self.leaving.as_deref() == Some(draft.as_str()) {
                    self.leaving = None;
                }
                match &self.phase {
                    // Nobody holds it: it can go on where it stands, with another microphone perhaps.
                    Phase::Recording { draft: running } if *running == draft && self.locked => {
                        self.pause(draft);
                    }
                    Phase::Recording { draft: running } if *running == draft => self.rest(),
                    _ => {}
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

    fn begin(&mut self, chat: ChatId, of: Option<String>) {
        *self = Self {
            phase: Phase::Starting { then: None, of },
            chat: Some(chat),
            leaving: self.leaving.take(),
            hints: self.hints,
            kept: self.kept,
            sent: self.sent,
            ..Self::default()
        };
    }

    fn lock(&mut self, now: f64) {
        self.locked = true;
        self.locked_at = now;
        self.cancelling = false;
    }

    fn pause(&mut self, draft: String) {
        self.phase = Phase::Paused { draft };
        self.locked = true;
        self.cancelling = false;
        self.clipped_ms = None;
    }

    fn rest(&mut self) {
        self.phase = Phase::Idle;
        self.locked = false;
        self.cancelling = false;
        self.elapsed_ms = 0;
        self.clipped_ms = None;
        self.levels.clear();
    }

    fn end(&mut self, ending: Ending) -> Option<Effect> {
        let (draft, runs) = match &mut self.phase {
            Phase::Idle => return None,
            Phase::Starting { then, .. } => {
                *then = Some(ending);
                self.locked = false;
                self.cancelling = false;
                return None;
            }
            Phase::Recording { draft } => (std::mem::take(draft), true),
            Phase::Paused { draft } => (std::mem::take(draft), false),
        };
        self.rest();
        match ending {
            Ending::Send => {
                self.leaving = Some(draft.clone());
                self.sent = self.sent.wrapping_add(1);
                self.chat.map(|chat| Effect::Send(chat, draft))
            }
            Ending::Keep => {
                // A draft is shown as soon as the store says so.
                self.leaving = None;
                self.kept = self.kept.wrapping_add(1);
                runs.then_some(Effect::Stop(draft))
            }
        }
    }
}

#[cfg(test)]
mod tests;
