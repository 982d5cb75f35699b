//! Playback: one thread that owns the output stream.
//!
//! The device is opened by the first `play` and closed after a few idle seconds, so that a program that plays nothing
//! costs nothing; within those seconds the next message starts at once. Positions are what the device says it has
//! played, not what was decoded, and `Ended` comes when the last sample was heard.
//!
//! Rejected: decoding a message whole before it plays; half an hour of it is 350 MB of samples.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::VoiceError;
use crate::decode::{Sound, milliseconds};
use crate::device::{Loudspeaker, STALL};
use crate::resample::Resampler;

/// How often the ring is filled while it plays.
const TICK: Duration = Duration::from_millis(25);
/// Between two position events.
const EVENT_EVERY: Duration = Duration::from_millis(70);
/// An open device that plays nothing is closed after this.
const IDLE: Duration = Duration::from_secs(5);
/// Of clips.
const CLIP_RATE: u32 = 48_000;
/// How far the ring is ahead of the device, as a part of a second.
const AHEAD: u64 = 3;

/// What happens while it plays. Events come on the player's thread.
#[derive(Debug)]
#[non_exhaustive]
pub enum PlayEvent {
    /// Where it is; at most 15 a second while it plays, and once at each start, resume and seek.
    Playing {
        /// As given to `play`.
        id: u64,
        /// What has left the loudspeaker, in ms.
        position_ms: u32,
        /// Length of the file, in ms.
        duration_ms: u32,
    },
    /// It stands still.
    Paused {
        /// As given to `play`.
        id: u64,
        /// Where, in ms.
        position_ms: u32,
    },
    /// The last sample was heard.
    Ended {
        /// As given to `play`.
        id: u64,
    },
    /// It cannot be played, or not further.
    Failed {
        /// As given to `play`.
        id: u64,
        /// Why.
        error: VoiceError,
    },
}

/// Plays one file at a time. Calls return at once; dropping it stops the sound and joins the thread.
#[derive(Debug)]
pub struct Player {
    commands: Sender<Command>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Command {
    Play {
        id: u64,
        path: PathBuf,
        from_ms: u32,
    },
    Pause,
    Resume,
    Seek(u32),
    Stop,
    Clip(Arc<[f32]>),
    Hush,
}

impl Player {
    /// Starts the thread. No device is opened before the first `play`, and it is closed a few seconds after the last.
    pub fn new(on_event: impl FnMut(PlayEvent) + Send + 'static) -> Player {
        let (commands, receiver) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("voice-player".to_owned())
            .spawn(move || Playback::new(Box::new(on_event)).run(&receiver));
        Player {
            commands,
            thread: thread.ok(),
        }
    }

    /// Plays a file from a position on; what played before stops without an event. `id` is the caller's and comes
    /// back in events.
    pub fn play(&self, id: u64, path: PathBuf, from_ms: u32) {
        self.send(Command::Play { id, path, from_ms });
    }

    /// Stands still; nothing happens where nothing plays.
    pub fn pause(&self) {
        self.send(Command::Pause);
    }

    /// Goes on from where it was paused.
    pub fn resume(&self) {
        self.send(Command::Resume);
    }

    /// Goes to a position, playing or paused.
    pub fn seek(&self, position_ms: u32) {
        self.send(Command::Seek(position_ms));
    }

    /// Ends playback without an event.
    pub fn stop(&self) {
        self.send(Command::Stop);
    }

    /// Plays a short sound of the app itself, 48 kHz mono, at most a second of it. Nothing where a file plays or is
    /// paused: it would be heard in the middle of what somebody says. No events; one that cannot be played is not missed.
    pub fn clip(&self, samples: Arc<[f32]>) {
        self.send(Command::Clip(samples));
    }

    /// Ends a clip at once.
    pub fn hush(&self) {
        self.send(Command::Hush);
    }

