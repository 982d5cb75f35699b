//! Playback: one thread that owns the output stream.
//!
//! The device is opened by the first `play` and closed after a few idle seconds, so that a program that plays nothing
//! costs nothing; within those seconds the next message starts at once. Positions are what the device says it has
//! played, not what was decoded, and `Ended` comes when the last sample was heard.
//!
//! Rejected: decoding a message whole before it plays; half an hour of it is 350 MB of samples.

mod gaps;
mod loudness;
mod stretch;
mod track;

use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub use self::stretch::{FASTEST, SLOWEST};
use self::track::Track;
use crate::VoiceError;
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
        /// How much silence was left out so far, in ms of the file.
        skipped_ms: u32,
    },
    /// It stands still.
    Paused {
        /// As given to `play`.
        id: u64,
        /// Where, in ms.
        position_ms: u32,
        /// Why, where nobody asked for it: there is no loudspeaker, or not any more. It goes on from here as soon as
        /// it is resumed and there is one.
        error: Option<VoiceError>,
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

/// How to play a file.
#[derive(Clone, Debug)]
pub struct PlayOptions {
    /// Where to begin, in ms.
    pub from_ms: u32,
    /// In per cent of the speed it was spoken at, [`SLOWEST`] to [`FASTEST`]; the pitch stays.
    pub speed: u16,
    /// Whether pauses are left out.
    pub skip_silence: bool,
    /// Whether it is brought towards -18 LUFS, by 12 dB at most, with no sample above -1 dBFS.
    pub even_loudness: bool,
    /// A short sound of the app before it, 48 kHz mono, at most half a second.
    pub lead: Option<Arc<[f32]>>,
}

impl Default for PlayOptions {
    fn default() -> Self {
        Self {
            from_ms: 0,
            speed: 100,
            skip_silence: false,
            even_loudness: false,
            lead: None,
        }
    }
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
        options: PlayOptions,
    },
    Pause,
    Resume,
    Seek(u32),
    Speed(u16),
    SkipSilence(bool),
    EvenLoudness(bool),
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

    /// Plays a file; what played before stops without an event. `id` is the caller's and comes back in events.
    pub fn play(&self, id: u64, path: PathBuf, options: PlayOptions) {
        self.send(Command::Play { id, path, options });
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

    /// Changes the speed of what plays or is paused, as in [`PlayOptions::speed`].
    pub fn set_speed(&self, percent: u16) {
        self.send(Command::Speed(percent));
    }

    /// Leaves out pauses of what plays or is paused, or not.
    pub fn set_skip_silence(&self, on: bool) {
        self.send(Command::SkipSilence(on));
    }

    /// Plays what plays or is paused as loud as other messages, or as it is.
    pub fn set_even_loudness(&self, on: bool) {
        self.send(Command::EvenLoudness(on));
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
    track: Track,
    lead: Option<Arc<[f32]>>,
    failure: Option<VoiceError>,
    /// The frame of the ring with which it begins. None: no device is open for it, and it stands at `at_ms`.
    base: Option<u64>,
    at_ms: u32,
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
            let command = match command {
                Ok(command) => Some(command),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => None,
            };
            let begins = match &command {
                Some(Command::Play { id, .. }) => Some(*id),
                _ => None,
            };
            // Decoders read what strangers send: one that panics ends that sound, and no other.
            let step = AssertUnwindSafe(|| self.step(command));
            if panic::catch_unwind(step).is_err() {
                let id = self.current.take().map(|current| current.id).or(begins);
                self.forget();
                if let Some(id) = id {
                    let error = VoiceError::Damaged { at: 0 };
                    (self.on_event)(PlayEvent::Failed { id, error });
                }
            }
        }
    }

    fn step(&mut self, command: Option<Command>) {
        if let Some(command) = command {
            self.obey(command);
        }
        if self.current.as_ref().is_some_and(|current| !current.paused) {
            self.idle_since = Instant::now();
            self.advance();
        } else if self.idle_since.elapsed() >= IDLE {
            self.close();
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Play { id, path, options } => {
                self.forget();
                match Current::open(id, &path, &options) {
                    Ok(current) => {
                        self.current = Some(current);
                        self.go_to(options.from_ms);
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
                    (self.on_event)(PlayEvent::Paused {
                        id,
                        position_ms,
                        error: None,
                    });
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
            Command::Speed(percent) => self.alter(|track| track.set_speed(percent)),
            Command::SkipSilence(on) => self.alter(|track| track.set_skip_silence(on)),
            Command::EvenLoudness(on) => self.alter(|track| track.set_even_loudness(on)),
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

    /// Changes how it plays, from where it is.
    fn alter(&mut self, change: impl FnOnce(&mut Track)) {
        let position_ms = self.position();
        if let Some(current) = &mut self.current {
            change(&mut current.track);
            self.go_to(position_ms);
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
        speaker.set_paused(false);
        sound(samples, speaker)?;
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
            current.at_ms = position_ms;
            current.base = None;
        }
        self.speaker = None;
    }

    /// Where it is the device that fails, what plays is paused: it goes on when there is one again.
    fn fail(&mut self, error: VoiceError) {
        if matches!(
            error,
            VoiceError::DeviceLost | VoiceError::NoSpeaker | VoiceError::Device(_)
        ) {
            self.close();
            if let Some(current) = &mut self.current {
                current.paused = true;
                (self.on_event)(PlayEvent::Paused {
                    id: current.id,
                    position_ms: current.at_ms,
                    error: Some(error),
                });
            }
            return;
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
        let position_ms = position_ms.min(current.track.duration_ms());
        current.at_ms = position_ms;
        current.base = None;
        if self.speaker.is_none() && !current.paused {
            self.speaker = Some(Loudspeaker::open()?);
        }
        let Some(speaker) = &mut self.speaker else {
            // Paused and closed: the place is taken up by resume.
            return Ok(());
        };
        speaker.discard();
        speaker.set_paused(current.paused);
        if let Some(lead) = current.lead.take() {
            sound(&lead, speaker)?;
        }
        current.track.go_to(position_ms, speaker.rate)?;
        current.base = Some(speaker.pushed());
        current.moved = Instant::now();
        Ok(())
    }

    /// What has left the loudspeaker.
    fn position(&mut self) -> u32 {
        let Some(current) = &mut self.current else {
            return 0;
        };
        match (current.base, &self.speaker) {
            (Some(base), Some(speaker)) => {
                current.track.position(speaker.heard().saturating_sub(base))
            }
            _ => current.at_ms,
        }
    }

    fn tell_place(&mut self) {
        let position_ms = self.position();
        let Some(current) = &mut self.current else {
            return;
        };
        current.told = Instant::now();
        let (id, track) = (current.id, &current.track);
        (self.on_event)(if current.paused {
            PlayEvent::Paused {
                id,
                position_ms,
                error: None,
            }
        } else {
            PlayEvent::Playing {
                id,
                position_ms,
                duration_ms: track.duration_ms(),
                skipped_ms: track.skipped_ms(),
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
        let all_heard = current.track.complete
            && current.track.samples.is_empty()
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
    fn open(id: u64, path: &Path, options: &PlayOptions) -> Result<Current, VoiceError> {
        let mut track = Track::open(path)?;
        track.set_speed(options.speed);
        track.set_skip_silence(options.skip_silence);
        track.set_even_loudness(options.even_loudness);
        Ok(Current {
            id,
            track,
            lead: options.lead.clone(),
            failure: None,
            base: None,
            at_ms: 0,
            paused: false,
            told: Instant::now(),
            heard: 0,
            moved: Instant::now(),
        })
    }

    /// Decodes until the ring is far enough ahead.
    fn fill(&mut self, speaker: &mut Loudspeaker) {
        let ahead = u64::from(speaker.rate) / AHEAD;
        let track = &mut self.track;
        loop {
            let pushed = speaker.push(&track.samples);
            track.samples.drain(..pushed);
            if track.complete || !track.samples.is_empty() || speaker.queued() >= ahead {
                return;
            }
            if let Err(error) = track.read() {
                // What is in the ring is still heard; then the failure is told instead of the end.
                self.failure = Some(error);
                track.complete = true;
            }
        }
    }
}

/// Puts a sound of the app into the ring. What does not fit into a second is cut.
fn sound(samples: &[f32], speaker: &mut Loudspeaker) -> Result<(), VoiceError> {
    let mut resampler = Resampler::new(CLIP_RATE, speaker.rate)?;
    let mut fitting = Vec::new();
    resampler.push(samples, &mut fitting)?;
    resampler.finish(&mut fitting)?;
    speaker.push(&fitting);
    Ok(())
}

#[cfg(test)]
mod tests;