    fn send(&self, command: Command) {
        // The thread ends only with this player.
        let _ = self.commands.send(command);
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        // The thread ends when the channel does.
        self.commands = mpsc::channel().0;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The player's thread.
struct Playback {
    on_event: Box<dyn FnMut(PlayEvent) + Send>,
    speaker: Option<Loudspeaker>,
    current: Option<Current>,
    idle_since: Instant,
}

/// What plays, or is paused.
struct Current {
    id: u64,
    sound: Sound,
    resampler: Option<Resampler>,
    decoded: Vec<f32>,
    /// At the device's rate, not yet in the ring.
    samples: Vec<f32>,
    /// Nothing more will be decoded.
    complete: bool,
    failure: Option<VoiceError>,
    /// Where in the ring the sound at `base_ms` is.
    base: u64,
    base_ms: u32,
    duration_ms: u32,
    paused: bool,
    told: Instant,
    heard: u64,
    moved: Instant,
}

impl Playback {
    fn new(on_event: Box<dyn FnMut(PlayEvent) + Send>) -> Playback {
        Playback {
            on_event,
            speaker: None,
            current: None,
            idle_since: Instant::now(),
        }
    }

    fn run(&mut self, commands: &Receiver<Command>) {
        loop {
            let playing = self.current.as_ref().is_some_and(|current| !current.paused);
            let command = if playing {
                commands.recv_timeout(TICK)
            } else if self.speaker.is_some() {
                commands.recv_timeout(IDLE.saturating_sub(self.idle_since.elapsed()))
            } else {
                commands.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match command {
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.current.as_ref().is_some_and(|current| !current.paused) {
                self.idle_since = Instant::now();
                self.advance();
            } else if self.idle_since.elapsed() >= IDLE {
                self.close();
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Play { id, path, from_ms } => {
                self.forget();
                match Current::open(id, &path) {
                    Ok(current) => {
                        self.current = Some(current);
                        self.go_to(from_ms);
                    }
                    Err(error) => (self.on_event)(PlayEvent::Failed { id, error }),
                }
            }
            Command::Pause => {
                let position_ms = self.position();
                if let Some(current) = self.current.as_mut().filter(|current| !current.paused) {
                    current.paused = true;
                    let id = current.id;
                    if let Some(speaker) = &self.speaker {
                        speaker.set_paused(true);
                    }
                    (self.on_event)(PlayEvent::Paused { id, position_ms });
                }
            }
            Command::Resume => {
                let position_ms = self.position();
                let Some(current) = self.current.as_mut().filter(|current| current.paused) else {
                    return;
                };
                current.paused = false;
                current.moved = Instant::now();
                if let Some(speaker) = &self.speaker {
                    speaker.set_paused(false);
                    self.tell_place();
                } else {
                    self.go_to(position_ms);
                }
            }
            Command::Seek(position_ms) => self.go_to(position_ms),
            Command::Stop => self.forget(),
            Command::Clip(samples) if self.current.is_none() => {
                if let Err(error) = self.clip(&samples) {
                    tracing::debug!(%error, "a clip is not heard");
                    self.speaker = None;
                }
            }
            Command::Hush if self.current.is_none() => self.forget(),
            Command::Clip(_) | Command::Hush => {}
        }
    }

    fn clip(&mut self, samples: &[f32]) -> Result<(), VoiceError> {
        if self.speaker.as_ref().is_some_and(Loudspeaker::is_gone) {
            self.speaker = None;
        }
        let speaker = match &mut self.speaker {
            Some(speaker) => speaker,
            none => none.insert(Loudspeaker::open()?),
        };
        let mut resampler = Resampler::new(CLIP_RATE, speaker.rate)?;
        let mut fitting = Vec::new();
        resampler.push(samples, &mut fitting)?;
        resampler.finish(&mut fitting)?;
        speaker.set_paused(false);
        // What does not fit into a second is cut.
        speaker.push(&fitting);
        self.idle_since = Instant::now();
        Ok(())
    }

    /// Ends what plays without a word.
    fn forget(&mut self) {
        self.current = None;
        if let Some(speaker) = &self.speaker {
            speaker.discard();
        }
    }

    /// Closes the device; a paused message keeps its place.
    fn close(&mut self) {
        let position_ms = self.position();
        if let Some(current) = &mut self.current {
            current.base_ms = position_ms;
            current.base = u64::MAX;
        }
        self.speaker = None;
    }

    fn fail(&mut self, error: VoiceError) {
        if matches!(error, VoiceError::DeviceLost | VoiceError::NoSpeaker) {
            self.speaker = None;
        }
        if let Some(current) = self.current.take() {
            (self.on_event)(PlayEvent::Failed {
                id: current.id,
                error,
            });
        }
        self.forget();
    }

    /// Moves the current message to a position and says so.
    fn go_to(&mut self, position_ms: u32) {
        if let Err(error) = self.try_go_to(position_ms) {
            self.fail(error);
            return;
        }
        self.tell_place();
    }

    fn try_go_to(&mut self, position_ms: u32) -> Result<(), VoiceError> {
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        if self.speaker.is_none() && !current.paused {
            self.speaker = Some(Loudspeaker::open()?);
        }
        let position_ms = position_ms.min(current.duration_ms);
        current.base_ms = position_ms;
        let Some(speaker) = &mut self.speaker else {
            // Paused and closed: the place is taken up by resume.
            return Ok(());
        };
        speaker.discard();
        speaker.set_paused(current.paused);
        current.base = speaker.pushed();
        let rate = current.sound.rate();
        current
            .sound
            .seek(u64::from(position_ms) * u64::from(rate) / 1000)?;
        current.resampler = Some(Resampler::new(rate, speaker.rate)?);
        current.samples.clear();
        current.complete = false;
        current.moved = Instant::now();
        Ok(())
    }

    /// What has left the loudspeaker.
    fn position(&self) -> u32 {
        let Some(current) = &self.current else {
            return 0;
        };
        let since = self.speaker.as_ref().map_or(0, |speaker| {
            milliseconds(speaker.heard().saturating_sub(current.base), speaker.rate)
        });
        current
            .base_ms
            .saturating_add(since)
            .min(current.duration_ms)
    }

    fn tell_place(&mut self) {
        let position_ms = self.position();
        let Some(current) = &mut self.current else {
            return;
        };
        current.told = Instant::now();
        let (id, duration_ms) = (current.id, current.duration_ms);
        (self.on_event)(if current.paused {
            PlayEvent::Paused { id, position_ms }
        } else {
            PlayEvent::Playing {
                id,
                position_ms,
                duration_ms,
            }
        });
    }

    /// Fills the ring, tells the position, notices the end.
    fn advance(&mut self) {
        let (Some(current), Some(speaker)) = (&mut self.current, &mut self.speaker) else {
            return;
        };
        if speaker.is_gone() {
            self.fail(VoiceError::DeviceLost);
            return;
        }
        current.fill(speaker);
        let heard = speaker.heard();
        if heard != current.heard {
            current.heard = heard;
            current.moved = Instant::now();
        }
        let all_heard = current.complete
            && current.samples.is_empty()
            && speaker.queued() == 0
            && heard >= speaker.pushed();
        if all_heard {
            let failure = current.failure.take();
            match (failure, self.current.take()) {
                (Some(error), Some(ended)) => {
                    (self.on_event)(PlayEvent::Failed {
                        id: ended.id,
                        error,
                    });
                }
                (None, Some(ended)) => (self.on_event)(PlayEvent::Ended { id: ended.id }),
                (_, None) => {}
            }
        } else if current.moved.elapsed() > STALL {
            self.fail(VoiceError::DeviceLost);
        } else if current.told.elapsed() >= EVENT_EVERY {
            self.tell_place();
        }
    }
}

impl Current {
    fn open(id: u64, path: &Path) -> Result<Current, VoiceError> {
        let sound = Sound::open(path)?;
        Ok(Current {
            id,
            duration_ms: milliseconds(sound.frames(), sound.rate()),
            sound,
            resampler: None,
            decoded: Vec::new(),
            samples: Vec::new(),
            complete: false,
            failure: None,
            base: 0,
            base_ms: 0,
            paused: false,
            told: Instant::now(),
            heard: 0,
            moved: Instant::now(),
        })
    }

    /// Decodes until the ring is far enough ahead.
    fn fill(&mut self, speaker: &mut Loudspeaker) {
        let ahead = u64::from(speaker.rate) / AHEAD;
        loop {
            let pushed = speaker.push(&self.samples);
            self.samples.drain(..pushed);
            if self.complete || !self.samples.is_empty() || speaker.queued() >= ahead {
                return;
            }
            if let Err(error) = self.decode() {
                // What is in the ring is still heard; then the failure is told instead of the end.
                self.failure = Some(error);
                self.complete = true;
            }
        }
    }

    fn decode(&mut self) -> Result<(), VoiceError> {
        let Some(resampler) = &mut self.resampler else {
            self.complete = true;
            return Ok(());
        };
        self.decoded.clear();
        if self.sound.read(&mut self.decoded)? {
            resampler.push(&self.decoded, &mut self.samples)
        } else {
            self.complete = true;
            resampler.finish(&mut self.samples)
        }
    }
}

#[cfg(test)]
mod tests;
